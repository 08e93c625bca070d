//! Applies a batch to the state before it, from its published bytes alone.
//!
//! Nothing here runs an op: what the bytes say is taken over, and what they leave out follows from the state
//! before (a position's funding index, open interest, a new account's key, the reference price). On the way
//! everything that the bytes and the state say twice is compared, with the law's own functions for
//! ticks, settlements and configurations. Neither proof nor signature is looked at.

use std::collections::{BTreeMap, HashSet};

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::decode::{
    AccountEntry, AccountRows, At, Difference, Entry, Header, MarketEntry, OrderEntry, PositionEntry,
    Published,
};
use crate::gadgets::hex::field_hex;
use crate::margin::native::settle;
use crate::ops::prices::observed;
use crate::ops::set_mode::cross_ends;
use crate::ops::{Context, Tick, configure, tick, traded};
use crate::params::{EPOCH_SECONDS, FIRST_USER_ACCOUNT};
use crate::state::tree::{Address, GLOBALS_LEAF, account_leaf, market_leaf, order_leaf};
use crate::state::{
    Account, AccountId, Globals, Market, MarketId, Mode, Order, OrderId, Position, PublicKey, State,
};

/// What a batch did, in sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Quote quanta credited by deposits.
    pub deposited: u128,
    /// Quote quanta paid out.
    pub withdrawn: u128,
    /// What settlements rounded away, scale U.
    pub dust: u128,
    /// Accounts that the batch created.
    pub created: usize,
    /// Orders that were placed, whether or not they came to rest.
    pub placed: u64,
}

/// What a batch changes, before it is written.
pub(super) struct Changes {
    pub(super) accounts: BTreeMap<AccountId, Account>,
    pub(super) markets: BTreeMap<MarketId, Market>,
    orders: BTreeMap<OrderId, Order>,
    applied: Applied,
}

impl State {
    /// Becomes the state after a batch.
    ///
    /// Error: the first thing that the bytes say and that cannot follow this state; the state is then as it was.
    /// If it is the root that differs, all else fits, and the state is what the bytes say.
    pub fn apply(&mut self, batch: &Published) -> Result<Applied, Difference> {
        let header = &batch.header;
        let globals = self.require_header(batch)?;
        let mut changes = Changes {
            accounts: BTreeMap::new(),
            markets: BTreeMap::new(),
            orders: BTreeMap::new(),
            applied: Applied { placed: globals.next_order - self.globals.next_order, ..Applied::default() },
        };
        for entry in &batch.markets {
            let market = self.market_after(&globals, batch, entry)?;
            insert(&mut changes.markets, entry.at, "market", entry.value.market, market)?;
        }
        for entry in &batch.accounts {
            let account = self.account_after(batch, entry)?;
            insert(&mut changes.accounts, entry.at, "account", entry.value.id, account)?;
        }
        self.settle_accounts(batch, &mut changes)?;
        self.move_positions(batch, globals.time, &mut changes)?;
        for entry in &batch.orders {
            let order = self.order_after(&globals, &changes.markets, entry)?;
            insert(&mut changes.orders, entry.at, "order", entry.value.id, order)?;
        }
        self.require_lawful(batch, &changes)?;
        self.close_accounts(batch, &mut changes)?;
        self.configure_markets(batch, &mut changes)?;
        let applied = changes.applied;
        self.write(changes, globals);
        let (at, root) = (At::header(6), self.root());
        if root != header.new_root {
            return Err(at.differs("root after the batch", field_hex(root), field_hex(header.new_root)));
        }
        Ok(applied)
    }

