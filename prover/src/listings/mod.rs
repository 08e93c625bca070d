//! Files with the parameters of an exchange's markets, and the listings that they give: what `zkmargin listings` does.
//!
//! [`read`] says what a file says, row by row; [`list`] makes a market of it or names the rule that it breaks. Nothing
//! is dropped without a word. `docs/listings.md` has the columns, the units and the defaults.

mod binance;
mod dydx_v3;
mod dydx_v4;
mod listing;
mod rule;
mod table;

pub use listing::{Defaults, Listed, list};
pub use rule::Broken;
pub use table::Unreadable;

use crate::wire::decimal::Decimal;
use crate::wire::{Lines, WireError};
use serde::Serialize;

/// The exchanges whose files are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Venue {
    /// Perpetuals of the dYdX chain, one row each, in the chain's own units.
    DydxV4,
    /// Markets of dYdX v3 (StarkEx), one row each.
    DydxV3,
    /// Leverage tiers of Binance's futures, one row for each tier.
    Binance,
}

/// Where the largest position of an account ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Largest {
    /// Base units.
    Size(Decimal),
    /// Quote tokens, at the first price.
    Notional(Decimal),
}

/// Between which values of the open interest the initial margin rises to the whole, quote tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenInterest {
    /// From here on it rises.
    pub low: Decimal,
    /// Here it is the whole; 0: it never rises.
    pub high: Decimal,
}

/// A tier above the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VenueTier {
    /// Value of a position above which it holds, quote tokens.
    pub from: Decimal,
    /// Initial margin of the part above, parts per million.
    pub initial: u32,
    /// Maintenance margin of the part above, parts per million.
    pub maintenance: u32,
}

/// A market as a file has it; none where the file does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenueMarket {
    /// Line of the file.
    pub line: u64,
    /// The exchange's name for it.
    pub name: String,
    /// Quote tokens per base unit.
    pub price: Option<Decimal>,
    /// Step of prices, quote tokens.
    pub tick: Option<Decimal>,
    /// Step of sizes, base units.
    pub lot: Option<Decimal>,
    /// Smallest order, base units.
    pub smallest: Option<Decimal>,
    /// Initial margin, parts per million of the notional value.
    pub initial: u32,
    /// Maintenance margin, parts per million of the notional value.
    pub maintenance: u32,
    /// Tiers above the first, lowest first.
    pub tiers: Vec<VenueTier>,
    /// Where the largest position ends.
    pub largest: Option<Largest>,
    /// How open interest raises the initial margin.
    pub open_interest: Option<OpenInterest>,
    /// Whether it trades.
    pub open: bool,
}

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VenueFile {
    /// Rows behind the header.
    pub rows: u64,
    /// Markets in the order of the file.
    #[serde(skip)]
    pub markets: Vec<VenueMarket>,
    /// Rows that say nothing that can be used.
    pub unreadable: Vec<Unreadable>,
    /// Columns that no parameter comes from.
    pub unused_columns: Vec<String>,
    /// What the file says and the law has no words for.
    pub left_out: Vec<String>,
}

/// Reads a file of a venue. Rows that cannot be read are in the result.
///
/// Errors: a source that cannot be read as text, a column that is missing or stands twice.
pub fn read(lines: Lines, venue: Venue) -> Result<VenueFile, WireError> {
    match venue {
        Venue::DydxV4 => dydx_v4::read(lines),
        Venue::DydxV3 => dydx_v3::read(lines),
        Venue::Binance => binance::read(lines),
    }
}

#[cfg(test)]
mod tests;
