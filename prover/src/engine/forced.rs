//! Liquidations that a tape prints: as much as is due, the rest as the trade that the tape shows.

use super::Closed;
use super::liquidations::Liquidation;
use super::plan::{Planner, Stop, Verdict};
use super::refused::{Failure, Reason};
use super::run::Sizing;
use super::tally::Kind;
use super::work::{Forced, Holder, OrderKey};
use zkmargin_circuits::reject::{Check, Reject, Unit};

impl Planner<'_, '_> {
    /// Liquidates as much as is due; what is not is reported, then tried as an ordinary fill.
    pub(super) fn forced(
        &mut self,
        index: usize,
        forced: &Forced,
        known: Option<&Verdict>,
    ) -> Result<Verdict, Stop> {
        if let Err(failure) = self.ensure(forced.taker) {
            return self.note(index, Kind::Liquidation, Err(failure));
        }
        let (liquidated, wanted) = match known {
            Some(Verdict::Split { liquidated, filled }) => (*liquidated, Some(*filled)),
            _ => (self.closable(index, forced), None),
        };
        let liquidated = self.due(index, forced, liquidated, wanted.is_none())?;
        let wanted = wanted.unwrap_or(forced.lots - liquidated);
        if wanted == 0 {
            return Ok(Verdict::Split { liquidated, filled: 0 });
        }
        let outcome = self.ordinary(forced, wanted);
        match self.note(index, Kind::LiquidationAsFill, outcome)? {
            Verdict::Dropped if liquidated == 0 => Ok(Verdict::Dropped),
            Verdict::Dropped => Ok(Verdict::Split { liquidated, filled: 0 }),
            _ => Ok(Verdict::Split { liquidated, filled: wanted }),
        }
    }

    fn account(&self, forced: &Forced) -> Holder {
        self.run.trader(Some(forced.user), forced.market)
    }

    /// Lots of it that the account holds at all.
    fn closable(&mut self, index: usize, forced: &Forced) -> u64 {
        let held = self.run.held_lots(self.account(forced), forced.market, forced.side);
        let reject = if held == 0 { Reject::NoPosition } else { Reject::ExceedsPosition };
        if let Err(law) = Check::at_most("LIQ-3", reject, forced.lots, held, Unit::Lots).require() {
            self.refuse(index, Kind::Liquidation, Reason::Law(law));
        }
        held.min(forced.lots)
    }

    /// Liquidates `lots`, or what the law lets of them, and says how much that was.
    fn due(&mut self, index: usize, forced: &Forced, lots: u64, first: bool) -> Result<u64, Stop> {
        if lots == 0 {
            return Ok(0);
        }
        let reason = match self.run.liquidate(&self.liquidation(forced, lots)) {
            Ok(()) => {
                self.pass.applied.push(Kind::Liquidation);
                return Ok(lots);
            }
            Err(Failure::Full(overflow)) => return Err(Stop::full(index, overflow)),
            Err(Failure::Refused(reason)) => reason,
        };
        if first && self.is_due_later(index, forced) {
            return Err(Stop { index: Some(index), closed: Closed::Liquidation });
        }
        let part = self.part(forced, lots, &reason);
        self.refuse(index, Kind::Liquidation, reason);
        if part == 0 {
            return Ok(0);
        }
        let outcome = self.run.liquidate(&self.liquidation(forced, part));
        match self.note(index, Kind::Liquidation, outcome)? {
            Verdict::Kept => Ok(part),
            _ => Ok(0),
        }
    }

    fn liquidation(&self, forced: &Forced, lots: u64) -> Liquidation {
        let sizing = Sizing { limit: forced.price, lots };
        let taker = Some(forced.taker);
        Liquidation { account: self.account(forced), market: forced.market, sizing, taker }
    }

    /// Refused at the batch's prices, but due at the prices of a batch that opens with this liquidation.
    fn is_due_later(&self, index: usize, forced: &Forced) -> bool {
        let account = self.account(forced);
        self.brief.marked != Some(index) && self.run.is_due_at(account, &(self.brief.prices)(index))
    }

    /// What of it may be liquidated, if the whole is more than needed.
    fn part(&self, forced: &Forced, most: u64, reason: &Reason) -> u64 {
        if !reason.is(Reject::OverLiquidation) {
            return 0;
        }
        self.run.largest_liquidation(&self.liquidation(forced, most))
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
