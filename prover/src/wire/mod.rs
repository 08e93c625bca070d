//! Files in, exact events out. Knows formats; knows nothing of accounts, margin or proofs.
//!
//! Every refusal is one line: file, line, what is wrong, what to do.

pub mod clock;
pub mod decimal;
pub mod dydx;
mod error;
pub mod event;
pub mod hyperliquid;
mod lines;
pub mod ndjson;
mod ndjson_write;
mod prints;

#[cfg(test)]
mod tests;

pub use error::WireError;
pub use event::Tape;
pub use lines::Lines;
pub use ndjson_write::write as write_ndjson;

use error::Fault;
use std::path::Path;

/// The formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The file is a ledger with fills and liquidations as CSV.
    Hyperliquid,
    /// The file holds public trades as CSV.
    Dydx,
    /// The file is in our own format, with one JSON object per line.
    Ndjson,
}

/// Reads a file (`-` is standard input; gzip is recognised) into a tape.
///
/// `markets`, if given, names the only markets that rows may use.
pub fn read(path: &Path, format: Format, markets: Option<Vec<String>>) -> Result<Tape, WireError> {
    read_lines(Lines::open(path)?, format, markets)
}

/// Reads events from lines that are already opened.
pub fn read_lines(lines: Lines, format: Format, markets: Option<Vec<String>>) -> Result<Tape, WireError> {
    match format {
        Format::Hyperliquid => hyperliquid::read(lines, markets),
        Format::Dydx => dydx::read(lines, markets),
        Format::Ndjson => ndjson::read(lines, markets),
    }
}

/// Takes the first line and refuses another header than `header`.
fn expect_header(lines: &mut Lines, header: &str) -> Result<(), WireError> {
    let file = lines.file().to_owned();
    match lines.next_line()? {
        Some((_, text)) if text.trim_start_matches('\u{feff}') == header => Ok(()),
        Some((line, text)) => {
            let fault =
                Fault::new(format!("header is '{text}'"), format!("it must be '{header}'; check --format"));
            Err(fault.at(&file, line))
        }
        None => Err(Fault::new("file is empty", "give a file with events").at(&file, 1)),
    }
}

/// Splits a row at commas; none of the formats quotes a field.
fn split(text: &str, columns: usize) -> Result<Vec<&str>, Fault> {
    let fields: Vec<&str> = text.split(',').collect();
    if fields.len() != columns {
        return Err(Fault::new(
            format!("row has {} columns instead of {columns}", fields.len()),
            "correct or remove the row",
        ));
    }
    Ok(fields)
}

/// Refuses values where the kind of row has none: a shifted column must not pass for a number.
fn expect_empty(fields: &[&str], columns: &[usize], row: &str) -> Result<(), Fault> {
    match columns.iter().find(|column| !fields[**column].is_empty()) {
        None => Ok(()),
        Some(column) => Err(Fault::new(
            format!("column {} of {row} holds '{}' and must be empty", column + 1, fields[*column]),
            "correct the row",
        )),
    }
}
