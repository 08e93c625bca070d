//! Configurations: parameters that nobody proposed, other ones than are published, and each rule of a change or a
//! listing broken.

use super::bench::Bench;
use super::corpus::{Forgery, SeededBug, by_bus, by_checks, check};
use super::inputs::Inputs;
use super::weaken::Weak;
use crate::executor::Executor;
use crate::executor::tests::configure::{a_day_on, changing, listing};
use crate::executor::tests::{deposit, genesis, item, place};
use crate::gadgets::row::Padded;
use crate::kinds::Capacities;
use crate::leaves::market::Configured;
use crate::ops::configure::ConfigureRecord;
use crate::ops::{Fill, Op, Tick};
use crate::soundness::fixture::one_tier;
use crate::soundness::kinds;
use crate::state::tags::CONFIGURE;
use crate::state::{Market, Parameters, Side, State, Tier, higher_tiers};

/// A rule of a configuration, of which the attack breaks one bound.
const fn rule(name: &'static str, weak: &'static [Weak], attack: fn() -> Forgery) -> SeededBug {
    SeededBug { name, rule: 15, weak, noticed: by_bus(&["range"]), attack }
}

/// The same where the rule is an equation of the configuration's row.
const fn equation(
    name: &'static str,
    weak: &'static [Weak],
    noticed: &'static [&'static str],
    attack: fn() -> Forgery,
) -> SeededBug {
    SeededBug { name, rule: 15, weak, noticed: by_checks(noticed), attack }
}

