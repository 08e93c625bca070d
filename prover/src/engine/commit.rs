//! Plans a batch until it stands still, signs it, and applies it for good.

use super::plan::{Brief, Entry, Pass, Verdict, run_pass};
use super::refused::{Reason, Refused};
use super::requests::Bulk;
use super::run::{Directory, Known, Run, Signer};
use super::tally::{Kind, Tally};
use super::ticks::Asked;
use super::window::Opening;
use super::work::{OrderKey, Task, Work};
use super::{Batch, Closed, Engine, EngineError, Settings, Sink};
use crate::wire::event::{Market, OrderName};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::ops::Range;
use zkmargin_circuits::executor::{BatchContext, Executor};
use zkmargin_circuits::kinds::Trace;
use zkmargin_circuits::ops::action::SignatureCheck;
use zkmargin_circuits::ops::prices::signer_of;
use zkmargin_circuits::ops::{Op, Tick};

/// A pass that needs no other, and what it built.
pub struct Planned {
    time: u64,
    pub(super) pass: Pass,
    asked: Vec<Asked>,
    opened: Vec<Market>,
    ops: Vec<Op>,
    signers: Vec<Signer>,
    created: Directory,
    struck: BTreeSet<OrderName>,
}

impl Engine {
    /// Time of a batch: the time of its last work, never before the one in force nor before that of its ticks; or its
    /// own. A batch of prints goes on to the next epoch of signed prices if nothing comes before.
    fn time(&self, opening: &Opening, end: usize) -> u64 {
        let last = self.work[self.cursor..end].last().map_or(0, |work| work.time);
        let ticks = if opening.waited { opening.begin } else { 0 };
        let time = opening.time.unwrap_or(last).max(ticks).max(self.state.globals().time);
        let from = self.prices_from();
        let idle = || self.work.get(end).is_none_or(|next| next.time >= from);
        if self.printed && time < from && idle() { from } else { time }
    }

    fn executor(&self, time: u64, signatures: SignatureCheck) -> Result<Executor, EngineError> {
        let Settings { domain, capacities, .. } = self.settings;
        let context = BatchContext { time, domain, capacities, signatures };
        Ok(Executor::begin(self.state.clone(), context)?)
    }

    /// Plans a batch. Of a tape of prints it ticks the markets that the batch reads and whose last print
    /// is another than the price in force.
    pub(super) fn plan(&self, opening: &Opening, range: Range<usize>) -> Result<Planned, EngineError> {
        let time = self.time(opening, range.end);
        if !self.printed {
            return self.passes(time, opening.asked.clone(), range);
        }
        let mut read: BTreeSet<Market> = self.work[range.clone()].iter().filter_map(Work::market).collect();
        let mut asked = self.printed_ticks(time, &range, &read);
        loop {
            let planned = self.passes(time, asked, range.clone())?;
            read.extend(&planned.opened);
            asked = self.printed_ticks(time, &range, &read);
            if planned.pass.stop.is_some() || asked == planned.asked {
                return Ok(planned);
            }
        }
    }

    /// None if there are no new prices yet in the epoch of the batch's time.
    fn printed_ticks(&self, time: u64, range: &Range<usize>, read: &BTreeSet<Market>) -> Vec<Asked> {
        if time < self.prices_from() {
            return Vec::new();
        }
        let Some(line) = self.work.get(range.start).map(|work| work.line) else { return Vec::new() };
        let prices = self.prices(range.start, self.marked == Some(range.start));
        let changed = |market: &Market, price: &u64| {
            read.contains(market) && self.state.market(*market).is_some_and(|listed| listed.price != *price)
        };
        let asked = |(market, price)| Asked { line, rows: 0, tick: Tick { market, price, rate: 0 } };
        prices.into_iter().filter(|(market, price)| changed(market, price)).map(asked).collect()
    }

    /// Runs the work on a copy until what is signed is exactly what is used.
    fn passes(&self, time: u64, asked: Vec<Asked>, range: Range<usize>) -> Result<Planned, EngineError> {
        let first = range.start;
        let marked = self.marked.and_then(|index| index.checked_sub(first));
        let prices = |index: usize| self.prices(first + index, true);
        let (wallets, directory, parts) = (&self.wallets, &self.directory, &self.parts);
        let known = Known { wallets, directory, parts };
        let house_items = Bulk::of(&self.beside_lists()).house();
        let lists = self.lists(time, &asked);
        let ticks = self.rated(time, asked.clone());
        let mut refused = Vec::new();
        let mut verdicts: Option<Vec<Verdict>> = None;
        let mut struck = BTreeSet::new();
        loop {
            let executor = self.executor(time, SignatureCheck::Skip)?;
            let mut run = Run::new(executor, known);
            let (lists, ticks) = (&lists, &ticks);
            let (work, orders) = (&self.work[range.clone()], &self.orders);
            let mut pass = {
                let (struck, prices) = (&struck, &prices);
                let brief = Brief { lists, ticks, work, first, orders, struck, marked, prices, house_items };
                run_pass(&mut run, &brief, verdicts.as_deref())
            };
            // Of prints, what is refused once stays refused; all else is tried again in each pass.
            refused.retain(|(index, _): &Entry| self.printed && index.is_some());
            refused.append(&mut pass.refused);
            // Work that our own tapes drop leaves nothing behind; printed trades leave orders.
            let settled = !self.printed
                || pass.verdicts.iter().all(|verdict| *verdict == Verdict::Kept)
                || verdicts.as_ref() == Some(&pass.verdicts);
            if pass.stop.is_some() || pass.partly_filled.is_empty() && settled {
                pass.refused = refused;
                let opened = run.executor.opened_markets().collect();
                let Run { ops, signers, created, .. } = run;
                return Ok(Planned { time, pass, asked, opened, ops, signers, created, struck });
            }
            struck.append(&mut pass.partly_filled);
            verdicts = self.printed.then_some(pass.verdicts);
        }
    }

