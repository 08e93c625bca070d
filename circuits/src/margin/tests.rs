use super::native::*;
use super::*;
use crate::params::FUNDING_SCALE;
use crate::reject::Reject;
use crate::soundness::fixture::{flat, holding, market, owner, tiered};
use crate::state::{Account, Market, Position, Side, Tier, higher_tiers};
use num_bigint::BigInt;
use proptest::prelude::*;

fn big(value: impl Into<BigInt>) -> BigInt {
    value.into()
}

fn one_position(size: i64, index: i128) -> Account {
    let mut account = Account::empty(owner(1), Mode::Cross);
    account.slots[3] = Some(Position { market: 1, size, entry_quote: 7, funding_index: index });
    account
}

#[test]
fn funding_of_the_known_example() {
    let after = Market { funding_index: 38_654_705 << 16, ..market() };
    let long = settle(&one_position(225_000_000, 0), |_| Some(after)).unwrap();
    let short = settle(&one_position(-225_000_000, 0), |_| Some(after)).unwrap();
    assert_eq!((long.collateral, short.collateral), (-2_025_000, 2_024_999));
    assert_eq!(i128::from(long.dust) + i128::from(short.dust), FUNDING_SCALE);
}

#[test]
fn funding_beyond_128_bits_is_refused_not_wrapped() {
    let extreme = Market { funding_index: (1 << 95) - 1, ..market() };
    let account = one_position((1 << 55) - 1, -(1 << 95));
    assert_eq!(settle(&account, |_| Some(extreme)).map_err(Reject::from), Err(Reject::CollateralRange));
    assert_eq!(settle(&account, |_| None).map_err(Reject::from), Err(Reject::UnknownMarket));
}

#[test]
fn entry_quote_rounds_so_that_cash_never_rises() {
    let market = market();
    // (size, entry, delta, quote) -> entry
    let cases = [
        (10, 100, 5, 7, 107),   // grow
        (-10, 100, -5, 7, 107), // grow a short
        (10, 100, -3, 7, 70),   // shrink, exact
        (3, 100, -1, 7, 66),    // floor for a long
        (-3, 100, 1, 7, 67),    // ceil for a short
        (3, 100, -3, 7, 0),     // close
        (3, 100, -10, 101, 71), // flip to a short: ceil(101·7/10)
        (-3, 100, 10, 101, 70), // flip to a long: floor
        (0, 0, 4, 9, 9),        // open
    ];
    for (size, entry_quote, delta, quote, want) in cases {
        let cell = PositionCell { size, entry_quote };
        let traded = trade(
            &holding(1 << 40, &market, cell),
            &cell,
            MarketRef { id: 1, market: &market },
            delta,
            quote,
        )
        .unwrap();
        assert_eq!(traded.position.entry_quote, want, "{size} {delta}");
        assert_eq!(i128::from(traded.position.size), i128::from(size) + delta);
        assert_eq!(traded.grows, size == 0 || (size > 0) == (delta > 0) || delta.abs() > size.abs().into());
    }
}

#[test]
fn trade_refuses_at_its_bounds() {
    let market = Market { max_size: 100, ..market() };
    let cell = PositionCell { size: 40, entry_quote: (1 << 63) - 10 };
    let header = holding(0, &market, cell);
    let trade = |header: &Header, id, delta, quote| {
        trade(header, &cell, MarketRef { id, market: &market }, delta, quote).map_err(Reject::from)
    };
    let run = |delta, quote| trade(&header, 1, delta, quote).map(|t| t.position);
    assert!(run(60, 9).is_ok());
    assert_eq!(run(61, 9), Err(Reject::PositionTooLarge));
    assert_eq!(run(-141, 9), Err(Reject::PositionTooLarge));
    assert_eq!(run(60, 10), Err(Reject::EntryQuoteRange));
    let poor = Header { collateral: i64::MIN + 8, ..header };
    assert!(trade(&poor, 1, 1, 8).is_ok());
    assert_eq!(trade(&poor, 1, 1, 9), Err(Reject::CollateralRange));
    let isolated = Header { mode: Mode::Isolated(2), ..header };
    assert_eq!(trade(&isolated, 1, 1, 9), Err(Reject::WrongMarketForMode));
    assert!(trade(&isolated, 2, 1, 9).is_ok());
}

#[test]
fn health_is_on_the_better_side_at_equality() {
    let market = market();
    let cell = PositionCell { size: 1_000, entry_quote: 0 };
    // n = 100000: IMR 10000, MMR 5000.
    let at = |value: i64| holding(value - 100_000, &market, cell);
    assert!(at(10_000).is_healthy() && !at(9_999).is_healthy());
    assert!(!at(5_000).is_liquidatable() && at(4_999).is_liquidatable());
}

