//! Times setup, key file and proof on a synthetic circuit with a commitment.
//!
//! `cargo run --release -p zkmargin-groth16 --example large -- 18` for 2^18 rows. A quarter of the
//! rows are bits, a quarter inverses at the challenge, half products of dense sums.

use ark_bn254::Fr;
use ark_ff::{Field, One, UniformRand, Zero};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::cell::RefCell;
use std::error::Error;
use std::ops::Range;
use std::time::Instant;
use zkmargin_groth16::{
    ClosureAssignment, Derived, HashToField, Layout, Matrix, Phase, Prover, ProvingKey, Relation, setup,
    verify,
};

/// Public columns: one, s, v, z.
const PUBLIC: usize = 4;
const V: usize = 2;
const Z: usize = 3;
/// Terms of a dense sum.
const DENSE: usize = 8;

/// `quarter` committed bits, `quarter` inverses of `z + bit + index`, `2·quarter` products.
struct Synthetic {
    quarter: usize,
}

impl Synthetic {
    fn bit(&self, index: usize) -> usize {
        PUBLIC + index
    }

    fn inverse(&self, index: usize) -> usize {
        PUBLIC + self.quarter + index
    }

    fn product(&self, index: usize) -> usize {
        PUBLIC + 2 * self.quarter + index
    }

    /// Columns summed by both factors of a product: the columns just before it.
    fn dense(&self, index: usize) -> Range<usize> {
        self.product(index) - DENSE..self.product(index)
    }

    fn derive(&self, bits: &[Fr], z: Fr) -> Derived {
        let mut wires: Vec<Fr> =
            bits.iter().enumerate().map(|(index, bit)| z + bit + Fr::from(index as u64)).collect();
        ark_ff::batch_inversion(&mut wires);
        let mut sum: Fr = wires[self.quarter - DENSE..].iter().sum();
        for _ in 0..2 * self.quarter {
            let product = sum.square();
            sum += product - wires[wires.len() - DENSE];
            wires.push(product);
        }
        Derived { public: vec![wires[wires.len() - 1]], wires }
    }
}

impl Relation for Synthetic {
    fn layout(&self) -> Layout {
        Layout {
            constraints: 4 * self.quarter + 1,
            public: PUBLIC,
            committed_public: 1,
            committed: self.quarter,
            derived: 3 * self.quarter,
        }
    }

    fn fingerprint(&self) -> [u8; 32] {
        let mut fingerprint = [0; 32];
        fingerprint[..8].copy_from_slice(&(self.quarter as u64).to_le_bytes());
        fingerprint
    }

    fn for_each_entry(&self, rows: Range<usize>, visit: &mut dyn FnMut(Matrix, usize, usize, &Fr)) {
        let one = Fr::one();
        for row in rows {
            let index = row % self.quarter.max(1);
            match row / self.quarter {
                0 => {
                    visit(Matrix::A, row, self.bit(index), &one);
                    visit(Matrix::B, row, self.bit(index), &one);
                    visit(Matrix::C, row, self.bit(index), &one);
                }
                1 => {
                    visit(Matrix::A, row, Z, &one);
                    visit(Matrix::A, row, self.bit(index), &one);
                    visit(Matrix::A, row, 0, &Fr::from(index as u64));
                    visit(Matrix::B, row, self.inverse(index), &one);
                    visit(Matrix::C, row, 0, &one);
                }
                2 | 3 => {
                    let index = row - 2 * self.quarter;
                    for column in self.dense(index) {
                        visit(Matrix::A, row, column, &one);
                        visit(Matrix::B, row, column, &one);
                    }
                    visit(Matrix::C, row, self.product(index), &one);
                }
                _ => {
                    visit(Matrix::A, row, self.product(2 * self.quarter - 1), &one);
                    visit(Matrix::B, row, 0, &one);
                    visit(Matrix::C, row, V, &one);
                }
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let log: u32 = std::env::args().nth(1).map_or(Ok(16), |text| text.parse())?;
    // Leaves room for the rows that the proof system adds.
    let circuit = Synthetic { quarter: (1usize << log) / 4 - 4 };
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let path = std::env::temp_dir().join(format!("large-{}.INSECURE.pk", std::process::id()));

    let start = Instant::now();
    setup(&circuit, &mut rng)?.write(&path)?;
    println!("setup and write {:>9.2?}   {}", start.elapsed(), memory());
    let start = Instant::now();
    let key = ProvingKey::open(&path, &circuit.fingerprint())?;
    println!("open {} MB {:>9.2?}   {}", key.file_bytes() >> 20, start.elapsed(), memory());

    let bits: Vec<Fr> =
        (0..circuit.quarter).map(|index| if index % 3 == 0 { Fr::one() } else { Fr::zero() }).collect();
    let s = Fr::rand(&mut rng);
    let public = RefCell::new(Vec::new());
    let mut assignment = ClosureAssignment {
        committed_public: vec![s],
        committed: bits.clone(),
        derive: |z| {
            let derived = circuit.derive(&bits, z);
            public.borrow_mut().clone_from(&derived.public);
            derived
        },
    };
    let observer = |phase: Phase, time| println!("  {phase:?} {time:.2?}");
    let start = Instant::now();
    let proof = Prover::new(&key, &circuit)?.with_observer(&observer).prove(&mut assignment, &mut rng)?;
    println!("prove {:>9.2?}   {}", start.elapsed(), memory());
    let inputs = [vec![s], public.into_inner()].concat();
    verify(key.verifying_key(), &inputs, &proof, HashToField::default())?;
    std::fs::remove_file(&path)?;
    Ok(())
}

/// Peak resident memory so far, where the system tells it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    peak.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
