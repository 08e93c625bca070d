//! Finishing a batch: leaves, the tree once, the trace.

use std::array::from_fn;

use ark_bn254::Fr;
use rayon::prelude::*;

use super::apply::{Executor, FinishError, Unfinished};
use super::cells::{OpenAccount, OpenMarket, OpenOrder};
use crate::kinds::{Record, Records, Trace};
use crate::leaves::account::{AccountRecord, Close, ModeChangeRecord, SlotInput};
use crate::leaves::changed::PositionChange;
use crate::leaves::market::MarketRecord;
use crate::leaves::order::OrderRecord;
use crate::margin::native::requirement;
use crate::ops::Op;
use crate::ops::configure::ConfigureRecord;
use crate::ops::place::PlaceRecord;
use crate::ops::prices::signer::SignerRecord;
use crate::ops::prices::{PremiumWord, QuotesRecord};
use crate::params::SLOTS;
use crate::state::tree::{Address, GLOBALS_LEAF, account_leaf, market_leaf, order_leaf};
use crate::state::{Account, AccountId, Globals, Market, MarketId, Order, OrderId, State};

/// A cell as it goes back to the tree, with its leaf.
struct Closed<I, T> {
    id: I,
    new: T,
    leaf: Fr,
}

/// An opened account with its id.
type Opened<'a> = (AccountId, &'a OpenAccount);

/// What a finished batch writes to the state.
struct Leaves {
    accounts: Vec<Closed<AccountId, Account>>,
    markets: Vec<Closed<MarketId, Market>>,
    orders: Vec<Closed<OrderId, Order>>,
    dust: u128,
}

/// Opened cells of a kind, ascending by id.
fn sorted<'a, I: Copy + Ord + 'a, T>(cells: impl Iterator<Item = (&'a I, &'a T)>) -> Vec<(I, &'a T)> {
    let mut cells: Vec<(I, &T)> = cells.map(|(id, cell)| (*id, cell)).collect();
    cells.sort_unstable_by_key(|(id, _)| *id);
    cells
}

impl Executor {
    /// Collects pending fees, closes every cell and hashes the tree once.
    ///
    /// Errors give the executor back: `FillOrKill` (fill the rest of that order), `Fees`.
    pub fn finish(mut self) -> Result<(State, Trace), Unfinished> {
        if let Err(error) = self.ready() {
            return Err(Unfinished { executor: Box::new(self), error });
        }
        #[cfg(test)]
        let before = self.state.clone();
        let (old_root, old_globals) = (self.state.root(), self.state.globals);
        let new_globals = Globals { batch: old_globals.batch + 1, time: self.time, ..self.counters.globals };
        self.finish_places();
        self.finish_configurations();
        let mut records = std::mem::take(&mut self.records);
        self.prices(&mut records);
        let leaves = self.leaves(&mut records);
        let changed =
            leaves.addressed().chain([(GLOBALS_LEAF, new_globals.leaf())]).collect::<Vec<(Address, Fr)>>();
        let mut state = self.state;
        state.update_tree(&changed).into_iter().for_each(|node| records.push(node));
        state.globals = new_globals;
        state.next_account = self.counters.next_account;
        state.ledger = self.counters.ledger;
        state.store(leaves);
        let trace = Trace {
            domain: self.domain,
            old_globals,
            new_globals,
            old_root,
            new_root: state.root(),
            fees_at: self.counters.fees.at,
            records,
        };
        #[cfg(test)]
        crate::publication::follows::from_bytes(before, &trace, &state);
        Ok((state, trace))
    }

