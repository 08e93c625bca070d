//! Products of the matrices with the wires, the check of every row, and the quotient polynomial.

use crate::columns::extra_rows;
use crate::kernel::Domain;
use crate::relation::{Layout, Relation};
use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;
use zkmargin_kernels::Backend;

/// Elements set to zero by one task.
const ZEROED: usize = 1 << 14;

/// `A·w`, `B·w`, `C·w` over the evaluation domain.
pub(crate) struct RowProducts {
    a: Vec<Fr>,
    b: Vec<Fr>,
    c: Vec<Fr>,
    constraints: usize,
}

impl RowProducts {
    /// The relation's rows; the rest of the domain is zero. `wires` without the blinding wire.
    pub fn of<R: Relation + ?Sized>(
        relation: &R,
        backend: Backend,
        layout: &Layout,
        wires: &[Fr],
        domain_size: usize,
    ) -> Self {
        // By all threads: memory that is touched first is a good part of the work.
        let zero = || -> Vec<Fr> {
            (0..domain_size).into_par_iter().with_min_len(ZEROED).map(|_| Fr::zero()).collect()
        };
        let (mut a, mut b, mut c) = (zero(), zero(), zero());
        let constraints = layout.constraints;
        relation.products(
            backend,
            wires,
            [&mut a[..constraints], &mut b[..constraints], &mut c[..constraints]],
        );
        RowProducts { a, b, c, constraints }
    }

    /// The first row where `A·w ∘ B·w ≠ C·w`.
    pub fn first_unsatisfied(&self) -> Option<usize> {
        let rows = self.constraints;
        (&self.a[..rows], &self.b[..rows], &self.c[..rows])
            .into_par_iter()
            .position_first(|(a, b, c)| *a * b != *c)
    }

    /// Puts in the dummy and input rows, which need no check: `wire · 0 = 0`.
    pub fn add_extra_rows(&mut self, layout: &Layout, wires: &[Fr]) {
        for (row, column) in extra_rows(layout) {
            self.a[row] = wires[column];
        }
    }
}

/// Coefficients of `(A·B - C)/t`, of degree at most domain - 2. The rows must be satisfied. The domain
/// goes, and its memory with it.
pub(crate) fn divide(products: RowProducts, domain: Domain) -> Vec<Fr> {
    let RowProducts { a, b, c, .. } = products;
    let mut quotient = domain.quotient(a, b, c);
    // deg(A·B - C) ≤ 2·domain - 2, and t has degree domain: the last coefficient is zero. Should a
    // transform have gone wrong, the finished proof will be invalid.
    quotient.pop();
    quotient
}
