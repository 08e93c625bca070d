//! A filled circuit: what is committed, and what the challenge adds.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, batch_inversion};
use rayon::prelude::*;

use crate::batch::challenge::{Challenge, ChallengeRecord};
use crate::batch::layout::{Block, Circuit};
use crate::gadgets::cs::{Direction, Shared};
use crate::gadgets::row::{MAX_ARITY, Padded, RowWitness};

/// Committed wires and published elements; [`Witness::derive`] gives the rest.
pub struct Witness<'a> {
    pub(super) circuit: &'a Circuit,
    pub(super) committed: Vec<Fr>,
    pub(super) elements: Vec<Fr>,
    pub(super) rows: Vec<Vec<RowWitness>>,
}

impl Witness<'_> {
    /// Values of the committed wires in the order of their columns: global wires, carries, rows.
    pub fn committed(&self) -> &[Fr] {
        &self.committed
    }

    /// The rows of each block.
    pub fn rows(&self) -> &[Vec<RowWitness>] {
        &self.rows
    }

    /// The published elements, header first.
    pub fn elements(&self) -> &[Fr] {
        &self.elements
    }

    /// All columns for the published digest `s` and the challenge z.
    pub fn columns(&self, s: Fr, z: Fr) -> Vec<Fr> {
        let (evaluation, derived) = self.derive(z);
        let mut columns = vec![Fr::ONE, s, evaluation, z];
        columns.extend_from_slice(&self.committed);
        columns.extend(derived);
        columns
    }

    /// For the challenge z: the evaluation of the elements and all derived wires.
    pub fn derive(&self, z: Fr) -> (Fr, Vec<Fr>) {
        let mut derived = vec![Fr::ZERO; self.circuit.derived()];
        let challenge = challenge_row(self.circuit, z);
        derived[..challenge.derived.len()].copy_from_slice(&challenge.derived);
        let gamma = *challenge.derived.last().expect("the challenge row derives γ");
        let mut powers = vec![Fr::ONE];
        for j in 0..=usize::from(MAX_ARITY) {
            powers.push(powers[j] * z);
        }
        let mut rest = &mut derived[self.circuit.derived_start(0, 0)..];
        for (block, rows) in self.circuit.blocks.iter().zip(&self.rows) {
            let width = block.template.derived_wires() as usize;
            let (own, after) = rest.split_at_mut(width * block.rows);
            rest = after;
            // The challenge row's own wires were set above; it has no interactions.
            if width > 0 && !block.template.interactions.is_empty() {
                own.par_chunks_mut(width)
                    .zip(rows)
                    .for_each(|(out, row)| derive_row(block, row, &powers, gamma, out));
            } else if width > 0 && !std::ptr::eq(block, &self.circuit.blocks[0]) {
                own.par_chunks_mut(width).zip(rows).for_each(|(out, row)| out.copy_from_slice(&row.derived));
            }
        }
        let evaluation = &mut derived[self.circuit.evaluation_start()..];
        let mut sum = *self.elements.last().expect("a batch publishes its header");
        for i in (0..self.elements.len() - 1).rev() {
            sum = sum * z + self.elements[i];
            if i > 0 {
                evaluation[i - 1] = sum;
            }
        }
        (sum, derived)
    }
}

fn challenge_row(circuit: &Circuit, z: Fr) -> RowWitness {
    let shared = Shared { limb_bits: circuit.limb_bits, globals: &[] };
    RowWitness::compute::<Challenge>(shared, 0, &[], &Padded::enabled(ChallengeRecord { z }))
}

fn derive_row(block: &Block, row: &RowWitness, powers: &[Fr], gamma: Fr, out: &mut [Fr]) {
    let (own, bus) = out.split_at_mut(row.derived.len());
    own.copy_from_slice(&row.derived);
    let (folds, inverses) = bus.split_at_mut(block.template.folds.len());
    for (wire, fold) in folds.iter_mut().zip(&block.template.folds) {
        let component = row.tuple(fold.interaction as usize)[usize::from(fold.component)];
        *wire = component * powers[usize::from(fold.component)];
    }
    for (i, (wire, interaction)) in inverses.iter_mut().zip(&row.interactions).enumerate() {
        let tag = powers[usize::from(MAX_ARITY) + 1] * Fr::from(u64::from(interaction.tag.code));
        let folded: Fr = row.tuple(i).iter().zip(powers).map(|(w, p)| *w * p).sum();
        *wire = gamma - folded - tag;
    }
    batch_inversion(inverses);
    for (wire, interaction) in inverses.iter_mut().zip(&row.interactions) {
        *wire *= match interaction.direction {
            Direction::Send => interaction.multiplicity,
            Direction::Receive => -interaction.multiplicity,
        };
    }
}
