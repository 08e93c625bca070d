use super::*;
use crate::ops::Context;
use crate::params::{FUNDING_DIVISOR, FUNDING_INDEX_OFFSET, FUNDING_SCALE};
use crate::reject::Reject;
use crate::soundness::fixture::{context, market};
use crate::state::{Beyond, Market};
use proptest::prelude::*;

fn at(time: u64) -> Context {
    Context { time, observed: time, ..context() }
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

/// A tick of the market, epochs of ten seconds after one another.
fn after(market: &Market, time: u64, price: u64) -> Market {
    apply(&at(time), &tick(price, 0), market).unwrap()
}

#[test]
fn a_price_inside_the_band_is_taken() {
    // 80 to 120.
    for price in [80 << 32, (80 << 32) + 1, 100 << 32, 120 << 32] {
        let inside = after(&market(), 1_100, price);
        assert_eq!((inside.price, inside.beyond, inside.cut_at), (price, Beyond::None, 0), "{price}");
        assert!(!inside.still);
    }
}

#[test]
fn a_price_beyond_the_band_is_cut_once_and_taken_when_it_is_confirmed() {
    for (asked, end, side) in [(50 << 32, 80 << 32, Beyond::Below), (150 << 32, 120 << 32, Beyond::Above)] {
        let cut = after(&market(), 1_100, asked);
        assert_eq!((cut.price, cut.beyond, cut.cut_at, cut.still), (end, side, 1_100, true));
        assert_eq!(cut.asked, asked);
        let confirmed = after(&cut, 1_110, asked);
        assert_eq!((confirmed.price, confirmed.beyond, confirmed.cut_at), (asked, side, 1_100));
        assert!(confirmed.still, "its last tick was beyond the band");
        // Where the market stays it opens again, a minute after the cut.
        let next = after(&confirmed, 1_120, asked);
        assert_eq!((next.price, next.beyond, next.still), (asked, Beyond::None, true));
        assert!(after(&next, 1_159, asked).still);
        assert!(!after(&next, 1_160, asked).still);
    }
}

#[test]
fn a_confirmed_price_is_the_less_extreme_of_both() {
    // 80 to 120; after the cut 96 to 144 above, 64 to 96 below.
    for (first, second, got, side) in [
        (150, 160, 150, Beyond::Above),
        (160, 150, 150, Beyond::Above),
        (143, 160, 144, Beyond::Above),
        (144, 160, 144, Beyond::Above),
        (145, 160, 145, Beyond::Above),
        (150, 144, 144, Beyond::None),
        (50, 40, 50, Beyond::Below),
        (40, 50, 50, Beyond::Below),
        (65, 40, 64, Beyond::Below),
        (63, 40, 63, Beyond::Below),
    ] {
        let cut = after(&market(), 1_100, first << 32);
        let second_tick = after(&cut, 1_110, second << 32);
        assert_eq!((second_tick.price, second_tick.beyond), (got << 32, side), "{first} {second}");
        let time = if got == second { 1_100 } else { 1_110 };
        assert_eq!((second_tick.cut_at, second_tick.asked), (time, second << 32), "{first} {second}");
    }
}

#[test]
fn an_old_price_confirms_nothing() {
    for (asked, end) in [(150, 120), (50, 80)] {
        let cut = after(&market(), 1_100, asked << 32);
        let (in_time, late) = (after(&cut, 2_000, asked << 32), after(&cut, 2_001, asked << 32));
        assert_eq!((in_time.price, in_time.cut_at), (asked << 32, 1_100));
        let reach = end / 5;
        let next = if asked > 100 { end + reach } else { end - reach };
        assert_eq!((late.price, late.cut_at, late.asked), (next << 32, 2_001, asked << 32));
    }
}

/// Whatever came before, one bad quorum moves a price by the band at most, or to what another quorum asked for.
#[test]
fn a_bad_quorum_between_honest_ones_moves_a_price_by_the_band() {
    let run = |asked: &[u64]| {
        let start = (market(), Vec::new());
        let (_, prices) = asked.iter().zip(0..).fold(start, |(market, mut prices), (asked, number)| {
            let market = after(&market, 1_100 + 10 * number, *asked);
            prices.push(market.price);
            (market, prices)
        });
        prices
    };
    let (low, high) = (1, market().max_price);
    let (p80, p96, p100) = (80 << 32, 96 << 32, 100 << 32);
    // A bad low, the true price, which lies above the new band, and a bad high: no more than a band above.
    assert_eq!(run(&[low, p100, high, p100])[..2], [p80, p96]);
    assert_eq!(run(&[low, p100, high, p100])[2..], [p96 + p96 / 5, p100]);
    // The same mirrored, and two bad ones of alternate sides in a row.
    assert_eq!(run(&[high, p100, low]), [120 << 32, p100, p80]);
    assert_eq!(run(&[low, high, p100]), [p80, p96, p100]);
    assert_eq!(run(&[high, low, p100]), [120 << 32, p96, p100]);
    // A true fall to 50 that was cut, then a bad low: what the true one said.
    let fall = 50 << 32;
    assert_eq!(run(&[fall, low, fall]), [p80, fall, fall]);
    // Two bad ones of one side are what the breaker does not stop.
    assert_eq!(run(&[high, high]), [120 << 32, high]);
}

#[test]
fn the_other_side_confirms_nothing() {
    let cut = after(&market(), 1_100, 150 << 32);
    let back = after(&cut, 1_110, 50 << 32);
    assert_eq!((back.price, back.beyond, back.cut_at), (96 << 32, Beyond::Below, 1_110));
    // One tick inside ends the run: the next beyond is cut again.
    let inside = after(&back, 1_120, 96 << 32);
    let again = after(&inside, 1_130, 50 << 32);
    assert_eq!((again.price, again.cut_at), (329_853_488_333, 1_130));
}

#[test]
fn the_ends_of_a_band_are_whole_prices_inside_it() {
    // 3·(1 - 0.1) = 2.7 and 3·(1 + 0.9) = 5.7 are none: 3 - 2 and 3 + 2.
    for (price, band, low, high) in
        [(3, 900_000, 1, 5), (10, 300_000, 7, 13), (1, 999_999, 1, 1), (7, 0, 7, 7)]
    {
        let market = Market { price, asked: price, band, ..market() };
        assert_eq!(market.band_ends(), (low, high));
        assert_eq!(after(&market, 1_100, high + 1).price, high);
        if low > 1 {
            assert_eq!(after(&market, 1_100, low - 1).price, low);
        }
    }
}

#[test]
fn an_old_price_and_a_status_keep_a_market_still() {
    let market = Market { still_age: 600, halt_age: 3_600, ..market() };
    let opened = |time, market| open(&at(time), &market).unwrap();
    assert!(!opened(1_600, market).still);
    assert!(opened(1_601, market).still);
    assert!(!after(&market, 1_601, 100 << 32).still, "a tick makes it new");
    for (status, still) in [(0, true), (1, false), (2, true), (3, true), (15, true)] {
        assert_eq!(opened(1_100, Market { status, ..market }).still, still, "{status}");
    }
    // Every opening looks anew.
    assert!(!opened(1_100, Market { still: true, ..market }).still);
    // The epoch of a signed price counts, not the batch.
    let late = Context { time: 1_700, observed: 1_099, ..context() };
    assert!(apply(&late, &tick(100 << 32, 0), &market).unwrap().still);
}

/// `F` after the rate for these seconds at price 100, exact numerator over its divisor.
fn owed(rate: i128, seconds: i128) -> i128 {
    (rate * (100 << 32) * seconds) << 16
}

#[test]
fn funding_is_paid_whole_with_what_is_left_over_kept() {
    let market = market();
    // 10^-4 per hour of price 100 for half an hour: 0.005.
    let half = apply(&at(2_800), &tick(100 << 32, 100_000), &market).unwrap();
    assert_eq!(half.funding_index, 5 * FUNDING_SCALE / 1_000);
    assert_eq!((half.paid_until, half.rate, half.in_arrears), (2_800, 100_000, false));
    let exact = |after: &Market| after.funding_index * FUNDING_DIVISOR + i128::from(after.funding_remainder);
    for rate in [100_000, -100_000, 1, -1, -777] {
        let after = apply(&at(2_800), &tick(100 << 32, rate), &market).unwrap();
        assert_eq!(exact(&after), owed(rate.into(), 1_800), "{rate}");
        assert!(i128::from(after.funding_remainder) < FUNDING_DIVISOR);
        // The next opening begins with what was left over, at the same rate, with a tick or without.
        let next = open(&at(2_803), &after).unwrap();
        assert_eq!(exact(&next), owed(rate.into(), 1_803), "{rate}");
        assert_eq!(
            apply(&at(2_803), &tick(100 << 32, rate), &after).unwrap().funding_index,
            next.funding_index
        );
    }
}

#[test]
fn what_the_interval_cuts_off_is_owed_at_the_same_rate() {
    let market = Market { rate: 1_000_000, ..market() };
    let hour = apply(&at(1_000 + 3_600), &tick(100 << 32, 1_000_000), &market).unwrap();
    assert_eq!((hour.paid_until, hour.in_arrears, hour.still), (4_600, false, false));
    let long = apply(&at(1_000 + 9_999), &tick(100 << 32, 5), &market).unwrap();
    assert_eq!((hour.funding_index, long.funding_index), (FUNDING_SCALE / 10, FUNDING_SCALE / 10));
    assert_eq!((long.paid_until, long.in_arrears, long.still), (4_600, true, true));
    // Another rate waits until all is paid.
    let second = apply(&at(10_999), &tick(100 << 32, -5), &long).unwrap();
    assert_eq!((second.funding_index, second.rate, second.in_arrears), (FUNDING_SCALE / 5, 1_000_000, true));
    let third = open(&at(10_999), &second).unwrap();
    assert_eq!((third.paid_until, third.in_arrears, third.rate), (10_999, false, 1_000_000));
    assert_eq!(
        third.funding_index * FUNDING_DIVISOR + i128::from(third.funding_remainder),
        owed(1_000_000, 9_999)
    );
    let paid = apply(&at(10_999), &tick(100 << 32, -5), &third).unwrap();
    assert_eq!((paid.funding_index, paid.rate, paid.in_arrears), (third.funding_index, -5, false));
}

#[test]
fn without_a_rate_nothing_is_owed_for_however_long() {
    let late = at((1 << 40) - 1);
    let after = open(&late, &market()).unwrap();
    assert_eq!((after.paid_until, after.in_arrears, after.funding_index), ((1 << 40) - 1, false, 0));
    // A rate that follows pays for one interval.
    let after = apply(&late, &tick(100 << 32, 1_000_000), &market()).unwrap();
    assert_eq!((after.paid_until, after.in_arrears, after.rate), ((1 << 40) - 1, false, 1_000_000));
    assert_eq!(after.funding_index, FUNDING_SCALE / 10);
}

/// 24 hours at one rate and price: by the hour, at once with its arrears, at odd moments, or without a tick.
#[test]
fn any_cutting_into_openings_pays_the_same() {
    let start = Market { rate: 12_345, funding_interval: 7 * 3_600, ..market() };
    let end = 1_000 + 24 * 3_600;
    let run = |times: &mut dyn Iterator<Item = u64>, ticks: bool| {
        times.fold(start, |market, time| match ticks {
            true => apply(&at(time), &tick(100 << 32, 12_345), &market).unwrap(),
            false => open(&at(time), &market).unwrap(),
        })
    };
    let hours = run(&mut (1..=24).map(|hour| 1_000 + hour * 3_600), true);
    let once = run(&mut [end; 4].into_iter(), true);
    let odd = run(&mut (1_001..end).step_by(617).chain([end]), false);
    assert_eq!((hours.paid_until, hours.in_arrears), (end, false));
    assert_eq!(
        hours.funding_index * FUNDING_DIVISOR + i128::from(hours.funding_remainder),
        owed(12_345, 24 * 3_600)
    );
    for other in [once, odd] {
        assert_eq!(Market { last_tick: hours.last_tick, ..other }, hours);
    }
    assert!(run(&mut [end; 3].into_iter(), true).in_arrears);
}

#[test]
fn rejects_an_index_beyond_its_range() {
    let paid = FUNDING_SCALE / 10;
    let run = |index| {
        let market = Market { funding_index: index, ..market() };
        let post = apply(&at(4_600), &tick(100 << 32, 1_000_000), &market)?;
        Ok::<_, Reject>(post.funding_index)
    };
    let last = FUNDING_INDEX_OFFSET - 1;
    assert_eq!(run(last - paid), Ok(last));
    assert_eq!(run(last - paid + 1), Err(Reject::FundingIndexRange));
    let market = Market { funding_index: last, rate: 1, ..market() };
    assert_eq!(open(&at(1_000), &market).map(|market| market.funding_index), Ok(last));
    assert_eq!(open(&at(4_600), &market).map_err(Reject::from), Err(Reject::FundingIndexRange));
}

proptest! {
    #[test]
    fn price_stays_inside_band_and_maximum(price in 1u64..1 << 45, before in 1u64..1 << 45, band in 0u32..1_000_000) {
        let market = Market { price: before, asked: before, band, ..market() };
        let cut = after(&market, 1_100, price);
        prop_assert!((1..=market.max_price).contains(&cut.price));
        let (p, r, b) = (i128::from(cut.price), i128::from(before), i128::from(band));
        prop_assert!((p - r).abs() * 1_000_000 <= r * b);
        // Unclamped, or at the edge: one step further would leave the band.
        let step = (i128::from(price) - p).signum();
        prop_assert!(step == 0 || (p + step - r).abs() * 1_000_000 > r * b);
        prop_assert_eq!(cut.beyond == Beyond::None, step == 0);
        // From the end of the band the same price is inside or confirmed.
        prop_assert_eq!(after(&cut, 1_110, price).price, price);
    }

    /// The price after a tick is never further out than both the band and what the tick before asked for, and never
    /// further in than the nearer end: two quorums that agree on a price have it.
    #[test]
    fn two_lists_bound_a_price(asked in prop::collection::vec(1u64..1 << 45, 2..12), band in 1u32..1_000_000) {
        let mut market = Market { band, ..market() };
        for (number, pair) in asked.windows(2).enumerate() {
            let before = after(&market, 1_100 + 20 * number as u64, pair[0]);
            let next = after(&before, 1_110 + 20 * number as u64, pair[1]);
            let (low, high) = before.band_ends();
            let (lowest, highest) = (low.min(pair[0]), high.max(pair[0]));
            prop_assert_eq!(next.price, pair[1].clamp(lowest, highest));
            prop_assert_eq!(after(&next, 1_115 + 20 * number as u64, pair[1]).price, pair[1]);
            market = next;
        }
    }
}
