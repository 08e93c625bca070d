//! Markets whose prices and rates are signed.

use super::*;

/// The same with other rates, which its funding follows, and without lists of premiums.
pub(super) fn spoilt_rates(sample: &Sample) -> Vec<Sample> {
    let Sample { time, epoch, premiums, record } = *sample;
    let tick = record.tick.expect("a tick");
    let with = |rate: i32| {
        let tick = Tick { rate, ..tick };
        let new = tick::apply(&sample.context(), &tick, &record.old).ok()?;
        let new = Market { open_interest: record.new.open_interest, ..new };
        Some(Sample { time, epoch, premiums, record: MarketRecord { tick: Some(tick), new, ..record } })
    };
    let others = [tick.rate + 1, tick.rate - 1, 0].into_iter().filter(|rate| *rate != tick.rate);
    let mut all: Vec<Sample> = others.filter_map(with).collect();
    all.push(Sample { premiums: !premiums, ..*sample });
    all
}

/// The market as it opens where prices are signed: the median is its tick, if it was observed after the last one and is
/// in range; at the rate in force, or in the first tick of an hour at the premium within the cap.
pub(super) fn followed(epoch: u64, old: Market, median: Option<u64>, premium: Option<i32>) -> Sample {
    let record = MarketRecord { median, premium, ..opened(NOW, old) };
    let sample = Sample { time: NOW.max(10 * epoch + 5), epoch: Some(epoch), premiums: true, record };
    let context = sample.context();
    let due = median.filter(|price| 10 * epoch > old.last_tick && *price <= old.max_price);
    let tick = due.map(|price| op(price, tick::signed_rate(&context, &old, premium)));
    let new = match &tick {
        Some(tick) => tick::apply(&context, tick, &old),
        None => tick::open(&context, &old),
    };
    let new = Market { open_interest: old.open_interest + 90, ..new.expect("a legal opening") };
    Sample { record: MarketRecord { tick, new, ..record }, ..sample }
}

/// Ticks, and none for each reason; the hour's first ticks, and others.
pub(super) fn signed_rows() -> Vec<Sample> {
    let old = Market { open_interest: 5_000, rate: 777, ..market() };
    let mut all = Vec::new();
    for (epoch, median) in [
        (300, Some(101 << 32)),
        (300, None),
        (100, Some(101 << 32)),
        (101, Some(99 << 32)),
        (300, Some((1 << 45) + 1)),
        (300, Some(1 << 45)),
        (300, Some(1)),
        // Cut before the batch's time, on both sides.
        (200, Some(150 << 32)),
        (299, Some(1)),
    ] {
        all.push(followed(epoch, old, median, Some(-9)));
    }
    // The hour's last second and its first; premiums within the cap, at it and beyond; none.
    for epoch in [359, 360] {
        for premium in [None, Some(0), Some(5), Some(-5), Some(1_000_000), Some(-1_000_001), Some(1_000_001)]
        {
            all.push(followed(epoch, old, Some(101 << 32), premium));
        }
    }
    let sooner = Market { rated_hour: 1, ..old };
    all.extend([719, 720].map(|epoch| followed(epoch, sooner, Some(101 << 32), Some(4))));
    all.push(followed(720, sooner, None, Some(4)));
    // In arrears the rate in force stays, and its hour with it.
    let owing = Market { in_arrears: true, ..old };
    all.extend(
        [owing, Market { paid_until: 1, ..old }].map(|old| followed(480, old, Some(101 << 32), Some(4))),
    );
    all
}

/// The hour's first ticks, drawn to the interest by the clamp at most, from both sides; then capped.
pub(super) fn drawn_rows() -> Vec<Sample> {
    let old = Market { open_interest: 5_000, rate: 777, ..market() };
    let mut all = Vec::new();
    for (interest, premium_clamp) in
        [(100, 10), (-1 << 30, (1 << 25) - 1), ((1 << 30) - 1, (1 << 25) - 1), (3_000_000, 2_000_000)]
    {
        for premium in [
            None,
            Some(89),
            Some(90),
            Some(91),
            Some(109),
            Some(110),
            Some(111),
            Some((1 << 30) - 1),
            Some(1 - (1 << 30)),
        ] {
            all.push(followed(360, Market { interest, premium_clamp, ..old }, Some(101 << 32), premium));
        }
    }
    all
}

