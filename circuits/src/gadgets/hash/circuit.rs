//! The permutation on affine combinations: each S-box costs 3 constraints, linear layers nothing.
//!
//! It runs in the sparse form, where the S-boxes see the same values as in the published one and the
//! linear layers between them are cheap. On a witness only values are computed.

use super::native::{self, Job};
use super::sparse::{PartialRound, Sparse};
use crate::gadgets::cs::Cs;
use crate::gadgets::var::{Committed, Derived, Var};
use ark_bn254::Fr;

/// Poseidon of 1 to 12 inputs; the twin of the native `poseidon`.
///
/// - Inner wires are derived: committed inputs determine them. The digest is committed, for the bus.
/// - Cost: `3·(8t + R_P)` with `t` one more than the inputs: the digest's wire stands in for the
///   wire of the last S-box.   Spec: gadgets-hash.md
pub fn poseidon(cs: &mut Cs<'_>, inputs: &[Var<Committed>]) -> Var<Committed> {
    let inputs: Vec<Var<Derived>> = inputs.iter().map(Var::from).collect();
    native::dispatch(inputs.len(), Digest { cs, inputs: &inputs })
}

/// Poseidon of inputs of either class; the digest is an affine combination of derived wires.
pub fn poseidon_derived(cs: &mut Cs<'_>, inputs: &[Var<Derived>]) -> Var<Derived> {
    poseidon_ex(cs, inputs, 1).remove(0)
}

/// The first `outputs` state elements after the permutation; fewer than the state has. Same cost.
pub fn poseidon_ex(cs: &mut Cs<'_>, inputs: &[Var<Derived>], outputs: usize) -> Vec<Var<Derived>> {
    assert!(outputs <= inputs.len(), "one element of the state stays hidden");
    native::dispatch(inputs.len(), Elements { cs, inputs, outputs })
}

struct Digest<'a, 'b> {
    cs: &'a mut Cs<'b>,
    inputs: &'a [Var<Derived>],
}

impl Job for Digest<'_, '_> {
    type Output = Var<Committed>;

    fn run<const T: usize>(self, form: &'static Sparse<T>) -> Var<Committed> {
        let cs = self.cs;
        let mut state = before_last_boxes(cs, self.inputs, form);
        state[1..].iter_mut().for_each(|x| *x = fifth_power(cs, x));
        let first = std::mem::replace(&mut state[0], Var::zero());
        let (square, cube) = square_and_cube(cs, &first);
        let square = square.scale(form.mds[0][0]);
        let rest = combine(cs, &form.mds[0], &state);
        let digest = cs.hint("poseidon.digest", square.value() * cube.value() + rest.value());
        cs.enforce("HASH-2", &square, &cube, &(&Var::from(&digest) - &rest));
        digest
    }
}

struct Elements<'a, 'b> {
    cs: &'a mut Cs<'b>,
    inputs: &'a [Var<Derived>],
    outputs: usize,
}

impl Job for Elements<'_, '_> {
    type Output = Vec<Var<Derived>>;

    fn run<const T: usize>(self, form: &'static Sparse<T>) -> Vec<Var<Derived>> {
        let cs = self.cs;
        let mut state = before_last_boxes(cs, self.inputs, form);
        state.iter_mut().for_each(|x| *x = fifth_power(cs, x));
        form.mds[..self.outputs].iter().map(|row| combine(cs, row, &state)).collect()
    }
}

type State<const T: usize> = [Var<Derived>; T];

/// All rounds but the last one's S-boxes and matrix.
fn before_last_boxes<const T: usize>(cs: &mut Cs<'_>, inputs: &[Var<Derived>], form: &Sparse<T>) -> State<T> {
    let mut state: State<T> =
        std::array::from_fn(|i| if i == 0 { Var::zero() } else { inputs[i - 1].clone() });
    let last = form.first.len() - 1;
    for (round, constants) in form.first.iter().enumerate() {
        let matrix = if round == last { &form.bridge } else { &form.mds };
        add_constants(&mut state, constants);
        state = full_round(cs, state, matrix);
    }
    for round in &form.partial {
        partial_round(cs, &mut state, round);
    }
    for (round, constants) in form.last.iter().enumerate() {
        if round > 0 {
            state = full_round(cs, state, &form.mds);
        }
        add_constants(&mut state, constants);
    }
    state
}

fn add_constants<const T: usize>(state: &mut State<T>, constants: &[Fr; T]) {
    for (x, c) in state.iter_mut().zip(constants) {
        *x = x.add_constant(*c);
    }
}

fn full_round<const T: usize>(cs: &mut Cs<'_>, mut state: State<T>, matrix: &[[Fr; T]; T]) -> State<T> {
    state.iter_mut().for_each(|x| *x = fifth_power(cs, x));
    std::array::from_fn(|i| combine(cs, &matrix[i], &state))
}

fn partial_round<const T: usize>(cs: &mut Cs<'_>, state: &mut State<T>, round: &PartialRound<T>) {
    state[0] = fifth_power(cs, &state[0].add_constant(round.constant));
    let first = combine(cs, &round.row, state);
    let (x, others) = state.split_at_mut(1);
    for (other, factor) in others.iter_mut().zip(&round.column[1..]) {
        *other = match cs.is_template() {
            true => other.add_scaled(&x[0], *factor),
            false => Var::constant(other.value() + *factor * x[0].value()),
        };
    }
    state[0] = first;
}

/// `Σ row_i · state_i`; on a witness, its value alone.
fn combine<const T: usize>(cs: &Cs<'_>, row: &[Fr; T], state: &State<T>) -> Var<Derived> {
    if cs.is_template() {
        return row.iter().zip(state).fold(Var::zero(), |sum, (m, x)| sum.add_scaled(x, *m));
    }
    let values = std::array::from_fn(|i| state[i].value());
    Var::constant(<Fr as ark_ff::Field>::sum_of_products(row, &values))
}

fn fifth_power(cs: &mut Cs<'_>, x: &Var<Derived>) -> Var<Derived> {
    let (square, cube) = square_and_cube(cs, x);
    cs.product_derived(&square, &cube)
}

/// By the cube and not the fourth power: squares are then on the left alone and cubes on the right alone,
/// one column of A less (layout.md#sides).
fn square_and_cube(cs: &mut Cs<'_>, x: &Var<Derived>) -> (Var<Derived>, Var<Derived>) {
    let square = cs.product_derived(x, x);
    let cube = cs.product_derived(&square, x);
    (square, cube)
}
