//! `zkmargin oracle`: the adapter between a feed's file and a price signer's signature.

use super::arguments::{Oracle, OracleBreaker, OracleCheck, OracleCommand, OracleSign};
use super::{Failure, print_json, print_line};
use crate::audit::account;
use crate::engine::oracle::key;
use crate::hex;
use crate::oracle::replay::{BEHIND, Lag, Replayed, Rules as BreakerRules, candles, replay};
use crate::oracle::{
    Checked, CheckedMarket, Rules, SignedList, check, premiums, prices, sign, sign_premiums,
};
use crate::prove::manifest::read_json;
use crate::record::genesis::GenesisFile;
use crate::report::table::Table;
use serde::Serialize;
use std::path::Path;
use zkmargin_circuits::gadgets::signature::SecretKey;
use zkmargin_circuits::params::EPOCH_SECONDS;

pub fn run(options: &Oracle) -> Result<(), Failure> {
    match &options.what {
        OracleCommand::Sign(options) => signed(options),
        OracleCommand::Check(options) => checked(options),
        OracleCommand::Breaker(options) => replayed(options),
    }
}

/// `oracle sign`: one JSON object on one line.
fn signed(options: &OracleSign) -> Result<(), Failure> {
    let genesis = genesis(&options.genesis)?;
    let secret = secret(options)?;
    let registered = genesis.signer_keys().map_err(|error| in_file(&options.genesis, &error))?;
    let number = options.number;
    if registered.get(usize::from(number)) != Some(&secret.public_key()) {
        let text = format!("the key is not that of price signer {number} of {}", registered.len());
        return Err(Failure::new(format!("{}: {text}", options.genesis.display())));
    }
    let list = list(options, &genesis, &secret)?;
    print_line(&serde_json::to_string(&list).map_err(|error| Failure::from_error(&error))?)
}

/// The list of the file of prices or of premiums.
fn list(options: &OracleSign, genesis: &GenesisFile, secret: &SecretKey) -> Result<SignedList, Failure> {
    let (number, epoch, domain) = (options.number, options.epoch, options.deployed.domain());
    let empty = |path: &Path, what: &str| Failure::new(format!("{}: no {what} to sign", path.display()));
    if let Some(path) = &options.premiums {
        let premiums = premiums(genesis, &path.display().to_string(), &text(path)?)?;
        let signed = !premiums.is_empty();
        let list = signed.then(|| sign_premiums(secret, number, &domain, epoch, &premiums));
        return list.ok_or_else(|| empty(path, "premium"));
    }
    // One of the two is required.
    let path = options.prices.as_deref().unwrap_or(Path::new("-"));
    let prices = prices(genesis, &path.display().to_string(), &text(path)?)?;
    let list = (!prices.is_empty()).then(|| sign(secret, number, &domain, epoch, &prices));
    list.ok_or_else(|| empty(path, "price"))
}

/// `oracle check`: each list and each market, and a failure unless all of them are good.
fn checked(options: &OracleCheck) -> Result<(), Failure> {
    let genesis = genesis(&options.genesis)?;
    let read = |path: &std::path::PathBuf| {
        Ok::<_, Failure>((path.display().to_string(), read_json::<SignedList>(path)?))
    };
    let lists = options.lists.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let last_epoch = options.last_epoch.unwrap_or(genesis.time / EPOCH_SECONDS);
    let rules = Rules { domain: options.deployed.domain(), epoch: options.epoch, last_epoch };
    let checked = check(&genesis, &rules, &lists).map_err(|error| in_file(&options.genesis, &error))?;
    if options.json {
        print_json(&checked)?;
    } else {
        print_line(&tables(&genesis, &checked))?;
    }
    checked.complaint().map_or(Ok(()), |complaint| Err(Failure::new(complaint)))
}

/// A market of a file of candles.
#[derive(Serialize)]
struct OfFile {
    file: String,
    #[serde(flatten)]
    replayed: Replayed,
}

