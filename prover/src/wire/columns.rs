//! Rows of comma-separated fields; none of the formats quotes a field.

use super::error::{Fault, WireError};
use super::lines::Lines;

/// Takes the first line and refuses another header than `header`.
pub fn expect_header(lines: &mut Lines, header: &str) -> Result<(), WireError> {
    let file = lines.file().to_owned();
    match lines.next_line()? {
        Some((_, text)) if text == header => Ok(()),
        Some((line, text)) => {
            let fault =
                Fault::new(format!("header is '{text}'"), format!("it must be '{header}'; check --format"));
            Err(fault.at(&file, line))
        }
        None => Err(Fault::new("file is empty", "give a file with events").at(&file, 1)),
    }
}

/// Splits a row at commas.
pub fn split(text: &str, columns: usize) -> Result<Vec<&str>, Fault> {
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
pub fn expect_empty(fields: &[&str], columns: &[usize], row: &str) -> Result<(), Fault> {
    match columns.iter().find(|column| !fields[**column].is_empty()) {
        None => Ok(()),
        Some(column) => Err(Fault::new(
            format!("column {} of {row} holds '{}' and must be empty", column + 1, fields[*column]),
            "correct the row",
        )),
    }
}
