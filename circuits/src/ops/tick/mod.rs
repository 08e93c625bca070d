//! Tick: a market's oracle price and funding for the batch.
//!
//! - **Moves**: price, reference price, funding index, time of the last tick.
//! - **Needs**: comes before every other op; at most one per market and batch.
//! - **Signs**: no owner; the operator states the price inside the band and the rate inside the cap.
//! - **Rejects**, in order: `PriceRange` (zero, or above `max_price`), `RateAboveCap`,
//!   `FundingIndexRange`. The executor: `TickTooLate`, `TickTwice`, `UnknownMarket`.
//! - **Rounds**: the band inward; the index toward minus infinity.
//! - **Cells**: none. The row sends the price as asked and the rate; the market's row receives them.
//!
//! If `floor(t/W) > floor(last_tick/W)` with the window `W = 300 s`, the price in force becomes the
//! reference. The new price is the stated one clamped to
//! `ceil(ref·(M - band)/M) ..= floor(ref·(M + band)/M)`. Then
//! `F += floor(rate·p·Δt/(3600·10^9))` with the new price and `Δt = min(t - last_tick, 3600)`.

pub(crate) mod circuit;
#[cfg(test)]
mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

use crate::state::MarketId;
pub use native::apply;

/// The operator's statement for one market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// A listed market, which had no tick in this batch.
    pub market: MarketId,
    /// Oracle price, 32.32 quote quanta per base quantum, before the band.
    pub price: u64,
    /// Funding rate, 10^-9 per hour; longs pay if it is positive.
    pub rate: i32,
}
