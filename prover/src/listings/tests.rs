//! Rows of each venue: what they give, what is named, and where.

use super::*;
use crate::record::genesis::GenesisFile;
use zkmargin_circuits::gadgets::signature::SecretKey;
use zkmargin_circuits::state::{Market, Tier};

const V4: &str = "ticker,atomic_resolution,imf_ppm,maint_fraction_of_imf_ppm,step_base_quantums,subticks_per_tick,\
                  quantum_conversion_exponent,price_exponent,genesis_price_int,base_position_notional_quote_q,\
                  open_interest_lower_cap,open_interest_upper_cap,tier";
const V3: &str = "market,status,stepSize,tickSize,minOrderSize,oraclePrice,initialMarginFraction,\
                  maintenanceMarginFraction,baselinePositionSize,volume24H";
const BINANCE: &str = "symbol,tier,min_notional,max_notional,mmr,max_leverage,maint_amount_cum";

fn file(venue: Venue, rows: &[&str]) -> VenueFile {
    let header = match venue {
        Venue::DydxV4 => V4,
        Venue::DydxV3 => V3,
        Venue::Binance => BINANCE,
    };
    let text = format!("{header}\n{}\n", rows.join("\n"));
    read(Lines::new("file", Box::new(std::io::Cursor::new(text.into_bytes()))).unwrap(), venue).unwrap()
}

/// The only market of a row that can be read.
fn only(venue: Venue, row: &str) -> VenueMarket {
    let file = file(venue, &[row]);
    assert_eq!(file.unreadable, []);
    file.markets[0].clone()
}

fn listed(market: &VenueMarket) -> Listed {
    list(market, &Defaults::default()).unwrap_or_else(|broken| panic!("{broken:?}"))
}

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text, "number").unwrap()
}

/// 2^32 times a number of tenths.
const fn tenths(number: u64) -> u64 {
    (number << 32) / 10
}

#[test]
fn dydx_v4_counts_in_the_chains_quanta() {
    // A unit has 10^9 quanta, a lot 10^6 of them; a subtick is 10^(-9-6+9) tokens, a tick 10^5 of them.
    let row = "AAA-USD,-9,50000,600001,1000000,100000,-9,-6,2500060000,0,20000000000000,50000000000000,Big";
    let Listed { listing, market, unpriced, cut } = listed(&only(Venue::DydxV4, row));
    assert_eq!((listing.price_decimals, listing.size_decimals, unpriced, cut), (1, 3, false, false));
    // 2500.06 to a tick of 0.1; 2.5001·2^32, rounded half up, of base quanta of 10^-9.
    assert_eq!(listing.first_price, decimal("2500.1"));
    assert_eq!((market.lot, market.tick_quote, market.price), (1_000_000, 100, 10_737_847_737));
    // 60.0001 % of 5 %, rounded up.
    assert_eq!((market.initial_fraction, market.maintenance_fraction), (50_000, 30_001));
    assert_eq!((market.liquidation_fee, market.taker_fee, market.maker_fee), (5_000, 500, 200));
    // 20 and 50 million tokens; a batch adds 5 % of the bound, which is 2.5 million tokens.
    assert_eq!(
        (market.open_notional_low, market.open_notional_high),
        (20_000_000_000_000, 50_000_000_000_000)
    );
    let growth = (u128::from(market.open_growth) * u128::from(market.price)) >> 32;
    assert!((2_499_999_999_990..=2_500_000_000_000).contains(&growth), "{growth}");
    // No bound of a position but the widths'.
    assert!(u128::from(market.max_price) * u128::from(market.max_size) > 1 << 94);
}

