//! The hash on field elements. No allocation: the tree of a batch is made of it.

use super::poseidon_params;
use super::sparse::Sparse;
use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use std::sync::OnceLock;

/// Digest of 1 to 12 elements, equal to circomlib's `Poseidon(n)`.
///
/// # Panics
/// For another number of inputs, which is a mistake in the calling code.
pub fn poseidon(inputs: &[Fr]) -> Fr {
    let mut first = [Fr::zero()];
    permuted(inputs, &mut first);
    first[0]
}

/// The first `outputs` state elements, equal to circomlib's `PoseidonEx(n, outputs)` from state 0.
///
/// # Panics
/// For other than 1 to 12 inputs, or more outputs than the inputs plus one.
pub fn poseidon_ex(inputs: &[Fr], outputs: usize) -> Vec<Fr> {
    let mut state = vec![Fr::zero(); outputs];
    permuted(inputs, &mut state);
    state
}

fn permuted(inputs: &[Fr], outputs: &mut [Fr]) {
    match inputs.len() {
        1 => run(inputs, outputs, &W2),
        2 => run(inputs, outputs, &W3),
        3 => run(inputs, outputs, &W4),
        4 => run(inputs, outputs, &W5),
        5 => run(inputs, outputs, &W6),
        6 => run(inputs, outputs, &W7),
        7 => run(inputs, outputs, &W8),
        8 => run(inputs, outputs, &W9),
        9 => run(inputs, outputs, &W10),
        10 => run(inputs, outputs, &W11),
        11 => run(inputs, outputs, &W12),
        12 => run(inputs, outputs, &W13),
        other => panic!("Poseidon has no form for {other} inputs"),
    }
}

static W2: OnceLock<Sparse<2>> = OnceLock::new();
static W3: OnceLock<Sparse<3>> = OnceLock::new();
static W4: OnceLock<Sparse<4>> = OnceLock::new();
static W5: OnceLock<Sparse<5>> = OnceLock::new();
static W6: OnceLock<Sparse<6>> = OnceLock::new();
static W7: OnceLock<Sparse<7>> = OnceLock::new();
static W8: OnceLock<Sparse<8>> = OnceLock::new();
static W9: OnceLock<Sparse<9>> = OnceLock::new();
static W10: OnceLock<Sparse<10>> = OnceLock::new();
static W11: OnceLock<Sparse<11>> = OnceLock::new();
static W12: OnceLock<Sparse<12>> = OnceLock::new();
static W13: OnceLock<Sparse<13>> = OnceLock::new();

fn run<const T: usize>(inputs: &[Fr], outputs: &mut [Fr], form: &'static OnceLock<Sparse<T>>) {
    let mut state = [Fr::zero(); T];
    state[1..].copy_from_slice(inputs);
    permute(&mut state, form.get_or_init(|| Sparse::new(poseidon_params(T))));
    outputs.copy_from_slice(&state[..outputs.len()]);
}

fn permute<const T: usize>(state: &mut [Fr; T], form: &Sparse<T>) {
    let last_first = form.first.len() - 1;
    for (round, constants) in form.first.iter().enumerate() {
        let matrix = if round == last_first { &form.bridge } else { &form.mds };
        full_round(state, constants, matrix);
    }
    for round in &form.partial {
        let x = fifth_power(state[0] + round.constant);
        state[0] = x;
        let first = Fr::sum_of_products(&round.row, state);
        for (rest, factor) in state[1..].iter_mut().zip(&round.column[1..]) {
            *rest += *factor * x;
        }
        state[0] = first;
    }
    for constants in &form.last {
        full_round(state, constants, &form.mds);
    }
}

fn full_round<const T: usize>(state: &mut [Fr; T], constants: &[Fr; T], matrix: &[[Fr; T]; T]) {
    for (x, c) in state.iter_mut().zip(constants) {
        *x = fifth_power(*x + c);
    }
    let before = *state;
    for (x, row) in state.iter_mut().zip(matrix) {
        *x = Fr::sum_of_products(row, &before);
    }
}

fn fifth_power(x: Fr) -> Fr {
    x.square().square() * x
}
