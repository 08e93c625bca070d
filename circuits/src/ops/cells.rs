//! Cells as the trading ops touch them: values before, on variables, and when they were touched last.

use ark_bn254::Fr;

use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::{CellAt, RowTime, touch};
use crate::gadgets::var::{Committed, Var};
use crate::margin::circuit::{Change, HeaderVar, PositionVar};
use crate::ops::Leg;
use crate::params::{
    ACCOUNT_BITS, AMOUNT_BITS, FRACTION_BITS, LIMIT_BITS, LOTS_BITS, OPEN_INTEREST_BITS, ORDER_BITS,
};
use crate::reject::Reject;
use crate::state::Order;
use crate::state::order::OrderProgress;
use crate::state::tags::{BIRTH, FEES, HEADER, KEY, OI, ORDER, POSITION, position_address};

/// The ORDER cell on variables.
#[derive(Clone, Debug)]
pub struct OrderVar {
    pub id: Int,
    pub progress: OrderProgress,
    pub size: Int,
    pub account: Int,
    pub market: Var<Committed>,
    pub side: Bit,
    pub limit: Int,
    pub post_only: Bit,
    pub reduce_only: Bit,
    pub immediate_or_cancel: Bit,
    pub fill_or_kill: Bit,
    pub max_fee: Int,
}

impl OrderVar {
    /// Advice that the ORDER tuple fixes; flags and side are bits by the row that sent it first.
    pub fn hint(cs: &mut Cs<'_>, id: u64, order: &Order) -> Self {
        // The cell is found by this number, times 2^26: only an integer is one order's.
        let id = Int::hint_unsigned(cs, "order.id", Fr::from(id), ORDER_BITS);
        let progress =
            OrderProgress::hint(cs, ["order.left", "order.fee_carry"], (order.left, order.fee_carry));
        let mut cell = |name, value: u64| cs.hint(name, Fr::from(value));
        let size = Int::new_unchecked(cell("order.size", order.size), LOTS_BITS);
        let account = Int::new_unchecked(cell("order.account", order.account), ACCOUNT_BITS);
        let market = cell("order.market", order.market.into());
        let side = Bit::new_unchecked(cell("order.side", order.side.bit().into()));
        let limit = Int::new_unchecked(cell("order.limit", order.limit.into()), LIMIT_BITS);
        let mut flag = |name, bit: bool| Bit::new_unchecked(cell(name, bit.into()));
        let post_only = flag("order.post_only", order.flags.post_only);
        let reduce_only = flag("order.reduce_only", order.flags.reduce_only);
        let immediate_or_cancel = flag("order.immediate_or_cancel", order.flags.immediate_or_cancel);
        let fill_or_kill = flag("order.fill_or_kill", order.flags.fill_or_kill);
        let max_fee = Int::new_unchecked(cell("order.max_fee", order.max_fee.into()), FRACTION_BITS);
        Self {
            id,
            progress,
            size,
            account,
            market,
            side,
            limit,
            post_only,
            reduce_only,
            immediate_or_cancel,
            fill_or_kill,
            max_fee,
        }
    }

    /// Components 1 to 12 of the ORDER tuple, with what fills change as given.
    fn tuple(&self, progress: &OrderProgress) -> [Var<Committed>; 12] {
        [
            progress.left.var(),
            progress.fee_carry.var(),
            self.size.var(),
            self.account.var(),
            &self.market,
            self.side.var(),
            self.limit.var(),
            self.post_only.var(),
            self.reduce_only.var(),
            self.immediate_or_cancel.var(),
            self.fill_or_kill.var(),
            self.max_fee.var(),
        ]
        .map(Clone::clone)
    }
}

/// A cell's value, the j of the row's touch, and the time of the touch before.
#[derive(Clone, Copy, Debug)]
pub struct Before<T> {
    pub value: T,
    pub touch: u8,
    pub previous: u32,
}

/// The j of a row's touch, and the time of the touch before.
#[derive(Clone, Copy, Debug)]
pub struct TouchAt {
    pub j: u8,
    pub previous: u32,
}

/// The account and the market of a position.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub account: &'a Int,
    pub market: &'a Var<Committed>,
}

/// The open interest of a market, before the row.
#[derive(Clone, Copy, Debug)]
pub struct OpenInterest<'a> {
    pub market: &'a Var<Committed>,
    pub before: Before<u64>,
}

/// The row's clock and selector: what every touch needs.
pub struct Clock<'a> {
    pub time: RowTime,
    pub enable: &'a Bit,
}

