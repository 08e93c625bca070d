//! What the proof system is told about a circuit: its matrices and, for one batch, its wires.

use ark_bn254::Fr;
use ark_ff::{One, Zero};
use rayon::prelude::*;
use std::ops::Range;
use thiserror::Error;
use zkmargin_kernels::Backend;

/// Rows computed by one task.
const CHUNK: usize = 1 << 11;

/// The largest evaluation domain of BN254's scalar field; no count of a layout may exceed it.
pub(crate) const LARGEST_DOMAIN: usize = 1 << 28;

/// Sizes of a rank-1 constraint system.
///
/// A relation numbers its columns `[1, public… | committed | derived]`. In keys the blinding wire
/// of the commitment stands between the last two groups; the relation never sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The number of rows of the relation, without those that this crate adds.
    pub constraints: usize,
    /// The number of public columns, the constant one and (with a commitment) the challenge included.
    pub public: usize,
    /// The number of public columns after the one that are hashed into the challenge.
    pub committed_public: usize,
    /// The number of wires fixed before the challenge.
    pub committed: usize,
    /// The number of wires assigned after the challenge (all private wires when nothing is committed).
    pub derived: usize,
}

/// Why a layout describes no circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// The layout has no public column, so it lacks the constant one.
    #[error("a layout needs the constant-one column")]
    NoConstantOne,
    #[error(
        "{public} public columns leave no room for the one, {committed_public} committed inputs and the challenge"
    )]
    /// The public columns are too few for the one, the committed inputs and the challenge.
    NoChallengeColumn {
        /// Number of public columns.
        public: usize,
        /// Number of committed public inputs.
        committed_public: usize,
    },
    /// There are committed public inputs, but no committed wire.
    #[error("{committed_public} committed public inputs, but no committed wire")]
    NothingCommitted {
        /// Number of committed public inputs.
        committed_public: usize,
    },
    /// The circuit needs more than 2^28 rows or columns.
    #[error("the circuit needs more than {LARGEST_DOMAIN} rows or columns")]
    TooLarge,
}

impl Layout {
    /// Refuses layouts without a constant, without room for the challenge, or beyond 2^28.
    pub fn check(&self) -> Result<(), LayoutError> {
        let counts = [self.constraints, self.public, self.committed_public, self.committed, self.derived];
        if counts.iter().any(|count| *count > LARGEST_DOMAIN) {
            return Err(LayoutError::TooLarge);
        }
        if self.public == 0 {
            return Err(LayoutError::NoConstantOne);
        }
        if self.has_commitment() && self.public < self.committed_public + 2 {
            let Layout { public, committed_public, .. } = *self;
            return Err(LayoutError::NoChallengeColumn { public, committed_public });
        }
        if !self.has_commitment() && self.committed_public > 0 {
            return Err(LayoutError::NothingCommitted { committed_public: self.committed_public });
        }
        if self.rows() > LARGEST_DOMAIN || self.key_columns() > LARGEST_DOMAIN {
            return Err(LayoutError::TooLarge);
        }
        Ok(())
    }

    /// Tells whether proofs carry a commitment, and the last public column is its challenge.
    pub(crate) fn has_commitment(&self) -> bool {
        self.committed > 0
    }

    /// The number of columns of the relation: everything but the blinding wire.
    pub fn columns(&self) -> usize {
        self.public + self.committed + self.derived
    }

    /// The number of public inputs that a verifier is given: neither the one nor the challenge.
    pub(crate) fn inputs(&self) -> usize {
        self.public - 1 - usize::from(self.has_commitment())
    }

    /// The number of rows of the quadratic program: the relation's, one for the blinding wire, one for each
    /// committed public input, one for each public column (input consistency).
    pub fn rows(&self) -> usize {
        self.constraints + self.dummy_rows() + self.public
    }

    /// The size of the evaluation domain: the power of two that holds [`Layout::rows`].
    pub fn domain_size(&self) -> usize {
        self.rows().next_power_of_two()
    }

    /// Rows `wire · 0 = 0` for the blinding wire and the committed public inputs, so that their
    /// key elements are not the identity whatever the relation does with them.
    pub(crate) fn dummy_rows(&self) -> usize {
        if self.has_commitment() { 1 + self.committed_public } else { 0 }
    }

