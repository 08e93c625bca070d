//! Liquidate: part of a position below maintenance is closed, no more than needed.
//!
//! - **Moves**: position and collateral of the account and of the taker; open interest; the fee to the
//!   market's insurance pool.
//! - **Needs**: `0 <= TV`, `M·TV < MMR`; a quote between the zero price and the oracle price; one lot
//!   less would not have restored the requirement. The taker is the market's pool, which must end
//!   healthy, or an order on the other side within its limit, which pays no fee.
//! - **Signs**: the taker's order was signed when placed; the pool has no say.
//! - **Rejects**, in order: `ZeroLots`, `MarketNotOpen`, `PriceTooOld`, `NoPosition`, `ExceedsPosition`, `Bankrupt`,
//!   `NotLiquidatable`; for an order: `MarketMismatch`, `SameSide`, `TakerExpired`,
//!   `TakerExceedsLeft`, `LimitNotMet`; `SelfTrade`, `OrderVoid`, `QuoteRange`, `QuoteBeyondZeroPrice`,
//!   `QuoteBeyondOraclePrice`; the account: `EntryQuoteRange`, `CollateralRange`, `OverLiquidation`;
//!   the taker: `WrongMarketForMode`, `PositionTooLarge`, `EntryQuoteRange`, `CollateralRange`, then
//!   `PoolBelowInitialMargin` or `ReduceOnly`, `BelowInitialMargin`, `MaintenanceRises`, `RatioFalls`;
//!   `OpenInterestRange`; the pool's `CollateralRange` for the fee. The executor, before:
//!   `UnknownMarket`, `UnknownOrder`, `UnknownAccount`; after: `ModeChanging`, `NoFreeSlot` of the taker.
//! - **Rounds**: the zero quote and the fee's bound so that the account's ratio never falls.
//! - **Cells**: the account's header and position at 16T, 16T + 1; the taker's order, header, position at
//!   16T + 2, 3, 4; the pool's header, for the fee, at 16T + 5 (also if the pool is the taker); open
//!   interest at 16T + 6.
//!
//! With s the sign of the position: `Z = p - s·floor(p·d/U)`, `d = floor(U·mmf·TV/MMR)`,
//! `Q_Z = ceil(x·Z/U)` for a long (floor for a short), `s·(Q - Q_Z) >= 0`, and `Q <= ceil(x·p/U)` for
//! a long, `Q >= floor(x·p/U)` for a short. `fee = min(ceil(Q·φ/M), s·(Q - Q_Z))`. The step of the size
//! rule is one lot; when the whole position goes, it is the minimum order (or all, if less is held),
//! because a smaller remainder could not be traded.

mod cells;
pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
mod record;
#[cfg(test)]
mod tests;

use super::{Leg, MarketEntry};
use crate::gadgets::word::Layout;
use crate::params::{
    ACCOUNT_BITS, LOTS_BITS, MARKET_BITS, ORDER_BITS, QUOTE_BITS, REQUIREMENT_BITS, SIZE_BITS,
    TOTAL_VALUE_BITS,
};
use crate::state::{AccountId, MarketId, Order, OrderId};
pub use native::{apply, credit_pool};
pub use record::{LiquidateRecord, LiquidateTouches};

/// What a batch publishes of a liquidation, first: who and how much. `order` is the taker's order, 0 if the pool
/// takes; `short` says which way the position went.
pub const LIQUIDATION_FIRST: Layout<7> = Layout::new(
    "liquidation element 1",
    [
        ("account", ACCOUNT_BITS),
        ("taker", ACCOUNT_BITS),
        ("order", ORDER_BITS),
        ("market", MARKET_BITS),
        ("short", 1),
        ("lots", LOTS_BITS),
        ("quote", QUOTE_BITS),
    ],
)
.published();

/// Second: the account's value before, scale U, not negative, and its initial requirement before, scale `U·M`.
pub const LIQUIDATION_SECOND: Layout<2> =
    Layout::new("liquidation element 2", [("value", TOTAL_VALUE_BITS), ("initial", REQUIREMENT_BITS)])
        .published();

/// Third: the maintenance requirement before, scale `U·M`, the size held before, and the fee.
pub const LIQUIDATION_THIRD: Layout<3> = Layout::new(
    "liquidation element 3",
    [("maintenance", REQUIREMENT_BITS), ("held", SIZE_BITS), ("fee", QUOTE_BITS)],
)
.published();

/// Who takes the position over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    /// The insurance pool of the market.
    Pool,
    /// A signed order of another owner.
    Order(OrderId),
}

/// A liquidation that the operator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidate {
    /// The account that is liquidated.
    pub account: AccountId,
    /// The market of the position.
    pub market: MarketId,
    /// How much of the position is closed: at least 1, at most all.
    pub lots: u64,
    /// Quote quanta for all of the lots, below 2^63.
    pub quote: u64,
    /// Who takes over.
    pub taker: Taker,
}

/// Cells of a liquidation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidateCells {
    /// The account that is liquidated.
    pub account: Leg,
    /// The pool, or the account of the taker's order.
    pub taker: Leg,
    /// The taker's order; `None` if the pool takes.
    pub order: Option<Order>,
    /// The market of the position.
    pub entry: MarketEntry,
    /// `Σ |b|` of the market, base quanta.
    pub open_interest: u64,
}
