//! Forging the advice of rows that open a leaf. The hash of the old leaf is sent, but it is read: the
//! tree knows it. So advice that changes it is as good as refused.

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};

use crate::gadgets::cs::Shared;
use crate::gadgets::row::{Padded, Row, RowWitness};
use crate::gadgets::var::power_of_two;
use crate::soundness::forge::{Forger, Verdict, judge};
use crate::state::tags::NODE;

/// The old hash that a leaf row sends.
pub fn old_leaf(row: &RowWitness) -> Fr {
    leaf_tuple(row)[1]
}

/// `[address, old, new]`.
pub fn leaf_tuple(row: &RowWitness) -> &[Fr] {
    let node = row.interactions.iter().position(|i| i.tag == NODE).expect("a leaf row sends its hashes");
    row.tuple(node)
}

/// Gives each hint other values; panics with the hint's name if that goes unnoticed. Returns the names
/// of hints that do not matter. Hints named in `free` are the prover's choice by the rules.
pub fn every_hint_is_pinned<R: Row>(
    shared: Shared<'_>,
    input: &(impl Clone + Into<Padded<R::Record>>),
    free: &[&str],
) -> Vec<&'static str> {
    let forger = Forger::<R>::new(input).in_block(shared, 0, &[]);
    let honest = forger.honest();
    assert!(honest.violations.is_empty(), "{}: {:?}", R::NAME, honest.violations);
    let mut harmless = Vec::new();
    for (number, (name, value)) in forger.hints().into_iter().enumerate() {
        if free.contains(&name) {
            continue;
        }
        for other in mutations(value) {
            let forged = forger.run(&|_, n, v| if n == number { other } else { v });
            if old_leaf(&forged) != old_leaf(&honest) {
                continue;
            }
            match judge(&honest, &forged, shared.limb_bits) {
                Verdict::Forged => panic!("{}: {name} (hint {number}) := {other}: forged", R::NAME),
                Verdict::Harmless => harmless.push(name),
                Verdict::Refused(_) | Verdict::ReadsOther => {}
            }
        }
    }
    harmless.sort_unstable();
    harmless.dedup();
    harmless
}

fn mutations(value: Fr) -> Vec<Fr> {
    let one = Fr::one();
    let all = [
        value + one,
        value - one,
        -value,
        Fr::zero(),
        one - value,
        value + power_of_two(13),
        value + power_of_two(64),
        value * Fr::from(2u64).inverse().expect("2 is not zero"),
    ];
    all.into_iter().filter(|other| *other != value).collect()
}
