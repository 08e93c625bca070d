//! The place row: an order is born here and, at the end of its batch, closed here.

use ark_bn254::Fr;

use crate::bus::{ITEM, LISTED, ORDER, REST, cell_key};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::{RowTime, closing_time};
use crate::gadgets::prefix;
use crate::gadgets::row::Row;
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::globals::{NEXT_ORDER, TIME};
use crate::ops::blank;
use crate::params::*;
use crate::reject::Reject;
use crate::state::Order;

/// Kind of the item in its signed word.
const KIND: u64 = 1;

/// A placed order and what became of it in the batch.
#[derive(Clone, Copy, Debug)]
pub struct PlaceInput {
    pub enable: bool,
    pub sequence: u32,
    /// As placed.
    pub order: Order,
    pub min_lots: u32,
    /// Lots left at the end of the batch, and the time of the last touch.
    pub left: u64,
    pub at: u32,
}

/// Rows of placed orders; enabled ones come first and are numbered from the batch's first order id.
pub struct Place;

impl Row for Place {
    type Input = PlaceInput;
    const NAME: &'static str = "place";

    fn blank() -> PlaceInput {
        PlaceInput { enable: false, sequence: 1, order: blank::order(), min_lots: 0, left: 0, at: 8 }
    }

    fn synthesize(cs: &mut Cs<'_>, input: &PlaceInput) {
        place(cs, input);
    }
}

fn ranged(cs: &mut Cs<'_>, name: &'static str, value: u64, bits: u32) -> Var<Committed> {
    Int::hint_unsigned(cs, name, Fr::from(value), bits).var().clone()
}

/// What was signed, on variables.
struct OrderTerms {
    account: Var<Committed>,
    market: Var<Committed>,
    side: Bit,
    limit: Int,
    lots: Int,
    /// Post-only, reduce-only, immediate-or-cancel, fill-or-kill.
    flags: [Bit; 4],
    max_fee: Int,
    expiry: Int,
}

impl OrderTerms {
    fn hint(cs: &mut Cs<'_>, order: &Order) -> Self {
        let flags = order.flags;
        Self {
            // The word of the leaf has 36 and 16 bits for these: an account with the mark of the cancel
            // lane, or the key of a market row's padding, would spill into the field above.
            account: ranged(cs, "place.account", order.account, ACCOUNT_BITS),
            market: ranged(cs, "place.market", order.market.into(), MARKET_BITS),
            side: Bit::hint(cs, "place.side", order.side.bit()),
            limit: Int::hint_unsigned(cs, "place.limit", Fr::from(order.limit), LIMIT_BITS),
            lots: Int::hint_unsigned(cs, "place.lots", Fr::from(order.size), LOTS_BITS),
            flags: [flags.post_only, flags.reduce_only, flags.immediate_or_cancel, flags.fill_or_kill]
                .map(|flag| Bit::hint(cs, "place.flag", flag)),
            max_fee: Int::hint_unsigned(cs, "place.max_fee", Fr::from(order.max_fee), FRACTION_BITS),
            expiry: Int::hint_unsigned(cs, "place.expiry", Fr::from(order.expiry), TIME_BITS),
        }
    }

    fn packed_flags(&self) -> Var<Committed> {
        let shifted: Vec<_> = (0..4).map(|i| self.flags[i].var().shift(i as u32)).collect();
        Var::sum(&shifted)
    }

    /// The signed word; every field is in its width (PLC-2).
    fn item_word(&self) -> Var<Committed> {
        Var::sum([
            &self.market,
            &self.side.var().shift(16),
            &self.limit.var().shift(17),
            &self.lots.var().shift(49),
            &self.packed_flags().shift(105),
            &self.max_fee.var().shift(109),
            &self.expiry.var().shift(129),
            &Var::constant(Fr::from(KIND) * power_of_two(244)),
        ])
    }

