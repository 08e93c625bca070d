//! What a key belongs to.

use ark_ff::PrimeField;
use sha3::{Digest, Keccak256};

use super::{Circuit, Constant};

impl Circuit {
    /// Keccak-256 over the layout and every template: two circuits with one fingerprint have the
    /// same matrices. Kinds without rows do not enter it: a shape that does not name a kind keeps its
    /// fingerprint when the kind is added to the protocol.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Keccak256::new();
        let number = |hash: &mut Keccak256, n: usize| hash.update((n as u64).to_le_bytes());
        hash.update(b"zkmargin/circuit/v2");
        let blocks = || self.blocks.iter().filter(|block| block.rows > 0);
        for n in [self.limb_bits as usize, self.globals, blocks().count(), self.elements.len()] {
            number(&mut hash, n);
        }
        for block in blocks() {
            number(&mut hash, block.kind().len());
            hash.update(block.kind());
            for n in [block.rows, block.template.constraints.len()] {
                number(&mut hash, n);
            }
            for sides in &block.resolved {
                for entries in sides {
                    number(&mut hash, entries.len());
                    for entry in entries {
                        let region = entry.region as usize * 2 + usize::from(entry.scaled_by_row);
                        number(&mut hash, region);
                        number(&mut hash, entry.index as usize);
                        for limb in entry.coefficient.into_bigint().0 {
                            hash.update(limb.to_le_bytes());
                        }
                    }
                }
            }
        }
        for Constant { column, value } in &self.constants {
            number(&mut hash, *column);
            hash.update(value.to_string());
        }
        for i in 0..self.elements.len() {
            self.element_entries(i, &mut |column, coefficient| {
                number(&mut hash, column);
                for limb in coefficient.into_bigint().0 {
                    hash.update(limb.to_le_bytes());
                }
            });
        }
        hash.finalize().into()
    }
}
