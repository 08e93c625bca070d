//! Poseidon over BN254's scalar field, the function that circomlib and JavaScript wallets compute.
//!
//! A hash of `n` inputs (1 to 12) permutes the state `[0, input_0, …, input_{n-1}]` of width `n + 1`
//! with S-box `x^5`, eight full rounds and a number of partial rounds that depends on the width; the
//! digest is the first element of the result. The constants are the ones published for circomlib
//! (Poseidon paper, <https://eprint.iacr.org/2019/458>, Grain LFSR seeds), taken from `light-poseidon`.

pub(crate) mod circuit;
#[cfg(test)]
mod circuit_tests;
mod native;
mod sparse;
#[cfg(test)]
mod tests;

pub use native::{poseidon, poseidon_ex};

use ark_bn254::Fr;
use light_poseidon::parameters::bn254_x5::get_poseidon_parameters;
use std::sync::OnceLock;

/// Smallest width of the permutation, in field elements: one input and the capacity.
pub(crate) const MIN_WIDTH: usize = 2;
/// Largest width of the permutation, in field elements: 12 inputs and the capacity.
pub(crate) const MAX_WIDTH: usize = 13;

/// The permutation of one width as it is published: add constants, S-box, matrix, round after round.
#[derive(Debug)]
pub(crate) struct Params {
    /// Rounds in which every element passes the S-box: half before, half after the partial ones.
    pub full_rounds: usize,
    /// Rounds in which only the first element passes the S-box.
    pub partial_rounds: usize,
    /// Round constants, `width` for each round, in the order of the rounds.
    pub ark: Vec<Fr>,
    /// The matrix, `width` rows of `width` elements.
    pub mds: Vec<Vec<Fr>>,
}

impl Params {
    /// State elements.
    #[cfg(test)]
    pub fn width(&self) -> usize {
        self.mds.len()
    }
}

/// The published parameters of a permutation of `width` elements, 2 to 13.
///
/// # Panics
/// For a width outside 2..=13, which is a mistake in the calling code and never depends on input.
pub(crate) fn poseidon_params(width: usize) -> &'static Params {
    static PARAMS: [OnceLock<Params>; MAX_WIDTH + 1] = [const { OnceLock::new() }; MAX_WIDTH + 1];
    assert!((MIN_WIDTH..=MAX_WIDTH).contains(&width), "Poseidon has no width {width}");
    PARAMS[width].get_or_init(|| {
        let published =
            get_poseidon_parameters::<Fr>(width as u8).expect("light-poseidon publishes the widths 2 to 13");
        Params {
            full_rounds: published.full_rounds,
            partial_rounds: published.partial_rounds,
            ark: published.ark,
            mds: published.mds,
        }
    })
}
