//! Plans a batch: runs its work on a copy of the state, without signatures, to learn what is accepted.
//!
//! The house signs first and exactly what it will need, so a batch with refused trades is run again
//! without them: their orders are then not signed at all.

use super::Closed;
use super::liquidations::Liquidation;
use super::orders::Orders;
use super::refused::{Failure, Reason, Refused};
use super::run::{Run, Sizing};
use super::sizes::sizes;
use super::tally::Kind;
use super::ticks::{Asked, Clamped};
use super::work::{Holder, OrderKey, Task, Trade, Work};
use crate::wire::event::{Market, OrderName};
use std::collections::{BTreeMap, BTreeSet};
use zkmargin_circuits::executor::Applied;
use zkmargin_circuits::kinds::Overflow;
use zkmargin_circuits::ops::{Action, Op};
use zkmargin_circuits::reject::Reject;

/// What became of a piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The work is in the batch.
    Kept,
    /// The work is not in the batch.
    Dropped,
    /// Each item of an action has a signature of its own; those marked are in the batch.
    Items(Vec<bool>),
    /// A printed liquidation: lots liquidated, and lots traded as an ordinary fill.
    Split { liquidated: u64, filled: u64 },
}

/// A refusal and the index of its work; a refused tick has none.
pub type Entry = (Option<usize>, Refused);

/// The outcome of one pass.
#[derive(Debug, Clone, Default)]
pub struct Pass {
    /// One verdict per piece of work, up to where the batch was full.
    pub verdicts: Vec<Verdict>,
    /// Kinds of the work that was applied.
    pub applied: Vec<Kind>,
    /// Refusals of the work that was not applied.
    pub refused: Vec<Entry>,
    /// Oracle prices that the band cut.
    pub clamped: Vec<Clamped>,
    /// Fill-or-kill orders that their fills do not fill.
    pub partly_filled: BTreeSet<OrderName>,
    /// The piece of work that must wait for the next batch, and why.
    pub stop: Option<Stop>,
}

/// The end of a pass before its work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// Index of the first piece that waits; None if the house's own orders are too many.
    pub index: Option<usize>,
    /// Reason for which the batch closes there.
    pub closed: Closed,
}

impl Stop {
    /// The rows ran out at a piece of work.
    pub const fn full(index: usize, overflow: Overflow) -> Self {
        Self { index: Some(index), closed: Closed::Full(overflow) }
    }
}

/// The prices and the work that a batch is planned with.
pub struct Brief<'a> {
    /// The lists of the price signers, not signed yet.
    pub lists: &'a [Action],
    /// Prices of the batch.
    pub ticks: &'a [Asked],
    /// Work of the batch in its order.
    pub work: &'a [Work],
    /// Index of the first work in the whole tape.
    pub first: usize,
    /// The orders that the tape names.
    pub orders: &'a Orders,
    /// Fill-or-kill orders that this batch refuses with their fills.
    pub struck: &'a BTreeSet<OrderName>,
    /// The liquidation whose mark price is among the ticks.
    pub marked: Option<usize>,
    /// Prices that a batch opened before a piece of work would have, 32.32.
    pub prices: &'a dyn Fn(usize) -> BTreeMap<Market, u64>,
    /// Most items under one signature of the house.
    pub house_items: usize,
}

/// Lists of prices, ticks, then the house's orders, then the work in its order.
///
/// `verdicts` come from an earlier pass: dropped work is left out, splits are repeated.
pub fn run_pass(run: &mut Run<'_>, brief: &Brief<'_>, verdicts: Option<&[Verdict]>) -> Pass {
    let mut pass = Pass::default();
    let sizes = sizes(brief.work, verdicts);
    let mut planner = Planner { run, brief, sizes, pass: &mut pass };
    let stop = planner.batch(verdicts).err();
    Pass { stop, ..pass }
}