    /// First word of the leaf of an order that rests.
    fn leaf_word(&self) -> Var<Committed> {
        Var::sum([
            &self.account,
            &self.market.shift(36),
            &self.side.var().shift(52),
            &self.limit.var().shift(53),
            &self.packed_flags().shift(85),
            &self.max_fee.var().shift(89),
            &self.expiry.var().shift(109),
        ])
    }

    /// Components 1 to 11 of the ORDER tuple.
    fn cell(&self, left: &Var<Committed>) -> Vec<Var<Committed>> {
        let mut cell = vec![left.clone(), self.lots.var().clone(), self.account.clone(), self.market.clone()];
        cell.extend([self.side.var().clone(), self.limit.var().clone()]);
        cell.extend(self.flags.iter().map(|flag| flag.var().clone()));
        cell.push(self.max_fee.var().clone());
        cell
    }
}

/// The row's checks, in the order of the native half (PLC-1 … PLC-8).
pub fn place(cs: &mut Cs<'_>, input: &PlaceInput) -> Checks<Reject> {
    let enable = prefix::enable(cs, input.enable);
    let mut checks = Checks::new(&enable);
    let terms = OrderTerms::hint(cs, &input.order);
    let [post_only, reduce_only, ioc, fok] = &terms.flags;
    let at_once = ioc.or(cs, fok);
    let bad_flags = post_only.and(cs, &at_once);
    checks.require_zero(cs, Reject::BadFlags, bad_flags.var());
    checks.require_nonnegative(cs, Reject::ZeroLimit, &terms.limit.add_constant(-1));
    let min_lots = Int::new_unchecked(cs.hint("place.min_lots", Fr::from(input.min_lots)), MIN_LOTS_BITS);
    cs.lookup(LISTED, &[terms.market.clone(), min_lots.var().clone()], enable.var());
    let least = reduce_only.select(cs, &Int::constant(1), &min_lots);
    checks.require_nonnegative(cs, Reject::BelowMinimumOrder, &terms.lots.sub(&least));
    let time = Int::new_unchecked(cs.global(TIME), TIME_BITS);
    checks.require_nonnegative(cs, Reject::OrderExpired, &terms.expiry.sub(&time));
    cs.receive(ITEM, &[terms.item_word(), terms.account.clone()], enable.var());
    live(cs, input, &enable, &terms, &at_once);
    checks
}

// Birth at 8T, close at the last touch; what is left rests, unless the order was immediate.
fn live(cs: &mut Cs<'_>, input: &PlaceInput, enable: &Bit, terms: &OrderTerms, at_once: &Bit) {
    let id = &cs.global(NEXT_ORDER) + &cs.row_index();
    let born = RowTime::hint(cs, input.sequence).var().scale(Fr::from(TOUCHES_PER_ROW));
    // Below the address: a time of 2^26 more would be the next order's cell, closed under this id (PLC-9).
    let at = closing_time(cs, "place.closed_at", input.at);
    let left = cs.hint("place.left", Fr::from(input.left));
    let tuple = |time: &Var<Committed>, left: &Var<Committed>| {
        let mut tuple = vec![cell_key(&id, time)];
        tuple.extend(terms.cell(left));
        tuple
    };
    cs.send(ORDER, &tuple(&born, terms.lots.var()), enable.var());
    cs.receive(ORDER, &tuple(&at, &left), enable.var());

    // Fill-or-kill: all or nothing (PLC-7).
    let fok = &terms.flags[3];
    let left_if_fok = cs.product(fok.var(), &left);
    let left_if_fok = cs.product(enable.var(), &left_if_fok);
    cs.enforce("PLC-7", &left_if_fok, &(terms.lots.var() - &left), &Var::<Committed>::zero());
    let nothing_left = crate::gadgets::int::is_zero(cs, &left);
    let may_rest = at_once.not().and(cs, enable);
    let rests = nothing_left.not().and(cs, &may_rest);
    let rest = [id, terms.leaf_word(), left];
    cs.send(REST, &rest, rests.var());
}
