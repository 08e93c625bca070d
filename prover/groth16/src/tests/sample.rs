//! A small circuit with a commitment: `v = Σ wᵢ·zⁱ`, and no wᵢ equals z.

use crate::keys::ProvingKey;
use crate::prove::Randomness;
use crate::relation::{Derived, Layout, Relation};
use crate::setup::setup;
use crate::sparse::{ClosureAssignment, SparseRelation, SparseRow};
use crate::{Commitment, HashToField, Proof, Prover};
use ark_bn254::Fr;
use ark_ff::{Field, One, UniformRand};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// Public: 1, `s` (if there is one, hashed into z), v, z. Committed: w. Derived: inverses of
/// `z - wᵢ`, then the partial sums of Horner's rule but the last, which is v.
pub struct Sample {
    pub relation: SparseRelation,
    committed_public: usize,
    count: usize,
}

impl Sample {
    /// `count` ≥ 2 committed wires.
    pub fn new(count: usize, committed_public: usize) -> Sample {
        let layout = Layout {
            constraints: 2 * count - 1,
            public: 3 + committed_public,
            committed_public,
            committed: count,
            derived: 2 * count - 2,
        };
        let rows = rows(&layout);
        let relation = SparseRelation::new(layout, rows).unwrap();
        Sample { relation, committed_public, count }
    }

    /// The circuit's rows, to be changed.
    pub fn rows(&self) -> Vec<SparseRow> {
        rows(&self.relation.layout())
    }

    pub fn key(&self) -> ProvingKey {
        setup(&self.relation, &mut rng(1)).unwrap()
    }

    pub fn committed(&self, seed: u64) -> Vec<Fr> {
        let mut rng = rng(seed);
        (0..self.count).map(|_| Fr::rand(&mut rng)).collect()
    }

    /// The committed public inputs of the tests.
    pub fn committed_public(&self) -> Vec<Fr> {
        (0..self.committed_public as u64).map(|index| Fr::from(1_000 + index)).collect()
    }

    /// The derived part of an honest assignment.
    pub fn derive(&self, committed: &[Fr], z: Fr) -> Derived {
        let mut wires: Vec<Fr> = committed.iter().map(|w| (z - w).inverse().expect("z is random")).collect();
        let mut sum = committed[self.count - 1];
        for step in 1..self.count {
            sum = sum * z + committed[self.count - 1 - step];
            if step < self.count - 1 {
                wires.push(sum);
            }
        }
        Derived { public: vec![sum], wires }
    }

    /// All wires of an honest assignment but the blinding.
    pub fn wires(&self, committed: &[Fr], z: Fr) -> Vec<Fr> {
        let derived = self.derive(committed, z);
        let mut wires = vec![Fr::one()];
        wires.extend(self.committed_public());
        wires.extend(derived.public);
        wires.push(z);
        wires.extend_from_slice(committed);
        wires.extend(derived.wires);
        wires
    }

    /// A proof, with its public inputs, of wires that satisfy every row at a challenge of the prover's
    /// choice instead of the commitment's.
    pub fn prove_at(&self, key: &ProvingKey, chosen: Fr) -> (Vec<Fr>, Proof) {
        let prover = Prover::new(key, &self.relation).unwrap();
        let randomness = Randomness::draw(&mut rng(9));
        let committed = self.committed(1);
        let commitment = prover.commit(&committed, randomness.blinding);
        let wires = self.wires(&committed, chosen);
        let inputs = wires[1..2 + self.committed_public].to_vec();
        (inputs, prover.prove_wires(wires, commitment, &randomness).unwrap())
    }

    /// An honest proof with its public inputs.
    pub fn prove(&self, key: &ProvingKey, hash: HashToField, seed: u64) -> (Vec<Fr>, Proof) {
        let committed = self.committed(seed);
        let mut public = Vec::new();
        let mut assignment = ClosureAssignment {
            committed_public: self.committed_public(),
            committed: committed.clone(),
            derive: |z| {
                let derived = self.derive(&committed, z);
                public = derived.public.clone();
                derived
            },
        };
        let prover = Prover::new(key, &self.relation).unwrap().with_hash(hash);
        let randomness = Randomness::draw(&mut rng(seed + 1_000));
        let proof = prover.prove_with_randomness(&mut assignment, &randomness).unwrap();
        let inputs = [self.committed_public(), public].concat();
        (inputs, proof)
    }
}

/// The circuit's rows: the inverses, then Horner's rule, whose last row makes v.
fn rows(layout: &Layout) -> Vec<SparseRow> {
    let (count, committed_public) = (layout.committed, layout.committed_public);
    let (v, z) = (1 + committed_public, 2 + committed_public);
    let w = |index: usize| layout.public + index;
    let inverse = |index: usize| layout.public + count + index;
    // The sum after `step` multiplications by z; the first is the top coefficient itself.
    let sum = |step: usize| match step {
        0 => w(count - 1),
        step if step == count - 1 => v,
        step => inverse(count) + step - 1,
    };
    let one = Fr::one();
    let mut rows = Vec::new();
    for index in 0..count {
        rows.push(SparseRow {
            a: vec![(z, one), (w(index), -one)],
            b: vec![(inverse(index), one)],
            c: vec![(0, one)],
        });
    }
    for step in 1..count {
        rows.push(SparseRow {
            a: vec![(sum(step - 1), one)],
            b: vec![(z, one)],
            c: vec![(sum(step), one), (w(count - 1 - step), -one)],
        });
    }
    rows
}

/// The proof with another commitment.
pub fn with_commitment(proof: &Proof, commitment: Commitment) -> Proof {
    Proof { commitment: Some(commitment), ..*proof }
}
