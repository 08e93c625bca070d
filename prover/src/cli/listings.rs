//! `zkmargin listings`: the parameters of an exchange's markets as listings of ours.

use super::arguments::Listings;
use super::output::OutFile;
use super::{Failure, print_json, print_line};
use crate::listings::{Broken, Defaults, Listed, VenueFile, VenueMarket, list, read};
use crate::record::genesis::ListedMarket;
use crate::report::table::Table;
use crate::wire::decimal::Decimal;
use crate::wire::units::MAX_MARKETS;
use crate::wire::{Lines, WireError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Version of the file that `--out` writes.
const FORMAT: &str = "zkmargin/listings/v1";

/// The file that `--out` writes.
#[derive(Serialize)]
struct ListingFile<'a> {
    format: &'static str,
    quote_decimals: u32,
    markets: Vec<&'a ListedMarket>,
}

/// A market that lists.
#[derive(Serialize)]
struct Row {
    line: u64,
    /// Quote quanta per base quantum, in thousandths.
    price_milliquanta: u64,
    #[serde(flatten)]
    listed: ListedMarket,
    #[serde(skip)]
    first_price: Decimal,
}

/// A market that does not.
#[derive(Serialize)]
struct Refused {
    line: u64,
    name: String,
    #[serde(flatten)]
    broken: Broken,
}

/// All that the command says.
#[derive(Serialize)]
struct Report {
    file: String,
    #[serde(flatten)]
    read: VenueFile,
    listed: Vec<Row>,
    refused: Vec<Refused>,
    /// What the file does not say, and what was taken for it.
    assumed: Vec<String>,
}

pub fn run(options: &Listings) -> Result<(), Failure> {
    let out = options.out.as_deref().map(|path| OutFile::at(path, options.force)).transpose()?;
    let read = read(opened(&options.file)?, options.venue.into())?;
    let prices = options.prices.as_deref().map(|path| prices(path, &read)).transpose()?;
    let defaults = Defaults {
        prices: prices.unwrap_or_default(),
        quote_decimals: options.quote_decimals,
        taker_fee: options.taker_fee,
        maker_fee: options.maker_fee,
        liquidation_fee: options.liquidation_fee,
        band: options.band,
        funding_cap: options.funding_cap,
        open_growth: options.open_growth,
        time: 0,
    };
    let report = report(options, read, &defaults);
    if let Some(out) = out {
        let markets = report.listed.iter().map(|row| &row.listed).collect();
        let file = ListingFile { format: FORMAT, quote_decimals: defaults.quote_decimals, markets };
        let text = serde_json::to_string_pretty(&file).map_err(|error| Failure::from_error(&error))?;
        out.write(format!("{text}\n").as_bytes())?;
    }
    if options.json {
        print_json(&report)?;
    } else {
        print_line(&text(&report))?;
    }
    complaint(&report).map_or(Ok(()), |complaint| Err(Failure::new(complaint)))
}

/// Opens a file. The advice of a tape's reader is about an option that this command does not have.
fn opened(path: &Path) -> Result<Lines, WireError> {
    Lines::open(path).map_err(|error| match error.line {
        0 => {
            WireError { fix: "give a file that is plain or gzip, and that you may read".to_owned(), ..error }
        }
        _ => error,
    })
}

/// Each market listed, or refused by a rule.
fn report(options: &Listings, read: VenueFile, defaults: &Defaults) -> Report {
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    let (mut unpriced, mut cut) = (0, Vec::new());
    let mut lines: BTreeMap<&str, u64> = BTreeMap::new();
    for market in &read.markets {
        let twice = lines.insert(&market.name, market.line).map(|before| twice(market, before));
        match twice.map_or_else(|| numbered(market, rows.len(), defaults), Err) {
            Ok((listed, row)) => {
                unpriced += usize::from(listed.unpriced);
                cut.extend(listed.cut.then(|| market.name.clone()));
                rows.push(row);
            }
            Err(broken) => refused.push(Refused { line: market.line, name: market.name.clone(), broken }),
        }
    }
    let mut assumed = assumed(&read, defaults, unpriced);
    if !cut.is_empty() {
        assumed.push(format!(
            "the largest position ends earlier than the venue's, with the protocol's widths: {}",
            cut.join(", ")
        ));
    }
    Report { file: options.file.display().to_string(), read, listed: rows, refused, assumed }
}

