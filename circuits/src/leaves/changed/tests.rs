//! The rows that publish changed positions: what they receive, no gap, nothing else.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::ChangedPosition;
use crate::gadgets::cs::{Direction, Shared};
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::soundness::forge::{Forger, Verdict, refusal};
use crate::soundness::samples::tuples;
use crate::state::tags::CHANGED;

const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };
/// The row before is enabled, and is the only one so far.
const CARRY: [Fr; 2] = [Fr::ONE, Fr::ONE];

/// An element, or a row without one.
fn padded(element: Option<Fr>) -> Padded<Fr> {
    Padded { enabled: element.is_some(), record: element.unwrap_or_default() }
}

fn run(carry: &[Fr], element: Option<Fr>) -> RowWitness {
    RowWitness::compute::<ChangedPosition>(SHARED, 1, carry, &padded(element))
}

#[test]
fn publishes_what_it_receives_and_counts_it() {
    let element = Fr::from(0x1234_5678_9abc_u64);
    let row = run(&CARRY, Some(element));
    assert_eq!((refusal(&row, 13), row.published.clone()), (None, vec![element]));
    assert_eq!(tuples(&row, CHANGED, Direction::Receive), [[element]]);
    assert_eq!(row.carry_out, [Fr::ONE, Fr::from(2u64)]);
}

#[test]
fn rejects_a_used_row_after_an_unused_one() {
    assert_eq!(refusal(&run(&[Fr::ZERO, Fr::ONE], Some(Fr::from(5u64))), 13), Some("PRE-1"));
}

#[test]
fn an_unused_row_publishes_nothing() {
    let row = run(&CARRY, None);
    assert_eq!((refusal(&row, 13), row.published.clone()), (None, vec![Fr::ZERO]));
    assert!(row.interactions.iter().all(|i| i.multiplicity == Fr::ZERO));
    assert_eq!(row.carry_out, [Fr::ZERO, Fr::ONE]);
    let forger = Forger::<ChangedPosition>::new(&padded(None)).in_block(SHARED, 1, &CARRY);
    let forge = |name: &'static str, _: usize, v: Fr| if name == "changed.element" { v + Fr::ONE } else { v };
    assert_eq!(forger.verdict(&forge), Verdict::Refused("PUB-2"));
}

#[test]
fn every_hint_is_pinned() {
    for input in [Some(Fr::from(77u64)), None] {
        let forger = Forger::<ChangedPosition>::new(&padded(input)).in_block(SHARED, 1, &CARRY);
        assert_eq!(forger.every_hint_is_pinned(&[]), [""; 0]);
    }
}

#[test]
fn costs_are_pinned() {
    // Prefix 4, the zero of an unused row 1, the bus 1.
    assert_eq!(Template::compile::<ChangedPosition>(13).constraints.len(), 6);
    assert_eq!(ChangedPosition::dummy(), Fr::ZERO);
}
