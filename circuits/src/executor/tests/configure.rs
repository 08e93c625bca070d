//! Configurations: when they are in force, what they keep out of the batch, and when they are refused.

use super::scenarios::{finish, funded, trade};
use super::*;
use crate::leaves::market::{Configured, MarketRecord};
use crate::ops::configure::{Configure, ConfigureRecord};
use crate::ops::{Fill, Tick};
use crate::params::FIRST_USER_ACCOUNT;
use crate::state::{Market, Parameters};

/// Seconds from the genesis to the first configuration of a market.
const DAY: u64 = 86_400;

/// An executor on `state` at a time.
pub(crate) fn begin_at(state: State, time: u64, capacities: Capacities) -> Executor {
    let signatures = SignatureCheck::Verify;
    Executor::begin(state, BatchContext { time, domain: domain(), capacities, signatures }).unwrap()
}

/// The state after an empty batch in which a day has passed.
pub(crate) fn a_day_on(state: State) -> State {
    let time = state.globals().time + DAY;
    begin_at(state, time, Capacities::UNLIMITED).finish().unwrap().0
}

/// Changes a market as the executor has it.
pub(crate) fn changing(executor: &Executor, market: MarketId, change: impl FnOnce(&mut Parameters)) -> Op {
    let mut parameters = executor.market(market).unwrap().parameters();
    change(&mut parameters);
    Op::Configure(Box::new(Configure { market, first_price: None, parameters }))
}

/// Lists a market with the fixture's parameters, but for ages that the times of tests reach.
pub(crate) fn listing(market: MarketId, price: u64) -> Op {
    let parameters =
        Parameters { still_age: 60, halt_age: 900, ..crate::soundness::fixture::market().parameters() };
    Op::Configure(Box::new(Configure { market, first_price: Some(price), parameters }))
}

fn funded_a_day_on(markets: MarketId) -> Executor {
    let state = a_day_on(finish(funded(markets)).0);
    begin(state, Capacities::UNLIMITED.with("flat_accounts", 0))
}

#[test]
fn new_parameters_are_in_force_from_the_next_batch() {
    let mut executor = funded_a_day_on(1);
    let time = executor.context().time;
    let op = changing(&executor, 1, |p| (p.taker_fee, p.status) = (400, 3));
    assert_eq!(executor.apply(&op).unwrap(), Applied::Configure { lists: false });
    // Trades of the batch pay the old fee: a half of a thousandth of 10,000, and 0.02 % of it.
    trade(&mut executor, 1, 100);
    assert_eq!(executor.pending_fees(), 7);
    let (state, trace) = finish(executor);
    let market = state.market(1).unwrap();
    assert_eq!((market.taker_fee, market.status, market.configured_at), (400, 3, time));
    let rows = trace.of::<MarketRecord>();
    assert_eq!((rows[0].configured, rows[0].new), (Some(Configured::Changed), *market));
    // The row reads what the market closes with.
    let row = trace.of::<ConfigureRecord>()[0];
    assert_eq!((row.before.open_interest, row.before.configured_at), (200, 0));
    let mut executor = begin(state, Capacities::UNLIMITED);
    let taker = place(&mut executor, 10, 600, item(1, Side::Buy, 100, 10));
    let maker = place(&mut executor, 11, 601, item(1, Side::Sell, 100, 10));
    let fill = Op::Fill(Fill { taker, maker, lots: 10 });
    assert_eq!(reason(executor.apply(&fill)), Some(Reject::MarketNotOpen));
}

#[test]
fn a_market_is_configured_once_in_a_batch_and_a_day() {
    let mut executor = funded_a_day_on(2);
    let op = changing(&executor, 1, |p| p.min_lots = 11);
    executor.apply(&op).unwrap();
    assert_eq!(reason(executor.apply(&op)), Some(Reject::ConfigureTwice));
    // Another market has its own days.
    let other = changing(&executor, 2, |p| p.min_lots = 11);
    executor.apply(&other).unwrap();
    let (state, _) = finish(executor);
    let configured_at = state.market(1).unwrap().configured_at;
    for (time, expected) in
        [(configured_at + DAY - 1, Some(Reject::StepTooSoon)), (configured_at + DAY, None)]
    {
        let mut executor = begin_at(state.clone(), time, Capacities::UNLIMITED);
        let op = changing(&executor, 1, |p| p.min_lots = 12);
        assert_eq!(reason(executor.apply(&op)), expected, "{time}");
    }
}

