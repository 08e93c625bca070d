//! Rows and their templates.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;
use thiserror::Error;

use super::cs::{Constraint, Cs, Direction, Interaction, Override, Published, Shared, Tag};
use super::var::{Terms, Wire};

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
            let mut cs = Cs::witness(self.shared, row as u64, carry);
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

/// Largest tuple arity; the tag's own power of the challenge lies above it.
pub const MAX_ARITY: u8 = 31;

/// A folded component `χ^power · (component of an interaction)` on a derived wire.
#[derive(Clone, Copy, Debug)]
pub struct Fold {
    pub interaction: u32,
    pub component: u8,
}

/// Where a check stands: the `ordinal`-th constraint or interaction under check `id` in rows of `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub kind: &'static str,
    pub id: &'static str,
    pub ordinal: usize,
}

/// A row kind, synthesised once: constraints over local wires.
///
/// Derived wires of a row, in order: those of the row function, one for each entry of `folds`, one
/// inverse for each interaction.
#[derive(Clone, Debug)]
pub struct Template {
    pub name: &'static str,
    pub committed: u32,
    /// Derived wires of the row function, without those of the bus.
    pub derived: u32,
    pub carries: u32,
    pub constraints: Vec<Constraint>,
    pub interactions: Vec<Interaction>,
    pub folds: Vec<Fold>,
    pub published: Vec<Published>,
    /// Advice by name and local committed wire, for the manifest of forgeries.
    pub hints: Vec<(&'static str, u32)>,
    /// Constraints of the row function; the rest of `constraints` is the bus.
    pub own_constraints: usize,
    /// What the first row receives, if these are constants ([`Row::SEED`]).
    pub seed: Vec<Fr>,
}

impl Template {
    /// Synthesises a row kind and appends its bus constraints.
    pub fn compile<R: Row>(limb_bits: u32) -> Self {
        let mut cs = Cs::template(limb_bits);
        R::synthesize(&mut cs, &Padded::disabled(R::dummy()));
        let mut template = Self {
            name: R::NAME,
            committed: cs.committed.len() as u32,
            derived: cs.derived.len() as u32,
            carries: cs.carries(),
            own_constraints: cs.constraints.len(),
            constraints: cs.constraints,
            interactions: cs.interactions,
            folds: Vec::new(),
            published: cs.published,
            hints: cs.hint_names,
            seed: R::SEED.iter().copied().map(Fr::from).collect(),
        };
        assert!(template.seed.is_empty() || template.seed.len() == template.carries as usize);
        template.append_bus();
        template
    }

    /// Derived wires of a row, those of the bus included.
    pub fn derived_wires(&self) -> u32 {
        self.derived + (self.folds.len() + self.interactions.len()) as u32
    }

    /// Local number of the inverse of interaction `i`.
    pub fn inverse_wire(&self, interaction: usize) -> u32 {
        self.derived + (self.folds.len() + interaction) as u32
    }

    /// Places of the row function's constraints and of its interactions, in program order.
    pub fn places(&self) -> Vec<Place> {
        let mut constraints = self.constraints[..self.own_constraints].iter().map(|c| c.check);
        let mut checks = Vec::with_capacity(self.own_constraints + self.interactions.len());
        let mut passed = 0;
        for interaction in &self.interactions {
            let before = interaction.constraints_before - passed;
            checks.extend(constraints.by_ref().take(before));
            checks.push(interaction.check);
            passed = interaction.constraints_before;
        }
        checks.extend(constraints);
        let mut counts = HashMap::new();
        let place = |id| {
            let count = counts.entry(id).or_insert(0);
            *count += 1;
            Place { kind: self.name, id, ordinal: *count - 1 }
        };
        checks.into_iter().map(place).collect()
    }

    /// Lays the bus out again after a test changed constraints or interactions: a seeded bug.
    #[cfg(test)]
    pub(crate) fn rebuild_bus(&mut self) {
        self.constraints.truncate(self.own_constraints);
        self.folds.clear();
        self.append_bus();
    }

    // For each interaction, with fingerprint f: (γ - f)·y = ±m.
    fn append_bus(&mut self) {
        for (number, fingerprint) in self.fold_tuples().into_iter().enumerate() {
            let fraction = self.fraction(number, fingerprint);
            self.constraints.push(fraction);
        }
    }

