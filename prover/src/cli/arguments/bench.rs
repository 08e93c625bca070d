//! Options of `bench`, which `zkmargin-peers` has too.

use clap::Args;
use std::path::PathBuf;

/// Options of `bench`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin bench
  zkmargin bench --shape trade-64 --threads 2 --json
  zkmargin bench --runs 0 --kernel-runs 5 --log2 20
  zkmargin bench --log2 18 --folded phases.txt && inferno-flamegraph < phases.txt > phases.svg

The system is proved in plain Groth16 with its key in memory; every proof is verified. Without --threads it is
measured with one thread and with two. Progress goes to standard error. Other provers on the same system are in a
program of their own, in the repository: cargo run --release -p zkmargin-peers -- --help")]
pub struct Bench {
    /// What is measured.
    #[command(flatten)]
    pub measured: Measured,
}

/// What is measured.
#[derive(Debug, Args)]
pub struct Measured {
    /// Size of the synthetic system: a domain of 2^N rows.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(8..=24))]
    pub log2: u32,
    /// Prove a generated batch of this shape instead, its challenge fixed: tiny, demo, trade-64,
    /// trade-256, or a .toml file.
    #[arg(long, conflicts_with = "log2")]
    pub shape: Option<String>,
    /// Proofs of each prover, of which the median counts; 0 leaves out setups and proofs, and wants
    /// --kernel-runs.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub runs: u16,
    /// Runs of each kernel: multi-scalar multiplications and transform; 0 leaves them out
    /// (default: as many as --runs).
    #[arg(long, value_name = "N")]
    pub kernel_runs: Option<u16>,
    /// Same seed, same wires and flow.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write our phases as folded stacks for flame graph tools, in microseconds.
    #[arg(long, value_name = "FILE")]
    pub folded: Option<PathBuf>,
    /// Replace files that are there already.
    #[arg(long)]
    pub force: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
