//! What a row sends to other rows and receives from them.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use super::{Cs, Direction, Interaction, InteractionValue, Tag};
use crate::gadgets::var::{Committed, Var};

impl Cs<'_> {
    /// Sends a tuple `multiplicity` times; the multiplicity is one or a constrained bit.
    pub fn send(&mut self, tag: Tag, tuple: &[Var<Committed>], multiplicity: &Var<Committed>) {
        debug_assert!(!tag.provider, "{} is provided, not sent", tag.name);
        self.interact(tag, Direction::Send, tuple, multiplicity, None);
    }

    /// Receives a tuple `multiplicity` times; the multiplicity is one or a constrained bit.
    pub fn receive(&mut self, tag: Tag, tuple: &[Var<Committed>], multiplicity: &Var<Committed>) {
        self.interact(tag, Direction::Receive, tuple, multiplicity, None);
    }

    /// Offers a tuple to any number of look-ups. The tuple's key must be unique: a constant of the
    /// row, or an address that the tree keeps unique. The multiplicity is filled in by the
    /// assembler, which counts the look-ups.
    pub fn provide(&mut self, tag: Tag, tuple: &[Var<Committed>]) {
        debug_assert!(tag.provider, "{} is sent, not provided", tag.name);
        let wire = self.committed.len() as u32;
        let multiplicity = self.commit(Fr::ZERO);
        self.interact(tag, Direction::Send, tuple, &multiplicity, Some(wire));
    }

    /// Looks a tuple up among the provided ones, if `enable` (one or a constrained bit).
    pub fn lookup(&mut self, tag: Tag, tuple: &[Var<Committed>], enable: &Var<Committed>) {
        debug_assert!(tag.provider, "{} is sent, not provided", tag.name);
        self.interact(tag, Direction::Receive, tuple, enable, None);
    }

    fn interact(
        &mut self,
        tag: Tag,
        direction: Direction,
        tuple: &[Var<Committed>],
        multiplicity: &Var<Committed>,
        provided_by: Option<u32>,
    ) {
        assert_eq!(tuple.len(), usize::from(tag.arity), "{}: arity of {}", self.kind, tag.name);
        #[cfg(test)]
        let none = Var::zero();
        #[cfg(test)]
        let number = self.interactions.len() + self.interaction_values.len();
        #[cfg(test)]
        let multiplicity = if super::mute::interaction(self.kind, number) { &none } else { multiplicity };
        if self.recording {
            self.interactions.push(Interaction {
                check: self.scope,
                constraints_before: self.constraints.len(),
                tag,
                direction,
                tuple: tuple.iter().map(Var::terms).collect(),
                multiplicity: multiplicity.terms(),
                provided_by,
            });
        } else {
            self.interaction_values.push(InteractionValue {
                tag,
                direction,
                start: self.tuple_values.len() as u32,
                multiplicity: multiplicity.value(),
                provided_by,
            });
            self.tuple_values.extend(tuple.iter().map(Var::value));
        }
    }
}
