//! Prices, fee and size of a liquidation, on variables.

use ark_bn254::Fr;
use num_bigint::{BigInt, Sign};

use super::{Change, HeaderVar, trading_fee};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, honest_division, signed_to_fr};
use crate::gadgets::range::{enforce_nonnegative, enforce_range};
use crate::gadgets::var::{Var, power_of_two};
use crate::params::{
    FRACTION_BITS, LIQUIDATION_FEE_PARTS, M, PRICE_BITS, PRICE_SCALE_BITS, QUOTE_BITS, REQUIREMENT_BITS,
    SIZE_BITS, U,
};
use crate::reject::Reject;

/// Bits of a quote at a price below `2p`: `|b|·2p/U`, with room for a sign and a rounding.
const ZERO_QUOTE_BITS: u32 = SIZE_BITS + PRICE_BITS + 1 - PRICE_SCALE_BITS + 1;

/// Bits of d, whole limbs of at most 16 bits: 32 for an honest one.
const DISTANCE_BITS: u32 = PRICE_SCALE_BITS + 16;

/// A position that is closed in part: oracle price, slope of what remains (ppm), side.
#[derive(Clone, Copy, Debug)]
pub struct ClosedFrom<'a> {
    pub price: &'a Int,
    pub slope: &'a Int,
    pub short: &'a Bit,
}

/// The zero price `Z = p - s·floor(p·d/U)`, `d = floor(U·m·TV/MMR)`, `m` the slope of what remains. Needs `M·TV < MMR` in an enabled
/// row, which the caller has checked, and proves `TV >= 0`, as fractions are not 0.
///
/// - Advice: d and its remainder, unique as the remainder is below MMR and d below 2^48; the low 32
///   bits of p·d, unique as the quotient is ranged. In padding rows MMR counts one more.
/// - Cost: 36 at 13 bits per limb.   Spec: margin-circuit.md#zero-price
pub fn zero_price(cs: &mut Cs<'_>, header: &HeaderVar, position: &ClosedFrom<'_>, enable: &Bit) -> Int {
    let ClosedFrom { price, slope, short } = position;
    let distance = zero_distance(&mut cs.check("ZERO-1"), header, slope, enable);
    let cs = &mut cs.check("ZERO-2");
    let product = price.mul(cs, &distance);
    let step = by_price_scale(cs, &product);
    enforce_nonnegative(cs, step.var(), PRICE_BITS);
    let signed = cs.product(short.sign().var(), step.var());
    // A long's is between 0 and p, a short's below 2p.
    Int::new_unchecked(price.var() - &signed, PRICE_BITS + 1)
}

/// `d = floor(U·m·TV/MMR)`.
fn zero_distance(cs: &mut Cs<'_>, header: &HeaderVar, slope: &Int, enable: &Bit) -> Int {
    let scaled = header.total_value().mul(cs, slope).shift(PRICE_SCALE_BITS);
    let of = header.maintenance.var() + enable.not().var();
    let distance =
        cs.hint("zero_price.distance", honest_division(&scaled.value(), &header.maintenance.value(), false));
    // d < U·m/M <= 2^32.
    enforce_nonnegative(cs, &distance, PRICE_SCALE_BITS);
    let remainder = scaled.var() - &cs.product(&distance, &of);
    enforce_nonnegative(cs, &remainder, REQUIREMENT_BITS + 1);
    enforce_nonnegative(cs, &(&of - &remainder).add_constant(-Fr::from(1u64)), REQUIREMENT_BITS + 1);
    Int::new_unchecked(distance, DISTANCE_BITS)
}

/// The quote of `size` base quanta at `price`: ceil for a long, floor for a short.
///
/// - Advice: the low 32 bits of the product. The caller compares the quote within a range, and so
///   proves that it is an integer: then the bits are unique.
/// - Cost: 5 at 13 bits per limb.   Spec: margin-circuit.md#zero-price
pub fn zero_quote(cs: &mut Cs<'_>, price: &Int, size: &Int, short: &Bit) -> Int {
    let cs = &mut cs.check("ZERO-3");
    let product = price.mul(cs, size);
    let up = short.not().int().scale((U - 1) as u64);
    let rounded = Int::new_unchecked(product.var() + up.var(), product.bits() + 1);
    let quote = by_price_scale(cs, &rounded);
    Int::new_unchecked(quote.var().clone(), ZERO_QUOTE_BITS)
}