macro_rules! without {
    ($id:literal) => {
        &[Weak::NoCheck(kinds::CONFIGURE, $id)]
    };
}

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "parameters that no configuration allows",
        rule: 15,
        weak: &[Weak::NoTuples(CONFIGURE)],
        noticed: by_bus(&["configure"]),
        attack: parameters_without_a_row,
    },
    SeededBug {
        name: "parameters changed without a bit that says so",
        rule: 15,
        weak: &[Weak::Without(kinds::MARKET, "MKT-27")],
        noticed: by_checks(&["MKT-27 of market leaf"]),
        attack: parameters_without_a_bit,
    },
    SeededBug {
        name: "a configuration that no market takes",
        rule: 15,
        weak: &[Weak::NoTuples(CONFIGURE)],
        noticed: by_bus(&["configure"]),
        attack: row_without_a_market,
    },
    SeededBug {
        name: "a configuration of another market",
        rule: 15,
        weak: &[Weak::NoComponent(CONFIGURE, 0)],
        noticed: by_bus(&["configure"]),
        attack: another_market,
    },
    SeededBug {
        name: "a market closes with other limits than are published",
        rule: 15,
        weak: &[Weak::NoComponent(CONFIGURE, 8)],
        noticed: by_bus(&["configure"]),
        attack: || closes_otherwise(|p| p.max_size += 1),
    },
    SeededBug {
        name: "a market closes with other fractions than are published",
        rule: 15,
        weak: &[Weak::NoComponent(CONFIGURE, 9)],
        noticed: by_bus(&["configure"]),
        attack: || closes_otherwise(|p| p.maintenance_fraction -= 1),
    },
    SeededBug {
        name: "a market closes with other bounds of open interest than are published",
        rule: 15,
        weak: &[Weak::NoComponent(CONFIGURE, 10)],
        noticed: by_bus(&["configure"]),
        attack: || closes_otherwise(|p| p.open_growth += 1),
    },
    SeededBug {
        name: "a market closes with other tiers than are published",
        rule: 15,
        weak: &[Weak::NoComponent(CONFIGURE, 14)],
        noticed: by_bus(&["configure"]),
        attack: || closes_otherwise(|p| p.tiers[7].from -= 1),
    },
    SeededBug {
        name: "steps from other tiers than the market has",
        rule: 15,
        weak: &[Weak::NoComponent(CONFIGURE, 4)],
        noticed: by_bus(&["configure"]),
        attack: || begins_otherwise(|market| market.tiers[0].maintenance_fraction += 1),
    },
    SeededBug {
        name: "steps from other limits than the market has",
        rule: 15,
        weak: &[Weak::NoComponent(CONFIGURE, 1)],
        noticed: by_bus(&["configure"]),
        attack: || begins_otherwise(|market| market.max_size -= 1),
    },
    SeededBug {
        name: "steps from other fractions than the market has",
        rule: 15,
        weak: &[Weak::NoComponent(CONFIGURE, 2)],
        noticed: by_bus(&["configure"]),
        attack: || begins_otherwise(|market| market.maintenance_fraction += 1),
    },
    SeededBug {
        name: "a market configured twice in a batch",
        rule: 3,
        weak: &[Weak::NoTuples(CONFIGURE)],
        noticed: by_bus(&["configure"]),
        attack: two_rows_for_one_market,
    },
    SeededBug {
        name: "an idle row whose market takes it",
        rule: 4,
        weak: &[Weak::LateMultiplicity(kinds::CONFIGURE, CONFIGURE)],
        noticed: by_bus(&["configure"]),
        attack: idle_row_that_speaks,
    },
    SeededBug {
        name: "a listing over a market that exists",
        rule: 12,
        weak: &[Weak::Without(kinds::MARKET, "MKT-29")],
        noticed: by_checks(&["MKT-29 of market leaf"]),
        attack: listed_with_funding,
    },
    equation(
        "a listing that opens with other parameters",
        without!("CFG-19"),
        &["CFG-19 of configure"],
        || listed_with(|record| record.before.min_lots -= 1),
    ),
    rule("market 0", without!("CFG-2"), market_of_no_number),
    rule("an interval of less than a minute", without!("CFG-4"), || changed(|p| p.funding_interval = 59)),
    rule("a leap of the smallest order", without!("CFG-14"), || changed(|p| p.min_lots = 13)),
    rule("a maker's fee above the whole", without!("CFG-5"), || changed(|p| p.maker_fee = 1_000_001)),
    rule("a largest price below the price", without!("CFG-6"), || changed(|p| p.max_price = 1 << 32)),
    rule("a position worth too much", without!("CFG-7"), || changed(|p| p.max_size = 1 << 55)),
    rule("fees that eat the margin", without!("CFG-8"), || {
        changed(|p| *p = one_tier(Parameters { initial_fraction: 55_499, ..*p }))
    }),
    rule("a second tier that requires less", without!("CFG-22"), || {
        changed(|p| p.tiers[0] = Tier { from: 7, initial_fraction: 100_000, maintenance_fraction: 49_999 })
    }),
    rule("a leap of a second tier", without!("CFG-23"), || {
        changed(|p| {
            p.tiers = higher_tiers(
                &[Tier { from: 7, initial_fraction: 100_000, maintenance_fraction: 55_002 }],
                [0; 2],
            )
            .expect("a short list");
        })
    }),
    rule("a rise over nothing", without!("CFG-9"), || {
        changed(|p| (p.open_notional_low, p.open_notional_high) = (7, 7))
    }),
    rule("orders above the largest position", without!("CFG-10"), || {
        changed_in(bench_after(a_day_on(genesis(1)), |_| ()), |p| (p.min_lots, p.max_size) = (12, 11))
    }),
    rule("halted before it is still", without!("CFG-21"), || {
        changed(|p| (p.still_age, p.halt_age) = (10, 9))
    }),
    rule("funding that eats the margin", without!("CFG-11"), || changed(|p| p.funding_cap = 12_500_001)),
    rule("a cap below the rate in force", without!("CFG-12"), || changed(|p| p.funding_cap = 39)),
    rule("a largest size below a position", without!("CFG-13"), || {
        changed(|p| (p.min_lots, p.max_size) = (1, 99))
    }),
    rule("a leap of the maintenance fraction", without!("CFG-14"), || {
        changed(|p| p.maintenance_fraction = 44_998)
    }),
    rule("a leap of the liquidation fee", without!("CFG-14"), || changed(|p| p.liquidation_fee = 4_498)),
    rule("a step an hour after the last", without!("CFG-15"), step_too_soon),
    equation("another lot", without!("CFG-16"), &["CHECK-2 of configure"], || changed(|p| p.lot = 2)),
    equation("another tick", without!("CFG-16"), &["CHECK-2 of configure"], || changed(|p| p.tick_quote = 2)),
    equation("a closed market opened", without!("CFG-17"), &["CHECK-4 of configure"], closed_market_opened),
    equation("a market closed over its positions", without!("CFG-18"), &["CHECK-2 of configure"], || {
        changed(|p| p.status = 0)
    }),
    rule("a status that no circuit knows", &[Weak::NoRange(kinds::CONFIGURE, "configure.status")], || {
        changed(|p| p.status = 4)
    }),
];

