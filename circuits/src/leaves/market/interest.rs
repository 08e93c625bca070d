//! What the open interest with which a batch begins makes of the initial fraction, and how far fills may raise it.

use ark_bn254::Fr;

use super::quotes::Opened;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, honest_division};
use crate::gadgets::range::enforce_nonnegative;
use crate::params::*;
use crate::state::market::NOTIONAL_SHIFT;

/// Bits of `(Hi - Lo)·2U`.
const SPAN_BITS: u32 = QUOTE_BITS + NOTIONAL_SHIFT;

/// What follows from open interest.
pub(super) struct Interest {
    /// The initial fraction in force.
    pub initial_fraction: Int,
    /// The most that a fill may raise `Σ |b|` to.
    pub limit: Int,
}

/// The fraction in force and the limit: the same as the native market's `initial_in_force` and
/// `open_interest_limit`.   Spec: state-market.md#interest
pub(super) fn interest(cs: &mut Cs<'_>, row: &Opened<'_>, open_interest: &Int, price: &Int) -> Interest {
    let high = &row.fixed.open_notional_high;
    let bounded = high.is_zero(&mut cs.check("MKT-20")).not();
    let highest = open_interest.add(&row.fixed.open_growth.scale(2));
    let highest = Int::new_unchecked(highest.var().clone(), OPEN_INTEREST_LIMIT_BITS);
    let share = share(&mut cs.check("MKT-20"), row, &highest, price);
    let initial_fraction = in_force(&mut cs.check("MKT-21"), row, &bounded, &share);

    let cs = &mut cs.check("MKT-22");
    let at_highest = at_highest(cs, row, price);
    let grows_less = at_highest.sub(&highest).is_nonnegative(cs);
    let limit = grows_less.select(cs, &highest, &at_highest);
    let limit = bounded.select(cs, &limit, &Int::constant(u64::MAX.into()));
    // The smaller one of two, of which one has this width.
    let limit = Int::new_unchecked(limit.var().clone(), OPEN_INTEREST_LIMIT_BITS);
    Interest { initial_fraction, limit }
}

/// `floor(Hi·2U/p)`.
///
/// Advice: the quotient, unique since the remainder is below the price; the caller's compare ranges it to 104 bits, so
/// that nothing wraps.
fn at_highest(cs: &mut Cs<'_>, row: &Opened<'_>, price: &Int) -> Int {
    let whole = row.fixed.open_notional_high.shift(NOTIONAL_SHIFT);
    // The price of an enabled row is at least 1.
    let divisor = price.var() + row.enable.not().var();
    let of = Int::new_unchecked(divisor.clone(), PRICE_BITS + 1).value();
    let quotient = cs.hint("market.at_highest", honest_division(&whole.value(), &of, false));
    let remainder = whole.var() - &cs.product(&quotient, &divisor);
    enforce_nonnegative(cs, &remainder, PRICE_BITS + 1);
    enforce_nonnegative(cs, &(&divisor - &remainder).add_constant(-Fr::from(1u64)), PRICE_BITS + 1);
    Int::new_unchecked(quotient, SPAN_BITS)
}

/// `clamp(O - Lo, 0, Hi - Lo)`, times 2U.
fn share(cs: &mut Cs<'_>, row: &Opened<'_>, highest: &Int, price: &Int) -> Int {
    let low = row.fixed.open_notional_low.shift(NOTIONAL_SHIFT);
    let span = span(row);
    let above = highest.mul(cs, price).sub(&low);
    let reaches = above.is_nonnegative(cs);
    let whole = above.sub(&span).is_nonnegative(cs);
    let part = cs.product(reaches.var(), above.var());
    let share = whole.select_var(cs, span.var(), &part);
    Int::new_unchecked(share, SPAN_BITS)
}

/// `(Hi - Lo)·2U`.
fn span(row: &Opened<'_>) -> Int {
    let span = row.fixed.open_notional_high.sub(&row.fixed.open_notional_low).shift(NOTIONAL_SHIFT);
    Int::new_unchecked(span.var().clone(), SPAN_BITS)
}

/// `imf + ceil((M - imf)·share/span)`; a market without a bound has the span 1 and the share 0.
///
/// Advice: the rise, unique since `rise·span - (M - imf)·share` is in `[0, span)`, and nothing wraps.
fn in_force(cs: &mut Cs<'_>, row: &Opened<'_>, bounded: &Bit, share: &Int) -> Int {
    let share = Int::new_unchecked(cs.product(bounded.var(), share.var()), SPAN_BITS);
    let span = bounded.select(cs, &span(row), &Int::constant(1));
    let listed = &row.fixed.initial_fraction;
    let scaled = Int::constant(M).sub(listed).mul(cs, &share);
    let rise = cs.hint("market.rise", honest_division(&scaled.value(), &span.value(), true));
    enforce_nonnegative(cs, &rise, FRACTION_BITS);
    let rise = Int::new_unchecked(rise, FRACTION_BITS);
    let excess = rise.mul(cs, &span).sub(&scaled);
    enforce_nonnegative(cs, excess.var(), SPAN_BITS);
    let below = span.sub(&excess).add_constant(-1);
    enforce_nonnegative(cs, below.var(), SPAN_BITS);
    // At most M.
    Int::new_unchecked(listed.var() + rise.var(), FRACTION_BITS)
}
