//! The report of an audit: one HTML file that needs no server and no network.
//!
//! [`Collector`] is told of every batch and keeps columns of numbers; [`Collector::write`] puts them as JSON into the
//! page. The page's script draws charts and tables from them (page/; docs/report.md).
//! Nothing in the page says more than the bytes, the genesis and the verdict do.

mod accounts;
mod batches;
mod events;
mod exact;
mod liquidations;
mod markets;
mod page;

#[cfg(test)]
mod tests;

use super::names::Names;
use super::{Step, Verdict};
use accounts::Accounts;
use batches::Batches;
use events::Events;
use liquidations::Liquidations;
use markets::Markets;
use serde::Serialize;
use std::io::{self, Write};

/// Keeps of each batch what the page shows.
#[derive(Debug, Default)]
pub struct Collector {
    names: Names,
    quote_decimals: u32,
    batches: Batches,
    markets: Markets,
    events: Events,
    liquidations: Liquidations,
    accounts: Accounts,
}

/// What the page shows of the run as a whole.
#[derive(Serialize)]
struct Run<'a> {
    verdict: &'a Verdict,
    /// The verdict's text: a summary, then what is proven, recomputed, and on somebody's word.
    sections: Vec<Section>,
    rests_on_no_word: bool,
    quote_decimals: u32,
}

/// A part of the verdict's text.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Section {
    title: String,
    lines: Vec<String>,
}

impl Collector {
    /// Nothing yet. `names` are shown beside the numbers of accounts.
    pub fn new(names: Names) -> Self {
        Self { names, ..Self::default() }
    }

    /// Takes a batch, in order; of the last one the accounts after it.
    pub fn take(&mut self, step: &Step<'_>) {
        self.quote_decimals = step.genesis.quote_decimals;
        let row = self.batches.take(step);
        self.markets.take(step, row);
        self.liquidations.take(step, row);
        self.events.take(step, row);
        if step.number == step.of {
            self.accounts = Accounts::of(step.genesis, step.state, &self.names);
        }
    }

    /// Whether no batch was taken: there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Writes the page.
    pub fn write(&self, verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
        let run = Run {
            verdict,
            sections: sections(&verdict.to_text()),
            rests_on_no_word: verdict.rests_on_no_word(),
            quote_decimals: self.quote_decimals,
        };
        let mut page = page::Page::begin(out)?;
        page.block("run", &run)?;
        page.block("batches", &self.batches)?;
        page.block("markets", &self.markets)?;
        page.block("accounts", &self.accounts)?;
        page.block("liquidations", &self.liquidations.rows)?;
        page.block("law", &self.liquidations.law)?;
        page.block("events", &self.events)?;
        page.end()
    }
}

/// The paragraphs of the verdict's text, each with its first line as title.
fn sections(text: &str) -> Vec<Section> {
    let section = |paragraph: &str| {
        let mut lines = paragraph.lines().map(|line| line.trim().to_owned());
        Section { title: lines.next().unwrap_or_default(), lines: lines.collect() }
    };
    text.split("\n\n").map(section).collect()
}