/// `oracle breaker`: each market of each file.
fn replayed(options: &OracleBreaker) -> Result<(), Failure> {
    let rules = BreakerRules { band: options.band, every: options.every };
    let mut all = Vec::new();
    for path in &options.candles {
        let file = path.display().to_string();
        for (symbol, candles) in candles(path).map_err(|error| Failure::from_error(&error))? {
            let replayed = replay(&symbol, &candles, rules).ok_or_else(|| {
                let why = "no tick falls into a candle; give candles of at most a day, and a smaller --every";
                Failure::new(format!("{file}: {symbol}: {why}"))
            })?;
            all.push(OfFile { file: file.clone(), replayed });
        }
    }
    if options.json {
        return print_json(&all);
    }
    let heads = ["file", "market", "ticks", "greatest step", "cut", "behind", "greatest lag", "still"];
    let mut table = Table::new(&[&heads[..], &["band only: cut", "behind", "greatest lag"]].concat());
    for OfFile { file, replayed } in &all {
        let Replayed { symbol, ticks, greatest_step_ppm, breaker, band_only } = replayed;
        let lag = |lag: &Lag| [lag.cut.to_string(), seconds(lag.behind_seconds), percent(lag.greatest_ppm)];
        let market = [file.clone(), symbol.clone(), ticks.to_string(), percent(*greatest_step_ppm)];
        let still = [seconds(breaker.still_seconds)];
        table.row([&market[..], &lag(breaker), &still, &lag(band_only)].concat());
    }
    let (behind, band) = (percent(BEHIND), percent(options.band.into()));
    let note = format!("a tick every {} s, band {band}; behind: by more than {behind}", options.every);
    print_line(&format!("{}\n\n{note}", table.to_text()))
}

fn seconds(seconds: u64) -> String {
    format!("{seconds} s")
}

/// Parts per million as percent.
fn percent(ppm: u64) -> String {
    format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100)
}

/// The genesis, whose digest and root follow from the rest of it.
fn genesis(path: &Path) -> Result<GenesisFile, Failure> {
    let genesis: GenesisFile = read_json(path)?;
    genesis.state().map_err(|error| in_file(path, &error))?;
    Ok(genesis)
}

fn secret(options: &OracleSign) -> Result<SecretKey, Failure> {
    let Some(path) = &options.key else { return Ok(key(options.seed.unwrap_or_default(), options.number)) };
    let bytes = hex::bytes(text(path)?.trim());
    let bytes =
        bytes.ok_or_else(|| Failure::new(format!("{}: not 64 hexadecimal digits", path.display())))?;
    Ok(SecretKey::from_seed(&bytes))
}

fn text(path: &Path) -> Result<String, Failure> {
    let text = match path.to_str() {
        Some("-") => std::io::read_to_string(std::io::stdin()),
        _ => std::fs::read_to_string(path),
    };
    text.map_err(|error| in_file(path, &error))
}

fn in_file(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}

fn tables(genesis: &GenesisFile, checked: &Checked) -> String {
    let mut lists = Table::new(&["file", "signer", "epoch", "of", "verdict"]);
    for list in &checked.lists {
        let verdict = list.fault.as_ref().map_or_else(|| "good".to_owned(), ToString::to_string);
        let of = if list.premiums { "premiums" } else { "prices" }.to_owned();
        lists.row([list.file.clone(), list.signer.to_string(), list.epoch.to_string(), of, verdict]);
    }
    let heads = ["market", "name", "quorum", "signers", "price", "signers", "premium per hour"];
    let mut markets = Table::new(&heads);
    for of_market in &checked.markets {
        let CheckedMarket { market, name, stated, needed, median, premiums, premium } = of_market;
        let listed = genesis.listed(*market);
        let price = median.zip(listed).map(|(price, listed)| account::price(genesis, listed, price.into()));
        let few = |stated: usize| if stated == 0 { "" } else { "too few signers" }.to_owned();
        let premium = premium.map(|premium| format!("{:.9}", f64::from(premium) / 1e9));
        markets.row([
            market.to_string(),
            name.clone(),
            needed.to_string(),
            stated.to_string(),
            price.unwrap_or_else(|| few(*stated)),
            premiums.to_string(),
            premium.unwrap_or_else(|| few(*premiums)),
        ]);
    }
    let registered = checked.registered;
    format!("{}\n\n{}\n\n{registered} registered price signers", lists.to_text(), markets.to_text())
}
