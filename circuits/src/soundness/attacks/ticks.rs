//! Ticks: rules 3, 4 and 15 of the review, at the one tuple that moves a price.

use ark_bn254::Fr;
use ark_ff::Field;

use super::bench::{Advice, Bench, advice, hint_numbers};
use super::corpus::{Forgery, SeededBug, by_bus, by_checks, check};
use super::weaken::Weak;
use crate::executor::tests::configure::begin_at;
use crate::executor::tests::{begin, genesis};
use crate::gadgets::row::Padded;
use crate::kinds::Capacities;
use crate::ops::{Context, Op, Tick};
use crate::soundness::batches::finish;
use crate::soundness::{fixture, kinds};
use crate::state::Market;
use crate::state::tags::TICK;

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "a price that a market takes without a tick row",
        rule: 15,
        weak: &[Weak::NoLookup(kinds::MARKET, TICK)],
        noticed: by_bus(&["tick"]),
        attack: price_without_a_tick_row,
    },
    SeededBug {
        name: "a tick row for another market",
        rule: 15,
        weak: &[Weak::NoComponent(TICK, 0)],
        noticed: by_bus(&["tick"]),
        attack: row_for_another_market,
    },
    SeededBug {
        name: "a market takes another price than its tick row's",
        rule: 15,
        weak: &[Weak::NoComponent(TICK, 1)],
        noticed: by_bus(&["tick"]),
        attack: another_price_than_the_rows,
    },
    SeededBug {
        name: "a price beyond the band, taken whole at once",
        rule: 15,
        weak: &[Weak::NoRange(kinds::MARKET, "market.reach")],
        noticed: by_bus(&["range"]),
        attack: a_wider_band,
    },
    SeededBug {
        name: "a price further out than the last tick asked for, taken whole",
        rule: 15,
        weak: &[Weak::NoCheck(kinds::MARKET, "MKT-33")],
        noticed: by_bus(&["range"]),
        attack: further_out_than_confirmed,
    },
    SeededBug {
        name: "a price confirmed by one of long ago",
        rule: 15,
        weak: &[Weak::NoCheck(kinds::MARKET, "MKT-33")],
        noticed: by_bus(&["range"]),
        attack: confirmed_by_an_old_price,
    },
    SeededBug {
        name: "a market takes another rate than its tick row's",
        rule: 15,
        weak: &[Weak::NoComponent(TICK, 2)],
        noticed: by_bus(&["tick"]),
        attack: another_rate_than_the_rows,
    },
    SeededBug {
        name: "two tick rows for one market, whose last tick is then in the future",
        rule: 3,
        weak: &[Weak::NoBit(kinds::MARKET, "market.ticks"), Weak::Without(kinds::MARKET, "MKT-4")],
        noticed: by_checks(&["INT-1 of market leaf", "MKT-4 of market leaf"]),
        attack: two_rows_for_one_market,
    },
    SeededBug {
        name: "a tick taken back by a row that counts minus one",
        rule: 3,
        weak: &[Weak::NoBit(kinds::TICK, "tick.enable")],
        noticed: by_checks(&["INT-1 of tick"]),
        attack: tick_taken_back,
    },
    SeededBug {
        name: "a disabled tick row that sends",
        rule: 4,
        weak: &[Weak::LateMultiplicity(kinds::TICK, TICK)],
        noticed: by_bus(&["tick"]),
        attack: disabled_row_that_sends,
    },
];

#[test]
fn every_bug_of_ticks_is_caught() {
    check(BUGS);
}

/// A batch of two markets and room for two ticks, of which these happen.
fn ticked(ticks: &[Tick]) -> Bench {
    let grow = |c: &mut crate::kinds::Capacities| (c["markets"], c["ticks"]) = (2, 2);
    Bench::grown(grow, 2, |executor| {
        for tick in ticks {
            executor.apply(&Op::Tick(*tick)).unwrap();
        }
    })
}

fn tick(market: u16) -> Tick {
    Tick { market, price: 101 << 32, rate: 40 }
}

/// The market's row ticks, and no row says so. The honest batch has no tick.
fn price_without_a_tick_row() -> Forgery {
    let mut inputs = ticked(&[tick(1)]).inputs();
    assert_ne!(inputs.markets[0].old.price, inputs.markets[0].new.price);
    inputs.ticks.clear();
    Forgery::new(ticked(&[]), inputs, [])
}

/// Market 1 ticks, the row is one for market 2.
fn row_for_another_market() -> Forgery {
    let bench = ticked(&[tick(1)]);
    let mut inputs = bench.inputs();
    inputs.ticks[0].market = 2;
    Forgery::new(bench, inputs, [])
}

fn another_price_than_the_rows() -> Forgery {
    let bench = ticked(&[tick(1)]);
    let mut inputs = bench.inputs();
    let market = &mut inputs.markets[0].record;
    (market.tick, market.new.price) = (Some(Tick { price: 102 << 32, ..tick(1) }), 102 << 32);
    Forgery::coherent(bench, inputs, [])
}

