use super::*;
use crate::reject::Reject;
use crate::soundness::fixture::flat;

#[test]
fn credits_all_or_refuses() {
    assert_eq!(apply(7, &flat(3)), Ok(flat(10)));
    assert_eq!(apply(1, &flat(i64::MAX - 1)), Ok(flat(i64::MAX)));
    assert_eq!(apply(1, &flat(i64::MAX)).map_err(Reject::from), Err(Reject::CollateralRange));
}
