//! The batch circuit as the proof system sees it.

use std::ops::Range;
use std::sync::OnceLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, PrimeField};
use rayon::prelude::*;
use zkmargin_circuits::batch::assembly::Witness;
use zkmargin_circuits::batch::layout::{Block, BlockTerm, Circuit, PUBLIC, Side};
use zkmargin_circuits::publication::publish;
pub use zkmargin_circuits::publication::{ELEMENT_BYTES, digest};
use zkmargin_groth16::{Assignment, Derived, Layout, Matrix, Relation};
use zkmargin_kernels::Backend;
use zkmargin_kernels::combination::{Combination, Place};
use zkmargin_kernels::simd::LANES;

/// A compiled circuit with its fingerprint, as a relation.
pub struct BatchRelation<'a> {
    circuit: &'a Circuit,
    fingerprint: [u8; 32],
    /// Made for the first products on vectors: setups and exports need none.
    blocks: OnceLock<Vec<BlockRows>>,
}

impl<'a> BatchRelation<'a> {
    /// Takes a compiled circuit and computes its fingerprint.
    pub fn new(circuit: &'a Circuit) -> Self {
        Self { circuit, fingerprint: circuit.fingerprint(), blocks: OnceLock::new() }
    }

    fn blocks(&self) -> &[BlockRows] {
        let rows = |block| BlockRows::new(self.circuit, block);
        let named = self.circuit.blocks.iter().filter(|block| block.rows > 0);
        self.blocks.get_or_init(|| named.map(rows).collect())
    }
}

/// Constraints of each of eight rows computed by one task.
const PART: usize = 1 << 9;

/// The constraints of a block as combinations that its rows share.
struct BlockRows {
    constraints: Range<usize>,
    /// A, B and C of each constraint of a row; none where a coefficient depends on the row.
    combinations: Vec<Option<[Combination; 3]>>,
}

impl BlockRows {
    fn new(circuit: &Circuit, block: &Block) -> Self {
        let combination = |terms: Vec<BlockTerm>| -> Combination {
            let number = |n: usize| u32::try_from(n).expect("a layout has at most 2^28 columns");
            let place = |term: &BlockTerm| Place { first: number(term.column), stride: number(term.stride) };
            terms.iter().map(|term| (place(term), term.coefficient)).collect()
        };
        let shared = |local: usize| {
            let sides = circuit.block_terms(block, local);
            let varies = sides.iter().flatten().any(|term| term.scaled_by_row);
            (!varies).then(|| sides.map(combination))
        };
        let combinations = (0..block.template.constraints.len()).map(shared).collect();
        BlockRows { constraints: block.constraint_range(), combinations }
    }

    /// The work on the block's products, which `outputs` begin with.
    fn tasks<'s>(&'s self, outputs: [&'s mut [Fr]; 3], tasks: &mut Vec<Task<'s>>) {
        let width = self.combinations.len();
        if width == 0 {
            return;
        }
        let mut groups = outputs.map(|output| output.chunks_mut(width * LANES));
        for group in 0..self.constraints.len().div_ceil(width * LANES) {
            let mut rows = groups.each_mut().map(|groups| -> Vec<_> {
                let rows = groups.next().expect("a group of rows").chunks_mut(width);
                rows.map(|row| row.chunks_mut(PART)).collect()
            });
            for part in 0..width.div_ceil(PART) {
                let outputs = rows
                    .each_mut()
                    .map(|rows| rows.iter_mut().map(|row| row.next().expect("a part of a row")).collect());
                tasks.push(Task { block: self, row: group * LANES, local: part * PART, outputs });
            }
        }
    }
}

/// Some constraints of up to eight rows.
struct Task<'s> {
    block: &'s BlockRows,
    /// The first of the rows, and of their constraints.
    row: usize,
    local: usize,
    /// The constraints of each row, for A, B and C.
    outputs: [Vec<&'s mut [Fr]>; 3],
}