fn twice(market: &VenueMarket, before: u64) -> Broken {
    Broken {
        rule: "name",
        left: format!("line {}", market.line),
        relation: "=",
        right: format!("line {before}"),
        text: "a market is listed once".to_owned(),
    }
}

/// The market with the next number.
fn numbered(market: &VenueMarket, before: usize, defaults: &Defaults) -> Result<(Listed, Row), Broken> {
    if before == MAX_MARKETS {
        let (left, right) = (before + 1, MAX_MARKETS);
        let text = format!("an exchange has at most {MAX_MARKETS} markets");
        let [left, right] = [left, right].map(|count| count.to_string());
        return Err(Broken { rule: "markets", left, relation: "≤", right, text });
    }
    let listed = list(market, defaults)?;
    let row = Row {
        line: market.line,
        price_milliquanta: ((u128::from(listed.market.price) * 1000) >> 32) as u64,
        listed: ListedMarket::of(before as u16 + 1, &listed.listing, &listed.market),
        first_price: listed.listing.first_price,
    };
    Ok((listed, row))
}

/// What was taken where the file says nothing.
fn assumed(read: &VenueFile, defaults: &Defaults, unpriced: usize) -> Vec<String> {
    let Defaults { taker_fee, maker_fee, liquidation_fee, band, funding_cap, open_growth, .. } = defaults;
    let mut said = vec![format!(
        "fees of taker {taker_fee} ppm and maker {maker_fee} ppm, of liquidations {liquidation_fee} ppm and at most a sixth of the \
         maintenance margin, band {band} ppm, funding at most {funding_cap}·10^-9 per hour"
    )];
    if read.markets.iter().any(|market| market.open_interest.is_some()) {
        said.push(format!("a batch raises the open interest by {open_growth} ppm of its bound at most"));
    }
    if read.markets.iter().any(|market| market.tick.is_none()) {
        said.push("ticks of the price's fifth digit, lots of 0.1 to 1 quote tokens".to_owned());
    }
    if read.markets.iter().any(|market| market.smallest.is_none()) {
        said.push("the smallest order is one lot".to_owned());
    }
    if unpriced > 0 {
        said.push(format!("a price of 1 for {unpriced} markets: neither the file nor --prices has one"));
    }
    let closed: Vec<_> =
        read.markets.iter().filter(|market| !market.open).map(|market| market.name.as_str()).collect();
    if !closed.is_empty() {
        said.push(format!("listed without trading, as the venue has them: {}", closed.join(", ")));
    }
    said
}

/// A line of `--prices`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    market: String,
    price: String,
}

