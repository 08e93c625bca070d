use super::*;
use crate::ops::OrderItem;
use crate::reject::Reject;
use crate::soundness::fixture::{context, entry};
use crate::state::{Flags, Side};

fn item() -> OrderItem {
    OrderItem {
        market: 1,
        side: Side::Buy,
        limit: 1,
        lots: 10,
        flags: Flags::default(),
        max_fee: 3,
        expiry: 1_000,
    }
}

fn run(item: OrderItem) -> Result<u64, Reject> {
    Ok(apply(&context(), 600, &item, &entry())?.left)
}

#[test]
fn rejects_at_its_bounds() {
    assert_eq!(run(item()), Ok(10));
    assert_eq!(run(OrderItem { limit: 0, ..item() }), Err(Reject::ZeroLimit));
    assert_eq!(run(OrderItem { lots: 9, ..item() }), Err(Reject::BelowMinimumOrder));
    assert_eq!(run(OrderItem { expiry: 999, ..item() }), Err(Reject::OrderExpired));
    let flags = Flags { reduce_only: true, ..Flags::default() };
    assert_eq!(run(OrderItem { lots: 1, flags, ..item() }), Ok(1));
    assert_eq!(run(OrderItem { lots: 0, flags, ..item() }), Err(Reject::BelowMinimumOrder));
    for flags in [
        Flags { post_only: true, immediate_or_cancel: true, ..Flags::default() },
        Flags { post_only: true, fill_or_kill: true, ..Flags::default() },
    ] {
        assert_eq!(run(OrderItem { limit: 0, flags, ..item() }), Err(Reject::BadFlags));
    }
}

#[test]
fn the_cell_is_what_was_signed() {
    let flags = Flags { post_only: true, ..Flags::default() };
    let order = apply(&context(), 600, &OrderItem { flags, ..item() }, &entry()).unwrap();
    assert_eq!((order.account, order.market, order.side), (600, 1, Side::Buy));
    assert_eq!((order.limit, order.size, order.left), (1, 10, 10));
    assert_eq!((order.flags, order.max_fee, order.expiry), (flags, 3, 1_000));
}
