//! The cancel row against the native half, and against forged advice. Refusals: the reject vectors.

use ark_bn254::Fr;

use super::apply;
use super::circuit::{Cancel, CancelRecord, cancel};
use crate::gadgets::cs::Direction;
use crate::gadgets::row::{Padded, Template};
use crate::gadgets::var::power_of_two;
use crate::ops::Item;
use crate::reject::Reject;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::fixture::order;
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::{order_tuple, tuples};
use crate::state::tags::{ITEM, ORDER};
use crate::state::{Order, Side};

fn honest() -> CancelRecord {
    let order = Order { left: 3, fee_carry: 7, ..order(601, Side::Sell) };
    CancelRecord { sequence: 9, single_cancel: true, id: 77, order, order_at: 40 }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<CancelRecord>> {
    let mut whole = honest();
    (whole.order.left, whole.order.flags.fill_or_kill) = (whole.order.size, true);
    let mut partial = whole.clone();
    partial.order.left -= 1;
    let mut gone = honest();
    gone.order.left = 0;
    [honest(), whole, partial, gone].map(Padded::enabled).into()
}

fn agree(input: &CancelRecord) -> Option<Reject> {
    agree::both_halves::<Cancel, _>(
        input,
        || apply(601, &input.order),
        cancel,
        |after| {
            let mark = u64::from(input.single_cancel) << 40;
            let item = [Item::Cancel(77).word(), Fr::from(601 + mark)];
            let (before, after) = (order_tuple(77, 40, &input.order), order_tuple(77, 16 * 9, after));
            Outcome::default().receives(ITEM, item).touches(ORDER, before, after)
        },
    )
}

#[test]
pub(crate) fn agrees_on_live_orders() {
    for left in [1, 3, 1_000] {
        let order = Order { left, ..honest().order };
        assert_eq!(agree(&CancelRecord { order, ..honest() }), None, "{left}");
    }
}

#[test]
fn agrees_on_a_whole_fill_or_kill_order() {
    let mut input = honest();
    (input.order.left, input.order.flags.fill_or_kill) = (input.order.size, true);
    assert_eq!(agree(&input), None);
}

#[test]
fn the_signer_is_the_orders_account() {
    // Natively NotOrderOwner; here the item that the row receives names the order's account.
    for single_cancel in [true, false] {
        assert_eq!(agree(&CancelRecord { single_cancel, ..honest() }), None);
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
    agree::padding_is_inert::<Cancel>();
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Cancel>(13).constraints.len(), 32);
}
