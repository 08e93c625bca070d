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
    Liquidate {
        #[serde(deserialize_with = "time")]
        time: String,
        user: String,
        market: String,
        size: String,
        price: String,
        #[serde(default, skip_serializing_if = "is_default")]
        isolated: bool,
        /// Id of the order that takes the position; absent for the market's insurance pool.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taker: Option<String>,
    },
}

/// The declaration of a market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketLine {
    #[serde(deserialize_with = "time")]
    pub time: String,
    pub market: String,
    pub price: String,
    pub price_decimals: u32,
    pub size_decimals: i32,
    #[serde(default = "initial_margin")]
    pub initial_margin: u32,
    #[serde(default = "maintenance_margin")]
    pub maintenance_margin: u32,
    #[serde(default)]
    pub taker_fee: u32,
    #[serde(default)]
    pub maker_fee: u32,
    #[serde(default)]
    pub liquidation_fee: u32,
    #[serde(default = "band")]
    pub band: u32,
    #[serde(default)]
    pub funding_cap: u32,
}

/// A deposit or a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoneyLine {
    #[serde(deserialize_with = "time")]
    pub time: String,
    pub user: String,
    pub amount: String,
    /// Market of the isolated account; absent for the cross account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolated: Option<String>,
}

/// An order with its conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderLine {
    #[serde(deserialize_with = "time")]
    pub time: String,
    pub id: String,
    pub user: String,
    pub market: String,
    /// `buy` or `sell`.
    pub side: String,
    pub price: String,
    pub size: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub isolated: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub post_only: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub reduce_only: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub ioc: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub fok: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_fee: u32,
    #[serde(default, deserialize_with = "expiry", skip_serializing_if = "Option::is_none")]
    pub expiry: Option<String>,
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
