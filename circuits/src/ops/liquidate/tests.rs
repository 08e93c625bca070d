use super::*;
use crate::reject::Reject;
use crate::soundness::fixture::{context, entry, leg, order, owner};
use crate::state::{Flags, Mode, Side};
use num_bigint::BigInt;
use proptest::prelude::*;

/// The example of the law: long 1000 at 100, TV 4000; a pool that can take it.
fn cells() -> LiquidateCells {
    LiquidateCells {
        account: leg(1, 4_000, 1_000),
        taker: leg(5, 1_000_000, 0),
        order: None,
        entry: entry(),
        open_interest: 2_000,
    }
}

fn op(lots: u64, quote: u64) -> Liquidate {
    Liquidate { account: 600, market: 1, lots, quote, taker: Taker::Pool }
}

fn run(cells: &LiquidateCells, lots: u64, quote: u64) -> Result<(LiquidateCells, u64), Reject> {
    let taker = cells.order.map_or(Taker::Pool, |_| Taker::Order(31));
    apply(&context(), &Liquidate { taker, ..op(lots, quote) }, cells).map_err(Reject::from)
}

/// The reject after `spoil` at 399 lots and quote 98.
fn spoiled(spoil: impl Fn(&mut LiquidateCells)) -> Option<Reject> {
    let mut cells = cells();
    spoil(&mut cells);
    run(&cells, 399, 399 * 98).err()
}

/// The same with a bid by a signed order at 98.
fn bid(spoil: impl Fn(&mut LiquidateCells)) -> Option<Reject> {
    spoiled(|cells| {
        let mut order = order(700, Side::Buy);
        order.limit = 98;
        cells.order = Some(order);
        spoil(cells);
    })
}

#[test]
fn the_example_of_the_law() {
    let (post, fee) = run(&cells(), 399, 399 * 98).unwrap();
    assert_eq!(fee, 196);
    assert_eq!((post.account.position.size, post.taker.position.size), (601, 399));
    assert!(!post.account.header.is_liquidatable());
    assert_eq!(post.taker.header.collateral, 1_000_000 - 399 * 98);
    assert_eq!(post.open_interest, 2_000);
    assert_eq!(run(&cells(), 400, 400 * 98).err(), Some(Reject::OverLiquidation));
}

#[test]
fn rejects_accounts_that_are_not_due() {
    assert_eq!(run(&cells(), 0, 0).err(), Some(Reject::ZeroLots));
    assert_eq!(spoiled(|c| c.entry.market.status = 0), Some(Reject::MarketNotOpen));
    assert_eq!(spoiled(|c| c.account = leg(1, 4_000, 0)), Some(Reject::NoPosition));
    assert_eq!(spoiled(|c| c.account = leg(1, 1_500, 398)), Some(Reject::ExceedsPosition));
    assert_eq!(spoiled(|c| c.account = leg(1, -1, 1_000)), Some(Reject::Bankrupt));
    assert_eq!(spoiled(|c| c.account = leg(1, 5_000, 1_000)), Some(Reject::NotLiquidatable));
    let due = |value: i64, lots| {
        let cells = LiquidateCells { account: leg(1, value, 1_000), ..cells() };
        run(&cells, lots, lots * 100).map(|_| ())
    };
    assert_eq!(due(4_999, 1), Ok(()));
    assert_eq!(due(0, 1_000), Ok(()));
}

#[test]
fn quotes_stay_between_zero_and_oracle_price() {
    // TV 3125 of MMR 5000: the zero prices 96.875 and 103.125 are exact; 320 lots make 31000 and 33000.
    let with = |size, quote| {
        let cells = LiquidateCells { account: leg(1, 3_125, size), ..cells() };
        run(&cells, 320, quote).map(|(_, fee)| fee)
    };
    let long = |quote| with(1_000, quote);
    assert_eq!(long(31_000 - 1), Err(Reject::QuoteBeyondZeroPrice));
    assert_eq!(long(31_000), Ok(0));
    assert_eq!(long(31_000 + 1), Ok(1));
    assert_eq!(long(32_000), Ok(160));
    assert_eq!(long(32_000 + 1), Err(Reject::QuoteBeyondOraclePrice));
    assert_eq!(long(1 << 63), Err(Reject::QuoteRange));
    let short = |quote| with(-1_000, quote);
    assert_eq!(short(33_000 + 1), Err(Reject::QuoteBeyondZeroPrice));
    assert_eq!(short(33_000), Ok(0));
    assert_eq!(short(33_000 - 1), Ok(1));
    assert_eq!(short(32_000), Ok(160));
    assert_eq!(short(32_000 - 1), Err(Reject::QuoteBeyondOraclePrice));
}