#[test]
fn a_market_follows_the_median_of_a_quorum_and_nothing_else() {
    for sample in signed_rows().into_iter().chain(drawn_rows()) {
        let (record, context) = (sample.record, sample.context());
        let row = sample.run(&record);
        assert_eq!((row.violations.clone(), refusal(&row, 13)), (vec![], None), "{record:?}");
        assert_eq!(leaf_tuple(&row)[1..], [record.old.leaf(), record.new.leaf()], "{record:?}");
        let (quorum, median) = (record.median.is_some(), record.median.unwrap_or_default());
        let premium = record.premium.map_or(Fr::ZERO, |premium| fr_from_i128((premium + (1 << 30)).into()));
        let premiums = Fr::from(record.premium.is_some());
        let looked_up = crate::soundness::samples::tuples(&row, MEDIAN, Direction::Receive);
        assert_eq!(looked_up, [[Fr::from(ID), Fr::from(quorum), Fr::from(median), premiums, premium]]);
        // Without its tick, or with one that is not due.
        let new = tick::open(&context, &record.old).unwrap();
        let without = MarketRecord { tick: None, new, ..record };
        assert_eq!(refusal(&sample.run(&without), 13).is_some(), record.tick.is_some(), "{record:?}");
        let other = op(100 << 32, record.tick.map_or(777, |tick| tick.rate));
        let new = tick::apply(&context, &other, &record.old).unwrap();
        let with = MarketRecord { tick: Some(other), new, ..record };
        assert!(refusal(&sample.run(&with), 13).is_some(), "{record:?}");
        // Where the operator states prices nothing is looked up.
        let free = MarketRecord { median: None, premium: None, ..record };
        let free = Sample { time: 10 * sample.epoch.unwrap(), epoch: None, premiums: false, record: free };
        let row = free.run(&free.record);
        assert!(row.interactions.iter().filter(|i| i.tag == MEDIAN).all(|i| i.multiplicity.is_zero()));
    }
}

#[test]
fn a_rate_is_the_hours_or_the_one_in_force() {
    let old = Market { open_interest: 5_000, rate: 777, ..market() };
    let rate = |epoch, old, premium| followed(epoch, old, Some(101 << 32), premium).record.new;
    // Within the hour nothing moves it; the first tick of the next one does, within the cap.
    assert_eq!((rate(359, old, Some(5)).rate, rate(359, old, Some(5)).rated_hour), (777, 0));
    for (premium, expected) in
        [(None, 0), (Some(5), 5), (Some(1_000_001), 1_000_000), (Some(-1_000_001), -1_000_000)]
    {
        let new = rate(360, old, premium);
        assert_eq!((new.rate, new.rated_hour), (expected, 1), "{premium:?}");
        assert_eq!(rate(700, new, Some(9)).rate, expected);
    }
    // 10 of interest by at most 3.
    let drawn = Market { interest: 10, premium_clamp: 3, ..old };
    for (premium, expected) in [(None, 3), (Some(-7), -4), (Some(9), 10), (Some(12), 10), (Some(14), 11)] {
        assert_eq!(rate(360, drawn, premium).rate, expected, "{premium:?}");
    }
    let kept = rate(480, Market { in_arrears: true, ..old }, Some(5));
    assert_eq!((kept.rate, kept.rated_hour), (777, 0));
    for sample in signed_rows().iter().filter(|sample| sample.record.tick.is_some()) {
        let crosses = tick::crosses_hour(&sample.context(), &sample.record.old);
        for spoilt in spoilt_rates(sample) {
            let (row, other) = (spoilt.run(&spoilt.record), spoilt.record.tick != sample.record.tick);
            let refused = refusal(&row, 13);
            let expected = if other { Some("MKT-36") } else { crosses.then_some("MKT-35") };
            assert!(refused.is_some() == expected.is_some(), "{:?}", spoilt.record);
            assert!(row.violations.iter().all(|id| Some(*id) == expected), "{:?}", row.violations);
        }
    }
}
