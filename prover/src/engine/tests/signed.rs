//! Prices that price signers sign: when a batch has their lists, and what becomes of ticks that must wait.

use super::ours::{any_row, any_tape, deposit, fill, market, of_shape, opened, order, ours, position, tick};
use super::*;
use crate::engine::EngineError;
use crate::wire::clock;
use proptest::prelude::*;
use zkmargin_circuits::ops::{Lane, Tick};
use zkmargin_circuits::params::EPOCH_SECONDS;

/// A shape with room for three signers and their lists of up to seven markets.
fn signed(name: &str) -> Settings {
    let Settings { mut capacities, .. } = of_shape(name);
    capacities["actions"] += 4;
    let capacities = capacities.with("signers", 3).with("quotes", 2).with("chunks", capacities["chunks"] + 6);
    Settings { signers: 3, capacities, ..settings(capacities["fills"]) }
}

/// Times of the batches after nine o'clock, and the epoch of the last lists of each, in seconds after it.
fn times(run: &Outcome) -> Vec<(u64, u64)> {
    let nine = clock::parse("2025-03-01T09:00:00Z").unwrap();
    let of = |batch: &Batch| {
        let globals = &batch.trace.new_globals;
        (globals.time - nine, (globals.epoch * EPOCH_SECONDS).saturating_sub(nine))
    };
    run.batches.iter().map(of).collect()
}

/// Oracle price of the only market in quote tokens.
fn price(run: &Outcome) -> u128 {
    let market = run.engine.state().market(1).unwrap();
    let per_unit = u128::from(market.price) * u128::from(market.lot) * 10_000;
    (per_unit + (1 << 31)) >> 32
}

#[test]
fn a_batch_with_ticks_opens_with_the_signers_lists() {
    let rows = [position(), vec![tick(64, "ETH", "2600", 7), deposit(65, "u1", "5")]].concat();
    let run = batches(opened(&rows), signed("demo"));
    assert_eq!(run.engine.genesis().signers.len(), 3);
    assert_eq!(times(&run), [(1, 0), (65, 60)]);
    let trace = &run.batches[1].trace;
    assert_eq!(
        (trace.of::<ActionRecord>().len(), trace.usage()["signers"], trace.usage()["ticks"]),
        (6, 3, 1),
        "three lists of prices, and three of premiums in the first tick of an hour"
    );
    let state = run.engine.state();
    let market = state.market(1).unwrap();
    assert_eq!((market.rate, market.last_tick), (7, state.globals().epoch * EPOCH_SECONDS));
    assert_eq!((price(&run), run.total().count(Kind::Tick)), (2_600_000_000, 1));
}

#[test]
fn the_first_row_may_be_a_tick() {
    let rows = [market("ETH"), tick(0, "ETH", "2600", 0), deposit(0, "u1", "5")];
    let run = batches(ours(&rows), signed("demo"));
    assert_eq!((times(&run), price(&run)), (vec![(0, 0)], 2_600_000_000));
}

#[test]
fn a_second_price_waits_for_its_epoch() {
    let rows = [
        tick(61, "ETH", "2510", 0),
        deposit(62, "u1", "1"),
        tick(63, "ETH", "2520", 0),
        deposit(64, "u1", "1"),
        tick(75, "ETH", "2530", 0),
    ];
    let run = batches(opened(&rows), signed("demo"));
    // The work after it goes on; it has a batch of its own when the epoch is over, and so has the next one.
    assert_eq!(times(&run), [(0, 0), (62, 60), (64, 60), (70, 70), (80, 80)]);
    assert_eq!((run.total().count(Kind::Tick), run.total().rows_refused), (3, 0));
    assert_eq!(price(&run), 2_530_000_000);
}

#[test]
fn of_two_prices_of_one_epoch_the_later_counts_and_both_rows_are_applied() {
    let rows = [
        tick(61, "ETH", "2510", 0),
        deposit(62, "u1", "1"),
        tick(63, "ETH", "2520", 5),
        deposit(64, "u1", "1"),
        tick(65, "ETH", "2540", 6),
        deposit(66, "u1", "1"),
    ];
    let run = batches(opened(&rows), signed("demo"));
    assert_eq!(times(&run), [(0, 0), (62, 60), (64, 60), (66, 60), (70, 70)]);
    assert_eq!((run.total().count(Kind::Tick), run.total().rows_applied), (2, 2 + 6));
    // The first tick of the hour has set the rate.
    assert_eq!((price(&run), run.engine.state().market(1).unwrap().rate), (2_540_000_000, 0));
}

#[test]
fn the_first_tick_of_an_hour_sets_the_rate_for_the_hour() {
    let rows = [
        tick(60, "ETH", "2510", 3),
        tick(80, "ETH", "2520", 5),
        deposit(3_590, "u1", "1"),
        tick(3_600, "ETH", "2530", 8),
        deposit(3_601, "u1", "1"),
        tick(3_700, "ETH", "2540", 9),
    ];
    let run = batches(opened(&rows), signed("demo"));
    let ticked: Vec<_> = run.batches.iter().filter(|batch| batch.trace.usage()["ticks"] > 0).collect();
    let rates: Vec<i32> = ticked.iter().map(|batch| batch.trace.of::<Tick>()[0].rate).collect();
    let lists: Vec<usize> = ticked
        .iter()
        .map(|batch| {
            let actions = batch.trace.of::<ActionRecord>().iter();
            actions.filter(|action| action.is_oracle() && action.lane == Lane::Cancels).count()
        })
        .collect();
    assert_eq!((rates, lists), (vec![3, 3, 8, 8], vec![3, 0, 3, 0]));
    assert_eq!(run.total().rows_refused, 0);
}

