//! Prices, fee and size of a liquidation.

use num_bigint::BigInt;

use super::{div_ceil, div_floor, requirement, trading_fee};
use crate::margin::Header;
use crate::params::{M, U};
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::{Market, Side};

/// The slope of the maintenance requirement by which `rest` base quanta that remain are judged, parts per million: of
/// their tier, the lower one on a boundary; the first one's where none remain.
pub fn liquidation_slope(market: &Market, rest: u64) -> u32 {
    market.slope(u128::from(rest) * u128::from(market.price)).maintenance_fraction
}

/// The zero price `Z = p - s·floor(p·d/U)` with `d = floor(U·m·TV/MMR)`, `m` the [`liquidation_slope`] of what
/// remains: selling all positions at their zero prices leaves nothing. Scale U. Needs `0 <= M·TV < MMR`.
///
/// `closing` is the side of the closing trade: a long (s = 1) sells.
pub fn zero_price(header: &Header, market: &Market, slope: u32, closing: Side) -> u64 {
    let numerator = BigInt::from(header.total_value()) * U * slope;
    // Below U·m/M < 2^32, because M·TV < MMR.
    let distance = u64::try_from(numerator / header.maintenance).unwrap_or(u64::MAX);
    let step = div_floor(i128::from(market.price) * i128::from(distance), U);
    // A long's zero price is not below p·(1 - m/M) > 0; a short's is below 2p.
    (i128::from(market.price) + closing.sign() * step) as u64
}

/// The quote of `size` base quanta at `price`, rounded against the taker:
/// ceil when the account sells (a long), floor when it buys (a short).
pub fn zero_quote(price: u64, size: u64, closing: Side) -> i128 {
    let exact = i128::from(price) * i128::from(size);
    match closing {
        Side::Sell => div_ceil(exact, U),
        Side::Buy => div_floor(exact, U),
    }
}

/// `min(ceil(Q·φ/M), s·(Q - Q_Z))`: never more than what the quote leaves above the zero price. φ is the market's
/// [`liquidation_rate`](crate::state::market::liquidation_rate) at the slope of what remains. Needs `s·(Q - Q_Z) >= 0`.
pub fn liquidation_fee(quote: u64, zero_quote: i128, fee: u32, closing: Side) -> u64 {
    let room = -closing.sign() * (i128::from(quote) - zero_quote);
    i128::from(trading_fee(quote, fee, 0).amount).min(room) as u64
}

/// By how much less the size rule asks whether a liquidation of `size` would have done: a lot; where the whole
/// position goes, the minimum order, at most all.
pub fn liquidation_step(market: &Market, size: u64, whole: bool) -> u64 {
    if whole { market.lot.saturating_mul(market.min_lots.into()).min(size) } else { market.lot }
}

/// A liquidation's size within the position, base quanta: `0 < step <= size <= held`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidated {
    /// `|b|` before.
    pub held: u64,
    /// What is closed.
    pub size: u64,
    /// See [`liquidation_step`].
    pub step: u64,
}

/// One step less would not have reached the requirement (target `τ = M`):
/// `M·(TV₀·x - L·(x - step)) < x·MMR(x - step)`, `L = TV₀ - TV₁` after quote and fee, and
/// `MMR(y) = MMR₀ - R(|b|) + R(|b| - y)`. Error: `OverLiquidation`.
pub fn require_not_over(
    pre: &Header,
    post: &Header,
    market: &Market,
    sizes: Liquidated,
) -> Result<(), Refusal> {
    let loss = pre.total_value() - post.total_value();
    let [value, needed] = not_over_sides(pre, loss, market, sizes);
    Check::less("LIQ-12", Reject::OverLiquidation, value, needed, Unit::RequirementSize).require()
}

/// Both sides of [`require_not_over`], with the loss `L` in place of the header after.
pub fn not_over_sides(pre: &Header, loss: i128, market: &Market, sizes: Liquidated) -> [BigInt; 2] {
    let Liquidated { held, size, step } = sizes;
    let (x, less) = (i128::from(size), i128::from(size - step));
    let of = |size: u64| requirement(market, 0, size as i64).maintenance;
    let left = pre.maintenance - of(held) + of(held - (size - step));
    let value = BigInt::from(pre.total_value()) * x - BigInt::from(loss) * less;
    [value * M, BigInt::from(left) * x]
}
