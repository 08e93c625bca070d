//! What a row is made of, as recorded.

use ark_bn254::Fr;

use crate::gadgets::var::Terms;

/// A kind of interaction on the bus. Codes are non-zero and unique (a test compares all of them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    pub code: u8,
    pub name: &'static str,
    /// Number of tuple components; one arity a tag.
    pub arity: u8,
    /// Sent any number of times by rows whose keys are unique; received by look-ups.
    pub provider: bool,
}

/// Direction of an interaction: sent tuples count positive, received ones negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Send,
    Receive,
}

/// `a · b = c`, with the ids of the spec that name it.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// What the line that records it is called, in messages too: `CHECK-2`, `INT-1`, `TREE-2`.
    pub id: &'static str,
    /// The check that it is part of: that of the scope, else `id`.
    pub check: &'static str,
    pub a: Terms,
    pub b: Terms,
    pub c: Terms,
}

/// A recorded interaction (template mode).
#[derive(Clone, Debug)]
pub struct Interaction {
    /// The check of the spec that it is part of: that of the scope, empty outside of all.
    pub check: &'static str,
    /// Constraints that the row function recorded before it: its place in program order.
    pub constraints_before: usize,
    pub tag: Tag,
    pub direction: Direction,
    pub tuple: Vec<Terms>,
    pub multiplicity: Terms,
    /// Local number of the committed multiplicity wire, for provided tuples.
    pub provided_by: Option<u32>,
}

/// Values of an interaction (witness mode): `values[start..start + tag.arity]`.
#[derive(Clone, Copy, Debug)]
pub struct InteractionValue {
    pub tag: Tag,
    pub direction: Direction,
    pub start: u32,
    pub multiplicity: Fr,
    pub provided_by: Option<u32>,
}

/// A published element of a row: which list, which element of the row's share, and its terms.
#[derive(Clone, Debug)]
pub struct Published {
    pub list: &'static str,
    pub element: u8,
    pub terms: Terms,
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
