//! Files in, exact events out. Knows formats; knows nothing of accounts, margin or proofs.
//!
//! Every refusal is one line: file, line, what is wrong, what to do. `docs/events.md` describes the formats.

mod binance;
pub mod clock;
pub(crate) mod columns;
pub mod decimal;
mod draft;
pub mod dydx;
mod dydx_indexer;
pub(crate) mod error;
pub mod event;
mod history;
pub mod hyperliquid;
mod hyperliquid_api;
mod json;
mod lines;
mod market_name;
pub mod ndjson;
pub mod quanta;
mod takers;
mod tape;
pub(crate) mod units;

#[cfg(test)]
mod tests;

pub use error::WireError;
pub use lines::Lines;
pub use ndjson::write as write_ndjson;
pub use tape::{Place, SkipReason, Skipped, Tape};

use std::path::Path;

/// The formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The file is a ledger with fills and liquidations of Hyperliquid's users as CSV.
    Hyperliquid,
    /// The file holds fills and the ledger of one Hyperliquid user as JSON.
    HyperliquidApi,
    /// The file holds public trades of dYdX v3 as CSV.
    Dydx,
    /// The file holds trades of a market or fills of a subaccount of dYdX v4 as JSON.
    DydxIndexer,
    /// The file holds single trades of a Binance market as CSV.
    BinanceTrades,
    /// The file holds aggregated trades of a Binance market as CSV.
    BinanceAggTrades,
    /// The file is in our own format, with one JSON object per line.
    Ndjson,
}

/// What a caller knows that a file does not say.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of the only markets that rows may use.
    pub markets: Option<Vec<String>>,
    /// Name of the market of a file that names none; otherwise it is taken from the file's name.
    pub market: Option<String>,
    /// Name of the user of a file that holds the history of one user.
    pub user: Option<String>,
}

/// Reads a file (`-` is standard input; gzip is recognised) into a tape.
pub fn read(path: &Path, format: Format, options: &Options) -> Result<Tape, WireError> {
    read_lines(Lines::open(path)?, format, options)
}

/// Reads events from lines that are already opened.
pub fn read_lines(lines: Lines, format: Format, options: &Options) -> Result<Tape, WireError> {
    match format {
        Format::Hyperliquid => hyperliquid::read(lines, options),
        Format::HyperliquidApi => hyperliquid_api::read(lines, options),
        Format::Dydx => dydx::read(lines, options),
        Format::DydxIndexer => dydx_indexer::read(lines, options),
        Format::BinanceTrades => binance::read_trades(lines, options),
        Format::BinanceAggTrades => binance::read_aggregated(lines, options),
        Format::Ndjson => ndjson::read(lines, options),
    }
}