    /// The header follows this state; returns the globals after the batch.
    fn require_header(&self, batch: &Published) -> Result<Globals, Difference> {
        let (header, before) = (&batch.header, &self.globals);
        let Header { time, .. } = *header;
        let equal = |element, what, expected: String, found: String| {
            if expected == found { Ok(()) } else { Err(At::header(element).differs(what, expected, found)) }
        };
        equal(2, "batch", (u128::from(before.batch) + 1).to_string(), header.batch.to_string())?;
        if time < before.time {
            return Err(At::header(2).differs("time", format!("at least {}", before.time), time));
        }
        equal(4, "root before the batch", field_hex(self.root()), field_hex(header.old_root))?;
        let after = u128::from(before.deposits) + batch.deposits.len() as u128;
        equal(
            8,
            "deposits before the batch",
            before.deposits.to_string(),
            header.deposits_before.to_string(),
        )?;
        equal(8, "deposits after the batch", after.to_string(), header.deposits_after.to_string())?;
        let config = Fr::from_be_bytes_mod_order(&header.config);
        equal(9, "digest of the configuration", field_hex(before.config), field_hex(config))?;
        let Entry { at, value: next_order } = batch.next_order;
        if next_order < before.next_order {
            return Err(at.differs("next order", format!("at least {}", before.next_order), next_order));
        }
        let Entry { at, value: epoch } = batch.epoch;
        let latest = time / EPOCH_SECONDS;
        if !(before.epoch..=latest).contains(&epoch) {
            return Err(at.differs("epoch of prices", format!("{} to {latest}", before.epoch), epoch));
        }
        let batch = header.batch;
        Ok(Globals { batch, next_order, deposits: header.deposits_after, time, epoch, config, ..*before })
    }

    /// A market after its tick, funding paid. Its open interest is still the one before the batch.
    fn market_after(
        &self,
        globals: &Globals,
        batch: &Published,
        entry: &Entry<MarketEntry>,
    ) -> Result<Market, Difference> {
        let (at, MarketEntry { market: id, price, funding_index, tick: stated }) = (entry.at, entry.value);
        let before = &self.market_before(batch, at, id)?;
        let is_signed = !self.signers.is_empty();
        let observed = observed(globals.time, globals.epoch, is_signed);
        let context = Context { observed, is_signed, ..at_time(globals.time) };
        let after = match stated {
            None => tick::open(&context, before),
            Some(stated) => {
                if is_signed && observed <= before.last_tick {
                    let expected = format!("a price observed after {}", before.last_tick);
                    return Err(at.differs("epoch of the tick", expected, globals.epoch));
                }
                // Within its hour; the premiums of another one are not in the bytes.
                if is_signed && !tick::crosses_hour(&context, before) && stated.rate != before.rate {
                    return Err(at.differs("rate within its hour", before.rate, stated.rate));
                }
                let op = Tick { market: id, price: stated.asked, rate: stated.rate };
                tick::apply(&context, &op, before)
            }
        };
        let after = after.map_err(|refusal| at.differs("tick", "one that the law allows", refusal))?;
        if price != after.price {
            return Err(at.differs("price", after.price, price));
        }
        if funding_index != after.funding_index {
            return Err(at.differs("funding index", after.funding_index, funding_index));
        }
        Ok(after)
    }

    /// A market before the batch, or as the batch lists it.
    fn market_before(&self, batch: &Published, at: At, id: MarketId) -> Result<Market, Difference> {
        if let Some(market) = self.market(id) {
            return Ok(*market);
        }
        let listing = batch.configurations.iter().find(|entry| entry.value.market == id);
        let listing = listing.ok_or_else(|| at.differs("market", "a listed market", id))?;
        let listed = configure::apply(&at_time(batch.header.time), &listing.value, None);
        Ok(listed.map_err(|refusal| listing.at.differs("listing", LAWFUL, refusal))?.within)
    }

    /// New parameters of markets: they close with them.
    fn configure_markets(&self, batch: &Published, changes: &mut Changes) -> Result<(), Difference> {
        let context = at_time(batch.header.time);
        let mut configured = HashSet::new();
        for Entry { at, value: op } in &batch.configurations {
            let Some(market) = changes.markets.get_mut(&op.market) else {
                return Err(at.differs("market", "one in the list of markets", op.market));
            };
            if !configured.insert(op.market) {
                return Err(at.differs("market", "one that no entry before names", op.market));
            }
            let exists = self.market(op.market).map(|_| *market);
            configure::apply(&context, op, exists.as_ref())
                .map_err(|refusal| at.differs("configuration", LAWFUL, refusal))?;
            *market = market.configured(&op.parameters, context.time);
        }
        Ok(())
    }

