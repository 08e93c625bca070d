//! Orders: rule 10 of the review.

use ark_bn254::Fr;

use super::bench::{Bench, advice};
use super::bus;
use super::corpus::{Forgery, SeededBug, by_bus, check};
use super::weaken::Weak;
use crate::batch::shape::Shape;
use crate::executor::tests::{begin, deposit, item, place};
use crate::ops::action::ActionRecord;
use crate::ops::{Fill, Item, Op, OrderItem};
use crate::params::TOUCHES_PER_ROW;
use crate::soundness::batches::a_trade;
use crate::soundness::kinds;
use crate::state::Side;
use crate::state::tags::{ITEM, ORDER, REST};
use crate::state::tree::order_leaf;

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "an order that nobody signed",
        rule: 10,
        weak: &[Weak::NoTuples(ITEM)],
        noticed: by_bus(&["item"]),
        attack: order_that_nobody_signed,
    },
    SeededBug {
        name: "an order rests under an id that it was not given",
        rule: 10,
        weak: &[Weak::NoComponent(REST, 0)],
        noticed: by_bus(&["rest"]),
        attack: rests_under_another_id,
    },
    SeededBug {
        name: "two orders change places, by times beyond an id",
        rule: 10,
        weak: &[Weak::NoRange(kinds::PLACE, "place.closed_at")],
        noticed: by_bus(&["range"]),
        attack: || bus::orders_exchanged(1 << 26),
    },
    SeededBug {
        name: "an expired order is filled",
        rule: 10,
        weak: &[Weak::NoRange(kinds::ORDER, "order.expiry")],
        noticed: by_bus(&["range"]),
        attack: expired_order_filled,
    },
    SeededBug {
        name: "an order takes the terms of a market row that provides nothing",
        rule: 10,
        weak: &[Weak::NoRange(kinds::PLACE, "order.market")],
        noticed: by_bus(&["range"]),
        attack: order_in_a_padding_market,
    },
    SeededBug {
        name: "an order signed in the lane of cancels",
        rule: 10,
        weak: &[Weak::NoRange(kinds::PLACE, "order.account")],
        noticed: by_bus(&["range"]),
        attack: order_in_the_lane_of_cancels,
    },
    SeededBug {
        name: "a fill counts a carry of fees that the order does not have",
        rule: 8,
        weak: &[Weak::NoComponent(ORDER, 2)],
        noticed: by_bus(&["order"]),
        attack: filled_with_another_carry,
    },
    SeededBug {
        name: "an order rests with a carry of fees that nobody paid",
        rule: 10,
        weak: &[Weak::NoComponent(REST, 3)],
        noticed: by_bus(&["rest"]),
        attack: rests_with_another_carry,
    },
];

#[test]
fn every_bug_of_orders_is_caught() {
    check(BUGS);
}

/// One account with one order that does not rest.
pub fn one_order() -> Bench {
    Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        let immediate = OrderItem { flags: immediate(), ..item(1, Side::Buy, 90, 20) };
        place(executor, 10, account, immediate);
    })
}

/// An order that no owner signed.
fn order_that_nobody_signed() -> Forgery {
    let bench = one_order();
    let mut inputs = bench.inputs();
    let mut invented = inputs.places[0];
    invented.sequence = 50;
    invented.order.limit = 140;
    invented.at = TOUCHES_PER_ROW * 50;
    inputs.places.push(invented);
    inputs.statement.places += 1;
    Forgery::coherent(bench, inputs, [])
}

/// An order rests beside the place that its row gave it, where a later order will stand.
fn rests_under_another_id() -> Forgery {
    let shape = Shape::named("tiny").unwrap();
    let bench = Bench::after(a_trade(shape.capacities).0, |executor| {
        place(executor, 10, 600, item(1, Side::Buy, 90, 20));
    });
    let mut inputs = bench.inputs();
    let leaf = order_leaf(inputs.orders[0].id);
    assert!(leaf & 7 < 7, "the next leaf has the same parent");
    inputs.orders[0].id += 1;
    let parent = inputs.nodes.iter_mut().find(|node| node.address == leaf >> 3).unwrap();
    let j = (leaf & 7) as usize;
    parent.touched = parent.touched & !(1 << j) | 2 << j;
    parent.new[j] = parent.old[j];
    Forgery::coherent(bench, inputs, [])
}

/// One order takes the other, and what is left of both rests.
fn two_resting_orders() -> Bench {
    Bench::grown(
        |c| c["orders"] = 2,
        1,
        |executor| {
            let buyer = deposit(executor, 10, 1_000_000_000);
            let seller = deposit(executor, 11, 1_000_000_000);
            let maker = place(executor, 10, buyer, item(1, Side::Buy, 100, 50));
            let taker = place(executor, 11, seller, item(1, Side::Sell, 99, 70));
            executor.apply(&Op::Fill(Fill { taker, maker, lots: 30 })).unwrap();
        },
    )
}

