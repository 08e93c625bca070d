//! Comparisons that know their sides.

use std::ops::Range;

use super::{Quantity, Refusal, Reject, Relation, Unit};

/// A comparison that a rule makes.
///
/// It is decided by the two sides that it is made of, so its refusal cannot name others. A rule that
/// compares in another form, for speed, makes it after the failure, for its [`Self::refusal`].
#[derive(Clone, Debug)]
pub struct Check {
    holds: bool,
    refusal: Refusal,
}

impl Check {
    /// `left >= right`.
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
    pub fn within(
        id: &'static str,
        reason: Reject,
        value: impl Into<i128>,
        range: Range<i128>,
        unit: Unit,
    ) -> Self {
        let value = value.into();
        if value < range.start {
            Self::at_least(id, reason, value, range.start, unit)
        } else {
            Self::less(id, reason, value, range.end, unit)
        }
    }

    /// A condition that compares no amounts: a flag, a signature.
    pub const fn that(id: &'static str, reason: Reject, holds: bool) -> Self {
        Self { holds, refusal: Refusal::plain(reason, id) }
    }

    /// With smaller and greater exchanged, if `mirrored`: for the other side of a trade.
    pub fn mirrored_if(self, mirrored: bool) -> Self {
        let Refusal { reason, id, left, right, relation, unit } = self.refusal;
        let relation = if mirrored { relation.mirrored() } else { relation };
        Self::of(relation, id, reason, [left, right], unit)
    }

    /// Refuses unless it holds.
    pub fn require(self) -> Result<(), Refusal> {
        if self.holds { Ok(()) } else { Err(self.refusal) }
    }

    /// The refusal, for a rule that knows already that it does not hold.
    pub fn refusal(self) -> Refusal {
        self.refusal
    }

    fn of(relation: Relation, id: &'static str, reason: Reject, sides: [Quantity; 2], unit: Unit) -> Self {
        let [left, right] = sides;
        let holds = relation.holds(&left, &right);
        Self { holds, refusal: Refusal { reason, id, left, right, relation, unit } }
    }
}
