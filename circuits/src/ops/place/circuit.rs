//! The place row: an order is created here and, at the end of its batch, closed here.

use ark_bn254::Fr;

use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::cell_key;
use crate::gadgets::memory::{RowTime, closing_time};
use crate::gadgets::prefix;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::ops::blank;
use crate::params::*;
use crate::reject::Reject;
use crate::state::order::{OrderProgress, OrderTerms};
use crate::state::tags::{ITEM, LISTED, ORDER, REST};
use crate::state::wires::{self, NEXT_ORDER};
use crate::state::{Order, OrderId};

/// A placed order and what became of it in the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceRecord {
    /// T of the row, below 2^20: it touches its cells at `16T + j`.
    pub sequence: u32,
    /// Given by the counter of the batch.
    pub id: OrderId,
    /// The order as it was placed.
    pub order: Order,
    /// The market's smallest order, lots.
    pub min_lots: u32,
    /// Lots left at the end of the batch.
    pub left: u64,
    /// Carry of the fees at the end of the batch, millionths of a quote quantum.
    pub fee_carry: u32,
    /// When the order was touched last: `16T` if nothing touched it after the placing.
    pub at: u32,
}

/// Rows of placed orders; enabled ones come first and are numbered from the batch's first order id.
pub struct Place;

impl Row for Place {
    type Record = PlaceRecord;
    const NAME: &'static str = "place";
    const SEED: &'static [u64] = prefix::SEED;

    fn dummy() -> PlaceRecord {
        PlaceRecord {
            sequence: 1,
            id: 0,
            order: blank::order(),
            min_lots: 0,
            left: 0,
            fee_carry: 0,
            at: TOUCHES_PER_ROW,
        }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<PlaceRecord>) {
        place(cs, record);
    }
}

/// The row's checks, in the order of the native half (PLC-1 to PLC-10).
pub fn place(cs: &mut Cs<'_>, record: &Padded<PlaceRecord>) -> Checks<Reject> {
    let enable = prefix::enable(cs, record.enabled);
    let mut checks = Checks::new(&enable);
    let terms = OrderTerms::hint(&mut cs.check("PLC-2"), &record.order);
    let [post_only, reduce_only, ioc, fok] = &terms.flags;
    let at_once = ioc.or(&mut cs.check("PLC-3"), fok);
    let bad_flags = post_only.and(&mut cs.check("PLC-3"), &at_once);
    checks.require_zero(&mut cs.check("PLC-3"), Reject::BadFlags, bad_flags.var());
    let above_zero = terms.limit.add_constant(-1);
    checks.require_nonnegative(&mut cs.check("PLC-4"), Reject::ZeroLimit, &above_zero);
    let min_lots = Int::new_unchecked(cs.hint("place.min_lots", Fr::from(record.min_lots)), MIN_LOTS_BITS);
    let listed = [terms.market.var().clone(), min_lots.var().clone()];
    cs.check("PLC-5").lookup(LISTED, &listed, enable.var());
    let least = reduce_only.select(&mut cs.check("PLC-5"), &Int::constant(1), &min_lots);
    let above_least = terms.size.sub(&least);
    checks.require_nonnegative(&mut cs.check("PLC-5"), Reject::BelowMinimumOrder, &above_least);
    let time = wires::time(cs);
    let remaining = terms.expiry.sub(&time);
    checks.require_nonnegative(&mut cs.check("PLC-6"), Reject::OrderExpired, &remaining);
    let item = [terms.item_word(), terms.account.var().clone()];
    cs.check("PLC-10").receive(ITEM, &item, enable.var());
    live(cs, record, &enable, &terms, &at_once);
    checks
}

// The order is created at 16T and closed at its last touch; what is left rests, unless the order was
// immediate.
fn live(cs: &mut Cs<'_>, record: &Padded<PlaceRecord>, enable: &Bit, terms: &OrderTerms, at_once: &Bit) {
    let id = &cs.global(NEXT_ORDER) + &cs.row_index();
    let created_at = RowTime::hint(cs, record.sequence).at(0);
    // Below the address: a time of 2^26 more would be the next order's cell, closed under this id (PLC-9).
    let at = closing_time(&mut cs.check("PLC-9"), "place.closed_at", record.at);
    let names = ["place.left", "place.fee_carry"];
    let closed = OrderProgress::hint(cs, names, (record.left, record.fee_carry));
    let left = closed.left.var().clone();
    let market = terms.market.var();
    let tuple =
        |time: &Var<Committed>, progress: &OrderProgress| terms.cell(cell_key(&id, time), progress, market);
    let placed = OrderProgress::placed(&terms.size);
    cs.check("PLC-1").send(ORDER, &tuple(&created_at, &placed), enable.var());
    cs.check("PLC-1").receive(ORDER, &tuple(&at, &closed), enable.var());

    // Fill-or-kill: all or nothing (PLC-7).
    let fok = &terms.flags[3];
    let left_if_fok = cs.check("PLC-7").product(fok.var(), &left);
    let left_if_fok = cs.check("PLC-7").product(enable.var(), &left_if_fok);
    cs.enforce("PLC-7", &left_if_fok, &(terms.size.var() - &left), &Var::<Committed>::zero());
    let cs = &mut cs.check("PLC-8");
    let nothing_left = crate::gadgets::int::is_zero(cs, &left);
    let may_rest = at_once.not().and(cs, enable);
    let rests = nothing_left.not().and(cs, &may_rest);
    let rest = [id, terms.leaf_word(), left, closed.fee_carry.var().clone()];
    cs.send(REST, &rest, rests.var());
}
