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
    dispatch(inputs.len(), Permuted { inputs, outputs });
}

struct Permuted<'a> {
    inputs: &'a [Fr],
    outputs: &'a mut [Fr],
}

impl Job for Permuted<'_> {
    type Output = ();

    fn run<const T: usize>(self, form: &'static Sparse<T>) {
        let mut state = [Fr::zero(); T];
        state[1..].copy_from_slice(self.inputs);
        permute(&mut state, form);
        self.outputs.copy_from_slice(&state[..self.outputs.len()]);
    }
}

/// What is done with the permutation of the width that a number of inputs needs.
pub(super) trait Job {
    type Output;
    fn run<const T: usize>(self, form: &'static Sparse<T>) -> Self::Output;
}

pub(super) fn dispatch<J: Job>(inputs: usize, job: J) -> J::Output {
    match inputs {
        1 => job.run(form(&W2)),
        2 => job.run(form(&W3)),
        3 => job.run(form(&W4)),
        4 => job.run(form(&W5)),
        5 => job.run(form(&W6)),
        6 => job.run(form(&W7)),
        7 => job.run(form(&W8)),
        8 => job.run(form(&W9)),
        9 => job.run(form(&W10)),
        10 => job.run(form(&W11)),
        11 => job.run(form(&W12)),
        12 => job.run(form(&W13)),
        other => panic!("Poseidon has no form for {other} inputs"),
    }
}

fn form<const T: usize>(cell: &'static OnceLock<Sparse<T>>) -> &'static Sparse<T> {
    cell.get_or_init(|| Sparse::new(poseidon_params(T)))
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
