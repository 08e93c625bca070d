//! The permutation on affine combinations: each S-box costs 3 constraints, linear layers nothing.

use super::poseidon_params;
use crate::gadgets::cs::Cs;
use crate::gadgets::var::{Committed, Derived, Var};

/// Poseidon of 1 to 12 inputs; the twin of the native `poseidon`.
///
/// - Inner wires are derived: committed inputs determine them. The digest is committed, for the bus.
/// - Cost: `3·(8t + R_P) + 1` with `t` one more than the inputs.   Spec: gadgets-hash.md
pub fn poseidon(cs: &mut Cs<'_>, inputs: &[Var<Committed>]) -> Var<Committed> {
    let inputs: Vec<Var<Derived>> = inputs.iter().map(Var::from).collect();
    let digest = poseidon_derived(cs, &inputs);
    cs.assign_committed(digest)
}

/// Poseidon of inputs of either class; the digest is an affine combination of derived wires.
pub fn poseidon_derived(cs: &mut Cs<'_>, inputs: &[Var<Derived>]) -> Var<Derived> {
    poseidon_ex(cs, inputs, 1).remove(0)
}

/// The first `outputs` state elements after the permutation; fewer than the state has.
pub fn poseidon_ex(cs: &mut Cs<'_>, inputs: &[Var<Derived>], outputs: usize) -> Vec<Var<Derived>> {
    assert!(outputs <= inputs.len(), "one element of the state stays hidden");
    let params = poseidon_params(inputs.len() + 1);
    let width = params.width();
    let mut state = vec![Var::zero()];
    state.extend_from_slice(inputs);
    let half = params.full_rounds / 2;
    for round in 0..params.full_rounds + params.partial_rounds {
        let constants = &params.ark[round * width..(round + 1) * width];
        for (element, constant) in state.iter_mut().zip(constants) {
            *element = element.add_constant(*constant);
        }
        let full = round < half || round >= half + params.partial_rounds;
        let boxes = if full { width } else { 1 };
        for element in &mut state[..boxes] {
            *element = fifth_power(cs, element);
        }
        state = mix(&params.mds, &state);
    }
    state.truncate(outputs);
    state
}

fn fifth_power(cs: &mut Cs<'_>, x: &Var<Derived>) -> Var<Derived> {
    let square = cs.product_derived(x, x);
    let fourth = cs.product_derived(&square, &square);
    cs.product_derived(&fourth, x)
}

fn mix(matrix: &[Vec<ark_bn254::Fr>], state: &[Var<Derived>]) -> Vec<Var<Derived>> {
    matrix
        .iter()
        .map(|row| row.iter().zip(state).fold(Var::zero(), |sum, (m, element)| sum.add_scaled(element, *m)))
        .collect()
}
