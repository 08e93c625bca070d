//! What every reader yields: a tape of events in exact integer units.

use super::decimal::Decimal;

/// Index of a user in [`Tape::users`].
pub type User = u32;
/// Index of an order's name in [`Tape::orders`].
pub type OrderName = u32;
/// Market id, from 1; listing `i` of the tape is market `i + 1`.
pub type Market = u16;

/// Side of an order or a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Adds size.
    Buy,
    /// Takes size away.
    Sell,
}

impl Side {
    /// The other side.
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
    /// Its order rested.
    Maker,
    /// Its order arrived later.
    Taker,
}

/// A market as the tape shows or declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Name in the file.
    pub name: String,
    /// A tick is `10^-price_decimals` of the quote token.
    pub price_decimals: u32,
    /// A lot is `10^-size_decimals` of the base asset.
    pub size_decimals: u32,
    /// First known price: the oracle price until a print or a tick says otherwise.
    pub first_price: Decimal,
    /// Risk and fees.
    pub risk: Risk,
}

/// Risk parameters of a listing, parts per million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Risk {
    /// Initial margin fraction.
    pub initial_margin: u32,
    /// Maintenance margin fraction.
    pub maintenance_margin: u32,
    /// Fee of the taker.
    pub taker_fee: u32,
    /// Fee of the maker.
    pub maker_fee: u32,
    /// Liquidation fee, to the insurance pool.
    pub liquidation_fee: u32,
    /// Largest move of the oracle price in one batch.
    pub band: u32,
    /// Largest funding rate, 10^-9 per hour.
    pub funding_cap: u32,
}

impl Risk {
    /// Margins of the tapes without their own: 2 % initial, 1 % maintenance, no fees, band 50 %, no funding.
    pub const TAPE: Self = Self {
        initial_margin: 20_000,
        maintenance_margin: 10_000,
        taker_fee: 0,
        maker_fee: 0,
        liquidation_fee: 0,
        band: 500_000,
        funding_cap: 0,
    };
}

/// Which account of a user: pooled, or one market's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pocket {
    /// The cross account.
    Cross,
    /// The isolated account of a market.
    Isolated(Market),
}

/// One thing that happened, with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Line in the file.
    pub line: u64,
    /// Seconds since 1970.
    pub time: u64,
    /// What happened.
    pub what: What,
}

/// An order as its owner asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRequest {
    /// Its name in the file.
    pub name: OrderName,
    /// Owner.
    pub user: User,
    /// The account that trades.
    pub pocket: Pocket,
    /// Market.
    pub market: Market,
    /// Side.
    pub side: Side,
    /// Limit price in ticks.
    pub limit: u32,
    /// Size in lots.
    pub lots: u64,
    /// Flags and fee limit.
    pub terms: Terms,
}

/// Conditions of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// Never takes.
    pub post_only: bool,
    /// Never grows a position.
    pub reduce_only: bool,
    /// What is left does not rest.
    pub ioc: bool,
    /// Whole or not at all.
    pub fok: bool,
    /// Largest fee accepted, parts per million.
    pub max_fee: u32,
    /// Last second of its life; None for good till cancelled.
    pub expiry: Option<u64>,
}

/// Kinds of events. Amounts are quote quanta (10^-6), prices ticks, sizes lots, except where a type says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Money in from L1.
    Deposit { user: User, pocket: Pocket, amount: u64 },
    /// Money out to L1.
    Withdraw { user: User, pocket: Pocket, amount: u64 },
    /// Between two accounts of one user.
    Transfer { user: User, from: Pocket, to: Pocket, amount: u64 },
    /// One side of a trade; the file does not say who the other side was.
    Print { user: User, market: Market, side: Side, price: u32, lots: u64, role: Role },
    /// An exchange's liquidation notice: total notional and account value, no market named.
    LiquidationNotice { user: User, notional: u64, account_value: u64, isolated: bool },
    /// A signed order.
    Order(OrderRequest),
    /// A signed cancel.
    Cancel { user: User, order: OrderName },
    /// Two orders meet at the maker's limit.
    Match { maker: OrderName, taker: OrderName, lots: u64 },
    /// A liquidation at a price, taken by an order or (None) by the market's insurance pool.
    Liquidate { user: User, pocket: Pocket, market: Market, lots: u64, price: u32, taker: Option<OrderName> },
    /// Oracle price in quote tokens per base unit, and funding rate in 10^-9 per hour.
    Tick { market: Market, price: Decimal, rate: i32 },
}

/// A whole file.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    /// The file's name, for messages.
    pub file: String,
    /// Markets, in order of their ids.
    pub listings: Vec<Listing>,
    /// Names of users.
    pub users: Vec<String>,
    /// Names of orders.
    pub orders: Vec<String>,
    /// Events in time order.
    pub events: Vec<Event>,
}

impl Tape {
    /// Name of a market.
    pub fn market_name(&self, market: Market) -> &str {
        self.listings.get(usize::from(market).wrapping_sub(1)).map_or("?", |listing| listing.name.as_str())
    }

    /// Name of a user.
    pub fn user_name(&self, user: User) -> &str {
        self.users.get(user as usize).map_or("?", String::as_str)
    }
}
