//! Commands and their options.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Proves batches of perpetual-futures trades with their margin rules.
#[derive(Debug, Parser)]
#[command(
    name = "zkmargin",
    version,
    after_help = "Examples:\n  zkmargin demo\n  zkmargin sample --fills 200 --out flow.ndjson\n  zkmargin prove --events flow.ndjson --format ndjson --shape demo --batches 2 --out run\n  zkmargin verify run\n  zkmargin costs --shape trade-256\n  zkmargin bench --peers ark,taceo --log2 16"
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Threads to compute with (default: one for each core).
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Kernels to compute with (default: the fastest that this processor can run). Results are the same.
    #[arg(long, global = true, value_enum, value_name = "KERNELS")]
    pub(crate) kernels: Option<Kernels>,
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

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Invent order flow, prove at least four batches and apply them in an EVM.
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
    /// Replay a file of events natively, without proofs, and say what happened to every row.
    Replay(Replay),
    /// Measure this machine and our prover, alone or beside other provers.
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
    /// Its format.
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

/// How events become batches.
#[derive(Debug, Clone, Args)]
pub struct Batching {
    /// Most seconds from the first to the last row of a batch. A live venue wants minutes.
    #[arg(long, value_name = "SECONDS", default_value_t = super::replay::SPAN)]
    pub span: u64,
    /// Write every refusal to this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub refused: Option<PathBuf>,
}

/// The contract that signatures, headers and proofs are bound to.
#[derive(Debug, Clone, Args)]
pub struct Deployed {
    /// Chain on which the contract lives.
    #[arg(long, value_name = "ID", default_value_t = 1337)]
    pub chain_id: u64,
    /// Its address; the default is of no contract.
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "0x0000000000000000000000000000000000000001")]
    pub contract: Address,
}

/// An address on L1.
pub type Address = [u8; 20];

/// 20 bytes in hexadecimal, with or without 0x.
fn address(text: &str) -> Result<Address, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let byte = |at: usize| digits.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..20).map(byte).collect();
    match bytes.and_then(|bytes| bytes.try_into().ok()) {
        Some(address) if digits.len() == 40 => Ok(address),
        _ => Err("an address is 0x and 40 hexadecimal digits".to_owned()),
    }
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Batches to prove, at least 4.
    #[arg(long, default_value_t = 4)]
    pub batches: u64,
    /// Same seed, same flow.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Directory of development keys (default: zkmargin in the cache directory).
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `prove`.
#[derive(Debug, Args)]
pub struct Prove {
    /// Events.
    #[command(flatten)]
    pub source: Source,
    /// How events become batches.
    #[command(flatten)]
    pub batching: Batching,
    /// Deployment.
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

/// Options of `costs`.
#[derive(Debug, Args)]
pub struct Costs {
    /// Shape: tiny, demo, trade-64, trade-256, or a .toml file.
    #[arg(long, default_value = "trade-256")]
    pub shape: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `keys`.
#[derive(Debug, Args)]
pub struct Keys {
    /// Shape: tiny, demo, trade-64, trade-256, or a .toml file.
    #[arg(long, default_value = "demo")]
    pub shape: String,
    /// Directory of development keys (default: zkmargin in the cache directory).
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Verifying key file; without it the development key of --shape.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Shape: tiny, demo, trade-64, trade-256, or a .toml file.
    #[arg(long, default_value = "demo")]
    pub shape: String,
    /// Directory of development keys (default: zkmargin in the cache directory).
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// Where to write Verifier.sol; standard output if absent.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print a JSON summary (needs --out).
    #[arg(long, requires = "out")]
    pub json: bool,
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
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Other provers of Groth16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    /// ark-groth16.
    Ark,
    /// taceo-groth16.
    Taceo,
    /// snarkjs, which needs node and `npm ci --prefix benches/peers/node`.
    Snarkjs,
}

/// Options of `bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  zkmargin bench\n  zkmargin bench --peers ark,taceo --log2 19 --json\n  zkmargin bench --peers ark,taceo --shape trade-64 --threads 2\n  zkmargin bench --peers snarkjs --log2 14 --export files\n  zkmargin bench --log2 18 --folded phases.txt && inferno-flamegraph < phases.txt > phases.svg\n\nEvery prover proves the same constraint system in plain Groth16, in turns, with its key in memory; every\nproof is verified. Ratios are their time over ours. Without --threads there is one\ncomparison with one thread, whose ratios count, and one with two. Progress goes to standard error."
)]
pub struct Bench {
    /// Size of the synthetic system: a domain of 2^N rows.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(8..=24))]
    pub log2: u32,
    /// Prove a generated batch of this shape instead, its challenge fixed: tiny, demo, trade-64,
    /// trade-256, or a .toml file.
    #[arg(long, conflicts_with = "log2")]
    pub shape: Option<String>,
    /// Runs of each prover, of which the median counts; 0 leaves out setups and proofs, and wants
    /// --kernel-runs.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub runs: u16,
    /// Runs of each kernel: multi-scalar multiplications and transform; 0 leaves them out
    /// (default: as many as of each prover).
    #[arg(long, value_name = "N")]
    pub kernel_runs: Option<u16>,
    /// Provers to compare with.
    #[arg(long, value_enum, value_name = "LIST", value_delimiter = ',')]
    pub peers: Vec<Peer>,
    /// Same seed, same wires and flow.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write our phases as folded stacks for flame graph tools, in microseconds.
    #[arg(long, value_name = "FILE")]
    pub folded: Option<PathBuf>,
    /// Write system.r1cs, system.wtns and system.zkey (INSECURE key) into this directory.
    #[arg(long, value_name = "DIR", requires = "peers")]
    pub export: Option<PathBuf>,
    /// Where snarkjs is installed.
    #[arg(long, value_name = "DIR", default_value = "benches/peers/node")]
    pub snarkjs: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