    pub(crate) fn key_columns(&self) -> usize {
        self.columns() + usize::from(self.has_commitment())
    }

    /// Committed wires and their blinding wire: the length of the Pedersen basis.
    pub(crate) fn basis(&self) -> usize {
        if self.has_commitment() { self.committed + 1 } else { 0 }
    }

    /// The blinding wire's place in keys.
    pub(crate) fn blinding_column(&self) -> usize {
        self.public + self.committed
    }

    /// The place in keys of a column of the relation.
    pub(crate) fn key_column(&self, column: usize) -> usize {
        if self.has_commitment() && column >= self.blinding_column() { column + 1 } else { column }
    }
}

/// One of the three matrices of `A·w ∘ B·w = C·w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Matrix {
    /// The matrix of the left factors.
    A,
    /// The matrix of the right factors.
    B,
    /// The matrix of the products.
    C,
}

/// A rank-1 constraint system given row by row.
pub trait Relation: Sync {
    /// The sizes of the system.
    fn layout(&self) -> Layout;

    /// Identifies the matrices; keys carry it and refuse another's.
    fn fingerprint(&self) -> [u8; 32];

    /// Visits the entries of `rows` as (matrix, row, column, coefficient), rows not descending.
    /// The same entry may be visited in parts, which add up.
    fn for_each_entry(&self, rows: Range<usize>, visit: &mut dyn FnMut(Matrix, usize, usize, &Fr));

    /// Writes `A·w`, `B·w`, `C·w`: each output has [`Layout::constraints`] elements, and `wires` has
    /// [`Layout::columns`]. Relations whose rows repeat may have something faster for the backend.
    #[allow(unused_variables)]
    fn products(&self, backend: Backend, wires: &[Fr], outputs: [&mut [Fr]; 3]) {
        self.products_by_rows(0, wires, outputs);
    }

    /// Writes the products of the rows from `first` on, one by one, by all threads. There are as many rows as
    /// each output has elements.
    fn products_by_rows(&self, first: usize, wires: &[Fr], [a, b, c]: [&mut [Fr]; 3]) {
        (a.par_chunks_mut(CHUNK), b.par_chunks_mut(CHUNK), c.par_chunks_mut(CHUNK))
            .into_par_iter()
            .with_max_len(1)
            .enumerate()
            .for_each(|(chunk, (a, b, c))| self.row_products(first + chunk * CHUNK, wires, [a, b, c]));
    }

    /// Writes the products of the rows from `first` on from their entries, by this thread. There are as many
    /// rows as each output has elements.
    fn row_products(&self, first: usize, wires: &[Fr], [a, b, c]: [&mut [Fr]; 3]) {
        let rows = first..first + a.len();
        for products in [&mut *a, &mut *b, &mut *c] {
            products.fill(Fr::zero());
        }
        self.for_each_entry(rows, &mut |matrix, row, column, coefficient| {
            let wire = wires[column];
            // Most coefficients are one, and a comparison is cheaper than a product.
            let term = if coefficient.is_one() { wire } else { wire * coefficient };
            match matrix {
                Matrix::A => a[row - first] += term,
                Matrix::B => b[row - first] += term,
                Matrix::C => c[row - first] += term,
            }
        });
    }
}

/// The wires of one batch, in two phases: what is committed, then what depends on the challenge.
pub trait Assignment {
    /// The values of the leading public inputs that are hashed into the challenge.
    fn committed_public(&self) -> Vec<Fr>;

    /// The values of the committed wires.
    fn committed(&self) -> &[Fr];

    /// Yields the second half. It is called after the commitment: once, or a second time if the first proof
    /// turns out invalid. The same `z` must give the same wires. Without a commitment `z` is zero and means nothing.
    fn derive(&mut self, z: Fr) -> Derived;
}

/// What an [`Assignment`] yields once the challenge is known.
#[derive(Debug, Clone, Default)]
pub struct Derived {
    /// The values of the public inputs after the committed ones and before the challenge.
    pub public: Vec<Fr>,
    /// The values of the derived wires.
    pub wires: Vec<Fr>,
}