#[test]
fn five_states_of_health() {
    let market = market();
    let cell = PositionCell { size: 1_000, entry_quote: 0 };
    // n = 100000: IMR 10000, MMR 5000, CMR 2500.
    let at = |value: i64| holding(value - 100_000, &market, cell).health();
    for (value, health) in [
        (10_000, Health::Healthy),
        (9_999, Health::ReduceOnly),
        (5_000, Health::ReduceOnly),
        (4_999, Health::Liquidatable),
        (2_500, Health::Liquidatable),
        (2_499, Health::CloseOut),
        (0, Health::CloseOut),
        (-1, Health::Bankrupt),
    ] {
        assert_eq!(at(value), health, "{value}");
    }
    assert_eq!(flat(0).health(), Health::Healthy);
}

/// Of a market at 100 with fractions of 10 and 5 %, above 100,000 quanta 12 and 6 %, above a million 20 and 10 %.
#[test]
fn each_part_of_a_position_requires_the_fractions_of_its_tier() {
    let scale = |quanta: i128| quanta * U * M;
    for (size, initial, maintenance, slope) in [
        (0, 0, 0, 50_000),
        (1_000, 10_000, 5_000, 50_000),
        (1_001, 10_012, 5_006, 60_000),
        (10_000, 118_000, 59_000, 60_000),
        (10_001, 118_020, 59_010, 100_000),
        (20_000, 318_000, 159_000, 100_000),
    ] {
        for size in [size, -size] {
            let required = requirement(&tiered(), 0, size);
            let want = Requirement {
                initial: scale(initial),
                by_tiers: scale(initial),
                maintenance: scale(maintenance),
            };
            assert_eq!(required, want, "{size}");
            assert_eq!(liquidation_slope(&tiered(), size.unsigned_abs()), slope, "{size}");
        }
    }
    // An owner's own limit of 15 % counts as long as it is more than the tiers ask for.
    assert_eq!(requirement(&tiered(), 150_000, 20_000).initial, scale(318_000));
    let own = requirement(&tiered(), 150_000, 10_000);
    assert_eq!((own.initial, own.by_tiers), (scale(150_000), scale(118_000)));
    // So does what open interest adds.
    let crowded = Market { open_interest: 1 << 40, open_notional_low: 1, open_notional_high: 2, ..tiered() };
    assert_eq!(requirement(&crowded, 0, 10_000).initial, scale(1_000_000));
}

/// `maint_amount_cum` of Binance's table for BTCUSDT, October 2024 (`freqtrade/freqtrade`), is the tiers' A in tokens.
#[test]
fn offsets_are_the_amounts_that_a_venue_states() {
    let table = [
        (0, 4_000, 0),
        (50_000, 5_000, 50),
        (600_000, 6_500, 950),
        (3_000_000, 10_000, 11_450),
        (12_000_000, 20_000, 131_450),
        (70_000_000, 25_000, 481_450),
        (100_000_000, 50_000, 2_981_450),
        (230_000_000, 100_000, 14_481_450),
        (480_000_000, 125_000, 26_481_450),
    ];
    let listed: Vec<Tier> = table[1..]
        .iter()
        .map(|(from, fraction, _)| Tier {
            from: *from,
            initial_fraction: *fraction,
            maintenance_fraction: *fraction,
        })
        .collect();
    let tiers = higher_tiers(&listed, [4_000, 4_000]).unwrap();
    let market = Market { initial_fraction: 4_000, maintenance_fraction: 4_000, tiers, ..market() };
    let offsets: Vec<u128> = market.slopes().map(|slope| slope.maintenance_offset / M as u128).collect();
    assert_eq!(offsets, table.map(|(.., cum)| cum));
}

/// The first lots of a large position go at a price of the highest slope; the ratio does not fall.
#[test]
fn a_liquidation_goes_by_the_slope_of_what_remains() {
    let market = tiered();
    // 20,000 at 100: MMR 159,000. Worth half of that.
    let cell = PositionCell { size: 20_000, entry_quote: 2_000_000 };
    let pre = holding(79_500 - 2_000_000, &market, cell);
    for (rest, slope, discount) in
        [(10_001, 100_000, 5), (10_000, 60_000, 3), (1_000, 50_000, 3), (0, 50_000, 3)]
    {
        assert_eq!(liquidation_slope(&market, rest), slope);
        let zero = zero_price(&pre, &market, slope, Side::Sell);
        assert_eq!(100 - discount, (zero - 1) >> 32, "{rest}");
        let lots = 20_000 - rest;
        let quote = zero_quote(zero, lots, Side::Sell);
        let change = MarketRef { id: 1, market: &market };
        let post = trade(&pre, &cell, change, -i128::from(lots), quote as u64).unwrap().header;
        let (before, after) = (big(pre.total_value()), big(post.total_value()));
        assert!(after * pre.maintenance >= before * post.maintenance, "{rest}");
    }
}

