//! Binance's dumps of public trades: `trades` and `aggTrades` as CSV, of futures and of spot markets.
//!
//! Newer files begin with a header, older ones do not. Spot files have one column more and, from 2025 on,
//! times in microseconds. The files name neither market nor users.

use super::Options;
use super::decimal::Decimal;
use super::draft::{At, Draft};
use super::error::{Fault, WireError};
use super::event::Side;
use super::lines::Lines;
use super::market_name::market_name;
use super::takers::{Dealer, TakerTrade};
use super::tape::{Place, Tape};
use super::units::check_time;

/// The columns that are read of a file.
struct Columns {
    /// Number of columns of a futures file; a spot file has one more.
    count: usize,
    time: usize,
    /// Whether the buyer was the maker.
    buyer_is_maker: usize,
}

/// The columns `id,price,qty,quote_qty,time,is_buyer_maker`.
const TRADES: Columns = Columns { count: 6, time: 4, buyer_is_maker: 5 };
/// The columns `agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker`.
const AGGREGATED: Columns = Columns { count: 7, time: 5, buyer_is_maker: 6 };
/// In both files price and size stand behind the id.
const PRICE: usize = 1;
const SIZE: usize = 2;

/// Reads a file of single trades.
pub fn read_trades(lines: Lines, options: &Options) -> Result<Tape, WireError> {
    read(lines, options, &TRADES)
}

/// Reads a file of aggregated trades.
pub fn read_aggregated(lines: Lines, options: &Options) -> Result<Tape, WireError> {
    read(lines, options, &AGGREGATED)
}

fn read(mut lines: Lines, options: &Options, columns: &Columns) -> Result<Tape, WireError> {
    let file = lines.file().to_owned();
    let market = market_name(&file, options)?;
    let mut draft = Draft::new(&file, options, Place::Line);
    let (mut dealer, mut last) = (Dealer::default(), 0);
    let mut first = true;
    while let Some((line, text)) = lines.next_line()? {
        let is_header = std::mem::take(&mut first) && is_header(&text);
        let mut row = |text: &str| {
            let fields = split(text, columns)?;
            if is_header {
                return check_header(&fields, columns);
            }
            let time = super::clock::parse(fields[columns.time])?;
            check_time(&mut last, time)?;
            dealer.push(&mut draft, At { line, time }, &trade(&market, &fields, columns)?)
        };
        row(&text).map_err(|fault| fault.at(&file, line))?;
    }
    draft.finish()
}

/// Ids are numbers, names of columns are not.
fn is_header(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
}

fn check_header(fields: &[&str], columns: &Columns) -> Result<(), Fault> {
    if fields.iter().any(|name| name.eq_ignore_ascii_case("base_qty") || name.eq_ignore_ascii_case("baseQty"))
    {
        return Err(Fault::new(
            "the file is of coin-margined contracts, which are worth a fixed amount of quote tokens",
            "give a file of the USD-margined futures or of the spot market",
        ));
    }
    let name = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let (time, maker) = (name(fields[columns.time]), name(fields[columns.buyer_is_maker]));
    let is_time = time.ends_with("time") || time == "timestamp";
    if is_time && maker == "isbuyermaker" {
        return Ok(());
    }
    Err(Fault::new(
        format!("header is '{}'", fields.join(",")),
        "check --format: binance-trades and binance-agg-trades have other columns",
    ))
}

fn split<'a>(text: &'a str, columns: &Columns) -> Result<Vec<&'a str>, Fault> {
    let fields: Vec<&str> = text.split(',').collect();
    let count = columns.count;
    if fields.len() == count || fields.len() == count + 1 {
        return Ok(fields);
    }
    Err(Fault::new(
        format!(
            "row has {} columns instead of {count}, or {} in files of spot markets",
            fields.len(),
            count + 1
        ),
        "correct or remove the row; check --format",
    ))
}

fn trade<'a>(market: &'a str, fields: &[&str], columns: &Columns) -> Result<TakerTrade<'a>, Fault> {
    // If the buyer's order rested, the taker sold.
    let side = match fields[columns.buyer_is_maker] {
        "true" | "True" | "TRUE" => Side::Sell,
        "false" | "False" | "FALSE" => Side::Buy,
        other => {
            let what = format!("is_buyer_maker '{other}' is not true or false");
            return Err(Fault::new(what, "correct the row; check --format"));
        }
    };
    let price = Decimal::parse(fields[PRICE], "price")?;
    let size = Decimal::parse(fields[SIZE], "size")?;
    Ok(TakerTrade { market, side, price, size })
}