    /// Rows of the price signers, and of the words of their lists.
    fn prices(&self, records: &mut Records) {
        let lists = &self.cells.lists;
        for (number, key) in self.state.signers().iter().enumerate() {
            let list = lists.get(&number);
            records.push(SignerRecord {
                key: *key,
                signed: list.is_some(),
                at: list.map_or(0, |list| list.at),
            });
        }
        let signers = self.state.signers().len();
        for index in 0..self.usage["quotes"] {
            let word = |number: usize| lists.get(&number)?.words.get(&u8::try_from(index).ok()?).copied();
            let premiums = |number: usize| {
                let words = lists.get(&number)?.premiums.as_ref()?;
                let premiums = *words.get(&u8::try_from(index).ok()?)?;
                Some(PremiumWord { premiums, is_single: words.len() == 1 })
            };
            let (signed, premiums) = (from_fn(word), from_fn(premiums));
            records.push(QuotesRecord { signed, premiums, signers });
        }
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
        let lists = &self.cells.lists;
        if lists.values().any(|list| list.premiums.is_some())
            && let Some((signer, _)) = lists.iter().find(|(_, list)| list.premiums.is_none())
        {
            return Err(FinishError::Premiums(*signer));
        }
        if self.counters.fees.value > 0 {
            self.apply(&Op::CollectFees).map_err(FinishError::Fees)?;
        }
        Ok(())
    }