/// A price half above the one in force, of which the band lets a fifth through; the row divides to half of it.
fn a_wider_band() -> Forgery {
    let asked = Tick { price: 150 << 32, ..tick(1) };
    let bench = ticked(&[asked]);
    let mut inputs = bench.inputs();
    let record = &mut inputs.markets[0].record;
    let (time, old) = (bench.trace.new_globals.time, record.old);
    let context = Context { time, observed: time, ..fixture::context() };
    assert_eq!((old.price, old.band, record.new.price), (100 << 32, 200_000, 120 << 32));
    let wide = Market { band: 500_000, ..old };
    let taken = crate::ops::tick::apply(&context, &asked, &wide).expect("a legal tick");
    record.new = Market { band: old.band, open_interest: record.new.open_interest, ..taken };
    let forged = [advice(kinds::MARKET, 0, "market.reach", |_| Fr::from(50u64 << 32))];
    Forgery::coherent(bench, inputs, forged)
}

/// Number among the market's compares, behind two of MKT-24, five of MKT-35 and MKT-36 and two of MKT-5: whether the last price is
/// recent.
const RECENT: usize = 9;
/// Whether the asked price is further out than the tick may bring.
const FURTHER: usize = 11;

/// A tick that asks for 200 where the last one, up to so many seconds before, asked for 150 and got 120. The row has the
/// opposite sign of a compare, and takes the price that the law gives to `as_if`.
fn turned(seconds: u64, sign: usize, as_if: impl Fn(Market) -> Market) -> Forgery {
    let asks = |units: u64| Op::Tick(Tick { price: units << 32, ..tick(1) });
    let mut executor = begin(genesis(1), Capacities::UNLIMITED);
    executor.apply(&asks(150)).unwrap();
    let (state, _) = finish(executor);
    let time = state.globals().time + seconds;
    let (state, _) = finish(begin_at(state, time, Capacities::UNLIMITED));
    let bench = Bench::after(state, |executor| drop(executor.apply(&asks(200)).unwrap()));
    let mut inputs = bench.inputs();
    let record = &mut inputs.markets[0].record;
    assert_eq!((record.old.asked, record.old.price), (150 << 32, 120 << 32));
    let time = bench.trace.new_globals.time;
    let context = Context { time, observed: time, ..fixture::context() };
    let asked = record.tick.expect("a tick");
    let taken = crate::ops::tick::apply(&context, &asked, &as_if(record.old)).expect("a legal tick");
    assert!(taken.price > record.new.price);
    record.new = Market { open_interest: record.new.open_interest, ..taken };
    let number = hint_numbers(&bench, kinds::MARKET, 0, "int.is_nonnegative")[sign];
    let choose =
        move |_: &'static str, n: usize, honest: Fr| if n == number { Fr::ONE - honest } else { honest };
    Forgery::coherent(bench, inputs, [Advice { kind: kinds::MARKET, row: 0, choose: Box::new(choose) }])
}

/// 200 instead of 150.
fn further_out_than_confirmed() -> Forgery {
    turned(0, FURTHER, |old| Market { asked: 200 << 32, ..old })
}

/// 150, which was asked for 901 seconds before, instead of the band's end.
fn confirmed_by_an_old_price() -> Forgery {
    turned(900, RECENT, |old| Market { last_tick: old.last_tick + 1, ..old })
}

fn another_rate_than_the_rows() -> Forgery {
    let bench = ticked(&[tick(1)]);
    let mut inputs = bench.inputs();
    inputs.markets[0].tick = Some(Tick { rate: 1_000_000, ..tick(1) });
    Forgery::coherent(bench, inputs, [])
}

/// A row that takes two ticks of the price in force. Its time of the last tick goes up twice as far as the
/// batch's time did, so it cannot tick again for as long.
fn two_rows_for_one_market() -> Forgery {
    let price = ticked(&[tick(1)]).inputs().markets[0].old.price;
    let bench = ticked(&[Tick { market: 1, price, rate: 0 }]);
    let mut inputs = bench.inputs();
    inputs.ticks.push(inputs.ticks[0]);
    let forged = [advice(kinds::MARKET, 0, "market.ticks", |_| Fr::from(2u64))];
    Forgery::coherent(bench, inputs, forged)
}

/// A tick that a row announces moves no market: a second row takes it back. The honest batch has the market
/// open, but no tick.
fn tick_taken_back() -> Forgery {
    let bench = ticked(&[]);
    let mut inputs = bench.inputs();
    let announced = Padded::enabled(Tick { market: 1, price: 101 << 32, rate: 40 });
    inputs.ticks = vec![announced, announced];
    let forged = [advice(kinds::TICK, 1, "tick.enable", |_| -Fr::ONE)];
    Forgery::new(bench, inputs, forged)
}

/// The row of a market's tick takes no part, and sends: how often is chosen after the challenge.
fn disabled_row_that_sends() -> Forgery {
    let bench = ticked(&[tick(1)]);
    let mut inputs = bench.inputs();
    inputs.ticks[0].enabled = false;
    Forgery::new(bench, inputs, [])
}

/// A market that was ticked cannot be ticked again: no row receives the second row's tuple.
#[test]
pub fn a_second_tick_row() {
    let bench = ticked(&[tick(1)]);
    let mut inputs = bench.inputs();
    inputs.ticks.push(inputs.ticks[0]);
    inputs.ticks[1].price += 1 << 32;
    bench.verdict(&inputs, &[]).only_unbalances(&["tick"]);
}
