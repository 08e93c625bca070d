//! What a tape consists of: markets and events in exact integer units.

use super::decimal::Decimal;
use zkmargin_circuits::params::AGE_BITS;

/// Index of a user in [`Tape::users`](super::Tape::users).
pub type User = u32;
/// Index of an order's name in [`Tape::orders`](super::Tape::orders).
pub type OrderName = u32;
/// Market id, from 1; listing `i` of the tape is market `i + 1`.
pub type Market = u16;

/// Side of an order or a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// A buy adds to the signed size of a position.
    Buy,
    /// A sell takes away from the signed size of a position.
    Sell,
}

impl Side {
    /// Gives the other side.
    pub fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

/// Role of a user in a printed trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The order of the user rested.
    Maker,
    /// The order of the user arrived later.
    Taker,
}

/// A market as the tape shows or declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Name of the market in the file.
    pub name: String,
    /// A tick is `10^-price_decimals` of the quote token.
    pub price_decimals: u32,
    /// A lot is `10^-size_decimals` of the base asset: below zero where lots are tens or thousands of units.
    pub size_decimals: i32,
    /// First known price: the oracle price until a print or a tick says otherwise.
    pub first_price: Decimal,
    /// Parameters of risk, and fees.
    pub risk: Risk,
    /// Tiers above the first, lowest first, at most eight.
    pub tiers: Vec<RiskTier>,
}

/// A tier above the first, whose margins are those of [`Risk`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskTier {
    /// Value of a position above which it holds, whole quote tokens.
    pub from: u32,
    /// Initial margin of the part above, parts per million.
    pub initial_margin: u32,
    /// Maintenance margin of the part above, parts per million.
    pub maintenance_margin: u32,
}

/// The risk parameters of a listing, in parts per million but for ages, the cap of funding and values of open interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Risk {
    /// Fraction of the notional that is the initial margin.
    pub initial_margin: u32,
    /// Fraction of the notional that is the maintenance margin.
    pub maintenance_margin: u32,
    /// Fraction of the notional that the taker pays.
    pub taker_fee: u32,
    /// Fraction of the notional that the maker pays.
    pub maker_fee: u32,
    /// Fraction of the notional of a liquidation that the insurance pool gets.
    pub liquidation_fee: u32,
    /// Largest move of the oracle price by a tick, if the last one was not beyond on the same side.
    pub band: u32,
    /// Age of a price above which fills only reduce, seconds.
    pub still_age: u32,
    /// Age of a price above which nothing is traded, seconds.
    pub halt_age: u32,
    /// Largest funding rate, in 10^-9 per hour.
    pub funding_cap: u32,
    /// Value of the open interest from which on the initial margin rises, whole quote tokens.
    pub open_interest_low: u32,
    /// Value of the open interest at which it is the whole, and its bound, whole quote tokens; 0: none.
    pub open_interest_high: u32,
    /// By how much a batch may raise the open interest, whole quote tokens at the first price.
    pub open_interest_growth: u32,
}

impl Risk {
    /// Margins of the tapes without their own: 2 % initial, 1 % maintenance, no fees, band 50 %, no funding,
    /// and prices of any age: a tape has those that it has.
    pub const TAPE: Self = Self {
        initial_margin: 20_000,
        maintenance_margin: 10_000,
        taker_fee: 0,
        maker_fee: 0,
        liquidation_fee: 0,
        band: 500_000,
        still_age: (1 << AGE_BITS) - 1,
        halt_age: (1 << AGE_BITS) - 1,
        funding_cap: 0,
        open_interest_low: 0,
        open_interest_high: 0,
        open_interest_growth: 0,
    };
}

/// The margin mode of an account, which says which account of a user is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarginMode {
    /// The money is in the cross account.
    Cross,
    /// The money is in the isolated account of a market.
    Isolated(Market),
}

impl MarginMode {
    /// The market of an isolated account.
    pub const fn market(self) -> Option<Market> {
        match self {
            Self::Cross => None,
            Self::Isolated(market) => Some(market),
        }
    }
}

/// One thing that happened, with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Place of the event in the file; [`Tape::place`](super::Tape::place) says what it counts.
    pub line: u64,
    /// Time of the event in seconds since 1970.
    pub time: u64,
    /// The event itself.
    pub what: What,
}

