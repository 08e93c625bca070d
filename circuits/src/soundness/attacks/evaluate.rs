//! What the matrices of a circuit say of rows that another circuit's row functions computed.
//!
//! The adversary's part of a proof: committed wires from the rows, multiplicities of providers counted,
//! then for a challenge all that follows from it. A weakened circuit may have wires more and tuples
//! less than the rows know of, so everything on the bus is taken from the matrices.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField, batch_inversion};

use super::weaken::{Added, Weakened};
use crate::batch::assembly::Witness;
use crate::batch::challenge::{Challenge, ChallengeRecord};
use crate::batch::layout::{Circuit, PUBLIC};
use crate::gadgets::cs::{Constraint, Direction, Shared};
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{Padded, RowWitness};
use crate::gadgets::var::{Terms, Wire};

/// What the adversary chooses beside the rows.
#[derive(Default)]
pub struct Chosen {
    /// Values of added committed wires: kind, row, value.
    pub free: Vec<(&'static str, usize, Fr)>,
    /// Elements that the contract is given instead of the rows' elements.
    pub elements: Vec<(usize, Fr)>,
}

/// The constraints that rows of `truth` do not satisfy in a weakened circuit, at a challenge.
pub fn unsatisfied(
    weak: &Weakened,
    truth: &Circuit,
    witness: &Witness<'_>,
    chosen: &Chosen,
    z: Fr,
) -> Vec<String> {
    let mut filled = Filled::new(&weak.circuit, truth, witness, z);
    filled.add_wires(&weak.added, chosen);
    filled.count_lookups();
    filled.fill_bus();
    for added in &weak.added {
        if let Added::Solves { kind, wire, interaction, .. } = added {
            filled.solve(kind, *wire, *interaction);
        }
    }
    if weak.known_challenge {
        filled.balance_with_a_count();
    }
    filled.evaluate(chosen, z);
    weak.circuit.unsatisfied(&filled.columns)
}

struct Filled<'a> {
    circuit: &'a Circuit,
    columns: Vec<Fr>,
}

impl<'a> Filled<'a> {
    /// Globals, carries and the rows' own wires.
    fn new(circuit: &'a Circuit, truth: &Circuit, witness: &Witness<'_>, z: Fr) -> Self {
        let mut columns = vec![Fr::ZERO; circuit.columns()];
        (columns[0], columns[1], columns[3]) = (Fr::ONE, Fr::from(5u64), z);
        let committed = witness.committed();
        columns[PUBLIC..PUBLIC + circuit.globals].copy_from_slice(&committed[..circuit.globals]);
        let mut copy = |start: usize, values: &[Fr]| {
            columns[start..start + values.len()].copy_from_slice(values);
        };
        let derived = PUBLIC + circuit.committed();
        for (number, (block, own)) in circuit.blocks.iter().zip(&truth.blocks).enumerate() {
            for row in 0..=block.rows {
                copy(PUBLIC + block.carry_range(row).start, &committed[own.carry_range(row)]);
            }
            for row in 0..block.rows {
                copy(PUBLIC + block.committed_range(row).start, &committed[own.committed_range(row)]);
                let start = derived + circuit.derived_start(number, row);
                copy(start, &witness.rows()[number][row].derived);
            }
        }
        let shared = Shared { limb_bits: circuit.limb_bits, globals: &[] };
        let challenge =
            RowWitness::compute::<Challenge>(shared, 0, &[], &Padded::enabled(ChallengeRecord { z }));
        copy(derived, &challenge.derived);
        let mut filled = Self { circuit, columns };
        // The pole, as its constraint has it.
        let template = &circuit.blocks[0].template;
        let pole = &template.constraints[template.own_constraints - 1];
        let value = filled.dot(0, 0, &pole.a) * filled.dot(0, 0, &pole.b);
        filled.columns[derived + template.derived as usize - 1] = value;
        filled
    }

    fn dot(&self, block: usize, row: usize, terms: &Terms) -> Fr {
        let terms = self.circuit.columns_of(block, row, terms);
        terms.iter().map(|(column, c)| self.columns[*column] * c).sum()
    }

