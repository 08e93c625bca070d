//! Fill: two orders trade at the maker's limit.
//!
//! - **Moves**: `left` and `fee_carry` of both orders; collateral and position of both accounts; open interest; fees
//!   to the pending fees.
//! - **Needs**: opposite sides of one open market; both alive and not expired; the maker's limit is not
//!   worse than the taker's; both accounts may change so.
//! - **Signs**: both orders were signed when placed.
//! - **Rejects**, in order: `ZeroLots`, `MarketMismatch`, `SameSide`, `MarketNotOpen`, `PriceTooOld`, `TakerExpired`,
//!   `MakerExpired`, `TakerExceedsLeft`, `MakerExceedsLeft`, `SelfTrade`, `OrderVoid` (taker, maker), `PostOnlyTakes`,
//!   `LimitNotMet`, `FeeAboveSigned` (taker, maker), `QuoteRange`; then the taker's and then the
//!   maker's account: `WrongMarketForMode`, `PositionTooLarge`, `EntryQuoteRange`, `CollateralRange`,
//!   `ReduceOnly`, `MarketStill`, `BelowInitialMargin`, `MaintenanceRises`, `RatioFalls`, `CollateralRange`
//!   after the fee; `OpenInterestRange`, `OpenInterestCap`, `FeesRange`. The executor, before:
//!   `UnknownOrder`, `UnknownMarket`; after: `ModeChanging`, `NoFreeSlot` (taker, maker).
//! - **Rounds**: fees up, against the payer; what that adds is carried to the order's next fill, so that all fills
//!   together round once; entry quotes so that `K` never rises.
//! - **Cells**: the taker's order, header, position at 16T, 16T + 1, 16T + 2; the maker's at 16T + 3, 4, 5;
//!   open interest at 16T + 6, fees at 16T + 7.
//!
//! `quote = lots·limit·tick_quote` with the maker's limit, `Δ = lots·lot`. Owners are the same if
//! their keys have the same x: an honest key has no partner with the same x in the prime subgroup.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

use super::{MarketEntry, OrderLeg};
use crate::state::OrderId;
pub use circuit::{FillRecord, FillTouches, LegTouches};
pub use native::apply;
pub(crate) use native::{reduce_only, trade_leg, traded_open_interest};

/// A match that the operator found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The order that takes; it pays the taker's fee.
    pub taker: OrderId,
    /// The order whose limit is the price; it pays the maker's fee.
    pub maker: OrderId,
    /// Number of lots, at least 1 and at most what is left of either order.
    pub lots: u64,
}

/// Cells of a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillCells {
    /// The taker's order and account.
    pub taker: OrderLeg,
    /// The maker's order and account.
    pub maker: OrderLeg,
    /// The market of both orders.
    pub entry: MarketEntry,
    /// `Σ |b|` of the market, base quanta.
    pub open_interest: u64,
    /// Pending fees, quote quanta.
    pub fees: u64,
}

/// What was paid, quote quanta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillAmounts {
    /// What the buyer pays the seller, below 2^63.
    pub quote: u64,
    /// Fee at the market's rate less the order's carry, rounded up; less where the slack of the taker's legal change
    /// is less.
    pub taker_fee: u64,
    /// Fee at the market's rate less the order's carry, rounded up; less where the slack of the maker's legal change
    /// is less.
    pub maker_fee: u64,
}
