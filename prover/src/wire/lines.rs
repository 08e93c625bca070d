//! Numbered lines of a plain or gzip file, or of standard input.
//!
//! All formats treat a byte order mark, line ends of two characters and blank lines at the end alike: they
//! are not there. A blank line between two rows is refused.

use super::error::{Fault, WireError};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// A line longer than this is not a row of any format we read.
const MAX_LINE: u64 = 1 << 16;
/// UTF-8 files of some programs begin with this mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

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
        let start = plain.fill_buf().map_err(|error| unreadable(&error).at(file, 0))?;
        if start.starts_with(b"PK\x03\x04") {
            let fault =
                Fault::new("file is a zip archive", "unpack it, or pipe `unzip -p FILE` to --events -");
            return Err(fault.at(file, 0));
        }
        let mut source: Box<dyn BufRead> = if start.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::new(MultiGzDecoder::new(plain)))
        } else {
            Box::new(plain)
        };
        let start = source.fill_buf().map_err(|error| unreadable(&error).at(file, 1))?;
        if start.starts_with(BYTE_ORDER_MARK) {
            source.consume(BYTE_ORDER_MARK.len());
        }
        Ok(Self { file: file.to_owned(), source, line: 0 })
    }

    /// The name of the file in errors.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Gives the bytes without their mark and unpacked, for formats that are not made of lines.
    pub fn into_source(self) -> Box<dyn BufRead> {
        self.source
    }

    /// Next line without its end, and its number; None at the end of the file.
    ///
    /// Errors: truncated or damaged gzip, bytes that are not UTF-8, a line beyond 64 KiB, a blank line that
    /// is not at the end.
    pub fn next_line(&mut self) -> Result<Option<(u64, String)>, WireError> {
        let mut blank = None;
        while let Some(text) = self.read_line()? {
            if text.trim().is_empty() {
                blank = blank.or(Some(self.line));
                continue;
            }
            return match blank {
                None => Ok(Some((self.line, text))),
                Some(line) => Err(Fault::new("line is blank", "remove it").at(&self.file, line)),
            };
        }
        Ok(None)
    }

    fn read_line(&mut self) -> Result<Option<String>, WireError> {
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
            let fault =
                Fault::new("line is longer than 64 KiB", "check that the file is what the options say");
            return Err(fault.at(&self.file, self.line));
        }
        let mut text = String::from_utf8(bytes).map_err(|_| {
            Fault::new("line is not UTF-8 text", "check that the file is what the options say")
                .at(&self.file, self.line)
        })?;
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
        Ok(Some(text))
    }
}

/// A fault of the source itself.
pub fn unreadable(error: &std::io::Error) -> Fault {
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