    // The fingerprints f = w_0 + Σ χ^j·w_j + tag·χ^(MAX_ARITY + 1). A component that appears twice at the
    // same position is folded once. On the right stands the factor with the shorter wires
    // (layout.md#sides): of a fold the power of χ.
    fn fold_tuples(&mut self) -> Vec<Terms> {
        let mut folded: HashMap<(usize, Terms), u32> = HashMap::new();
        let mut fingerprints = Vec::with_capacity(self.interactions.len());
        for (number, interaction) in self.interactions.iter().enumerate() {
            assert!(interaction.tuple.len() <= usize::from(MAX_ARITY));
            let mut fingerprint = interaction.tuple[0].clone();
            for (power, terms) in interaction.tuple.iter().enumerate().skip(1) {
                if let Some(constant) = fold_constant(terms, power as u8) {
                    fingerprint.extend(constant);
                    continue;
                }
                let wire = *folded.entry((power, terms.clone())).or_insert_with(|| {
                    let wire = self.derived + self.folds.len() as u32;
                    self.folds.push(Fold { interaction: number as u32, component: power as u8 });
                    self.constraints.push(Constraint {
                        id: "BUS-1",
                        check: "BUS-1",
                        a: terms.clone(),
                        b: vec![(Wire::Chi(power as u8), Fr::from(1u64))],
                        c: vec![(Wire::Derived(wire), Fr::from(1u64))],
                    });
                    wire
                });
                fingerprint.push((Wire::Derived(wire), Fr::from(1u64)));
            }
            fingerprint.push((Wire::Chi(MAX_ARITY + 1), Fr::from(u64::from(interaction.tag.code))));
            fingerprints.push(fingerprint);
        }
        fingerprints
    }

    // (γ - f)·y = ±m. On the right stands γ - f, and not its inverse, where f has no folds.
    fn fraction(&self, number: usize, fingerprint: Terms) -> Constraint {
        let inverse = vec![(Wire::Derived(self.inverse_wire(number)), Fr::from(1u64))];
        let interaction = &self.interactions[number];
        let mut difference: Terms = fingerprint.into_iter().map(|(w, c)| (w, -c)).collect();
        difference.push((Wire::Gamma, Fr::from(1u64)));
        let negative = interaction.direction == Direction::Receive;
        let sign = |c: Fr| if negative { -c } else { c };
        let difference = sum_terms(difference);
        let (a, b) = if has_folds(&difference) { (difference, inverse) } else { (inverse, difference) };
        let c = interaction.multiplicity.iter().map(|(w, c)| (*w, sign(*c))).collect();
        Constraint { id: "BUS-2", check: "BUS-2", a, b, c }
    }
}

/// Tuples are committed: the derived wires of a fingerprint are its folds.
fn has_folds(fingerprint: &Terms) -> bool {
    fingerprint.iter().any(|(wire, _)| matches!(wire, Wire::Derived(_)))
}

/// A component without wires folds into a multiple of the challenge's power, at no cost.
fn fold_constant(terms: &Terms, power: u8) -> Option<Terms> {
    terms
        .iter()
        .map(|(wire, c)| match wire {
            Wire::One => Some((Wire::Chi(power), *c)),
            Wire::RowIndex => Some((Wire::RowChi(power), *c)),
            _ => None,
        })
        .collect()
}

fn sum_terms(mut terms: Terms) -> Terms {
    terms.sort_by_key(|(wire, _)| *wire);
    let mut out = Terms::with_capacity(terms.len());
    for (wire, c) in terms {
        match out.last_mut() {
            Some((last, sum)) if *last == wire => *sum += c,
            _ => out.push((wire, c)),
        }
    }
    out.retain(|(_, c)| !c.is_zero());
    out
}

/// The first half of a row's witness: everything that does not depend on the challenge.
#[derive(Clone, Debug, Default)]
pub struct RowWitness {
    pub committed: Vec<Fr>,
    pub derived: Vec<Fr>,
    pub carry_out: Vec<Fr>,
    pub published: Vec<Fr>,
    pub interactions: Vec<super::cs::InteractionValue>,
    pub tuples: Vec<Fr>,
    pub violations: Vec<&'static str>,
}

impl RowWitness {
    /// Runs the row function on a record.
    pub fn compute<R: Row>(
        shared: Shared<'_>,
        row: u64,
        carry_in: &[Fr],
        record: &Padded<R::Record>,
    ) -> Self {
        let mut cs = Cs::witness(shared, row, carry_in);
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
