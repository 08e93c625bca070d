//! Tick: a market's oracle price and funding rate for the batch; and the funding that each opening of a market pays.
//!
//! - **Moves**: price, the price asked for and the side on which it is beyond the band, the time of the last cut, rate,
//!   the hour that set it, time of the last tick; with every opening the funding index, its remainder, the time to which
//!   funding is paid, and whether the market is still.
//! - **Needs**: comes before every other op; at most one per market and batch.
//! - **Signs**: no owner; without price signers the operator states the price, and the rate inside the cap. With price
//!   signers the price is the median of their lists, and the rate the one in force or, in a market's first tick of an
//!   hour, what follows from the median of their premiums (`signed_rate`).
//! - **Rejects**, in order: `PriceRange` (zero, or above `max_price`), `RateAboveCap`,
//!   `FundingIndexRange`. The executor: `TickTooLate`, `TickTwice`, `UnknownMarket`, `NoPremium`,
//!   `NoQuorum`, `NotMedian`, `NotSignedRate`.
//! - **Rounds**: the band inward; the index toward minus infinity.
//! - **Cells**: none. The row sends the price as asked and the rate; the market's row receives them.
//!
//! **Breaker.** The band is `p - floor(p·β/M) ..= p + floor(p·β/M)` around the price in force. A tick inside it gets the
//! price that it asks for. One beyond it gets the nearer end, or if the last tick asked for a price beyond that end, at
//! most 15 minutes before, the less extreme of the two prices. So one bad median moves a price by the band at most,
//! whatever came before, and a crash is followed from its second median on.
//!
//! The rate is the stated one, unless the market was in arrears or this opening leaves it there: the time that is owed
//! for keeps its rate.
//!
//! **Still** is a market whose last tick was beyond the band, whose price was cut less than a minute ago or is older than
//! `still_age`, that is in arrears, or that is not open. Above `halt_age` nothing is traded in it.
//!
//! Every opening of a market, with or without a tick, pays funding at the rate and the price in force after the
//! tick: `Δt = min(t - t_F, Δmax)`, `v = rate·p·2^16·Δt + ϱ`, `F += floor(v/(3600·10^9))`, ϱ the rest. If the rate
//! before was not 0 and `t - t_F > Δmax`, then `t_F += Δt` and the market is in arrears; else `t_F = t`. So nothing is
//! lost by rounding or by an interval that is cut off, and at one rate and price it is the same however often a market
//! is opened. Time at rate 0 is not owed for: a rate that follows it pays for one interval at most.

pub(crate) mod circuit;
#[cfg(test)]
mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

use crate::state::MarketId;
pub use native::{apply, crosses_hour, open, signed_rate};

/// The operator's statement for one market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// A listed market, which had no tick in this batch.
    pub market: MarketId,
    /// Oracle price, 32.32 quote quanta per base quantum, before the band.
    pub price: u64,
    /// Funding rate of the time since funding was last paid, and of the openings that follow, 10^-9 per hour; longs
    /// pay if it is positive. Of no effect on a market that is in arrears, before or after.
    pub rate: i32,
}
