//! The one error of the wire stage: where in which file, what is wrong, what to do about it.

/// A refusal of an input file, always one line of text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}; {fix}")]
pub struct WireError {
    /// The file as the user named it; `-` is standard input.
    pub file: String,
    /// Line counted from 1; 0 when the file could not be opened at all.
    pub line: u64,
    /// What is wrong with that line.
    pub what: String,
    /// Advice to the user.
    pub fix: String,
}

/// A fault of one field or row before file and line are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// Advice to the user.
    pub fix: String,
}

impl Fault {
    /// Makes a fault of its two halves.
    pub fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: one_line(what.into()), fix: fix.into() }
    }

    /// Gives the fault its place in a file.
    pub fn at(self, file: &str, line: u64) -> WireError {
        WireError { file: file.to_owned(), line, what: self.what, fix: self.fix }
    }
}

/// Input is echoed in messages and tables: control characters and great lengths must not break the one line.
pub fn one_line(text: String) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match clean.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}
