//! Plans a batch: runs its work on a copy of the state, without signatures, to learn what is accepted.
//!
//! The house signs first and exactly what it will need, so a batch with refused trades is run again
//! without them: their orders are then not signed at all.

use super::Closed;
use super::run::{Failure, Run, Sizing, refused};
use super::tally::Kind;
use super::work::{Forced, OrderKey, Task, Trade, Want, Work};
use crate::wire::event::{Market, Pocket, Side};
use std::collections::BTreeMap;
use zkmargin_circuits::kinds::Overflow;
use zkmargin_circuits::ops::{Op, Tick};

/// What became of a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The work is in the batch.
    Kept,
    /// The work is not in the batch.
    Dropped,
    /// A printed liquidation: lots liquidated, and lots traded as an ordinary fill.
    Split { liquidated: u64, filled: u64 },
}

/// A refusal with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Line in the file.
    pub line: u64,
    /// What was refused.
    pub kind: Kind,
    /// Reason of the refusal.
    pub reason: String,
}

/// The outcome of one pass.
#[derive(Debug, Clone, Default)]
pub struct Pass {
    /// One a piece of work, up to where the batch was full.
    pub verdicts: Vec<Verdict>,
    /// Kinds of the work that was applied.
    pub applied: Vec<Kind>,
    /// Refusals of the work that was not applied.
    pub refused: Vec<Refused>,
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
    fn full(index: usize, overflow: Overflow) -> Self {
        Self { index: Some(index), closed: Closed::Full(overflow) }
    }
}

/// The prices and the work that a batch is planned with.
pub struct Brief<'a> {
    /// Prices of the batch.
    pub ticks: &'a [Tick],
    /// Work of the batch in its order.
    pub work: &'a [Work],
    /// The liquidation whose mark price is among the ticks.
    pub marked: Option<usize>,
    /// Prices that a batch opened before a piece of work would have, 32.32.
    pub prices: &'a dyn Fn(usize) -> BTreeMap<Market, u64>,
}

/// Ticks, then the house's orders, then the work in its order.
///
/// `verdicts` are those of an earlier pass: dropped work is left out, splits are repeated.
pub fn run_pass(run: &mut Run<'_>, brief: &Brief<'_>, verdicts: Option<&[Verdict]>) -> Pass {
    let mut pass = Pass::default();
    let sizes = sizes(brief.work, verdicts);
    let mut planner = Planner { run, brief, sizes, pass: &mut pass };
    let stop = planner.batch(verdicts).err();
    Pass { stop, ..pass }
}

/// Limits and sizes that printed trades need of their orders: the worst price, the sum of lots.
fn sizes(work: &[Work], verdicts: Option<&[Verdict]>) -> BTreeMap<OrderKey, Sizing> {
    let mut sizes = BTreeMap::new();
    for (index, work) in work.iter().enumerate() {
        let verdict = verdicts.and_then(|verdicts| verdicts.get(index));
        if verdict == Some(&Verdict::Dropped) {
            continue;
        }
        match &work.task {
            Task::Trade(trade) => {
                add(&mut sizes, trade.maker, trade.price, trade.lots);
                add(&mut sizes, trade.taker, trade.price, trade.lots);
            }
            Task::Forced(forced) => {
                let lots = match verdict {
                    Some(Verdict::Split { liquidated, filled }) => liquidated + filled,
                    _ => forced.lots,
                };
                add(&mut sizes, forced.taker, forced.price, lots);
            }
            _ => {}
        }
    }
    sizes
}

fn add(sizes: &mut BTreeMap<OrderKey, Sizing>, key: OrderKey, price: u32, lots: u64) {
    let side = match key {
        OrderKey::Prints { side, .. } | OrderKey::Forced { side, .. } | OrderKey::House { side, .. } => side,
        OrderKey::Named(_) => return,
    };
    let sizing = sizes.entry(key).or_insert(Sizing { limit: price, lots: 0 });
    sizing.lots = sizing.lots.saturating_add(lots);
    sizing.limit = match side {
        Side::Buy => sizing.limit.max(price),
        Side::Sell => sizing.limit.min(price),
    };
}

struct Planner<'p, 'r> {
    run: &'p mut Run<'r>,
    brief: &'p Brief<'p>,
    sizes: BTreeMap<OrderKey, Sizing>,
    pass: &'p mut Pass,
}

impl Planner<'_, '_> {
    fn batch(&mut self, verdicts: Option<&[Verdict]>) -> Result<(), Stop> {
        let (ticks, work) = (self.brief.ticks, self.brief.work);
        for tick in ticks {
            let outcome = self.run.apply(Op::Tick(*tick)).map(|_| ());
            self.note(0, (0, Kind::Tick), outcome)?;
        }
        let mut house_waits = true;
        for (index, piece) in work.iter().enumerate() {
            // The house's own deposit comes before its orders.
            let house_money = matches!(piece.task, Task::Deposit { owner: None, .. });
            if house_waits && !house_money {
                self.house()?;
                house_waits = false;
            }
            match verdicts.and_then(|verdicts| verdicts.get(index)) {
                Some(Verdict::Dropped) => self.pass.verdicts.push(Verdict::Dropped),
                known => {
                    let verdict = self.piece(index, piece, known.copied())?;
                    self.pass.verdicts.push(verdict);
                }
            }
        }
        self.mend(work);
        Ok(())
    }