impl Task<'_> {
    fn run(mut self, backend: Backend, circuit: &Circuit, wires: &[Fr]) {
        let mut products = [Fr::ZERO; LANES];
        let products = &mut products[..self.outputs[0].len()];
        for i in 0..self.outputs[0][0].len() {
            let local = self.local + i;
            if let Some(combinations) = &self.block.combinations[local] {
                for (combination, outputs) in combinations.iter().zip(&mut self.outputs) {
                    combination.evaluate(backend, wires, self.row, products);
                    for (output, product) in outputs.iter_mut().zip(&*products) {
                        output[i] = *product;
                    }
                }
            } else {
                for row in 0..self.outputs[0].len() {
                    let constraint = self.block.constraints.start
                        + (self.row + row) * self.block.combinations.len()
                        + local;
                    let outputs = self.outputs.each_mut().map(|rows| &mut rows[row][i..=i]);
                    circuit.products(constraint..constraint + 1, wires, outputs);
                }
            }
        }
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

    fn products(&self, backend: Backend, wires: &[Fr], mut outputs: [&mut [Fr]; 3]) {
        if backend == Backend::Portable {
            return self.products_by_rows(0, wires, outputs);
        }
        let mut tasks = Vec::new();
        let blocks = self.blocks();
        for block in blocks {
            let [a, b, c] = outputs.map(|output| output.split_at_mut(block.constraints.len()));
            block.tasks([a.0, b.0, c.0], &mut tasks);
            outputs = [a.1, b.1, c.1];
        }
        let rest = blocks.last().map_or(0, |block| block.constraints.end);
        rayon::join(
            || self.products_by_rows(rest, wires, outputs),
            || tasks.into_par_iter().with_max_len(1).for_each(|task| task.run(backend, self.circuit, wires)),
        );
    }

    fn row_products(&self, first: usize, wires: &[Fr], outputs: [&mut [Fr]; 3]) {
        self.circuit.products(first..first + outputs[0].len(), wires, outputs);
    }
}

/// A batch's wires: committed ones now, the rest after the challenge.
pub struct BatchAssignment<'a> {
    witness: Witness<'a>,
    digest: Fr,
}

impl<'a> BatchAssignment<'a> {
    /// Takes the wires of a batch and hashes its published bytes.
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

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{Field, UniformRand};
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;
    use zkmargin_circuits::batch::compile::compile;
    use zkmargin_circuits::batch::shape::Shape;

    /// Takes wires that satisfy nothing, so that every row tells.
    #[test]
    fn every_backend_computes_the_products_of_the_matrices() {
        let circuit = compile(&Shape::named("demo").unwrap());
        let relation = BatchRelation::new(&circuit);
        // Of all kinds: rows in several groups, the last not full, in several parts, not shared.
        let blocks = relation.blocks();
        let rows = |block: &BlockRows| block.constraints.len() / block.combinations.len().max(1);
        assert!(blocks.iter().any(|block| rows(block) > LANES && !rows(block).is_multiple_of(LANES)));
        assert!(blocks.iter().any(|block| rows(block) > 2 && block.combinations.len() > PART));
        let all: Vec<_> = blocks.iter().flat_map(|block| &block.combinations).collect();
        assert!(all.iter().any(|shared| shared.is_none()) && all.iter().any(|shared| shared.is_some()));
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let wires: Vec<Fr> = (0..circuit.columns()).map(|_| Fr::rand(&mut rng)).collect();
        let n = circuit.constraints();
        let mut expected = [vec![Fr::ZERO; n], vec![Fr::ZERO; n], vec![Fr::ZERO; n]];
        relation.for_each_entry(0..n, &mut |matrix, row, column, coefficient| {
            expected[matrix as usize][row] += wires[column] * coefficient;
        });
        for backend in Backend::available() {
            let mut products = [vec![Fr::ONE; n], vec![Fr::ONE; n], vec![Fr::ONE; n]];
            relation.products(backend, &wires, products.each_mut().map(Vec::as_mut_slice));
            for (side, (products, expected)) in products.iter().zip(&expected).enumerate() {
                let wrong = (0..n).find(|i| products[*i] != expected[*i]);
                assert_eq!(wrong.map(|i| circuit.describe(i)), None, "{backend}, side {side}");
            }
        }
    }
}
