use super::*;
use crate::params::FRACTION_BITS;
use crate::reject::Reject;

fn run(limit: u32, amended: Option<u32>) -> Result<u32, Reject> {
    apply(limit, amended).map_err(Reject::from)
}

#[test]
fn a_limit_is_at_most_the_whole() {
    for limit in [0, 1, 999_999, 1_000_000] {
        assert_eq!(run(limit, None), Ok(limit));
    }
    for limit in [1_000_001, (1 << FRACTION_BITS) - 1] {
        assert_eq!(run(limit, None), Err(Reject::LeverageRange));
    }
}

#[test]
fn one_limit_a_batch() {
    // Not even the same one again, nor 0, which sets none.
    for earlier in [0, 5, 7] {
        assert_eq!(run(5, Some(earlier)), Err(Reject::LeverageTwice));
    }
    // The range is looked at first.
    assert_eq!(run(1_000_001, Some(5)), Err(Reject::LeverageRange));
}
