//! The configure row against the native half, and against forged advice.

use ark_bn254::Fr;

use super::apply;
use super::circuit::{ConfigureRecord, ConfigureRow, configure};
use crate::gadgets::row::{Padded, Template};
use crate::gadgets::var::power_of_two;
use crate::params::{HIGHER_TIERS, M, RATE_OFFSET};
use crate::reject::Reject::{self, *};
use crate::soundness::agree::{self, Outcome, a_day_later};
use crate::soundness::fixture::{market, one_tier};
use crate::soundness::forge::{Forger, refusal};
use crate::state::tags::CONFIGURE;
use crate::state::{HigherTiers, Market, Parameters, Tier, higher_tiers};

/// A change of a record, and what both halves say to it.
type Case = (fn(&mut ConfigureRecord), Option<Reject>);

fn honest() -> ConfigureRecord {
    let before = Market { open_interest: 5_000, rate: -777, configured_at: 1_000, ..market() };
    let parameters = Parameters { min_lots: 12, taker_fee: 400, status: 3, ..before.parameters() };
    ConfigureRecord { market: 7, lists: false, before, parameters }
}

fn listing() -> ConfigureRecord {
    let parameters = Parameters { status: 2, ..market().parameters() };
    let before = Market::begun(5 << 32, a_day_later().time, &parameters);
    ConfigureRecord { market: 511, lists: true, before, parameters }
}

fn agree(record: &ConfigureRecord) -> Option<Reject> {
    let op = record.op();
    let native = || apply(&a_day_later(), &op, (!record.lists).then_some(&record.before));
    agree::both_halves::<ConfigureRow, _>(record, native, configure, |configured| {
        let Market { price, rate, open_interest, .. } = record.before;
        let word = Fr::from(record.market)
            + Fr::from(record.lists) * power_of_two(9)
            + Fr::from(price) * power_of_two(10)
            + Fr::from((rate + RATE_OFFSET) as u64) * power_of_two(64)
            + Fr::from(open_interest) * power_of_two(95);
        let [_, _, before @ ..] = configured.within.words();
        let [_, _, after @ ..] = configured.after.words();
        let tuple: Vec<Fr> = [word].into_iter().chain(before).chain(after).collect();
        let takes = Outcome::default().receives(CONFIGURE, tuple);
        op.elements().into_iter().fold(takes, Outcome::publishes)
    })
}