#[test]
fn liquidation_example_of_the_law() {
    let market = market();
    let cell = PositionCell { size: 1_000, entry_quote: 100_000 };
    let pre = holding(4_000 - 100_000, &market, cell);
    let zero = zero_price(&pre, &market, 50_000, Side::Sell);
    // 96 up to the floors of the distance: never less.
    assert!((96 << 32..(96 << 32) + 101).contains(&zero));
    let run = |lots: u64, step: u64| {
        let quote = 98 * lots;
        let fee = liquidation_fee(quote, zero_quote(zero, lots, Side::Sell), 5_000, Side::Sell);
        let traded =
            trade(&pre, &cell, MarketRef { id: 1, market: &market }, -i128::from(lots), quote).unwrap();
        let post = add_collateral(&traded.header, -i128::from(fee)).unwrap();
        assert!(big(post.total_value()) * pre.maintenance >= big(pre.total_value()) * post.maintenance);
        require_not_over(&pre, &post, &market, Liquidated { held: 1_000, size: lots, step })?;
        Ok::<_, Reject>(post.is_liquidatable())
    };
    assert_eq!(run(398, 1), Ok(true));
    assert_eq!(run(399, 1), Ok(false));
    assert_eq!(run(400, 1), Err(Reject::OverLiquidation));
    assert_eq!(run(400, 2), Ok(false));
}

#[test]
fn fee_is_capped_by_the_zero_quote() {
    for (quote, want) in [(9_600, 0), (9_601, 1), (9_647, 47), (9_648, 48), (9_649, 49), (9_650, 49)] {
        assert_eq!(liquidation_fee(quote, 9_600, 5_000, Side::Sell), want.min(quote - 9_600), "{quote}");
    }
    assert_eq!(liquidation_fee(10_400, 10_400, 5_000, Side::Buy), 0);
    assert_eq!(liquidation_fee(10_390, 10_400, 5_000, Side::Buy), 10);
    assert_eq!(liquidation_fee(10_000, 10_400, 5_000, Side::Buy), 50);
}

#[test]
fn second_branch_by_case() {
    let header = |value: i64, maintenance: i128| Header {
        maintenance: maintenance * U * M,
        initial: i128::MAX / 2,
        ..flat(value)
    };
    let run = |pre, post, fee| legal_change(&pre, &post, false, fee).map_err(Reject::from);
    // Ratio 100/1000 may not fall: with MMR 500 at least 50 must stay.
    assert_eq!(run(header(100, 1000), header(60, 500), 20), Ok(10));
    assert_eq!(run(header(100, 1000), header(60, 500), 9), Ok(9));
    assert_eq!(run(header(100, 1000), header(50, 500), 9), Ok(0));
    assert_eq!(run(header(100, 1000), header(49, 500), 9), Err(Reject::RatioFalls));
    assert_eq!(run(header(100, 1000), header(200, 1001), 9), Err(Reject::MaintenanceRises));
    // Without a requirement before: value may not fall.
    assert_eq!(run(header(100, 0), header(103, 0), 9), Ok(3));
    assert_eq!(run(header(100, 0), header(99, 0), 9), Err(Reject::RatioFalls));
    // Bankrupt: debt falls at least in proportion, and a closed account does not owe.
    assert_eq!(run(header(-100, 1000), header(-95, 950), 9), Ok(0));
    assert_eq!(run(header(-100, 1000), header(-95, 949), 9), Err(Reject::RatioFalls));
    assert_eq!(run(header(-100, 1000), header(-100, 1000), 9), Ok(0));
    assert_eq!(run(header(-100, 1000), header(-101, 1000), 9), Err(Reject::RatioFalls));
    assert_eq!(run(header(-100, 1000), header(-95, 10), 9), Err(Reject::RatioFalls));
    assert_eq!(run(header(-100, 1000), header(-1, 10), 9), Ok(0));
    assert_eq!(run(header(-100, 1000), header(4, 10), 9), Ok(5));
    assert_eq!(run(header(-100, 1000), header(-1, 0), 0), Err(Reject::RatioFalls));
    assert_eq!(run(header(-100, 1000), header(0, 0), 9), Ok(0));
    assert_eq!(run(header(-100, 1000), header(4, 0), 9), Ok(4));
    assert_eq!(
        legal_change(&header(100, 1000), &header(100, 1000), true, 0).map_err(Reject::from),
        Err(Reject::BelowInitialMargin)
    );
}

