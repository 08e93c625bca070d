//! Ticks, deposits, signed actions and their items.

use std::collections::BTreeMap;

use super::apply::Applied;
use super::cells::{Cell, OpenMarket, OpenOrder, SignedList};
use super::stage::{Stage, touch_time};
use crate::ops::action::{ActionRecord, Message};
use crate::ops::cancel::CancelRecord;
use crate::ops::change_key::ChangeKeyRecord;
use crate::ops::collect_fees::{self, CollectFeesRecord};
use crate::ops::configure::{ConfigureRecord, ConfiguredMarket};
use crate::ops::deposit::DepositRecord;
use crate::ops::place::PlaceRecord;
use crate::ops::prices::{observed, signer_of};
use crate::ops::set_leverage::SetLeverageRecord;
use crate::ops::set_mode::{SetModeRecord, Standing};
use crate::ops::transfer::TransferRecord;
use crate::ops::withdraw::WithdrawRecord;
use crate::ops::{
    Action, Configure, Deposit, Item, Lane, Nonces, OrderItem, Tick, TransferItem, WithdrawItem, action,
    cancel, change_key, configure, deposit, place, set_leverage, set_mode, transfer, withdraw,
};
use crate::params::{EPOCH_SECONDS, FEE_ACCOUNT, ORDER_BITS, PRICES_PER_WORD};
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::{AccountId, Market, MarketId, Mode, Order, OrderId, PublicKey};

/// The key of an account as it opened.
#[derive(Clone, Copy)]
struct Key {
    owner: PublicKey,
    /// The first order that it signed for; 0 if it is the account's first.
    orders_from: OrderId,
}

/// The row of an action; `nonces`: before it.
fn action_record(
    op: &Action,
    sequence: u32,
    Key { owner, orders_from }: Key,
    Cell { value: nonces, at: nonces_at }: Cell<Nonces>,
    message: Message,
) -> ActionRecord {
    let Action { account, lane, strict, nonce, signature, .. } = *op;
    ActionRecord {
        sequence,
        account,
        owner,
        orders_from,
        lane,
        strict,
        nonce,
        nonces,
        nonces_at,
        message,
        signature,
    }
}

/// Who signed an item, and how.
#[derive(Clone, Copy)]
struct Signer {
    account: AccountId,
    key: Key,
    /// The item was signed alone, in the lane of cancels.
    single_cancel: bool,
}

/// The words of a price signer's list: all of prices in the lane of orders, or all of premiums in that of cancels.
fn words(op: &Action) -> Result<BTreeMap<u8, [u64; PRICES_PER_WORD]>, Refusal> {
    let of = |item: &Item| match item {
        Item::Prices(item) => Some((Lane::Orders, item.index, item.prices)),
        Item::Premiums(item) => Some((Lane::Cancels, item.index, item.stated())),
        _ => None,
    };
    let lane = op.items.first().and_then(of).map(|(lane, ..)| lane);
    let mut words = BTreeMap::new();
    for item in &op.items {
        let word = of(item).filter(|(of, ..)| Some(*of) == lane);
        let (_, index, values) = word.ok_or(Reject::UnknownAccount)?;
        if words.insert(index, values).is_some() {
            return Err(Reject::PricesTwice.into());
        }
    }
    if lane != Some(op.lane) {
        return Err(Refusal::plain(Reject::WrongLane, "ORC-5"));
    }
    Ok(words)
}

