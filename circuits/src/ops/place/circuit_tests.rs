//! The place row against the native half, and against forged advice. Refusals at their bounds: the reject
//! vectors.

use ark_bn254::Fr;

use super::apply;
use super::circuit::{Place, PlaceRecord, place};
use crate::gadgets::cs::Direction;
use crate::gadgets::row::{Padded, Template};
use crate::gadgets::var::power_of_two;
use crate::ops::{Item, OrderItem};
use crate::reject::Reject;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::fixture::{context, entry, order};
use crate::soundness::forge::refusal;
use crate::soundness::samples::{order_tuple, tuples};
use crate::state::tags::{ITEM, LISTED, ORDER, REST};
use crate::state::{Flags, Order, Side};

/// Id of the order in the row that the tests have.
const ID: u64 = agree::NEXT_ORDER + agree::NUMBER;

fn honest() -> PlaceRecord {
    let order = Order { size: 10, left: 10, expiry: 1_000, side: Side::Sell, ..order(600, Side::Buy) };
    let min_lots = entry().market.min_lots;
    PlaceRecord { sequence: 5, id: 70, order, min_lots, left: 4, fee_carry: 999_999, at: 99 }
}

fn item(order: &Order) -> OrderItem {
    let Order { market, side, limit, size, flags, max_fee, expiry, .. } = *order;
    OrderItem { market, side, limit, lots: size, flags, max_fee, expiry }
}

fn agree(input: &PlaceRecord) -> Option<Reject> {
    let item = item(&input.order);
    let native = || apply(&context(), 600, &item, &entry());
    agree::both_halves::<Place, _>(input, native, place, |order| {
        let closed = Order { left: input.left, fee_carry: input.fee_carry, ..*order };
        let outcome = Outcome::default()
            .receives(ITEM, [Item::Order(item).word(), Fr::from(600u64)])
            .receives(LISTED, [order.market.into(), input.min_lots].map(Fr::from))
            .touches(ORDER, order_tuple(ID, 99, &closed), order_tuple(ID, 80, order));
        if input.left > 0 && order.flags.rests() {
            let rest = [Fr::from(ID), order.words()[0], Fr::from(input.left), Fr::from(input.fee_carry)];
            outcome.sends(REST, rest)
        } else {
            outcome
        }
    })
}

fn with_flags(bits: u8, left: u64) -> PlaceRecord {
    let flags = Flags {
        post_only: bits & 1 != 0,
        reduce_only: bits & 2 != 0,
        immediate_or_cancel: bits & 4 != 0,
        fill_or_kill: bits & 8 != 0,
    };
    PlaceRecord { order: Order { flags, ..honest().order }, left, ..honest() }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<PlaceRecord>> {
    let flags = (0..16).flat_map(|bits| [0, 4, 10].map(|left| with_flags(bits, left)));
    let spoils: [fn(&mut Order); 4] =
        [|o| o.limit = 0, |o| o.size = 1, |o| o.expiry = 999, |o| o.flags.reduce_only = true];
    let spoilt = spoils.map(|spoil| {
        let mut input = honest();
        spoil(&mut input.order);
        input.left = 0;
        input
    });
    let reduce = PlaceRecord { order: Order { size: 0, ..spoilt[3].order }, ..spoilt[3] };
    [honest(), reduce].into_iter().chain(spoilt).chain(flags).map(Padded::enabled).collect()
}

#[test]
fn agrees_on_what_is_signed_created_and_closed() {
    for bits in 0..16u8 {
        for left in [0, 4, 10] {
            let input = with_flags(bits, left);
            let Flags { post_only, fill_or_kill, .. } = input.order.flags;
            if fill_or_kill && !post_only && left == 4 {
                continue;
            }
            let contradict = post_only && !input.order.flags.rests();
            assert_eq!(agree(&input), contradict.then_some(Reject::BadFlags), "{input:?}");
        }
    }
}

#[test]
fn rejects_what_is_left_of_a_fill_or_kill_order() {
    // Both halves take the order; only its end is refused, which the native half does not see.
    for bits in [8, 8 + 2, 8 + 4, 8 + 4 + 2] {
        let input = with_flags(bits, 4);
        assert!(apply(&context(), 600, &item(&input.order), &entry()).is_ok());
        assert_eq!(agree::verdict(|cs| place(cs, &Padded::enabled(input))), (None, true));
        assert_eq!(agree::row::<Place>(&input).violations, ["PLC-7"]);
    }
}

#[test]
pub(crate) fn agrees_at_wide_fields_and_on_the_first_of_two_reasons() {
    use Reject::*;
    type Spoil = fn(&mut Order);
    let spoils: [(Spoil, Option<Reject>); 5] = [
        (|o| o.limit = u32::MAX, None),
        (|o| o.size = (1 << 56) - 1, None),
        (|o| (o.size, o.flags.reduce_only) = (1, true), None),
        (|o| (o.limit, o.flags.post_only, o.flags.fill_or_kill) = (0, true, true), Some(BadFlags)),
        (|o| (o.size, o.expiry) = (1, 0), Some(BelowMinimumOrder)),
    ];
    for (spoil, expected) in spoils {
        let mut input = honest();
        spoil(&mut input.order);
        input.left = 0;
        assert_eq!(agree(&input), expected, "{:?}", input.order);
    }
}

#[test]
fn rejects_fields_that_spill_into_the_next() {
    // The mark of the cancel lane in the account; a key of a market row's padding in the market.
    let refused = |name: &'static str, spill: Fr| {
        let forger = agree::forger::<Place>(&honest());
        refusal(&forger.run(&|n, _, v| if n == name { v + spill } else { v }), 13)
    };
    assert_eq!(refused("order.account", power_of_two(40)), Some("RANGE"));
    assert_eq!(refused("order.market", power_of_two(20)), Some("RANGE"));
}

#[test]
fn rejects_closing_another_order_of_the_same_terms() {
    // With k·2^26 added to the time, the tuple received belongs to order ID + k.
    let input = honest();
    let closed = Order { left: input.left, fee_carry: input.fee_carry, ..input.order };
    for (id, spill) in
        [(ID + 1, power_of_two(26)), (ID - 1, -power_of_two(26)), (ID + 1024, power_of_two(36))]
    {
        let forger = agree::forger::<Place>(&input);
        let row = forger.run(&|name, _, v| if name == "place.closed_at" { v + spill } else { v });
        assert_eq!(tuples(&row, ORDER, Direction::Receive), [order_tuple(id, 99, &closed)]);
        assert_eq!(refusal(&row, 13), Some("RANGE"), "order {id}");
    }
}

#[test]
fn rejects_an_enabled_row_after_an_idle_one() {
    agree::rejects_a_row_after_an_idle_one::<Place>(honest());
}

#[test]
fn every_hint_is_pinned() {
    let forger = agree::forger::<Place>(&honest());
    assert_eq!(forger.every_hint_is_pinned(&["memory.row_time"]), [""; 0]);
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<Place>();
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Place>(13).constraints.len(), 86);
}
