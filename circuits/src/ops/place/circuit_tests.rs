//! The row of a placed order against the native half, and against forged advice.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::Field;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::apply;
use super::circuit::{Place, PlaceInput, place};
use crate::bus::{ITEM, LISTED, ORDER, REST};
use crate::gadgets::cs::{Direction, Tag};
use crate::gadgets::forge::Verdict;
use crate::gadgets::row::{Row, RowWitness};
use crate::ops::halves::{
    Block, CONTEXT, Expected, NEXT_ORDER, ROW, SEQUENCE, active, agree, assert_inert, at, numbers, refused,
    shape,
};
use crate::ops::samples::{self, order_tuple};
use crate::ops::{Item, OrderItem};
use crate::reject::Reject;
use crate::state::{Flags, Order, Side};

const ID: u64 = NEXT_ORDER + ROW;

/// What was signed, the market's minimum, and what became of the order.
#[derive(Clone, Copy, Debug)]
struct Case {
    item: OrderItem,
    account: u64,
    min_lots: u32,
    left: u64,
    at: u64,
}

fn near(rng: &mut ChaCha20Rng, value: u64) -> u64 {
    value.saturating_add(rng.gen_range(0..3)).saturating_sub(1)
}

fn sample(rng: &mut ChaCha20Rng) -> Case {
    let min_lots = if rng.gen_bool(0.1) { u32::MAX } else { rng.gen_range(1..100) };
    let lots = match rng.gen_range(0..4) {
        0 => near(rng, min_lots.into()),
        1 => rng.gen_range(0..3),
        2 => (1 << 56) - 1,
        _ => rng.gen_range(1..1 << 40),
    };
    let flags = Flags {
        post_only: rng.gen_bool(0.3),
        reduce_only: rng.gen_bool(0.3),
        immediate_or_cancel: rng.gen_bool(0.2),
        fill_or_kill: rng.gen_bool(0.2),
    };
    let item = OrderItem {
        market: *[1, samples::MARKET, 511].get(rng.gen_range(0..3usize)).unwrap_or(&1),
        side: if rng.r#gen() { Side::Buy } else { Side::Sell },
        limit: *[0, 1, u32::MAX, 5_000].get(rng.gen_range(0..4usize)).unwrap_or(&1),
        lots,
        flags,
        max_fee: rng.gen_range(0..1 << 20),
        expiry: if rng.gen_bool(0.1) { (1 << 40) - 1 } else { near(rng, CONTEXT.time) },
    };
    let left = match rng.gen_range(0..3) {
        0 => lots,
        _ if flags.fill_or_kill => 0,
        1 => 0,
        _ => lots / 2,
    };
    let touched = if left == lots { at(0) } else { at(0) + rng.gen_range(1..5_000) };
    let account = *[1, 600, (1 << 36) - 1].get(rng.gen_range(0..3usize)).unwrap_or(&600);
    Case { item, account, min_lots, left, at: touched }
}

/// The order as its row is given it, also where the native half refuses it.
fn order(case: &Case) -> Order {
    let OrderItem { market, side, limit, lots, flags, max_fee, expiry } = case.item;
    Order { account: case.account, market, side, limit, size: lots, left: lots, flags, max_fee, expiry }
}

fn input(case: &Case) -> PlaceInput {
    let (min_lots, left, at) = (case.min_lots, case.left, case.at as u32);
    PlaceInput { enable: true, sequence: SEQUENCE, order: order(case), min_lots, left, at }
}

fn run(input: &PlaceInput) -> (Option<Reject>, RowWitness) {
    Block::new().run(|cs| place(cs, input))
}

fn native(case: &Case) -> Result<Order, Reject> {
    let mut entry = crate::ops::blank::market();
    entry.id = case.item.market;
    entry.market.min_lots = case.min_lots;
    apply(&CONTEXT, case.account, &case.item, &entry)
}

fn expected(case: &Case, order: &Order) -> Expected {
    let closed = Order { left: case.left, ..*order };
    let item = vec![Item::Order(case.item).word(), Fr::from(case.account)];
    let mut sent = vec![(ORDER, order_tuple(ID, at(0), order))];
    if case.left > 0 && order.flags.rests() {
        sent.push((REST, vec![Fr::from(ID), order.words()[0], Fr::from(case.left)]));
    }
    let listed = vec![Fr::from(case.item.market), Fr::from(case.min_lots)];
    let received = vec![(LISTED, listed), (ITEM, item), (ORDER, order_tuple(ID, case.at, &closed))];
    Expected { sent, received, published: vec![] }
}

fn verdict(case: &Case) -> Option<Reject> {
    let native = native(case).map(|order| expected(case, &order));
    agree(&run(&input(case)), native, case)
}

fn legal(seed: u64) -> impl Iterator<Item = Case> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    std::iter::repeat_with(move || sample(&mut rng)).filter(|case| native(case).is_ok())
}