/// Builds one pass.
pub struct Planner<'p, 'r> {
    pub(super) run: &'p mut Run<'r>,
    pub(super) brief: &'p Brief<'p>,
    sizes: BTreeMap<OrderKey, Sizing>,
    pub(super) pass: &'p mut Pass,
}

impl Planner<'_, '_> {
    fn batch(&mut self, verdicts: Option<&[Verdict]>) -> Result<(), Stop> {
        for list in self.brief.lists {
            self.list(list)?;
        }
        for asked in self.brief.ticks {
            self.tick(asked)?;
        }
        let mut house_waits = true;
        for (index, piece) in self.brief.work.iter().enumerate() {
            // The house's own deposits come before its orders.
            let house_money = matches!(piece.task, Task::Deposit { to, .. } if to.owner.is_none());
            if house_waits && !house_money {
                self.house()?;
                house_waits = false;
            }
            let known = verdicts.and_then(|verdicts| verdicts.get(index));
            let struck = self.brief.orders.is_struck(piece, self.brief.struck);
            let verdict = match known {
                Some(Verdict::Dropped) => Verdict::Dropped,
                _ if struck => Verdict::Dropped,
                known => self.piece(index, piece, known)?,
            };
            self.pass.verdicts.push(verdict);
        }
        self.find_partly_filled();
        Ok(())
    }

    /// A price signer's list, which only a batch without room refuses.
    fn list(&mut self, list: &Action) -> Result<(), Stop> {
        match self.run.apply(Op::Action(Box::new(list.clone()))) {
            Ok(_) => Ok(()),
            Err(Failure::Full(overflow)) => Err(Stop::full(0, overflow)),
            Err(Failure::Refused(reason)) => {
                let refused = Refused { line: 0, kind: Kind::Tick, market: None, rows: 0, reason };
                self.pass.refused.push((None, refused));
                Ok(())
            }
        }
    }

    fn tick(&mut self, asked: &Asked) -> Result<(), Stop> {
        let before = self.run.executor.market(asked.tick.market);
        match self.run.apply(Op::Tick(asked.tick)) {
            Ok(Applied::Tick { price, .. }) => {
                self.pass.applied.push(Kind::Tick);
                self.pass.clamped.extend(before.and_then(|market| Clamped::of(asked, price, &market)));
            }
            Ok(_) => {}
            Err(Failure::Full(overflow)) => return Err(Stop::full(0, overflow)),
            Err(Failure::Refused(reason)) => {
                let (market, rows) = (Some(asked.tick.market), asked.rows);
                let refused = Refused { line: asked.line, kind: Kind::Tick, market, rows, reason };
                self.pass.refused.push((None, refused));
            }
        }
        Ok(())
    }

    /// An order that must fill whole or not at all, and did neither, is refused with its fills.
    fn find_partly_filled(&mut self) {
        for piece in self.brief.work {
            let Task::Match { maker, taker, .. } = piece.task else { continue };
            let partly_filled =
                [maker, taker].into_iter().filter(|name| self.run.is_partly_filled(OrderKey::Named(*name)));
            self.pass.partly_filled.extend(partly_filled);
        }
    }

    /// If the house's orders do not fit, less work does.
    fn house(&mut self) -> Result<(), Stop> {
        let orders = self.sizes.iter().filter_map(|(key, sizing)| match key {
            OrderKey::House { market, .. } => Some((self.run.trader(None, *market), (*key, *sizing))),
            _ => None,
        });
        // Keys are in the order of their markets, so each house account's are together.
        let orders: Vec<_> = orders.collect();
        for of_house in orders.chunk_by(|(one, _), (other, _)| one == other) {
            for bulk in of_house.chunks(self.brief.house_items) {
                let (house, _) = bulk[0];
                let orders: Vec<(OrderKey, Sizing)> = bulk.iter().map(|(_, order)| *order).collect();
                match self.run.place_house(house, &orders) {
                    Ok(()) => self.pass.applied.extend(orders.iter().map(|_| Kind::Order)),
                    Err(Failure::Full(overflow)) => {
                        return Err(Stop { index: None, closed: Closed::Full(overflow) });
                    }
                    Err(Failure::Refused(reason)) => {
                        let (kind, market) = (Kind::Order, None);
                        let refused = Refused { line: 0, kind, market, rows: 0, reason };
                        self.pass.refused.extend(orders.iter().map(|_| (None, refused.clone())));
                    }
                }
            }
        }
        Ok(())
    }

