//! Rows of files that may be newest first: collected, put in the order of time, then appended.

use super::clock::SECOND;
use super::draft::At;
use super::error::{Fault, WireError};
use super::json::{Entry, named};

/// A row with its time and place.
pub struct Dated<T> {
    /// Time in microseconds since 1970.
    pub micros: u64,
    /// Number of the entry in the file.
    pub number: u64,
    /// Line of the file in which the entry begins.
    pub line: u64,
    /// The row.
    pub row: T,
}

/// Puts rows in the order of time. Rows of one time keep the order of the file, or of the reversed file if
/// that is newest first.
pub fn sort<T>(rows: &mut [Dated<T>]) {
    let newest_first = match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => first.micros > last.micros,
        _ => false,
    };
    if newest_first {
        rows.reverse();
    }
    rows.sort_by_key(|row| row.micros);
}

impl<T> Dated<T> {
    /// A row that an entry gives, with the entry's place and its time under `field`.
    pub fn new(entry: &Entry, field: &str, row: T) -> Result<Self, Fault> {
        Ok(Self { micros: entry.time(field)?, number: entry.number, line: entry.line, row })
    }

    /// Where the row's event stands on a tape.
    pub fn at(&self) -> At {
        At { line: self.number, time: self.micros / SECOND }
    }

    /// Gives a fault the place of the row.
    pub fn refuse(&self, fault: Fault, file: &str) -> WireError {
        named(fault, self.number).at(file, self.line)
    }
}
