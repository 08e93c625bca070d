//! One line of our own format, as it stands in the file.
//!
//! Numbers with a point are strings, so that no reader rounds them. Fields at their default are left out.

use crate::wire::event::Risk;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A line of the file, by its `event`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields, expecting = "a JSON object")]
pub enum Line {
    /// The quote quantum of the file; it stands first, or is chosen by the reader.
    Header {
        /// A quote quantum is `10^-quote_decimals` of the quote token.
        quote_decimals: u32,
    },
    /// A market is declared before it is used.
    Market(MarketLine),
    /// Oracle price and funding rate of a market.
    Tick {
        #[serde(deserialize_with = "time")]
        time: String,
        market: String,
        price: String,
        /// Funding rate in 10^-9 per hour.
        #[serde(default, skip_serializing_if = "is_default")]
        rate: i32,
    },
    /// Money comes in from L1.
    Deposit(MoneyLine),
    /// Somebody pays in from L1 for a market's insurance pool.
    TopUp {
        #[serde(deserialize_with = "time")]
        time: String,
        market: String,
        /// Amount in quote tokens.
        amount: String,
    },
    /// Money goes out to L1.
    Withdraw(MoneyLine),
    /// Money moves between two accounts of one user.
    Transfer {
        #[serde(deserialize_with = "time")]
        time: String,
        user: String,
        amount: String,
        /// Market of the isolated account that pays; absent for the cross account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Market of the isolated account that is paid; absent for the cross account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// A user signs a limit of an account's own leverage.
    SetLeverage {
        #[serde(deserialize_with = "time")]
        time: String,
        user: String,
        /// Lowest initial margin in parts per million; 0 for no limit.
        limit: u32,
        /// Market of the isolated account; absent for the cross account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        isolated: Option<String>,
    },
    /// A user signs that an account has another mode from the next batch on.
    SetMode {
        #[serde(deserialize_with = "time")]
        time: String,
        user: String,
        /// Market of the isolated account; absent for the cross account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Market that it will be isolated in; absent if it will be the cross account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// A user signs that an account has another key from the next batch on.
    ChangeKey {
        #[serde(deserialize_with = "time")]
        time: String,
        user: String,
        /// Market of the isolated account; absent for the cross account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        isolated: Option<String>,
    },
    /// A user signs an order.
    Order(OrderLine),
    /// A user signs a cancel.
    Cancel {
        #[serde(deserialize_with = "time")]
        time: String,
        user: String,
        id: String,
    },
    /// Two orders trade at the maker's limit.
    Fill {
        #[serde(deserialize_with = "time")]
        time: String,
        maker: String,
        taker: String,
        size: String,
    },
    /// A position is liquidated at a price.
    Liquidate(LiquidateLine),
}

/// The declaration of a market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketLine {
    /// Time of the declaration.
    #[serde(deserialize_with = "time")]
    pub time: String,
    /// Name of the market.
    pub market: String,
    /// First oracle price in quote tokens.
    pub price: String,
    /// A tick is `10^-price_decimals` of the quote token.
    pub price_decimals: u32,
    /// A lot is `10^-size_decimals` base units.
    pub size_decimals: i32,
    /// Initial margin in parts per million.
    #[serde(default = "initial_margin")]
    pub initial_margin: u32,
    /// Maintenance margin in parts per million.
    #[serde(default = "maintenance_margin")]
    pub maintenance_margin: u32,
    /// Tiers above the first, lowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierLine>,
    /// Fee of the taker in parts per million.
    #[serde(default)]
    pub taker_fee: u32,
    /// Fee of the maker in parts per million.
    #[serde(default)]
    pub maker_fee: u32,
    /// Fee of a liquidation in parts per million.
    #[serde(default)]
    pub liquidation_fee: u32,
    /// Largest move of the oracle price in parts per million.
    #[serde(default = "band")]
    pub band: u32,
    /// Age of a price above which fills only reduce, seconds.
    #[serde(default = "age")]
    pub still_age: u32,
    /// Age of a price above which nothing is traded, seconds.
    #[serde(default = "age")]
    pub halt_age: u32,
    /// Largest funding rate in 10^-9 per hour.
    #[serde(default)]
    pub funding_cap: u32,
    /// Value of the open interest from which on the initial margin rises, whole quote tokens.
    #[serde(default)]
    pub open_interest_low: u32,
    /// Value of the open interest at which it is the whole, and its bound, whole quote tokens; 0: none.
    #[serde(default)]
    pub open_interest_high: u32,
    /// By how much a batch may raise the open interest, whole quote tokens at the first price.
    #[serde(default)]
    pub open_interest_growth: u32,
}

/// A tier above the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierLine {
    /// Value of a position above which it holds, whole quote tokens.
    pub from: u32,
    /// Initial margin of the part above in parts per million.
    pub initial_margin: u32,
    /// Maintenance margin of the part above in parts per million.
    pub maintenance_margin: u32,
}

/// A deposit or a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoneyLine {
    /// Time at which the money moves.
    #[serde(deserialize_with = "time")]
    pub time: String,
    /// Name of the user.
    pub user: String,
    /// Amount in quote tokens.
    pub amount: String,
    /// Market of the isolated account; absent for the cross account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolated: Option<String>,
}

/// An order with its conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderLine {
    /// Time at which the order is signed.
    #[serde(deserialize_with = "time")]
    pub time: String,
    /// Id of the order, of which the file has one.
    pub id: String,
    /// Name of the owner.
    pub user: String,
    /// Name of the market.
    pub market: String,
    /// `buy` or `sell`.
    pub side: String,
    /// Limit price in quote tokens.
    pub price: String,
    /// Size in base units.
    pub size: String,
    /// Whether the isolated account of the market trades.
    #[serde(default, skip_serializing_if = "is_default")]
    pub isolated: bool,
    /// Whether the order never takes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub post_only: bool,
    /// Whether the order never grows a position.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reduce_only: bool,
    /// Whether what is left of the order does not rest.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ioc: bool,
    /// Whether the order trades whole or not at all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fok: bool,
    /// Largest fee that the owner accepts, in parts per million.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_fee: u32,
    /// Last second of the order; absent if it has none.
    #[serde(default, deserialize_with = "expiry", skip_serializing_if = "Option::is_none")]
    pub expiry: Option<String>,
}

/// A liquidation of a part of a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiquidateLine {
    /// Time of the liquidation.
    #[serde(deserialize_with = "time")]
    pub time: String,
    /// Name of the liquidated user.
    pub user: String,
    /// Name of the position's market.
    pub market: String,
    /// Size in base units.
    pub size: String,
    /// Price in quote tokens.
    pub price: String,
    /// Whether the position is in the user's isolated account of the market.
    #[serde(default, skip_serializing_if = "is_default")]
    pub isolated: bool,
    /// Id of the order that takes the position; absent for the market's insurance pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taker: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

const fn initial_margin() -> u32 {
    Risk::TAPE.initial_margin
}

const fn maintenance_margin() -> u32 {
    Risk::TAPE.maintenance_margin
}

const fn band() -> u32 {
    Risk::TAPE.band
}

const fn age() -> u32 {
    Risk::TAPE.halt_age
}

/// A time in quotes, or a whole number without them.
struct Time;

impl Visitor<'_> for Time {
    type Value = String;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a time")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(Time)
}

fn expiry<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    time(deserializer).map(Some)
}