#[test]
fn a_whole_position_may_go_if_the_rest_could_not_trade() {
    // Minimum order 10: closing all 20 is right only if closing 10 would not do.
    let with = |value, size, lots| {
        let cells = LiquidateCells { account: leg(1, value, size), ..cells() };
        run(&cells, lots, lots * 98).map(|_| ())
    };
    // MMR 100, TV 80: 8 lots restore the requirement, 9 by the pro-rata rule.
    assert_eq!(with(80, 20, 9), Ok(()));
    assert_eq!(with(80, 20, 10), Err(Reject::OverLiquidation));
    assert_eq!(with(80, 20, 20), Err(Reject::OverLiquidation));
    assert_eq!(with(40, 10, 10), Ok(()));
    assert_eq!(with(36, 9, 9), Ok(()));
}

#[test]
fn the_pool_ends_healthy() {
    // 399 bought at 98: TV changes by +2·399, IMR 3990.
    let with = |value| spoiled(|c| c.taker = leg(5, value, 0));
    assert_eq!(with(3_990 - 798), None);
    assert_eq!(with(3_990 - 799), Some(Reject::PoolBelowInitialMargin));
    assert_eq!(spoiled(|c| c.entry.market.max_size = 398), Some(Reject::PositionTooLarge));
    let other = |c: &mut LiquidateCells| c.taker.header.mode = Mode::Isolated(2);
    assert_eq!(spoiled(other), Some(Reject::WrongMarketForMode));
    // A pool is another account, whoever has its owner's key; an order is another owner's.
    assert_eq!(spoiled(|c| c.taker.owner = owner(1)), None);
    assert_eq!(bid(|c| c.taker.owner = owner(1)), Some(Reject::SelfTrade));
    let of = |account| apply(&context(), &Liquidate { account, ..op(399, 399 * 98) }, &cells()).map(|_| ());
    let pool = crate::state::pool_account(1);
    assert_eq!(of(pool).map_err(Reject::from), Err(Reject::SelfTrade));
    assert_eq!([pool - 1, pool + 1].map(|account| of(account).is_ok()), [true; 2]);
}

#[test]
fn a_bid_keeps_to_its_order() {
    assert_eq!(bid(|_| ()), None);
    let edit = |spoil: fn(&mut crate::state::Order)| bid(|c| c.order.iter_mut().for_each(spoil));
    assert_eq!(edit(|o| o.market = 2), Some(Reject::MarketMismatch));
    assert_eq!(edit(|o| o.side = Side::Sell), Some(Reject::SameSide));
    assert_eq!(edit(|o| o.expiry = 1_000), None);
    assert_eq!(edit(|o| o.expiry = 999), Some(Reject::TakerExpired));
    assert_eq!(edit(|o| o.left = 399), None);
    assert_eq!(edit(|o| o.left = 398), Some(Reject::TakerExceedsLeft));
    assert_eq!(edit(|o| o.limit = 97), Some(Reject::LimitNotMet));
    let reduce = Flags { reduce_only: true, ..Flags::default() };
    assert_eq!(bid(|c| c.order.iter_mut().for_each(|o| o.flags = reduce)), Some(Reject::ReduceOnly));
    assert_eq!(bid(|c| c.taker = leg(5, 3_990 - 798, 0)), None);
    assert_eq!(bid(|c| c.taker = leg(5, 3_990 - 799, 0)), Some(Reject::BelowInitialMargin));
    // A losing short that buys back reduces: the second branch.
    assert_eq!(bid(|c| c.taker = leg(5, 10, -1_000)), None);
}

proptest! {
    #[test]
    fn the_ratio_never_falls_and_value_is_conserved(
        value in 0i64..5_000, long in any::<bool>(), lots in 1u64..1_000, part in 0u64..=100,
    ) {
        let size = if long { 1_000 } else { -1_000 };
        let cells = LiquidateCells { account: leg(1, value, size), ..cells() };
        // Between the zero price (value/1000 away) and the oracle price.
        let away = (value as u64 * lots).div_ceil(1_000) * part / 100;
        let quote = if long { 100 * lots - away } else { 100 * lots + away };
        let Ok((post, fee)) = run(&cells, lots, quote) else { return Ok(()) };
        let (h0, h1) = (cells.account.header, post.account.header);
        let (v0, v1) = (BigInt::from(h0.total_value()), BigInt::from(h1.total_value()));
        prop_assert!(v1 * h0.maintenance >= v0 * h1.maintenance);
        prop_assert!(h1.total_value() >= 0);
        let total = |c: &LiquidateCells| c.account.header.total_value() + c.taker.header.total_value();
        prop_assert_eq!(total(&cells), total(&post) + (i128::from(fee) << 32));
    }
}