/// The bounds of every rule, with a unit to each side where there is one.
const CASES: &[Case] = &[
    (|r| r.market = 1, None),
    (|r| r.market = 0, Some(UnknownMarket)),
    (|r| r.market = 2, None),
    (|r| r.market = 511, None),
    (|r| r.parameters.funding_interval = 59, Some(ParameterRange)),
    (|r| r.parameters.funding_interval = 60, None),
    (|r| r.parameters.funding_interval = 61, None),
    (|r| (r.parameters.maintenance_fraction, r.before.maintenance_fraction) = (0, 1), Some(ParameterRange)),
    // Of a market without funding, so that no other rule of the fraction says it, too.
    (|r| without_funding(r), Some(ParameterRange)),
    (|r| (r.parameters.lot, r.before.lot) = (0, 0), Some(ParameterRange)),
    (|r| (r.parameters.tick_quote, r.before.tick_quote) = (0, 0), Some(ParameterRange)),
    (|r| r.parameters.min_lots = 0, Some(ParameterRange)),
    (|r| r.parameters.initial_fraction = M as u32, None),
    (|r| r.parameters.initial_fraction = M as u32 - 1, None),
    (|r| r.parameters.initial_fraction = M as u32 + 1, Some(ParameterRange)),
    (|r| r.parameters.maker_fee = M as u32, None),
    (|r| r.parameters.maker_fee = M as u32 + 1, Some(ParameterRange)),
    (|r| r.parameters.band = M as u32 - 1, None),
    (|r| r.parameters.band = M as u32, Some(ParameterRange)),
    (|r| r.parameters.band = M as u32 + 1, Some(ParameterRange)),
    (|r| r.before.price = 0, Some(PriceRange)),
    (|r| r.before.price = 1, None),
    (|r| r.before.price = 2, None),
    (|r| r.parameters.max_price = r.before.price, None),
    (|r| r.parameters.max_price = r.before.price + 1, None),
    (|r| r.parameters.max_price = r.before.price - 1, Some(PriceRange)),
    (|r| (r.parameters.max_price, r.parameters.max_size) = (1 << 48, 1 << 47), Some(PositionValue)),
    (|r| (r.parameters.max_price, r.parameters.max_size) = (FACTORS[0], FACTORS[1]), None),
    (|r| r.parameters.initial_fraction = 55_399, Some(FeesEatMargin)),
    (|r| r.parameters.initial_fraction = 55_400, None),
    (|r| r.parameters.initial_fraction = 55_401, None),
    (|r| (r.parameters.open_notional_low, r.parameters.open_notional_high) = (7, 7), Some(OpenNotional)),
    (|r| (r.parameters.open_notional_low, r.parameters.open_notional_high) = (8, 7), Some(OpenNotional)),
    (|r| (r.parameters.open_notional_low, r.parameters.open_notional_high) = (6, 7), None),
    (|r| (r.parameters.open_notional_low, r.parameters.open_notional_high) = (9, 0), None),
    (|r| (r.parameters.min_lots, r.before.min_lots, r.parameters.max_size) = (2_500, 2_500, 2_500), None),
    (|r| (r.parameters.min_lots, r.parameters.max_size) = (2_501, 2_500), Some(OrdersTooLarge)),
    (|r| (r.parameters.min_lots, r.before.min_lots, r.parameters.max_size) = (2_499, 2_500, 2_500), None),
    // By a tenth and one lot; down as far as one likes.
    (|r| r.parameters.min_lots = 12, None),
    (|r| r.parameters.min_lots = 11, None),
    (|r| r.parameters.min_lots = 13, Some(StepTooLarge)),
    (|r| (r.parameters.min_lots, r.before.min_lots) = (1, 5_000), None),
    (|r| r.parameters.still_age = 0, Some(ParameterRange)),
    (|r| (r.parameters.still_age, r.parameters.halt_age) = (9, 9), None),
    (|r| (r.parameters.still_age, r.parameters.halt_age) = (9, 10), None),
    (|r| (r.parameters.still_age, r.parameters.halt_age) = (10, 9), Some(HaltedBeforeStill)),
    // Cap times interval against 900,000 times 50,000, one less and one more.
    (|r| (r.parameters.funding_cap, r.parameters.funding_interval) = (12_500_000, 3_600), None),
    (|r| (r.parameters.funding_cap, r.parameters.funding_interval) = (2_870_081, 15_679), None),
    (
        |r| (r.parameters.funding_cap, r.parameters.funding_interval) = (9_447_827, 4_763),
        Some(FundingEatsMargin),
    ),
    (|r| (r.parameters.interest, r.parameters.premium_clamp) = (-1 << 30, (1 << 25) - 1), None),
    (|r| r.parameters.interest = (1 << 30) - 1, None),
    (|r| r.parameters.funding_cap = 777, None),
    (|r| r.parameters.funding_cap = 778, None),
    (|r| r.parameters.funding_cap = 776, Some(CapBelowRate)),
    (|r| (r.parameters.funding_cap, r.before.rate) = (776, 777), Some(CapBelowRate)),
    (|r| (r.parameters.funding_cap, r.before.rate) = (777, 777), None),
    (|r| (r.parameters.max_size, r.before.open_interest) = (2_500, 5_000), None),
    (|r| (r.parameters.max_size, r.before.open_interest) = (2_500, 4_999), None),
    (|r| (r.parameters.max_size, r.before.open_interest) = (2_500, 5_001), Some(SizeBelowPositions)),
    (|r| (r.before.max_size, r.before.open_interest) = (1 << 40, 1 << 63), None),
    (|r| (r.before.max_size, r.before.open_interest) = ((1 << 40) + 1, 1 << 63), Some(SizeBelowPositions)),
    // A tenth of 50,000 and of 5,000, and one.
    (|r| r.parameters.maintenance_fraction = 55_001, None),
    (|r| r.parameters.maintenance_fraction = 55_002, Some(StepTooLarge)),
    (|r| r.parameters.maintenance_fraction = 44_999, None),
    (|r| r.parameters.maintenance_fraction = 44_998, Some(StepTooLarge)),
    (|r| r.parameters.liquidation_fee = 5_501, None),
    (|r| r.parameters.liquidation_fee = 5_502, Some(StepTooLarge)),
    (|r| r.parameters.liquidation_fee = 4_499, None),
    (|r| r.parameters.liquidation_fee = 4_498, Some(StepTooLarge)),
    (|r| (r.before.liquidation_fee, r.parameters.liquidation_fee) = (0, 1), None),
    (|r| (r.before.liquidation_fee, r.parameters.liquidation_fee) = (0, 2), Some(StepTooLarge)),
    (|r| (r.before.liquidation_fee, r.parameters.liquidation_fee) = (1, 2), None),
    (|r| (r.before.liquidation_fee, r.parameters.liquidation_fee) = (9, 10), None),
    (|r| (r.before.liquidation_fee, r.parameters.liquidation_fee) = (9, 11), Some(StepTooLarge)),
    (|r| (r.before.liquidation_fee, r.parameters.liquidation_fee) = (11, 13), None),
    (|r| (r.before.liquidation_fee, r.parameters.liquidation_fee) = (19, 22), Some(StepTooLarge)),
    // Tiers ascend, not strictly.
    (|r| tiers(r, (7, 100_000, 50_000), (7, 100_000, 50_000)), None),
    (|r| tiers(r, (7, 100_000, 50_000), (7, 99_999, 50_000)), Some(TierOrder)),
    (|r| tiers(r, (7, 100_000, 50_000), (0, 100_000, 50_000)), Some(TierOrder)),
    (|r| tiers(r, (7, 100_000, 50_000), (1, 100_000, 50_000)), None),
    (|r| tiers(r, (7, 100_000, 50_000), (2, 100_000, 50_000)), None),
    (|r| tiers(r, (7, 100_000, 50_000), (7, 100_001, 50_001)), None),
    (|r| tiers(r, (7, 100_000, 50_000), (7, 100_000, 49_999)), Some(TierOrder)),
    (|r| second_and_third(r, (7, 20), (7, 7)), None),
    (|r| second_and_third(r, (7, 20), (7, 6)), Some(TierOrder)),
    (|r| second_and_third(r, (7, 20), (7, 8)), None),
    // Fees of the second tier: 400 of the taker, 5,000 of a liquidation, which is less than a sixth.
    (|r| tiers(r, (7, 100_000, 94_000), (7, 100_000, 94_600)), None),
    (|r| tiers(r, (7, 100_000, 94_000), (7, 100_000, 94_601)), Some(FeesEatMargin)),
    (|r| tiers(r, (7, 100_000, 94_000), (7, 100_000, 94_599)), None),
    // A sixth of 29,999 is 4,999.
    (|r| fees_by_a_sixth(r, 29_999 + 4_999 + 400), None),
    (|r| fees_by_a_sixth(r, 29_999 + 4_999 + 399), Some(FeesEatMargin)),
    (|r| r.parameters.tiers[7].initial_fraction = M as u32 + 1, Some(ParameterRange)),
    (|r| r.parameters.tiers[7].initial_fraction = M as u32, None),
    // A tenth and one of the tier's fraction, or of the one below where the tier begins lower.
    (|r| tiers(r, (9, 100_000, 70_000), (9, 100_000, 77_001)), None),
    (|r| tiers(r, (9, 100_000, 70_000), (9, 100_000, 77_002)), Some(StepTooLarge)),
    (|r| tiers(r, (9, 100_000, 70_000), (9, 100_000, 77_000)), None),
    (|r| tiers(r, (9, 100_000, 70_001), (9, 100_000, 77_002)), None),
    (|r| tiers(r, (9, 100_000, 70_009), (9, 100_000, 77_011)), Some(StepTooLarge)),
    (|r| tiers(r, (9, 100_000, 70_000), (10, 100_000, 77_001)), None),
    (|r| tiers(r, (9, 100_000, 70_000), (8, 100_000, 55_001)), None),
    (|r| tiers(r, (9, 100_000, 70_000), (8, 100_000, 55_002)), Some(StepTooLarge)),
    (|r| tiers(r, (9, 100_000, 70_000), (9, 100_000, 50_000)), None),
    // The third tier not below where the second began.
    (|r| second_and_third(r, (9, 20), (8, 9)), None),
    (|r| second_and_third(r, (9, 20), (8, 10)), None),
    (|r| second_and_third(r, (9, 20), (8, 8)), Some(StepTooLarge)),
    (|r| r.before.configured_at = 1_001, Some(StepTooSoon)),
    (|r| r.before.configured_at = 999, None),
    (|r| r.before.configured_at = 0, None),
    (|r| (r.parameters.lot, r.before.lot) = (3, 3), None),
    (|r| (r.parameters.lot, r.before.lot) = (3, 2), Some(LotChanges)),
    (|r| (r.parameters.lot, r.before.lot) = (2, 3), Some(LotChanges)),
    (|r| (r.parameters.tick_quote, r.before.tick_quote) = (3, 3), None),
    (|r| (r.parameters.tick_quote, r.before.tick_quote) = (3, 2), Some(LotChanges)),
    (|r| (r.parameters.tick_quote, r.before.tick_quote) = (2, 3), Some(LotChanges)),
    (|r| r.before.status = 0, Some(MarketClosed)),
    (|r| r.before.status = 3, None),
    (|r| r.before.status = 15, None),
    (|r| r.parameters.status = 1, None),
    (|r| (r.parameters.status, r.before.open_interest) = (0, 0), None),
    (|r| (r.parameters.status, r.before.open_interest) = (0, 1), Some(OpenInterestLeft)),
];

