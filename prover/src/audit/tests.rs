//! Numbers for people, the law at its bounds, and sums that do not add up.

use super::account::{base_units, decimal, price, view};
use super::books::Books;
use super::law;
use crate::record::genesis::GenesisFile;
use std::collections::BTreeMap;
use zkmargin_circuits::params::{M, U};
use zkmargin_circuits::publication::decode::{LiquidationEntry, StatedTick};
use zkmargin_circuits::state::{Beyond, Market, State};

fn genesis() -> GenesisFile {
    let text = include_str!("../../../testvectors/runs/demo/genesis.json");
    serde_json::from_str(text).unwrap()
}

#[test]
fn numbers_are_shown_in_tokens_and_units() {
    let cases = [
        (0, 0, "0"),
        (-5, 0, "-5"),
        (1_500_000, 6, "1.5"),
        (-1, 6, "-0.000001"),
        (i128::from(i64::MIN), 6, "-9223372036854.775808"),
    ];
    for (value, decimals, shown) in cases {
        assert_eq!(decimal(value, decimals), shown);
    }
    // ETH is listed at 3,000.00 with lots of 0.0001.
    let genesis = genesis();
    let eth = &genesis.markets[0];
    assert_eq!((eth.name.as_str(), price(&genesis, eth, eth.price.into())), ("ETH", "3000".to_owned()));
    assert_eq!(base_units(eth, i128::from(eth.lot) * -25), "-0.0025");
    assert!(base_units(eth, i128::from(eth.lot) + 1).ends_with("and 1 base quanta"));
}

/// A state with one account that has a position of ETH, and the pool on the other side.
fn with_position(lots: i64, collateral: i64) -> State {
    let state = genesis().state().unwrap();
    let mut cells = serde_json::to_value(state.cells()).unwrap();
    let market = *state.market(1).unwrap();
    let size = lots * market.lot as i64;
    let position = |size: i64| serde_json::json!({"slot": 0, "market": 1, "size": size, "entry_quote": 1_000, "funding_index": "0"});
    let pool = cells["accounts"].as_array_mut().unwrap().iter_mut().find(|cell| cell["id"] == 2).unwrap();
    pool["positions"] = serde_json::json!([position(-size)]);
    let mut account = pool.clone();
    account["id"] = 600.into();
    account["mode"] = 0.into();
    account["collateral"] = collateral.into();
    account["positions"] = serde_json::json!([position(size)]);
    cells["accounts"].as_array_mut().unwrap().push(account);
    cells["markets"][0]["open_interest"] = (2 * size.unsigned_abs()).into();
    State::from_cells(serde_json::from_value(cells).unwrap()).unwrap()
}

/// At the price that is shown, moved by a little to either side, the account is liquidatable or is not.
#[test]
fn the_liquidation_price_is_where_the_account_becomes_liquidatable() {
    for (lots, collateral) in [(500, -140_000_000), (-500, 160_000_000), (30, -8_000_000), (-30, 9_900_000)] {
        let state = with_position(lots, collateral);
        let genesis = genesis();
        let shown = view(&genesis, &state, 600).unwrap();
        assert_eq!((shown.health, shown.positions.len()), ("healthy", 1));
        let at: f64 = shown.positions[0].liquidation_price.as_ref().unwrap().parse().unwrap();
        let health = |price: f64| {
            let market = &genesis.markets[0];
            let units = price * 10f64.powi(genesis.quote_decimals as i32);
            let scaled = units / (market.lot as f64 * 10f64.powi(market.size_decimals)) * 2f64.powi(32);
            let mut cells = serde_json::to_value(state.cells()).unwrap();
            cells["markets"][0]["price"] = (scaled as u64).into();
            let moved = State::from_cells(serde_json::from_value(cells).unwrap()).unwrap();
            view(&genesis, &moved, 600).unwrap().health
        };
        let (worse, better) = if lots > 0 { (at - 0.02, at + 0.02) } else { (at + 0.02, at - 0.02) };
        assert_eq!(health(worse), "liquidatable", "{lots} at {worse}");
        assert_ne!(health(better), "liquidatable", "{lots} at {better}");
    }
}