/// `value / U` without its low 32 bits, which are advice. An integer if the caller ranges it.
fn by_price_scale(cs: &mut Cs<'_>, value: &Int) -> Int {
    let honest = value.value();
    let low = if honest.sign() == Sign::Minus { BigInt::ZERO } else { honest % U };
    let low = cs.hint("zero_price.low_bits", signed_to_fr(&low));
    enforce_range(cs, &low, PRICE_SCALE_BITS);
    let inverse = Cs::inverse_or_zero(power_of_two(PRICE_SCALE_BITS));
    let quotient = (value.var() - &low).scale(inverse);
    Int::new_unchecked(quotient, value.bits() - PRICE_SCALE_BITS + 1)
}

/// `min(ceil(Q·φ/M), room)` with `room = s·(Q - Q_Z) >= 0`. Cost: 15 at 13 bits per limb.
pub fn liquidation_fee(cs: &mut Cs<'_>, quote: &Int, fee: &Int, room: &Int) -> Int {
    let whole = trading_fee(cs, quote, fee, &Int::zero()).amount;
    // Compared within a range, so the whole fee is an integer below 2^252/M.
    let fits = room.sub(&whole).is_nonnegative(cs);
    let fee = fits.select(cs, &whole, room);
    // Not above the whole fee.
    Int::new_unchecked(fee.var().clone(), QUOTE_BITS)
}

/// `min(φ, floor(m/6))`, ppm: the rate of a liquidation's fee where the slope is m.
///
/// Advice: the quotient, unique as the remainder is in `[0, 6)`; the compare ranges it, so that nothing wraps.
///   Spec: margin-circuit.md#liquidation-fee
pub fn liquidation_rate(cs: &mut Cs<'_>, listed: &Int, slope: &Int) -> Int {
    let cs = &mut cs.check("LFEE-1");
    let parts = BigInt::from(LIQUIDATION_FEE_PARTS);
    let most = cs.hint("liquidation.most", honest_division(&slope.value(), &parts, false));
    let remainder = slope.var() - &most.scale(Fr::from(LIQUIDATION_FEE_PARTS));
    let below = &Var::constant(Fr::from(LIQUIDATION_FEE_PARTS - 1)) - &remainder;
    for distance in [&remainder, &below] {
        enforce_nonnegative(cs, distance, 3);
    }
    let most = Int::new_unchecked(most, FRACTION_BITS);
    let below = most.sub(listed).is_nonnegative(cs);
    let rate = below.select(cs, listed, &most);
    Int::new_unchecked(rate.var().clone(), FRACTION_BITS)
}

/// A size that is liquidated, and the same less one step; what the position requires at first, and less that.
#[derive(Clone, Copy, Debug)]
pub struct LiquidatedSize<'a> {
    pub size: &'a Int,
    pub less: &'a Int,
    /// `R(|b|)`.
    pub required: &'a Int,
    /// `R(|b| - less)`.
    pub required_less: &'a Int,
}

/// One step less would not have reached the requirement; see the native half.
///
/// Error: `OverLiquidation`. Cost: 17 at 13 bits per limb.
///   Spec: margin-circuit.md#not-over
pub fn require_not_over(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    headers: Change<&HeaderVar>,
    sizes: LiquidatedSize<'_>,
) {
    let LiquidatedSize { size, less, required, required_less } = sizes;
    let value = headers.before.total_value();
    let loss = value.sub(&headers.after.total_value());
    let kept = value.mul(cs, size).sub(&loss.mul(cs, less)).scale(M as u64);
    let left = headers.before.maintenance.sub(required).add(required_less);
    let left = Int::new_unchecked(left.var().clone(), REQUIREMENT_BITS);
    let short = left.mul(cs, size).sub(&kept);
    let short = short.sub(&checks.enable().int());
    checks.require_nonnegative_always(cs, Reject::OverLiquidation, &short);
}
