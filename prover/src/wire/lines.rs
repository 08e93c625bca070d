//! Numbered lines of a plain or gzip file, or of standard input.

use super::error::{Fault, WireError};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// A line longer than this is not a row of any format we read.
const MAX_LINE: u64 = 1 << 16;

/// Lines of one source, each with its number from 1.
pub struct Lines {
    file: String,
    source: Box<dyn BufRead>,
    line: u64,
}

impl Lines {
    /// Opens a file (`-` is standard input). Gzip is recognised by its first two bytes, not by the name.
    pub fn open(path: &Path) -> Result<Self, WireError> {
        let name = path.display().to_string();
        if name == "-" {
            return Self::new("-", Box::new(std::io::stdin()));
        }
        let file = File::open(path).map_err(|error| {
            Fault::new(format!("cannot open: {error}"), "check the path given to --events").at(&name, 0)
        })?;
        Self::new(&name, Box::new(file))
    }

    /// Lines of any byte source, named `file` in errors.
    pub fn new(file: &str, source: Box<dyn Read>) -> Result<Self, WireError> {
        let mut plain = BufReader::new(source);
        let magic =
            plain.fill_buf().map_err(|error| unreadable(&error).at(file, 0))?.starts_with(&[0x1f, 0x8b]);
        let source: Box<dyn BufRead> =
            if magic { Box::new(BufReader::new(MultiGzDecoder::new(plain))) } else { Box::new(plain) };
        Ok(Self { file: file.to_owned(), source, line: 0 })
    }

    /// The name of the file in errors.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Next line without its end, and its number; None at the end of the file.
    ///
    /// Errors: truncated or damaged gzip, bytes that are not UTF-8, a line beyond 64 KiB.
    pub fn next_line(&mut self) -> Result<Option<(u64, String)>, WireError> {
        self.line += 1;
        let mut bytes = Vec::new();
        let mut limited = (&mut self.source).take(MAX_LINE + 1);
        let read = limited
            .read_until(b'\n', &mut bytes)
            .map_err(|error| unreadable(&error).at(&self.file, self.line))?;
        if read == 0 {
            return Ok(None);
        }
        if read as u64 > MAX_LINE {
            let fault = Fault::new("line is longer than 64 KiB", "check that --format fits the file");
            return Err(fault.at(&self.file, self.line));
        }
        let text = String::from_utf8(bytes).map_err(|_| {
            Fault::new("line is not UTF-8 text", "check that --format fits the file")
                .at(&self.file, self.line)
        })?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        Ok(Some((self.line, text.strip_suffix('\r').unwrap_or(text).to_owned())))
    }
}

fn unreadable(error: &std::io::Error) -> Fault {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            Fault::new("gzip stream ends early: the file is truncated", "fetch the file again, whole")
        }
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData => {
            Fault::new(format!("gzip stream is damaged: {error}"), "fetch the file again")
        }
        _ => Fault::new(format!("cannot read: {error}"), "check the file and its permissions"),
    }
}
