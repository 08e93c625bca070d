//! Ticks, deposits, signed actions and their items.

use super::apply::Applied;
use super::cells::{Cell, OpenOrder};
use super::stage::Stage;
use crate::kinds::*;
use crate::ops::{
    Action, Deposit, Item, OrderItem, Tick, TransferItem, WithdrawItem, action, cancel, deposit, place, tick,
    transfer, withdraw,
};
use crate::params::{FEE_ACCOUNT, ORDER_BITS};
use crate::reject::{Refusal, Reject};
use crate::state::{AccountId, OrderId};

impl Stage<'_> {
    pub fn tick(&mut self, op: &Tick) -> Result<Applied, Refusal> {
        if self.counters.started {
            return Err(Reject::TickTooLate.into());
        }
        let context = self.context;
        let open = self.market(op.market)?;
        if open.tick.is_some() {
            return Err(Reject::TickTwice.into());
        }
        open.market = tick::apply(&context, op, &open.market)?;
        open.tick = Some(*op);
        Ok(Applied::Tick { price: open.market.price, funding_index: open.market.funding_index })
    }

    pub fn deposit(&mut self, op: &Deposit) -> Result<Applied, Refusal> {
        let sequence = self.next_sequence();
        let births = op.account == 0;
        let id = match op.account {
            0 => self.birth(op.owner, op.mode, touch_time(sequence, 0))?,
            id => id,
        };
        let account = self.account(id)?;
        let owner = account.old.owner;
        let post = deposit::apply(op, &owner, &account.header.value)?;
        let header = account.header.touch(touch_time(sequence, 1), post);
        let amount = op.amount;
        self.rows.deposits.push(DepositRow { sequence, account: id, owner, amount, births, header });
        self.counters.globals.deposits += 1;
        self.counters.ledger.deposited += u128::from(op.amount);
        Ok(Applied::Deposit { account: id })
    }

    pub fn action(&mut self, op: &Action) -> Result<Applied, Refusal> {
        let sequence = self.next_sequence();
        let (context, check) = (self.context, self.base.signatures);
        let account = self.account(op.account)?;
        let owner = account.old.owner;
        let (message, post) = action::apply(&context, op, &owner, &account.nonces.value, check)?;
        let nonces = account.nonces.touch(touch_time(sequence, 0), post);
        let index = self.base.rows.actions.len() + self.rows.actions.len();
        self.rows.actions.push(ActionRow {
            sequence,
            account: op.account,
            owner,
            lane: op.lane,
            strict: op.strict,
            nonce: op.nonce,
            message,
            signature: op.signature,
            nonces,
        });
        let (mut orders, mut accounts) = (Vec::new(), Vec::new());
        for (place, item) in op.items.iter().enumerate() {
            let origin = ItemOrigin { action: index, item: place, account: op.account, word: item.word() };
            match item {
                Item::Order(order) => orders.push(self.place(origin, order)?),
                Item::Cancel(order) => self.cancel(origin, *order)?,
                Item::Withdraw(item) => self.withdraw(origin, item)?,
                Item::Transfer(item) => accounts.push(self.transfer(origin, item)?),
            }
        }
        Ok(Applied::Action { orders, accounts })
    }

    fn place(&mut self, origin: ItemOrigin, item: &OrderItem) -> Result<OrderId, Refusal> {
        let sequence = self.next_sequence();
        let context = self.context;
        let entry = self.entry(item.market)?;
        let order = place::apply(&context, origin.account, item, &entry)?;
        let id = self.counters.globals.next_order;
        // The counter itself must stay below 2^36.
        if (id + 1) >> ORDER_BITS != 0 {
            return Err(Reject::OrderIdsExhausted.into());
        }
        self.counters.globals.next_order += 1;
        let at = touch_time(sequence, 0);
        let open = OpenOrder { born: true, old: order, cell: Cell { value: order, at } };
        self.cells.orders.insert(id, open);
        // Left, time and rest are those of the end of the batch: `close` fills them in.
        let row = PlaceRow { sequence, origin, id, order, left: order.left, at, rests: true };
        self.rows.places.push(row);
        Ok(id)
    }

    fn cancel(&mut self, origin: ItemOrigin, id: OrderId) -> Result<(), Refusal> {
        let sequence = self.next_sequence();
        let open = self.order(id)?;
        let post = cancel::apply(origin.account, &open.cell.value)?;
        let order = open.cell.touch(touch_time(sequence, 0), post);
        self.rows.cancels.push(CancelRow { sequence, origin, id, order });
        Ok(())
    }

    fn withdraw(&mut self, origin: ItemOrigin, item: &WithdrawItem) -> Result<(), Refusal> {
        let sequence = self.next_sequence();
        let account = self.account(origin.account)?;
        let post = withdraw::apply(item, &account.header.value)?;
        let header = account.header.touch(touch_time(sequence, 0), post);
        let WithdrawItem { amount, recipient } = *item;
        self.rows.withdrawals.push(WithdrawRow { sequence, origin, amount, recipient, header });
        self.counters.ledger.withdrawn += u128::from(amount);
        Ok(())
    }

    fn transfer(&mut self, origin: ItemOrigin, item: &TransferItem) -> Result<AccountId, Refusal> {
        let sequence = self.next_sequence();
        let from = origin.account;
        if item.to == from {
            return Err(Reject::SelfTransfer.into());
        }
        let to = match item.to {
            0 => {
                let owner = self.account(from)?.old.owner;
                self.birth(owner, item.mode, touch_time(sequence, 0))?
            }
            to => to,
        };
        let pre = self.account(from)?.header.value;
        let recipient = self.account(to)?;
        let to_owner = recipient.old.owner;
        let (from_post, to_post) = transfer::apply(item, &pre, &recipient.header.value)?;
        let to_header = recipient.header.touch(touch_time(sequence, 1), to_post);
        let from_header = self.account(from)?.header.touch(touch_time(sequence, 0), from_post);
        self.rows.transfers.push(TransferRow {
            sequence,
            origin,
            named: item.to,
            mode_market: item.mode.market(),
            to,
            to_owner,
            amount: item.amount,
            births: item.to == 0,
            from_header,
            to_header,
        });
        Ok(to)
    }

    pub fn collect_fees(&mut self) -> Result<Applied, Refusal> {
        let sequence = self.next_sequence();
        let pending = self.counters.fees.value;
        let account = self.account(FEE_ACCOUNT)?;
        let post = crate::ops::collect_fees::apply(pending, &account.header.value)?;
        let header = account.header.touch(touch_time(sequence, 1), post);
        let fees = self.counters.fees.touch(touch_time(sequence, 0), 0);
        self.rows.collect_fees.push(CollectFeesRow { sequence, fees, header });
        self.counters.sealed = true;
        Ok(Applied::CollectFees { fees: pending })
    }
}
