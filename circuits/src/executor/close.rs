//! Finishing a batch: leaves, the tree once, the trace.

use std::collections::HashMap;

use ark_bn254::Fr;
use rayon::prelude::*;

use super::apply::{Executor, FinishError, Unfinished};
use super::cells::{OpenAccount, OpenMarket, OpenOrder};
use crate::kinds::*;
use crate::ops::Op;
use crate::state::tree::{Address, GLOBALS_LEAF, account_leaf, market_leaf, order_leaf};
use crate::state::{AccountId, Globals, Market, MarketId, OrderId, State};

/// Leaves of a finished batch, row by row.
struct Leaves {
    accounts: Vec<AccountRow>,
    markets: Vec<MarketRow>,
    orders: Vec<OrderRow>,
}

impl Executor {
    /// Collects pending fees, closes every cell and hashes the tree once.
    ///
    /// Errors give the executor back: `FillOrKill` (fill the rest of that order), `Fees`.
    pub fn finish(mut self) -> Result<(State, Trace), Unfinished> {
        if let Err(error) = self.ready() {
            return Err(Unfinished { executor: Box::new(self), error });
        }
        let old_root = self.state.root();
        let old_globals = self.state.globals;
        let new_globals = Globals { batch: old_globals.batch + 1, time: self.time, ..self.counters.globals };
        let leaves = self.leaves();
        self.finish_places();
        let changed =
            leaves.addressed().chain([(GLOBALS_LEAF, new_globals.leaf())]).collect::<Vec<(Address, Fr)>>();
        let mut state = self.state;
        let nodes = state.update_tree(&changed);
        state.globals = new_globals;
        state.next_account = self.counters.next_account;
        state.ledger = self.counters.ledger;
        state.store(&leaves);
        let trace = Trace {
            domain: self.domain,
            old_globals,
            new_globals,
            old_root,
            new_root: state.root(),
            old_globals_leaf: old_globals.leaf(),
            new_globals_leaf: new_globals.leaf(),
            positions: changed_positions(&leaves.accounts),
            accounts: leaves.accounts,
            markets: leaves.markets,
            orders: leaves.orders,
            nodes,
            rows: self.rows,
            fees_at: self.counters.fees.at,
        };
        Ok((state, trace))
    }

    /// The batch may end here; pending fees are collected.
    fn ready(&mut self) -> Result<(), FinishError> {
        let mut killed = self.cells.orders.iter().filter(|(_, open)| {
            let order = &open.cell.value;
            order.flags.fill_or_kill && order.left != 0 && order.left != order.size
        });
        if let Some((id, _)) = killed.next() {
            return Err(FinishError::FillOrKill(*id));
        }
        if self.counters.fees.value > 0 {
            self.apply(&Op::CollectFees).map_err(FinishError::Fees)?;
        }
        Ok(())
    }

    fn leaves(&self) -> Leaves {
        let mut accounts: Vec<(&AccountId, &OpenAccount)> = self.cells.accounts.iter().collect();
        accounts.sort_unstable_by_key(|(id, open)| (open.old.mode.market() != 0, **id));
        let mut markets: Vec<(&MarketId, &OpenMarket)> = self.cells.markets.iter().collect();
        markets.sort_unstable_by_key(|(id, _)| **id);
        let mut orders: Vec<(&OrderId, &OpenOrder)> =
            self.cells.orders.iter().filter(|(_, open)| open.needs_leaf()).collect();
        orders.sort_unstable_by_key(|(id, _)| **id);
        Leaves {
            accounts: accounts.into_par_iter().map(|(id, open)| self.account_row(*id, open)).collect(),
            markets: markets.into_par_iter().map(|(id, open)| self.market_row(*id, open)).collect(),
            orders: orders.into_par_iter().map(|(id, open)| self.order_row(*id, open)).collect(),
        }
    }

    fn account_row(&self, id: AccountId, open: &OpenAccount) -> AccountRow {
        let new = open.close(|id| self.market_after_tick(id));
        let new_leaf = new.leaf();
        AccountRow {
            id,
            born_at: open.born_at,
            old: open.old.clone(),
            dust: open.dust,
            opened: open.opened,
            closed: open.header.value,
            header_at: open.header.at,
            nonces: open.nonces.value,
            nonces_at: open.nonces.at,
            slots: open.slots,
            new,
            old_leaf: self.state.tree.value(account_leaf(id)),
            new_leaf,
        }
    }

    fn market_after_tick(&self, id: MarketId) -> Option<Market> {
        self.cells.markets.get(&id).map(|open| open.market)
    }

    fn market_row(&self, id: MarketId, open: &OpenMarket) -> MarketRow {
        let new = open.current();
        MarketRow {
            id,
            old: open.old,
            tick: open.tick,
            new,
            open_interest_at: open.open_interest.at,
            old_leaf: self.state.tree.value(market_leaf(id)),
            new_leaf: new.leaf(),
        }
    }

    fn order_row(&self, id: OrderId, open: &OpenOrder) -> OrderRow {
        let new = open.at_close();
        OrderRow {
            id,
            born: open.born,
            old: open.old,
            new,
            at: open.cell.at,
            old_leaf: self.state.tree.value(order_leaf(id)),
            new_leaf: new.leaf(),
        }
    }

    /// Tells each place row how its order ended.
    fn finish_places(&mut self) {
        let orders: &HashMap<OrderId, OpenOrder> = &self.cells.orders;
        for row in &mut self.rows.places {
            if let Some(open) = orders.get(&row.id) {
                (row.left, row.at) = (open.cell.value.left, open.cell.at);
                row.rests = open.rests();
            }
        }
    }
}

impl Leaves {
    fn addressed(&self) -> impl Iterator<Item = (Address, Fr)> {
        let accounts = self.accounts.iter().map(|row| (account_leaf(row.id), row.new_leaf));
        let markets = self.markets.iter().map(|row| (market_leaf(row.id), row.new_leaf));
        let orders = self.orders.iter().map(|row| (order_leaf(row.id), row.new_leaf));
        accounts.chain(markets).chain(orders)
    }
}

impl State {
    /// Writes the cells of a finished batch, and its dust.
    fn store(&mut self, leaves: &Leaves) {
        for row in &leaves.accounts {
            self.ledger.dust += u128::from(row.dust);
            self.accounts.insert(row.id, row.new.clone());
        }
        for row in &leaves.markets {
            self.markets.insert(row.id, row.new);
        }
        for row in &leaves.orders {
            match row.new.left {
                0 => self.orders.remove(&row.id),
                _ => self.orders.insert(row.id, row.new),
            };
        }
    }
}

fn changed_positions(accounts: &[AccountRow]) -> Vec<ChangedPosition> {
    let mut changed = Vec::new();
    for (account_row, row) in accounts.iter().enumerate() {
        for (slot, value) in row.slots.iter().enumerate().filter(|(_, slot)| slot.changed()) {
            let SlotRow { market, closed: position, .. } = *value;
            changed.push(ChangedPosition { account_row, slot, market, position });
        }
    }
    changed
}
