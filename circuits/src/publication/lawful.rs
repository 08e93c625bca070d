//! What the law refuses besides, as far as bytes and the state before show it: accounts that were not opened or have
//! another key, growth in still markets, money out of accounts that hold one, and fills of void orders.

use std::collections::HashSet;

use super::apply::{Changes, key_hex};
use super::decode::{At, Difference, Entry, Published};
use crate::state::{Account, AccountId, MarketId, OrderId, State};

impl State {
    /// Error: what [`require_parties`] refuses; a position that grows in a still market by more than its account took over (FILL-23); a transfer from an
    /// account that holds a still market (TAKE-5); a fill or a takeover of an order that an earlier key of its account
    /// signed for (FILL-25, LIQ-25).
    pub(super) fn require_lawful(&self, batch: &Published, changes: &Changes) -> Result<(), Difference> {
        require_parties(batch, changes)?;
        let is_still = |market: MarketId| changes.markets.get(&market).is_some_and(|market| market.still);
        for Entry { at, value } in &batch.accounts {
            let (before, after) = (self.account(value.id), &changes.accounts[&value.id]);
            for position in after.positions().filter(|position| is_still(position.market)) {
                let held = before.map_or(0, |account| size(account, position.market));
                let most = held + taken(batch, changes, (value.id, position.market));
                let found = u128::from(position.size.unsigned_abs());
                if found > most {
                    return Err(at.differs("size in a still market", format!("at most {most}"), found));
                }
            }
        }
        for Entry { at, value } in &batch.transfers {
            let sender = self.account(value.from);
            let holds =
                sender.and_then(|sender| sender.positions().find(|position| is_still(position.market)));
            if let Some(position) = holds {
                let found = format!("{}, which holds market {}", value.from, position.market);
                return Err(at.differs("from", "an account that holds no still market", found));
            }
        }
        self.require_orders_of_their_keys(batch)
    }

    fn require_orders_of_their_keys(&self, batch: &Published) -> Result<(), Difference> {
        let since = |account| self.account(account).map_or(0, |account| account.orders_from);
        let alive = |order: OrderId, account: AccountId| order >= since(account);
        for Entry { at, value } in &batch.orders {
            // Of an order with nothing left nothing says whether it was filled or cancelled.
            let filled = self.order(value.id).is_some_and(|before| (1..before.left).contains(&value.left));
            if filled && !alive(value.id, value.account) {
                return Err(at.differs("left", "what it was: the order is of an earlier key", value.left));
            }
        }
        for Entry { at, value } in &batch.liquidations {
            if let Some(order) = value.order.filter(|order| !alive(*order, value.taker)) {
                return Err(at.differs("order", format!("at least {}", since(value.taker)), order));
            }
        }
        Ok(())
    }
}

/// Base quanta of a position, without its side.
fn size(account: &Account, market: MarketId) -> u128 {
    let held = account.positions().find(|position| position.market == market);
    held.map_or(0, |position| position.size.unsigned_abs().into())
}

/// Base quanta that an account took over in a market.
fn taken(batch: &Published, changes: &Changes, (account, market): (AccountId, MarketId)) -> u128 {
    let of = batch.liquidations.iter().map(|entry| &entry.value);
    let lots: u128 = of
        .filter(|entry| (entry.taker, entry.market) == (account, market))
        .map(|entry| u128::from(entry.lots))
        .sum();
    lots * changes.markets.get(&market).map_or(0, |market| u128::from(market.lot))
}

/// Who is named by a deposit, a transfer or a liquidation was opened; a deposit has the account's key and mode, and that
/// key was never another.
fn require_parties(batch: &Published, changes: &Changes) -> Result<(), Difference> {
    let opened = |at: At, what, id: AccountId| {
        changes.accounts.get(&id).ok_or_else(|| at.differs(what, "an account that the batch opened", id))
    };
    for Entry { at, value } in &batch.deposits {
        let account = opened(*at, "account", value.account)?;
        if account.owner != value.owner {
            return Err(at.differs("owner", key_hex(&account.owner), key_hex(&value.owner)));
        }
        if account.orders_from != 0 {
            return Err(at.differs("account", "one whose key was never another", value.account));
        }
        if account.mode != value.mode {
            return Err(at.differs("mode", account.mode.market(), value.mode.market()));
        }
    }
    let fresh: HashSet<AccountId> =
        batch.accounts.iter().filter(|entry| entry.value.fresh).map(|entry| entry.value.id).collect();
    for Entry { at, value } in &batch.transfers {
        opened(*at, "from", value.from)?;
        opened(*at, "to", value.to)?;
        if value.created && !fresh.contains(&value.to) {
            return Err(at.differs("to", "an account that the batch created", value.to));
        }
    }
    for Entry { at, value } in &batch.liquidations {
        opened(*at, "account", value.account)?;
        opened(*at, "taker", value.taker)?;
        let Some(market) = changes.markets.get(&value.market) else {
            return Err(at.differs("market", "one in the list of markets", value.market));
        };
        if value.held > market.max_size {
            return Err(at.differs("held", format!("at most {}", market.max_size), value.held));
        }
    }
    Ok(())
}