/// One unit of value, 2^-32 of a quote quantum, decides, on either side of zero.
#[test]
fn ratios_are_equal_to_the_unit() {
    let header =
        |value: i128, maintenance: i128| Header { value, maintenance, initial: i128::MAX / 2, ..flat(0) };
    let run = |pre, post| legal_change(&pre, &post, false, 9).map_err(Reject::from);
    for before in [-7, -1, 0, 1, 7] {
        // A seventh of the requirement is left, so a seventh of the value or debt is.
        let (pre, maintenance) = (header(7 * before, 7 * M), M);
        assert_eq!(run(pre, header(before - 1, maintenance)), Err(Reject::RatioFalls), "{before}");
        assert_eq!(run(pre, header(before, maintenance)), Ok(0), "{before}");
        for (more, paid) in [(U - 1, 0), (U, 1), (9 * U - 1, 8), (9 * U, 9), (10 * U, 9)] {
            assert_eq!(run(pre, header(before + more, maintenance)), Ok(paid), "{before} {more}");
        }
        // Nothing is left: nothing may be owed.
        assert_eq!(run(pre, header(-1, 0)), Err(Reject::RatioFalls), "{before}");
        assert_eq!(run(pre, header(0, 0)), Ok(0), "{before}");
    }
    // The widest values: 2^100·2^120 on either side.
    let (value, maintenance) = ((1 << 100) - 1, (1 << 120) - 1);
    for sign in [-1, 1] {
        let pre = header(sign * value, maintenance);
        assert_eq!(run(pre, pre), Ok(0));
        let post = Header { value: pre.value - 1, ..pre };
        assert_eq!(run(pre, post), Err(Reject::RatioFalls));
    }
}

#[test]
fn fees_of_all_fills_round_once() {
    let paid = |fills: &[u64]| {
        let mut carry = 0;
        let fee = |quote: &u64| {
            let fee = trading_fee(*quote, 500, carry);
            carry = fee.carry;
            fee.amount
        };
        fills.iter().map(fee).sum::<u64>()
    };
    assert_eq!((paid(&[100_000]), paid(&[100; 1_000])), (50, 50));
    assert_eq!((paid(&[1]), paid(&[1; 2_000]), paid(&[1; 2_001])), (1, 1, 2));
    assert_eq!(trading_fee(0, 500, 999_999), TradingFee { amount: 0, carry: 999_999 });
    assert_eq!(trading_fee(1, 500, 500), TradingFee { amount: 0, carry: 0 });
    assert_eq!(trading_fee(1, 500, 499), TradingFee { amount: 1, carry: 999_999 });
    assert_eq!(trading_fee(1, 500, 501), TradingFee { amount: 0, carry: 1 });
    let widest = trading_fee((1 << 63) - 1, 1_000_000, 999_999);
    assert_eq!(widest, TradingFee { amount: (1 << 63) - 1, carry: 999_999 });
}

prop_compose! {
    fn any_header()(
        collateral in -(1i64 << 40)..1i64 << 40,
        size in -(1i64 << 20)..1i64 << 20,
        entry_quote in 0u64..1 << 40,
    ) -> (Header, PositionCell) {
        let cell = PositionCell { size, entry_quote: if size == 0 { 0 } else { entry_quote } };
        (holding(collateral >> 8, &market(), cell), cell)
    }
}

