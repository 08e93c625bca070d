//! What a batch may hold: the ticks that open it, and the work up to where it has to end.

use super::market::{mark_price, oracle_price};
use super::ticks::Asked;
use super::work::{Task, Work};
use super::{Closed, Engine};
use crate::wire::event::Market;
use std::collections::{BTreeMap, BTreeSet};
use zkmargin_circuits::kinds::Overflow;
use zkmargin_circuits::ops::Tick;
use zkmargin_circuits::state;

/// Work looked at for one batch beyond its fills: deposits and withdrawals that come between.
const WINDOW: usize = 256;

/// The ticks that a batch opens with.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The ticks, at most one per market. Empty for prints: their prices follow from the work.
    pub asked: Vec<Asked>,
    /// Index of the first work after them.
    pub start: usize,
    /// The last second to which the batch can pay the funding of all markets.
    paid: u64,
    /// The time of a batch of ticks alone that is none of its work's.
    pub time: Option<u64>,
    /// Why the batch holds nothing but these ticks, if it does.
    only: Option<Closed>,
    /// The second in which the batch begins: it is not earlier than that of signed prices.
    pub begin: u64,
    /// The ticks have waited for an epoch of signed prices: they are no more part of the work.
    pub waited: bool,
    /// The second from which the batch waits for one after it: a price is to be signed from then on.
    until: u64,
}

impl Opening {
    /// The first ticks of these alone; the first of all is at `cursor`.
    pub fn first(&self, cursor: usize, ticks: usize) -> Self {
        let mut first = self.clone();
        first.asked.truncate(ticks);
        first.start = if first.is_apart() { cursor } else { cursor + first.asked.len() };
        first
    }

    /// Whether there are ticks that can have a batch of their own before the work at `cursor`.
    pub fn has_ticks(&self, cursor: usize) -> bool {
        self.start > cursor || self.is_apart()
    }