    /// An account after the batch, with the positions of before, and with key and mode of its opening.
    fn account_after(&self, batch: &Published, entry: &Entry<AccountEntry>) -> Result<Account, Difference> {
        let (at, value) = (entry.at, &entry.value);
        let before = match (self.account(value.id), value.fresh) {
            (Some(_), true) => return Err(at.differs("account", "one that does not exist", value.id)),
            (None, false) => return Err(at.differs("account", "one that exists", value.id)),
            (Some(account), false) => account.clone(),
            (None, true) => Account::empty(self.key_of_new(batch, entry)?, mode_of_new(batch, &entry.value)),
        };
        let cross_ends = cross_ends([before.mode, value.mode]);
        match value.rows {
            AccountRows::ModeChange if cross_ends != 1 => {
                let other = if before.mode == Mode::Cross { "a market" } else { "0" };
                return Err(at.differs("mode", other, value.mode.market()));
            }
            AccountRows::Cross | AccountRows::Isolated | AccountRows::Flat if before.mode != value.mode => {
                return Err(at.differs("mode", before.mode.market(), value.mode.market()));
            }
            _ => {}
        }
        let without_slots = matches!(value.rows, AccountRows::Flat | AccountRows::ModeChange);
        if without_slots && before.positions().next().is_some() {
            return Err(at.differs("list", "one with rows that have slots", value.rows.list()));
        }
        for (what, old, new) in [
            ("order nonce", before.order_nonce, value.order_nonce),
            ("cancel nonce", before.cancel_nonce, value.cancel_nonce),
        ] {
            if new < old {
                return Err(at.differs(what, format!("at least {old}"), new));
            }
        }
        Ok(Account {
            collateral: value.collateral,
            order_nonce: value.order_nonce,
            cancel_nonce: value.cancel_nonce,
            leverage_limit: value.leverage_limit,
            ..before
        })
    }

    /// New keys and new modes: they close with the account.
    fn close_accounts(&self, batch: &Published, changes: &mut Changes) -> Result<(), Difference> {
        let mut rekeyed = HashSet::new();
        for Entry { at, value } in &batch.rekeys {
            let Some(account) = changes.accounts.get_mut(&value.account) else {
                return Err(at.differs("account", "an account that the batch opened", value.account));
            };
            if !rekeyed.insert(value.account) {
                return Err(at.differs("account", "one that no entry before names", value.account));
            }
            (account.owner, account.orders_from) = (value.key, batch.next_order.value);
        }
        for Entry { at, value } in &batch.accounts {
            let account = changes.accounts.get_mut(&value.id).expect("an opened account");
            if let (Mode::Isolated(market), true) = (value.mode, account.mode != value.mode)
                && !changes.markets.contains_key(&market)
            {
                return Err(at.differs("mode", "0, or one in the list of markets", market));
            }
            let signed = account.mode != value.mode || rekeyed.contains(&value.id);
            let last = self.account(value.id).map_or((0, 0), nonces);
            if signed && nonces(account) == last {
                let what = "nonces, of an account with a new key or mode";
                return Err(at.differs(what, "other than before", "as before"));
            }
            account.mode = value.mode;
        }
        Ok(())
    }

    /// The key of a new account: that of the deposit or of the sender that created it.
    fn key_of_new(&self, batch: &Published, entry: &Entry<AccountEntry>) -> Result<PublicKey, Difference> {
        let no_creator = |found| {
            Err(entry.at.differs("creator of the account", "a deposit to it, or one transfer", found))
        };
        let (mut id, mut seen) = (entry.value.id, HashSet::new());
        while seen.insert(id) {
            if let Some(account) = self.account(id) {
                return Ok(account.owner);
            }
            let mut creations = batch.transfers.iter().filter(|t| t.value.created && t.value.to == id);
            match (creations.next(), creations.next()) {
                (Some(_), Some(_)) => return no_creator("two transfers"),
                (Some(creation), None) => id = creation.value.from,
                (None, _) => {
                    return match batch.deposits.iter().find(|deposit| deposit.value.account == id) {
                        Some(Entry { at, value }) if !value.owner.is_valid_key() => Err(at.differs(
                            "key of a new account",
                            "one of large order",
                            key_hex(&value.owner),
                        )),
                        Some(deposit) => Ok(deposit.value.owner),
                        None => no_creator("none"),
                    };
                }
            }
        }
        no_creator("transfers in a circle")
    }

