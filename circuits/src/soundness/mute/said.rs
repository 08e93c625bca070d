//! What a row says to others.

use ark_bn254::Fr;
use ark_ff::Zero;

use super::places::Check;
use crate::gadgets::cs::{Direction, InteractionValue, Tag};
use crate::gadgets::range::RANGE;
use crate::gadgets::row::RowWitness;
use crate::state::tags::NODE;

/// A tuple of a row: kind, direction, components, how often.
type Spoken = (Tag, Direction, Vec<Fr>, Fr);

/// What a row says to others.
#[derive(PartialEq, Eq)]
pub struct Said {
    tuples: Vec<Option<Spoken>>,
    published: Vec<Fr>,
    carried: Vec<Fr>,
}

impl Said {
    /// Limbs, idle tuples and what `but` names are left out.
    pub fn by(row: &RowWitness, but: Option<Check>) -> Self {
        let spoken = |(n, i): (usize, &InteractionValue)| {
            let idle = i.provided_by.is_none() && i.multiplicity.is_zero();
            let counts = i.tag != RANGE && !idle && but != Some(Check::Lookup(n));
            counts.then(|| (i.tag, i.direction, row.tuple(n).to_vec(), i.multiplicity))
        };
        Self {
            tuples: row.interactions.iter().enumerate().map(spoken).collect(),
            published: row.published.clone(),
            carried: row.carry_out.clone(),
        }
    }
}

/// What a row receives and looks up; the old hash that it sends is read too, since the tree knows it.
pub fn reads(row: &RowWitness) -> Vec<(Tag, Vec<Fr>)> {
    let read = |(n, i): (usize, &InteractionValue)| {
        let idle = i.tag == RANGE || i.provided_by.is_none() && i.multiplicity.is_zero();
        let tuple = row.tuple(n);
        match i.direction {
            _ if idle => None,
            Direction::Receive => Some((i.tag, tuple.to_vec())),
            Direction::Send if i.tag == NODE => Some((i.tag, vec![tuple[0], tuple[1]])),
            Direction::Send => None,
        }
    };
    row.interactions.iter().enumerate().filter_map(read).collect()
}

/// Whether a row sends, receives, looks up or publishes something; tuples that it provides do not count.
pub fn speaks(row: &RowWitness) -> bool {
    let active =
        |i: &InteractionValue| i.tag != RANGE && i.provided_by.is_none() && !i.multiplicity.is_zero();
    row.interactions.iter().any(active) || row.published.iter().any(|element| !element.is_zero())
}