impl Stage<'_> {
    pub fn tick(&mut self, op: &Tick) -> Result<Applied, Refusal> {
        if self.counters.started {
            return Err(Reject::TickTooLate.into());
        }
        // Ticks come first: a market that is open has ticked.
        if self.cells.markets.contains_key(&op.market) || self.base.cells.markets.contains_key(&op.market) {
            return Err(Reject::TickTwice.into());
        }
        let open = self.open_market(op.market, Some(op))?;
        self.cells.markets.insert(op.market, open);
        let Market { price, funding_index, .. } = open.market;
        Ok(Applied::Tick { price, funding_index })
    }

    /// Lists a market, or changes one at its closing.
    pub fn configure(&mut self, op: &Configure) -> Result<Applied, Refusal> {
        self.counters.started = true;
        let (id, context) = (op.market, self.context);
        let exists = self.base.state.market(id).is_some();
        let opened = self.cells.markets.get(&id).or_else(|| self.base.cells.markets.get(&id));
        if opened.is_some_and(|open| open.configured.is_some()) {
            return Err(Reject::ConfigureTwice.into());
        }
        let open = if exists { Some(*self.market(id)?) } else { None };
        let market = open.map(|open| open.current());
        let ConfiguredMarket { within, .. } = configure::apply(&context, op, market.as_ref())?;
        let open = match open {
            Some(open) => open,
            None => self.open_stored(id, within, None)?,
        };
        let open = OpenMarket { configured: Some(*op), ..open };
        self.cells.markets.insert(id, open);
        // What the market closes with, `close` fills in.
        let (before, parameters) = (open.configurable(), op.parameters);
        self.records.push(ConfigureRecord { market: id, lists: !exists, before, parameters });
        Ok(Applied::Configure { lists: !exists })
    }

    /// The configuration of a market that the batch changes fits its open interest so far.
    pub fn require_configuration(&mut self, id: MarketId) -> Result<(), Refusal> {
        let context = self.context;
        let open = self.market(id)?;
        match open.configured {
            Some(op) if op.first_price.is_none() => {
                configure::apply(&context, &op, Some(&open.current())).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    pub fn deposit(&mut self, op: &Deposit) -> Result<Applied, Refusal> {
        let sequence = self.next_sequence();
        let creates = op.account == 0;
        let id = match op.account {
            0 => self.create_account(op.owner, op.mode, touch_time(sequence, 0))?,
            id => id,
        };
        let account = self.account(id)?;
        let owner = account.old.owner;
        let post = deposit::apply(op, &owner, account.old.orders_from, &account.header.value)?;
        let Cell { value: header, at: header_at } = account.header.touch(touch_time(sequence, 1), post);
        let amount = op.amount;
        self.records.push(DepositRecord { sequence, account: id, owner, amount, creates, header, header_at });
        self.counters.globals.deposits += 1;
        self.counters.ledger.deposited += u128::from(op.amount);
        Ok(Applied::Deposit { account: id })
    }

    /// A price signer's list, of prices or of premiums.
    fn signed_list(&mut self, op: &Action, signer: usize) -> Result<Applied, Refusal> {
        if self.counters.started || !self.cells.markets.is_empty() || !self.base.cells.markets.is_empty() {
            return Err(Reject::TickTooLate.into());
        }
        let owner = *self.base.state.signers().get(signer).ok_or(Reject::NotSigner)?;
        let listed = words(op)?;
        self.require_epoch(op.nonce)?;
        let (before, epoch) = (self.base.state.globals.epoch, op.nonce);
        let list = self.list(signer).cloned();
        let is_in = |is_in: bool| if is_in { epoch } else { before };
        let nonces = Nonces {
            order: is_in(list.is_some()),
            cancel: is_in(list.as_ref().is_some_and(|list| list.premiums.is_some())),
        };
        let cell = Cell { value: nonces, at: list.as_ref().map_or(0, |list| list.at) };
        if op.lane == Lane::Cancels && list.is_none() {
            return Err(Reject::PremiumsAlone.into());
        }
        let context = self.context;
        let (message, _) = action::apply(&context, op, &owner, &nonces, self.base.signatures)?;
        // Like a tick it comes before all else.
        let sequence = self.early_sequence();
        let key = Key { owner, orders_from: 0 };
        self.records.push(action_record(op, sequence, key, cell, message));
        self.counters.globals.epoch = epoch;
        self.context.observed = observed(context.time, epoch, true);
        let at = touch_time(sequence, 0);
        let (list, applied) = match list {
            Some(list) => (SignedList { premiums: Some(listed), at, ..list }, Applied::Premiums { epoch }),
            None => (SignedList { words: listed, premiums: None, at }, Applied::Prices { epoch }),
        };
        self.cells.lists.insert(signer, list);
        Ok(applied)
    }

    /// The epoch of a list: not to come, and that of the batch's other lists.
    fn require_epoch(&self, epoch: u64) -> Result<(), Refusal> {
        let latest = self.context.time / EPOCH_SECONDS;
        Check::at_most("STM-11", Reject::EpochAhead, epoch, latest, Unit::Nonce).require()?;
        let (so_far, before) = (self.counters.globals.epoch, self.base.state.globals.epoch);
        if so_far == before {
            return Ok(());
        }
        Check::equal("ACT-12", Reject::EpochMismatch, epoch, so_far, Unit::Nonce).require()
    }

    pub fn action(&mut self, op: &Action) -> Result<Applied, Refusal> {
        if let Some(signer) = signer_of(op.account) {
            return self.signed_list(op, signer);
        }
        let sequence = self.next_sequence();
        let (context, check) = (self.context, self.base.signatures);
        let account = self.account(op.account)?;
        let key = Key { owner: account.old.owner, orders_from: account.old.orders_from };
        let (message, post) = action::apply(&context, op, &key.owner, &account.nonces.value, check)?;
        let nonces = account.nonces.touch(touch_time(sequence, 0), post);
        let record = action_record(op, sequence, key, nonces, message);
        let signer = Signer { account: op.account, key, single_cancel: record.is_single_cancel() };
        self.records.push(record);
        let (mut orders, mut accounts) = (Vec::new(), Vec::new());
        for item in &op.items {
            match item {
                Item::Order(order) => orders.push(self.place(signer, order)?),
                Item::Cancel(order) => self.cancel(signer, *order)?,
                Item::Withdraw(item) => self.withdraw(signer, item)?,
                Item::Transfer(item) => accounts.push(self.transfer(signer, item)?),
                Item::Prices(_) | Item::Premiums(_) => return Err(Reject::NotSigner.into()),
                Item::SetLeverage(limit) => self.set_leverage(signer, *limit)?,
                Item::SetMode(mode) => self.set_mode(signer, *mode)?,
                Item::ChangeKey(key) => self.change_key(signer, key)?,
            }
        }
        Ok(Applied::Action { orders, accounts })
    }

    fn place(&mut self, signer: Signer, item: &OrderItem) -> Result<OrderId, Refusal> {
        let sequence = self.next_sequence();
        let context = self.context;
        let entry = self.entry(item.market)?;
        let order = place::apply(&context, signer.account, item, &entry)?;
        let id = self.counters.globals.next_order;
        // The counter itself must stay below 2^36.
        if (id + 1) >> ORDER_BITS != 0 {
            return Err(Reject::OrderIdsExhausted.into());
        }
        self.counters.globals.next_order += 1;
        let at = touch_time(sequence, 0);
        let open = OpenOrder { created: true, old: order, cell: Cell { value: order, at } };
        self.cells.orders.insert(id, open);
        // Left, carry and time are as at the end of the batch: `close` fills them in.
        let min_lots = entry.market.min_lots;
        let Order { left, fee_carry, .. } = order;
        self.records.push(PlaceRecord { sequence, id, order, min_lots, left, fee_carry, at });
        Ok(id)
    }

    fn cancel(&mut self, signer: Signer, id: OrderId) -> Result<(), Refusal> {
        let sequence = self.next_sequence();
        let open = self.order(id)?;
        let post = cancel::apply(signer.account, &open.cell.value)?;
        let Cell { value: order, at: order_at } = open.cell.touch(touch_time(sequence, 0), post);
        let single_cancel = signer.single_cancel;
        self.records.push(CancelRecord { sequence, single_cancel, id, order, order_at });
        Ok(())
    }

    fn withdraw(&mut self, signer: Signer, item: &WithdrawItem) -> Result<(), Refusal> {
        let sequence = self.next_sequence();
        let Signer { account, single_cancel, .. } = signer;
        let cell = &mut self.account(account)?.header;
        let post = withdraw::apply(item, &cell.value)?;
        let Cell { value: header, at: header_at } = cell.touch(touch_time(sequence, 0), post);
        let WithdrawItem { amount, recipient } = *item;
        self.records.push(WithdrawRecord {
            sequence,
            single_cancel,
            account,
            amount,
            recipient,
            header,
            header_at,
        });
        self.counters.ledger.withdrawn += u128::from(amount);
        Ok(())
    }

    fn transfer(&mut self, signer: Signer, item: &TransferItem) -> Result<AccountId, Refusal> {
        let sequence = self.next_sequence();
        let Signer { account: from, key, single_cancel } = signer;
        let Key { owner: from_owner, orders_from: from_orders } = key;
        if item.to == from {
            return Err(Reject::SelfTransfer.into());
        }
        let to = match item.to {
            0 => self.create_account(from_owner, item.mode, touch_time(sequence, 0))?,
            to => to,
        };
        let pre = self.account(from)?.header.value;
        let recipient = &mut self.account(to)?.header;
        let (from_post, to_post) = transfer::apply(item, &pre, &recipient.value)?;
        let to_cell = recipient.touch(touch_time(sequence, 1), to_post);
        let from_cell = self.account(from)?.header.touch(touch_time(sequence, 0), from_post);
        self.records.push(TransferRecord {
            sequence,
            single_cancel,
            from,
            named: item.to,
            to,
            mode_market: item.mode.market(),
            amount: item.amount,
            creates: item.to == 0,
            from_owner,
            from_orders,
            from_header: from_cell.value,
            from_at: from_cell.at,
            to_header: to_cell.value,
            to_at: to_cell.at,
        });
        Ok(to)
    }

    fn set_leverage(&mut self, signer: Signer, limit: u32) -> Result<(), Refusal> {
        let Signer { account, single_cancel, .. } = signer;
        let open = self.account(account)?;
        let limit = set_leverage::apply(limit, open.amended)?;
        open.amended = Some(limit);
        self.records.push(SetLeverageRecord { single_cancel, account, limit });
        Ok(())
    }

    fn set_mode(&mut self, signer: Signer, mode: Mode) -> Result<(), Refusal> {
        let Signer { account, single_cancel, .. } = signer;
        let min_lots = match mode {
            Mode::Cross => 0,
            Mode::Isolated(market) => self.market(market)?.market.min_lots,
        };
        let open = self.account(account)?;
        let standing =
            Standing { account, mode: open.old.mode, used_slots: open.used_slots(), changed: open.new_mode };
        open.new_mode = Some(set_mode::apply(mode, &standing)?);
        self.records.push(SetModeRecord { single_cancel, account, mode_market: mode.market(), min_lots });
        Ok(())
    }

    fn change_key(&mut self, signer: Signer, key: &PublicKey) -> Result<(), Refusal> {
        let Signer { account, single_cancel, .. } = signer;
        let open = self.account(account)?;
        let key = change_key::apply(key, open.rekeyed)?;
        open.rekeyed = Some(key);
        self.records.push(ChangeKeyRecord { single_cancel, account, key });
        Ok(())
    }

    pub fn collect_fees(&mut self) -> Result<Applied, Refusal> {
        let sequence = self.next_sequence();
        let pending = self.counters.fees.value;
        let cell = &mut self.account(FEE_ACCOUNT)?.header;
        let post = collect_fees::apply(pending, &cell.value)?;
        let Cell { value: header, at: header_at } = cell.touch(touch_time(sequence, 1), post);
        let Cell { value: fees, at: fees_at } = self.counters.fees.touch(touch_time(sequence, 0), 0);
        self.records.push(CollectFeesRecord { sequence, fees, fees_at, header, header_at });
        self.counters.sealed = true;
        Ok(Applied::CollectFees { fees: pending })
    }
}
