//! What runs looked like, for people (tables) and for programs (the same, serialised).

mod machine;
pub mod proven;
mod refusals;
pub mod table;
mod venue;

pub use machine::{available_memory_mib, peak_memory_mib};
pub use proven::ProvenBatch;
pub use refusals::{Refusal, Refusals};
pub use table::Table;
pub use venue::{ClampedPrice, Venue};

use crate::engine::{Batch, Closed, Engine, Tally};
use crate::wire::Skipped;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::kinds::Capacities;

/// Cut prices that a report shows.
const SHOWN_PRICES: usize = 10;

/// Rows of each kind that batches used: the middle, the 99th of a hundred, the largest.
#[derive(Debug, Clone, Serialize)]
pub struct Spread {
    /// Median of the numbers of rows.
    pub median: usize,
    /// Number of rows that 99 % of the batches do not exceed.
    pub most: usize,
    /// Largest number of rows.
    pub largest: usize,
    /// Number of rows that the shape has.
    pub capacity: usize,
}

/// The report of a native replay.
#[derive(Debug, Clone, Serialize)]
pub struct Replayed {
    /// Name of the file.
    pub file: String,
    /// Name of the shape whose capacities close batches.
    pub shape: String,
    /// Number of markets of the file.
    pub markets: usize,
    /// Number of users of the file.
    pub users: usize,
    /// Number of batches that were made.
    pub batches: usize,
    /// Number of batches by the reason for which they closed.
    pub closed: BTreeMap<String, u64>,
    /// Counts of what was applied and refused.
    pub tally: Tally,
    /// Fraction of the trades that were refused, in parts per million.
    pub refused_trades_ppm: u64,
    /// Rows of the file, each of which was applied or refused.
    pub rows_read: u64,
    /// Rows that the reader left out, which count as refused: markets that cannot be listed, and others.
    pub skipped: Vec<Skipped>,
    /// The first refusals; `--refused` writes all of them to a file.
    pub refusals: Vec<Refusal>,
    /// The first oracle prices that the band cut.
    pub clamped: Vec<ClampedPrice>,
    /// Numbers of rows that batches used, by kind.
    pub rows: BTreeMap<&'static str, Spread>,
    /// Number of published elements of a batch in this shape.
    pub elements: usize,
    /// Published bytes per trade of a full batch.
    pub bytes_per_trade: usize,
    /// State root at the end, hexadecimal.
    pub root: String,
    /// Time of the replay in seconds on the wall clock.
    pub seconds: f64,
    #[serde(skip)]
    venue: Venue,
    #[serde(skip)]
    usage: Vec<Capacities>,
    #[serde(skip)]
    capacity: Capacities,
}

impl Replayed {
    /// Makes an empty report.
    pub fn new(shape: &Shape, engine: &Engine) -> Self {
        let elements = shape.element_count();
        Self {
            file: engine.tape().file.clone(),
            shape: shape.name.clone(),
            markets: engine.tape().listings.len(),
            users: engine.tape().users.len(),
            batches: 0,
            closed: BTreeMap::new(),
            tally: Tally::default(),
            refused_trades_ppm: 0,
            rows_read: 0,
            skipped: engine.tape().skipped.clone(),
            refusals: Vec::new(),
            clamped: Vec::new(),
            rows: BTreeMap::new(),
            elements,
            bytes_per_trade: elements * 31 / shape.capacities["fills"].max(1),
            root: String::new(),
            seconds: 0.0,
            venue: Venue::new(engine.tape(), engine.state()),
            usage: Vec::new(),
            capacity: shape.capacities,
        }
    }

    /// The number of batches so far.
    pub fn batches(&self) -> u64 {
        self.batches as u64
    }

    /// Counts a batch in.
    pub fn add(&mut self, batch: &Batch) {
        self.batches += 1;
        *self.closed.entry(why(&batch.closed)).or_default() += 1;
        self.usage.push(batch.trace.usage());
        let room = SHOWN_PRICES.saturating_sub(self.clamped.len());
        self.clamped.extend(batch.clamped.iter().take(room).map(|clamped| self.venue.clamped(clamped)));
    }