    /// Closes every cell; their records go to `records`.
    fn leaves(&self, records: &mut Records) -> Leaves {
        let accounts = sorted(self.cells.accounts.iter());
        let of = |rows| -> Vec<Opened<'_>> {
            accounts.iter().copied().filter(|(_, open)| open.rows() == rows).collect()
        };
        let (isolated, changed) = (of("isolated_accounts"), of("mode_changes"));
        let (flat, cross) = self.without_slots(of("cross_accounts"));
        let mut closed = self.accounts::<SLOTS>(&cross, false, records);
        closed.extend(self.accounts::<1>(&isolated, true, records));
        closed.extend(self.accounts::<0>(&flat, false, records));
        closed.extend(self.mode_changes(&changed, records));
        let markets = sorted(self.cells.markets.iter());
        for (id, open) in &markets {
            records.push(market_record(*id, open, self.time));
        }
        let orders = sorted(self.cells.orders.iter().filter(|(_, open)| open.needs_leaf()));
        let orders: Vec<OrderRecord> = orders.into_iter().map(|(id, open)| order_record(id, open)).collect();
        orders.iter().for_each(|order| records.push(*order));
        Leaves {
            accounts: closed,
            markets: markets
                .into_par_iter()
                .map(|(id, open)| {
                    let new = open.closing(self.time);
                    Closed { id, new, leaf: new.leaf() }
                })
                .collect(),
            orders: orders
                .into_par_iter()
                .map(|order| {
                    let new = order.after();
                    Closed { id: order.id, new, leaf: new.leaf() }
                })
                .collect(),
            dust: self.cells.accounts.values().map(|open| u128::from(open.dust)).sum(),
        }
    }

    /// Cross accounts for rows without slots, as far as the shape has such rows, and the others.
    fn without_slots<'a>(&self, cross: Vec<Opened<'a>>) -> (Vec<Opened<'a>>, Vec<Opened<'a>>) {
        let mut room = self.capacities["flat_accounts"];
        cross.into_iter().partition(|(_, open)| {
            let flat = room > 0 && open.is_flat();
            room -= usize::from(flat);
            flat
        })
    }

    /// Closes accounts of one kind of rows, in the order of their list.
    fn accounts<const N: usize>(
        &self,
        opened: &[Opened<'_>],
        isolated: bool,
        records: &mut Records,
    ) -> Vec<Closed<AccountId, Account>>
    where
        AccountRecord<N>: Record,
    {
        for (row, (id, open)) in opened.iter().enumerate() {
            records.push(self.account_record::<N>(*id, open));
            for (slot, cell) in open.slots.iter().enumerate().filter(|(_, slot)| slot.changed()) {
                let (market, position) = (cell.market, cell.closed);
                records.push(PositionChange { isolated, row, slot, market, position });
            }
        }
        self.closed(opened)
    }

    /// Closes accounts that change their mode.
    fn mode_changes(&self, opened: &[Opened<'_>], records: &mut Records) -> Vec<Closed<AccountId, Account>> {
        for (id, open) in opened {
            let account = self.account_record::<0>(*id, open);
            let new_mode = open.new_mode.expect("a changed mode");
            records.push(ModeChangeRecord { account, new_mode });
        }
        self.closed(opened)
    }

    fn closed(&self, opened: &[Opened<'_>]) -> Vec<Closed<AccountId, Account>> {
        let close = |(id, open): &Opened<'_>| {
            let new = open.close(self.counters.globals.next_order, |id| self.market_after_tick(id));
            Closed { id: *id, leaf: new.leaf(), new }
        };
        opened.par_iter().map(close).collect()
    }

    fn account_record<const N: usize>(&self, id: AccountId, open: &OpenAccount) -> AccountRecord<N> {
        let header = &open.header.value;
        let close = Close {
            collateral: header.collateral,
            value: header.value,
            initial: header.initial,
            maintenance: header.maintenance,
            entry: header.entry,
            header_touch: open.header.at,
            order_nonce: open.nonces.value.order,
            cancel_nonce: open.nonces.value.cancel,
            nonce_touch: open.nonces.at,
        };
        let mut record = AccountRecord::of(id, &open.old, open.opened, close);
        (record.fresh, record.opened_at) = (open.created_at.is_some(), open.created_at.unwrap_or(0));
        (record.amended, record.rekeyed) = (open.amended, open.rekeyed);
        for (number, slot) in record.slots.iter_mut().enumerate() {
            let cell = &open.slots[number];
            let listed = self.market_after_tick(cell.market).unwrap_or_default();
            let new = requirement(&listed, header.leverage_limit, cell.closed.size);
            *slot = SlotInput {
                market: cell.market,
                listed,
                old: open.old.slots[number],
                new_size: cell.closed.size,
                new_entry_quote: cell.closed.entry_quote,
                new_required: [new.initial, new.maintenance],
                last_touch: cell.at,
            };
        }
        record
    }

    fn market_after_tick(&self, id: MarketId) -> Option<Market> {
        self.cells.markets.get(&id).map(|open| open.market)
    }

    /// Tells each record of a configuration what its market closes with.
    fn finish_configurations(&mut self) {
        for record in self.records.of_mut::<ConfigureRecord>() {
            if let Some(open) = self.cells.markets.get(&record.market) {
                record.before = open.configurable();
            }
        }
    }

    /// Tells each record of a placed order how its order ended.
    fn finish_places(&mut self) {
        for place in self.records.of_mut::<PlaceRecord>() {
            if let Some(open) = self.cells.orders.get(&place.id) {
                let Order { left, fee_carry, .. } = open.cell.value;
                (place.left, place.fee_carry, place.at) = (left, fee_carry, open.cell.at);
            }
        }
    }
}

fn market_record(id: MarketId, open: &OpenMarket, time: u64) -> MarketRecord {
    MarketRecord {
        id,
        old: open.old,
        tick: open.tick,
        median: open.median,
        premium: open.premium,
        new: open.closing(time),
        open_interest_at: open.open_interest.at,
        configured: open.configuration(),
    }
}

fn order_record(id: OrderId, open: &OpenOrder) -> OrderRecord {
    let Order { left, fee_carry, .. } = open.cell.value;
    OrderRecord { id, created: open.created, old: open.old, left, fee_carry, at: open.cell.at }
}

impl Leaves {
    fn addressed(&self) -> impl Iterator<Item = (Address, Fr)> {
        let accounts = self.accounts.iter().map(|cell| (account_leaf(cell.id), cell.leaf));
        let markets = self.markets.iter().map(|cell| (market_leaf(cell.id), cell.leaf));
        let orders = self.orders.iter().map(|cell| (order_leaf(cell.id), cell.leaf));
        accounts.chain(markets).chain(orders)
    }
}

impl State {
    /// Writes the cells of a finished batch, and its dust.
    fn store(&mut self, leaves: Leaves) {
        self.ledger.dust += leaves.dust;
        for Closed { id, new, .. } in leaves.accounts {
            self.accounts.insert(id, new);
        }
        for Closed { id, new, .. } in leaves.markets {
            self.markets.insert(id, new);
        }
        for Closed { id, new, .. } in leaves.orders {
            if new.left == 0 {
                self.orders.remove(&id);
            } else {
                self.orders.insert(id, new);
            }
        }
    }
}