/// `2^95 - 1`, the most that a position may be worth.
const FACTORS: [u64; 2] = [420_778_751 * 524_287, 31 * 191 * 30_327_152_671];

/// The honest record, changed; with one tier of these fractions where the change names no other.
fn changed(change: fn(&mut ConfigureRecord)) -> ConfigureRecord {
    let mut record = honest();
    change(&mut record);
    if record.parameters.tiers == honest().parameters.tiers {
        record.parameters = one_tier(record.parameters);
    }
    if record.before.tiers == honest().before.tiers {
        record.before = record.before.with_parameters(&one_tier(record.before.parameters()));
    }
    record
}

/// A first tier with a maintenance fraction of 29,999.
fn fees_by_a_sixth(r: &mut ConfigureRecord, initial: u32) {
    (r.before.maintenance_fraction, r.parameters.maintenance_fraction) = (29_999, 29_999);
    r.parameters.initial_fraction = initial;
}

/// Where second and third tier begin, before and after.
fn second_and_third(r: &mut ConfigureRecord, before: (u64, u64), after: (u64, u64)) {
    (r.before.tiers[0].from, r.before.tiers[1].from) = before;
    (r.parameters.tiers[0].from, r.parameters.tiers[1].from) = after;
}

/// A second tier before and after: where it begins, and its fractions.
fn tiers(r: &mut ConfigureRecord, before: (u64, u32, u32), after: (u64, u32, u32)) {
    r.before.tiers = second(before);
    r.parameters.tiers = second(after);
}

