//! Options of the commands that read no tape.

use super::Signers;
use crate::hex;
use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use clap::Args;
use std::path::PathBuf;

/// Options of `demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin demo
  zkmargin demo --batches 2 --seed 7 --json
  zkmargin demo --signers 4")]
pub struct Demo {
    /// Batches to prove, 1 to 1000.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub batches: u64,
    /// Same seed, same flow.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Price signers of a new exchange.
    #[command(flatten)]
    pub oracle: Signers,
    /// Directory of development keys (default: zkmargin in the cache directory).
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `costs`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin costs --shape trade-64
  zkmargin costs --shape my-shape.toml --json")]
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
#[command(after_help = "\
Examples:
  zkmargin keys --shape trade-64
  zkmargin keys --shape demo --keys keys --json")]
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

/// Where a command writes the text that it makes.
#[derive(Debug, Args)]
pub struct Output {
    /// Where to write; standard output if absent.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it is there already.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print a JSON summary (needs --out).
    #[arg(long, requires = "out")]
    pub json: bool,
}

/// Options of `export`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin export --shape demo > Verifier.sol
  zkmargin export --key run/vk.bin --out Verifier.sol --json")]
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
    /// Where the text goes.
    #[command(flatten)]
    pub output: Output,
}

/// Options of `sample`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin sample > flow.ndjson
  zkmargin sample --fills 2000 --traders 40 --seed 7 --out flow.ndjson --json")]
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
    /// Where the text goes.
    #[command(flatten)]
    pub output: Output,
}

/// Options of `proposal`.
#[derive(Debug, Args)]
#[command(after_help = "\
The file is a list of markets, each with all parameters as in genesis.json, and `market`; a new one with `first_price`. What the law
refuses whatever the market is, is refused by name. Steps of a market that exists are judged when a batch applies them.

Examples:
  zkmargin proposal changes.json
  zkmargin proposal changes.json --json")]
pub struct Proposal {
    /// JSON file with the markets as they are to be.
    pub file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin verify run
  zkmargin verify run --key trusted.vk --json
  zkmargin verify run --key trusted.vk --shape my.toml --root 0x0f64…")]
pub struct Verify {
    /// Directory that `prove --out` wrote.
    pub directory: PathBuf,
    /// Verify with this key file, and not with the one in the directory, whose word alone ends in exit code 3.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// State root before the first batch; without it the first batch must be batch 1.
    #[arg(long, value_name = "HEX", value_parser = root)]
    pub root: Option<Fr>,
    /// Shape whose circuit is compiled again and compared with the key's (default: the one that the directory
    /// names, if it is built in).
    #[arg(long, value_name = "SHAPE")]
    pub shape: Option<String>,
    /// Fingerprint that the key's circuit must have; nothing is compiled.
    #[arg(long, value_name = "HEX", value_parser = fingerprint, conflicts_with = "shape")]
    pub circuit: Option<[u8; 32]>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// 32 bytes in hexadecimal.
fn fingerprint(text: &str) -> Result<[u8; 32], String> {
    Ok(hex::bytes(text).ok_or("give 64 hexadecimal digits")?)
}

/// A field element as 32 big-endian bytes in hexadecimal.
fn root(text: &str) -> Result<Fr, String> {
    let bytes = fingerprint(text)?;
    let value = Fr::from_be_bytes_mod_order(&bytes);
    let canonical = value.into_bigint().to_bytes_be() == bytes;
    canonical.then_some(value).ok_or_else(|| "a state root is below the field's modulus".to_owned())
}
