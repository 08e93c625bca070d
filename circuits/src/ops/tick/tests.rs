use super::*;
use crate::ops::Context;
use crate::params::{FUNDING_INDEX_OFFSET, U};
use crate::reject::Reject;
use crate::soundness::fixture::{context, market};
use crate::state::Market;
use proptest::prelude::*;

fn at(time: u64) -> Context {
    Context { time, ..context() }
}

fn tick(price: u64, rate: i32) -> Tick {
    Tick { market: 1, price, rate }
}

#[test]
fn rejects_at_its_bounds() {
    let market = market();
    let run = |price, rate| apply(&context(), &tick(price, rate), &market).map(|_| ()).map_err(Reject::from);
    assert_eq!(run(0, 0), Err(Reject::PriceRange));
    assert_eq!(run(1, 0), Ok(()));
    assert_eq!(run(market.max_price, 0), Ok(()));
    assert_eq!(run(market.max_price + 1, 0), Err(Reject::PriceRange));
    for (rate, want) in [(1_000_000, Ok(())), (1_000_001, Err(Reject::RateAboveCap))] {
        assert_eq!(run(100 << 32, rate), want);
        assert_eq!(run(100 << 32, -rate), want);
    }
}

#[test]
fn price_is_clamped_to_the_band_around_the_reference() {
    let market = Market { price: 110 << 32, ..market() };
    // Same window (1000/300 = 3): the reference stays at 100.
    let same = apply(&at(1_199), &tick(200 << 32, 0), &market).unwrap();
    assert_eq!((same.price, same.reference_price), (120 << 32, 100 << 32));
    let low = apply(&at(1_199), &tick(1, 0), &market).unwrap();
    assert_eq!(low.price, 80 << 32);
    let inside = apply(&at(1_199), &tick(119 << 32, 0), &market).unwrap();
    assert_eq!(inside.price, 119 << 32);
    // Next window: the price in force becomes the reference.
    let next = apply(&at(1_200), &tick(200 << 32, 0), &market).unwrap();
    assert_eq!((next.price, next.reference_price), (132 << 32, 110 << 32));
    assert_eq!(next.last_tick, 1_200);
}

#[test]
fn funding_is_floored_and_its_interval_bounded() {
    let market = market();
    // 10^-4 per hour of price 100 for half an hour: 0.005.
    let half = apply(&at(2_800), &tick(100 << 32, 100_000), &market).unwrap();
    assert_eq!(half.funding_index, 5 * U / 1_000);
    let paid = apply(&at(2_800), &tick(100 << 32, -100_000), &market).unwrap();
    assert_eq!(paid.funding_index, -(5 * U / 1_000) - 1);
    let hour = apply(&at(1_000 + 3_600), &tick(100 << 32, 1_000_000), &market).unwrap();
    let long = apply(&at(1_000 + 9_999), &tick(100 << 32, 1_000_000), &market).unwrap();
    assert_eq!((hour.funding_index, long.funding_index), (U / 10, U / 10));
}

#[test]
fn rejects_an_index_beyond_its_range() {
    let paid = U / 10;
    let run = |index| {
        let market = Market { funding_index: index, ..market() };
        let post = apply(&at(4_600), &tick(100 << 32, 1_000_000), &market)?;
        Ok::<_, Reject>(post.funding_index)
    };
    let last = FUNDING_INDEX_OFFSET - 1;
    assert_eq!(run(last - paid), Ok(last));
    assert_eq!(run(last - paid + 1), Err(Reject::FundingIndexRange));
}

proptest! {
    #[test]
    fn price_stays_inside_band_and_maximum(price in 1u64..1 << 45, reference in 1u64..1 << 45, band in 0u32..1_000_000) {
        let market = Market { reference_price: reference, band, ..market() };
        let after = apply(&context(), &tick(price, 0), &market).unwrap();
        prop_assert!((1..=market.max_price).contains(&after.price));
        let (p, r, b) = (i128::from(after.price), i128::from(reference), i128::from(band));
        prop_assert!((p - r).abs() * 1_000_000 <= r * b);
        // Unclamped, or at the edge: one step further would leave the band.
        let step = (i128::from(price) - p).signum();
        prop_assert!(step == 0 || (p + step - r).abs() * 1_000_000 > r * b);
    }
}
