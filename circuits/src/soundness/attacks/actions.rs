//! What an action signs: rule 19 of the review.

use ark_bn254::Fr;
use ark_ff::Field;

use super::bench::{Advice, Bench};
use super::corpus::{Forgery, SeededBug, by_bus, by_checks, check};
use super::orders::one_order;
use super::signatures::{order, two_orders, with_signature};
use super::weaken::Weak;
use crate::executor::tests::{deposit, key, place, signed};
use crate::ops::action::ActionRecord;
use crate::ops::{Item, Op};
use crate::params::TOUCHES_PER_ROW;
use crate::soundness::kinds;
use crate::state::tags::{CHAIN, ITEM, KEY};

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "one signature for two actions",
        rule: 19,
        weak: &[Weak::NoRange(kinds::SIGNATURE, "action.nonce")],
        noticed: by_bus(&["range"]),
        attack: one_signature_for_two_actions,
    },
    SeededBug {
        name: "an action signed by another key",
        rule: 19,
        weak: &[Weak::Without(kinds::COMBINE, "SIG-14")],
        noticed: by_checks(&["SIG-14 of combine signatures"]),
        attack: signed_by_another_key,
    },
    SeededBug {
        name: "an action checked against a key witnessed again",
        rule: 19,
        weak: &[Weak::NoLookup(kinds::SIGNATURE, KEY)],
        noticed: by_bus(&["key"]),
        attack: key_witnessed_again,
    },
    SeededBug {
        name: "an order of one account placed for another",
        rule: 19,
        weak: &[Weak::NoComponent(ITEM, 1)],
        noticed: by_bus(&["item"]),
        attack: order_of_another_account,
    },
    SeededBug {
        name: "a limit that borrows from the lots",
        rule: 19,
        weak: &[Weak::NoShiftedLimb(kinds::PLACE, "order.limit")],
        noticed: by_bus(&["range"]),
        attack: limit_that_borrows,
    },
    SeededBug {
        name: "a chunk skipped",
        rule: 19,
        weak: &[Weak::NoTuples(CHAIN)],
        noticed: by_bus(&["chain"]),
        attack: chunk_skipped,
    },
    SeededBug {
        name: "an item applied twice",
        rule: 19,
        weak: &[Weak::NoTuples(ITEM)],
        noticed: by_bus(&["item"]),
        attack: item_applied_twice,
    },
];

#[test]
fn every_bug_of_actions_is_caught() {
    check(BUGS);
}

/// One signature, two actions. Only the nonce notices.
fn one_signature_for_two_actions() -> Forgery {
    let bench = Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        place(executor, 10, account, order());
    });
    let mut trace = bench.trace.clone();
    let mut again = trace.of::<ActionRecord>()[0].record.clone();
    let sequence = 40;
    again.nonces.order = again.nonce;
    (again.nonces_at, again.sequence) = (TOUCHES_PER_ROW * again.sequence, sequence);
    trace.records.push(again);
    let mut inputs = bench.inputs_of(&trace);
    inputs.cross[0].close.nonce_touch = TOUCHES_PER_ROW * sequence;
    let mut placed = inputs.places[0];
    (placed.sequence, placed.at) = (sequence + 1, TOUCHES_PER_ROW * (sequence + 1));
    inputs.places.push(placed);
    inputs.statement.places += 1;
    Forgery::coherent(bench, inputs, [])
}

/// A signature for one deployment in another.
#[test]
pub fn a_signature_for_another_deployment() {
    let bench = two_orders();
    let mut inputs = bench.inputs();
    inputs.statement.domain += Fr::from(1u64);
    let verdict = bench.verdict(&inputs, &[]);
    assert!(verdict.unsatisfied.iter().any(|id| id.starts_with("SIG-")), "{verdict:?}");
}

fn five_orders() -> Bench {
    let grow = |c: &mut crate::kinds::Capacities| (c["chunks"], c["places"]) = (2, 8);
    Bench::grown(grow, 1, |executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        let op = signed(executor, 10, account, vec![Item::Order(order()); 5]);
        assert!(matches!(&op, Op::Action(action) if action.items.len() == 5));
        executor.apply(&op).unwrap();
    })
}

/// The first chunk of a bulk action is left out, and its items with it.
fn chunk_skipped() -> Forgery {
    let bench = five_orders();
    let mut inputs = bench.inputs();
    assert_eq!((inputs.chunks.len(), inputs.places.len()), (2, 5));
    inputs.chunks.remove(0);
    inputs.places.drain(1..);
    inputs.statement.places = 1;
    Forgery::coherent(bench, inputs, [])
}

/// A signed item is applied twice.
fn item_applied_twice() -> Forgery {
    let bench = two_orders();
    let mut inputs = bench.inputs();
    let mut twice = inputs.places[0];
    (twice.sequence, twice.at) = (90, TOUCHES_PER_ROW * 90);
    inputs.places.push(twice);
    inputs.statement.places += 1;
    Forgery::coherent(bench, inputs, [])
}

fn signed_by_another_key() -> Forgery {
    let bench = two_orders();
    let hash = bench.trace.of::<ActionRecord>()[0].message.hash;
    let trace = with_signature(&bench, |signature| *signature = key(99).sign(hash));
    let inputs = bench.inputs_of(&trace);
    Forgery::new(bench, inputs, [])
}

/// Orchard, 2026: a point that the circuit has is witnessed again, and may be another one.
fn key_witnessed_again() -> Forgery {
    let bench = two_orders();
    let mut trace = bench.trace.clone();
    for action in trace.records.of_mut::<ActionRecord>() {
        action.owner = key(99).public_key();
        action.signature = key(99).sign(action.message.hash);
    }
    let inputs = bench.inputs_of(&trace);
    Forgery::new(bench, inputs, [])
}

fn order_of_another_account() -> Forgery {
    let bench = one_order();
    let mut inputs = bench.inputs();
    inputs.places[0].order.account = 1;
    Forgery::new(bench, inputs, [])
}

/// `limit + 2^32` and one lot less are the same signed word: the buyer pays any price.
fn limit_that_borrows() -> Forgery {
    let bench = one_order();
    let inputs = bench.inputs();
    let choose = |name: &'static str, _: usize, honest: Fr| match name {
        "order.limit" => honest + Fr::from(1u64 << 32),
        "order.size" | "place.left" => honest - Fr::ONE,
        _ => honest,
    };
    let forged = [Advice { kind: kinds::PLACE, row: 0, choose: Box::new(choose) }];
    Forgery::new(bench, inputs, forged)
}
