//! Comma-separated rows whose header names the columns; no field is quoted.

use super::{VenueFile, VenueMarket};
use crate::wire::decimal::Decimal;
use crate::wire::error::Fault;
use crate::wire::units::check_name;
use crate::wire::{Lines, WireError};
use serde::Serialize;
use std::collections::BTreeSet;

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unreadable {
    /// Line of the file.
    pub line: u64,
    /// Name of the column; `row` where no single one is at fault.
    pub field: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
}

/// A fault and its column.
pub struct FieldFault {
    field: String,
    fault: Fault,
}

/// A fault of a column, or of `row`.
pub fn fault(field: &str, what: impl Into<String>, fix: &str) -> FieldFault {
    FieldFault { field: field.to_owned(), fault: Fault::new(what, fix) }
}

/// What the rows of a file left behind.
pub struct Scanned {
    /// Rows behind the header.
    pub rows: u64,
    /// Rows that were refused, or had another number of columns.
    pub unreadable: Vec<Unreadable>,
    /// Columns that were not asked for.
    pub unused_columns: Vec<String>,
}

impl Scanned {
    /// What the file says: its markets, and perhaps what the law has no words for.
    pub fn file(self, markets: Vec<VenueMarket>, left_out: Option<String>) -> VenueFile {
        let Self { rows, unreadable, unused_columns } = self;
        VenueFile { rows, markets, unreadable, unused_columns, left_out: Vec::from_iter(left_out) }
    }
}

/// A row, whose fields have the names of the header.
pub struct Row<'a> {
    /// Line of the file.
    pub line: u64,
    header: &'a [String],
    fields: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// The field of a column; none if the file has no such column.
    pub fn optional(&self, column: &str) -> Option<&'a str> {
        let at = self.header.iter().position(|name| name == column)?;
        self.fields.get(at).copied()
    }

    /// The field of a column that [`scan`] was told to require.
    pub fn text(&self, column: &str) -> &'a str {
        self.optional(column).unwrap_or_default()
    }

    /// The name of a market.
    pub fn name(&self, column: &str) -> Result<String, FieldFault> {
        let name = self.text(column);
        let named = |fault| FieldFault { field: column.to_owned(), fault };
        check_name(name, column).map(|()| name.to_owned()).map_err(named)
    }

    /// A number that is not negative.
    pub fn decimal(&self, column: &str) -> Result<Decimal, FieldFault> {
        let text = self.text(column);
        let named = |fault| FieldFault { field: column.to_owned(), fault };
        let value = Decimal::parse(text, column).map_err(named)?;
        if value.is_positive() || value.parts().0 == 0 {
            return Ok(value);
        }
        Err(fault(column, format!("{column} '{text}' is below zero"), "correct the row"))
    }

    /// A number that is not negative, of a column that a file need not have.
    pub fn optional_decimal(&self, column: &str) -> Result<Option<Decimal>, FieldFault> {
        self.optional(column).map(|_| self.decimal(column)).transpose()
    }

    /// A number above zero.
    pub fn positive(&self, column: &str) -> Result<Decimal, FieldFault> {
        let value = self.decimal(column)?;
        if value.is_positive() {
            return Ok(value);
        }
        Err(fault(column, format!("{column} is 0"), "correct the row"))
    }

    /// A whole number, which may be negative.
    pub fn whole(&self, column: &str) -> Result<i64, FieldFault> {
        let text = self.text(column);
        let unfit = |_| fault(column, format!("{column} '{text}' is no whole number"), "correct the row");
        text.parse().map_err(unfit)
    }

    /// A power of ten, small enough to be added to others.
    pub fn exponent(&self, column: &str) -> Result<i64, FieldFault> {
        let exponent = self.whole(column)?;
        let unfit =
            || fault(column, format!("{column} {exponent} is outside -1000 to 1000"), "correct the row");
        (-1000..=1000).contains(&exponent).then_some(exponent).ok_or_else(unfit)
    }

    /// A fraction of one in parts per million.
    pub fn millionths(&self, column: &str) -> Result<u32, FieldFault> {
        let parts = self.decimal(column)?.units(6).and_then(|parts| u32::try_from(parts).ok());
        let unfit = || {
            let what = format!("{column} '{}' is no whole number of parts per million", self.text(column));
            fault(column, what, "write a fraction of 1 with at most 6 decimals")
        };
        parts.filter(|parts| *parts <= 1_000_000).ok_or_else(unfit)
    }

    /// A number of parts per million, at most a million.
    pub fn parts_per_million(&self, column: &str) -> Result<u32, FieldFault> {
        let value = self.whole(column)?;
        let unfit = |_| fault(column, format!("{column} {value} is outside 0 to 1000000"), "correct the row");
        u32::try_from(value).ok().filter(|parts| *parts <= 1_000_000).ok_or(()).map_err(unfit)
    }
}

/// Hands each row of a file to `take`, which may refuse it. `required` columns must be there, `optional` ones may.
pub fn scan(
    mut lines: Lines,
    required: &[&str],
    optional: &[&str],
    mut take: impl FnMut(&Row<'_>) -> Result<(), FieldFault>,
) -> Result<Scanned, WireError> {
    let header = header(&mut lines, required)?;
    let used = |name: &String| required.contains(&name.as_str()) || optional.contains(&name.as_str());
    let unused_columns = header.iter().filter(|name| !used(name)).cloned().collect();
    let mut scanned = Scanned { rows: 0, unreadable: Vec::new(), unused_columns };
    while let Some((line, text)) = lines.next_line()? {
        scanned.rows += 1;
        let row = Row { line, header: &header, fields: text.split(',').collect() };
        let (found, expected) = (row.fields.len(), header.len());
        let taken = if found == expected {
            take(&row)
        } else {
            Err(fault("row", format!("row has {found} columns instead of {expected}"), "correct the row"))
        };
        if let Err(FieldFault { field, fault: Fault { what, fix } }) = taken {
            scanned.unreadable.push(Unreadable { line, field, what, fix });
        }
    }
    Ok(scanned)
}

/// The names of the columns.
fn header(lines: &mut Lines, required: &[&str]) -> Result<Vec<String>, WireError> {
    let file = lines.file().to_owned();
    let (line, text) = lines
        .next_line()?
        .ok_or_else(|| Fault::new("file is empty", "give a file with markets").at(&file, 1))?;
    // The texts of unused columns are shown.
    let header: Vec<String> =
        text.split(',').map(|name| crate::wire::error::one_line(name.to_owned())).collect();
    let refused = |what: String| Fault::new(what, "check --venue").at(&file, line);
    if let Some(missing) = required.iter().find(|name| !header.iter().any(|column| column == *name)) {
        return Err(refused(format!("column '{missing}' is missing")));
    }
    let mut seen = BTreeSet::new();
    match header.iter().find(|name| !seen.insert(name.as_str())) {
        Some(twice) => Err(refused(format!("column '{twice}' stands twice"))),
        None => Ok(header),
    }
}
