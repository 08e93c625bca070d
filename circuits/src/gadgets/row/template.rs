//! A row kind, synthesised once, and the constraints of its bus.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::Zero;

use super::{Padded, Row};
use crate::gadgets::cs::{Constraint, Cs, Direction, Interaction, Published};
use crate::gadgets::var::{Terms, Wire};

/// Largest tuple arity; the tag's own power of the challenge lies above it.
pub const MAX_ARITY: u8 = 31;

/// A folded component `χ^power · (component of an interaction)` on a derived wire.
#[derive(Clone, Copy, Debug)]
pub struct Fold {
    /// Number of the interaction in whose tuple it stands first.
    pub interaction: u32,
    /// Number of the component, which is also the power of χ: at least 1.
    pub component: u8,
}

/// Where a check stands: the `ordinal`-th constraint or interaction under check `id` in rows of `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Name of the row kind ([`Row::NAME`]).
    pub kind: &'static str,
    /// Id of the check in the spec; empty for an interaction outside of all scopes.
    pub id: &'static str,
    /// Number among the places of this id in the kind, from 0, in program order.
    pub ordinal: usize,
}

/// A row kind, synthesised once: constraints over local wires.
///
/// Derived wires of a row, in order: the row function's, one for each entry of `folds`, one
/// inverse for each interaction.
#[derive(Clone, Debug)]
pub struct Template {
    /// Name of the row kind ([`Row::NAME`]).
    pub name: &'static str,
    /// Committed wires of a row, without carries.
    pub committed: u32,
    /// Derived wires of the row function, without the bus.
    pub derived: u32,
    /// Wires that a row hands to the next.
    pub carries: u32,
    /// Constraints of the row function, then of the bus.
    pub constraints: Vec<Constraint>,
    /// What a row sends and receives, in program order.
    pub interactions: Vec<Interaction>,
    /// Folded components, one for each pair of position and terms.
    pub folds: Vec<Fold>,
    /// What a row publishes, in program order.
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
        let mut cs = Cs::template(limb_bits).of_kind(R::NAME);
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

    /// Derived wires of a row, with the bus.
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
