//! Options of `bench`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Other provers of Groth16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    /// The prover ark-groth16.
    Ark,
    /// The prover taceo-groth16.
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
    /// Replace files that --folded and --export name.
    #[arg(long)]
    pub force: bool,
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
