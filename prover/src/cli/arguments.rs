//! Commands and their options.

mod audit;
mod bench;
mod listings;
mod oracle;
mod tapeless;

pub use audit::{Audit, EventKind, Explain};
pub use bench::{Bench, Measured};
pub use listings::Listings;
pub use oracle::{Oracle, OracleBreaker, OracleCheck, OracleCommand, OracleSign};
pub use tapeless::{Costs, Demo, Export, Keys, Output, Proposal, Sample, Verify};

use super::address::{self, Address};
use super::progress::Shown;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use zkmargin_circuits::ops::Domain;
use zkmargin_circuits::params::SIGNERS;

/// Examples and exit codes, which `docs/exit-codes.md` has too.
const AFTER_HELP: &str = "\
Examples:
  zkmargin demo --batches 2
  zkmargin sample --fills 200 --out flow.ndjson
  zkmargin prove --events flow.ndjson --format ndjson --shape demo --batches 2 --out run
  zkmargin verify run
  zkmargin audit run
  zkmargin costs --shape trade-256 --json
  zkmargin bench --log2 16

Exit codes:
  0    done
  1    refused or failed; the reason is one line on standard error
  2    the command line is wrong
  3    verify, audit: no fault, but on the directory's own word
  130  ended by SIGINT
  143  ended by SIGTERM";

/// Most that `--memory` takes: an exbibyte.
const MOST_MIB: u64 = 1 << 40;

/// Proves batches of perpetual-futures trades with their margin rules.
#[derive(Debug, Parser)]
#[command(
    name = "zkmargin",
    version,
    after_help = AFTER_HELP
)]
pub struct Arguments {
    /// The command to run.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The process.
    #[command(flatten)]
    pub(crate) process: Process,
}

/// Options of the process, which every command has.
#[derive(Debug, Args)]
pub struct Process {
    /// Threads to compute with, at most one for each core (default: one for each core).
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Kernels to compute with (default: the fastest that this processor can run). Results are the same.
    #[arg(long, global = true, value_enum, value_name = "KERNELS")]
    pub kernels: Option<Kernels>,
    /// How progress is shown on standard error: a bar on a terminal, lines elsewhere.
    #[arg(long, global = true, value_enum, value_name = "HOW", default_value = "auto")]
    pub progress: Shown,
    /// MiB of memory that count as available (default: what the system says).
    #[arg(long, global = true, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=MOST_MIB))]
    pub memory: Option<u64>,
}

/// Implementations of the heavy arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kernels {
    /// Scalar code for any processor.
    Portable,
    /// Vectors of AVX2 with FMA.
    Avx2,
    /// Vectors of AVX-512 with IFMA and VBMI2 (Ice Lake, Zen 4 and later).
    Avx512Ifma,
}

impl From<Kernels> for zkmargin_kernels::Backend {
    fn from(kernels: Kernels) -> Self {
        match kernels {
            Kernels::Portable => Self::Portable,
            Kernels::Avx2 => Self::Avx2,
            Kernels::Avx512Ifma => Self::Avx512Ifma,
        }
    }
}

/// The commands of the program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Invent order flow, prove some batches and apply them in an EVM.
    Demo(Demo),
    /// Prove the first batches of a file of events, and replay the rest natively.
    Prove(Prove),
    /// What a shape's circuit costs, piece by piece.
    Costs(Costs),
    /// Make a shape's development key, or load and check it.
    Keys(Keys),
    /// Write a stand-alone Solidity verifier of a key.
    Export(Export),
    /// Write a seeded file of events in our own format.
    Sample(Sample),
    /// Check a directory that `prove --out` wrote: headers, public inputs, proofs.
    Verify(Verify),
    /// Rebuild every state of a run from its published bytes alone, and judge it.
    Audit(Audit),
    /// Say why an event of a run was allowed: each check with both sides.
    Explain(Explain),
    /// Replay a file of events natively, without proofs, and say what happened to every row.
    Replay(Replay),
    /// Make listings of the parameters of an exchange's markets, or say which rule they break.
    Listings(Listings),
    /// Sign a feed's prices, or check the lists of several price signers.
    Oracle(Oracle),
    /// Make the bytes and the digest of a proposal that lists or changes markets.
    Proposal(Proposal),
    /// Measure this machine and our prover.
    Bench(Bench),
}

/// Formats of event files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Hyperliquid's ledger, fills and liquidations of many users as CSV.
    Hyperliquid,
    /// Hyperliquid's userFills and userNonFundingLedgerUpdates of one user as JSON.
    HyperliquidApi,
    /// dYdX v3's public trades as CSV.
    Dydx,
    /// dYdX v4's trades of a market or fills of a subaccount as JSON of the indexer.
    DydxIndexer,
    /// Binance's trades of a market as CSV.
    BinanceTrades,
    /// Binance's aggTrades of a market as CSV.
    BinanceAggTrades,
    /// Our own format: one JSON object per line (docs/events.md describes all formats).
    Ndjson,
}