    /// Whether its ticks are no leading work of the tape: they have waited, or pay funding alone.
    const fn is_apart(&self) -> bool {
        self.time.is_some() || self.waited
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
    /// The ticks of the next batch, one per market, as many as it has rows for: those that lead the tape, those that
    /// pay funding alone, or with price signers those that have waited, which leave the tape here.
    pub(super) fn opening(&mut self) -> Opening {
        let room = self.settings.capacities["ticks"].min(self.settings.capacities["markets"]);
        if self.is_signed() {
            return self.signed_opening(room);
        }
        let first = self.first_time();
        let owing = self.owing();
        let paid = owing.first().map_or(u64::MAX, |(until, _)| *until);
        if paid < first && room > 0 {
            return self.funding_alone(owing, room);
        }
        let mut opening = Opening { paid, begin: first, ..self.unopened() };
        while let Some(Work { line, time, task: Task::Tick { market, price, rate }, .. }) =
            self.work.get(opening.start)
        {
            let again = opening.asked.iter().any(|asked| asked.tick.market == *market);
            opening.only = if again {
                Some(Closed::Tick)
            } else if opening.asked.len() == room.max(1) {
                Some(Closed::Full(Overflow { what: "ticks", needed: room + 1, capacity: room }))
            } else {
                self.late(*time, first, opening.paid)
            };
            if opening.only.is_some() {
                break;
            }
            let tick = Tick { market: *market, price: *price, rate: *rate };
            opening.asked.push(Asked { line: *line, rows: 1, tick });
            opening.paid = self.paid_with(opening.paid, &tick, *time);
            opening.start += 1;
        }
        opening
    }

    /// The last second to which all funding can be paid, with this tick of a batch that begins at `at`.
    fn paid_with(&self, paid: u64, tick: &Tick, at: u64) -> u64 {
        match self.state.market(tick.market) {
            Some(listed) if tick.rate != 0 => paid.min(payable(listed).max(at)),
            _ => paid,
        }
    }

    fn unopened(&self) -> Opening {
        Opening {
            asked: Vec::new(),
            start: self.cursor,
            paid: u64::MAX,
            time: None,
            only: None,
            begin: 0,
            waited: false,
            until: u64::MAX,
        }
    }

    /// Ticks at signed prices: they wait until an epoch is over that has prices already. If the next work comes before,
    /// it goes into a batch without them.
    fn signed_opening(&mut self, room: usize) -> Opening {
        self.gather_ticks(room.max(1));
        let from = self.prices_from();
        let next = self.work.get(self.cursor).map(|work| work.time);
        let waiting = self.waiting.values().map(|waiting| waiting.time).max();
        let idle = next.is_none_or(|next| next >= from);
        let ticks_at = waiting.map(|last| last.max(from)).filter(|at| *at > from || idle);
        let begin = ticks_at.or(next).unwrap_or_default();
        let owing = self.owing();
        let mut paid = owing.first().map_or(u64::MAX, |(until, _)| *until);
        if paid < begin {
            // Without a list nothing pays in time: the market is in arrears until something opens it.
            if room > 0 && next.is_some() && paid.max(self.state.globals().time) >= from {
                return self.funding_alone(owing, room);
            }
            paid = u64::MAX;
        }
        let until = if waiting.is_some() && ticks_at.is_none() { from } else { u64::MAX };
        let mut opening = Opening { paid, begin, until, ..self.unopened() };
        if ticks_at.is_none() {
            return opening;
        }
        let asked: Vec<Asked> =
            self.waiting.values().take(room.max(1)).map(|waiting| waiting.asked).collect();
        if asked.len() < self.waiting.len() {
            let (what, needed, capacity) = ("ticks", self.waiting.len(), room);
            opening.only = Some(Closed::Full(Overflow { what, needed, capacity }));
        }
        opening.paid =
            asked.iter().fold(opening.paid, |paid, asked| self.paid_with(paid, &asked.tick, begin));
        Opening { asked, waited: true, ..opening }
    }

    /// Markets whose open positions pay funding, with the time to which an opening can pay it; the earliest first.
    fn owing(&self) -> Vec<(u64, Market)> {
        let markets = self.state.markets();
        let owing = markets.filter(|(_, market)| market.rate != 0 && market.open_interest != 0);
        let mut owing: Vec<_> = owing.map(|(id, market)| (payable(market), id)).collect();
        owing.sort_unstable();
        owing
    }

    /// A batch that pays funding before anything else happens: ticks at the prices and rates in force, at the last
    /// second to which all of them can pay. Without it a market would be in arrears, and still.
    fn funding_alone(&self, owing: Vec<(u64, Market)>, room: usize) -> Opening {
        let time = owing.first().map_or(0, |(until, _)| *until).max(self.state.globals().time);
        let line = self.work.get(self.cursor).map_or(0, |work| work.line);
        let tick = |(_, market): &(u64, Market)| {
            let state::Market { price, rate, .. } = *self.state.market(*market)?;
            Some(Asked { line, rows: 0, tick: Tick { market: *market, price, rate } })
        };
        let asked = owing.iter().take(room).filter_map(tick).collect();
        Opening { asked, paid: time, time: Some(time), only: Some(Closed::Funding), ..self.unopened() }
    }

    /// Time of the first row that the next batch could hold.
    fn first_time(&self) -> u64 {
        self.work.get(self.cursor).map_or(0, |work| work.time)
    }

    /// Why a row at `time` cannot be in a batch that began at `first`.
    fn late(&self, time: u64, first: u64, paid: u64) -> Option<Closed> {
        if time > paid {
            return Some(Closed::Funding);
        }
        (time - first.min(time) > self.settings.span).then_some(Closed::Span)
    }

    /// Where the batch ends if everything fits.
    pub(super) fn window(&self, opening: &Opening) -> Window {
        let Opening { start, paid, only, begin, until, .. } = *opening;
        if let Some(closed) = only {
            return Window { end: start, closed };
        }
        let most_markets = self.settings.capacities["markets"];
        let mut markets = BTreeSet::new();
        let mut expiry = u64::MAX;
        let mut trades = 0;
        for (index, work) in self.work.iter().enumerate().skip(start) {
            let closed = if matches!(work.task, Task::Tick { .. }) || work.time >= until {
                Some(Closed::Tick)
            } else if index - start >= self.settings.fills.saturating_add(WINDOW) {
                Some(Closed::Window)
            } else if work.time > expiry {
                Some(Closed::Expiry)
            } else {
                self.late(work.time, begin, paid)
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

/// The last second to which an opening of the market pays all of its funding.
fn payable(market: &state::Market) -> u64 {
    market.paid_until + u64::from(market.funding_interval)
}

/// Market and price in ticks of an ordinary print.
fn print(work: &Work) -> Option<(Market, u32)> {
    match &work.task {
        Task::Trade(trade) => Some((trade.market, trade.price)),
        _ => None,
    }
}