/// The maker's fill counts one millionth of a quantum as paid that no fill has paid: the next fee is due
/// that much later.
fn filled_with_another_carry() -> Forgery {
    let bench = two_resting_orders();
    let mut inputs = bench.inputs();
    let maker = inputs.fills[0].op.maker;
    inputs.fills[0].cells.maker.order.fee_carry += 1;
    inputs.places.iter_mut().filter(|place| place.id == maker).for_each(|place| place.fee_carry += 1);
    inputs.orders.iter_mut().filter(|order| order.id == maker).for_each(|order| order.fee_carry += 1);
    Forgery::coherent(bench, inputs, [])
}

/// An order comes to rest as if its fills had paid all but a millionth of a quantum in advance.
fn rests_with_another_carry() -> Forgery {
    let bench = two_resting_orders();
    let mut inputs = bench.inputs();
    inputs.orders[0].fee_carry = 999_999;
    Forgery::coherent(bench, inputs, [])
}

/// An order is filled when its time is over.
fn expired_order_filled() -> Forgery {
    let shape = Shape::named("tiny").unwrap();
    let mut executor = begin(crate::executor::tests::genesis(1), shape.capacities);
    let buyer = deposit(&mut executor, 10, 1_000_000_000);
    let seller = deposit(&mut executor, 11, 1_000_000_000);
    let maker = place(&mut executor, 10, buyer, OrderItem { expiry: 1_002, ..item(1, Side::Buy, 100, 50) });
    let (state, _) = executor.finish().unwrap_or_else(|unfinished| panic!("{unfinished}"));
    let bench = Bench::after(state, |executor| {
        let taker = place(executor, 11, seller, item(1, Side::Sell, 99, 30));
        executor.apply(&Op::Fill(Fill { taker, maker, lots: 30 })).unwrap();
    });
    let mut inputs = bench.inputs();
    assert_eq!(inputs.statement.time, 1_002);
    inputs.statement.time += 1;
    let row = inputs.orders.iter().position(|order| order.id == maker).unwrap();
    let forged = [advice(kinds::ORDER, row, "int.is_nonnegative", |_| Fr::from(1u64))];
    Forgery::coherent(bench, inputs, forged)
}

/// An order takes the key of a market row that provides nothing, and with it other terms:
/// a limit eight ticks lower and no least size.
fn order_in_a_padding_market() -> Forgery {
    let bench = Bench::grown(
        |c| c["markets"] = 2,
        1,
        |executor| {
            let account = deposit(executor, 10, 1_000_000_000);
            place(executor, 10, account, item(1, Side::Buy, 100, 50));
        },
    );
    let mut inputs = bench.inputs();
    inputs.places[0].order.limit -= 8;
    inputs.places[0].min_lots = 0;
    let forged = [advice(kinds::PLACE, 0, "order.market", |market| market + Fr::from(1u64 << 20))];
    Forgery::coherent(bench, inputs, forged)
}

pub fn immediate() -> crate::state::Flags {
    crate::state::Flags { immediate_or_cancel: true, ..Default::default() }
}

/// An item alone in the lane of cancels, signed by key 10.
pub fn in_cancel_lane(bench: &Bench, item: Item) -> crate::kinds::Trace {
    use crate::executor::tests::{domain, key};
    use crate::ops::{Action, Lane};
    let mut trace = bench.trace.clone();
    let row = &mut trace.records.of_mut::<ActionRecord>()[0];
    let (account, strict, nonce, signature) = (row.account, row.strict, row.nonce, row.signature);
    let action = Action { account, lane: Lane::Cancels, strict, nonce, items: vec![item], signature };
    row.lane = Lane::Cancels;
    row.message = action.message(&domain());
    row.signature = key(10).sign(row.message.hash);
    trace
}

/// An order signed alone in the lane of cancels, where no order is allowed, passes for one of
/// an account 2^40 higher and rests in another market.
fn order_in_the_lane_of_cancels() -> Forgery {
    let order = item(1, Side::Buy, 100, 50);
    let bench = Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        place(executor, 10, account, order);
    });
    let trace = in_cancel_lane(&bench, Item::Order(order));
    let mut inputs = bench.inputs_of(&trace);
    let close = &mut inputs.cross[0].close;
    (close.order_nonce, close.cancel_nonce) = (close.cancel_nonce, close.order_nonce);
    inputs.orders[0].old.market += 16;
    let forged = [advice(kinds::PLACE, 0, "order.account", |account| account + Fr::from(1u64 << 40))];
    Forgery::coherent(bench, inputs, forged)
}
