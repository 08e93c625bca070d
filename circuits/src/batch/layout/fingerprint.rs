//! What a key belongs to.

use ark_bn254::Fr;
use ark_ff::PrimeField;
use sha3::{Digest, Keccak256};

use super::{Block, Circuit, Constant};

impl Circuit {
    /// Keccak-256 over the layout and every template: two circuits with one fingerprint have the
    /// same matrices. Kinds without rows do not enter it: a shape that does not name a kind keeps its
    /// fingerprint when the kind is added to the protocol.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Keccak256::new();
        hash.update(b"zkmargin/circuit/v2");
        let blocks = || self.blocks.iter().filter(|block| block.rows > 0);
        for n in [self.limb_bits as usize, self.globals, blocks().count(), self.elements.len()] {
            add_number(&mut hash, n);
        }
        for block in blocks() {
            add_block(&mut hash, block);
        }
        add_number(&mut hash, self.constants.len());
        for Constant { column, value } in &self.constants {
            add_number(&mut hash, *column);
            add_coefficient(&mut hash, value);
        }
        for i in 0..self.elements.len() {
            self.element_entries(i, &mut |column, coefficient| {
                add_number(&mut hash, column);
                add_coefficient(&mut hash, &coefficient);
            });
        }
        hash.finalize().into()
    }
}

fn add_block(hash: &mut Keccak256, block: &Block) {
    add_number(hash, block.kind().len());
    hash.update(block.kind());
    // The widths say where the columns of a block begin, the interactions what the bus sum is over.
    let template = &block.template;
    let widths = [template.carries, template.committed, template.derived_wires()].map(|n| n as usize);
    for n in [block.rows, template.constraints.len(), template.interactions.len()].into_iter().chain(widths) {
        add_number(hash, n);
    }
    for entries in block.resolved.iter().flatten() {
        add_number(hash, entries.len());
        for entry in entries {
            let region = entry.region as usize * 2 + usize::from(entry.scaled_by_row);
            add_number(hash, region);
            add_number(hash, entry.index as usize);
            add_coefficient(hash, &entry.coefficient);
        }
    }
}

fn add_number(hash: &mut Keccak256, n: usize) {
    hash.update((n as u64).to_le_bytes());
}

fn add_coefficient(hash: &mut Keccak256, coefficient: &Fr) {
    for limb in coefficient.into_bigint().0 {
        hash.update(limb.to_le_bytes());
    }
}