fn market() -> Market {
    let state = genesis().state().unwrap();
    *state.market(1).unwrap()
}

/// A liquidation of 100 lots of 400 at the oracle price, by the pool, of an account worth half of its requirement.
fn due(short: bool) -> LiquidationEntry {
    let market = market();
    let (lots, held) = (100, 400 * market.lot);
    let notional = i128::from(held) * i128::from(market.price);
    let maintenance = notional * i128::from(market.maintenance_fraction);
    let exact = i128::from(lots * market.lot) * i128::from(market.price);
    // Rounded for the account: a long gets no more, a short pays no less.
    let quote = if short { (exact + U - 1) / U } else { exact / U } as u64;
    let fee = (i128::from(quote) * i128::from(market.liquidation_fee) + M - 1) / M;
    LiquidationEntry {
        account: 600,
        taker: 2,
        order: None,
        market: 1,
        short,
        lots,
        quote,
        fee: fee as u64,
        held,
        value: maintenance / M / 2,
        initial: maintenance * 2,
        maintenance,
    }
}

/// The ids of the checks that do not hold.
fn broken(entry: &LiquidationEntry, market: &Market) -> Vec<&'static str> {
    law::liquidation(entry, market, market.last_tick + 5)
        .into_iter()
        .filter(|line| !line.holds)
        .map(|line| line.id)
        .collect()
}

#[test]
fn each_check_of_a_liquidation_has_its_bound() {
    let market = market();
    for short in [false, true] {
        let entry = due(short);
        assert_eq!(broken(&entry, &market), [""; 0], "short {short}");
        let with = |change: &dyn Fn(&mut LiquidationEntry)| {
            let mut entry = entry;
            change(&mut entry);
            broken(&entry, &market)
        };
        assert_eq!(with(&|e| e.lots = 0), ["LIQ-2"]);
        assert_eq!(with(&|e| e.lots = 401), ["LIQ-3"]);
        assert_eq!(with(&|e| e.value = -1), ["LIQ-4"]);
        let edge = (entry.maintenance + M - 1) / M;
        assert_eq!(with(&|e| e.value = edge), ["LIQ-5"]);
        assert!(!with(&|e| e.value = edge - 1).contains(&"LIQ-5"));
        assert_eq!(with(&|e| e.taker = 3), ["LIQ-17"]);
        assert_eq!(with(&|e| e.quote = 1 << 63), ["LIQ-8"]);
        let away = entry.quote / 50;
        let (far, near) = if short {
            (entry.quote + away, entry.quote - away)
        } else {
            (entry.quote - away, entry.quote + away)
        };
        assert_eq!(with(&|e| e.quote = far), ["LIQ-9"]);
        assert_eq!(with(&|e| e.quote = near), ["LIQ-10"]);
        assert_eq!(with(&|e| e.fee += 1), ["LIQ-11"]);
        assert_eq!(with(&|e| e.fee -= 1), ["LIQ-11"]);
        // Far above the requirement after a few lots: 100 were too many.
        assert_eq!(with(&|e| e.value = edge - 1), ["LIQ-12"]);
        let shut = Market { status: 0, ..market };
        assert_eq!(broken(&entry, &shut), ["MKT-11"]);
        assert_eq!(broken(&entry, &Market { status: 2, ..market }), [""; 0]);
        assert_eq!(broken(&entry, &Market { status: 3, ..market }), ["MKT-11"]);
        assert_eq!(broken(&entry, &Market { halt_age: 5, ..market }), [""; 0]);
        assert_eq!(broken(&entry, &Market { halt_age: 4, ..market }), ["MKT-11"]);
    }
}

