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
    /// The op names an account that neither the state nor an earlier op of the batch has.
    #[error("unknown account")]
    UnknownAccount = 1,
    /// The op names a market that is not listed, perhaps as the mode of a new account.
    #[error("unknown market")]
    UnknownMarket = 2,
    /// The op names an order that neither the state nor an earlier op of the batch has, or a cancel
    /// names one of which nothing is left.
    #[error("unknown or dead order")]
    UnknownOrder = 3,
    /// The account of a liquidation has no position in the market.
    #[error("no position in this market")]
    NoPosition = 4,
    /// A trade opens a position, and other markets take all 16 slots of the cross account. A slot that
    /// a batch has used for a market stays that market's until the batch ends.
    #[error("no free position slot")]
    NoFreeSlot = 5,
    /// An isolated account would trade in another market than its own.
    #[error("isolated account of another market")]
    WrongMarketForMode = 6,
    // Ranges.
    /// The collateral of an account would leave `-2^63..2^63` quote quanta: after a payment, or when
    /// its funding is settled.
    #[error("collateral leaves its range")]
    CollateralRange = 20,
    /// The entry quote of a position would be 2^63 quote quanta or more.
    #[error("entry quote leaves its range")]
    EntryQuoteRange = 21,
    /// The quote of a trade is 2^63 quote quanta or more: `lots · limit · tick_quote` of a fill, or
    /// what a liquidation states.
    #[error("traded quote leaves its range")]
    QuoteRange = 22,
    /// The position after a trade would be larger than the market's `max_size`, base quanta.
    #[error("position exceeds the market's maximum size")]
    PositionTooLarge = 23,
    /// The open interest of the market would be 2^64 base quanta or more.
    #[error("open interest leaves its range")]
    OpenInterestRange = 24,
    /// The funding index after a tick would leave `-2^95..2^95`, 32.32.
    #[error("funding index leaves its range")]
    FundingIndexRange = 25,
    /// The amount of a deposit, a withdrawal or a transfer is zero, or 2^63 quote quanta or more.
    #[error("amount is zero or leaves its range")]
    AmountRange = 26,
    /// A field of an item, or the account or the nonce of an action, has more bits than its place in
    /// the signed message.
    #[error("a field of a signed item or action is wider than its place")]
    FieldRange = 27,
    /// A fill or a liquidation states zero lots.
    #[error("size in lots is zero")]
    ZeroLots = 28,
    /// The pending fees of the batch would be 2^63 quote quanta or more.
    #[error("fee ledger leaves its range")]
    FeesRange = 29,
    // Tick.
    /// A tick states the price zero, or one above the market's `max_price`. A price outside of the
    /// band is no reason: the tick clamps it.
    #[error("oracle price is zero or above the market's maximum")]
    PriceRange = 40,
    /// A tick states a funding rate whose magnitude is above the market's `funding_cap`, 10^-9 per hour.
    #[error("funding rate exceeds the market's cap")]
    RateAboveCap = 41,
    /// A tick comes after an op of another kind.
    #[error("ticks come before every other op")]
    TickTooLate = 42,
    /// A second tick of the batch names the same market.
    #[error("the market had its tick in this batch")]
    TickTwice = 43,
    // Deposit.
    /// A deposit names an account with another key than the queue's entry.
    #[error("owner key differs from the account's")]
    OwnerMismatch = 50,
    /// A deposit names an account with another mode than the queue's entry.
    #[error("mode differs from the account's")]
    ModeMismatch = 51,
    /// The key of a new account, or a new key, is not on the curve, or is one of the eight points of small order.
    #[error("owner key is not a valid point")]
    InvalidOwner = 52,
    // Action.
    /// The nonce of an action is not above the last one of its lane.
    #[error("nonce is not above the last one")]
    NonceTooLow = 60,
    /// The nonce of an action is more than 2^20 above the last one of its lane.
    #[error("nonce is too far above the last one")]
    NonceTooHigh = 61,
    /// The nonce of a strict action is not the last one of its lane plus one.
    #[error("a strict action needs the next nonce")]
    NonceNotNext = 62,
    /// The owner's EdDSA-Poseidon signature does not verify for the message of the action.
    #[error("signature does not verify")]
    BadSignature = 63,
    /// An action of one order and nothing else uses the cancel lane.
    #[error("a single order belongs to the order lane")]
    WrongLane = 64,
    /// An action has no items, or more than fit 65,535 chunks of four.
    #[error("an action without items, or with too many")]
    ItemCount = 65,
    // Place and cancel.
    /// A new order has fewer lots than the market's `min_lots`; a reduce-only order needs one lot.
    #[error("order below the market's minimum")]
    BelowMinimumOrder = 70,
    /// A new order has a limit of zero ticks.
    #[error("limit price is zero")]
    ZeroLimit = 71,
    /// The expiry of a new order is before the time of the batch.
    #[error("order has expired")]
    OrderExpired = 72,
    /// A new order is post-only and also immediate-or-cancel or fill-or-kill.
    #[error("flags contradict each other")]
    BadFlags = 73,
    /// A cancel names an order of another account than the signer's.
    #[error("order of another account")]
    NotOrderOwner = 74,
    /// A new order would move the counter of order ids to 2^36.
    #[error("order ids are used up")]
    OrderIdsExhausted = 75,
    /// A cancel names a fill-or-kill order that is filled in part.
    #[error("a fill-or-kill order filled in part cannot be cancelled")]
    FillOrKill = 76,
    // Fill.
    /// The two orders of a fill are in different markets, or the taker's order of a liquidation is in
    /// another market than the liquidated position.
    #[error("orders of different markets")]
    MarketMismatch = 80,
    /// The two orders of a fill are on one side, or the taker's order of a liquidation is on the side
    /// of the closing trade.
    #[error("orders on the same side")]
    SameSide = 81,
    /// A fill or a liquidation is in a market whose status is neither `STATUS_OPEN` nor `STATUS_REDUCE_ONLY`.
    #[error("market is not open")]
    MarketNotOpen = 82,
    /// The expiry of the taker's order, in a fill or a liquidation, is before the time of the batch.
    #[error("taker order has expired")]
    TakerExpired = 83,
    /// The expiry of the maker's order is before the time of the batch.
    #[error("maker order has expired")]
    MakerExpired = 84,
    /// A fill or a liquidation has more lots than are left of the taker's order.
    #[error("taker order has less left")]
    TakerExceedsLeft = 85,
    /// A fill has more lots than are left of the maker's order.
    #[error("maker order has less left")]
    MakerExceedsLeft = 86,
    /// The keys of both accounts of a fill or a liquidation have the same x coordinate.
    #[error("both sides have the same owner")]
    SelfTrade = 87,
    /// The taker's order of a fill is post-only.
    #[error("a post-only order may not take")]
    PostOnlyTakes = 88,
    /// The maker's limit is worse for the taker than the taker's own, or the quote of a liquidation is
    /// worse than the limit of the taker's order.
    #[error("price is worse than the taker's limit")]
    LimitNotMet = 89,
    /// The market's fee for the taker or the maker is above the `max_fee` of its order, ppm.
    #[error("fee exceeds what the order allows")]
    FeeAboveSigned = 90,
    /// A reduce-only order, in a fill or as taker of a liquidation, would grow or flip the position of
    /// its account, or open one.
    #[error("a reduce-only order would grow or flip a position")]
    ReduceOnly = 91,
    // Margin.
    /// The account would end with `M·TV < IMR`: after a trade that grows or flips its position, the
    /// whole fee paid, or after a withdrawal or a transfer.
    #[error("below the initial margin with a growing position")]
    BelowInitialMargin = 100,
    /// A trade that neither grows nor flips a position would raise the maintenance requirement, and
    /// leave the account below its initial margin.
    #[error("maintenance requirement would rise")]
    MaintenanceRises = 101,
    /// A trade that neither grows nor flips a position would lower the ratio `TV/MMR`, below zero too, and
    /// leave the account below its initial margin. Without a requirement before, it would lower TV.
    #[error("margin ratio would fall")]
    RatioFalls = 102,
    /// A withdrawal or a transfer would leave the cash without unrealised profit, `K = C + X`, negative.
    #[error("unrealised profit may not leave")]
    UnrealisedProfit = 103,
    // Transfer.
    /// A transfer names its sender as recipient.
    #[error("transfer to the same account")]
    SelfTransfer = 110,
    // Liquidation.
    /// The account of a liquidation has a negative value, `TV < 0`.
    #[error("account is bankrupt: not for liquidation")]
    Bankrupt = 120,
    /// The account of a liquidation meets its maintenance requirement, `M·TV >= MMR`.
    #[error("account meets its maintenance requirement")]
    NotLiquidatable = 121,
    /// A liquidation closes more base quanta than the position has.
    #[error("liquidation exceeds the position")]
    ExceedsPosition = 122,
    /// The quote of a liquidation is worse for the account than its zero price: less for a long, more
    /// for a short.
    #[error("quote is worse than the zero price")]
    QuoteBeyondZeroPrice = 123,
    /// The quote of a liquidation is better for the account than the oracle price: more for a long,
    /// less for a short.
    #[error("quote is better than the oracle price")]
    QuoteBeyondOraclePrice = 124,
    /// One lot less would have restored the maintenance requirement; where the whole position goes, one
    /// minimum order less.
    #[error("liquidates more than needed")]
    OverLiquidation = 125,
    /// The insurance pool that takes a position over would have `M·TV < IMR`, the liquidation fee not
    /// yet credited.
    #[error("pool would fall below its initial margin")]
    PoolBelowInitialMargin = 126,
    /// The id of a new account would be 2^36.
    #[error("account ids are used up")]
    AccountIdsExhausted = 127,
    // Set leverage.
    /// The leverage limit that an owner sets is above 1,000,000 ppm.
    #[error("leverage limit above the whole")]
    LeverageRange = 130,
    /// An earlier item of the batch set the leverage limit of the account.
    #[error("the account's leverage limit was set in this batch")]
    LeverageTwice = 131,
    // Set mode.
    /// A change of mode is of the fee account or of a pool: an account below 600.
    #[error("the mode of a reserved account does not change")]
    ReservedAccount = 132,
    /// The old and the new mode of an account are both cross, or both isolated.
    #[error("exactly one of the old and the new mode must be cross")]
    ModePath = 133,
    /// An account whose mode should change has a position, or traded in this batch.
    #[error("an account that changes its mode may have no position, nor trade in the batch")]
    NotFlat = 134,
    /// An earlier item of the batch changed the mode of the account.
    #[error("the account's mode was changed in this batch")]
    ModeTwice = 135,
    /// A fill is for an account whose mode an earlier item of the batch changed.
    #[error("an account that changes its mode may not trade in the batch")]
    ModeChanging = 136,
    // Change key.
    /// The upper part of a coordinate of a new key is that of the field's modulus: about one key of 2^117.
    #[error("new key in the last part of the field")]
    KeyRange = 140,
    /// An earlier item of the batch changed the key of the account.
    #[error("the account's key was changed in this batch")]
    KeyTwice = 141,
    /// A deposit names the key of an account whose key was once another.
    #[error("deposit to an account whose key was changed")]
    RekeyedAccount = 142,
    // Price lists.
    /// An action of a price signer that is not registered, or prices that another account signs.
    #[error("not a registered price signer")]
    NotSigner = 160,
    /// The epoch of a price list is after the batch's time.
    #[error("price list of a later epoch than the batch's time")]
    EpochAhead = 161,
    /// The price lists of a batch are of one epoch.
    #[error("price list of another epoch than the batch's")]
    EpochMismatch = 162,
    /// A price list has two words for the same markets.
    #[error("price list with two words for the same markets")]
    PricesTwice = 163,
    /// A tick states another price than the median of the signed ones.
    #[error("not the median of the signed prices")]
    NotMedian = 164,
    /// A tick of a market for which no quorum of signers states a price that it may have, observed after its last tick.
    #[error("no quorum has signed a new price for the market")]
    NoQuorum = 165,
    /// A tick is the first of its market in an hour, and the batch has no lists of premiums.
    #[error("the rate of a new hour needs lists of premiums")]
    NoPremium = 166,
    /// With price signers, the rate is not the one of the hour.
    #[error("the rate is not the signed one")]
    NotSignedRate = 167,
    /// A list of premiums of a signer whose prices are not in the batch.
    #[error("premiums without the signer's prices")]
    PremiumsAlone = 168,
    // Configurations of markets.
    /// A parameter of a configuration is outside of its range.
    #[error("parameter outside of its range")]
    ParameterRange = 170,
    /// The largest position at the highest price would be worth 2^95 or more, scale U.
    #[error("the largest position at the highest price is worth too much")]
    PositionValue = 171,
    /// A tier of a market begins below the one before it, or requires less.
    #[error("a tier begins below the one before it, or requires less")]
    TierOrder = 186,
    /// Maintenance fraction, liquidation fee and taker fee of a tier together are above its initial fraction.
    #[error("fees eat the margin of a fresh position")]
    FeesEatMargin = 172,
    /// The value at which the initial fraction begins to rise is not below the one at which it is the whole.
    #[error("open interest raises the initial fraction from a value that is not below its end")]
    OpenNotional = 173,
    /// The smallest order is above the largest position.
    #[error("the smallest order is above the largest position")]
    OrdersTooLarge = 174,
    /// The cap of rates for the longest interval may cost more than a quarter of the maintenance fraction.
    #[error("funding eats the maintenance margin")]
    FundingEatsMargin = 175,
    /// The cap of rates would be below the rate in force.
    #[error("the cap of rates is below the rate in force")]
    CapBelowRate = 176,
    /// The largest size falls below what a position of the market may have: half of `Σ |b|`.
    #[error("a position may be larger than the new largest size")]
    SizeBelowPositions = 177,
    /// The liquidation fee or a maintenance fraction moves by more than a tenth and one ppm; or a tier falls below where
    /// the one under it began.
    #[error("moves by more than a tenth")]
    StepTooLarge = 178,
    /// The market's last configuration was less than 24 hours ago.
    #[error("the market was configured less than a day ago")]
    StepTooSoon = 179,
    /// Lot or tick of a market change: resting orders count in them.
    #[error("lot and tick of a market do not change")]
    LotChanges = 180,
    /// The market is closed, or would be listed as closed.
    #[error("a closed market stays closed")]
    MarketClosed = 181,
    /// A market with open interest would be closed.
    #[error("a market with open interest is not closed")]
    OpenInterestLeft = 182,
    /// A market would be halted by the age of its price while it is not still.
    #[error("halted at a younger price than still")]
    HaltedBeforeStill = 185,
    /// An earlier op of the batch configured the market.
    #[error("the market was configured in this batch")]
    ConfigureTwice = 183,
    /// A configuration with a first price is of a market that exists, or that the batch has opened.
    #[error("a market that exists is not listed")]
    MarketExists = 184,
    // Open interest.
    /// A fill raises the open interest of a market beyond what its batch may add, or beyond its bound.
    #[error("open interest beyond the market's bound")]
    OpenInterestCap = 152,
    /// The price of a fill is further from the oracle price than the market's collar.
    #[error("the price is outside of the market's collar")]
    PriceCollar = 154,
    /// An order of a fill or a liquidation is one that an earlier key of its account signed for.
    #[error("the account's key was changed after the order")]
    OrderVoid = 92,
    // Still markets.
    /// A fill opens or grows a position in a market that is still: its price or its funding is not settled.
    #[error("the market is still: fills only reduce")]
    MarketStill = 150,
    /// A fill or a liquidation is in a market whose price is older than its `halt_age`.
    #[error("the market's price is too old to trade at")]
    PriceTooOld = 153,
    /// Collateral leaves an account that held a position in a still market when it opened.
    #[error("the account holds a still market: nothing leaves it")]
    HoldsStillMarket = 151,
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
