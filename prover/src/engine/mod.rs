//! Events to batches of ops: who owns what, what each batch holds, and when it closes.
//!
//! A batch is planned on a copy of the state without signatures ([`plan`]), then signed, then applied
//! for good with every signature verified. What the law refuses is counted by its reason.

mod batch;
pub mod market;
mod plan;
mod prints;
mod requests;
mod run;
mod start;
pub mod tally;
mod wallets;
mod work;

#[cfg(test)]
mod tests;

pub use batch::{Batch, Closed, EngineError, Settings};
pub use plan::Refused;
pub use tally::{Kind, Tally};
use wallets::Wallets;

use crate::wire::Tape;
use crate::wire::event::Market;
use market::{mark_price, oracle_price};
use plan::{Brief, Pass, Verdict, run_pass};
use rayon::prelude::*;
use run::{Directory, Run, Signer};
use start::{genesis, lower};
use std::collections::BTreeMap;
use work::{Task, Work};
use zkmargin_circuits::executor::{BatchContext, Executor};
use zkmargin_circuits::kinds::{Overflow, Trace};
use zkmargin_circuits::ops::action::SignatureCheck;
use zkmargin_circuits::ops::{Op, Tick};
use zkmargin_circuits::state::State;

/// Work looked at for one batch beyond its fills: deposits and withdrawals that come between.
const WINDOW: usize = 256;

/// Turns one tape into batches.
pub struct Engine {
    tape: Tape,
    work: Vec<Work>,
    cursor: usize,
    state: State,
    wallets: Wallets,
    directory: Directory,
    /// Last ordinary print of each market, ticks.
    prints: BTreeMap<Market, u32>,
    /// A liquidation that opens a batch at its own mark price.
    marked: Option<usize>,
    settings: Settings,
    total: Tally,
    unmatched: Vec<u64>,
}

impl Engine {
    /// Lists the markets, opens the books and lowers the tape to work.
    pub fn new(mut tape: Tape, settings: Settings) -> Result<Self, EngineError> {
        let wallets = Wallets::new(settings.seed, &tape.users);
        let state = genesis(&mut tape, &wallets)?;
        let mut unmatched = Vec::new();
        let work = lower(&tape, &state, &mut unmatched);
        Ok(Self {
            tape,
            work,
            cursor: 0,
            state,
            wallets,
            directory: Directory::default(),
            prints: BTreeMap::new(),
            marked: None,
            settings,
            total: Tally::default(),
            unmatched,
        })
    }

    /// The state after the last batch.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The tape that is replayed.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// The counts over all batches so far.
    pub fn total(&self) -> &Tally {
        &self.total
    }

    /// Lines of liquidation notices that no mirrored pair belongs to.
    pub fn unmatched_notices(&self) -> &[u64] {
        &self.unmatched
    }

    /// Other rules for the batches to come.
    pub fn set_settings(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// The batches to come, until the tape is done.
    pub fn batches(&mut self) -> impl Iterator<Item = Result<Batch, EngineError>> {
        std::iter::from_fn(|| self.next_batch().transpose())
    }

    /// The next batch, signed and applied; None when the tape is done.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, EngineError> {
        if self.cursor >= self.work.len() {
            return Ok(None);
        }
        let mut tally = Tally::default();
        let mut refused = Vec::new();
        let (mut ticks, start) = self.ticks(&mut tally, &mut refused);
        let (mut end, mut closed) = self.window(start);
        let mut waiting = None;
        let Planned { pass, ops, signers, born } = loop {
            let plan = self.plan(&ticks, start..end)?;
            let Some(stop) = plan.pass.stop else { break plan };
            closed = stop.closed;
            if stop.closed == Closed::Liquidation {
                waiting = stop.index.map(|index| start + index);
                if stop.index == Some(0) {
                    self.marked = waiting.take();
                    ticks = self.ticks(&mut tally, &mut refused).0;
                    (end, closed) = self.window(start);
                    continue;
                }
            }
            let fitting = stop.index.unwrap_or((end - start) / 2);
            if let (0, Closed::Full(overflow)) = (fitting, closed) {
                // This piece alone is more than the shape holds: it can never be in a batch.
                self.skip(start, &overflow, &mut tally, &mut refused);
                return self.next_batch().map(|batch| batch.map(|b| with(b, &tally, &refused)));
            }
            end = start + fitting;
        };
        for kind in &pass.applied {
            tally.apply(*kind);
        }
        for refusal in pass.refused {
            tally.refuse(refusal.kind, &refusal.reason);
            refused.push(refusal);
        }
        let time = self.time(start, end);
        let (ops, trace) = self.commit(time, ops, &signers)?;
        self.directory.accounts.extend(born.accounts);
        // Orders of printed trades do not outlive their batch.
        let named = |key: &work::OrderKey| matches!(key, work::OrderKey::Named(_));
        self.directory.orders.extend(born.orders.into_iter().filter(|(key, _)| named(key)));
        tally.rows = self.work[start..end].iter().map(|work| u64::from(work.rows)).sum();
        self.see(start, end);
        self.cursor = end;
        self.marked = waiting.filter(|index| *index == end);
        self.total.add(&tally);
        let number = self.state.globals().batch;
        Ok(Some(Batch { number, ops, trace, closed, tally, refused }))
    }