/// A resting order, half filled.
fn resting() -> Case {
    let flags = Flags::default();
    let mut case = legal(1).find(|case| case.item.lots > 100).expect("an endless supply");
    (case.item.flags, case.left, case.at) = (flags, case.item.lots / 2, at(0) + 77);
    case
}

#[test]
fn both_halves_agree() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let mut seen: BTreeMap<Option<Reject>, usize> = BTreeMap::new();
    for _ in 0..20_000 {
        *seen.entry(verdict(&sample(&mut rng))).or_default() += 1;
    }
    let all =
        [Reject::BadFlags, Reject::ZeroLimit, Reject::BelowMinimumOrder, Reject::OrderExpired].map(Some);
    assert!(all.iter().chain([&None]).all(|verdict| seen[verdict] > 300), "{seen:?}");
}

#[test]
fn rejects_at_the_boundaries() {
    let with = |change: &dyn Fn(&mut Case)| {
        let mut case = resting();
        (case.item.lots, case.min_lots, case.left) = (50, 50, 50);
        change(&mut case);
        case.left = case.item.lots;
        verdict(&case)
    };
    for (lots, reject) in [(49, Some(Reject::BelowMinimumOrder)), (50, None), (51, None)] {
        assert_eq!(with(&|case| case.item.lots = lots), reject, "{lots} lots");
    }
    for (lots, reject) in [(0, Some(Reject::BelowMinimumOrder)), (1, None), (2, None)] {
        let change = |case: &mut Case| (case.item.lots, case.item.flags.reduce_only) = (lots, true);
        assert_eq!(with(&change), reject, "{lots} lots, reduce-only");
    }
    for (expiry, reject) in [(999, Some(Reject::OrderExpired)), (1_000, None), (1_001, None)] {
        assert_eq!(with(&|case| case.item.expiry = expiry), reject, "expiry {expiry}");
    }
    for (limit, reject) in [(0, Some(Reject::ZeroLimit)), (1, None), (u32::MAX, None)] {
        assert_eq!(with(&|case| case.item.limit = limit), reject, "limit {limit}");
    }
    for bits in 0..8u8 {
        let [post_only, immediate_or_cancel, fill_or_kill] = [1, 2, 4].map(|bit| bits & bit != 0);
        let flags = Flags { post_only, immediate_or_cancel, fill_or_kill, reduce_only: false };
        let contradict = post_only && (immediate_or_cancel || fill_or_kill);
        assert_eq!(
            with(&|case| case.item.flags = flags),
            contradict.then_some(Reject::BadFlags),
            "{flags:?}"
        );
    }
}

#[test]
fn every_hint_is_pinned() {
    let block = Block::new();
    for case in legal(3).take(12).chain([resting()]) {
        let input = input(&case);
        let harmless = block.forger::<Place>(&input).every_hint_is_pinned(&["memory.row_time"]);
        assert!(harmless.iter().all(|name| *name == "is_zero.inverse"), "{harmless:?}");
    }
}

/// The tuple of an interaction, whatever its multiplicity.
fn tuple(row: &RowWitness, tag: Tag, direction: Direction) -> Vec<Fr> {
    samples::tuples(row, tag, direction).remove(0)
}

#[test]
fn rejects_closing_another_order() {
    // Two orders of the same terms: the row of one receives the other's last tuple under its own id.
    let case = resting();
    let input = input(&case);
    let block = Block::new();
    let forger = block.forger::<Place>(&input);
    let (closed_at, honest) = numbers(&forger, "place.closed_at")[0];
    for step in [1i64, -1, 2, -3] {
        let other = ID.wrapping_add_signed(step);
        let time = honest + Fr::from(1u64 << 26) * Fr::from(step);
        let row = forger.run(&|_, number, value| if number == closed_at { time } else { value });
        let closed = Order { left: case.left, ..order(&case) };
        let theirs = order_tuple(other, case.at, &closed);
        assert_eq!(tuple(&row, ORDER, Direction::Receive), theirs, "the forged tuple is of order {other}");
        let verdict = forger.verdict_of(&[(closed_at, time)]);
        assert!(matches!(verdict, Verdict::Refused(_)), "{step}: {verdict:?}");
    }
}

#[test]
fn rejects_a_market_that_spills_into_the_fields_above() {
    // Markets above 2^16 are those of padding rows, which provide what they like. The same word and the
    // same leaf with another market: what the market has too much, side and limit have too little.
    let case = resting();
    let input = input(&case);
    let block = Block::new();
    let forger = block.forger::<Place>(&input);
    let (market, honest) = numbers(&forger, "place.market")[0];
    let (limit, ticks) = numbers(&forger, "place.limit")[0];
    let forged = [(market, honest + Fr::from(1u64 << 20)), (limit, ticks - Fr::from(8u64))];
    let row = forger.run(&|_, number, value| forged.iter().find(|f| f.0 == number).map_or(value, |f| f.1));
    let item = tuple(&row, ITEM, Direction::Receive);
    assert_eq!(item[0], Item::Order(case.item).word(), "the forged item is the signed one");
    assert!(matches!(forger.verdict_of(&forged), Verdict::Refused(_)));
}