    /// Settles funding; what all opened accounts have together moves by deposits and withdrawals alone.
    fn settle_accounts(&self, batch: &Published, changes: &mut Changes) -> Result<(), Difference> {
        let Changes { accounts, markets, applied, .. } = changes;
        applied.deposited = batch.deposits.iter().map(|entry| u128::from(entry.value.amount)).sum();
        applied.withdrawn = batch.withdrawals.iter().map(|entry| u128::from(entry.value.amount)).sum();
        let mut expected = applied.deposited as i128 - applied.withdrawn as i128;
        let mut found = 0;
        for entry in &batch.accounts {
            found += i128::from(entry.value.collateral);
            let Some(before) = self.account(entry.value.id) else {
                applied.created += 1;
                continue;
            };
            let settled = settle(before, |id| markets.get(&id).copied())
                .map_err(|refusal| entry.at.differs("settlement", "one that the law allows", refusal))?;
            expected += i128::from(settled.collateral);
            applied.dust += u128::from(settled.dust);
        }
        if expected != found {
            let at = batch.accounts.first().map_or(At::header(6), |entry| entry.at);
            return Err(at.differs("collateral of all opened accounts", expected, found));
        }
        for account in accounts.values_mut() {
            for position in account.slots.iter_mut().flatten() {
                if let Some(market) = markets.get(&position.market) {
                    position.funding_index = market.funding_index;
                }
            }
        }
        Ok(())
    }

    /// Positions as the bytes say, and the open interest that follows.
    fn move_positions(&self, batch: &Published, time: u64, changes: &mut Changes) -> Result<(), Difference> {
        let context = at_time(time);
        let Changes { accounts, markets, .. } = changes;
        let (mut seen, mut grown) = (HashSet::new(), BTreeMap::new());
        for Entry { at, value } in &batch.positions {
            let at = *at;
            let PositionEntry { place, slot, market, size, entry_quote } = *value;
            let owner = batch
                .account_at(place)
                .ok_or_else(|| at.differs("place", "the number of an account's row with slots", place))?;
            if !seen.insert((place, slot)) {
                return Err(at.differs("slot", "one that no entry before names", slot));
            }
            let account = accounts.get_mut(&owner.value.id).expect("an opened account");
            if let Mode::Isolated(own) = account.mode {
                if slot != 0 {
                    return Err(at.differs("slot, of an isolated account", 0, slot));
                }
                if market != own {
                    return Err(at.differs("market, of an isolated account", own, market));
                }
            }
            let opened = markets
                .get(&market)
                .ok_or_else(|| at.differs("market", "one in the list of markets", market))?;
            let halted = traded(&context, opened).into_iter().find_map(|check| check.require().err());
            if let Some(refusal) = halted {
                return Err(at.differs("market", "one that is traded", refusal));
            }
            let elsewhere = account.slots.iter().enumerate();
            if elsewhere
                .filter(|(other, _)| *other != slot)
                .any(|(_, p)| p.is_some_and(|p| p.market == market))
            {
                return Err(at.differs("market", "one that no other slot of the account has", market));
            }
            if size.unsigned_abs() > opened.max_size {
                return Err(at.differs("size", format!("at most {}", opened.max_size), size));
            }
            let old = account.slots[slot];
            if let Some(old) = old.filter(|old| old.market != market) {
                return Err(at.differs("market, of an occupied slot", old.market, market));
            }
            let (old_size, old_entry) = old.map_or((0, 0), |old| (old.size, old.entry_quote));
            if (old_size, old_entry) == (size, entry_quote) {
                return Err(at.differs("position", "another than before", size));
            }
            let more = i128::from(size.unsigned_abs()) - i128::from(old_size.unsigned_abs());
            grown.entry(market).or_insert((at, 0)).1 += more;
            let funding_index = opened.funding_index;
            account.slots[slot] =
                (size != 0).then_some(Position { market, size, entry_quote, funding_index });
        }
        for (market, (at, more)) in grown {
            let market = markets.get_mut(&market).expect("an opened market");
            let limit = market.open_interest_limit();
            let after = i128::from(market.open_interest) + more;
            if more > 0 && after as u128 > limit {
                return Err(at.differs("open interest", format!("at most {limit}"), after));
            }
            let fits = u64::try_from(after).map_err(|_| at.differs("open interest", "64 bits", after));
            market.open_interest = fits?;
        }
        Ok(())
    }