    /// An order that must fill whole or not at all, and did neither, loses its fills in the next pass.
    fn mend(&mut self, work: &[Work]) {
        for (index, piece) in work.iter().enumerate() {
            let Task::Match { maker, taker, .. } = piece.task else { continue };
            let torn = [maker, taker].iter().any(|name| self.run.is_torn(OrderKey::Named(*name)));
            if torn && self.pass.verdicts.get(index) == Some(&Verdict::Kept) {
                self.pass.verdicts[index] = Verdict::Dropped;
                self.refuse(piece.line, Kind::Fill, "FillOrKill");
            }
        }
    }

    /// If the house's orders do not fit, half of the work goes: `run_pass` says so by its index.
    fn house(&mut self) -> Result<(), Stop> {
        let orders: Vec<(OrderKey, Sizing)> = self
            .sizes
            .iter()
            .filter(|(key, _)| matches!(key, OrderKey::House { .. }))
            .map(|(key, sizing)| (*key, *sizing))
            .collect();
        match self.run.place_house(&orders) {
            Ok(()) => {
                self.pass.applied.extend(orders.iter().map(|_| Kind::Order));
                Ok(())
            }
            Err(Failure::Full(overflow)) => Err(Stop { index: None, closed: Closed::Full(overflow) }),
            Err(Failure::Refused(reason)) => {
                for _ in &orders {
                    self.refuse(0, Kind::Order, &reason);
                }
                Ok(())
            }
        }
    }

    fn refuse(&mut self, line: u64, kind: Kind, reason: &str) {
        self.pass.refused.push(Refused { line, kind, reason: reason.to_owned() });
    }

    /// Notes an outcome; only a full batch ends the pass.
    fn note(
        &mut self,
        index: usize,
        (line, kind): (u64, Kind),
        outcome: Result<(), Failure>,
    ) -> Result<Verdict, Stop> {
        match outcome {
            Ok(()) => {
                self.pass.applied.push(kind);
                Ok(Verdict::Kept)
            }
            Err(Failure::Refused(reason)) => {
                self.refuse(line, kind, &reason);
                Ok(Verdict::Dropped)
            }
            Err(Failure::Full(overflow)) => Err(Stop::full(index, overflow)),
        }
    }

    fn piece(&mut self, index: usize, work: &Work, known: Option<Verdict>) -> Result<Verdict, Stop> {
        let line = work.line;
        let (kind, outcome) = match &work.task {
            Task::Deposit { owner, pocket, amount, assumed } => {
                let kind = if *assumed { Kind::AssumedDeposit } else { Kind::Deposit };
                (kind, self.run.deposit(*owner, *pocket, *amount))
            }
            Task::Withdraw { user, pocket, amount } => {
                (Kind::Withdrawal, self.run.withdraw(Some(*user), *pocket, *amount))
            }
            Task::Transfer { user, from, to, amount } => {
                (Kind::Transfer, self.run.transfer(Some(*user), (*from, *to), *amount))
            }
            Task::Trade(trade) => (Kind::Fill, self.trade(trade)),
            Task::Match { maker, taker, lots } => {
                let (maker, taker) = (OrderKey::Named(*maker), OrderKey::Named(*taker));
                (Kind::Fill, self.run.fill(maker, taker, *lots))
            }
            Task::Liquidate { user, pocket, market, lots, price, taker } => {
                let sizing = Sizing { limit: *price, lots: *lots };
                let taker = taker.map(OrderKey::Named);
                let account = (Some(*user), *pocket);
                (Kind::Liquidation, self.run.liquidate(account, *market, sizing, taker))
            }
            Task::Act { .. } => return self.act(index, work),
            Task::Forced(forced) => return self.forced(index, line, forced, known),
            // Ticks open batches: the window never has one inside.
            Task::Tick { .. } => (Kind::Tick, Err(refused("TickTooLate"))),
        };
        self.note(index, (line, kind), outcome)
    }

    /// Places what is not placed yet, then fills.
    fn trade(&mut self, trade: &Trade) -> Result<(), Failure> {
        self.ensure(trade.maker)?;
        self.ensure(trade.taker)?;
        self.run.fill(trade.maker, trade.taker, trade.lots)
    }

    fn ensure(&mut self, key: OrderKey) -> Result<(), Failure> {
        if self.run.is_placed(key) || matches!(key, OrderKey::House { .. } | OrderKey::Named(_)) {
            return Ok(());
        }
        match self.sizes.get(&key) {
            Some(sizing) => {
                self.run.place(key, *sizing)?;
                self.pass.applied.push(Kind::Order);
                Ok(())
            }
            None => Err(refused("UnknownOrder")),
        }
    }

