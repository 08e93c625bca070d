//! Writing a tape in our own format and reading it again changes nothing.

use super::super::decimal::Decimal;
use super::super::event::*;
use super::super::{Format, Tape, write_ndjson};
use super::read_bytes;
use proptest::prelude::*;

const MARKETS: u16 = 2;
const USERS: u32 = 3;
const ORDERS: u32 = 4;

fn listing(name: &'static str) -> impl Strategy<Value = Listing> {
    let units = (0u32..=4, -3i32..=2, 1u32..u32::MAX);
    let tiers = prop::collection::vec((any::<u32>(), 0u32..=1_000_000, 0u32..=1_000_000), 0..=8);
    (units, prop::array::uniform12(0u32..=1_000_000), tiers).prop_map(
        move |((price_decimals, size_decimals, ticks), risk, tiers)| {
            let [
                initial_margin,
                maintenance_margin,
                taker_fee,
                maker_fee,
                liquidation_fee,
                band,
                still_age,
                halt_age,
                funding_cap,
                open_interest_low,
                open_interest_high,
                open_interest_growth,
            ] = risk;
            let risk = Risk {
                initial_margin,
                maintenance_margin,
                taker_fee,
                maker_fee,
                liquidation_fee,
                band,
                still_age,
                halt_age,
                funding_cap,
                open_interest_low,
                open_interest_high,
                open_interest_growth,
            };
            let first_price = Decimal::from_units(i128::from(ticks), price_decimals as i32).unwrap();
            let tiers = tiers
                .into_iter()
                .map(|(from, initial_margin, maintenance_margin)| RiskTier {
                    from,
                    initial_margin,
                    maintenance_margin,
                })
                .collect();
            Listing { name: name.to_owned(), price_decimals, size_decimals, first_price, risk, tiers }
        },
    )
}

fn mode() -> impl Strategy<Value = MarginMode> {
    prop_oneof![Just(MarginMode::Cross), (1..=MARKETS).prop_map(MarginMode::Isolated)]
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

fn terms() -> impl Strategy<Value = Terms> {
    (any::<[bool; 4]>(), 0u32..=1_000_000, prop::option::of(0u64..200_000_000_000)).prop_map(
        |([post_only, reduce_only, ioc, fok], max_fee, expiry)| {
            // Plain numbers from 10^11 on are milliseconds, but the writer writes dates.
            Terms { post_only, reduce_only, ioc, fok, max_fee, expiry }
        },
    )
}

fn order(name: OrderName) -> impl Strategy<Value = What> {
    let place = (0..USERS, 1..=MARKETS, any::<bool>(), side());
    (place, 1u32..u32::MAX, 1u64..1 << 56, terms()).prop_map(
        move |((user, market, isolated, side), limit, lots, terms)| {
            let mode = if isolated { MarginMode::Isolated(market) } else { MarginMode::Cross };
            What::Order(OrderRequest { name, user, mode, market, side, limit, lots, terms })
        },
    )
}

fn event() -> impl Strategy<Value = What> {
    let amount = 1u64..1 << 53;
    let lots = 1u64..1 << 56;
    prop_oneof![
        (0..USERS, mode(), amount.clone()).prop_map(|(user, mode, amount)| What::Deposit {
            user,
            mode,
            amount
        }),
        (1..=MARKETS, amount.clone()).prop_map(|(market, amount)| What::TopUp { market, amount }),
        (0..USERS, mode(), amount.clone()).prop_map(|(user, mode, amount)| What::Withdraw {
            user,
            mode,
            amount
        }),
        (0..USERS, mode(), mode(), amount)
            .prop_filter("two accounts", |(_, from, to, _)| from != to)
            .prop_map(|(user, from, to, amount)| What::Transfer { user, from, to, amount }),
        (0..USERS, mode(), 0u32..=1_000_000).prop_map(|(user, mode, limit)| What::SetLeverage {
            user,
            mode,
            limit
        }),
        (0..USERS, 1..=MARKETS, any::<bool>()).prop_map(|(user, market, out)| {
            let (cross, isolated) = (MarginMode::Cross, MarginMode::Isolated(market));
            let (from, to) = if out { (isolated, cross) } else { (cross, isolated) };
            What::SetMode { user, from, to }
        }),
        (0..USERS, mode()).prop_map(|(user, mode)| What::ChangeKey { user, mode }),
        (0..USERS, 0..ORDERS).prop_map(|(user, order)| What::Cancel { user, order }),
        (0..ORDERS, 0..ORDERS, lots.clone()).prop_map(|(maker, taker, lots)| What::Match {
            maker,
            taker,
            lots
        }),
        (0..USERS, any::<bool>(), 1..=MARKETS, lots, 1u32..u32::MAX, prop::option::of(0..ORDERS)).prop_map(
            |(user, isolated, market, lots, price, taker)| {
                let mode = if isolated { MarginMode::Isolated(market) } else { MarginMode::Cross };
                What::Liquidate { user, mode, market, lots, price, taker }
            }
        ),
        (1..=MARKETS, 1i128..1 << 60, 0i32..=12, any::<i32>()).prop_map(|(market, units, decimals, rate)| {
            What::Tick { market, price: Decimal::from_units(units, decimals).unwrap(), rate }
        }),
    ]
}

prop_compose! {
    /// A tape whose users are numbered in the order in which they appear.
    fn tape()(
        quote_decimals in 6u32..=9,
        listings in (listing("ETH"), listing("1000X")),
        orders in (order(0), order(1), order(2), order(3)),
        rest in prop::collection::vec((0u64..100_000, event()), 0..30),
    ) -> Tape {
        let opening = (0..USERS).map(|user| What::Deposit { user, mode: MarginMode::Cross, amount: 1 });
        let placed = [orders.0, orders.1, orders.2, orders.3];
        let mut time = 1_704_067_200;
        let mut events = Vec::new();
        for (step, what) in opening.chain(placed).map(|what| (1, what)).chain(rest) {
            time += step;
            events.push(Event { line: events.len() as u64 + 4, time, what });
        }
        Tape {
            file: "tape".to_owned(),
            quote_decimals,
            listings: vec![listings.0, listings.1],
            users: (0..USERS).map(|user| format!("user-{user}")).collect(),
            orders: (0..ORDERS).map(|order| format!("o{order}")).collect(),
            events,
            ..Tape::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn writing_and_reading_is_the_identity(tape in tape()) {
        let mut bytes = Vec::new();
        write_ndjson(&tape, &mut bytes).unwrap();
        let again = read_bytes(bytes.clone(), Format::Ndjson).unwrap();
        prop_assert_eq!(&tape.listings, &again.listings);
        prop_assert_eq!(&tape.users, &again.users);
        prop_assert_eq!(&tape.orders, &again.orders);
        prop_assert_eq!(&tape.events, &again.events);
        prop_assert_eq!(tape.quote_decimals, again.quote_decimals);
        prop_assert!(again.skipped.is_empty());
        let mut second = Vec::new();
        write_ndjson(&again, &mut second).unwrap();
        prop_assert_eq!(bytes, second);
    }
}
