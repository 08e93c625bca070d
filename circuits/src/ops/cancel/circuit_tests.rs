//! The cancel row against the native half, and against forged advice.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::Field;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::apply;
use super::circuit::{Cancel, CancelInput, cancel};
use crate::bus::{ITEM, ORDER};
use crate::gadgets::cs::Direction;
use crate::gadgets::forge::Verdict;
use crate::gadgets::row::{Row, RowWitness};
use crate::ops::halves::{Block, Expected, SEQUENCE, active, agree, assert_inert, at, numbers, shape};
use crate::ops::samples::order_tuple;
use crate::ops::{Item, blank};
use crate::reject::Reject;
use crate::state::{Flags, Order, Side};

fn sample(rng: &mut ChaCha20Rng) -> CancelInput {
    let order = Order {
        account: rng.gen_range(1..1 << 36),
        market: rng.gen_range(1..512),
        side: if rng.r#gen() { Side::Buy } else { Side::Sell },
        limit: rng.gen_range(1..u32::MAX),
        size: rng.gen_range(1..1 << 56),
        left: *[0, 1, (1 << 56) - 1, 77].get(rng.gen_range(0..4usize)).unwrap_or(&1),
        flags: Flags { post_only: rng.r#gen(), reduce_only: rng.r#gen(), ..Flags::default() },
        max_fee: rng.gen_range(0..1 << 20),
        expiry: 5,
    };
    CancelInput {
        enable: true,
        sequence: SEQUENCE,
        single_cancel: rng.r#gen(),
        id: *[1, (1 << 36) - 1, 4_711].get(rng.gen_range(0..3usize)).unwrap_or(&1),
        order,
        order_at: rng.gen_range(0..at(0) as u32),
    }
}

fn run(input: &CancelInput) -> (Option<Reject>, RowWitness) {
    Block::new().run(|cs| cancel(cs, input))
}

/// The signed word, marked if it was signed alone in the cancel lane.
fn item(input: &CancelInput) -> Vec<Fr> {
    let mark = Fr::from(input.single_cancel) * Fr::from(2u64).pow([249]);
    vec![Item::Cancel(input.id).word() + mark, Fr::from(input.order.account)]
}

fn verdict(input: &CancelInput) -> Option<Reject> {
    let expected = |order: Order| Expected {
        sent: vec![(ORDER, order_tuple(input.id, at(0), &order))],
        received: vec![
            (ITEM, item(input)),
            (ORDER, order_tuple(input.id, input.order_at.into(), &input.order)),
        ],
        published: vec![],
    };
    agree(&run(input), apply(input.order.account, &input.order).map(expected), input)
}

fn legal(seed: u64) -> impl Iterator<Item = CancelInput> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    std::iter::repeat_with(move || sample(&mut rng)).filter(|input| input.order.left > 0)
}

#[test]
fn both_halves_agree() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut seen: BTreeMap<Option<Reject>, usize> = BTreeMap::new();
    for _ in 0..5_000 {
        *seen.entry(verdict(&sample(&mut rng))).or_default() += 1;
    }
    assert!(seen[&None] > 1_000 && seen[&Some(Reject::UnknownOrder)] > 500, "{seen:?}");
}

#[test]
fn rejects_an_order_of_which_nothing_is_left() {
    let mut input = legal(2).next().expect("an endless supply");
    for (left, reject) in [(0, Some(Reject::UnknownOrder)), (1, None), (2, None)] {
        input.order.left = left;
        assert_eq!(verdict(&input), reject, "{left} left");
    }
}

#[test]
fn another_account_does_not_cancel() {
    // Natively a reason; in the circuit the item names its signer, and the cell its owner.
    let input = legal(3).next().expect("an endless supply");
    let stranger = input.order.account ^ 1;
    assert_eq!(apply(stranger, &input.order), Err(Reject::NotOrderOwner));
    let (_, row) = run(&input);
    let received = active(&row, Direction::Receive);
    assert_eq!(received[0].1[1], Fr::from(input.order.account));
    // Advice that takes the stranger's item takes the order from a cell that does not exist.
    let block = Block::new();
    let forger = block.forger::<Cancel>(&input);
    let (account, _) = numbers(&forger, "order.account")[0];
    let forged = forger.run(&|_, n, v| if n == account { Fr::from(stranger) } else { v });
    let order = active(&forged, Direction::Receive).remove(1).1;
    assert_eq!(order[3], Fr::from(stranger));
}

#[test]
fn every_hint_is_pinned() {
    let block = Block::new();
    for input in legal(4).take(40) {
        let harmless = block.forger::<Cancel>(&input).every_hint_is_pinned(&["memory.row_time"]);
        assert_eq!(harmless, Vec::<&str>::new());
    }
}

#[test]
fn rejects_a_lane_that_is_no_bit() {
    // A lane of 1/2 would take a word that differs from the signed one in another bit.
    let input = legal(5).next().expect("an endless supply");
    let block = Block::new();
    let forger = block.forger::<Cancel>(&input);
    let (lane, _) = numbers(&forger, "cancel.lane")[0];
    for other in [Fr::from(2u64), -Fr::from(1u64), Fr::from(2u64).inverse().expect("two is not zero")] {
        assert!(matches!(forger.verdict_of(&[(lane, other)]), Verdict::Refused("INT-1")));
    }
}

#[test]
fn padding_is_inert() {
    assert_inert(&Block::new().row::<Cancel>(&Cancel::blank()));
    // A row that is not selected may hold a dead order.
    let order = Order { left: 0, ..blank::order() };
    assert_inert(&run(&CancelInput { order, ..Cancel::blank() }).1);
}

#[test]
fn shape_and_costs_are_pinned() {
    let inputs: Vec<CancelInput> = legal(6).take(5).collect();
    assert_eq!(shape::<Cancel>(&inputs), (5, 26));
}
