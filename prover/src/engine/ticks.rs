//! Oracle prices that open a batch: what is asked, and what the band makes of it.

use super::Engine;
use super::work::{Task, Work};
use crate::wire::event::Market;
use serde::Serialize;
use std::collections::BTreeMap;
use zkmargin_circuits::ops::{Action, Context, Tick, tick};
use zkmargin_circuits::params::{EPOCH_SECONDS, RATE_OFFSET};
use zkmargin_circuits::state;

/// A tick of the tape that waits for an epoch of its own: where prices are signed, one epoch has one price.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    /// The tick, for all rows that it stands for.
    pub asked: Asked,
    /// Time of the last of them, seconds.
    pub time: u64,
}

/// A tick that a batch opens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Line of the file that asks for it, or whose work needs it.
    pub line: u64,
    /// Rows of the file that it stands for: none if the price is taken from prints, or is the one in
    /// force and only funding is paid.
    pub rows: u64,
    /// The tick.
    pub tick: Tick,
}

/// An oracle price that the band cut. Prices are 32.32 quote quanta per base quantum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Clamped {
    /// Line of the file that asked for it, or whose work needed it.
    pub line: u64,
    /// Market of the price.
    pub market: Market,
    /// The price that was asked for.
    pub asked: u64,
    /// The price that is in force.
    pub applied: u64,
    /// The price that was in force before, around which the band lies.
    pub before: u64,
    /// Half the band's width, parts per million of that.
    pub band: u32,
}

/// What signers say of a market whose tape asks for this tick: its rate, as far as a list can say it.
fn premium(tick: &Tick) -> i32 {
    tick.rate.clamp(1 - RATE_OFFSET, RATE_OFFSET - 1)
}

impl Clamped {
    /// What became of a tick, if its price was cut; `market` is as before it.
    pub fn of(asked: &Asked, applied: u64, market: &state::Market) -> Option<Self> {
        let Tick { market: id, price, .. } = asked.tick;
        let (before, band) = (market.price, market.band);
        (applied != price).then_some(Self {
            line: asked.line,
            market: id,
            asked: price,
            applied,
            before,
            band,
        })
    }
}

impl Engine {
    /// Whether prices are signed.
    pub(super) fn is_signed(&self) -> bool {
        !self.oracle.is_empty()
    }

    /// The first second of a batch that may have new prices: 0 if they are the operator's word.
    pub(super) fn prices_from(&self) -> u64 {
        if self.is_signed() { (self.state.globals().epoch + 1) * EPOCH_SECONDS } else { 0 }
    }

    /// Takes ticks that come next out of the tape, as many as a batch has rows for; later ones of the same epoch take the
    /// place of earlier ones.
    pub(super) fn gather_ticks(&mut self, room: usize) {
        let from = self.prices_from();
        while let Some(Work { line, time, task: Task::Tick { market, price, rate }, .. }) =
            self.work.get(self.cursor)
        {
            let before = self.waiting.get(market).map(|waiting| waiting.asked.rows);
            let first = self.waiting.values().map(|waiting| waiting.time).min();
            let late = first.is_some_and(|first| time.saturating_sub(first) > self.settings.span);
            if *time >= from && (before.is_some() || self.waiting.len() >= room || late) {
                break;
            }
            let tick = Tick { market: *market, price: *price, rate: *rate };
            let asked = Asked { line: *line, rows: before.unwrap_or(0) + 1, tick };
            self.waiting.insert(*market, Waiting { asked, time: *time });
            self.cursor += 1;
        }
    }

    /// The signers' lists for these ticks, not signed yet: none if the batch's epoch is not after the last one.
    pub(super) fn lists(&self, time: u64, asked: &[Asked]) -> Vec<Action> {
        if time < self.prices_from() {
            return Vec::new();
        }
        // A price that its market cannot have would spoil the whole list.
        let possible = |tick: &Tick| {
            let listed = self.state.market(tick.market)?;
            (1..=listed.max_price).contains(&tick.price).then_some((tick.market, tick.price))
        };
        let prices: BTreeMap<Market, u64> = asked.iter().filter_map(|asked| possible(&asked.tick)).collect();
        let (epoch, blank) = (time / EPOCH_SECONDS, self.wallets.blank_signature());
        let mut lists = self.oracle.lists(epoch, &prices, blank);
        if !lists.is_empty() {
            let context = self.observed(time);
            let first = |tick: &Tick| {
                let market = self.state.market(tick.market)?;
                tick::crosses_hour(&context, market).then_some((tick.market, premium(tick)))
            };
            let premiums = asked.iter().filter_map(|asked| first(&asked.tick)).collect();
            lists.extend(self.oracle.premium_lists(epoch, &premiums, blank));
        }
        lists
    }

    /// The context of a batch with signed prices at a time, seconds.
    fn observed(&self, time: u64) -> Context {
        let observed = time / EPOCH_SECONDS * EPOCH_SECONDS;
        Context { time, observed, is_signed: true, domain: self.settings.domain }
    }

    /// These ticks with the rates that they must have: where prices are signed, the one in force, or in the first tick of an
    /// hour the one that follows from the premium.
    pub(super) fn rated(&self, time: u64, mut asked: Vec<Asked>) -> Vec<Asked> {
        let context = self.observed(time);
        for Asked { tick, .. } in asked.iter_mut().filter(|_| self.is_signed()) {
            if let Some(market) = self.state.market(tick.market) {
                tick.rate = tick::signed_rate(&context, market, Some(premium(tick)));
            }
        }
        asked
    }
}
