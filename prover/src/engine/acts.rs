//! What named orders ask for: placing and cancelling under one signature, and fills.

use super::plan::{Planner, Stop, Verdict};
use super::refused::{Failure, Reason};
use super::work::{OrderKey, Task, Work};
use crate::wire::event::OrderName;
use zkmargin_circuits::reject::Reject;

impl Planner<'_, '_> {
    /// A fill of named orders. If the batch of one of them is closed, the refusal says so.
    pub(super) fn fill(&mut self, maker: OrderName, taker: OrderName, lots: u64) -> Result<(), Failure> {
        let keys = [maker, taker].map(OrderKey::Named);
        let outcome = self.run.fill(keys[0], keys[1], lots);
        let ended = |name: &OrderName| {
            let before = self.brief.orders.place(*name).is_some_and(|place| place < self.brief.first);
            before && self.run.is_placed(OrderKey::Named(*name))
        };
        match outcome {
            Err(Failure::Refused(reason))
                if reason.is(Reject::UnknownOrder) && [maker, taker].iter().any(ended) =>
            {
                Err(Failure::Refused(Reason::OrderEnded))
            }
            outcome => outcome,
        }
    }

    /// All items under one signature, or, if that is refused, each under its own.
    pub(super) fn act(
        &mut self,
        index: usize,
        work: &Work,
        known: Option<&Verdict>,
    ) -> Result<Verdict, Stop> {
        let Task::Act { user, mode, wants } = &work.task else { return Ok(Verdict::Dropped) };
        let all = vec![true; wants.len()];
        let kept = match known {
            Some(Verdict::Items(kept)) => kept,
            _ => {
                match self.run.wants(*user, *mode, wants) {
                    Ok(()) => {
                        self.pass.applied.extend(wants.iter().map(|wanted| wanted.want.kind()));
                        return Ok(Verdict::Kept);
                    }
                    Err(Failure::Full(overflow)) => return Err(Stop::full(index, overflow)),
                    Err(Failure::Refused(reason)) if wants.len() == 1 => {
                        self.refuse(index, work.kind(), reason);
                        return Ok(Verdict::Dropped);
                    }
                    Err(Failure::Refused(_)) => {}
                }
                &all
            }
        };
        let mut verdict = kept.clone();
        for (place, wanted) in wants.iter().enumerate().filter(|(place, _)| kept[*place]) {
            let outcome = self.run.wants(*user, *mode, std::slice::from_ref(wanted));
            let kind = wanted.want.kind();
            if self.note(index, kind, outcome)? == Verdict::Dropped {
                verdict[place] = false;
                if let Some((_, refused)) = self.pass.refused.last_mut() {
                    (refused.line, refused.rows) = (wanted.line, 1);
                    refused.market = wanted.want.market(self.brief.orders);
                }
            }
        }
        Ok(Verdict::Items(verdict))
    }
}
