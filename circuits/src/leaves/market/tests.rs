//! The market leaf's row against the native tick and leaf, and against forged advice.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};

use self::signed::{drawn_rows, followed, signed_rows, spoilt_rates};
use super::Market;
use super::{MarketLeaf, MarketRecord};
use crate::gadgets::cs::{Direction, Shared, Tag};
use crate::gadgets::int::fr_from_i128;
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::var::power_of_two;
use crate::ops::{Context, Tick, tick};
use crate::params::FUNDING_INDEX_OFFSET;
use crate::soundness::fixture::{context, market, tiered};
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::leaf_forge::{every_hint_is_pinned, leaf_tuple};
use crate::state::Beyond;
use crate::state::tags::{LISTED, MARKET, MEDIAN, NODE, OI, RISK, TICK, TIER};
use crate::state::tree::market_leaf;

const ID: u16 = 300;
const NOW: u64 = 3_000;

fn with_time<T>(time: u64, test: impl FnOnce(Shared<'_>) -> T) -> T {
    let mut globals = [Fr::ZERO; crate::state::wires::COUNT];
    for wire in [crate::state::wires::TIME, crate::state::wires::OBSERVED] {
        globals[usize::from(wire)] = Fr::from(time);
    }
    test(Shared { limb_bits: 13, globals: &globals })
}

fn run_at(time: u64, input: &(impl Clone + Into<Padded<MarketRecord>>)) -> RowWitness {
    with_time(time, |shared| RowWitness::compute::<MarketLeaf>(shared, 6, &[], &input.clone().into()))
}

fn run(input: &(impl Clone + Into<Padded<MarketRecord>>)) -> RowWitness {
    run_at(NOW, input)
}

/// The row of a market that opens without a tick.
fn opened(time: u64, old: Market) -> MarketRecord {
    let new = tick::open(&Context { time, observed: time, ..context() }, &old).expect("a legal opening");
    let new = Market { open_interest: old.open_interest + 90, ..new };
    MarketRecord {
        id: ID,
        old,
        tick: None,
        median: None,
        premium: None,
        new,
        open_interest_at: 77,
        configured: None,
    }
}

/// The row of a stated tick (native's verdict on it) and an open interest moved by the batch.
fn ticked(time: u64, old: Market, op: Tick) -> Result<MarketRecord, crate::reject::Reject> {
    let new = tick::apply(&Context { time, observed: time, ..context() }, &op, &old)?;
    let new = Market { open_interest: old.open_interest + 90, ..new };
    Ok(MarketRecord {
        id: ID,
        old,
        tick: Some(op),
        median: None,
        premium: None,
        new,
        open_interest_at: 77,
        configured: None,
    })
}

fn op(price: u64, rate: i32) -> Tick {
    Tick { market: ID, price, rate }
}

fn honest() -> MarketRecord {
    let old = Market { open_interest: 5_000, ..market() };
    ticked(NOW, old, op(101 << 32, -777)).expect("a legal tick")
}

/// The honest row but for its rate, which its funding does not follow.
fn with_rate(rate: i32) -> MarketRecord {
    MarketRecord { tick: Some(op(101 << 32, rate)), ..honest() }
}

/// A row with what its batch states.
pub struct Sample {
    /// Time of the batch, seconds.
    pub time: u64,
    /// Epoch of the lists, where prices are signed.
    pub epoch: Option<u64>,
    /// The batch has lists of premiums.
    pub premiums: bool,
    /// The market.
    pub record: MarketRecord,
}

impl Sample {
    /// Values of the global wires, zero where rows of markets read none.
    pub fn globals(&self) -> [Fr; crate::state::wires::COUNT] {
        use crate::state::wires::{COUNT, HOUR, OBSERVED, PREMIUMS, SIGNED, TIME};
        let observed = self.epoch.map_or(self.time, |epoch| 10 * epoch);
        let mut globals = [Fr::ZERO; COUNT];
        for (wire, value) in [
            (TIME, self.time),
            (OBSERVED, observed),
            (HOUR, observed / 3_600),
            (SIGNED, self.epoch.is_some().into()),
            (PREMIUMS, self.premiums.into()),
        ] {
            globals[usize::from(wire)] = Fr::from(value);
        }
        globals
    }

    fn run(&self, record: &(impl Clone + Into<Padded<MarketRecord>>)) -> RowWitness {
        let shared = Shared { limb_bits: 13, globals: &self.globals() };
        RowWitness::compute::<MarketLeaf>(shared, 6, &[], &record.clone().into())
    }

    fn context(&self) -> Context {
        let observed = self.epoch.map_or(self.time, |epoch| 10 * epoch);
        Context { time: self.time, observed, is_signed: self.epoch.is_some(), ..context() }
    }
}

/// Rows for the gates.
pub fn rows() -> Vec<Sample> {
    let old = Market { open_interest: 5_000, ..tiered() };
    let mut all = vec![(NOW, honest())];
    for (time, price, rate) in [(1_199, 1, 1_000_000), (900_000, 1 << 45, -1), (4_601, 100 << 32, 0)] {
        all.push((time, ticked(time, old, op(price, rate)).expect("a legal tick")));
    }
    // Beyond the band after a tick that was, on both sides; without a tick; at the end of a cut's minute.
    for (beyond, asked) in [(Beyond::Above, 125 << 32), (Beyond::Below, 5)] {
        let old = Market { beyond, asked, cut_at: 1_150, ..old };
        for (time, price) in [(1_209, 1), (1_210, 130 << 32), (1_200, 100 << 32), (1_209, 100 << 32)] {
            all.push((time, ticked(time, old, op(price, 7)).expect("a legal tick")));
        }
        all.push((1_209, opened(1_209, old)));
        // As old as a price may be that confirms, and older.
        all.extend([1_900, 1_901].map(|time| (time, ticked(time, old, op(1, 7)).expect("a legal tick"))));
    }
    let cut = Market { cut_at: 1_150, ..old };
    all.extend([1_209, 1_210].map(|time| (time, opened(time, cut))));
    // Older than its ages, and as old.
    let aging = Market { still_age: 60, halt_age: 90, ..old };
    all.extend([1_060, 1_061, 1_090, 1_091].map(|time| (time, opened(time, aging))));
    for status in [2, 3] {
        all.push((NOW, opened(NOW, Market { status, ..old })));
    }
    // Refused: a rate above the cap and below it, a price above the largest and of zero.
    let at_once = |record: MarketRecord| (NOW, record);
    all.extend([1_000_001, -1_000_001].map(|rate| at_once(with_rate(rate))));
    let mut above =
        ticked(NOW, Market { max_price: 110 << 32, ..old }, op(110 << 32, 0)).expect("a legal tick");
    (above.tick, above.new.price) = (Some(op(above.new.price + 1, 0)), above.new.price + 1);
    let tiny = Market { price: 1, band: 1_000_000, ..old };
    let mut none = ticked(NOW, tiny, op(1, 0)).expect("a legal tick");
    (none.tick, none.new.price) = (Some(op(0, 0)), 0);
    all.extend([above, none].map(at_once));
    let shut = Market { status: 0, ..old };
    all.push((NOW, opened(NOW, shut)));
    all.push((NOW, opened(NOW, old)));
    // Open interest below, inside and beyond its bounds.
    for held in [0, 101, 400] {
        let bounded = Market { open_notional_low: 5_000, open_notional_high: 15_000, open_growth: 7, ..old };
        all.push((NOW, opened(NOW, Market { open_interest: held, ..bounded })));
    }
    // In arrears before or after, or neither, with a rate of both signs or none; a tick's own rate waits.
    for (rate, in_arrears) in [(-777, true), (777, true), (777, false), (0, true)] {
        let old = Market { rate, in_arrears, funding_remainder: 3_599_999_999_999, ..old };
        for time in [4_600, 4_601, 9_000] {
            all.push((time, opened(time, old)));
            all.push((time, ticked(time, old, op(101 << 32, 5)).expect("a legal tick")));
        }
    }
    let unsigned = |(time, record)| Sample { time, epoch: None, premiums: false, record };
    let signed: Vec<Sample> = signed_rows().into_iter().chain(drawn_rows().into_iter().step_by(5)).collect();
    let ticks = signed.iter().filter(|sample| sample.record.tick.is_some());
    let spoilt: Vec<Sample> = ticks.step_by(4).flat_map(spoilt_rates).collect();
    let configured = [configured::changed(), configured::listed()].into_iter().chain(configured::not_begun());
    let configured = configured.map(|record| unsigned((configured::LATER, record)));
    all.into_iter().map(unsigned).chain(signed).chain(spoilt).chain(configured).collect()
}

fn sent(row: &RowWitness, tag: Tag) -> Vec<Vec<Fr>> {
    crate::soundness::samples::tuples(row, tag, Direction::Send)
}

fn agrees(time: u64, input: &MarketRecord) {
    let row = run_at(time, input);
    assert_eq!((row.violations.clone(), refusal(&row, 13)), (vec![], None), "{input:?}");
    assert_eq!(
        leaf_tuple(&row),
        [Fr::from(market_leaf(ID)), input.old.leaf(), input.new.leaf()],
        "{input:?}"
    );
    let index = Fr::from((input.new.funding_index + FUNDING_INDEX_OFFSET) as u128);
    let price = Fr::from(input.new.price);
    let asked = input.tick.map_or(Fr::ZERO, |tick| {
        let rate = fr_from_i128(tick.rate.into()) + power_of_two(30);
        Fr::from(1u64) + rate * power_of_two(1) + Fr::from(tick.price) * power_of_two(32)
    });
    let element =
        Fr::from(ID) + price * power_of_two(9) + index * power_of_two(63) + asked * power_of_two(159);
    assert_eq!(row.published, [element]);
    // Open interest counts as the batch begins.
    let begins = Market { open_interest: input.old.open_interest, ..input.new };
    let in_force = Fr::from(begins.initial_in_force());
    let market = &sent(&row, MARKET)[0];
    assert_eq!([market[3], market[13]], [in_force, Fr::from(begins.open_interest_limit())], "{input:?}");
    let still = Fr::from(input.new.still);
    assert_eq!(sent(&row, RISK), [[Fr::from(ID), price, index, in_force, still]]);
    assert_eq!(sent(&row, TIER), tiers(&input.old));
    assert_eq!(sent(&row, LISTED), [[Fr::from(ID), Fr::from(input.new.min_lots)]]);
    let traded = crate::ops::traded(&Context { time, ..context() }, &input.new);
    let traded = traded.into_iter().all(|check| check.require().is_ok());
    let key = if traded { u64::from(ID) } else { (1 << 20) + 6 };
    assert_eq!(sent(&row, MARKET)[0][0], Fr::from(key), "{input:?}");
    let open_interest = [Fr::from(u64::from(ID) << 26), Fr::from(input.old.open_interest)];
    assert_eq!(sent(&row, OI), [open_interest]);
    let (asked, rate) = input.tick.map_or((0, 0), |tick| (tick.price, tick.rate));
    let received = crate::soundness::samples::tuples(&row, TICK, Direction::Receive);
    assert_eq!(received, [[Fr::from(ID), Fr::from(asked), fr_from_i128(rate.into())]]);
    assert_eq!(ticks_received(&row), Fr::from(u64::from(input.tick.is_some())));
}

/// The TIER tuples of a market, by the definition: `A_j = A_{j-1} + T_j·(m_j - m_{j-1})`.
fn tiers(market: &Market) -> Vec<[Fr; 7]> {
    let first = (0, market.initial_fraction, market.maintenance_fraction);
    let higher = market.tiers.map(|tier| (tier.from, tier.initial_fraction, tier.maintenance_fraction));
    let all: Vec<_> = [first].into_iter().chain(higher).collect();
    let scaled = |from: u64| Fr::from(from) * power_of_two(32);
    let offset = |upto: usize, fraction: fn(&(u64, u32, u32)) -> u32| -> Fr {
        let rise = |j: usize| Fr::from(fraction(&all[j])) - Fr::from(fraction(&all[j - 1]));
        (1..=upto).map(|j| Fr::from(all[j].0) * rise(j)).sum()
    };
    let tuple = |j: usize| {
        let low = if j == 0 { Fr::ZERO } else { scaled(all[j].0) + Fr::from(1u64) };
        let high = all.get(j + 1).map_or(power_of_two(95), |next| scaled(next.0));
        let (imf, mmf) = (Fr::from(all[j].1), Fr::from(all[j].2));
        [Fr::from(ID), low, high, imf, mmf, offset(j, |tier| tier.1), offset(j, |tier| tier.2)]
    };
    (0..all.len()).map(tuple).collect()
}

/// How often the row receives TICK.
fn ticks_received(row: &RowWitness) -> Fr {
    row.interactions.iter().filter(|i| i.tag == TICK).map(|i| i.multiplicity).sum()
}

#[test]
fn agrees_with_native_ticks() {
    let old = Market { open_interest: 5_000, ..market() };
    // Same window and later ones; short and long intervals; clamped from both sides; both signs.
    for time in [1_000, 1_199, 1_200, 1_500, 4_599, 4_600, 4_601, 900_000] {
        for price in [1, 79 << 32, 100 << 32, (100 << 32) + 1, 121 << 32, 1 << 45] {
            for rate in [-1_000_000, -1, 0, 1, 1_000_000] {
                agrees(time, &ticked(time, old, op(price, rate)).expect("a legal tick"));
            }
        }
    }
    // Prices at the ends of their range, and a last tick on each side.
    for price in [120 << 32, 1, (1 << 54) - 1, 3] {
        let (low, high) = Market { price, ..old }.band_ends();
        for (beyond, cut_at) in [(Beyond::None, 0), (Beyond::Above, 1_040), (Beyond::Below, 1_041)] {
            for asked in [1, low.max(2) - 1, low, price, high, high + 1] {
                let asked = asked.min((1 << 54) - 1);
                let old = Market { price, beyond, cut_at, asked, max_price: (1 << 54) - 1, ..old };
                for stated in [1, asked.max(2) - 1, asked, asked + 1, (1 << 54) - 1] {
                    for time in [1_100, 1_900, 1_901, 2_000] {
                        let stated = stated.min((1 << 54) - 1);
                        agrees(time, &ticked(time, old, op(stated, 999_999)).expect("a legal tick"));
                    }
                }
            }
        }
    }
}

#[test]
fn agrees_on_what_is_still_and_what_is_traded() {
    let old = Market { open_interest: 5_000, still_age: 60, halt_age: 90, ..market() };
    for time in [1_000, 1_060, 1_061, 1_090, 1_091] {
        for status in [0, 1, 2, 3, 15] {
            for (beyond, cut_at) in [(Beyond::None, 0), (Beyond::None, 1_001), (Beyond::Below, 1_030)] {
                for still in [false, true] {
                    let old = Market { status, beyond, cut_at, still, ..old };
                    agrees(time, &opened(time, old));
                    agrees(time, &ticked(time, old, op(100 << 32, 0)).expect("a legal tick"));
                }
            }
        }
    }
    // A price observed before the batch.
    let followed = followed(230, old, Some(101 << 32), None);
    assert!(followed.record.new.still && NOW - followed.record.new.last_tick > 90);
    let row = followed.run(&followed.record);
    assert_eq!(refusal(&row, 13), None);
    assert_eq!(sent(&row, RISK)[0][4], Fr::from(1u64));
    assert_eq!(sent(&row, MARKET)[0][0], Fr::from((1u64 << 20) + 6), "too old to trade at");
}

#[test]
fn a_market_without_a_tick_keeps_its_quotes() {
    let old = Market { open_interest: 5_000, funding_index: -5, ..market() };
    let untouched = opened(NOW, old);
    agrees(NOW, &untouched);
    // The row computes the price after the batch; no record states it.
    let mut forged = untouched;
    forged.new.price += 1;
    assert_eq!(leaf_tuple(&run(&forged)), leaf_tuple(&run(&untouched)));
}

#[test]
fn rejects_prices_outside_the_range() {
    let old = Market { open_interest: 5_000, max_price: 110 << 32, ..market() };
    let accepts = |price| {
        let mut input = ticked(NOW, old, op(old.price, 0)).expect("a legal tick");
        input.tick = Some(op(price, 0));
        refusal(&run(&input), 13).is_none()
    };
    for (price, expected) in [(0, false), (1, true), (110 << 32, true), ((110 << 32) + 1, false)] {
        assert_eq!(accepts(price), expected, "{price}");
        assert_eq!(ticked(NOW, old, op(price, 0)).is_ok(), expected);
    }
}

/// The prices that a forger of the breaker's advice can bring about.
fn prices(old: Market, asked: u64) -> Vec<Fr> {
    let honest = ticked(NOW, old, op(asked, 0)).expect("a legal tick");
    let price_of = |row: &RowWitness| sent(row, RISK)[0][1];
    let mut found = vec![price_of(&run(&honest))];
    with_time(NOW, |shared| {
        let forger = Forger::<MarketLeaf>::new(&honest).in_block(shared, 6, &[]);
        for (number, (name, value)) in forger.hints().into_iter().enumerate() {
            let others = [value + Fr::from(1u64), value - Fr::from(1u64), Fr::from(1u64) - value];
            if ["market.reach", "int.is_nonnegative"].contains(&name) {
                for other in others {
                    let row = forger.run(&|_, n, v| if n == number { other } else { v });
                    if refusal(&row, 13).is_none() {
                        found.push(price_of(&row));
                    }
                }
            }
        }
    });
    found
}

#[test]
fn a_price_is_no_further_out_than_the_band_and_the_one_asked_for_last() {
    for (price, band) in [(3, 900_000), (10, 300_000), (1, 0), (100 << 32, 200_000)] {
        let (low, high) = Market { price, band, ..market() }.band_ends();
        for last in [1, price, high + 1, high + 9] {
            for last_tick in [NOW - 900, NOW - 901] {
                let old = Market { price, band, last_tick, asked: last, open_interest: 5_000, ..market() };
                let confirms = if last_tick == NOW - 900 { last } else { price };
                for asked in [1, low, low + 1, price, high.max(2) - 1, high, high + 1, high + 10, 1 << 45] {
                    let taken = asked.clamp(low.min(confirms), high.max(confirms));
                    assert!(
                        prices(old, asked).iter().all(|price| *price == Fr::from(taken)),
                        "{asked} of {old:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_price_asked_for_without_a_tick_is_refused() {
    // A tick that the record denies: the asked price is the only thing left of it.
    let old = Market { open_interest: 5_000, ..market() };
    let idle = opened(NOW, old);
    let row = with_time(NOW, |shared| {
        let forger = Forger::<MarketLeaf>::new(&idle).in_block(shared, 6, &[]);
        forger.run(&|name, _, value| if name == "market.asked" { Fr::from(old.price) } else { value })
    });
    assert_eq!(row.violations, ["MKT-4"]);
}

#[test]
fn rejects_rates_above_the_cap_and_indices_out_of_range() {
    for (rate, expected) in [(1_000_000, true), (1_000_001, false), (-1_000_000, true), (-1_000_001, false)] {
        let native = ticked(NOW, honest().old, op(100 << 32, rate)).is_ok();
        let row = run(&with_rate(rate));
        assert_eq!((native, refusal(&row, 13).is_none()), (expected, expected), "{rate}");
    }
    for (rate, distance) in [(1_000_000, 1), (-1_000_000, 0)] {
        let edge = FUNDING_INDEX_OFFSET - distance;
        let old = Market { funding_index: if rate > 0 { edge } else { -edge }, ..honest().old };
        assert!(ticked(NOW, old, op(100 << 32, rate)).is_err());
        let new = Market { last_tick: NOW, ..old };
        assert_eq!(
            refusal(&run(&MarketRecord { old, tick: Some(op(new.price, rate)), new, ..honest() }), 13),
            Some("RANGE")
        );
    }
}

#[test]
fn rejects_a_time_before_that_to_which_funding_is_paid() {
    let old = Market { paid_until: NOW + 1, ..honest().old };
    let record = |old: Market, new| MarketRecord { old, tick: None, new, ..honest() };
    assert_eq!(refusal(&run(&record(old, old)), 13), Some("RANGE"));
    let row = run(&Padded::disabled(record(old, old)));
    assert_eq!(refusal(&row, 13), None, "padding has no time");
}

#[test]
fn agrees_with_native_openings() {
    let old = Market { open_interest: 5_000, funding_index: -5, ..market() };
    // Paid up to each end of the interval; odd remainders; both signs; at the end of the times.
    for rate in [-1_000_000, -777, 0, 1, 1_000_000] {
        for (remainder, in_arrears) in [(0, false), (1, true), (3_599_999_999_999, false)] {
            for time in [1_000, 1_001, 4_599, 4_600, 4_601, (1 << 40) - 1] {
                let old = Market { rate, funding_remainder: remainder, in_arrears, ..old };
                agrees(time, &opened(time, old));
                agrees(time, &ticked(time, old, op(101 << 32, 555)).expect("a legal tick"));
            }
        }
    }
    for funding_interval in [1, u16::MAX] {
        let old = Market {
            rate: 1_000_000,
            funding_interval,
            price: (1 << 54) - 1,
            max_price: (1 << 54) - 1,
            ..old
        };
        agrees(NOW, &opened(NOW, old));
        agrees(900_000, &opened(900_000, old));
    }
}

#[test]
fn agrees_on_what_follows_from_open_interest() {
    let of = |low, high, open_growth, open_interest| Market {
        open_notional_low: low,
        open_notional_high: high,
        open_growth,
        open_interest,
        ..market()
    };
    let top = (1 << 63) - 1;
    // Below, at, inside, at the end and beyond, from units to the widest; with a rounding and without.
    for (low, high) in
        [(0, 0), (0, 1), (5_000, 15_000), (4_999, 15_000), (0, top), (top - 1, top), (1 << 40, top)]
    {
        for growth in [0, 1, 7, 50, (1 << 56) - 1] {
            for held in [0, 1, 99, 100, 101, 150, 299, 300, 301, 1 << 40, u64::MAX - 90] {
                let market = of(low, high, growth, held);
                agrees(NOW, &opened(NOW, market));
                agrees(
                    NOW,
                    &ticked(NOW, Market { initial_fraction: 999_999, ..market }, op(103 << 32, 5)).unwrap(),
                );
            }
        }
    }
    let dear = Market { price: (1 << 54) - 1, max_price: (1 << 54) - 1, ..of(9, top, 3, 1 << 60) };
    agrees(NOW, &opened(NOW, dear));
    agrees(NOW, &opened(NOW, Market { price: 1, ..dear }));
}

#[test]
fn an_opening_does_not_choose_its_funding() {
    let old = Market { rate: -777, in_arrears: true, open_interest: 5_000, ..market() };
    let honest = ticked(9_000, old, op(101 << 32, 555)).expect("a legal tick");
    assert_eq!((honest.new.rate, honest.new.in_arrears), (-777, true), "in arrears");
    let row = with_time(9_000, |shared| {
        let forger = Forger::<MarketLeaf>::new(&honest).in_block(shared, 6, &[]);
        // What it pays for cut off early: the next tick would choose the rate of the rest.
        let hints = forger.hints();
        let bits = hints.iter().filter(|(name, _)| *name == "int.is_nonnegative").count();
        (0..bits)
            .map(|which| {
                let mut seen = 0;
                let hints = forger.hints();
                let place = hints.iter().position(|(name, _)| {
                    seen += usize::from(*name == "int.is_nonnegative");
                    *name == "int.is_nonnegative" && seen == which + 1
                });
                let place = place.expect("a bit");
                forger.run(&|_, n, v| if n == place { Fr::from(1u64) - v } else { v })
            })
            .collect::<Vec<_>>()
    });
    assert!(row.len() >= 5 && row.iter().all(|row| refusal(row, 13).is_some()));
}

#[test]
fn a_market_that_is_not_open_is_not_for_trading() {
    let key = |status| {
        let old = Market { status, ..honest().old };
        let row = run(&ticked(NOW, old, op(100 << 32, 0)).expect("a legal tick"));
        assert_eq!(sent(&row, RISK)[0][0], Fr::from(ID), "accounts open whatever the status");
        sent(&row, MARKET)[0][0]
    };
    assert_eq!([1, 2].map(key), [Fr::from(ID); 2]);
    for status in [0, 3, 15] {
        // A key that is the row's own, above every market and every word's field for one.
        assert_eq!(key(status), Fr::from((1u64 << 20) + 6));
    }
}

#[test]
fn every_hint_of_the_row_is_pinned() {
    // Price and rate come from the tick that is received.
    let harmless = with_time(NOW, |shared| {
        every_hint_is_pinned::<MarketLeaf>(shared, &honest(), &["market.configured"])
    });
    // The inverse of a zero: status 1 less 1.
    assert_eq!(harmless, ["is_zero.inverse"]);
}

#[test]
fn padding_is_inert_and_its_keys_unreachable() {
    let row = run(&Padded::disabled(MarketLeaf::dummy()));
    assert_eq!(refusal(&row, 13), None);
    assert_eq!(row.published, [Fr::ZERO]);
    assert!(
        row.interactions
            .iter()
            .filter(|i| [OI, NODE, TICK].contains(&i.tag))
            .all(|i| i.multiplicity.is_zero())
    );
    for tag in [RISK, LISTED, MARKET] {
        assert_eq!(sent(&row, tag)[0][0], Fr::from((1u64 << 20) + 6));
    }
}

#[test]
fn padding_that_says_it_ticks_receives_nothing() {
    let row = run(&Padded::disabled(honest()));
    assert_eq!(row.violations, ["MKT-7"], "a rate without a tick");
    let row = run(&Padded::disabled(with_rate(0)));
    assert_eq!((refusal(&row, 13), ticks_received(&row)), (None, Fr::ZERO));
    // Nor does a market that could be traded provide anything under its id.
    for tag in [RISK, LISTED, MARKET] {
        assert_eq!(sent(&row, tag)[0][0], Fr::from((1u64 << 20) + 6));
    }
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<MarketLeaf>(13).constraints.len(), 1_606);
}

mod configured;
mod signed;