#[test]
fn a_waiting_price_is_in_force_for_the_first_row_of_its_epoch() {
    let rows = [
        tick(61, "ETH", "2510", 0),
        deposit(61, "u1", "1"),
        tick(62, "ETH", "2520", 0),
        deposit(63, "u1", "1"),
        order(70, "b", "u2", "sell", "1", ""),
        order(70, "a", "u1", "buy", "1", ""),
        fill(70, "b", "a", "1"),
    ];
    let run = batches(opened(&rows), signed("demo"));
    assert_eq!(times(&run), [(0, 0), (61, 60), (63, 60), (70, 70)]);
    assert_eq!(run.batches[2].closed, Closed::Tick);
    let last = &run.batches[3].trace;
    assert_eq!((last.usage()["ticks"], last.of::<FillRecord>().len()), (1, 1));
}

#[test]
fn more_ticks_than_rows_take_several_epochs() {
    let names: Vec<String> = (0..7).map(|i| format!("M{i}")).collect();
    let mut rows: Vec<String> = names.iter().map(|name| market(name)).collect();
    rows.extend(names.iter().map(|name| tick(60, name, "2600", 0)));
    rows.push(deposit(95, "u1", "5"));
    let run = batches(ours(&rows), signed("demo"));
    assert_eq!(run.total().count(Kind::Tick), 7);
    // Seven markets are two words: a list is chunked.
    assert_eq!((times(&run), run.batches[0].trace.usage()["chunks"]), (vec![(60, 60), (95, 90)], 3));
}

#[test]
fn funding_is_paid_at_signed_prices() {
    const HOURS: u64 = 5 * 3600;
    let rows = [
        position(),
        vec![tick(1800, "ETH", "2500", 1000), deposit(2 + HOURS, "u1", "1"), deposit(100_000, "u1", "1")],
    ];
    let run = batches(opened(&rows.concat()), signed("demo"));
    assert!(run.batches.iter().filter(|batch| batch.closed == Closed::Funding).count() >= 4);
    assert!(!run.engine.state().market(1).unwrap().in_arrears);
    assert_eq!(run.total().rows_refused, 0);
}

#[test]
fn a_price_that_the_market_cannot_have_is_refused_alone() {
    let rows = [market("ETH"), market("BTC"), tick(60, "ETH", "2500000", 0), tick(60, "BTC", "2600", 0)];
    let run = batches(ours(&rows), signed("demo"));
    assert_eq!(run.refused_for(Kind::Tick, Code::Law(Reject::NoQuorum)), 1);
    assert_eq!((run.total().count(Kind::Tick), run.batches.len()), (1, 1));
}

#[test]
fn prints_tick_at_signed_prices() {
    let mut rows = FUNDED.to_owned();
    for second in 10..60 {
        rows.push_str(&format!("\n2024-05-01T10:00:{second}Z,F,ann,ETH,B,10{second},0.01,,T,"));
    }
    let capacities = signed("demo").capacities.with("actions", 12);
    let run = batches(tape(&rows), Settings { capacities, ..signed("demo") });
    let unsigned = batches(tape(&rows), Settings { signers: 0, capacities, ..signed("demo") });
    assert_eq!(run.total().count(Kind::Fill), unsigned.total().count(Kind::Fill));
    let epochs: BTreeSet<u64> = run.batches.iter().map(|batch| batch.trace.new_globals.epoch).collect();
    assert!(epochs.len() > 3, "{epochs:?}");
    assert!(run.total().count(Kind::Tick) > 3);
}

#[test]
fn what_a_shape_lacks_is_said() {
    let rules = Settings { signers: 4, ..of_shape("demo") };
    let capacities = rules.capacities.with("actions", 4).with("signers", 3).with("quotes", 0);
    let error = Engine::new(opened(&[]), Settings { capacities, ..rules }).err().unwrap();
    assert!(matches!(&error, EngineError::PriceSigners { signers: 4, lacking } if lacking.len() == 3));
    let text = "no room for the lists of 4 price signers: signers: 4 rows needed, 3 in the shape; actions: 9 rows needed, 4 in \
                the shape; quotes: 1 rows needed, 0 in the shape";
    assert_eq!(error.to_string(), text);
}

#[test]
fn generated_flow_runs_at_signed_prices() {
    let tape = || Flow { fills: 120, ..Flow::default() }.generate().unwrap();
    let run = batches(tape(), signed("demo"));
    let unsigned = batches(tape(), Settings { signers: 0, ..signed("demo") });
    assert_eq!(run.total().count(Kind::Tick), unsigned.total().count(Kind::Tick));
    assert_eq!(run.total().count(Kind::Liquidation), unsigned.total().count(Kind::Liquidation));
    assert!(run.total().count(Kind::Tick) > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever the rows, each is applied or refused, once; no tick is lost while it waits.
    #[test]
    fn no_row_is_lost(choices in prop::collection::vec(any_row(), 1..120), small in 0..2usize, span in 0..2usize) {
        let rules = signed(["tiny", "demo"][small]);
        let span = [u64::MAX, 20][span];
        let run = batches(any_tape(&choices), Settings { sign: false, span, ..rules });
        let epochs: Vec<u64> = run.batches.iter().map(|batch| batch.trace.new_globals.epoch).collect();
        prop_assert!(epochs.is_sorted());
    }
}