impl Clock<'_> {
    /// Leaves `progress` in an order. Cost: 23, 1 less for what stays.
    pub fn touch_order(&self, cs: &mut Cs<'_>, at: TouchAt, order: &OrderVar, progress: &OrderProgress) {
        let time = self.time.touch(cs, at.j, at.previous);
        let cell = CellAt { tag: ORDER, address: order.id.var(), time: &time };
        touch(cs, &cell, &order.tuple(&order.progress), &order.tuple(progress), self.enable);
    }

    /// Says that a new account is created at `16T`. Cost: 2.
    pub fn send_creation(&self, cs: &mut Cs<'_>, account: &Int, creates: &Bit) {
        cs.send(BIRTH, &[account.var().clone(), self.time.at(0)], creates.var());
    }

    /// Changes the header of an account. Cost: 5, 1 for what stays, 2 for what changes.
    pub fn touch_header(&self, cs: &mut Cs<'_>, at: TouchAt, account: &Int, change: Change<&HeaderVar>) {
        let time = self.time.touch(cs, at.j, at.previous);
        let cell = CellAt { tag: HEADER, address: account.var(), time: &time };
        touch(cs, &cell, &change.before.tuple(), &change.after.tuple(), self.enable);
    }

    /// Changes the position at an address. Cost: 13.
    pub fn touch_position(
        &self,
        cs: &mut Cs<'_>,
        at: TouchAt,
        place: Place<'_>,
        change: Change<&PositionVar>,
    ) {
        let time = self.time.touch(cs, at.j, at.previous);
        let address = position_address(place.account.var(), place.market);
        let cell = CellAt { tag: POSITION, address: &address, time: &time };
        touch(cs, &cell, &change.before.tuple(), &change.after.tuple(), self.enable);
    }

    /// Adds to the open interest of a market and ranges it; returns it after. Error: `OpenInterestRange`. Cost: 13.
    pub fn add_open_interest(
        &self,
        cs: &mut Cs<'_>,
        checks: &mut Checks<Reject>,
        open_interest: OpenInterest<'_>,
        amount: &Int,
    ) -> Int {
        let OpenInterest { market, before: pre } = open_interest;
        let time = self.time.touch(cs, pre.touch, pre.previous);
        let before = cs.hint("open_interest", Fr::from(pre.value));
        let after = Int::new_unchecked(&before + amount.var(), OPEN_INTEREST_BITS + 1);
        let after = checks.require_width_always(cs, Reject::OpenInterestRange, &after, OPEN_INTEREST_BITS);
        let cell = CellAt { tag: OI, address: market, time: &time };
        touch(cs, &cell, &[before], &[after.var().clone()], self.enable);
        after
    }

    /// Adds to the fees of the batch and ranges them. Error: `FeesRange`. Cost: 13.
    pub fn add_fees(&self, cs: &mut Cs<'_>, checks: &mut Checks<Reject>, pre: Before<u64>, amount: &Int) {
        let time = self.time.touch(cs, pre.touch, pre.previous);
        let before = cs.hint("fees", Fr::from(pre.value));
        let after = Int::new_unchecked(&before + amount.var(), AMOUNT_BITS + 1);
        let after = checks.require_width_always(cs, Reject::FeesRange, &after, AMOUNT_BITS);
        let cell = CellAt { tag: FEES, address: &Var::zero(), time: &time };
        touch(cs, &cell, &[before], &[after.var().clone()], self.enable);
    }
}

/// What a deposit, a withdrawal or a transfer moves: advice in `[1, 2^63)`. Error: `AmountRange`.
/// Padding moves 0. Cost: 13 at 13 bits per limb.
pub fn amount(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, name: &'static str, honest: u64) -> Int {
    let amount = Int::new_unchecked(cs.hint(name, Fr::from(honest)), u64::BITS);
    let amount = checks.require_width_always(cs, Reject::AmountRange, &amount, AMOUNT_BITS);
    checks.require_nonnegative(cs, Reject::AmountRange, &amount.add_constant(-1));
    amount
}

/// Who owns an account that trades.
pub struct OwnerVar {
    /// The x of its key.
    pub x: Var<Committed>,
    /// The first order that this key signed for.
    pub orders_from: Int,
}

/// Looks up an account's owner. Cost: 4.
pub fn owner(cs: &mut Cs<'_>, account: &Int, leg: &Leg, enable: &Bit) -> OwnerVar {
    let x = cs.hint("owner.x", leg.owner.x);
    let y = cs.hint("owner.y", leg.owner.y);
    let orders_from = cs.hint("owner.orders_from", Fr::from(leg.orders_from));
    cs.lookup(KEY, &[account.var().clone(), x.clone(), y, orders_from.clone()], enable.var());
    // Ranged by the account's row.
    OwnerVar { x, orders_from: Int::new_unchecked(orders_from, ORDER_BITS) }
}
