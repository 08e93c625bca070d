//! Rows: their kinds, their witnesses, and what they send and receive.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;
use thiserror::Error;

use super::cs::{Cs, Direction, Override, Shared, Tag};

mod template;

pub use template::{Fold, MAX_ARITY, Place, Template};

/// A record in its row; or, in a padding row, the kind's dummy. Tests put any record into a disabled row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Padded<T> {
    /// Whether the row takes part in the batch.
    pub enabled: bool,
    /// What the row is filled from.
    pub record: T,
}

impl<T> Padded<T> {
    /// A record that takes part.
    pub const fn enabled(record: T) -> Self {
        Self { enabled: true, record }
    }

    /// A record in a row that takes no part.
    pub const fn disabled(record: T) -> Self {
        Self { enabled: false, record }
    }
}

impl<T> Deref for Padded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.record
    }
}

impl<T> DerefMut for Padded<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.record
    }
}

/// A kind of row. The function makes the same calls for every record, in padding or not.
pub trait Row {
    /// Plain data: everything that the witness of a row is computed from.
    type Record: Sync + Send;
    /// Name of the kind. It is unique, and a key's fingerprint depends on it.
    const NAME: &'static str;
    /// What the first row receives on its carry wires, if these are constants. Empty if the kind
    /// carries nothing, or if another row constrains what its first row receives.
    const SEED: &'static [u64] = &[];

    /// The record of a padding row. Disabled, it satisfies all constraints and leaves the bus alone.
    fn dummy() -> Self::Record;

    /// The constraints of one row and, in witness mode, its values.
    fn synthesize(cs: &mut Cs<'_>, row: &Padded<Self::Record>);
}

/// More records than a shape has rows for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{rows} rows of kind {kind} do not fit the shape's {capacity}")]
pub struct TooManyRows {
    /// Name of the kind.
    pub kind: &'static str,
    /// Number of records.
    pub rows: usize,
    /// Number of rows in the shape.
    pub capacity: usize,
}

/// What is computed of the rows of one kind: all of them, in sequence where they hand wires on.
pub struct BlockRows<'a> {
    /// What all rows of the circuit share.
    pub shared: Shared<'a>,
    /// Number of rows in the shape.
    pub rows: usize,
    /// What the first row receives; as long as the kind's carry.
    pub seed: &'a [Fr],
    /// Advice that tests choose instead, by row.
    pub choose: &'a [(usize, &'a Override<'a>)],
}

impl BlockRows<'_> {
    /// Computes the rows of a kind; rows beyond the records are padding.
    pub fn fill<R: Row>(&self, records: &[Padded<R::Record>]) -> Result<Vec<RowWitness>, TooManyRows> {
        if records.len() > self.rows {
            return Err(TooManyRows { kind: R::NAME, rows: records.len(), capacity: self.rows });
        }
        let padding = Padded::disabled(R::dummy());
        let one = |row: usize, carry: &[Fr]| {
            let mut cs = Cs::witness(self.shared, row as u64, carry).of_kind(R::NAME);
            if let Some((_, choose)) = self.choose.iter().find(|(of, _)| *of == row) {
                cs = cs.with_override(*choose);
            }
            R::synthesize(&mut cs, records.get(row).unwrap_or(&padding));
            RowWitness::from_cs(cs)
        };
        if self.seed.is_empty() {
            return Ok((0..self.rows).into_par_iter().map(|row| one(row, &[])).collect());
        }
        let mut carry = self.seed.to_vec();
        let mut rows = Vec::with_capacity(self.rows);
        for row in 0..self.rows {
            let mut witness = one(row, &carry);
            witness.carry_out.resize(carry.len(), Fr::zero());
            carry.clone_from(&witness.carry_out);
            rows.push(witness);
        }
        Ok(rows)
    }
}

/// The first half of a row's witness: everything that does not depend on the challenge.
#[derive(Clone, Debug, Default)]
pub struct RowWitness {
    /// Values of the committed wires; a provided tuple's multiplicity is still 0.
    pub committed: Vec<Fr>,
    /// Values of the row function's derived wires, without the bus.
    pub derived: Vec<Fr>,
    /// What the row hands to the next.
    pub carry_out: Vec<Fr>,
    /// Published elements, in program order.
    pub published: Vec<Fr>,
    /// What the row sends and receives, in program order.
    pub interactions: Vec<super::cs::InteractionValue>,
    /// Components of all tuples, one tuple after the other; see [`RowWitness::tuple`].
    pub tuples: Vec<Fr>,
    /// Ids of the row function's constraints that the values do not satisfy.
    pub violations: Vec<&'static str>,
    /// Their numbers in the template.
    #[cfg(test)]
    pub violated: Vec<usize>,
}

impl RowWitness {
    /// Runs the row function on a record.
    pub fn compute<R: Row>(
        shared: Shared<'_>,
        row: u64,
        carry_in: &[Fr],
        record: &Padded<R::Record>,
    ) -> Self {
        let mut cs = Cs::witness(shared, row, carry_in).of_kind(R::NAME);
        R::synthesize(&mut cs, record);
        Self::from_cs(cs)
    }

    /// Takes what a finished constraint system holds.
    pub fn from_cs(cs: Cs<'_>) -> Self {
        Self {
            published: cs.published.iter().map(|p| p.value).collect(),
            committed: cs.committed,
            derived: cs.derived,
            carry_out: cs.carry_out,
            interactions: cs.interaction_values,
            tuples: cs.tuple_values,
            violations: cs.violations,
            #[cfg(test)]
            violated: cs.violated,
        }
    }

    /// The tuple of interaction `i`.
    pub fn tuple(&self, i: usize) -> &[Fr] {
        let interaction = &self.interactions[i];
        let start = interaction.start as usize;
        &self.tuples[start..start + usize::from(interaction.tag.arity)]
    }
}

/// The bus as an ideal multiset: what is sent less what is received. For tests and diagnosis.
#[derive(Clone, Debug, Default)]
pub struct IdealBus {
    balance: HashMap<(Tag, Vec<Fr>), (Fr, bool)>,
}

impl IdealBus {
    /// Adds a row's interactions. Provided tuples are there for any number of look-ups.
    pub fn add(&mut self, row: &RowWitness) {
        for (i, interaction) in row.interactions.iter().enumerate() {
            let key = (interaction.tag, row.tuple(i).to_vec());
            let entry = self.balance.entry(key).or_insert((Fr::zero(), false));
            match interaction.direction {
                Direction::Send if interaction.provided_by.is_some() => entry.1 = true,
                Direction::Send => entry.0 += interaction.multiplicity,
                Direction::Receive => entry.0 -= interaction.multiplicity,
            }
        }
    }

    /// Tuples that do not balance; limbs below `2^limb_bits` are found in the range table.
    pub fn imbalances(&self, limb_bits: u32) -> Vec<(Tag, Vec<Fr>, Fr)> {
        let table = Fr::from(1u64 << limb_bits);
        self.balance
            .iter()
            .filter(|((tag, tuple), (sum, provided))| {
                let ranged = *tag == super::range::RANGE && tuple[0] < table;
                !sum.is_zero() && !provided && !ranged
            })
            .map(|((tag, tuple), (sum, _))| (*tag, tuple.clone(), *sum))
            .collect()
    }
}
