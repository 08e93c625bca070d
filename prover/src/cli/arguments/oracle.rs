//! Options of `oracle`.

use super::Deployed;
use clap::{ArgGroup, Args, Subcommand};
use std::path::PathBuf;
use zkmargin_circuits::params::{EPOCH_BITS, EPOCH_SECONDS, SIGNERS};

/// Options of `oracle`.
#[derive(Debug, Args)]
pub struct Oracle {
    /// What to do with price lists.
    #[command(subcommand)]
    pub what: OracleCommand,
}

/// What there is to do with price lists.
#[derive(Debug, Subcommand)]
pub enum OracleCommand {
    /// Sign a feed's prices, or its premiums, as one price signer.
    Sign(OracleSign),
    /// Check signed lists, of prices and of premiums, and give the medians of each market.
    Check(OracleCheck),
    /// Replay a file of candles through the law's breaker: how far behind prices stay, and for how long.
    Breaker(OracleBreaker),
}

/// Options of `oracle sign`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("secret").required(true), group = ArgGroup::new("feed").required(true), after_help = "\
Examples:
  zkmargin oracle sign --seed 1 --number 0 --epoch 174081240 --genesis run/genesis.json --prices prices.ndjson > 0.json
  zkmargin oracle sign --key signer.hex --number 2 --epoch 174081240 --genesis run/genesis.json --prices - --contract 0x…
  zkmargin oracle sign --seed 1 --number 0 --epoch 174081240 --genesis run/genesis.json --premiums premiums.ndjson > 0-premiums.json

A line of the file of prices: {\"market\": 3, \"price\": \"2500.25\"}, in quote tokens per unit. A line of the file of premiums:
{\"market\": 3, \"premium\": \"0.0001\"}, the average of the hour that was completed before the epoch's, as a fraction per hour.")]
pub struct OracleSign {
    /// Sign with the key that `replay`, `prove` and `demo` derive from this seed.
    #[arg(long, group = "secret")]
    pub seed: Option<u64>,
    /// Sign with the key of the 32 bytes in this file, 64 hexadecimal digits.
    #[arg(long, value_name = "FILE", group = "secret")]
    pub key: Option<PathBuf>,
    /// Number of the signer in the genesis, from 0.
    #[arg(long, value_name = "I", value_parser = clap::value_parser!(u8).range(0..SIGNERS as i64))]
    pub number: u8,
    /// Epoch of the prices: the time of their observation in seconds since 1970, divided by 10 and rounded down.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..1 << EPOCH_BITS))]
    pub epoch: u64,
    /// The deployment that the list is for.
    #[command(flatten)]
    pub deployed: Deployed,
    /// Genesis file, which has units and the registered keys.
    #[arg(long, value_name = "FILE")]
    pub genesis: PathBuf,
    /// File of prices; `-` is standard input.
    #[arg(long, value_name = "FILE", group = "feed")]
    pub prices: Option<PathBuf>,
    /// File of premiums, which sets the funding rate in the first tick of an hour; `-` is standard input.
    #[arg(long, value_name = "FILE", group = "feed")]
    pub premiums: Option<PathBuf>,
}

/// Options of `oracle breaker`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin oracle breaker crash.csv
  zkmargin oracle breaker --band 50000 --every 10 --json march.csv october.csv

A file has the header t,symbol,o,h,l,c,v: candles with their time in seconds since 1970. Each is walked over its
extremes, and its price asked for by a tick every few seconds, with the breaker and with a band that every tick obeys.")]
pub struct OracleBreaker {
    /// Files of candles.
    #[arg(required = true, value_name = "FILE")]
    pub candles: Vec<PathBuf>,
    /// Half the band's width, parts per million of the price in force.
    #[arg(long, value_name = "PPM", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(0..1_000_000))]
    pub band: u32,
    /// Seconds from one tick to the next.
    #[arg(long, value_name = "SECONDS", default_value_t = EPOCH_SECONDS, value_parser = clap::value_parser!(u64).range(1..86_400))]
    pub every: u64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `oracle check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkmargin oracle check --genesis run/genesis.json 0.json 1.json 2.json
  zkmargin oracle check --genesis run/genesis.json --epoch 174081240 --last-epoch 174081239 --json lists/*.json

Exit codes: 0 every list is good and gives each market that it has a price; 1 not so, the reason is one line.")]
pub struct OracleCheck {
    /// Signed lists.
    #[arg(required = true, value_name = "FILE")]
    pub lists: Vec<PathBuf>,
    /// Genesis file, which has the registered keys.
    #[arg(long, value_name = "FILE")]
    pub genesis: PathBuf,
    /// Epoch that all lists must be of (default: that of the first good list).
    #[arg(long, value_name = "K")]
    pub epoch: Option<u64>,
    /// Epoch of the last batch with lists (default: that of the genesis).
    #[arg(long, value_name = "K")]
    pub last_epoch: Option<u64>,
    /// The deployment that the lists must be for.
    #[command(flatten)]
    pub deployed: Deployed,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
