//! What an audit finds, and why it may not come to a verdict.

use serde::Serialize;
use std::fmt;
use std::path::Path;
use zkmargin_circuits::publication::{At, Difference};

/// Something that is not as it must be: where, what was expected, what is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Number of the batch, as its place in the directory says; none for a file of the whole run.
    pub batch: Option<u64>,
    /// File in the directory, or that was given.
    pub file: Box<Path>,
    /// Where in the published bytes, if it stands there.
    pub place: Option<At>,
    /// Name of the field, of the rule or of the check's id.
    pub what: Box<str>,
    /// What should be there.
    pub expected: Box<str>,
    /// What is there.
    pub found: Box<str>,
}

impl Finding {
    /// A finding in a file of the whole run.
    pub fn in_file(
        file: &Path,
        what: impl Into<String>,
        expected: impl ToString,
        found: impl ToString,
    ) -> Self {
        let (expected, found) = (expected.to_string().into(), found.to_string().into());
        Self { batch: None, file: file.into(), place: None, what: what.into().into(), expected, found }
    }

    /// The same finding in a batch.
    pub fn of_batch(self, batch: u64) -> Self {
        Self { batch: Some(batch), ..self }
    }

    /// The same finding at a place in the published bytes.
    pub fn at(self, place: At) -> Self {
        Self { place: Some(place), ..self }
    }

    /// A difference between bytes and state.
    pub fn of_difference(batch: u64, file: &Path, difference: Difference) -> Self {
        let Difference { at, what, expected, found } = difference;
        Self::in_file(file, what, expected, found).of_batch(batch).at(at)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { batch, file, place, what, expected, found } = self;
        if let Some(batch) = batch {
            write!(f, "batch {batch}, ")?;
        }
        write!(f, "{}: ", file.display())?;
        if let Some(At { list, entry, element }) = place {
            write!(f, "list {list}, entry {entry}, element {element}: ")?;
        }
        write!(f, "{what}: expected {expected}, found {found}")
    }
}

/// Why an audit ends before its verdict.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The run is not what it should be.
    #[error("{0}")]
    Dirty(Box<Finding>),
    /// The audit itself could not run: files that cannot be read, options that do not fit.
    #[error("{0}")]
    CouldNotRun(String),
}

impl From<Finding> for AuditError {
    fn from(finding: Finding) -> Self {
        Self::Dirty(Box::new(finding))
    }
}

/// A file that cannot be read: the audit cannot run.
pub fn unreadable(path: &Path, error: &std::io::Error) -> AuditError {
    AuditError::CouldNotRun(format!("{}: {error}", path.display()))
}

/// Refuses what is not equal.
pub fn require(
    file: &Path,
    what: &str,
    expected: impl ToString,
    found: impl ToString,
) -> Result<(), Finding> {
    let (expected, found) = (expected.to_string(), found.to_string());
    if expected == found { Ok(()) } else { Err(Finding::in_file(file, what, expected, found)) }
}
