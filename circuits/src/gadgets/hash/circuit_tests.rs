//! Agreement with the native half, and the price of each width.

use ark_bn254::Fr;

use super::circuit::poseidon;
use crate::gadgets::cs::Cs;
use crate::gadgets::row::{Row, RowWitness, Template};

struct Hash<const N: usize>;

impl<const N: usize> Row for Hash<N> {
    type Input = [u64; N];
    const NAME: &'static str = "hash";

    fn blank() -> [u64; N] {
        [0; N]
    }

    fn synthesize(cs: &mut Cs<'_>, input: &[u64; N]) {
        let inputs: Vec<_> = input.iter().map(|x| cs.hint("input", Fr::from(*x))).collect();
        poseidon(cs, &inputs);
    }
}

fn agrees_and_costs<const N: usize>() -> usize {
    for start in [0u64, 1, 1 << 60] {
        let input: [u64; N] = std::array::from_fn(|i| start + i as u64);
        let shared = crate::gadgets::cs::Shared { limb_bits: 8, globals: &[] };
        let row = RowWitness::compute::<Hash<N>>(shared, 0, &[], &input);
        assert!(row.violations.is_empty());
        assert_eq!(*row.committed.last().unwrap(), super::poseidon(&input.map(Fr::from)));
    }
    Template::compile::<Hash<N>>(8).constraints.len()
}

#[test]
fn circuit_agrees_with_native_at_the_pinned_cost() {
    let costs = [
        agrees_and_costs::<1>(),
        agrees_and_costs::<2>(),
        agrees_and_costs::<3>(),
        agrees_and_costs::<4>(),
        agrees_and_costs::<5>(),
        agrees_and_costs::<6>(),
        agrees_and_costs::<7>(),
        agrees_and_costs::<8>(),
        agrees_and_costs::<9>(),
        agrees_and_costs::<12>(),
    ];
    // 24·t + 3·R_P, and one for the committed digest.
    assert_eq!(costs, [217, 244, 265, 301, 325, 358, 385, 406, 421, 508]);
}
