//! dYdX v3's public trades as CSV: `created_at,market,taker_side,price,size`. The file names no users.

use super::Options;
use super::columns::{expect_header, split};
use super::decimal::Decimal;
use super::draft::{At, Draft};
use super::error::{Fault, WireError};
use super::event::Side;
use super::lines::Lines;
use super::takers::{Dealer, TakerTrade};
use super::tape::{Place, Tape};
use super::units::check_time;

/// The header line, exactly.
pub const HEADER: &str = "created_at,market,taker_side,price,size";
const COLUMNS: usize = 5;

/// Reads a whole file of trades.
pub fn read(mut lines: Lines, options: &Options) -> Result<Tape, WireError> {
    let file = lines.file().to_owned();
    expect_header(&mut lines, HEADER)?;
    let mut draft = Draft::new(&file, options, Place::Line);
    let mut dealer = Dealer::default();
    let mut last = 0;
    while let Some((line, text)) = lines.next_line()? {
        let mut row = |text: &str| {
            let fields = split(text, COLUMNS)?;
            let time = super::clock::parse(fields[0])?;
            check_time(&mut last, time)?;
            dealer.push(&mut draft, At { line, time }, &trade(&fields)?)
        };
        row(&text).map_err(|fault: Fault| fault.at(&file, line))?;
    }
    draft.finish()
}

fn trade<'a>(fields: &[&'a str]) -> Result<TakerTrade<'a>, Fault> {
    let side = match fields[2] {
        "BUY" => Side::Buy,
        "SELL" => Side::Sell,
        other => {
            let what = format!("taker_side '{other}' is not BUY or SELL");
            return Err(Fault::new(what, "correct the row"));
        }
    };
    let price = Decimal::parse(fields[3], "price")?;
    let size = Decimal::parse(fields[4], "size")?;
    Ok(TakerTrade { market: fields[1], side, price, size })
}
