//! The order leaf's row against the native leaf, and against forged advice.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};

use super::{OrderLeaf, OrderRecord};
use crate::gadgets::cs::{Direction, Shared, Tag};
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::var::power_of_two;
use crate::soundness::forge::refusal;
use crate::soundness::leaf_forge::{every_hint_is_pinned, leaf_tuple};
use crate::soundness::samples::{order_tuple, tuples};
use crate::state::tags::{NODE, ORDER, REST};
use crate::state::tree::order_leaf;
use crate::state::{Flags, Order, Side};

const ID: u64 = (1 << 36) - 2;
const NOW: u64 = 1_500;

fn with_time<T>(test: impl FnOnce(Shared<'_>) -> T) -> T {
    let mut globals = [Fr::ZERO; crate::state::wires::COUNT];
    globals[usize::from(crate::state::wires::TIME)] = Fr::from(NOW);
    test(Shared { limb_bits: 13, globals: &globals })
}

fn run(input: &(impl Clone + Into<Padded<OrderRecord>>)) -> RowWitness {
    with_time(|shared| RowWitness::compute::<OrderLeaf>(shared, 6, &[], &input.clone().into()))
}

fn resting() -> OrderRecord {
    let old = Order {
        account: 601,
        market: 511,
        side: Side::Sell,
        limit: u32::MAX,
        size: 100,
        left: 60,
        flags: Flags { post_only: true, reduce_only: true, ..Flags::default() },
        max_fee: 999_999,
        expiry: NOW,
        fee_carry: 999_999,
    };
    OrderRecord { id: ID, created: false, old, left: 20, fee_carry: 123_456, at: 88 }
}

/// Placed for 100, of which 20 rest.
fn created() -> OrderRecord {
    let old = Order { left: 100, fee_carry: 0, ..resting().old };
    OrderRecord { created: true, old, ..resting() }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<OrderRecord>> {
    let expired = OrderRecord { old: Order { expiry: NOW - 1, ..resting().old }, ..resting() };
    [resting(), created(), expired].map(Padded::enabled).into()
}

fn selected(row: &RowWitness, tag: Tag) -> usize {
    row.interactions.iter().filter(|i| i.tag == tag && !i.multiplicity.is_zero()).count()
}

fn element(order: &Order) -> Fr {
    let flags = Fr::from(order.flags.bits());
    [
        (Fr::from(ID), 0),
        (Fr::from(order.account), 36),
        (Fr::from(order.market), 72),
        (Fr::from(order.side.bit()), 81),
        (Fr::from(order.limit), 82),
        (Fr::from(order.left), 114),
        (flags, 170),
        (Fr::from(order.max_fee), 172),
        (Fr::from(order.expiry), 192),
        (Fr::from(order.fee_carry), 228),
    ]
    .iter()
    .map(|(part, at)| *part * power_of_two(*at))
    .sum()
}

#[test]
fn agrees_on_resting_orders_filled_or_gone() {
    for left in [60, 20, 1, 0] {
        let input = OrderRecord { left, ..resting() };
        let row = run(&input);
        assert_eq!((row.violations.clone(), refusal(&row, 13)), (vec![], None));
        let new = Order { left, fee_carry: 123_456, ..input.old };
        let carried = if left == 0 { 0 } else { 123_456 };
        assert_eq!(leaf_tuple(&row), [Fr::from(order_leaf(ID)), input.old.leaf(), new.leaf()]);
        assert_eq!(tuples(&row, ORDER, Direction::Send), [order_tuple(ID, 0, &input.old)]);
        assert_eq!(tuples(&row, ORDER, Direction::Receive), [order_tuple(ID, 88, &new)]);
        assert_eq!((selected(&row, ORDER), selected(&row, REST)), (2, 0));
        assert_eq!(row.published, [element(&Order { fee_carry: carried, ..new })]);
    }
}

#[test]
fn a_new_order_comes_to_rest_for_what_is_left() {
    let row = run(&created());
    assert_eq!((row.violations.clone(), refusal(&row, 13)), (vec![], None));
    let new = Order { size: 20, left: 20, fee_carry: 123_456, ..created().old };
    assert_eq!(leaf_tuple(&row), [Fr::from(order_leaf(ID)), Fr::zero(), new.leaf()]);
    let rest = [Fr::from(ID), created().old.words()[0], Fr::from(20u64), Fr::from(123_456u64)];
    assert_eq!(tuples(&row, REST, Direction::Receive), [rest]);
    assert_eq!((selected(&row, ORDER), selected(&row, REST)), (0, 1));
    assert_eq!(row.published, [element(&new)]);
}

#[test]
fn an_expired_order_is_in_no_market() {
    let market = |expiry| {
        let mut input = resting();
        input.old.expiry = expiry;
        let row = run(&input);
        assert_eq!(refusal(&row, 13), None);
        tuples(&row, ORDER, Direction::Send)[0][5]
    };
    assert_eq!(market(NOW), Fr::from(511u64));
    assert_eq!(market(NOW + 1), Fr::from(511u64));
    assert_eq!(market(NOW - 1), Fr::from(511 + (1u64 << 32)));
}

#[test]
fn every_hint_of_the_row_is_pinned() {
    with_time(|shared| {
        assert_eq!(every_hint_is_pinned::<OrderLeaf>(shared, &resting(), &[]), [""; 0]);
        // A new order reads its terms from the place row; what it would have opened does not matter.
        let harmless = every_hint_is_pinned::<OrderLeaf>(shared, &created(), &[]);
        assert!(
            harmless.iter().all(|name| {
                ["order.closed_at", "order.left", "order.fee_carry", "order.size", "range.limb"]
                    .contains(name)
            }),
            "{harmless:?}"
        );
    });
}

#[test]
fn padding_is_inert() {
    let row = run(&Padded::disabled(OrderLeaf::dummy()));
    assert_eq!(refusal(&row, 13), None);
    assert_eq!(row.published, [Fr::ZERO]);
    assert!([ORDER, REST, NODE].iter().all(|tag| selected(&row, *tag) == 0));
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<OrderLeaf>(13).constraints.len(), 615);
}