    /// Ticks of the next batch, and where its work starts: leading ticks of the tape, or the last
    /// ordinary print of each market if that changed.
    fn ticks(&mut self, tally: &mut Tally, refused: &mut Vec<Refused>) -> (Vec<Tick>, usize) {
        let mut ticks: BTreeMap<Market, Tick> = BTreeMap::new();
        for (market, price) in self.prices(self.cursor, self.marked == Some(self.cursor)) {
            let in_force = self.state.market(market).map_or(0, |market| market.price);
            if price != in_force {
                ticks.insert(market, Tick { market, price, rate: 0 });
            }
        }
        let mut start = self.cursor;
        while let Some(Work { line, task: Task::Tick { market, price, rate }, .. }) = self.work.get(start) {
            let tick = Tick { market: *market, price: *price, rate: *rate };
            if ticks.insert(*market, tick).is_some() {
                let reason = "superseded before any trade".to_owned();
                tally.refuse(Kind::Tick, &reason);
                refused.push(Refused { line: *line, kind: Kind::Tick, reason, refusal: None });
            }
            start += 1;
        }
        (ticks.into_values().collect(), start)
    }

    /// Oracle prices of a batch that opens with the work at `index`: the last ordinary print of each
    /// market before it; and, if asked for, the mark price that its liquidation notice gives.
    fn prices(&self, index: usize, with_mark: bool) -> BTreeMap<Market, u64> {
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

    /// Where the batch ends if everything fits.
    fn window(&self, start: usize) -> (usize, Closed) {
        let mut trades = 0;
        for (index, work) in self.work.iter().enumerate().skip(start) {
            if matches!(work.task, Task::Tick { .. }) {
                return (index, Closed::Tick);
            }
            if index - start >= self.settings.fills + WINDOW {
                return (index, Closed::Window);
            }
            trades += usize::from(work.is_trade());
            if trades == self.settings.fills {
                return (index + 1, Closed::Fills);
            }
        }
        (self.work.len(), Closed::End)
    }

    /// Time of a batch: that of its last work, never before the one in force.
    fn time(&self, start: usize, end: usize) -> u64 {
        let last = self.work[self.cursor..end.max(start)].last().map_or(0, |work| work.time);
        last.max(self.state.globals().time)
    }

    fn executor(&self, time: u64, signatures: SignatureCheck) -> Result<Executor, EngineError> {
        let Settings { domain, capacities, .. } = self.settings;
        let context = BatchContext { time, domain, capacities, signatures };
        Ok(Executor::begin(self.state.clone(), context)?)
    }

    /// Runs the work on a copy until what is signed is exactly what is used.
    fn plan(&self, ticks: &[Tick], range: std::ops::Range<usize>) -> Result<Planned, EngineError> {
        let time = self.time(range.start, range.end);
        let start = range.start;
        let marked = self.marked.and_then(|index| index.checked_sub(start));
        let prices = |index: usize| self.prices(start + index, true);
        let brief = Brief { ticks, work: &self.work[range], marked, prices: &prices };
        let mut refused = Vec::new();
        let mut verdicts: Option<Vec<Verdict>> = None;
        loop {
            let executor = self.executor(time, SignatureCheck::Skip)?;
            let mut run = Run::new(executor, &self.directory, &self.wallets);
            let mut pass = run_pass(&mut run, &brief, verdicts.as_deref());
            refused.append(&mut pass.refused);
            let all_kept = pass.verdicts.iter().all(|verdict| *verdict == Verdict::Kept);
            if all_kept || verdicts.as_ref() == Some(&pass.verdicts) || pass.stop.is_some() {
                pass.refused = refused;
                let Run { ops, signers, born, .. } = run;
                return Ok(Planned { pass, ops, signers, born });
            }
            verdicts = Some(pass.verdicts);
        }
    }

    /// Signs and applies the ops for good.
    fn commit(
        &mut self,
        time: u64,
        mut ops: Vec<Op>,
        signers: &[Signer],
    ) -> Result<(Vec<Op>, Trace), EngineError> {
        let batch = self.state.globals().batch + 1;
        if self.settings.sign {
            self.sign(&mut ops, signers);
        }
        let check = if self.settings.sign { SignatureCheck::Verify } else { SignatureCheck::Skip };
        let mut executor = self.executor(time, check)?;
        for (op, what) in ops.iter().enumerate() {
            executor.apply(what).map_err(|refusal| EngineError::Replay {
                batch,
                op,
                refusal: refusal.to_string(),
            })?;
        }
        let (state, trace) = executor.finish().map_err(|unfinished| EngineError::Replay {
            batch,
            op: ops.len(),
            refusal: unfinished.error.to_string(),
        })?;
        self.state = state;
        Ok((ops, trace))
    }

    fn sign(&self, ops: &mut [Op], signers: &[Signer]) {
        let domain = self.settings.domain;
        let signed: Vec<_> = signers
            .par_iter()
            .filter_map(|signer| match &ops[signer.op] {
                Op::Action(action) => {
                    let message = action.message(&domain);
                    let signature = self.wallets.get(signer.owner).secret.sign(message.hash);
                    Some((signer.op, signature))
                }
                _ => None,
            })
            .collect();
        for (index, signature) in signed {
            if let Op::Action(action) = &mut ops[index] {
                action.signature = signature;
            }
        }
    }

    /// Remembers the last ordinary prints of work that went by.
    fn see(&mut self, start: usize, end: usize) {
        self.prints.extend(self.work[start..end].iter().filter_map(print));
    }

    fn skip(&mut self, index: usize, overflow: &Overflow, tally: &mut Tally, refused: &mut Vec<Refused>) {
        let kind = match self.work[index].task {
            Task::Deposit { .. } => Kind::Deposit,
            Task::Withdraw { .. } => Kind::Withdrawal,
            Task::Transfer { .. } => Kind::Transfer,
            Task::Act { .. } => Kind::Order,
            Task::Liquidate { .. } | Task::Forced(_) => Kind::Liquidation,
            Task::Tick { .. } => Kind::Tick,
            Task::Trade(_) | Task::Match { .. } => Kind::Fill,
        };
        let reason = format!("does not fit the shape: {overflow}");
        tally.refuse(kind, &reason);
        refused.push(Refused { line: self.work[index].line, kind, reason, refusal: None });
        self.see(index, index + 1);
        self.total.add(tally);
        self.cursor = index + 1;
    }
}

/// A pass that needs no other, and what it built.
struct Planned {
    pass: Pass,
    ops: Vec<Op>,
    signers: Vec<Signer>,
    born: Directory,
}

/// A batch together with what was refused just before it.
fn with(mut batch: Batch, tally: &Tally, refused: &[Refused]) -> Batch {
    batch.tally.add(tally);
    batch.refused.extend_from_slice(refused);
    batch
}

/// Market and price in ticks of an ordinary print.
fn print(work: &Work) -> Option<(Market, u32)> {
    match &work.task {
        Task::Trade(trade) => Some((trade.market, trade.price)),
        _ => None,
    }
}