/// An order as its owner asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRequest {
    /// Name of the order in the file.
    pub name: OrderName,
    /// Owner of the order.
    pub user: User,
    /// Account that trades.
    pub mode: MarginMode,
    /// Market of the order.
    pub market: Market,
    /// Side of the order.
    pub side: Side,
    /// Limit price in ticks.
    pub limit: u32,
    /// Size in lots.
    pub lots: u64,
    /// Conditions and fee limit of the order.
    pub terms: Terms,
}

/// The conditions of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// If true, the order never takes.
    pub post_only: bool,
    /// If true, the order never grows a position.
    pub reduce_only: bool,
    /// If true, what is left of the order does not rest.
    pub ioc: bool,
    /// If true, the order trades whole or not at all.
    pub fok: bool,
    /// Largest fee that is accepted, in parts per million.
    pub max_fee: u32,
    /// Last second of its life; None for good till cancelled.
    pub expiry: Option<u64>,
}

/// Kinds of events. Amounts are quote quanta ([`Tape::quote_decimals`](super::Tape::quote_decimals)), prices
/// ticks, sizes lots, except where a type says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Money comes in from L1.
    Deposit {
        /// Owner of the account.
        user: User,
        /// Account that is credited.
        mode: MarginMode,
        /// Amount in quanta.
        amount: u64,
    },
    /// Somebody pays in from L1 for a market's insurance pool, which nobody takes out.
    TopUp {
        /// The market.
        market: Market,
        /// Amount in quanta.
        amount: u64,
    },
    /// Money goes out to L1.
    Withdraw {
        /// Owner of the account.
        user: User,
        /// Account that pays.
        mode: MarginMode,
        /// Amount in quanta.
        amount: u64,
    },
    /// Money moves between two accounts of one user.
    Transfer {
        /// Owner of both accounts.
        user: User,
        /// Account that pays.
        from: MarginMode,
        /// Account that is paid.
        to: MarginMode,
        /// Amount in quanta.
        amount: u64,
    },
    /// A user signs a limit of an account's own leverage.
    SetLeverage {
        /// Owner of the account.
        user: User,
        /// The account.
        mode: MarginMode,
        /// Lowest initial margin in parts per million; 0 for no limit.
        limit: u32,
    },
    /// A user signs that an account has another mode from the next batch on.
    SetMode {
        /// Owner of the account.
        user: User,
        /// Mode of the account so far.
        from: MarginMode,
        /// Its new mode.
        to: MarginMode,
    },
    /// A user signs that an account has another key from the next batch on.
    ChangeKey {
        /// Owner of the account.
        user: User,
        /// The account.
        mode: MarginMode,
    },
    /// One side of a trade; the file does not say who the other side was.
    Print {
        /// User who trades.
        user: User,
        /// Market of the trade.
        market: Market,
        /// Side of that user.
        side: Side,
        /// Price in ticks.
        price: u32,
        /// Size in lots.
        lots: u64,
        /// Role of that user.
        role: Role,
    },
    /// An exchange's liquidation notice: total notional and account value, no market named.
    LiquidationNotice {
        /// User who is liquidated.
        user: User,
        /// Notional of what is liquidated, in quanta.
        notional: u64,
        /// Value of the account, in quanta.
        account_value: u64,
        /// True for an isolated account.
        isolated: bool,
    },
    /// A user signs an order.
    Order(OrderRequest),
    /// A user signs a cancel.
    Cancel {
        /// User who signs.
        user: User,
        /// Order that is cancelled.
        order: OrderName,
    },
    /// Two orders meet at the maker's limit.
    Match {
        /// Order that rested.
        maker: OrderName,
        /// Order that arrived later.
        taker: OrderName,
        /// Size in lots.
        lots: u64,
    },
    /// A liquidation at a price.
    Liquidate {
        /// User who is liquidated.
        user: User,
        /// Account that is liquidated.
        mode: MarginMode,
        /// Market of the position.
        market: Market,
        /// Size in lots.
        lots: u64,
        /// Price in ticks.
        price: u32,
        /// Order that takes the position, or none for the market's insurance pool.
        taker: Option<OrderName>,
    },
    /// Oracle price and funding rate of a market.
    Tick {
        /// The market.
        market: Market,
        /// Price in quote tokens per base unit.
        price: Decimal,
        /// Funding rate in 10^-9 per hour.
        rate: i32,
    },
}