#[test]
fn where_the_venues_margin_rises_the_largest_position_ends() {
    let file = file(
        Venue::DydxV4,
        &["BBB-USD,-5,100000,500000,1000000,1000000,-9,-10,4000000000,250000000000,0,0,Mid"],
    );
    // 250,000 tokens at 0.4 are 625,000 units: 62,500 lots of 10.
    let Listed { market, .. } = listed(&file.markets[0]);
    assert_eq!(market.max_size, 62_500 * market.lot);
    assert!(file.left_out[0].contains("1 markets rises with the position"), "{:?}", file.left_out);
    assert_eq!((market.open_notional_high, file.unused_columns), (0, vec!["tier".to_owned()]));

    let Listed { market, .. } =
        listed(&only(Venue::DydxV3, "C-USD,ONLINE,0.1,0.01,1,40.005,0.04,0.03,9000.05,7"));
    assert_eq!((market.max_size, market.min_lots), (90_000 * market.lot, 10));
    assert_eq!((market.initial_fraction, market.maintenance_fraction, market.status), (40_000, 30_000, 1));
}

#[test]
fn a_market_that_does_not_trade_is_listed_so() {
    let Listed { market, .. } = listed(&only(Venue::DydxV3, "C-USD,PAUSED,0.1,0.01,1,40,0.04,0.03,9000,7"));
    assert_eq!(market.status, 0);
}

#[test]
fn binance_gives_its_tiers() {
    let rows = [
        "X/T:T,1,0,50000,0.004,125,0.0",
        "X/T:T,2,50000,600000,0.005,100,50.0",
        "Y/T:T,1,0,5000,0.01,75.0,0",
    ];
    let file = file(Venue::Binance, &rows);
    assert_eq!((file.markets.len(), file.rows, file.unreadable.len()), (2, 3, 0));
    assert!(file.left_out.is_empty(), "{:?}", file.left_out);
    let first = listed(&file.markets[0]);
    assert_eq!((first.market.initial_fraction, first.market.maintenance_fraction), (8_000, 4_000));
    let second = Tier { from: 50_000_000_000, initial_fraction: 10_000, maintenance_fraction: 5_000 };
    assert_eq!((first.market.tiers[0], first.market.tiers[1].from), (second, Tier::NEVER));
    // The law takes a sixth of the maintenance margin at most: 4,666 and the taker's 500 are below 8,000.
    assert_eq!((first.market.liquidation_fee, first.unpriced), (5_000, true));
    assert_eq!(first.market.max_size, 6_000_000 * first.market.lot, "600,000 tokens at 1, in lots of 0.1");
    // One part of 75, rounded up.
    assert_eq!(listed(&file.markets[1]).market.initial_fraction, 13_334);

    let prices = [("X/T:T".to_owned(), decimal("62345.678"))].into();
    let priced = list(&file.markets[0], &Defaults { prices, ..Defaults::default() }).unwrap();
    assert_eq!((priced.listing.first_price, priced.unpriced), (decimal("62346"), false));
    assert_eq!((priced.listing.price_decimals, priced.listing.size_decimals), (0, 5));
    // floor(600000 / 62346 / 10^-5) lots.
    assert_eq!(priced.market.max_size, 962_371 * priced.market.lot);
}

