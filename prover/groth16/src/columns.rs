//! The quadratic program of a relation, column by column, and the rows that this crate adds to it.

use crate::relation::{Layout, Matrix, Relation};
use crate::setup::SetupError;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use rayon::prelude::*;

/// The columns of the quadratic program at τ, blinding wire included.
pub(crate) struct Columns {
    pub a: Vec<Fr>,
    pub b: Vec<Fr>,
    pub c: Vec<Fr>,
}

impl Columns {
    /// Row i contributes its coefficients times `lagrange[i]`; after the relation's rows come the
    /// dummy rows and then one row for each public column, all with an entry in A only.
    pub fn at<R: Relation + ?Sized>(
        relation: &R,
        layout: &Layout,
        lagrange: Vec<Fr>,
    ) -> Result<Columns, SetupError> {
        let zero = || vec![Fr::zero(); layout.key_columns()];
        let mut columns = Columns { a: zero(), b: zero(), c: zero() };
        let mut outside = None;
        relation.for_each_entry(0..layout.constraints, &mut |matrix, row, column, coefficient| {
            if row >= layout.constraints || column >= layout.columns() {
                outside = outside.or(Some((row, column)));
                return;
            }
            let term = if coefficient.is_one() { lagrange[row] } else { lagrange[row] * coefficient };
            let column = layout.key_column(column);
            match matrix {
                Matrix::A => columns.a[column] += term,
                Matrix::B => columns.b[column] += term,
                Matrix::C => columns.c[column] += term,
            }
        });
        if let Some((row, column)) = outside {
            let (rows, columns) = (layout.constraints, layout.columns());
            return Err(SetupError::Entry { row, rows, column, columns });
        }
        for (row, column) in extra_rows(layout) {
            columns.a[column] += lagrange[row];
        }
        Ok(columns)
    }

    /// `β·Aᵢ(τ) + α·Bᵢ(τ) + Cᵢ(τ)` of each column.
    pub fn combined(&self, alpha: Fr, beta: Fr) -> Vec<Fr> {
        (&self.a, &self.b, &self.c).into_par_iter().map(|(a, b, c)| beta * a + alpha * b + c).collect()
    }
}

/// The rows that this crate adds, as (row, column of keys) of their one entry in A.
pub(crate) fn extra_rows(layout: &Layout) -> impl Iterator<Item = (usize, usize)> + use<> {
    let blinding = layout.has_commitment().then_some(layout.blinding_column());
    let committed_public = 1..1 + layout.committed_public;
    let public = 0..layout.public;
    let first = layout.constraints;
    blinding
        .into_iter()
        .chain(committed_public)
        .chain(public)
        .enumerate()
        .map(move |(index, column)| (first + index, column))
}