    /// Applies a plan for good. None if all of its work was refused: then no batch is made.
    pub(super) fn close(
        &mut self,
        plan: Planned,
        range: Range<usize>,
        closed: Closed,
        sink: Sink<'_>,
    ) -> Result<Option<Batch>, EngineError> {
        let mut tally = Tally::default();
        let Planned { time, pass, asked, ops, signers, mut created, struck, .. } = plan;
        pass.applied.iter().for_each(|kind| tally.apply(*kind));
        tally.clamped = pass.clamped.len() as u64;
        let mut refused = self.count_rows(&range, &asked, pass.verdicts, pass.refused, &struck, &mut tally);
        refused.extend(struck.into_iter().map(|name| self.strike(name, Reason::NotWhole)));
        for refusal in refused {
            tally.refuse(&refusal);
            sink(refusal);
        }
        let batch = if ops.is_empty() {
            None
        } else {
            let (ops, trace) = self.commit(time, ops, &signers)?;
            // Orders of printed trades do not outlive their batch.
            created.orders.retain(|key, _| matches!(key, OrderKey::Named(_)));
            self.directory.extend(created);
            let (number, clamped) = (self.state.globals().batch, pass.clamped);
            Some(Batch { number, ops, trace, closed, tally: tally.clone(), clamped })
        };
        // Ticks that pay funding alone stand for no rows: a tick of the tape still waits.
        asked.iter().filter(|asked| asked.rows > 0).for_each(|asked| {
            self.waiting.remove(&asked.tick.market);
        });
        self.total.add(&tally);
        self.see(range.start, range.end);
        self.cursor = range.end;
        Ok(batch)
    }

    /// Shares the rows of the work out to what was applied and to the refusals.
    fn count_rows(
        &self,
        range: &Range<usize>,
        asked: &[Asked],
        verdicts: Vec<Verdict>,
        entries: Vec<Entry>,
        struck: &BTreeSet<OrderName>,
        tally: &mut Tally,
    ) -> Vec<Refused> {
        let work = &self.work[range.clone()];
        let of_struck = |index: usize| self.orders.is_struck(&work[index], struck);
        let mut entries: Vec<Entry> =
            entries.into_iter().filter(|(index, _)| !index.is_some_and(of_struck)).collect();
        let ticks: u64 = asked.iter().map(|asked| asked.rows).sum();
        let loose = entries.iter().filter(|(index, _)| index.is_none()).map(|(_, refused)| refused.rows);
        tally.rows_applied += ticks - loose.sum::<u64>();
        for (index, verdict) in verdicts.into_iter().enumerate() {
            let rows = u64::from(work[index].rows);
            let lost = match verdict {
                Verdict::Kept => 0,
                Verdict::Dropped if of_struck(index) => {
                    // They are counted with their order.
                    continue;
                }
                Verdict::Dropped => rows,
                Verdict::Items(kept) => {
                    tally.rows_applied += kept.iter().filter(|kept| **kept).count() as u64;
                    continue;
                }
                // The fills of a liquidation that was none; its notice, if it has a row, is refused.
                Verdict::Split { liquidated: 0, .. } => rows - 2,
                Verdict::Split { .. } => 0,
            };
            tally.rows_applied += rows - lost;
            let mut of_work = entries.iter_mut().filter(|(of, _)| *of == Some(index));
            if let Some((_, refused)) = of_work.next() {
                refused.rows = lost;
            }
        }
        entries.into_iter().map(|(_, refused)| refused).collect()
    }

    /// Refuses an order together with its fills.
    pub(super) fn strike(&mut self, name: OrderName, reason: Reason) -> Refused {
        let rows = self.orders.strike(name, &self.work);
        let place = self.orders.place(name).and_then(|index| self.work.get(index));
        let line = place.map_or(0, |work| work.line);
        Refused { line, kind: Kind::Order, market: self.orders.market(name), rows, reason }
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
        for op in ops.iter_mut() {
            let Op::Action(action) = op else { continue };
            let list = signer_of(action.account).and_then(|number| self.oracle.sign(number, action, &domain));
            action.signature = list.unwrap_or(action.signature);
        }
        let signed: Vec<_> = signers
            .par_iter()
            .filter_map(|signer| match &ops[signer.op] {
                Op::Action(action) => {
                    let message = action.message(&domain);
                    let wallet = self.wallets.changed(signer.owner, signer.changes);
                    let signature = wallet.secret.sign(message.hash);
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

    /// Divides an action that no batch holds under one signature. False if it has a single item.
    pub(super) fn divide(&mut self, index: usize) -> bool {
        let work = &mut self.work[index];
        let Task::Act { user, mode, wants } = &mut work.task else { return false };
        if wants.len() < 2 {
            return false;
        }
        let second = wants.split_off(wants.len() / 2);
        work.rows = wants.len() as u32;
        let rest = Work {
            line: second[0].line,
            time: work.time,
            rows: second.len() as u32,
            task: Task::Act { user: *user, mode: *mode, wants: second },
        };
        self.work.insert(index + 1, rest);
        self.orders.renumber(&self.work);
        true
    }
}
