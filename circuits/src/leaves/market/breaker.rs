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

/// The price asked for, or the nearer end of the band where it is beyond and the last tick was not, on the same side.
pub(super) fn price(cs: &mut Cs<'_>, row: &Opened<'_>, ticks: &Bit, [asked, observed]: [&Int; 2]) -> Broken {
    let cs = &mut cs.check("MKT-5");
    let old = row.old;
    let reach = reach(cs, &old.price, &row.fixed.band);
    let (low, high) = (old.price.sub(&reach), old.price.add(&reach));
    let above = asked.sub(&high).add_constant(-1).is_nonnegative(cs);
    let below = low.sub(asked).add_constant(-1).is_nonnegative(cs);
    let confirmed =
        [(&above, &old.beyond.above), (&below, &old.beyond.below)].map(|(now, before)| now.and(cs, before));
    let cut = [(&above, &confirmed[0]), (&below, &confirmed[1])]
        .map(|(now, confirmed)| now.var() - confirmed.var());
    let cut = Bit::new_unchecked(&cut[0] + &cut[1]);

    let end = above.select(cs, &high, &low);
    let got = cut.select(cs, &end, asked);
    let price = ticks.select(cs, &got, &old.price);
    let cut = cut.and(cs, ticks);
    let cut_at = cut.select(cs, observed, &old.cut_at);
    let [above, below] = [(&above, &old.beyond.above), (&below, &old.beyond.below)]
        .map(|(now, before)| Bit::new_unchecked(ticks.select_var(cs, now.var(), before.var())));
    Broken {
        // An end lies between two prices: the one before and the one asked for.
        price: Int::new_unchecked(price.var().clone(), PRICE_BITS),
        beyond: Sides { above, below },
        cut_at: Int::new_unchecked(cut_at.var().clone(), TIME_BITS),
    }
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
