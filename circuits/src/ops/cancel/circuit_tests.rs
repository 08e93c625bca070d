//! The cancel row against the native half, and against forged advice.

use ark_bn254::Fr;
use ark_ff::Zero;

use super::apply;
use super::circuit::{Cancel, CancelRecord, cancel};
use crate::gadgets::cs::{Cs, Direction, Shared};
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::var::power_of_two;
use crate::ops::Item;
use crate::reject::Reject;
use crate::soundness::fixture::order;
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::{order_tuple, tuples};
use crate::state::tags::{ITEM, ORDER};
use crate::state::{Order, Side};

const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };

fn honest() -> CancelRecord {
    let order = Order { left: 3, ..order(601, Side::Sell) };
    CancelRecord { sequence: 9, single_cancel: true, id: 77, order, order_at: 40 }
}

fn run(input: &(impl Clone + Into<Padded<CancelRecord>>)) -> (Option<Reject>, RowWitness) {
    let mut cs = Cs::witness(SHARED, 0, &[]);
    let failed = cancel(&mut cs, &input.clone().into()).failed();
    (failed, RowWitness::from_cs(cs))
}

#[test]
fn agrees_on_live_and_dead_orders() {
    for left in [0, 1, 3, 1_000] {
        let mut input = honest();
        input.order.left = left;
        let native = apply(601, &input.order).map_err(Reject::from);
        let (failed, row) = run(&input);
        assert_eq!((failed, refusal(&row, 13).is_some()), (native.err(), native.is_err()));
        let Ok(after) = native else { continue };
        assert_eq!(tuples(&row, ORDER, Direction::Receive), [order_tuple(77, 40, &input.order)]);
        assert_eq!(tuples(&row, ORDER, Direction::Send), [order_tuple(77, 16 * 9, &after)]);
    }
}

#[test]
fn agrees_on_fill_or_kill_orders() {
    let size = honest().order.size;
    for left in [0, 1, size - 1, size] {
        let mut input = honest();
        (input.order.left, input.order.flags.fill_or_kill) = (left, true);
        let native = apply(601, &input.order).map_err(Reject::from);
        let expected = match left {
            0 => Some(Reject::UnknownOrder),
            left if left == size => None,
            _ => Some(Reject::FillOrKill),
        };
        let (failed, row) = run(&input);
        assert_eq!((native.err(), failed), (expected, expected), "{left}");
        assert_eq!(refusal(&row, 13).is_some(), expected.is_some(), "{left}");
    }
}

#[test]
fn the_signer_is_the_orders_account() {
    // Natively NotOrderOwner; here the item that the row receives names the order's account.
    for (lane, mark) in [(true, 1u64 << 40), (false, 0)] {
        let (_, row) = run(&CancelRecord { single_cancel: lane, ..honest() });
        let item = [Item::Cancel(77).word(), Fr::from(601 + mark)];
        assert_eq!(tuples(&row, ITEM, Direction::Receive), [item]);
    }
}

#[test]
fn rejects_a_fraction_as_an_order() {
    // δ/2^26 more is the cell's key δ later.
    let input = honest();
    let fraction = Fr::from(8u64) / power_of_two(26);
    let row = Forger::<Cancel>::new(&input).run(&|name, _, v| match name {
        "order.id" => v + fraction,
        "memory.previous" => v - Fr::from(8u64),
        _ => v,
    });
    assert_eq!(tuples(&row, ORDER, Direction::Receive), [order_tuple(77, 40, &input.order)]);
    assert_eq!(refusal(&row, 13), Some("RANGE"));
}

#[test]
fn every_hint_is_pinned() {
    let free = ["memory.row_time"];
    assert_eq!(Forger::<Cancel>::new(&honest()).every_hint_is_pinned(&free), [""; 0]);
}

#[test]
fn padding_is_inert() {
    let row = RowWitness::compute::<Cancel>(SHARED, 0, &[], &Padded::disabled(Cancel::dummy()));
    assert_eq!(refusal(&row, 13), None);
    assert!(
        row.interactions.iter().filter(|i| [ITEM, ORDER].contains(&i.tag)).all(|i| i.multiplicity.is_zero())
    );
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Cancel>(13).constraints.len(), 31);
}
