//! The same permutation with sparse matrices in the partial rounds.
//!
//! In a partial round only the first element passes the S-box, so everything that a matrix does among
//! the other elements can be moved through it into the round before (Poseidon paper, appendix B).
//! Going from the last partial round to the first, `M = M''·M'` with
//!
//! ```text
//! M' = [1 0; 0 M̂]      M'' = [m₀₀ v·M̂⁻¹; w I]      M = [m₀₀ v; w M̂]
//! ```
//!
//! and `M'` joins the matrix of the preceding round. A partial round then costs `2t - 1` products
//! instead of `t²`. The result is the same function; `tests::sparse_form_agrees` compares.

use super::Params;
use ark_bn254::Fr;
use ark_ff::{Field, Zero};

type Matrix = Vec<Vec<Fr>>;

/// Permutation of width `T`, ready to run.
pub(super) struct Sparse<const T: usize> {
    /// Constants of the full rounds before and after the partial ones.
    pub first: Vec<[Fr; T]>,
    pub last: Vec<[Fr; T]>,
    /// The published matrix, by rows.
    pub mds: [[Fr; T]; T],
    /// Matrix of the last full round before the partial ones (published matrix and all the `M'`).
    pub bridge: [[Fr; T]; T],
    pub partial: Vec<PartialRound<T>>,
}

/// `x₀ ← (x₀ + constant)^5`; then `x₀ ← row·x`, `x_i ← x_i + column_i·x₀` for the other elements.
pub(super) struct PartialRound<const T: usize> {
    pub constant: Fr,
    pub row: [Fr; T],
    /// The first entry is not used.
    pub column: [Fr; T],
}

impl<const T: usize> Sparse<T> {
    /// Rewrites the published form.
    pub fn new(params: &Params) -> Self {
        let half = params.full_rounds / 2;
        let rounds: Vec<[Fr; T]> = params.ark.chunks(T).map(array).collect();
        let (mut rows, mut columns, mut constants) = (Vec::new(), Vec::new(), Vec::new());
        let mut matrix = params.mds.clone();
        for round in (half..half + params.partial_rounds).rev() {
            let (dense, row, column) = split(&matrix);
            let moved = apply(&dense, &rounds[round]);
            rows.push(row);
            columns.push(column);
            constants.push(moved);
            matrix = product(&dense, &params.mds);
        }
        let mut last = rounds[half + params.partial_rounds..].to_vec();
        let mut carry = vec![Fr::zero(); T];
        let mut partial = Vec::with_capacity(params.partial_rounds);
        // The constants beside the S-box pass it unchanged: push them into the round after.
        for ((row, column), moved) in rows.iter().zip(&columns).zip(&constants).rev() {
            let mut rest: Vec<Fr> = moved.iter().zip(&carry).map(|(a, b)| *a + b).collect();
            let constant = std::mem::take(&mut rest[0]);
            carry = rest.clone();
            carry[0] = row.iter().zip(&rest).map(|(a, b)| *a * b).sum();
            partial.push(PartialRound { constant, row: array(row), column: array(column) });
        }
        last[0].iter_mut().zip(&carry).for_each(|(a, b)| *a += b);
        Self {
            first: rounds[..half].to_vec(),
            last,
            mds: square(&params.mds),
            bridge: square(&matrix),
            partial,
        }
    }
}

/// `M` to `(M', row of M'', column of M'')`.
fn split(matrix: &Matrix) -> (Matrix, Vec<Fr>, Vec<Fr>) {
    let width = matrix.len();
    let minor: Matrix = matrix[1..].iter().map(|row| row[1..].to_vec()).collect();
    let inverse = invert(minor.clone());
    let mut row = vec![matrix[0][0]];
    row.extend((0..width - 1).map(|j| (0..width - 1).map(|k| matrix[0][k + 1] * inverse[k][j]).sum::<Fr>()));
    let mut column = vec![Fr::zero()];
    column.extend(matrix[1..].iter().map(|row| row[0]));
    let mut dense = vec![vec![Fr::zero(); width]; width];
    dense[0][0] = Fr::ONE;
    for (target, source) in dense[1..].iter_mut().zip(&minor) {
        target[1..].copy_from_slice(source);
    }
    (dense, row, column)
}

/// Gauss and Jordan. The minors of a Cauchy matrix (and their products) are regular.
fn invert(mut matrix: Matrix) -> Matrix {
    let width = matrix.len();
    let mut inverse = vec![vec![Fr::zero(); width]; width];
    (0..width).for_each(|i| inverse[i][i] = Fr::ONE);
    for i in 0..width {
        let pivot = (i..width).find(|&k| !matrix[k][i].is_zero()).expect("regular");
        matrix.swap(i, pivot);
        inverse.swap(i, pivot);
        let scale = matrix[i][i].inverse().expect("the pivot is not zero");
        for target in [&mut matrix[i], &mut inverse[i]] {
            target.iter_mut().for_each(|x| *x *= scale);
        }
        for k in (0..width).filter(|&k| k != i) {
            let factor = matrix[k][i];
            for side in [&mut matrix, &mut inverse] {
                let source = side[i].clone();
                side[k].iter_mut().zip(&source).for_each(|(x, y)| *x -= factor * y);
            }
        }
    }
    inverse
}

fn apply(matrix: &Matrix, vector: &[Fr]) -> Vec<Fr> {
    let dot = |row: &Vec<Fr>| row.iter().zip(vector).map(|(a, b)| *a * b).sum();
    matrix.iter().map(dot).collect()
}

fn product(left: &Matrix, right: &Matrix) -> Matrix {
    let width = left.len();
    let entry = |i: usize, j: usize| (0..width).map(|k| left[i][k] * right[k][j]).sum();
    (0..width).map(|i| (0..width).map(|j| entry(i, j)).collect()).collect()
}

fn array<const T: usize>(values: &(impl AsRef<[Fr]> + ?Sized)) -> [Fr; T] {
    std::array::from_fn(|i| values.as_ref()[i])
}

fn square<const T: usize>(matrix: &Matrix) -> [[Fr; T]; T] {
    std::array::from_fn(|i| array(&matrix[i]))
}
