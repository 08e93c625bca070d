//! A synthetic system of any size that resembles ours: half the rows are products of Poseidon-like
//! S-boxes with dense sums, 42 % are booleans, the rest put 16 booleans into a limb.

use super::system::System;
use ark_bn254::Fr;
use ark_ff::{One, UniformRand};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use std::ops::Range;
use zkmargin_groth16::{Layout, Matrix, Relation};

/// The logarithms that the size of the domain may have.
pub const SIZES: Range<u32> = 8..25;
/// Public columns: one and the last product.
const PUBLIC: usize = 2;
const OUT: usize = 1;
/// Earlier wires in an S-box's sum.
const DENSE: usize = 8;
/// Booleans in a limb.
const LIMB: usize = 16;
/// Rows of the domain left to the proof system.
const FREE: usize = 8;

/// `bits` booleans, then `limbs`, then `products`, each a group of wires and the rows that fix them;
/// the last row says that `out` is the last product.
///
/// Products come in threes: `x² = s·s`, `x⁴ = x²·x²`, `x⁵ = x⁴·s` with `s` a dense sum of the eight
/// products before and a constant.
struct Mix {
    bits: usize,
    limbs: usize,
    products: usize,
    /// Coefficients and constants of the sums, used in turns.
    table: Vec<Fr>,
    powers: Vec<Fr>,
}

impl Mix {
    fn new(log2: u32) -> Self {
        let rows = (1usize << log2) - FREE;
        let (products, bits) = (rows / 2, rows * 42 / 100);
        let mut rng = ChaCha20Rng::seed_from_u64(0);
        Mix {
            bits,
            limbs: rows - products - bits - 1,
            products,
            table: (0..64).map(|_| Fr::rand(&mut rng)).collect(),
            powers: (0..LIMB).map(|power| Fr::from(1u64 << power)).collect(),
        }
    }

    fn bit(&self, index: usize) -> usize {
        PUBLIC + index % self.bits
    }

    fn limb(&self, index: usize) -> usize {
        PUBLIC + self.bits + index
    }

    fn product(&self, index: usize) -> usize {
        PUBLIC + self.bits + self.limbs + index
    }

    /// Terms of the sum of S-box `sbox`, which starts at product `3·sbox`.
    fn sum(&self, sbox: usize) -> impl Iterator<Item = (usize, &Fr)> {
        let start = 3 * sbox;
        let constant = (0, &self.table[sbox % self.table.len()]);
        let terms = (0..DENSE).map(move |term| {
            let column = if start > term { self.product(start - 1 - term) } else { self.limb(term) };
            (column, &self.table[(sbox * DENSE + term) % self.table.len()])
        });
        terms.chain([constant])
    }

    fn wires(&self, seed: u64) -> Vec<Fr> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut wires = vec![Fr::one(); PUBLIC];
        wires.extend((0..self.bits).map(|_| Fr::from(rng.r#gen::<bool>())));
        for limb in 0..self.limbs {
            let bits = (0..LIMB).map(|place| wires[self.bit(limb * LIMB + place)] * self.powers[place]);
            wires.push(bits.sum());
        }
        let mut sum = Fr::one();
        for product in 0..self.products {
            let last = *wires.last().unwrap_or(&sum);
            wires.push(match product % 3 {
                0 => {
                    sum = self.sum(product / 3).map(|(column, factor)| wires[column] * factor).sum();
                    sum * sum
                }
                1 => last * last,
                _ => last * sum,
            });
        }
        wires[OUT] = wires[wires.len() - 1];
        wires
    }

    fn product_row(&self, index: usize, visit: &mut dyn FnMut(Matrix, usize, &Fr)) {
        let one = Fr::one();
        let before = self.product(index).wrapping_sub(1);
        match index % 3 {
            0 => {
                for (column, factor) in self.sum(index / 3) {
                    visit(Matrix::A, column, factor);
                    visit(Matrix::B, column, factor);
                }
            }
            1 => {
                visit(Matrix::A, before, &one);
                visit(Matrix::B, before, &one);
            }
            _ => {
                visit(Matrix::A, before, &one);
                for (column, factor) in self.sum(index / 3) {
                    visit(Matrix::B, column, factor);
                }
            }
        }
        visit(Matrix::C, self.product(index), &one);
    }

    fn row(&self, row: usize, visit: &mut dyn FnMut(Matrix, usize, &Fr)) {
        let one = Fr::one();
        let (limbs, products) = (self.bits, self.bits + self.limbs);
        if row < limbs {
            for matrix in [Matrix::A, Matrix::B, Matrix::C] {
                visit(matrix, self.bit(row), &one);
            }
        } else if row < products {
            let limb = row - limbs;
            for (place, power) in self.powers.iter().enumerate() {
                visit(Matrix::A, self.bit(limb * LIMB + place), power);
            }
            visit(Matrix::B, 0, &one);
            visit(Matrix::C, self.limb(limb), &one);
        } else if row < products + self.products {
            self.product_row(row - products, visit);
        } else {
            visit(Matrix::A, self.product(self.products - 1), &one);
            visit(Matrix::B, 0, &one);
            visit(Matrix::C, OUT, &one);
        }
    }
}

impl Relation for Mix {
    fn layout(&self) -> Layout {
        let wires = self.bits + self.limbs + self.products;
        Layout { constraints: wires + 1, public: PUBLIC, committed_public: 0, committed: 0, derived: wires }
    }

    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"zkmargin/peers/mix/1");
        for size in [self.bits, self.limbs, self.products] {
            hash.update((size as u64).to_le_bytes());
        }
        hash.finalize().into()
    }

    fn for_each_entry(&self, rows: Range<usize>, visit: &mut dyn FnMut(Matrix, usize, usize, &Fr)) {
        for row in rows {
            self.row(row, &mut |matrix, column, coefficient| visit(matrix, row, column, coefficient));
        }
    }
}

/// Makes the system of the given size, with wires drawn from `seed`; `log2` must be within [`SIZES`]. Its domain has exactly `2^log2` points.
pub fn mix(log2: u32, seed: u64) -> System<'static> {
    let relation = Mix::new(log2);
    let wires = relation.wires(seed);
    System { name: format!("mix 2^{log2}"), relation: Box::new(relation), wires }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::Zero;

    #[test]
    fn fills_its_domain_and_is_satisfied() {
        for log2 in [8, 9, 13] {
            let system = mix(log2, 1);
            let layout = system.layout();
            layout.check().unwrap();
            assert_eq!(layout.domain_size(), 1 << log2);
            assert_eq!(layout.columns(), system.wires.len());
            let products = system.matrices().map(|matrix| -> Vec<Fr> {
                let value =
                    |row: &Vec<(Fr, usize)>| row.iter().map(|(f, column)| system.wires[*column] * f).sum();
                matrix.iter().map(value).collect()
            });
            let [a, b, c] = &products;
            assert!((0..layout.constraints).all(|row| a[row] * b[row] == c[row]));
            assert!(c.iter().filter(|value| value.is_zero()).count() < layout.constraints / 2);
        }
    }

    #[test]
    fn every_wire_is_used() {
        let system = mix(9, 1);
        let mut used = vec![false; system.wires.len()];
        for row in system.matrices().iter().flatten() {
            row.iter().for_each(|(_, column)| used[*column] = true);
        }
        assert!(used.iter().all(|used| *used));
    }
}