fn second((from, initial_fraction, maintenance_fraction): (u64, u32, u32)) -> HigherTiers {
    higher_tiers(&[Tier { from, initial_fraction, maintenance_fraction }], [0; 2]).unwrap()
}

fn without_funding(r: &mut ConfigureRecord) {
    (r.parameters.maintenance_fraction, r.before.maintenance_fraction) = (0, 1);
    (r.parameters.funding_cap, r.before.rate) = (0, 0);
}

#[test]
pub(crate) fn agrees_at_every_bound() {
    agree::later(|| {
        assert_eq!(agree(&honest()), None);
        assert_eq!(agree(&listing()), None);
        for (number, (change, expected)) in CASES.iter().enumerate() {
            let record = changed(*change);
            assert_eq!(agree(&record), *expected, "case {number}: {record:?}");
        }
        for (number, change) in LISTINGS.iter().enumerate() {
            let mut record = listing();
            change(&mut record);
            record.before = Market::begun(record.before.price, record.before.paid_until, &record.parameters);
            let expected = (number > 0).then_some(if number < 3 { PriceRange } else { MarketClosed });
            assert_eq!(agree(&record), expected, "listing {number}");
        }
    });
}

/// Of a listing: one that is legal, two with a price that is not, one of a closed market.
const LISTINGS: [fn(&mut ConfigureRecord); 4] = [
    |r| r.before.price = 1,
    |r| r.before.price = 0,
    |r| r.parameters.max_price = r.before.price - 1,
    |r| r.parameters.status = 0,
];