#[test]
fn each_check_of_a_tick_has_its_bound() {
    let market = market();
    let asked = StatedTick { asked: market.price, rate: 5 };
    let broken = |stated: StatedTick, after: Market| -> Vec<&'static str> {
        law::tick(&stated, &market, &after)
            .into_iter()
            .filter(|line| !line.holds)
            .map(|line| line.id)
            .collect()
    };
    assert_eq!(broken(asked, market), [""; 0]);
    let (low, high) = market.band_ends();
    let (below, above) = (Market { price: low, beyond: Beyond::Below, ..market }, market.max_price + 1);
    assert_eq!(broken(StatedTick { asked: 0, ..asked }, below), ["MKT-6"]);
    let cut = Market { price: high, beyond: Beyond::Above, ..market };
    assert_eq!(broken(StatedTick { asked: above, ..asked }, cut), ["MKT-6"]);
    assert_eq!(broken(StatedTick { rate: -(market.funding_cap as i32) - 1, ..asked }, market), ["MKT-7"]);
    let band = market.price / 1_000_000 * u64::from(market.band);
    assert_eq!(broken(asked, Market { price: market.price + band * 2, ..market }), ["MKT-33"]);
    assert_eq!(broken(asked, Market { price: market.price - band * 2, ..market }), ["MKT-33"]);
    // Beyond the band: its end at first, then at most what the last tick asked for.
    for (asked, side, end) in [(high + 1, Beyond::Above, high), (low - 1, Beyond::Below, low)] {
        let stated = StatedTick { asked, rate: 5 };
        assert_eq!(broken(stated, Market { price: end, beyond: side, ..market }), [""; 0]);
        assert_eq!(broken(stated, Market { price: asked, beyond: side, ..market }), ["MKT-33"]);
        let further = if asked > high { asked + 1 } else { asked - 1 };
        for (before, stated, price) in [
            (asked, stated, asked),
            (further, stated, asked),
            (asked, StatedTick { asked: further, rate: 5 }, asked),
        ] {
            let before = Market { asked: before, ..market };
            let after = Market { price, beyond: side, ..market };
            assert!(law::tick(&stated, &before, &after).iter().all(|line| line.holds));
        }
    }
    // With price signers the rate is the one in force but in the first tick of an hour.
    let rated = Market { rate: 5, rated_hour: 2, ..market };
    let rate = |rate, last_tick| {
        let stated = StatedTick { rate, ..asked };
        law::rate_in_force(&stated, &rated, &Market { last_tick, ..rated }).map(|line| (line.id, line.holds))
    };
    let lines = [rate(5, 10_799), rate(6, 10_799), rate(6, 10_800)];
    assert_eq!(lines, [Some(("MKT-36", true)), Some(("MKT-36", false)), None]);
    // With price signers the epoch is after the last tick.
    let at = |last_tick| law::observed(&market, &Market { last_tick, ..market });
    assert_eq!((at(market.last_tick).holds, at(market.last_tick).id), (false, "MKT-24"));
    assert!(at(market.last_tick + 1).holds);
}

#[test]
fn sums_that_do_not_add_up_are_named() {
    let state = with_position(10, 0);
    let mut books = Books::of(&state);
    // 600's money and both entry sums came from nowhere: funding indices are 0, so only collateral counts.
    assert!(books.follow(&BTreeMap::new(), &state).is_ok());
    let given = with_position(10, 7);
    let before: BTreeMap<_, _> = [(600, state.account(600).cloned())].into();
    let broken = books.clone().follow(&before, &given).unwrap_err();
    assert!(broken.what.contains("invariant 1"), "{broken:?}");
    let unpaired = with_position(11, 0);
    let broken = books.follow(&before, &unpaired).unwrap_err();
    assert!(broken.what.contains("invariant 2: sizes of market 1"), "{broken:?}");
}

#[test]
fn an_account_that_is_not_there_has_no_view() {
    assert_eq!(view(&genesis(), &genesis().state().unwrap(), 600), None);
}
