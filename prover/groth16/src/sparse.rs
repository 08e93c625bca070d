//! A relation that lists its rows, and an assignment from a closure: for small circuits and tests.

use crate::relation::{Assignment, Derived, Layout, LayoutError, Matrix, Relation};
use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use sha2::{Digest, Sha256};
use std::ops::Range;
use thiserror::Error;

/// One row, as a list of (column, coefficient) for each of the three matrices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SparseRow {
    /// The terms of matrix A.
    pub a: Vec<(usize, Fr)>,
    /// The terms of matrix B.
    pub b: Vec<(usize, Fr)>,
    /// The terms of matrix C.
    pub c: Vec<(usize, Fr)>,
}

impl SparseRow {
    fn matrices(&self) -> [(Matrix, &[(usize, Fr)]); 3] {
        [(Matrix::A, &self.a), (Matrix::B, &self.b), (Matrix::C, &self.c)]
    }
}

/// Why rows do not form a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SparseError {
    /// The layout describes no circuit.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The number of rows is not that of the layout.
    #[error("the layout has {expected} constraints, {got} rows were given")]
    RowCount {
        /// Number of constraints of the layout.
        expected: usize,
        /// Number of rows given.
        got: usize,
    },
    /// A row uses a column that the layout does not have.
    #[error("row {row} uses column {column} of {columns}")]
    Column {
        /// Index of the row.
        row: usize,
        /// Index of the column that it uses.
        column: usize,
        /// Number of columns of the layout.
        columns: usize,
    },
}

/// A relation held as explicit rows.
#[derive(Debug, Clone)]
pub struct SparseRelation {
    layout: Layout,
    rows: Vec<SparseRow>,
    fingerprint: [u8; 32],
}

impl SparseRelation {
    /// Makes a relation of explicit rows. Refuses rows that do not fit the layout.
    pub fn new(layout: Layout, rows: Vec<SparseRow>) -> Result<Self, SparseError> {
        layout.check()?;
        if rows.len() != layout.constraints {
            return Err(SparseError::RowCount { expected: layout.constraints, got: rows.len() });
        }
        let columns = layout.columns();
        for (row, entries) in rows.iter().enumerate() {
            let used = entries.matrices().into_iter().flat_map(|(_, terms)| terms);
            if let Some((column, _)) = used.into_iter().find(|(column, _)| *column >= columns) {
                return Err(SparseError::Column { row, column: *column, columns });
            }
        }
        let fingerprint = fingerprint(&layout, &rows);
        Ok(SparseRelation { layout, rows, fingerprint })
    }
}

/// SHA-256 of the layout and of every entry with its place. Equal rows listed in another order of
/// terms have another fingerprint, which is safe.
fn fingerprint(layout: &Layout, rows: &[SparseRow]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"sparse relation 1");
    let sizes =
        [layout.constraints, layout.public, layout.committed_public, layout.committed, layout.derived];
    for size in sizes {
        hash.update((size as u64).to_le_bytes());
    }
    for row in rows {
        for (_, terms) in row.matrices() {
            hash.update((terms.len() as u64).to_le_bytes());
            for (column, coefficient) in terms {
                hash.update((*column as u64).to_le_bytes());
                hash.update(coefficient.into_bigint().to_bytes_le());
            }
        }
    }
    hash.finalize().into()
}

impl Relation for SparseRelation {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    fn for_each_entry(&self, rows: Range<usize>, visit: &mut dyn FnMut(Matrix, usize, usize, &Fr)) {
        for row in rows {
            for (matrix, terms) in self.rows[row].matrices() {
                for (column, coefficient) in terms {
                    visit(matrix, row, *column, coefficient);
                }
            }
        }
    }
}

/// An assignment whose second phase is a closure of the challenge.
pub struct ClosureAssignment<F> {
    /// The values of the leading public inputs that are hashed into the challenge.
    pub committed_public: Vec<Fr>,
    /// The values of the committed wires.
    pub committed: Vec<Fr>,
    /// The closure that yields the rest from the challenge.
    pub derive: F,
}

impl<F: FnMut(Fr) -> Derived> Assignment for ClosureAssignment<F> {
    fn committed_public(&self) -> Vec<Fr> {
        self.committed_public.clone()
    }

    fn committed(&self) -> &[Fr] {
        &self.committed
    }

    fn derive(&mut self, z: Fr) -> Derived {
        (self.derive)(z)
    }
}