#[test]
fn no_trade_of_the_batch_breaks_what_the_configuration_needs() {
    let mut executor = funded_a_day_on(1);
    // None may hold more than 99 base quanta when the batch ends: half of all positions.
    let smaller = changing(&executor, 1, |p| p.max_size = 99);
    executor.apply(&smaller).unwrap();
    trade(&mut executor, 1, 99);
    let taker = place(&mut executor, 10, 600, item(1, Side::Buy, 100, 10));
    let maker = place(&mut executor, 11, 601, item(1, Side::Sell, 100, 10));
    let fill = Op::Fill(Fill { taker, maker, lots: 1 });
    assert_eq!(reason(executor.apply(&fill)), Some(Reject::SizeBelowPositions));
    let (state, _) = finish(executor);
    assert_eq!((state.market(1).unwrap().max_size, state.market(1).unwrap().open_interest), (99, 198));
    // With open interest a market does not close; without, it does, for good.
    let mut executor = begin(a_day_on(state), Capacities::UNLIMITED);
    let closing = changing(&executor, 1, |p| p.status = 0);
    assert_eq!(reason(executor.apply(&closing)), Some(Reject::OpenInterestLeft));
    let taker = place(&mut executor, 11, 601, item(1, Side::Buy, 100, 99));
    let maker = place(&mut executor, 10, 600, item(1, Side::Sell, 100, 99));
    executor.apply(&Op::Fill(Fill { taker, maker, lots: 99 })).unwrap();
    executor.apply(&closing).unwrap();
    let (state, _) = finish(executor);
    let mut executor = begin(a_day_on(state), Capacities::UNLIMITED);
    let opening = changing(&executor, 1, |p| p.status = 1);
    assert_eq!(reason(executor.apply(&opening)), Some(Reject::MarketClosed));
}

/// Its first price is as old as the proposal: nothing is traded at it.
#[test]
fn a_listed_market_trades_from_its_first_tick_on() {
    let mut executor = funded(1);
    assert_eq!(reason(executor.apply(&listing(1, 100 << 32))), Some(Reject::MarketExists));
    assert_eq!(executor.apply(&listing(2, 100 << 32)).unwrap(), Applied::Configure { lists: true });
    assert_eq!(reason(executor.apply(&listing(2, 100 << 32))), Some(Reject::ConfigureTwice));
    let taker = place(&mut executor, 10, 600, item(2, Side::Buy, 100, 10));
    let maker = place(&mut executor, 11, 601, item(2, Side::Sell, 100, 10));
    let fill = Op::Fill(Fill { taker, maker, lots: 10 });
    assert_eq!(reason(executor.apply(&fill)), Some(Reject::PriceTooOld));
    let time = executor.context().time;
    let (state, trace) = finish(executor);
    let market = *state.market(2).unwrap();
    let begun = Market::begun(100 << 32, time, &market.parameters());
    assert_eq!(market, Market { still: true, configured_at: time, ..begun });
    let row = trace.of::<MarketRecord>()[0];
    assert_eq!((row.id, row.configured, row.old), (2, Some(Configured::Listed), begun));
    // It ticks, trades and is configured as any other.
    let mut executor = begin(a_day_on(state), Capacities::UNLIMITED.with("flat_accounts", 0));
    executor.apply(&Op::Tick(Tick { market: 2, price: 101 << 32, rate: 3 })).unwrap();
    trade(&mut executor, 2, 100);
    let op = changing(&executor, 2, |p| p.min_lots = 11);
    executor.apply(&op).unwrap();
    let (state, _) = finish(executor);
    let market = state.market(2).unwrap();
    assert_eq!((market.price, market.open_interest, market.min_lots), (101 << 32, 200, 11));
}

#[test]
fn ticks_come_before_configurations() {
    let mut executor = funded_a_day_on(2);
    let op = changing(&executor, 1, |p| p.min_lots = 11);
    executor.apply(&op).unwrap();
    let tick = Op::Tick(Tick { market: 2, price: 100 << 32, rate: 0 });
    assert_eq!(reason(executor.apply(&tick)), Some(Reject::TickTooLate));
}

#[test]
fn a_refused_configuration_leaves_nothing_and_a_full_shape_takes_none() {
    let state = a_day_on(finish(funded(1)).0);
    let mut executor = begin(state, Capacities::UNLIMITED.with("configurations", 1));
    let usage = *executor.usage();
    let wide = changing(&executor, 1, |p| p.maintenance_fraction = 10_000);
    assert_eq!(reason(executor.apply(&wide)), Some(Reject::StepTooLarge));
    let unknown = match listing(9, 1 << 32) {
        Op::Configure(op) => Op::Configure(Box::new(Configure { first_price: None, ..*op })),
        other => other,
    };
    assert_eq!(reason(executor.apply(&unknown)), Some(Reject::UnknownMarket));
    assert_eq!(*executor.usage(), usage);
    let op = changing(&executor, 1, |p| p.min_lots = 11);
    executor.apply(&op).unwrap();
    let full = executor.apply(&listing(2, 100 << 32)).unwrap_err();
    assert!(full.to_string().contains("configurations: 2 rows needed, 1 in the shape"), "{full}");
    assert!(deposit(&mut executor, 12, 5) >= FIRST_USER_ACCOUNT);
}
