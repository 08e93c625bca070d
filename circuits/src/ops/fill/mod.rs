//! Fill: two orders trade at the maker's limit.
//!
//! - **Moves**: `left` of both orders; collateral and position of both accounts; open interest; fees
//!   to the pending fees.
//! - **Needs**: opposite sides of one open market; both alive and not expired; the maker's limit is not
//!   worse than the taker's; both accounts may change so.
//! - **Signs**: both orders were signed when placed.
//! - **Rejects**, in order: `ZeroLots`, `MarketMismatch`, `SameSide`, `MarketNotOpen`, `TakerExpired`,
//!   `MakerExpired`, `TakerExceedsLeft`, `MakerExceedsLeft`, `SelfTrade`, `PostOnlyTakes`,
//!   `LimitNotMet`, `FeeAboveSigned` (taker, maker), `QuoteRange`; then the taker's and then the
//!   maker's account: `WrongMarketForMode`, `PositionTooLarge`, `EntryQuoteRange`, `CollateralRange`,
//!   `ReduceOnly`, `BelowInitialMargin`, `MaintenanceRises`, `RatioFalls`, `CollateralRange` after the
//!   fee; `OpenInterestRange`, `FeesRange`. The executor, before:
//!   `UnknownOrder`, `UnknownMarket`; after: `NoFreeSlot` (taker, maker).
//! - **Rounds**: fees up, against the payer; entry quotes so that `K` never rises.
//! - **Cells**: the taker's order, header, position at 16T, 16T + 1, 16T + 2; the maker's at 16T + 3, 4, 5;
//!   open interest at 16T + 6, fees at 16T + 7.
//!
//! `quote = lots·limit·tick_quote` with the maker's limit, `Δ = lots·lot`. Owners are the same if
//! their keys have the same x: an honest key has no partner with the same x in the prime subgroup.

pub(crate) mod circuit;
#[cfg(test)]
mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

use super::{MarketEntry, OrderLeg};
use crate::state::OrderId;
pub use circuit::{FillRecord, FillTouches, LegTouches};
pub use native::{apply, reduce_only, trade_leg, traded_open_interest};

/// A match that the operator found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    pub taker: OrderId,
    pub maker: OrderId,
    pub lots: u64,
}

/// Cells of a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillCells {
    pub taker: OrderLeg,
    pub maker: OrderLeg,
    pub entry: MarketEntry,
    pub open_interest: u64,
    /// Pending fees, quote quanta.
    pub fees: u64,
}

/// What was paid, quote quanta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillAmounts {
    pub quote: u64,
    pub taker_fee: u64,
    pub maker_fee: u64,
}