#[test]
fn every_bug_of_configurations_is_caught() {
    check(BUGS);
}

fn grow(c: &mut Capacities) {
    (c["configurations"], c["markets"], c["ticks"]) = (2, 2, 2);
}

/// Account 600 is long and 601 short 100 lots in market 1, and a day has passed.
fn traded() -> State {
    let mut executor = crate::executor::tests::begin(genesis(1), Capacities::UNLIMITED);
    let accounts = [10, 11].map(|number| deposit(&mut executor, number, 1_000_000));
    let taker = place(&mut executor, 10, accounts[0], item(1, Side::Buy, 100, 100));
    let maker = place(&mut executor, 11, accounts[1], item(1, Side::Sell, 100, 100));
    executor.apply(&Op::Fill(Fill { taker, maker, lots: 100 })).unwrap();
    a_day_on(executor.finish().unwrap().0)
}

/// Market 1 ticks at a rate of 40, and what else happens.
fn bench(run: impl FnOnce(&mut Executor)) -> Bench {
    bench_after(traded(), run)
}

fn bench_after(state: State, run: impl FnOnce(&mut Executor)) -> Bench {
    Bench::grown_after(grow, state, |executor| {
        executor.apply(&Op::Tick(Tick { market: 1, price: 101 << 32, rate: 40 })).unwrap();
        run(executor);
    })
}

/// Market 1 gets another smallest order.
fn configured() -> Bench {
    bench(|executor| {
        let op = changing(executor, 1, |p| p.min_lots = 11);
        executor.apply(&op).unwrap();
    })
}

/// Market 2 is listed.
fn listed() -> Bench {
    bench(|executor| {
        executor.apply(&listing(2, 100 << 32)).unwrap();
    })
}

/// The market of this row closes with these parameters.
fn close_with(inputs: &mut Inputs, row: usize, parameters: &Parameters) {
    let configured_at = inputs.statement.time;
    let market = &mut inputs.markets[row].record;
    market.new = market.new.configured(parameters, configured_at);
}

/// A batch without a configuration gets one that no law allows: its row, and the market's, agree.
fn changed_in(bench: Bench, change: impl FnOnce(&mut Parameters)) -> Forgery {
    let mut inputs = bench.inputs();
    let before = inputs.markets[0].new;
    let mut parameters = before.parameters();
    change(&mut parameters);
    inputs.configurations =
        vec![Padded::enabled(ConfigureRecord { market: 1, lists: false, before, parameters })];
    inputs.markets[0].configured = Some(Configured::Changed);
    close_with(&mut inputs, 0, &parameters);
    Forgery::coherent(bench, inputs, [])
}

fn changed(change: impl FnOnce(&mut Parameters)) -> Forgery {
    changed_in(bench(|_| ()), change)
}

fn parameters_without_a_row() -> Forgery {
    let mut inputs = configured().inputs();
    inputs.configurations.clear();
    Forgery::new(bench(|_| ()), inputs, [])
}

