//! Agreement with the native half, and the price of each width.

use ark_bn254::Fr;

use super::circuit::{poseidon, poseidon_ex};
use crate::gadgets::cs::Cs;
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::var::{Terms, Var, Wire};

struct Hash<const N: usize>;

impl<const N: usize> Row for Hash<N> {
    type Record = [u64; N];
    const NAME: &'static str = "hash";

    fn dummy() -> [u64; N] {
        [0; N]
    }

    fn synthesize(cs: &mut Cs<'_>, input: &Padded<[u64; N]>) {
        let inputs: Vec<_> = input.iter().map(|x| cs.hint("input", Fr::from(*x))).collect();
        poseidon(cs, &inputs);
    }
}

fn agrees_and_costs<const N: usize>() -> usize {
    for start in [0u64, 1, 1 << 60] {
        let input: [u64; N] = std::array::from_fn(|i| start + i as u64);
        let shared = crate::gadgets::cs::Shared { limb_bits: 8, globals: &[] };
        let row = RowWitness::compute::<Hash<N>>(shared, 0, &[], &Padded::enabled(input));
        assert!(row.violations.is_empty());
        assert_eq!(*row.committed.last().unwrap(), super::poseidon(&input.map(Fr::from)));
    }
    template_holds::<N>();
    Template::compile::<Hash<N>>(8).constraints.len()
}

/// The recorded constraints, on the wires of a witness: the two runs describe one thing.
fn template_holds<const N: usize>() {
    let template = Template::compile::<Hash<N>>(8);
    let shared = crate::gadgets::cs::Shared { limb_bits: 8, globals: &[] };
    let row = RowWitness::compute::<Hash<N>>(
        shared,
        0,
        &[],
        &Padded::enabled(std::array::from_fn(|i| 77 + i as u64)),
    );
    assert_eq!(row.derived.len(), template.derived as usize);
    let value = |terms: &Terms| -> Fr {
        let wire = |wire: &Wire| match wire {
            Wire::One => Fr::from(1u64),
            Wire::Committed(i) => row.committed[*i as usize],
            Wire::Derived(i) => row.derived[*i as usize],
            other => panic!("{other:?}"),
        };
        terms.iter().map(|(w, c)| wire(w) * c).sum()
    };
    for constraint in &template.constraints {
        assert_eq!(value(&constraint.a) * value(&constraint.b), value(&constraint.c), "{}", constraint.id);
    }
}

#[test]
fn rejects_a_forged_digest() {
    let shared = crate::gadgets::cs::Shared { limb_bits: 8, globals: &[] };
    let forge = |name: &'static str, _: usize, value: Fr| match name {
        "poseidon.digest" => value + Fr::from(1u64),
        _ => value,
    };
    let mut cs = Cs::witness(shared, 0, &[]).with_override(&forge);
    Hash::<8>::synthesize(&mut cs, &Padded::enabled([5; 8]));
    assert_eq!(cs.violations(), ["HASH-2"]);
}

#[test]
fn further_elements_agree_with_native() {
    let input: [Fr; 4] = std::array::from_fn(|i| Fr::from(9 + i as u64));
    let mut cs = Cs::witness(crate::gadgets::cs::Shared { limb_bits: 8, globals: &[] }, 0, &[]);
    let outputs = poseidon_ex(&mut cs, &input.map(Var::constant), 4);
    let values: Vec<Fr> = outputs.iter().map(Var::value).collect();
    assert_eq!(values, super::poseidon_ex(&input, 4));
    assert_eq!(cs.constraint_count(), 300);
    assert!(cs.violations().is_empty());
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
        agrees_and_costs::<10>(),
        agrees_and_costs::<11>(),
        agrees_and_costs::<12>(),
    ];
    // 24·t + 3·R_P.
    assert_eq!(costs, [216, 243, 264, 300, 324, 357, 384, 405, 420, 462, 468, 507]);
}