/// A market has at most nine tiers: its largest position ends with the ninth. Tiers whose margin the fees would eat are named.
#[test]
fn tiers_beyond_the_ninth_are_counted() {
    let rows: Vec<String> = (1..=11)
        .map(|tier: u32| {
            let (from, to) = (1_000 * (tier - 1), 1_000 * tier);
            format!("X,{tier},{from},{to},{:.3},{},0", f64::from(tier) * 0.005, 60 / tier)
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let file = file(Venue::Binance, &rows);
    assert!(file.left_out[0].starts_with("2 rows are of tiers above the 9"), "{:?}", file.left_out);
    let market = listed(&file.markets[0]).market;
    assert_eq!(market.tiers.map(|tier| tier.from), [1, 2, 3, 4, 5, 6, 7, 8].map(|from| from * 1_000_000_000));
    let sixth = Tier { from: 5_000_000_000, initial_fraction: 100_000, maintenance_fraction: 30_000 };
    assert_eq!((market.tiers[4], market.max_size), (sixth, 90_000 * market.lot));

    let thin = file_of_two("X,2,1000,2000,0.0095,100,0");
    let broken = list(&thin, &Defaults::default()).unwrap_err();
    assert_eq!(
        (broken.rule, broken.left.as_str(), broken.right.as_str()),
        ("fees_eat_margin", "11583", "10000")
    );
    assert!(broken.text.starts_with("tier 2:"), "{}", broken.text);
}

fn file_of_two(second: &str) -> VenueMarket {
    file(Venue::Binance, &["X,1,0,1000,0.008,100,0", second]).markets.remove(0)
}

/// Whatever the price, it begins between 1 and 10 quote quanta per base quantum, with a tick and a lot that are whole.
#[test]
fn any_price_begins_between_one_and_ten() {
    let market = only(Venue::Binance, "X,1,0,5000,0.01,50,0");
    for zeros in 0..14 {
        for digits in ["1", "1.00004", "2.5", "9.9999", "9.99994"] {
            let (mantissa, decimals) = decimal(digits).parts();
            let price = Decimal::from_units(mantissa, decimals as i32 + 8 - zeros).unwrap();
            let prices = [("X".to_owned(), price)].into();
            let Listed { listing, market, .. } =
                list(&market, &Defaults { prices, ..Defaults::default() }).unwrap();
            assert!((tenths(10)..=tenths(100)).contains(&market.price), "{price}: {market:?}");
            // Five digits: at most half a unit of the fifth is lost.
            let lost = market.price.abs_diff(((mantissa << 32) / 10i128.pow(decimals)) as u64);
            assert!(u128::from(lost) * 20_000 <= u128::from(market.price) + 20_000, "{price}: {listing:?}");
        }
    }
}

#[test]
fn prices_round_half_up_to_a_tick() {
    for (price, ticks) in
        [("40.0049", "40"), ("40.005", "40.01"), ("40.0050", "40.01"), ("40.0149999", "40.01")]
    {
        let market = only(Venue::DydxV3, &format!("C-USD,ONLINE,0.1,0.01,1,{price},0.04,0.03,9000,7"));
        assert_eq!(listed(&market).listing.first_price, decimal(ticks), "{price}");
    }
}

#[test]
fn listings_make_a_genesis() {
    let rows =
        ["C-USD,ONLINE,0.1,0.01,1,40,0.04,0.03,9000,7", "D-USD,ONLINE,10,0.0001,10,0.5,0.1,0.05,2000000,7"];
    let all: Vec<Listed> = file(Venue::DydxV3, &rows).markets.iter().map(listed).collect();
    let listings: Vec<_> = all.iter().map(|listed| listed.listing.clone()).collect();
    let markets =
        (1..).zip(all.iter().map(|listed| Market { last_tick: 1, paid_until: 1, ..listed.market })).collect();
    let owner = SecretKey::from_seed(&[3; 32]).public_key();
    let genesis = GenesisFile::new(1, 6, owner, &[], &listings, &markets).unwrap();
    assert_eq!(genesis.state().unwrap().markets().count(), 2);
}

/// Each rule is named, with what the market has and what it may have.
#[test]
fn the_rule_that_a_market_breaks_is_named_with_both_sides() {
    let v3 = |row: &str| only(Venue::DydxV3, row);
    let base = Defaults::default;
    let cases = [
        (v3("C,ONLINE,0.1,0.01,1,40,0.03,0.0296,9000,7"), base(), "fees_eat_margin", "35033", "30000"),
        (v3("C,ONLINE,0.1,0.05,1,40,0.04,0.03,9000,7"), base(), "tick", "0.05", "powers of ten"),
        (v3("C,ONLINE,0.1,10,1,40,0.04,0.03,9000,7"), base(), "tick", "10", "powers of ten"),
        (v3("C,ONLINE,0.2,0.01,1,40,0.04,0.03,9000,7"), base(), "lot", "0.2", "powers of ten"),
        (v3("C,ONLINE,0.0001,0.001,1,40,0.04,0.03,9000,7"), base(), "tick_times_lot", "7", "6"),
        (v3("C,ONLINE,1000000000,1,1000000000,40,0.04,0.03,9000000000,7"), base(), "tick_quote", "15", "12"),
        (v3("C,ONLINE,1000000,0.001,1000000,40000,0.04,0.03,9000000,7"), base(), "lot", "16", "0 to 12"),
        (v3("C,ONLINE,0.1,0.01,1,0.004,0.04,0.03,9000,7"), base(), "price_in_ticks", "0", "1 to 4294967295"),
        (v3("C,ONLINE,0.1,0.01,0.25,40,0.04,0.03,9000,7"), base(), "smallest_order", "0.25", "0.1"),
        (v3("C,ONLINE,0.1,0.01,10,40,0.04,0.03,9,7"), base(), "orders_too_large", "100000000", "90000000"),
        (v3("C,ONLINE,0.1,0.01,1,40,0.04,0.03,0.05,7"), base(), "max_size", "0", "1 to 72057594037927935"),
        (v3("C,ONLINE,0.1,0.01,1,40,0.04,0,9000,7"), base(), "maintenance_fraction", "0", "1 to 1000000"),
        (
            // A minute of the largest rate costs more than a quarter of one part per million.
            v3("C,ONLINE,0.1,0.01,1,40,0.04,0.000001,9000,7"),
            Defaults { funding_cap: (1 << 30) - 1, ..base() },
            "funding_eats_margin",
            "17895698",
            "250",
        ),
        (
            only(Venue::DydxV4, "A,-9,50000,600000,1000000,100000,-9,-6,2500000000,0,5000000,5000000,T"),
            base(),
            "open_notional",
            "5000000",
            "5000000",
        ),
    ];
    for (market, defaults, rule, left, right) in cases {
        let broken = list(&market, &defaults).unwrap_err();
        assert_eq!(
            (broken.rule, broken.left.as_str(), broken.right.as_str()),
            (rule, left, right),
            "{broken:?}"
        );
        assert!(!broken.text.is_empty() && !broken.relation.is_empty());
    }
    let zero = [("X".to_owned(), decimal("0"))].into();
    let broken = list(&only(Venue::Binance, "X,1,0,5000,0.01,50,0"), &Defaults { prices: zero, ..base() });
    assert_eq!(broken.unwrap_err().rule, "price");
}

/// What a rule allows at its bound is listed.
#[test]
fn the_bound_of_a_rule_is_within_it() {
    let fees = |maintenance: &str| {
        let row = format!("C,ONLINE,0.1,0.01,1,40,0.03,{maintenance},9000,7");
        list(&only(Venue::DydxV3, &row), &Defaults { liquidation_fee: 100, ..Defaults::default() })
    };
    // With 500 of the taker and 100 of a liquidation.
    assert_eq!(fees("0.0294").unwrap().market.maintenance_fraction, 29_400);
    assert_eq!(fees("0.029401").unwrap_err().left, "30001");
    let smallest = |largest: &str| {
        let row = format!("C,ONLINE,0.1,0.01,9,40,0.04,0.03,{largest},7");
        list(&only(Venue::DydxV3, &row), &Defaults::default()).map(|listed| listed.market.min_lots)
    };
    assert_eq!((smallest("9"), smallest("8.99").unwrap_err().rule), (Ok(90), "orders_too_large"));
}

#[test]
fn a_row_that_cannot_be_read_is_named_by_line_and_field() {
    let named = |venue, rows: &[&str]| {
        let file = file(venue, rows);
        assert_eq!(file.rows as usize, rows.len());
        file.unreadable.into_iter().map(|row| (row.line, row.field, row.what)).collect::<Vec<_>>()
    };
    let v3 = [
        "C-USD,ONLINE,0.1,0.01,1,40,0.04,0.03,9000,7",
        "C-USD,ONLINE,0.1,0.01,1,4e1,0.04,0.03,9000,7",
        "C-USD,ONLINE,0.1,0,1,40,0.04,0.03,9000,7",
        "C-USD,ONLINE,-0.1,0.01,1,40,0.04,0.03,9000,7",
        "C-USD,ONLINE,0.1,0.01,1,40,0.0400001,0.03,9000,7",
        "C-USD,ONLINE,0.1,0.01,1,40,1.5,0.03,9000,7",
        ",ONLINE,0.1,0.01,1,40,0.04,0.03,9000,7",
        "C-USD,ONLINE,0.1",
    ];
    let expected = [
        (3, "oraclePrice", "oraclePrice '4e1' is not a decimal number"),
        (4, "tickSize", "tickSize is 0"),
        (5, "stepSize", "stepSize '-0.1' is below zero"),
        (
            6,
            "initialMarginFraction",
            "initialMarginFraction '0.0400001' is no whole number of parts per million",
        ),
        (7, "initialMarginFraction", "initialMarginFraction '1.5' is no whole number of parts per million"),
        (8, "market", "market name '' is empty, too long or has blanks"),
        (9, "row", "row has 3 columns instead of 10"),
    ];
    assert_eq!(
        named(Venue::DydxV3, &v3),
        expected.map(|(line, field, what)| (line, field.to_owned(), what.to_owned()))
    );
    let v4 = [
        "A,-9,50000,600000,0,100000,-9,-6,25,0,0,0,T",
        "A,x,50000,600000,1,100000,-9,-6,25,0,0,0,T",
        "A,-9,50000,1000001,1,100000,-9,-6,25,0,0,0,T",
        "A,-9,50000,600000,1,100000,-9,-99,25,0,0,0,T",
        "A,-9,50000,600000,1,100000,-9,-6,25,0.5,0,0,T",
        // Exponents whose sums and negatives are no 64-bit numbers.
        "A,-9223372036854775808,50000,600000,1,100000,-9,-6,25,0,0,0,T",
        "A,-9,50000,600000,1,100000,9223372036854775807,-6,25,0,0,0,T",
        "A,-9,50000,600000,1,100000,-9,-9223372036854775808,25,0,0,0,T",
    ];
    let fields: Vec<_> =
        named(Venue::DydxV4, &v4).into_iter().map(|(line, field, _)| (line, field)).collect();
    let expected = [
        "step_base_quantums",
        "atomic_resolution",
        "maint_fraction_of_imf_ppm",
        "genesis_price_int",
        "base_position_notional_quote_q",
        "atomic_resolution",
        "quantum_conversion_exponent",
        "price_exponent",
    ];
    assert_eq!(fields, (2..).zip(expected.map(str::to_owned)).collect::<Vec<_>>());
    let binance = [
        "X,2,0,5000,0.01,50,0",
        "X,1,1,5000,0.01,50,0",
        "X,1,0,5000,0.01,50,0",
        "X,2,5001,9000,0.02,25,0",
        "X,2,5000,9000,0.005,25,0",
        "X,2,5000,9000,0.02,51,0",
        "X,3,9000,10000,0.02,25,0",
        "X,2,5000,9000,0.02,0,0",
    ];
    let fields: Vec<_> =
        named(Venue::Binance, &binance).into_iter().map(|(line, field, _)| (line, field)).collect();
    let expected = [
        (2, "tier"),
        (3, "min_notional"),
        (5, "min_notional"),
        (6, "mmr"),
        (7, "max_leverage"),
        (8, "tier"),
        (9, "max_leverage"),
    ];
    assert_eq!(fields, expected.map(|(line, field)| (line, field.to_owned())));
}

#[test]
fn a_file_of_another_kind_is_refused() {
    let refused = |text: &str| {
        let lines = Lines::new("file", Box::new(std::io::Cursor::new(text.as_bytes().to_vec()))).unwrap();
        read(lines, Venue::DydxV3).unwrap_err().to_string()
    };
    assert_eq!(refused(""), "file:1: file is empty; give a file with markets");
    assert_eq!(refused(BINANCE), "file:1: column 'market' is missing; check --venue");
    assert_eq!(refused(&format!("{V3},market")), "file:1: column 'market' stands twice; check --venue");
    assert_eq!(refused(&format!("{V3}\n\nX")), "file:2: line is blank; remove it");
}
