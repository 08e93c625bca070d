//! Options of `listings`.

use crate::wire::quanta::{COARSEST, FINEST};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Parts per million.
const MILLION: i64 = 1_000_000;

/// Exchanges whose files of parameters are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Venue {
    /// Perpetuals of the dYdX chain as CSV, in the chain's units.
    DydxV4,
    /// Markets of dYdX v3 as CSV.
    DydxV3,
    /// Leverage tiers of Binance's futures as CSV.
    Binance,
}

impl From<Venue> for crate::listings::Venue {
    fn from(venue: Venue) -> Self {
        match venue {
            Venue::DydxV4 => Self::DydxV4,
            Venue::DydxV3 => Self::DydxV3,
            Venue::Binance => Self::Binance,
        }
    }
}

/// Options of `listings`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin listings --venue dydx-v4 markets.csv
  zkmargin listings --venue binance tiers.csv.gz --prices prices.ndjson --out listings.json
  zkmargin listings --venue dydx-v3 markets.csv --taker-fee 1000 --json

docs/listings.md has the columns of the files and what is taken where a file says nothing.
Exit codes: 0 every row is a market of ours; 1 not so, the reason is one line, and --out has the others.")]
pub struct Listings {
    /// File with the venue's parameters, plain or gzip; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Whose file it is.
    #[arg(long, value_enum)]
    pub venue: Venue,
    /// Prices that count more than the file's; a line: {"market": "BTC-USD", "price": "60000.5"}, in quote tokens per unit.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// Decimals of the quote quantum.
    #[arg(long, value_name = "Q", default_value_t = COARSEST, value_parser = clap::value_parser!(u32).range(i64::from(COARSEST)..=i64::from(FINEST)))]
    pub quote_decimals: u32,
    /// Fee of the taker, parts per million.
    #[arg(long, value_name = "PPM", default_value_t = 500, value_parser = clap::value_parser!(u32).range(0..=MILLION))]
    pub taker_fee: u32,
    /// Fee of the maker, parts per million.
    #[arg(long, value_name = "PPM", default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=MILLION))]
    pub maker_fee: u32,
    /// Fee of a liquidated account, parts per million; the law takes at most a sixth of the maintenance margin.
    #[arg(long, value_name = "PPM", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(0..=MILLION))]
    pub liquidation_fee: u32,
    /// Band of ticks, parts per million.
    #[arg(long, value_name = "PPM", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(0..MILLION))]
    pub band: u32,
    /// Largest rate of funding, 10^-9 per hour.
    #[arg(long, value_name = "RATE", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(0..1 << 30))]
    pub funding_cap: u32,
    /// How far a batch may raise the open interest, parts per million of its bound, where the file has one.
    #[arg(long, value_name = "PPM", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(0..=MILLION))]
    pub open_growth: u32,
    /// Write the markets that list to this file, as genesis.json has them.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it is there already.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
