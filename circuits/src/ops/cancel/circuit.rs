//! The cancel row.

use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::RowTime;
use crate::gadgets::row::{Padded, Row};
use crate::ops::action::CANCEL_ITEM;
use crate::ops::blank;
use crate::ops::cells::{Clock, OrderVar, TouchAt};
use crate::reject::Reject;
use crate::state::Order;
use crate::state::order::OrderProgress;
use crate::state::tags::{ITEM, signer};

/// A signed cancel and the order before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelRecord {
    /// T of the row, below 2^20: it touches its cells at `16T + j`.
    pub sequence: u32,
    /// The item was signed alone, in the cancel lane.
    pub single_cancel: bool,
    /// Id of the order, below 2^36.
    pub id: u64,
    /// The order before the cancel.
    pub order: Order,
    /// Time of the order's last touch.
    pub order_at: u32,
}

/// Sets what is left of an order to nothing.
pub struct Cancel;

impl Row for Cancel {
    type Record = CancelRecord;
    const NAME: &'static str = "cancel";

    fn dummy() -> CancelRecord {
        CancelRecord { sequence: 1, single_cancel: false, id: 0, order: blank::order(), order_at: 0 }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<CancelRecord>) {
        cancel(cs, record);
    }
}

/// The row's checks, `UnknownOrder`, `FillOrKill`; the owner is the item's signer (CAN-1 to CAN-5).
pub fn cancel(cs: &mut Cs<'_>, record: &Padded<CancelRecord>) -> Checks<Reject> {
    let enable = Bit::hint(&mut cs.check("CAN-5"), "cancel.enable", record.enabled);
    let mut checks = Checks::new(&enable);
    let order = OrderVar::hint(&mut cs.check("CAN-3"), record.id, &record.order);
    let cancel_lane = Bit::hint(&mut cs.check("CAN-5"), "cancel.lane", record.single_cancel);
    let item = [CANCEL_ITEM.pack_ints([&order.id]), signer(&order.account, &cancel_lane)];
    cs.check("CAN-1").receive(ITEM, &item, enable.var());
    let gone = order.progress.left.is_zero(&mut cs.check("CAN-2"));
    checks.require_zero(&mut cs.check("CAN-2"), Reject::UnknownOrder, gone.var());
    let filled = order.size.sub(&order.progress.left);
    let (fok, filled) = (order.fill_or_kill.var(), filled.var());
    checks.require_zero_product_always(&mut cs.check("CAN-4"), Reject::FillOrKill, fok, filled);
    let time = RowTime::hint(cs, record.sequence);
    let clock = Clock { time, enable: &enable };
    let at = TouchAt { j: 0, previous: record.order_at };
    let cancelled = OrderProgress { left: Int::zero(), ..order.progress.clone() };
    clock.touch_order(&mut cs.check("CAN-3"), at, &order, &cancelled);
    checks
}
