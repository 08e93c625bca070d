use super::*;
use crate::ops::fixture::order;
use crate::reject::Reject;
use crate::state::{Order, Side};

#[test]
fn cancels_only_own_living_orders_even_expired() {
    let alive = Order { expiry: 1, ..order(600, Side::Buy) };
    assert_eq!(apply(600, &alive), Ok(Order { left: 0, ..alive }));
    assert_eq!(apply(601, &alive), Err(Reject::NotOrderOwner));
    let dead = Order { left: 0, ..alive };
    assert_eq!(apply(600, &dead), Err(Reject::UnknownOrder));
    assert_eq!(apply(601, &dead), Err(Reject::UnknownOrder));
}