    /// All items under one signature, or, if that is refused, each under its own.
    fn act(&mut self, index: usize, work: &Work) -> Result<Verdict, Stop> {
        let Task::Act { user, pocket, wants } = &work.task else { return Ok(Verdict::Dropped) };
        let kind = |want: &Want| match want {
            Want::Order(_) => Kind::Order,
            Want::Cancel(_) => Kind::Cancel,
        };
        match self.run.wants(*user, *pocket, wants) {
            Ok(()) => {
                self.pass.applied.extend(wants.iter().map(kind));
                return Ok(Verdict::Kept);
            }
            Err(Failure::Full(overflow)) => return Err(Stop::full(index, overflow)),
            Err(Failure::Refused(reason)) if wants.len() == 1 => {
                self.refuse(work.line, kind(&wants[0]), &reason);
                return Ok(Verdict::Dropped);
            }
            Err(Failure::Refused(_)) => {}
        }
        for (offset, want) in wants.iter().enumerate() {
            let outcome = self.run.wants(*user, *pocket, std::slice::from_ref(want));
            self.note(index, (work.line + offset as u64, kind(want)), outcome)?;
        }
        Ok(Verdict::Kept)
    }

    /// Liquidates as much as is due; what is not is reported, then tried as an ordinary fill.
    fn forced(
        &mut self,
        index: usize,
        line: u64,
        forced: &Forced,
        known: Option<Verdict>,
    ) -> Result<Verdict, Stop> {
        let full = |failure| match failure {
            Failure::Full(overflow) => Err(Stop::full(index, overflow)),
            Failure::Refused(reason) => Ok(reason),
        };
        if let Err(failure) = self.ensure(forced.taker) {
            let reason = full(failure)?;
            self.refuse(line, Kind::Liquidation, &reason);
            return Ok(Verdict::Dropped);
        }
        let mut liquidated = match known {
            Some(Verdict::Split { liquidated, .. }) => liquidated,
            _ => {
                let account = (Some(forced.user), Pocket::Cross);
                let held = self.run.held_lots(account, forced.market, forced.side);
                if held < forced.lots {
                    let reason = if held == 0 { "NoPosition" } else { "ExceedsPosition" };
                    self.refuse(line, Kind::Liquidation, reason);
                }
                held.min(forced.lots)
            }
        };
        if liquidated > 0 {
            match self.liquidate(forced, liquidated) {
                Ok(()) => self.pass.applied.push(Kind::Liquidation),
                Err(failure) => {
                    let reason = full(failure)?;
                    if known.is_none() && self.is_due_later(index, forced) {
                        return Err(Stop { index: Some(index), closed: Closed::Liquidation });
                    }
                    self.refuse(line, Kind::Liquidation, &reason);
                    liquidated = self.part(forced, liquidated, &reason);
                    if liquidated > 0 {
                        let outcome = self.liquidate(forced, liquidated);
                        self.note(index, (line, Kind::Liquidation), outcome)?;
                    }
                }
            }
        }
        let wanted = match known {
            Some(Verdict::Split { filled, .. }) => filled,
            _ => forced.lots - liquidated,
        };
        if wanted == 0 {
            return Ok(Verdict::Split { liquidated, filled: 0 });
        }
        let outcome = self.ordinary(forced, wanted);
        match self.note(index, (line, Kind::LiquidationAsFill), outcome)? {
            Verdict::Dropped if liquidated == 0 => Ok(Verdict::Dropped),
            Verdict::Dropped => Ok(Verdict::Split { liquidated, filled: 0 }),
            _ => Ok(Verdict::Split { liquidated, filled: wanted }),
        }
    }

    fn liquidate(&mut self, forced: &Forced, lots: u64) -> Result<(), Failure> {
        let account = (Some(forced.user), Pocket::Cross);
        let sizing = Sizing { limit: forced.price, lots };
        self.run.liquidate(account, forced.market, sizing, Some(forced.taker))
    }

    /// Refused at the batch's prices, but due at those of a batch that opens with this liquidation.
    fn is_due_later(&self, index: usize, forced: &Forced) -> bool {
        let account = (Some(forced.user), Pocket::Cross);
        self.brief.marked != Some(index) && self.run.is_due_at(account, &(self.brief.prices)(index))
    }

    /// What of it may be liquidated, if the whole is more than needed.
    fn part(&self, forced: &Forced, most: u64, reason: &str) -> u64 {
        if reason != "OverLiquidation" {
            return 0;
        }
        let account = (Some(forced.user), Pocket::Cross);
        let sizing = Sizing { limit: forced.price, lots: most };
        self.run.largest_liquidation(account, forced.market, sizing, Some(forced.taker))
    }

    /// The liquidated user signs for the rest, as if it had traded by itself.
    fn ordinary(&mut self, forced: &Forced, lots: u64) -> Result<(), Failure> {
        let Forced { user, market, side, price, notice, .. } = *forced;
        let key = OrderKey::Forced { line: notice, user, market, side };
        self.run.place(key, Sizing { limit: price, lots })?;
        self.pass.applied.push(Kind::Order);
        self.run.fill(key, forced.taker, lots)
    }
}