    fn column(&self, block: usize, row: usize, wire: Wire) -> usize {
        self.circuit.columns_of(block, row, &vec![(wire, Fr::ONE)])[0].0
    }

    fn block(&self, kind: &'static str) -> usize {
        self.circuit.blocks.iter().position(|b| b.kind() == kind).expect("a kind of the circuit")
    }

    fn add_wires(&mut self, added: &[Added], chosen: &Chosen) {
        for added in added {
            match added {
                Added::Free { kind, wire, terms } => {
                    let block = self.block(kind);
                    for row in 0..self.circuit.blocks[block].rows {
                        let forged = chosen.free.iter().find(|(k, r, _)| k == kind && *r == row);
                        let value = forged.map_or_else(|| self.dot(block, row, terms), |(.., value)| *value);
                        let column = self.column(block, row, Wire::Committed(*wire));
                        self.columns[column] = value;
                    }
                }
                Added::Publishes { kind, wire, published, terms } => {
                    let block = self.block(kind);
                    for (number, source) in self.circuit.elements.iter().enumerate() {
                        if source.block == block && source.published == *published {
                            let forged = chosen.elements.iter().find(|(element, _)| *element == number);
                            let honest = || self.dot(block, source.row, terms);
                            let value = forged.map_or_else(honest, |(_, value)| *value);
                            let column = self.column(block, source.row, Wire::Derived(*wire));
                            self.columns[column] = value;
                        }
                    }
                }
                Added::Solves { kind, wire, terms, .. } => {
                    let block = self.block(kind);
                    for row in 0..self.circuit.blocks[block].rows {
                        let column = self.column(block, row, Wire::Derived(*wire));
                        self.columns[column] = self.dot(block, row, terms);
                    }
                }
            }
        }
    }

    /// Sets each provider's multiplicity to the number of its look-ups.
    fn count_lookups(&mut self) {
        let mut counts: HashMap<(u8, Vec<Fr>), Fr> = HashMap::new();
        let mut limbs = vec![0u64; 1 << self.circuit.limb_bits];
        let mut providers = Vec::new();
        for (number, block) in self.circuit.blocks.iter().enumerate() {
            for row in 0..block.rows {
                for interaction in block.template.interactions.iter().filter(|i| i.tag.provider) {
                    let tuple: Vec<Fr> =
                        interaction.tuple.iter().map(|terms| self.dot(number, row, terms)).collect();
                    let limb = tuple[0].into_bigint().0;
                    let small = limb[1..] == [0; 3] && limb[0] < limbs.len() as u64;
                    if let Some(wire) = interaction.provided_by {
                        let column = self.column(number, row, Wire::Committed(wire));
                        providers.push((column, interaction.tag, tuple));
                    } else if interaction.tag == RANGE {
                        limbs[limb[0] as usize % (1 << self.circuit.limb_bits)] += u64::from(small);
                    } else {
                        let count = self.dot(number, row, &interaction.multiplicity);
                        *counts.entry((interaction.tag.code, tuple)).or_default() += count;
                    }
                }
            }
        }
        for (column, tag, tuple) in providers {
            self.columns[column] = if tag == RANGE {
                Fr::from(limbs[tuple[0].into_bigint().0[0] as usize])
            } else {
                counts.remove(&(tag.code, tuple)).unwrap_or_default()
            };
        }
    }

    /// Folds and inverses, from their constraints.
    fn fill_bus(&mut self) {
        let mut inverses: Vec<(usize, Fr)> = Vec::new();
        let mut denominators = Vec::new();
        for (number, block) in self.circuit.blocks.iter().enumerate() {
            for row in 0..block.rows {
                for constraint in &block.template.constraints[block.template.own_constraints..] {
                    if constraint.id == "BUS-1" {
                        let value =
                            self.dot(number, row, &constraint.a) * self.dot(number, row, &constraint.b);
                        let column = self.column(number, row, constraint.c[0].0);
                        self.columns[column] = value;
                    } else {
                        let (difference, inverse) = factors(constraint);
                        denominators.push(self.dot(number, row, difference));
                        let multiplicity = self.dot(number, row, &constraint.c);
                        inverses.push((self.column(number, row, inverse[0].0), multiplicity));
                    }
                }
            }
        }
        batch_inversion(&mut denominators);
        for ((column, multiplicity), inverse) in inverses.into_iter().zip(denominators) {
            self.columns[column] = multiplicity * inverse;
        }
    }

