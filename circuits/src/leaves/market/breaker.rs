//! The breaker: what becomes of a price beyond the band, and what keeps a market still or halts it.
//! Spec: state-market.md#breaker

use ark_bn254::Fr;

use super::quotes::{Opened, Sides};
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, honest_division};
use crate::gadgets::range::enforce_nonnegative;
use crate::params::*;

/// What a tick makes of the market's price; as before without one.
pub(super) struct Broken {
    pub price: Int,
    pub beyond: Sides,
    pub cut_at: Int,
}

/// The price asked for, or the furthest that the tick may bring on its side.
pub(super) fn price(cs: &mut Cs<'_>, row: &Opened<'_>, ticks: &Bit, [asked, observed]: [&Int; 2]) -> Broken {
    let old = row.old;
    let ends = ends(&mut cs.check("MKT-5"), row, asked);
    let cs = &mut cs.check("MKT-33");
    let furthest = furthest(cs, row, &ends, observed);
    let further = ends.outward(cs, asked, &furthest).add_constant(-1).is_nonnegative(cs);
    let cut = further.and(cs, &ends.sides.any());
    let got = cut.select(cs, &furthest, asked);
    let price = ticks.select(cs, &got, &old.price);
    let cut = cut.and(cs, ticks);
    let cut_at = cut.select(cs, observed, &old.cut_at);
    let cs = &mut cs.check("MKT-5");
    let Sides { above, below } = &ends.sides;
    let [above, below] = [(above, &old.beyond.above), (below, &old.beyond.below)]
        .map(|(now, before)| Bit::new_unchecked(ticks.select_var(cs, now.var(), before.var())));
    Broken {
        // The one before, the one asked for, or one between these.
        price: Int::new_unchecked(price.var().clone(), PRICE_BITS),
        beyond: Sides { above, below },
        cut_at: Int::new_unchecked(cut_at.var().clone(), TIME_BITS),
    }
}

/// Where an asked price lies around the band.
struct Ends {
    sides: Sides,
    /// The end on its side; inside the band the lower one.
    nearer: Int,
}

impl Ends {
    /// How much further out on that side a price is than another.
    fn outward(&self, cs: &mut Cs<'_>, price: &Int, than: &Int) -> Int {
        self.sides.above.select(cs, &price.sub(than), &than.sub(price))
    }
}

/// The band, and on which side of it the asked price lies.
fn ends(cs: &mut Cs<'_>, row: &Opened<'_>, asked: &Int) -> Ends {
    let price = &row.old.price;
    let reach = reach(cs, price, &row.fixed.band);
    let (low, high) = (price.sub(&reach), price.add(&reach));
    let above = asked.sub(&high).add_constant(-1).is_nonnegative(cs);
    let below = low.sub(asked).add_constant(-1).is_nonnegative(cs);
    let nearer = above.select(cs, &high, &low);
    Ends { sides: Sides { above, below }, nearer }
}

/// The nearer end, or the price that the last tick asked for, if it lies beyond that end and is recent.
fn furthest(cs: &mut Cs<'_>, row: &Opened<'_>, ends: &Ends, observed: &Int) -> Int {
    let old = row.old;
    let left = old.last_tick.add_constant(CONFIRMS_FOR as i128).sub(observed);
    let recent = left.is_nonnegative(cs);
    let confirms = recent.select(cs, &old.asked, &old.price);
    let wider = ends.outward(cs, &confirms, &ends.nearer).is_nonnegative(cs);
    wider.select(cs, &confirms, &ends.nearer)
}

/// `floor(p·β/M)`.
///
/// Advice: the quotient, unique since the remainder is in `[0, M)`; the caller's compares range `asked - p ± reach`, so
/// that nothing wraps.
fn reach(cs: &mut Cs<'_>, price: &Int, band: &Int) -> Int {
    let whole = price.mul(cs, band);
    let of = Int::constant(M);
    let quotient = cs.hint("market.reach", honest_division(&whole.value(), &of.value(), false));
    let remainder = whole.var() - &quotient.scale(Fr::from(M as u64));
    enforce_nonnegative(cs, &remainder, FRACTION_BITS);
    enforce_nonnegative(cs, &(of.var() - &remainder).add_constant(-Fr::from(1u64)), FRACTION_BITS);
    Int::new_unchecked(quotient, PRICE_BITS)
}

/// Whether fills only reduce: beyond the band, cut or observed too long ago, in arrears, or not open.
pub(super) fn still(
    cs: &mut Cs<'_>,
    row: &Opened<'_>,
    beyond: &Sides,
    in_arrears: &Bit,
    [time, last_tick, cut_at]: [&Int; 3],
) -> Bit {
    let cs = &mut cs.check("MKT-25");
    let settled = cut_at.add_constant(STILL_AFTER_CUT as i128).sub(time);
    let just_cut = settled.add_constant(-1).is_nonnegative(cs);
    let aged = older(cs, [time, last_tick], &row.fixed.still_age);
    let closed = row.open.not();
    let any = beyond.any();
    let reasons = [any.var(), just_cut.var(), aged.var(), in_arrears.var(), closed.var()];
    let sum = reasons[1..].iter().fold(reasons[0].clone(), |sum, reason| &sum + *reason);
    Int::new_unchecked(sum, 3).is_zero(cs).not()
}

/// Whether the price is older than an age at that time.
pub(super) fn older(cs: &mut Cs<'_>, [time, last_tick]: [&Int; 2], age: &Int) -> Bit {
    time.sub(last_tick).sub(age).add_constant(-1).is_nonnegative(cs)
}