    /// Fills in what only the end shows.
    pub fn finish(&mut self, engine: &Engine, refusals: Vec<Refusal>, elapsed: Duration) {
        use crate::engine::Kind;
        self.tally = engine.total().clone();
        self.rows_read = self.tally.rows();
        self.refusals = refusals;
        let refused = self.tally.refused_count(Kind::Fill);
        let trades = self.tally.count(Kind::Fill) + refused;
        self.refused_trades_ppm = (refused * 1_000_000).checked_div(trades).unwrap_or(0);
        self.root = crate::verify::field_hex(engine.state().root());
        self.seconds = elapsed.as_secs_f64();
        for (name, capacity) in self.capacity.by_name() {
            let mut used: Vec<usize> = self.usage.iter().map(|usage| usage[name]).collect();
            used.sort_unstable();
            let at = |percent: usize| used.get((used.len().saturating_sub(1)) * percent / 100);
            let spread = Spread {
                median: at(50).copied().unwrap_or(0),
                most: at(99).copied().unwrap_or(0),
                largest: at(100).copied().unwrap_or(0),
                capacity,
            };
            self.rows.insert(name, spread);
        }
    }

    /// The report as text for people.
    pub fn to_text(&self) -> String {
        let Tally { rows_applied, rows_refused, .. } = self.tally;
        let mut text = format!(
            "{}: {} rows read, {rows_applied} applied, {rows_refused} refused; {} users, {} markets\n{} batches at the capacities of {} in {:.1} s, root {}\n",
            self.file,
            self.rows_read,
            self.users,
            self.markets,
            self.batches,
            self.shape,
            self.seconds,
            self.root
        );
        for skipped in &self.skipped {
            let Skipped { name, reason, rows, line } = skipped;
            let place = self.venue.place();
            text.push_str(&format!("left out: {name}, {rows} rows, the first in {place} {line}: {reason}\n"));
        }
        text.push_str(&self.counts().to_text());
        for (kind, code, count) in self.tally.reasons() {
            text.push_str(&format!("\n{count} {} refused: {code}", kind.name()));
        }
        text.push_str(&self.shown());
        text.push('\n');
        text.push_str(&self.spreads().to_text());
        for (why, count) in &self.closed {
            let batches = if *count == 1 { "batch" } else { "batches" };
            text.push_str(&format!("\n{count} {batches}: {why}"));
        }
        text.push_str(&format!(
            "\n{} published elements per batch, {} bytes per trade when full",
            self.elements, self.bytes_per_trade
        ));
        text
    }

    fn counts(&self) -> Table {
        let mut counts = Table::new(&["what", "applied", "refused"]);
        for (kind, applied, refused) in self.tally.lines() {
            counts.row([kind.name().to_owned(), applied.to_string(), refused.to_string()]);
        }
        counts
    }

    /// The first refusals and cut prices, one per line.
    fn shown(&self) -> String {
        let mut text = String::new();
        for refusal in &self.refusals {
            text.push_str(&format!("\n  {refusal}"));
        }
        let refused = self.tally.reasons().iter().map(|(_, _, count)| count).sum::<u64>();
        if refused > self.refusals.len() as u64 {
            let shown = self.refusals.len();
            text.push_str(&format!("\n  the first {shown} of {refused}; --refused FILE writes all"));
        }
        for clamped in &self.clamped {
            text.push_str(&format!("\n  {clamped}"));
        }
        if self.tally.clamped > self.clamped.len() as u64 {
            let (shown, all) = (self.clamped.len(), self.tally.clamped);
            text.push_str(&format!("\n  the first {shown} of {all} prices that were cut"));
        }
        text
    }

    fn spreads(&self) -> Table {
        let mut rows = Table::new(&["rows in a batch", "median", "99 %", "largest", "capacity"]);
        for (name, _) in self.capacity.by_name() {
            let Some(spread) = self.rows.get(name) else { continue };
            let numbers = [spread.median, spread.most, spread.largest, spread.capacity];
            let [a, b, c, d] = numbers.map(|number| number.to_string());
            rows.row([name.to_owned(), a, b, c, d]);
        }
        rows
    }
}

/// Why a batch closed, without its numbers.
fn why(closed: &Closed) -> String {
    match closed {
        Closed::Full(overflow) => format!("closed early: no more rows of {}", overflow.what),
        other => other.to_string(),
    }
}