/// Prices by the exchange's names, each of a market of the file.
fn prices(path: &Path, read: &VenueFile) -> Result<BTreeMap<String, Decimal>, WireError> {
    use crate::wire::error::Fault;
    let mut lines = opened(path)?;
    let file = lines.file().to_owned();
    let mut prices = BTreeMap::new();
    while let Some((line, text)) = lines.next_line()? {
        let mut take = || {
            let Price { market, price } = serde_json::from_str(&text).map_err(|error| {
                Fault::new(error.to_string(), r#"write {"market": "BTC-USD", "price": "60000.5"}"#)
            })?;
            if !read.markets.iter().any(|of| of.name == market) {
                return Err(Fault::new(
                    format!("market '{market}' is not in the venue's file"),
                    "remove the line",
                ));
            }
            let price = Decimal::parse(&price, "price")?;
            match prices.insert(market.clone(), price) {
                None => Ok(()),
                Some(_) => Err(Fault::new(format!("a second price of {market}"), "state each market once")),
            }
        };
        take().map_err(|fault| fault.at(&file, line))?;
    }
    Ok(prices)
}

/// Why not all rows are markets of ours; none if they are.
fn complaint(report: &Report) -> Option<String> {
    let Report { file, read, refused, .. } = report;
    if let Some(first) = read.unreadable.first() {
        let (count, rows) = (read.unreadable.len(), read.rows);
        return Some(format!(
            "{file}:{}: {}; {} ({count} of {rows} rows cannot be read)",
            first.line, first.what, first.fix
        ));
    }
    if let Some(Refused { line, name, broken: Broken { text, .. } }) = refused.first() {
        let (count, all) = (refused.len(), read.markets.len());
        return Some(format!(
            "{file}:{line}: market {name}: {text} ({count} of {all} markets are not listed)"
        ));
    }
    read.markets.is_empty().then(|| format!("{file}: no market"))
}

fn text(report: &Report) -> String {
    let Report { file, read, listed, refused, assumed } = report;
    let mut parts = Vec::new();
    if !listed.is_empty() {
        parts.push(markets(listed));
    }
    if !refused.is_empty() {
        let mut table = Table::new(&["line", "not listed", "rule", "has", "", "may have"]);
        for Refused { line, name, broken } in refused {
            let Broken { rule, left, relation, right, .. } = broken;
            let cells = [&line.to_string(), name, &(*rule).to_owned(), left, &(*relation).to_owned(), right];
            table.row(cells.map(String::clone));
        }
        let rules: BTreeMap<_, _> = refused.iter().map(|of| (of.broken.rule, &of.broken.text)).collect();
        let rules: Vec<_> = rules.iter().map(|(rule, text)| format!("  {rule}: {text}")).collect();
        parts.push(format!("{}\n{}", table.to_text(), rules.join("\n")));
    }
    if !read.unreadable.is_empty() {
        let rows =
            read.unreadable.iter().map(|row| format!("  {file}:{}: {}; {}", row.line, row.what, row.fix));
        parts.push(format!("not read\n{}", rows.collect::<Vec<_>>().join("\n")));
    }
    for (head, lines) in [
        ("assumed, since the file does not say", assumed),
        ("said by the file, and not used", &read.left_out),
    ] {
        if !lines.is_empty() {
            parts.push(format!("{head}\n  {}", lines.join("\n  ")));
        }
    }
    if !read.unused_columns.is_empty() {
        parts.push(format!("columns without a use: {}", read.unused_columns.join(", ")));
    }
    let (rows, bad, none) = (read.rows, read.unreadable.len(), refused.len());
    parts.push(format!("{file}: {rows} rows, {bad} not read; {} markets listed, {none} not", listed.len()));
    parts.join("\n\n")
}

/// The markets that list, in the units of people.
fn markets(listed: &[Row]) -> String {
    let mut table = Table::new(&[
        "market",
        "name",
        "price",
        "tick",
        "lot",
        "initial",
        "maintenance",
        "largest",
        "quanta",
    ]);
    let step =
        |decimals: i32| Decimal::from_units(1, decimals).map(|step| step.to_string()).unwrap_or_default();
    let percent =
        |ppm: u32| Decimal::from_units(ppm.into(), 4).map(|part| format!("{part} %")).unwrap_or_default();
    for Row { listed, price_milliquanta, first_price, .. } in listed {
        let largest = Decimal::from_units((listed.max_size / listed.lot).into(), listed.size_decimals);
        table.row([
            listed.id.to_string(),
            listed.name.clone(),
            first_price.to_string(),
            step(listed.price_decimals as i32),
            step(listed.size_decimals),
            percent(listed.initial_fraction),
            percent(listed.maintenance_fraction),
            largest.map(|size| size.to_string()).unwrap_or_default(),
            format!("{}.{:03}", price_milliquanta / 1000, price_milliquanta % 1000),
        ]);
    }
    table.to_text()
}