fn parameters_without_a_bit() -> Forgery {
    let mut inputs = configured().inputs();
    inputs.configurations.clear();
    inputs.markets[0].configured = None;
    Forgery::new(bench(|_| ()), inputs, [])
}

fn row_without_a_market() -> Forgery {
    let mut inputs = bench(|_| ()).inputs();
    inputs.configurations = configured().inputs().configurations;
    Forgery::new(bench(|_| ()), inputs, [])
}

fn another_market() -> Forgery {
    let bench = configured();
    let mut inputs = bench.inputs();
    inputs.configurations[0].market = 2;
    Forgery::new(bench, inputs, [])
}

fn closes_otherwise(change: impl FnOnce(&mut Parameters)) -> Forgery {
    let bench = configured();
    let mut inputs = bench.inputs();
    let mut parameters = inputs.configurations[0].parameters;
    change(&mut parameters);
    close_with(&mut inputs, 0, &parameters);
    Forgery::coherent(bench, inputs, [])
}

fn begins_otherwise(change: impl FnOnce(&mut Market)) -> Forgery {
    let bench = configured();
    let mut inputs = bench.inputs();
    change(&mut inputs.configurations[0].before);
    Forgery::new(bench, inputs, [])
}

fn two_rows_for_one_market() -> Forgery {
    let bench = configured();
    let mut inputs = bench.inputs();
    inputs.configurations.push(inputs.configurations[0]);
    Forgery::new(bench, inputs, [])
}

/// The row publishes nothing, and takes the market: how often is chosen after the challenge.
fn idle_row_that_speaks() -> Forgery {
    let bench = configured();
    let mut inputs = bench.inputs();
    inputs.configurations[0].enabled = false;
    Forgery::new(bench, inputs, [])
}

/// A listed market begins with an index that its holders did not pay.
fn listed_with_funding() -> Forgery {
    let bench = listed();
    let mut inputs = bench.inputs();
    let market = &mut inputs.markets[1].record;
    (market.old.funding_index, market.new.funding_index) = (9, 9);
    Forgery::coherent(bench, inputs, [])
}

fn listed_with(change: impl FnOnce(&mut ConfigureRecord)) -> Forgery {
    let bench = listed();
    let mut inputs = bench.inputs();
    change(&mut inputs.configurations[0]);
    let before = inputs.configurations[0].before;
    let market = &mut inputs.markets[1].record;
    market.old = market.old.with_parameters(&before.parameters());
    Forgery::coherent(bench, inputs, [])
}

/// The market of number 0, that accounts without a position name.
fn market_of_no_number() -> Forgery {
    let bench = listed();
    let mut inputs = bench.inputs();
    inputs.configurations[0].market = 0;
    inputs.markets[1].id = 0;
    // Its leaf is the first of the wing; market 2's is the third of the same node.
    let parent = crate::state::tree::market_leaf(2) / 8;
    let node = inputs.nodes.iter_mut().find(|node| node.address == parent).expect("the parent of the leaf");
    node.touched = node.touched & !(1 << 2) | 1;
    (node.new[2], node.new[0]) = (node.old[2], node.new[2]);
    Forgery::coherent(bench, inputs, [])
}

/// The market was configured in the batch before.
fn step_too_soon() -> Forgery {
    let mut executor = crate::executor::tests::begin(traded(), Capacities::UNLIMITED);
    let op = changing(&executor, 1, |p| p.min_lots = 11);
    executor.apply(&op).unwrap();
    changed_in(bench_after(executor.finish().unwrap().0, |_| ()), |p| p.min_lots = 12)
}

fn closed_market_opened() -> Forgery {
    let mut executor = crate::executor::tests::begin(a_day_on(genesis(1)), Capacities::UNLIMITED);
    let op = changing(&executor, 1, |p| p.status = 0);
    executor.apply(&op).unwrap();
    changed_in(bench_after(a_day_on(executor.finish().unwrap().0), |_| ()), |p| p.status = 1)
}
