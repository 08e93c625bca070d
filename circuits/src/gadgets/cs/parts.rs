//! What a row is made of, as recorded.

use ark_bn254::Fr;

use crate::gadgets::var::Terms;

/// A kind of interaction on the bus. Codes are non-zero and unique (a test compares all of them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    /// Coefficient of χ^32 in the fingerprint of a tuple (`bus.md`).
    pub code: u8,
    /// Name in messages.
    pub name: &'static str,
    /// Number of tuple components; one arity per tag.
    pub arity: u8,
    /// Sent any number of times by rows whose keys are unique; received by look-ups.
    pub provider: bool,
}

/// Direction of an interaction: sent tuples count positive, received ones negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Counts with its multiplicity.
    Send,
    /// Counts with minus its multiplicity.
    Receive,
}

/// `a · b = c`, with the ids of the spec that name it.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// What the line that records it is called, in messages too: `CHECK-2`, `INT-1`, `TREE-2`.
    pub id: &'static str,
    /// The check that it is part of: the scope's, else `id`.
    pub check: &'static str,
    /// Left factor; empty for 0.
    pub a: Terms,
    /// Right factor; empty for 0.
    pub b: Terms,
    /// Product; empty for 0.
    pub c: Terms,
}

/// A recorded interaction (template mode).
#[derive(Clone, Debug)]
pub struct Interaction {
    /// The check of the spec that it is part of: the scope's, empty outside of all scopes.
    pub check: &'static str,
    /// Constraints that the row function recorded before it: its place in program order.
    pub constraints_before: usize,
    /// Kind of the tuple.
    pub tag: Tag,
    /// Whether the row sends or receives.
    pub direction: Direction,
    /// Components, as many as the tag's arity, of committed wires only.
    pub tuple: Vec<Terms>,
    /// How many times: one, a constrained bit, or the wire of `provided_by`.
    pub multiplicity: Terms,
    /// Local number of the committed multiplicity wire; `None` unless the tuple is provided.
    pub provided_by: Option<u32>,
}

/// Values of an interaction (witness mode): `values[start..start + tag.arity]`.
#[derive(Clone, Copy, Debug)]
pub struct InteractionValue {
    /// Kind of the tuple.
    pub tag: Tag,
    /// Whether the row sends or receives.
    pub direction: Direction,
    /// Where the row's list of tuple values holds the first component.
    pub start: u32,
    /// 0 or 1; 0 for a provided tuple, whose look-ups the assembler counts.
    pub multiplicity: Fr,
    /// Local number of the committed multiplicity wire; `None` unless the tuple is provided.
    pub provided_by: Option<u32>,
}

/// A published element of a row: which list, which element of the row's share, and its terms.
#[derive(Clone, Debug)]
pub struct Published {
    /// Name of the list, or `header`.
    pub list: &'static str,
    /// Number within the row's share of the list, from 0.
    pub element: u8,
    /// Committed wires; empty in witness mode.
    pub terms: Terms,
    /// Below 2^248; of no meaning in template mode.
    pub value: Fr,
}

/// Chooses another value for a piece of advice: (name, number within the row, honest value).
pub type Override<'a> = dyn Fn(&'static str, usize, Fr) -> Fr + Sync + 'a;

/// What all rows of a circuit share.
#[derive(Clone, Copy)]
pub struct Shared<'a> {
    /// Bits of a limb of the range table.
    pub limb_bits: u32,
    /// Values of the global wires (empty while recording).
    pub globals: &'a [Fr],
}