    /// An order after the batch; one with nothing left is gone.
    fn order_after(
        &self,
        globals: &Globals,
        opened: &BTreeMap<MarketId, Market>,
        entry: &Entry<OrderEntry>,
    ) -> Result<Order, Difference> {
        let (at, value) = (entry.at, &entry.value);
        let OrderEntry { id, account, market, side, limit, left, flags, max_fee, expiry, fee_carry } = *value;
        let after =
            Order { account, market, side, limit, size: left, left, flags, max_fee, expiry, fee_carry };
        let Some(before) = self.order(id) else {
            if !(self.globals.next_order..globals.next_order).contains(&id) {
                let (first, next) = (self.globals.next_order, globals.next_order);
                return Err(at.differs("id", format!("a resting order, or {first} up to {next}"), id));
            }
            // Perhaps one that the batch lists.
            if self.market(market).is_none() && !opened.contains_key(&market) {
                return Err(at.differs("market", "a listed market", market));
            }
            if left == 0 {
                return Err(at.differs("left, of a new order", "1 or more", left));
            }
            return Ok(after);
        };
        let after = Order { size: before.size, ..after };
        let same = Order { left, fee_carry, ..*before };
        if after != same {
            return Err(at.differs("terms", format!("{same:?}"), format!("{after:?}")));
        }
        if left > before.left {
            return Err(at.differs("left", format!("at most {}", before.left), left));
        }
        if left == before.left && fee_carry != before.fee_carry {
            return Err(at.differs("fee carry without a fill", before.fee_carry, fee_carry));
        }
        Ok(after)
    }

    fn write(&mut self, changes: Changes, globals: Globals) {
        let Changes { accounts, markets, orders, applied } = changes;
        let mut leaves: Vec<(Address, Fr)> = vec![(GLOBALS_LEAF, globals.leaf())];
        leaves.extend(accounts.iter().map(|(id, account)| (account_leaf(*id), account.leaf())));
        leaves.extend(markets.iter().map(|(id, market)| (market_leaf(*id), market.leaf())));
        leaves.extend(orders.iter().map(|(id, order)| (order_leaf(*id), order.leaf())));
        self.update_tree(&leaves);
        self.globals = globals;
        if let Some((last, _)) = accounts.last_key_value() {
            self.next_account = self.next_account.max(last + 1).max(FIRST_USER_ACCOUNT);
        }
        self.ledger.deposited += applied.deposited;
        self.ledger.withdrawn += applied.withdrawn;
        self.ledger.dust += applied.dust;
        self.accounts.extend(accounts);
        self.markets.extend(markets);
        for (id, order) in orders {
            match order.left {
                0 => self.orders.remove(&id),
                _ => self.orders.insert(id, order),
            };
        }
    }
}

/// The mode with which a new account opens. One that changes it in the same batch opens with that of a deposit to
/// it, or, if only a transfer credits it, with the other of the two kinds: in which market does not matter then.
fn mode_of_new(batch: &Published, value: &AccountEntry) -> Mode {
    if value.rows != AccountRows::ModeChange {
        return value.mode;
    }
    let deposit = batch.deposits.iter().find(|deposit| deposit.value.account == value.id);
    match (deposit, value.mode) {
        (Some(deposit), _) => deposit.value.mode,
        (None, Mode::Isolated(_)) => Mode::Cross,
        (None, Mode::Cross) => Mode::Isolated(1),
    }
}

/// What the law takes.
const LAWFUL: &str = "one that the law allows";

/// The context of a batch, as far as rules of markets read it.
fn at_time(time: u64) -> Context {
    Context { time, observed: time, is_signed: false, domain: Default::default() }
}

/// Takes an entry that no other has named.
fn insert<K: Ord + ToString, V>(
    map: &mut BTreeMap<K, V>,
    at: At,
    what: &'static str,
    key: K,
    value: V,
) -> Result<(), Difference> {
    if map.contains_key(&key) {
        return Err(at.differs(what, "one that no entry before names", key));
    }
    map.insert(key, value);
    Ok(())
}

/// Last nonces of both lanes.
const fn nonces(account: &Account) -> (u64, u64) {
    (account.order_nonce, account.cancel_nonce)
}

pub(super) fn key_hex(key: &PublicKey) -> String {
    format!("({}, {})", field_hex(key.x), field_hex(key.y))
}
