//! Each malformed input gives one line that names file and line; good input gives exact integers.

mod binance;
mod csv;
mod damage;
mod dydx_indexer;
mod hyperliquid_api;
mod ndjson;
mod numbers;
mod quanta;
mod round_trip;

use super::event::What;
use super::{Format, Lines, Options, Tape, WireError, read_lines};
use std::io::Cursor;

/// Reads bytes as a file named `tape`.
fn read_bytes(bytes: Vec<u8>, format: Format) -> Result<Tape, WireError> {
    read_named("tape", bytes, format, &Options::default())
}

fn read_named(file: &str, bytes: Vec<u8>, format: Format, options: &Options) -> Result<Tape, WireError> {
    read_lines(Lines::new(file, Box::new(Cursor::new(bytes)))?, format, options)
}

fn ndjson(rows: &str) -> Result<Tape, WireError> {
    read_bytes(rows.as_bytes().to_vec(), Format::Ndjson)
}

fn kinds(tape: &Tape) -> Vec<What> {
    tape.events.iter().map(|event| event.what.clone()).collect()
}

/// Rows of the file: events and what is left out.
fn rows(tape: &Tape) -> u64 {
    tape.events.len() as u64 + tape.skipped_rows()
}

/// The refusal stands on `line`, says `part`, is one line of text with one number of a line, and has no name
/// of a type.
fn assert_refused(result: Result<Tape, WireError>, line: u64, part: &str) {
    let error = result.expect_err("input must be refused");
    let text = error.to_string();
    assert_eq!(error.line, line, "{text}");
    assert!(text.contains(part), "'{text}' does not say '{part}'");
    assert!(!text.contains('\n'), "'{text}' is more than one line");
    assert!(text.starts_with(&format!("{}:{line}: ", error.file)), "{text}");
    for word in ["at line", "u32", "i32", "u64", "struct", "enum", "variant", "Line", "map"] {
        assert!(!text.contains(word), "'{text}' says '{word}'");
    }
}
