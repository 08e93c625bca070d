//! Refusals for people and programs: what, where, by which check, with both sides in the venue's units.

use super::Venue;
use crate::engine::{Code, Kind, Reason, Refused};
use crate::wire::{Place, Skipped};
use serde::Serialize;
use std::fmt;
use std::io::{self, Write};

/// Refusals that reports show; all of them go to the file that `--refused` names.
const SHOWN: usize = 10;

/// One refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    #[serde(skip)]
    place: Place,
    /// Line in the file; 0 for the house's orders, which no file shows.
    pub line: u64,
    /// What was refused.
    pub kind: Kind,
    /// Name of the market, if it was about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<String>,
    /// Rows of the file that are refused with it.
    pub rows: u64,
    /// Name of the reason.
    pub reason: Code,
    /// Stable number of the law's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// The reason in plain words.
    pub sentence: String,
    /// What was compared, if amounts were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// Id of the check in the spec, if the law refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<&'static str>,
}

/// Both sides of a comparison that failed: `left relation right` was wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// The left side.
    pub left: String,
    /// How it should stand to the right side.
    pub relation: String,
    /// The right side.
    pub right: String,
    /// What both count.
    pub unit: String,
}

impl Refusal {
    /// Says a refusal in the units of the venue.
    pub fn new(refused: &Refused, venue: &Venue) -> Self {
        let code = refused.reason.code();
        let compared = match &refused.reason {
            Reason::Law(law) if law.has_sides() => {
                let ([left, right], unit) = venue.pair([&law.left, &law.right], law.unit, refused.market);
                Some(Compared { left, relation: law.relation.to_string(), right, unit })
            }
            Reason::DoesNotFit(overflow) => Some(Compared {
                left: overflow.needed.to_string(),
                relation: "≤".to_owned(),
                right: overflow.capacity.to_string(),
                unit: format!("rows of {}", overflow.what),
            }),
            _ => None,
        };
        Self {
            place: venue.place(),
            line: refused.line,
            kind: refused.kind,
            market: refused.market.and_then(|market| venue.market(market)).map(str::to_owned),
            rows: refused.rows,
            reason: code,
            code: code.number(),
            sentence: code.sentence(),
            compared,
            check: refused.reason.refusal().map(|law| law.id),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "the house: ")?,
            line => write!(f, "{} {line}: ", self.place)?,
        }
        write!(f, "{}", self.kind.one())?;
        if let Some(market) = &self.market {
            write!(f, " in {market}")?;
        }
        write!(f, ": {}", self.reason)?;
        match (self.check, &self.compared) {
            (Some(check), Some(compared)) => write!(f, "; {check} wants {compared}"),
            (Some(check), None) => write!(f, "; {check}"),
            (None, Some(compared)) => write!(f, "; {compared} is wanted"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { left, relation, right, unit } = self;
        let blank = if unit.is_empty() { "" } else { " " };
        write!(f, "{left} {relation} {right}{blank}{unit}")
    }
}

/// Collects the refusals of a run: the first for the report, all for a file if there is one.
pub struct Refusals<W: Write> {
    venue: Venue,
    shown: Vec<Refusal>,
    out: Option<W>,
    failed: Option<io::Error>,
}

impl<W: Write> Refusals<W> {
    /// Starts a collection; `out` gets one JSON object per line.
    pub fn new(venue: Venue, out: Option<W>) -> Self {
        Self { venue, shown: Vec::new(), out, failed: None }
    }

    /// Takes one more.
    pub fn take(&mut self, refused: &Refused) {
        if self.out.is_none() && self.shown.len() == SHOWN {
            return;
        }
        let refusal = Refusal::new(refused, &self.venue);
        self.put(&refusal);
        if self.shown.len() < SHOWN {
            self.shown.push(refusal);
        }
    }

    /// Takes the rows that the reader left out, which the report lists by themselves.
    pub fn left_out(&mut self, skipped: &[Skipped]) {
        for skipped in skipped {
            self.put(skipped);
        }
    }

    /// Writes one object to the file, if there is one and it could be written so far.
    fn put(&mut self, object: &impl Serialize) {
        if let (Some(out), None) = (&mut self.out, &self.failed) {
            let written = serde_json::to_writer(&mut *out, object).map_err(io::Error::from);
            self.failed = written.and_then(|()| out.write_all(b"\n")).err();
        }
    }

    /// The first refusals, and the file with all of them. Errors: the file could not be written.
    pub fn finish(self) -> io::Result<(Vec<Refusal>, Option<W>)> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok((self.shown, self.out)),
        }
    }
}