    /// Notes a refusal of a piece of work. What rows go with it shows at the end.
    pub(super) fn refuse(&mut self, index: usize, kind: Kind, reason: Reason) {
        let work = &self.brief.work[index];
        let market = match work.task {
            Task::Match { maker, .. } => self.brief.orders.market(maker),
            _ => work.market(),
        };
        let refused = Refused { line: work.line, kind, market, rows: 0, reason };
        self.pass.refused.push((Some(index), refused));
    }

    /// Notes an outcome; only a full batch ends the pass.
    pub(super) fn note(
        &mut self,
        index: usize,
        kind: Kind,
        outcome: Result<(), Failure>,
    ) -> Result<Verdict, Stop> {
        match outcome {
            Ok(()) => {
                self.pass.applied.push(kind);
                Ok(Verdict::Kept)
            }
            Err(Failure::Refused(reason)) => {
                self.refuse(index, kind, reason);
                Ok(Verdict::Dropped)
            }
            Err(Failure::Full(overflow)) => Err(Stop::full(index, overflow)),
        }
    }

    fn piece(&mut self, index: usize, work: &Work, known: Option<&Verdict>) -> Result<Verdict, Stop> {
        let outcome = match &work.task {
            Task::Deposit { to, amount, .. } => self.run.deposit(*to, *amount),
            Task::TopUp { market, amount } => self.run.top_up(*market, *amount),
            Task::Withdraw { from, amount } => self.run.withdraw(*from, *amount),
            Task::Transfer { user, from, to, amount } => self.run.transfer(*user, *from, *to, *amount),
            Task::SetLeverage { account, limit } => self.run.set_leverage(*account, *limit),
            Task::SetMode { user, from, to } => self.run.set_mode(*user, *from, *to),
            Task::ChangeKey { account } => self.run.change_key(*account),
            Task::Trade(trade) => self.trade(trade),
            Task::Match { maker, taker, lots } => self.fill(*maker, *taker, *lots),
            Task::Liquidate { user, mode, market, lots, price, taker } => {
                let sizing = Sizing { limit: *price, lots: *lots };
                let (account, taker) = (Holder::user(*user, *mode), taker.map(OrderKey::Named));
                self.run.liquidate(&Liquidation { account, market: *market, sizing, taker })
            }
            Task::Act { .. } => return self.act(index, work, known),
            Task::Forced(forced) => return self.forced(index, forced, known),
            // Ticks open batches: the window never has one inside.
            Task::Tick { .. } => Err(Reject::TickTooLate.into()),
            Task::Hopeless { reason, .. } => Err(Failure::Refused(reason.clone())),
        };
        self.note(index, work.kind(), outcome)
    }

    /// Places what is not placed yet, then fills.
    fn trade(&mut self, trade: &Trade) -> Result<(), Failure> {
        self.ensure(trade.maker)?;
        self.ensure(trade.taker)?;
        self.run.fill(trade.maker, trade.taker, trade.lots)
    }

    pub(super) fn ensure(&mut self, key: OrderKey) -> Result<(), Failure> {
        if self.run.is_placed(key) || matches!(key, OrderKey::House { .. } | OrderKey::Named(_)) {
            return Ok(());
        }
        let sizing = self.sizes.get(&key).ok_or(Reject::UnknownOrder)?;
        self.run.place(key, *sizing)?;
        self.pass.applied.push(Kind::Order);
        Ok(())
    }
}