proptest! {
    #[test]
    fn settle_agrees_with_big_integers(
        collateral in any::<i32>(), size in -(1i64 << 40)..1 << 40,
        from in -(1i128 << 60)..1 << 60, to in -(1i128 << 60)..1 << 60,
    ) {
        prop_assume!(size != 0);
        let mut account = one_position(size, from);
        account.collateral = collateral.into();
        let after = Market { funding_index: to, ..market() };
        let exact = big(collateral) * FUNDING_SCALE - (big(to) - from) * size;
        match settle(&account, |_| Some(after)) {
            Ok(settled) => {
                prop_assert!(i128::from(settled.dust) < FUNDING_SCALE);
                prop_assert_eq!(exact, big(settled.collateral) * FUNDING_SCALE + settled.dust);
            }
            Err(refusal) => {
                prop_assert_eq!(refusal.reason, Reject::CollateralRange);
                prop_assert!(!refusal.contradicts_itself());
                prop_assert!(exact < big(i64::MIN) * FUNDING_SCALE || exact >= big(1i128 << 63) * FUNDING_SCALE);
            }
        }
    }

    #[test]
    fn trade_keeps_totals_exact((header, cell) in any_header(), delta in -(1i128 << 21)..1 << 21, quote in 0u64..1 << 40) {
        prop_assume!(delta != 0);
        let market = market();
        let traded = trade(&header, &cell, MarketRef { id: 1, market: &market }, delta, quote).unwrap();
        let fresh = holding(traded.header.collateral, &market, traded.position);
        prop_assert_eq!(traded.header, fresh);
        // Cash falls by at most one quantum of rounding against exact proportion, and never gains.
        let s = |b: i64| i128::from(b.signum());
        let (b0, b1) = (big(cell.size), big(traded.position.size));
        let k0 = header.cash();
        let k1 = traded.header.cash();
        if traded.grows && cell.size.signum() * traded.position.size.signum() >= 0 {
            prop_assert_eq!(k0, k1);
        } else if !traded.grows {
            // exact K1·b0 = (C1·b0 + s·E0·b1·s) …: compare after multiplying by |b0|.
            let scale = big(cell.size.unsigned_abs());
            let exact = big(traded.header.collateral) * &scale
                + big(s(cell.size)) * cell.entry_quote * big(traded.position.size.unsigned_abs());
            prop_assert!(big(k1) * &scale <= exact);
            prop_assert!(big(k1) * &scale > exact - &scale);
        }
        prop_assert_eq!(b1 - b0, big(delta));
    }

    #[test]
    fn second_branch_takes_the_largest_fee((pre, cell) in any_header(), part in 1i64..100, quote in 0u64..1 << 30, fee in 0u64..1 << 20) {
        prop_assume!(cell.size.abs() > 100);
        let market = market();
        let delta = -i128::from(cell.size) * i128::from(part) / 100;
        let post = trade(&pre, &cell, MarketRef { id: 1, market: &market }, delta, quote).unwrap().header;
        let kept = |fee: i128| {
            let value = big(post.total_value()) - big(fee) * U;
            value * pre.maintenance >= big(pre.total_value()) * post.maintenance
        };
        let healthy = big(M) * (big(post.total_value()) - big(fee) * U) >= big(post.initial);
        match legal_change(&pre, &post, false, fee) {
            Ok(paid) if paid == fee => prop_assert!(healthy || kept(fee.into())),
            Ok(paid) => prop_assert!(!healthy && kept(paid.into()) && !kept(i128::from(paid) + 1)),
            Err(refusal) => {
                prop_assert_eq!(refusal.reason, Reject::RatioFalls);
                prop_assert!(!refusal.contradicts_itself());
                prop_assert!(!healthy && !kept(0));
            }
        }
    }

    #[test]
    fn fees_telescope_between_rates(
        fills in prop::collection::vec((0u64..1 << 40, prop::sample::select(vec![200u32, 500, 1_000_000])), 1..30),
    ) {
        let (mut carry, mut paid, mut exact) = (0, 0, big(0));
        for (quote, rate) in fills {
            let fee = trading_fee(quote, rate, carry);
            prop_assert!(i128::from(fee.carry) < M);
            (carry, paid, exact) = (fee.carry, paid + fee.amount, exact + big(quote) * rate);
            prop_assert_eq!(big(paid) * M, &exact + carry);
        }
    }

    #[test]
    fn withdrawable_is_what_may_leave((header, _) in any_header()) {
        let most = withdrawable(&header);
        let without = |amount: u64| add_collateral(&header, -i128::from(amount)).and_then(|h| require_cash_stays(&h));
        if most > 0 {
            prop_assert!(without(most).is_ok());
        }
        prop_assert!(without(most + 1).is_err());
    }

    #[test]
    fn zero_price_empties_no_more_than_the_account(value in 0i64..4_999, size in 1i64..1 << 20, long in any::<bool>()) {
        let market = market();
        let value = (i128::from(value) * i128::from(size) / 1_000) as i64;
        let signed = if long { size } else { -size };
        let cell = PositionCell { size: signed, entry_quote: 0 };
        let pre = holding(value - 100 * signed, &market, cell);
        prop_assume!(pre.is_liquidatable() && pre.total_value() >= 0);
        let closing = if long { Side::Sell } else { Side::Buy };
        let zero = zero_price(&pre, &market, 50_000, closing);
        let quote = zero_quote(zero, size as u64, closing);
        // Closing everything at the zero quote leaves 0 up to rounding in the account's favour.
        let left = i128::from(pre.collateral) + if long { quote } else { -quote };
        prop_assert!((0..=2).contains(&left), "left {}", left);
        prop_assert_eq!(long, zero < market.price || (long && zero == market.price));
    }
}
