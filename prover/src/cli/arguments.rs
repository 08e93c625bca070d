//! Commands and their options.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Proves batches of perpetual-futures trades with their margin rules.
#[derive(Debug, Parser)]
#[command(
    name = "zkmargin",
    version,
    after_help = "Examples:\n  zkmargin demo\n  zkmargin sample --fills 200 --out flow.ndjson\n  zkmargin prove --events flow.ndjson --format ndjson --shape demo --batches 2 --out run\n  zkmargin verify run\n  zkmargin costs --shape trade-256"
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a seeded file of events in our own format.
    Sample(Sample),
    /// Check a directory that `prove --out` wrote: headers, public inputs, proofs.
    Verify(Verify),
    /// Replay a file of events natively, without proofs, and say what happened to every row.
    Replay(Replay),
}

/// Formats of event files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Hyperliquid's ledger, fills and liquidations as CSV, plain or gzip.
    Hyperliquid,
    /// dYdX's public trades as CSV.
    Dydx,
    /// Our own format: one JSON object a line (see `zkmargin sample`).
    Ndjson,
}

impl From<Format> for crate::wire::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Hyperliquid => Self::Hyperliquid,
            Format::Dydx => Self::Dydx,
            Format::Ndjson => Self::Ndjson,
        }
    }
}

/// Where events come from.
#[derive(Debug, Clone, Args)]
pub struct Source {
    /// File of events; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub events: PathBuf,
    /// Its format.
    #[arg(long, value_enum)]
    pub format: Format,
    /// Refuse rows of other markets than these.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub markets: Option<Vec<String>>,
    /// Wallet keys are derived from this seed.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Options of `sample`.
#[derive(Debug, Args)]
pub struct Sample {
    /// Fills to generate.
    #[arg(long, default_value_t = 96)]
    pub fills: u32,
    /// Traders besides the two market makers.
    #[arg(long, default_value_t = 6)]
    pub traders: u32,
    /// Markets, 1 to 4.
    #[arg(long, default_value_t = 3)]
    pub markets: u16,
    /// Same seed, same file.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where to write; standard output if absent.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print a JSON summary (needs --out).
    #[arg(long, requires = "out")]
    pub json: bool,
}

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Directory that `prove --out` wrote.
    pub directory: PathBuf,
    /// Verify with this key file instead of the one in the directory.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// Events.
    #[command(flatten)]
    pub source: Source,
    /// Batches close at the capacities of this shape.
    #[arg(long, default_value = "trade-256")]
    pub shape: String,
    /// Stop after this many batches.
    #[arg(long, value_name = "N")]
    pub batches: Option<u64>,
    /// Skip signing and verifying signatures.
    #[arg(long)]
    pub unsigned: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