impl From<Format> for crate::wire::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Hyperliquid => Self::Hyperliquid,
            Format::HyperliquidApi => Self::HyperliquidApi,
            Format::Dydx => Self::Dydx,
            Format::DydxIndexer => Self::DydxIndexer,
            Format::BinanceTrades => Self::BinanceTrades,
            Format::BinanceAggTrades => Self::BinanceAggTrades,
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
    /// Format of the file.
    #[arg(long, value_enum)]
    pub format: Format,
    /// Refuse rows of other markets than these.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub markets: Option<Vec<String>>,
    /// Market of a file that does not name its market (default: from a name such as BTCUSDT-trades-2024-01.csv).
    #[arg(long, value_name = "NAME")]
    pub market: Option<String>,
    /// User whose fills or ledger the file holds, where it does not say: an address, or any name.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Wallet keys are derived from this seed.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// How many price signers a new exchange has.
#[derive(Debug, Clone, Args)]
pub struct Signers {
    /// Price signers, 0 to 8, whose keys come from the seed. Each batch that ticks opens with their lists of prices and takes the
    /// median, and the funding rate of each hour follows from their premiums; without signers both are the operator's word.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=SIGNERS as i64))]
    pub signers: u8,
}

/// How events become batches.
#[derive(Debug, Clone, Args)]
pub struct Batching {
    /// Most seconds from the first to the last row of a batch. A live venue wants minutes.
    #[arg(long, value_name = "SECONDS", default_value_t = super::replay::SPAN)]
    pub span: u64,
    /// Price signers of a new exchange.
    #[command(flatten)]
    pub oracle: Signers,
    /// Write every refusal to this file, one JSON object per line.
    #[arg(long, value_name = "FILE")]
    pub refused: Option<PathBuf>,
    /// Replace the file of refusals if it is there already.
    #[arg(long, requires = "refused")]
    pub force: bool,
}

/// The contract that signatures, headers and proofs are bound to.
#[derive(Debug, Clone, Args)]
pub struct Deployed {
    /// Chain on which the contract lives.
    #[arg(long, value_name = "ID", default_value_t = 1337)]
    pub chain_id: u64,
    /// Address of the contract; the default belongs to no contract.
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse, default_value = "0x0000000000000000000000000000000000000001")]
    pub contract: Address,
}

impl Deployed {
    /// What signatures and headers name.
    pub const fn domain(&self) -> Domain {
        Domain { chain_id: self.chain_id, contract: self.contract }
    }
}

/// Options of `prove`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin prove --events flow.ndjson --format ndjson --shape demo --batches 2 --out run
  zkmargin prove --events trades.csv.gz --format hyperliquid --shape trade-64 --no-replay --json

An interrupted run with --out keeps its finished batches in DIR.incomplete; the same command verifies them
and goes on from there.")]
pub struct Prove {
    /// The events to read.
    #[command(flatten)]
    pub source: Source,
    /// How events become batches.
    #[command(flatten)]
    pub batching: Batching,
    /// The deployment that proofs are for.
    #[command(flatten)]
    pub deployed: Deployed,
    /// Shape of the circuit: tiny, demo, trade-64, trade-256, or a .toml file.
    #[arg(long, default_value = "trade-64")]
    pub shape: String,
    /// Batches to prove.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub batches: u64,
    /// Write bytes, proofs and key to this new directory.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Directory of development keys (default: zkmargin in the cache directory).
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// Stop after the proven batches instead of replaying the rest.
    #[arg(long)]
    pub no_replay: bool,
    /// Sign and verify every order of the replay too, not only of the proven batches.
    #[arg(long, conflicts_with = "no_replay")]
    pub sign_all: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `replay`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin replay --events flow.ndjson --format ndjson --shape demo
  zkmargin replay --events trades.csv.gz --format hyperliquid --batches 10 --unsigned --json
  zkmargin replay --events flow.ndjson --format ndjson --shape demo --signers 4 --out run")]
pub struct Replay {
    /// The events to read.
    #[command(flatten)]
    pub source: Source,
    /// How events become batches.
    #[command(flatten)]
    pub batching: Batching,
    /// Batches close at the capacities of this shape.
    #[arg(long, default_value = "trade-256")]
    pub shape: String,
    /// Stop after this many batches.
    #[arg(long, value_name = "N")]
    pub batches: Option<u64>,
    /// Skip signing and verifying signatures.
    #[arg(long)]
    pub unsigned: bool,
    /// Write genesis, shape and each batch's published bytes to this new directory, without proofs, for
    /// `zkmargin audit`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
