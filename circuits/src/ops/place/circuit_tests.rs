//! The place row against the native half, and against forged advice.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};

use super::apply;
use super::circuit::{Place, PlaceRecord, place};
use crate::gadgets::cs::{Cs, Direction, Shared};
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::var::power_of_two;
use crate::ops::{Item, OrderItem};
use crate::reject::Reject;
use crate::soundness::fixture::{context, entry, order};
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::{order_tuple, tuples};
use crate::state::tags::{ITEM, LISTED, ORDER, REST};
use crate::state::{Flags, Order, Side};

/// Batch time 1000, next order id 70; the tests' row is the third of its block.
const ROW: u64 = 2;
const ID: u64 = 72;

fn with_row<T>(test: impl FnOnce(Shared<'_>, &[Fr]) -> T) -> T {
    let mut globals = [Fr::ZERO; crate::state::wires::COUNT];
    globals[usize::from(crate::state::wires::TIME)] = Fr::from(context().time);
    globals[usize::from(crate::state::wires::NEXT_ORDER)] = Fr::from(70u64);
    test(Shared { limb_bits: 13, globals: &globals }, &[Fr::from(1u64), Fr::from(ROW)])
}

fn honest() -> PlaceRecord {
    let order = Order { size: 10, left: 10, expiry: 1_000, side: Side::Sell, ..order(600, Side::Buy) };
    PlaceRecord { sequence: 5, id: 70, order, min_lots: entry().market.min_lots, left: 4, at: 99 }
}

fn item(order: &Order) -> OrderItem {
    let Order { market, side, limit, size, flags, max_fee, expiry, .. } = *order;
    OrderItem { market, side, limit, lots: size, flags, max_fee, expiry }
}

fn run(input: &(impl Clone + Into<Padded<PlaceRecord>>)) -> (Option<Reject>, RowWitness) {
    with_row(|shared, carry| {
        let mut cs = Cs::witness(shared, ROW, carry);
        let failed = place(&mut cs, &input.clone().into()).failed();
        (failed, RowWitness::from_cs(cs))
    })
}

fn selected(row: &RowWitness, tag: crate::gadgets::cs::Tag) -> bool {
    row.interactions.iter().any(|i| i.tag == tag && !i.multiplicity.is_zero())
}

#[test]
fn agrees_on_what_is_signed_born_and_closed() {
    for bits in 0..16u8 {
        let flags = Flags {
            post_only: bits & 1 != 0,
            reduce_only: bits & 2 != 0,
            immediate_or_cancel: bits & 4 != 0,
            fill_or_kill: bits & 8 != 0,
        };
        for left in [0, 4, 10] {
            let mut input = honest();
            (input.order.flags, input.left) = (flags, left);
            let native = apply(&context(), 600, &item(&input.order), &entry()).map_err(Reject::from);
            let (failed, row) = run(&input);
            assert_eq!(failed, native.as_ref().err().copied());
            let partial = flags.fill_or_kill && left == 4;
            assert_eq!(refusal(&row, 13).is_none(), native.is_ok() && !partial, "{flags:?} {left}");
            let Ok(order) = native else { continue };
            if partial {
                continue;
            }
            let word = Item::Order(item(&input.order)).word();
            assert_eq!(tuples(&row, ITEM, Direction::Receive), [[word, Fr::from(600u64)]]);
            assert_eq!(tuples(&row, ORDER, Direction::Send), [order_tuple(ID, 80, &order)]);
            let closed = Order { left, ..order };
            assert_eq!(tuples(&row, ORDER, Direction::Receive), [order_tuple(ID, 99, &closed)]);
            let rests = left > 0 && flags.rests();
            assert_eq!(selected(&row, REST), rests, "{flags:?} {left}");
            let rest = [Fr::from(ID), order.words()[0], Fr::from(left)];
            assert!(!rests || tuples(&row, REST, Direction::Send) == [rest]);
            assert_eq!(row.carry_out, [Fr::from(1u64), Fr::from(ROW + 1)]);
        }
    }
}

#[test]
fn rejects_as_the_native_half_at_every_bound() {
    let spoils: [fn(&mut Order); 9] = [
        |o| o.limit = 0,
        |o| o.limit = u32::MAX,
        |o| o.size = 9,
        |o| o.size = (1 << 56) - 1,
        |o| (o.size, o.flags.reduce_only) = (1, true),
        |o| (o.size, o.flags.reduce_only) = (0, true),
        |o| o.expiry = 999,
        |o| (o.limit, o.flags.post_only, o.flags.fill_or_kill) = (0, true, true),
        |o| (o.size, o.expiry) = (1, 0),
    ];
    for spoil in spoils {
        let mut input = honest();
        spoil(&mut input.order);
        input.left = 0;
        let native = apply(&context(), 600, &item(&input.order), &entry()).err().map(Reject::from);
        let (failed, row) = run(&input);
        assert_eq!((failed, refusal(&row, 13).is_some()), (native, native.is_some()), "{:?}", input.order);
    }
}

#[test]
fn rejects_fields_that_spill_into_the_next() {
    // The mark of the cancel lane in the account; a key of a market row's padding in the market.
    let refused = |name: &'static str, spill: Fr| {
        with_row(|shared, carry| {
            let input = honest();
            let forger = Forger::<Place>::new(&input).in_block(shared, ROW, carry);
            refusal(&forger.run(&|n, _, v| if n == name { v + spill } else { v }), 13)
        })
    };
    assert_eq!(refused("order.account", power_of_two(40)), Some("RANGE"));
    assert_eq!(refused("order.market", power_of_two(20)), Some("RANGE"));
}

#[test]
fn rejects_closing_another_order_of_the_same_terms() {
    // With k·2^26 added to the time, the tuple received is that of order ID + k.
    let input = honest();
    let closed = Order { left: input.left, ..input.order };
    for (id, spill) in
        [(ID + 1, power_of_two(26)), (ID - 1, -power_of_two(26)), (ID + 1024, power_of_two(36))]
    {
        with_row(|shared, carry| {
            let forger = Forger::<Place>::new(&input).in_block(shared, ROW, carry);
            let row = forger.run(&|name, _, v| if name == "place.closed_at" { v + spill } else { v });
            assert_eq!(tuples(&row, ORDER, Direction::Receive), [order_tuple(id, 99, &closed)]);
            assert_eq!(refusal(&row, 13), Some("RANGE"), "order {id}");
        });
    }
}

#[test]
fn rejects_an_enabled_row_after_an_idle_one() {
    with_row(|shared, _| {
        let row =
            RowWitness::compute::<Place>(shared, ROW, &[Fr::ZERO, Fr::from(ROW)], &Padded::enabled(honest()));
        assert_eq!(row.violations, ["PRE-1"]);
    });
}

#[test]
fn every_hint_is_pinned() {
    with_row(|shared, carry| {
        let input = honest();
        let forger = Forger::<Place>::new(&input).in_block(shared, ROW, carry);
        assert_eq!(forger.every_hint_is_pinned(&["memory.row_time"]), [""; 0]);
    });
}

#[test]
fn padding_is_inert() {
    for limb_bits in [8, 13, 14] {
        let shared = Shared { limb_bits, globals: &[] };
        let row =
            RowWitness::compute::<Place>(shared, 0, &[Fr::ZERO, Fr::ZERO], &Padded::disabled(Place::dummy()));
        assert_eq!(refusal(&row, limb_bits), None);
        assert!([ITEM, ORDER, REST, LISTED].iter().all(|tag| !selected(&row, *tag)));
    }
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Place>(13).constraints.len(), 86);
}
