use super::*;
use crate::ops::fixture::flat;
use crate::reject::Reject;

#[test]
fn credits_all_or_refuses() {
    assert_eq!(apply(7, &flat(3)), Ok(flat(10)));
    assert_eq!(apply(1, &flat(i64::MAX - 1)), Ok(flat(i64::MAX)));
    assert_eq!(apply(1, &flat(i64::MAX)), Err(Reject::CollateralRange));
}