#[test]
fn takes_no_item_that_was_signed_alone_in_the_cancel_lane() {
    let case = resting();
    let input = input(&case);
    let block = Block::new();
    let forger = block.forger::<Place>(&input);
    let marked = Item::Order(case.item).word() + Fr::from(2u64).pow([249]);
    // The field that is to carry the mark, and where it starts in the word.
    for (name, start) in [
        ("place.market", 0),
        ("place.limit", 17),
        ("place.lots", 49),
        ("place.max_fee", 109),
        ("place.expiry", 129),
    ] {
        let (number, value) = numbers(&forger, name)[0];
        let forged = [(number, value + Fr::from(2u64).pow([249 - start]))];
        let row = forger.run(&|_, n, v| if n == number { forged[0].1 } else { v });
        assert_eq!(tuple(&row, ITEM, Direction::Receive)[0], marked);
        assert!(matches!(forger.verdict_of(&forged), Verdict::Refused(_)), "{name}");
    }
}

#[test]
fn rejects_a_fill_or_kill_order_filled_in_part() {
    let mut case = resting();
    case.item.flags.fill_or_kill = true;
    for (left, holds) in [
        (0, true),
        (1, false),
        (case.item.lots - 1, false),
        (case.item.lots, true),
        (case.item.lots + 1, false),
    ] {
        let (failed, row) = run(&PlaceInput { left, ..input(&case) });
        assert_eq!(failed, None);
        assert_eq!(refused(&row), (!holds).then_some("PLC-7"), "{left} of {}", case.item.lots);
        let rests = active(&row, Direction::Send).iter().any(|(tag, _)| *tag == REST);
        assert!(!rests, "fill-or-kill never rests");
    }
}

#[test]
fn rejects_rest_of_nothing_and_loss_of_what_is_left() {
    let block = Block::new();
    for left in [0, 1, resting().item.lots] {
        let input = PlaceInput { left, ..input(&resting()) };
        let forger = block.forger::<Place>(&input);
        let (bit, gone) = numbers(&forger, "is_zero.bit")[0];
        let (inverse, _) = numbers(&forger, "is_zero.inverse")[0];
        for other in [Fr::from(0u64), Fr::from(1u64), Fr::from(2u64)] {
            let verdict = forger.verdict_of(&[(bit, Fr::from(1u64) - gone), (inverse, other)]);
            assert!(matches!(verdict, Verdict::Refused(_)), "{left} left: {verdict:?}");
        }
    }
}

#[test]
fn rejects_a_gap_in_the_ids() {
    // An order after an unused row would take an id that the counter has not reached.
    let input = input(&resting());
    assert_eq!(refused(&Block::after(4, [0, 3]).row::<Place>(&input)), Some("PRE-1"));
    let first = Block::after(0, [1, 0]).row::<Place>(&input);
    assert_eq!((refused(&first), first.carry_out), (None, vec![Fr::from(1u64), Fr::from(1u64)]));
}

#[test]
fn rejects_a_count_other_than_that_of_the_enabled_rows() {
    let one = Fr::from(1u64);
    for (case, enable) in [(input(&resting()), true), (Place::blank(), false)] {
        let block = Block::new();
        let forger = block.forger::<Place>(&case);
        let carries = numbers(&forger, "carry");
        let (bit, _) = numbers(&forger, "prefix.enable")[0];
        let count = carries[1].1;
        for other in [count + one, count - one, Fr::from(0u64)] {
            assert!(matches!(forger.verdict_of(&[(carries[1].0, other)]), Verdict::Refused("PRE-3")));
        }
        // Handing on the opposite of what the row is; a selector that is no bit.
        let opposite = Fr::from(!enable);
        assert!(matches!(forger.verdict_of(&[(carries[0].0, opposite)]), Verdict::Refused("PRE-2")));
        let two = Fr::from(2u64);
        let forged = [(bit, two), (carries[0].0, two), (carries[1].0, Fr::from(ROW) + two)];
        assert!(matches!(forger.verdict_of(&forged), Verdict::Refused(_)));
    }
}

#[test]
fn padding_is_inert_and_hands_the_count_on() {
    for (carry, count) in [([1, 3], 3u64), ([0, 3], 3)] {
        let row = Block::after(ROW, carry).row::<Place>(&Place::blank());
        assert_inert(&row);
        assert_eq!(row.carry_out, vec![Fr::from(0u64), Fr::from(count)]);
    }
    // What only a selected row must obey.
    let mut input = input(&resting());
    (input.enable, input.order.limit, input.order.expiry, input.order.flags.post_only) = (false, 0, 0, true);
    input.order.flags.fill_or_kill = true;
    assert_inert(&run(&input).1);
}

#[test]
fn shape_and_costs_are_pinned() {
    let inputs: Vec<PlaceInput> = legal(4).take(5).map(|case| input(&case)).collect();
    assert_eq!(shape::<Place>(&inputs), (23, 82));
}