/// Rows for the gates, of a batch a day later than the fixture's.
pub fn rows() -> Vec<Padded<ConfigureRecord>> {
    let cases = CASES.iter().map(|(change, _)| changed(*change));
    let listings = LISTINGS.iter().map(|change| {
        let mut record = listing();
        change(&mut record);
        record.before = Market::begun(record.before.price, record.before.paid_until, &record.parameters);
        record
    });
    // Listings that open with other parameters than they close with, or were configured before.
    let torn = [
        ConfigureRecord { before: Market { configured_at: 1, ..listing().before }, ..listing() },
        ConfigureRecord { before: Market { min_lots: 11, ..listing().before }, ..listing() },
        ConfigureRecord { before: Market { open_growth: 1, ..listing().before }, ..listing() },
    ];
    [honest(), listing()]
        .into_iter()
        .chain(cases)
        .chain(ladders())
        .chain(listings)
        .chain(torn)
        .map(Padded::enabled)
        .collect()
}

/// A market with nine tiers, each a little higher, and a fee between the sixths of their fractions.
fn ladder() -> ConfigureRecord {
    let tiers = std::array::from_fn(|j| Tier {
        from: 10 * (j as u64 + 1),
        initial_fraction: 120_000,
        maintenance_fraction: 51_000 + 1_000 * j as u32,
    });
    let mut record = honest();
    record.before.liquidation_fee = 9_000;
    record.before.tiers = HigherTiers(tiers);
    record.parameters = Parameters { taker_fee: 400, ..record.before.parameters() };
    record
}

