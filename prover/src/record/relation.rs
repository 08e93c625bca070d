//! The batch circuit as the proof system sees it.

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::PrimeField;
use zkmargin_circuits::batch::assembly::Witness;
use zkmargin_circuits::batch::layout::{Circuit, PUBLIC, Side};
use zkmargin_circuits::publication::publish;
pub use zkmargin_circuits::publication::{ELEMENT_BYTES, digest};
use zkmargin_groth16::{Assignment, Derived, Layout, Matrix, Relation};

/// A compiled circuit with its fingerprint.
pub struct BatchRelation<'a> {
    circuit: &'a Circuit,
    fingerprint: [u8; 32],
}

impl<'a> BatchRelation<'a> {
    pub fn new(circuit: &'a Circuit) -> Self {
        Self { circuit, fingerprint: circuit.fingerprint() }
    }
}

impl Relation for BatchRelation<'_> {
    fn layout(&self) -> Layout {
        Layout {
            constraints: self.circuit.constraints(),
            public: PUBLIC,
            committed_public: 1,
            committed: self.circuit.committed(),
            derived: self.circuit.derived(),
        }
    }

    fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    fn for_each_entry(&self, rows: Range<usize>, visit: &mut dyn FnMut(Matrix, usize, usize, &Fr)) {
        self.circuit.for_each_entry(rows, &mut |side, row, column, coefficient| {
            let matrix = match side {
                Side::A => Matrix::A,
                Side::B => Matrix::B,
                Side::C => Matrix::C,
            };
            visit(matrix, row, column, coefficient);
        });
    }

    fn products(&self, rows: Range<usize>, assignment: &[Fr], a: &mut [Fr], b: &mut [Fr], c: &mut [Fr]) {
        self.circuit.products(rows, assignment, [a, b, c]);
    }
}

/// A batch's wires: committed ones now, the rest after the challenge.
pub struct BatchAssignment<'a> {
    witness: Witness<'a>,
    digest: Fr,
}

impl<'a> BatchAssignment<'a> {
    pub fn new(witness: Witness<'a>) -> Self {
        let digest = digest(&publish(witness.elements()));
        Self { witness, digest }
    }

    /// The bytes that the contract hashes and evaluates.
    pub fn bytes(&self) -> Vec<u8> {
        publish(self.witness.elements())
    }
}

impl Assignment for BatchAssignment<'_> {
    fn committed_public(&self) -> Vec<Fr> {
        vec![self.digest]
    }

    fn committed(&self) -> &[Fr] {
        self.witness.committed()
    }

    fn derive(&mut self, z: Fr) -> Derived {
        let (evaluation, wires) = self.witness.derive(z);
        Derived { public: vec![evaluation], wires }
    }
}

/// The public inputs that the contract computes from the published bytes and the challenge: s and v.
pub fn public_inputs(bytes: &[u8], z: Fr) -> [Fr; 2] {
    let evaluation = bytes
        .chunks(ELEMENT_BYTES)
        .rev()
        .fold(Fr::from(0u64), |sum, chunk| sum * z + Fr::from_be_bytes_mod_order(chunk));
    [digest(bytes), evaluation]
}
