//! Business reasons why an op may not happen. One flat list, stable codes, shared by both halves.
//!
//! The native half refuses with a [`Refusal`]: the reason, the check and the two sides that it compared.
//! Its rules are written as [`Check`]s.

use thiserror::Error;

mod check;
mod quantity;
mod refusal;
#[cfg(test)]
pub(crate) mod tests;

pub use check::Check;
pub use quantity::Quantity;
pub use refusal::{Refusal, Relation, Unit};

/// Why an op is refused. The discriminant is the stable code; codes are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Error)]
#[repr(u16)]
pub enum Reject {
    // Cells.
    #[error("unknown account")]
    UnknownAccount = 1,
    #[error("unknown market")]
    UnknownMarket = 2,
    #[error("unknown or dead order")]
    UnknownOrder = 3,
    #[error("no position in this market")]
    NoPosition = 4,
    #[error("no free position slot")]
    NoFreeSlot = 5,
    #[error("isolated account of another market")]
    WrongMarketForMode = 6,
    // Ranges.
    #[error("collateral leaves its range")]
    CollateralRange = 20,
    #[error("entry quote leaves its range")]
    EntryQuoteRange = 21,
    #[error("traded quote leaves its range")]
    QuoteRange = 22,
    #[error("position exceeds the market's maximum size")]
    PositionTooLarge = 23,
    #[error("open interest leaves its range")]
    OpenInterestRange = 24,
    #[error("funding index leaves its range")]
    FundingIndexRange = 25,
    #[error("amount is zero or leaves its range")]
    AmountRange = 26,
    #[error("a field of a signed item or action is wider than its place")]
    FieldRange = 27,
    #[error("size in lots is zero")]
    ZeroLots = 28,
    #[error("fee ledger leaves its range")]
    FeesRange = 29,
    // Tick.
    #[error("oracle price is zero or above the market's maximum")]
    PriceRange = 40,
    #[error("funding rate exceeds the market's cap")]
    RateAboveCap = 41,
    #[error("ticks come before every other op")]
    TickTooLate = 42,
    #[error("the market had its tick in this batch")]
    TickTwice = 43,
    // Deposit.
    #[error("owner key differs from the account's")]
    OwnerMismatch = 50,
    #[error("mode differs from the account's")]
    ModeMismatch = 51,
    #[error("owner key is not a valid point")]
    InvalidOwner = 52,
    // Action.
    #[error("nonce is not above the last one")]
    NonceTooLow = 60,
    #[error("nonce is too far above the last one")]
    NonceTooHigh = 61,
    #[error("a strict action needs the next nonce")]
    NonceNotNext = 62,
    #[error("signature does not verify")]
    BadSignature = 63,
    #[error("a single order belongs to the order lane")]
    WrongLane = 64,
    #[error("an action without items, or with too many")]
    ItemCount = 65,
    // Place and cancel.
    #[error("order below the market's minimum")]
    BelowMinimumOrder = 70,
    #[error("limit price is zero")]
    ZeroLimit = 71,
    #[error("order has expired")]
    OrderExpired = 72,
    #[error("flags contradict each other")]
    BadFlags = 73,
    #[error("order of another account")]
    NotOrderOwner = 74,
    #[error("order ids are used up")]
    OrderIdsExhausted = 75,
    #[error("a fill-or-kill order filled in part cannot be cancelled")]
    FillOrKill = 76,
    // Fill.
    #[error("orders of different markets")]
    MarketMismatch = 80,
    #[error("orders on the same side")]
    SameSide = 81,
    #[error("market is not open")]
    MarketNotOpen = 82,
    #[error("taker order has expired")]
    TakerExpired = 83,
    #[error("maker order has expired")]
    MakerExpired = 84,
    #[error("taker order has less left")]
    TakerExceedsLeft = 85,
    #[error("maker order has less left")]
    MakerExceedsLeft = 86,
    #[error("both sides have the same owner")]
    SelfTrade = 87,
    #[error("a post-only order may not take")]
    PostOnlyTakes = 88,
    #[error("price is worse than the taker's limit")]
    LimitNotMet = 89,
    #[error("fee exceeds what the order allows")]
    FeeAboveSigned = 90,
    #[error("a reduce-only order would grow or flip a position")]
    ReduceOnly = 91,
    // Margin.
    #[error("below the initial margin with a growing position")]
    BelowInitialMargin = 100,
    #[error("maintenance requirement would rise")]
    MaintenanceRises = 101,
    #[error("margin ratio would fall")]
    RatioFalls = 102,
    #[error("unrealised profit may not leave")]
    UnrealisedProfit = 103,
    // Transfer.
    #[error("transfer to the same account")]
    SelfTransfer = 110,
    // Liquidation.
    #[error("account is bankrupt: not for liquidation")]
    Bankrupt = 120,
    #[error("account meets its maintenance requirement")]
    NotLiquidatable = 121,
    #[error("liquidation exceeds the position")]
    ExceedsPosition = 122,
    #[error("quote is worse than the zero price")]
    QuoteBeyondZeroPrice = 123,
    #[error("quote is better than the oracle price")]
    QuoteBeyondOraclePrice = 124,
    #[error("liquidates more than needed")]
    OverLiquidation = 125,
    #[error("pool would fall below its initial margin")]
    PoolBelowInitialMargin = 126,
    #[error("account ids are used up")]
    AccountIdsExhausted = 127,
    // Set leverage.
    #[error("leverage limit above the whole")]
    LeverageRange = 130,
    #[error("the account's leverage limit was set in this batch")]
    LeverageTwice = 131,
}

impl Reject {
    /// The stable code.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The name of the variant, as in test vectors and the spec. Where people read it, it stands with its
    /// sentence: [`Reject::described`].
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// The sentence, and in brackets the name and the code: what programs print.
    pub fn described(self) -> String {
        format!("{self} ({}, {})", self.name(), self.code())
    }
}