/// At the number of each higher tier: within each rule, at its bound, and beyond it.
fn ladders() -> Vec<ConfigureRecord> {
    let mut all = vec![ladder()];
    for j in 0..HIGHER_TIERS {
        let before = ladder().before;
        let own = before.tiers[j];
        let (below_from, below) = match j.checked_sub(1) {
            Some(below) => (before.tiers[below].from, before.tiers[below].maintenance_fraction),
            None => (0, before.maintenance_fraction),
        };
        let most = |fraction: u32| (11 * fraction + 10) / 10;
        let fractions = [
            (own.from, own.maintenance_fraction),
            (own.from, most(own.maintenance_fraction)),
            (own.from, most(own.maintenance_fraction) + 1),
            (own.from - 1, below),
            (own.from - 1, most(below)),
            (own.from - 1, most(below) + 1),
        ];
        all.extend(fractions.map(|(from, fraction)| laddered(j, from, fraction)));
        if j > 0 {
            // Below where the tier under it began, which begins as low.
            let mut low = laddered(j, below_from - 1, below);
            low.parameters.tiers[j - 1].from = below_from - 1;
            all.push(low);
        }
        // No room for the fees of this tier alone.
        for lacks in [0, 1] {
            let mut thin = ladder();
            let fee = 9_000.min(own.maintenance_fraction / 6);
            let initial = own.maintenance_fraction + fee + 400 - lacks;
            thin.parameters.initial_fraction = thin.parameters.initial_fraction.min(initial);
            thin.parameters.tiers[..=j].iter_mut().for_each(|tier| tier.initial_fraction = initial);
            all.push(thin);
        }
    }
    all
}

/// The ladder with another begin and fraction of a tier; none above requires less.
fn laddered(tier: usize, from: u64, fraction: u32) -> ConfigureRecord {
    let mut record = ladder();
    let tiers = &mut record.parameters.tiers;
    tiers[tier] = Tier { from, maintenance_fraction: fraction, ..tiers[tier] };
    for above in &mut tiers[tier + 1..] {
        above.maintenance_fraction = above.maintenance_fraction.max(fraction);
    }
    record
}

/// Both halves say the same at each of nine tiers.
#[test]
fn agrees_at_every_tier() {
    agree::later(|| {
        let said: Vec<Option<Reject>> = ladders().iter().map(agree).collect();
        for (reject, count) in [(None, 41), (Some(StepTooLarge), 23), (Some(FeesEatMargin), 8)] {
            assert_eq!(said.iter().filter(|said| **said == reject).count(), count, "{reject:?}: {said:?}");
        }
    });
}

#[test]
fn a_listing_opens_with_what_it_closes_with() {
    agree::later(|| {
        for row in rows().iter().rev().take(3) {
            assert_eq!(agree::row::<ConfigureRow>(row).violations, ["CFG-19"]);
        }
    });
}

#[test]
fn rejects_an_enabled_row_after_an_idle_one() {
    agree::later(|| agree::rejects_a_row_after_an_idle_one::<ConfigureRow>(honest()));
}

#[test]
fn every_hint_is_pinned() {
    agree::later(|| {
        for record in [honest(), listing()] {
            let forger: Forger<'_, ConfigureRow> = agree::forger(&record);
            let harmless = forger.every_hint_is_pinned(&[]);
            assert!(harmless.iter().all(|name| *name == "is_zero.inverse"), "{harmless:?}");
        }
    });
}

/// The words before have one reading: what no rule reads cannot lend to what one reads.
#[test]
fn rejects_fields_that_spill_into_the_next() {
    agree::later(|| {
        let forger: Forger<'_, ConfigureRow> = agree::forger(&honest());
        for (name, below, above, at) in [
            ("configure.limits_before", 0, 1, 54),
            ("configure.limits_before", 2, 3, 86),
            ("configure.parameters_before", 0, 1, 20),
            ("configure.parameters_before", 2, 3, 40),
            ("configure.parameters_before", 7, 8, 32),
        ] {
            let hints = forger.hints_named(name);
            let [(low, low_value), (high, high_value)] = [hints[below], hints[above]];
            let row = forger.run(&|_, number, value| match number {
                n if n == low => low_value + power_of_two(at),
                n if n == high => high_value - Fr::from(1u64),
                _ => value,
            });
            // A status of one less is another's inverse.
            let expected = if below == 7 { "CHECK-4" } else { "RANGE" };
            assert_eq!(refusal(&row, 13), Some(expected), "{name} {below}");
        }
    });
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<ConfigureRow>();
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<ConfigureRow>(13).constraints.len(), 851);
}