    fn bus_sum(&self) -> Fr {
        let mut sum = Fr::ZERO;
        for (number, block) in self.circuit.blocks.iter().enumerate() {
            for row in 0..block.rows {
                for i in 0..block.template.interactions.len() {
                    let wire = Wire::Derived(block.template.inverse_wire(i));
                    sum += self.columns[self.column(number, row, wire)];
                }
            }
        }
        sum
    }

    /// One equation, one unknown chosen after the challenge: the wire, in row 0, that balances the bus.
    fn solve(&mut self, kind: &'static str, wire: u32, interaction: usize) {
        let (block, wire) = (self.block(kind), Wire::Derived(wire));
        let template = &self.circuit.blocks[block].template;
        let inverse = self.column(block, 0, Wire::Derived(template.inverse_wire(interaction)));
        let own = template.own_constraints + template.folds.len() + interaction;
        let constraint = &template.constraints[own];
        assert_eq!(constraint.id, "BUS-2");
        let share = self.columns[inverse] - self.bus_sum();
        self.columns[inverse] = share;
        let column = self.column(block, 0, wire);
        let pole_less_fingerprint = self.dot(block, 0, factors(constraint).0);
        if constraint.c.iter().any(|(w, _)| *w == wire) {
            // ±m = (γ - f)·y.
            self.columns[column] = match template.interactions[interaction].direction {
                Direction::Send => pole_less_fingerprint * share,
                Direction::Receive => -pole_less_fingerprint * share,
            };
        } else {
            // γ - f - w = ±m/y.
            let wanted =
                self.dot(block, 0, &constraint.c) * share.inverse().expect("the bus does not balance");
            self.columns[column] += pole_less_fingerprint - wanted;
        }
    }

    /// With the challenge known, the count of any provided tuple, here of limb 0, balances the bus.
    fn balance_with_a_count(&mut self) {
        let block = self.block(crate::soundness::kinds::RANGE);
        let template = &self.circuit.blocks[block].template;
        let inverse = self.column(block, 0, Wire::Derived(template.inverse_wire(0)));
        let constraint = &template.constraints[template.own_constraints + template.folds.len()];
        let share = self.columns[inverse] - self.bus_sum();
        self.columns[inverse] = share;
        let count = self.column(block, 0, constraint.c[0].0);
        self.columns[count] = self.dot(block, 0, factors(constraint).0) * share;
    }

    /// The contract's evaluation of what it is given, and the circuit's steps towards its own.
    fn evaluate(&mut self, chosen: &Chosen, z: Fr) {
        let sources = &self.circuit.elements;
        let own: Vec<Fr> = sources
            .iter()
            .map(|s| {
                let terms = &self.circuit.blocks[s.block].template.published[s.published].terms;
                self.dot(s.block, s.row, terms)
            })
            .collect();
        let mut given = own.clone();
        chosen.elements.iter().for_each(|(element, value)| given[*element] = *value);
        let start = PUBLIC + self.circuit.committed() + self.circuit.evaluation_start();
        let (mut steps, mut value) = (Fr::ZERO, Fr::ZERO);
        for i in (0..own.len()).rev() {
            steps = steps * z + own[i];
            value = value * z + given[i];
            if i > 0 && i + 1 < own.len() {
                self.columns[start + i - 1] = steps;
            }
        }
        self.columns[2] = value;
    }
}

/// `γ - f` and `y` of BUS-2, whichever of them is on the left.
fn factors(constraint: &Constraint) -> (&Terms, &Terms) {
    let Constraint { a, b, .. } = constraint;
    if a.iter().any(|(wire, _)| *wire == Wire::Gamma) { (a, b) } else { (b, a) }
}
