//! Options of `audit` and `explain`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Options of `audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin audit run
  zkmargin audit run --genesis trusted.json --key trusted.vk --json
  zkmargin audit run --account 604 --at 12
  zkmargin audit run --events liquidations,withdrawals --csv > events.csv
  zkmargin audit run --html report.html --names names.json
  zkmargin audit run --snapshot run.snapshot

Exit codes: 0 clean; 1 a fault, which is named; 2 the audit could not run; 3 clean, but on the directory's own word
for its genesis, its key or its shape.")]
pub struct Audit {
    /// Directory that `prove --out` or `replay --out` wrote.
    pub directory: PathBuf,
    /// Start from this genesis file, and not from the directory's own.
    #[arg(long, value_name = "FILE")]
    pub genesis: Option<PathBuf>,
    /// Verify with this key file, and not with the one in the directory.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Verify proofs and judge events from this batch on; those before it are applied only.
    #[arg(long, value_name = "N")]
    pub from: Option<u64>,
    /// Stop after this batch.
    #[arg(long, visible_alias = "at", value_name = "N")]
    pub to: Option<u64>,
    /// Keep the state in this file, every 1,000 batches and at the end; if it is there, go on from it.
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Do not compile the shape's circuit to compare it with the key's.
    #[arg(long)]
    pub no_recompile: bool,
    /// Show this account after the last batch: its number, or its owner's key as `x,y` in hexadecimal.
    #[arg(long, value_name = "ID|KEY")]
    pub account: Option<String>,
    /// List events of these kinds.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KINDS")]
    pub events: Vec<EventKind>,
    /// Write the events as CSV, and nothing else, to standard output.
    #[arg(long, requires = "events", conflicts_with = "json")]
    pub csv: bool,
    /// Write a report for a browser: one file that needs no server and no network.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Replace the report's file if it is there already.
    #[arg(long, requires = "html")]
    pub force: bool,
    /// Show these names of accounts in the report and with --account: a JSON object of numbers to names.
    #[arg(long, value_name = "FILE")]
    pub names: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EventKind {
    /// Deposits that batches credit.
    Deposits,
    /// Withdrawals that the contract pays out.
    Withdrawals,
    /// Transfers between accounts.
    Transfers,
    /// Ticks of markets.
    Ticks,
    /// Liquidations.
    Liquidations,
    /// Accounts whose owner changed the mode.
    Modes,
    /// New keys of accounts.
    Keys,
    /// Configurations of markets, by a proposal of L1.
    Configurations,
}

/// Options of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin audit run --events liquidations
  zkmargin explain run --batch 7 --event 3
  zkmargin explain run --batch 7 --event 3 --json

Events of a batch are numbered as `audit --events` shows them. Exit codes: 0 explained; 1 a check does not hold, or
the run has a fault; 2 there is no such event, or the run cannot be read.")]
pub struct Explain {
    /// Directory that `prove --out` or `replay --out` wrote.
    pub directory: PathBuf,
    /// Number of the batch.
    #[arg(long, value_name = "N")]
    pub batch: u64,
    /// Number of the event in its batch, from 1.
    #[arg(long, value_name = "K")]
    pub event: usize,
    /// Start from this genesis file, and not from the directory's own.
    #[arg(long, value_name = "FILE")]
    pub genesis: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
