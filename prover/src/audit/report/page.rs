//! The page: one template with style and script in it, and blocks of JSON.
//!
//! A market's name comes from a file of unknown origin, so no text is ever part of the HTML: it stands in
//! JSON, where `<` is written as `\u003c`, and the script makes text nodes of it. The policy in the head lets only this
//! style and this script run, and lets nothing be loaded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

const TEMPLATE: &str = include_str!("page/report.html");
const STYLE: &str = include_str!("page/report.css");
const SCRIPT: &str = concat!(
    include_str!("page/data.js"),
    include_str!("page/table.js"),
    include_str!("page/chart.js"),
    include_str!("page/sections.js"),
    include_str!("page/events.js"),
    include_str!("page/accounts.js"),
    include_str!("page/main.js"),
);

/// A page that is being written.
pub struct Page<'a> {
    out: &'a mut dyn Write,
    rest: &'static str,
}

impl<'a> Page<'a> {
    /// Writes what stands before the blocks.
    pub fn begin(out: &'a mut dyn Write) -> io::Result<Self> {
        let mut page = Self { out, rest: TEMPLATE };
        let policy = format!(
            "default-src 'none'; img-src data:; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
            source(STYLE),
            source(SCRIPT)
        );
        page.fill("{{policy}}", &policy)?;
        page.fill("{{style}}", STYLE)?;
        page.fill("{{data}}", "")?;
        Ok(page)
    }

    /// Writes a block of data.
    pub fn block(&mut self, name: &'static str, data: &impl Serialize) -> io::Result<()> {
        write!(self.out, "<script type=\"application/json\" id=\"data-{name}\">")?;
        serde_json::to_writer(Escaped(self.out), data)?;
        self.out.write_all(b"</script>\n")
    }

    /// Writes what stands after the blocks.
    pub fn end(mut self) -> io::Result<()> {
        self.fill("{{script}}", SCRIPT)?;
        self.out.write_all(self.rest.as_bytes())
    }

    /// Writes the template up to a mark, and the text in the mark's place.
    fn fill(&mut self, mark: &str, text: &str) -> io::Result<()> {
        let (before, after) = self.rest.split_once(mark).expect("the template has each mark once, in order");
        self.rest = after;
        self.out.write_all(before.as_bytes())?;
        self.out.write_all(text.as_bytes())
    }
}

/// Writes JSON so that it cannot end the element that it stands in. In JSON `<` occurs in strings alone.
struct Escaped<'a>(&'a mut dyn Write);

impl Write for Escaped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut parts = bytes.split(|byte| *byte == b'<');
        self.0.write_all(parts.next().unwrap_or_default())?;
        for part in parts {
            self.0.write_all(b"\\u003c")?;
            self.0.write_all(part)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The source of a Content Security Policy that lets this text run in the page (CSP Level 3, hash sources).
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
