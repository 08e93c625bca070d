//! Comparisons that know their sides.

use std::ops::Range;

use super::{Quantity, Refusal, Reject, Relation, Unit};

/// A comparison that a rule makes: nothing if it holds, else the refusal.
///
/// It is decided by the two sides that it is made of, so the refusal cannot name others. One that holds
/// costs the comparison only: without `inline(always)` on the way, a native fill takes three times as long.
#[derive(Clone, Debug)]
pub struct Check(Option<Refusal>);

impl Check {
    /// `left >= right`.
    #[inline(always)]
    pub fn at_least(
        id: &'static str,
        reason: Reject,
        left: impl Into<Quantity>,
        right: impl Into<Quantity>,
        unit: Unit,
    ) -> Self {
        Self::of(Relation::AtLeast, id, reason, [left.into(), right.into()], unit)
    }

    /// `left <= right`.
    #[inline(always)]
    pub fn at_most(
        id: &'static str,
        reason: Reject,
        left: impl Into<Quantity>,
        right: impl Into<Quantity>,
        unit: Unit,
    ) -> Self {
        Self::of(Relation::AtMost, id, reason, [left.into(), right.into()], unit)
    }

    /// `left > right`.
    #[inline(always)]
    pub fn greater(
        id: &'static str,
        reason: Reject,
        left: impl Into<Quantity>,
        right: impl Into<Quantity>,
        unit: Unit,
    ) -> Self {
        Self::of(Relation::Greater, id, reason, [left.into(), right.into()], unit)
    }

    /// `left < right`.
    #[inline(always)]
    pub fn less(
        id: &'static str,
        reason: Reject,
        left: impl Into<Quantity>,
        right: impl Into<Quantity>,
        unit: Unit,
    ) -> Self {
        Self::of(Relation::Less, id, reason, [left.into(), right.into()], unit)
    }

    /// `left = right`.
    #[inline(always)]
    pub fn equal(
        id: &'static str,
        reason: Reject,
        left: impl Into<Quantity>,
        right: impl Into<Quantity>,
        unit: Unit,
    ) -> Self {
        Self::of(Relation::Equal, id, reason, [left.into(), right.into()], unit)
    }

    /// `left ≠ right`.
    #[inline(always)]
    pub fn not_equal(
        id: &'static str,
        reason: Reject,
        left: impl Into<Quantity>,
        right: impl Into<Quantity>,
        unit: Unit,
    ) -> Self {
        Self::of(Relation::NotEqual, id, reason, [left.into(), right.into()], unit)
    }

    /// `value` within `range`: a refusal states the bound that `value` passes.
    #[inline(always)]
    pub fn within(
        id: &'static str,
        reason: Reject,
        value: impl Into<i128>,
        range: Range<i128>,
        unit: Unit,
    ) -> Self {
        let value = value.into();
        #[cfg(test)]
        {
            use crate::soundness::bounds::compared;
            compared((id, Relation::AtLeast, reason), &value.into(), &range.start.into());
            compared((id, Relation::Less, reason), &value.into(), &range.end.into());
        }
        if value < range.start {
            Self::at_least(id, reason, value, range.start, unit)
        } else {
            Self::less(id, reason, value, range.end, unit)
        }
    }

    /// A condition that compares no amounts: a flag, say.
    #[inline(always)]
    pub const fn that(id: &'static str, reason: Reject, holds: bool) -> Self {
        if holds { Self(None) } else { Self(Some(Refusal::plain(reason, id))) }
    }

    /// The sides `[left, right]` under a relation that is not the same in all cases.
    #[inline(always)]
    pub fn of(
        relation: Relation,
        id: &'static str,
        reason: Reject,
        sides: [Quantity; 2],
        unit: Unit,
    ) -> Self {
        let [left, right] = sides;
        #[cfg(test)]
        crate::soundness::bounds::compared((id, relation, reason), &left, &right);
        if relation.holds(&left, &right) {
            return Self(None);
        }
        Self(Some(Refusal { reason, id, left, right, relation, unit }))
    }

    /// Refuses unless it holds.
    #[inline(always)]
    pub fn require(self) -> Result<(), Refusal> {
        self.0.map_or(Ok(()), Err)
    }
}
