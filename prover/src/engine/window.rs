//! What a batch may hold: the ticks that open it, and the work up to where it has to end.

use super::market::{mark_price, oracle_price};
use super::ticks::Asked;
use super::work::{Task, Work};
use super::{Closed, Engine};
use crate::wire::event::Market;
use std::collections::{BTreeMap, BTreeSet};
use zkmargin_circuits::kinds::Overflow;
use zkmargin_circuits::ops::Tick;
use zkmargin_circuits::params::FUNDING_INTERVAL_MAX;

/// Work looked at for one batch beyond its fills: deposits and withdrawals that come between.
const WINDOW: usize = 256;

/// The ticks of the tape that a batch opens with.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The ticks, at most one per market. Empty for prints: their prices follow from the work.
    pub asked: Vec<Asked>,
    /// Index of the first work after them.
    pub start: usize,
    /// The last second at which no funding of these ticks is lost.
    hour: Option<u64>,
    /// Why the batch holds nothing but these ticks, if it does.
    only: Option<Closed>,
}

impl Opening {
    /// The first ticks of these alone; the first of all is at `cursor`.
    pub fn first(&self, cursor: usize, ticks: usize) -> Self {
        let mut first = self.clone();
        first.asked.truncate(ticks);
        first.start = cursor + first.asked.len();
        first
    }
}

/// Work of a batch, if all of it fits.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Index of the first work that waits.
    pub end: usize,
    /// Why it waits.
    pub closed: Closed,
}

impl Engine {
    /// Leading ticks of the tape: as many as a batch has rows for, one per market.
    pub(super) fn opening(&self) -> Opening {
        let room = self.settings.capacities["ticks"].min(self.settings.capacities["markets"]);
        let mut opening = Opening { asked: Vec::new(), start: self.cursor, hour: None, only: None };
        let first = self.first_time();
        while let Some(Work { line, time, task: Task::Tick { market, price, rate }, .. }) =
            self.work.get(opening.start)
        {
            let again = opening.asked.iter().any(|asked| asked.tick.market == *market);
            opening.only = if again {
                Some(Closed::Tick)
            } else if opening.asked.len() == room.max(1) {
                Some(Closed::Full(Overflow { what: "ticks", needed: room + 1, capacity: room }))
            } else {
                self.late(*time, first, opening.hour)
            };
            if opening.only.is_some() {
                break;
            }
            let tick = Tick { market: *market, price: *price, rate: *rate };
            opening.asked.push(Asked { line: *line, rows: 1, tick });
            if *rate != 0 {
                let last = self.state.market(*market).map_or(0, |market| market.last_tick);
                let hour = (last + FUNDING_INTERVAL_MAX).max(*time);
                opening.hour = Some(opening.hour.map_or(hour, |known| known.min(hour)));
            }
            opening.start += 1;
        }
        opening
    }

    /// Time of the first row that the next batch could hold.
    fn first_time(&self) -> u64 {
        self.work.get(self.cursor).map_or(0, |work| work.time)
    }

    /// Why a row at `time` cannot be in a batch that began at `first`.
    fn late(&self, time: u64, first: u64, hour: Option<u64>) -> Option<Closed> {
        if hour.is_some_and(|hour| time > hour) {
            return Some(Closed::Hour);
        }
        (time - first.min(time) > self.settings.span).then_some(Closed::Span)
    }

    /// Where the batch ends if everything fits.
    pub(super) fn window(&self, opening: &Opening) -> Window {
        let Opening { start, hour, only, .. } = *opening;
        if let Some(closed) = only {
            return Window { end: start, closed };
        }
        let first = self.first_time();
        let most_markets = self.settings.capacities["markets"];
        let mut markets = BTreeSet::new();
        let mut expiry = u64::MAX;
        let mut trades = 0;
        for (index, work) in self.work.iter().enumerate().skip(start) {
            let closed = if matches!(work.task, Task::Tick { .. }) {
                Some(Closed::Tick)
            } else if index - start >= self.settings.fills.saturating_add(WINDOW) {
                Some(Closed::Window)
            } else if work.time > expiry {
                Some(Closed::Expiry)
            } else {
                self.late(work.time, first, hour)
            };
            if let Some(closed) = closed {
                return Window { end: index, closed };
            }
            if self.printed {
                markets.extend(work.market());
                if markets.len() > most_markets && index > start {
                    let (needed, capacity) = (markets.len(), most_markets);
                    let closed = Closed::Full(Overflow { what: "markets", needed, capacity });
                    return Window { end: index, closed };
                }
            }
            expiry = self.orders.deadline(work).map_or(expiry, |deadline| deadline.min(expiry));
            trades += usize::from(work.is_trade());
            if trades == self.settings.fills {
                return Window { end: index + 1, closed: Closed::Fills };
            }
        }
        Window { end: self.work.len(), closed: Closed::End }
    }

    /// Oracle prices of a batch that opens with the work at `index`: the last ordinary print of each
    /// market before it; and, if asked for, the mark price that its liquidation notice gives.
    pub(super) fn prices(&self, index: usize, with_mark: bool) -> BTreeMap<Market, u64> {
        let mut prints = self.prints.clone();
        prints.extend(self.work[self.cursor..index].iter().filter_map(print));
        let mut prices = BTreeMap::new();
        for (market, print) in prints {
            let Some(listed) = self.state.market(market) else { continue };
            let price = oracle_price(u128::from(print), listed.tick_quote, listed.lot);
            prices.extend(price.map(|price| (market, price)));
        }
        if let Some(Task::Forced(forced)) = self.work.get(index).map(|work| &work.task) {
            let lot = self.state.market(forced.market).map_or(0, |market| market.lot);
            let notional = forced.notional.filter(|_| with_mark);
            let mark = notional.and_then(|notional| mark_price(notional, forced.lots, lot));
            prices.extend(mark.map(|mark| (forced.market, mark)));
        }
        prices
    }

    /// Remembers the last ordinary prints of work that went by.
    pub(super) fn see(&mut self, start: usize, end: usize) {
        self.prints.extend(self.work[start..end].iter().filter_map(print));
    }
}

/// Market and price in ticks of an ordinary print.
fn print(work: &Work) -> Option<(Market, u32)> {
    match &work.task {
        Task::Trade(trade) => Some((trade.market, trade.price)),
        _ => None,
    }
}
