//! Each malformed input gives one line that names file and line; good input gives exact integers.

use super::decimal::Decimal;
use super::event::{Pocket, Role, Side, What};
use super::{Format, Lines, Tape, WireError, hyperliquid, read_lines};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Cursor, Write};

fn read_bytes(bytes: Vec<u8>, format: Format) -> Result<Tape, WireError> {
    read_lines(Lines::new("tape", Box::new(Cursor::new(bytes)))?, format, None)
}

fn hyperliquid_rows(rows: &str) -> Result<Tape, WireError> {
    read_bytes(format!("{}\n{rows}", hyperliquid::HEADER).into_bytes(), Format::Hyperliquid)
}

fn ndjson(rows: &str) -> Result<Tape, WireError> {
    read_bytes(rows.as_bytes().to_vec(), Format::Ndjson)
}

/// The refusal stands on `line`, says `part`, and is one line of text.
fn assert_refused(result: Result<Tape, WireError>, line: u64, part: &str) {
    let error = result.expect_err("input must be refused");
    let text = error.to_string();
    assert_eq!(error.line, line, "{text}");
    assert!(text.contains(part), "'{text}' does not say '{part}'");
    assert!(!text.contains('\n'), "'{text}' is more than one line");
    assert!(text.starts_with(&format!("tape:{line}: ")), "{text}");
}

const DEPOSIT: &str = "2023-02-26T16:44:05Z,L,u0,,,,,4,,";
const FILL: &str = "2023-02-27T15:02:26Z,F,u2,ETH,S,1655.5,0.0452,,T,";

#[test]
fn reads_ticks_and_lots_from_the_digits_of_all_rows() {
    let rows = format!(
        "{DEPOSIT}\n2023-02-26T17:00:15Z,L,u0,,,,,-1.1,,\n{FILL}\n2023-02-27T15:04:12Z,F,u2,ETH,B,1658.83,1,,M,\n2023-02-27T15:04:12Z,X,u2,,,356.80015,2.956494,,,Isolated\n"
    );
    let tape = hyperliquid_rows(&rows).unwrap();
    assert_eq!(tape.listings[0].price_decimals, 2);
    assert_eq!(tape.listings[0].size_decimals, 4);
    let kinds: Vec<_> = tape.events.iter().map(|event| event.what.clone()).collect();
    let cross = Pocket::Cross;
    assert_eq!(kinds[0], What::Deposit { user: 0, pocket: cross, amount: 4_000_000 });
    assert_eq!(kinds[1], What::Withdraw { user: 0, pocket: cross, amount: 1_100_000 });
    let print = |side, price, lots, role| What::Print { user: 1, market: 1, side, price, lots, role };
    assert_eq!(kinds[2], print(Side::Sell, 165_550, 452, Role::Taker));
    assert_eq!(kinds[3], print(Side::Buy, 165_883, 10_000, Role::Maker));
    let notice =
        What::LiquidationNotice { user: 1, notional: 356_800_150, account_value: 2_956_494, isolated: true };
    assert_eq!(kinds[4], notice);
    assert_eq!(tape.events[4].line, 6);
}

#[test]
fn reads_plain_and_gzip_alike() {
    let text = format!("{}\n{DEPOSIT}\n{FILL}\n", hyperliquid::HEADER);
    let plain = read_bytes(text.clone().into_bytes(), Format::Hyperliquid).unwrap();
    let packed = read_bytes(gzip(text.as_bytes()), Format::Hyperliquid).unwrap();
    assert_eq!(plain.events, packed.events);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn refuses_truncated_gzip_with_its_line() {
    let mut text = format!("{}\n", hyperliquid::HEADER);
    for second in 0..60 {
        text.push_str(&format!(
            "2023-02-27T15:02:{second:02}Z,F,u{second},ETH,S,16{second:02}.5,0.0{second:02}7,,T,\n"
        ));
    }
    let whole = gzip(text.as_bytes());
    for cut in [12, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        let error = read_bytes(whole[..cut].to_vec(), Format::Hyperliquid).expect_err("truncated");
        assert!(error.to_string().contains("truncated"), "cut {cut}: {error}");
        assert!(error.line >= 1, "{error}");
    }
}

#[test]
fn refuses_damaged_gzip() {
    let mut packed = gzip(format!("{}\n{DEPOSIT}\n{FILL}\n", hyperliquid::HEADER).as_bytes());
    let checksum = packed.len() - 8;
    packed[checksum] ^= 1;
    let error = read_bytes(packed, Format::Hyperliquid).expect_err("checksum is wrong");
    assert!(error.to_string().contains("damaged"), "{error}");
}

#[test]
fn refuses_each_malformed_row_with_its_line() {
    let cases = [
        ("2023-02-26T16:44:05Z,L,u0,,,,,4,", "9 columns"),
        ("2023-02-26 16:44:05,L,u0,,,,,4,,", "not a UTC time"),
        ("2023-02-30T16:44:05Z,L,u0,,,,,4,,", "not a UTC time"),
        ("2023-02-26T16:44:05+01:00,L,u0,,,,,4,,", "not a UTC time"),
        ("2023-02-26T16:44:05Z,Q,u0,,,,,4,,", "kind 'Q'"),
        ("2023-02-26T16:44:05Z,L,,,,,,4,,", "user name ''"),
        ("2023-02-26T16:44:05Z,L,u0,,,,,0,,", "ledger_delta_usd"),
        ("2023-02-26T16:44:05Z,L,u0,,,,,1e3,,", "not a decimal number"),
        ("2023-02-26T16:44:05Z,L,u0,,,,,0.0000001,,", "ledger_delta_usd"),
        ("2023-02-26T16:44:05Z,L,u0,,,,,9223372036855,,", "ledger_delta_usd"),
        ("2023-02-26T16:44:05Z,L,u0,ETH,,,,4,,", "must be empty"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,Q,1655.5,0.04,,T,", "side 'Q'"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,1655.5,0.04,,Q,", "taker_maker 'Q'"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,0,0.04,,T,", "above zero"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,-5,0.04,,T,", "above zero"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,5,0,,T,", "above zero"),
        ("2023-02-26T16:44:05Z,F,u2,,S,5,1,,T,", "market name ''"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,5.1234,1.1234,,T,", "no whole 10^-6"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,4294967296,1,,T,", "ticks"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,1,72057594037927936,,T,", "lots"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,1,123456789012345678901234567890123,,T,", "too many digits"),
        ("2023-02-26T16:44:05Z,X,u0,,,356.8,2.9,,,Both", "margin_mode 'Both'"),
        ("2023-02-26T16:44:05Z,X,u0,,,-356.8,2.9,,,Cross", "notional"),
        ("", "1 columns"),
    ];
    for (row, part) in cases {
        let rows = format!("2023-02-26T16:44:05Z,L,u9,,,,,1,,\n{row}\n{FILL}\n");
        assert_refused(hyperliquid_rows(&rows), 3, part);
    }
}

#[test]
fn refuses_unsorted_times() {
    assert_refused(hyperliquid_rows(&format!("{FILL}\n{DEPOSIT}\n")), 3, "before the row above");
}

#[test]
fn refuses_another_format_by_its_header() {
    let bytes = format!("{}\n{FILL}\n", super::dydx::HEADER).into_bytes();
    assert_refused(read_bytes(bytes, Format::Hyperliquid), 1, "header is");
    assert_refused(read_bytes(Vec::new(), Format::Hyperliquid), 1, "empty");
    assert_refused(hyperliquid_rows(""), 1, "no events");
}

#[test]
fn refuses_a_market_that_the_caller_did_not_name() {
    let text = format!("{}\n{FILL}\n", hyperliquid::HEADER);
    let lines = Lines::new("tape", Box::new(Cursor::new(text))).unwrap();
    let result = read_lines(lines, Format::Hyperliquid, Some(vec!["BTC".to_owned()]));
    assert_refused(result, 2, "unknown market 'ETH'");
}

#[test]
fn refuses_bytes_that_are_not_text() {
    let mut bytes = format!("{}\n", hyperliquid::HEADER).into_bytes();
    bytes.extend([0xff, 0xfe, b'\n']);
    assert_refused(read_bytes(bytes, Format::Hyperliquid), 2, "not UTF-8");
    let long = format!("{}\n{}\n", hyperliquid::HEADER, "x".repeat(70_000));
    assert_refused(read_bytes(long.into_bytes(), Format::Hyperliquid), 2, "64 KiB");
}

#[test]
fn deals_dydx_orders_to_takers_in_turn() {
    let rows = "2021-10-28T08:27:43.255Z,UMA-USD,BUY,11.16,137.3\n2021-10-28T08:27:43.900Z,UMA-USD,BUY,11.17,300\n2021-10-28T08:27:44Z,UMA-USD,SELL,11,1\n";
    let bytes = format!("{}\n{rows}", super::dydx::HEADER).into_bytes();
    let tape = read_bytes(bytes, Format::Dydx).unwrap();
    let users: Vec<_> = tape
        .events
        .iter()
        .filter_map(|event| match event.what {
            What::Print { user, .. } => Some(user),
            _ => None,
        })
        .collect();
    assert_eq!(users, [0, 0, 1]);
    let wrong = format!("{}\n2021-10-28T08:27:44Z,UMA-USD,HOLD,11,1\n", super::dydx::HEADER);
    assert_refused(read_bytes(wrong.into_bytes(), Format::Dydx), 2, "taker_side 'HOLD'");
}

const MARKET: &str = r#"{"time":"2024-01-01T00:00:00Z","event":"market","market":"ETH","price_decimals":2,"size_decimals":4,"price":"1650"}"#;
const ORDER: &str = r#"{"time":"2024-01-01T00:00:01Z","event":"order","id":"a","user":"u","market":"ETH","side":"buy","price":"1650.1","size":"2"}"#;

#[test]
fn refuses_each_malformed_json_line_with_its_line() {
    let cases = [
        ("{", "not an event"),
        (r#"{"time":"2024-01-01T00:00:02Z","event":"dance"}"#, "event 'dance'"),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"tick","market":"ETH","price":"1","colour":1}"#,
            "unknown field",
        ),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"tick","market":"BTC","price":"1"}"#,
            "unknown market 'BTC'",
        ),
        (r#"{"time":"2024-01-01T00:00:02Z","event":"tick","market":"ETH","price":"0"}"#, "not above zero"),
        (r#"{"time":"2024-01-01T00:00:02Z","event":"deposit","amount":"1"}"#, "\"user\" is missing"),
        (r#"{"time":"2024-01-01T00:00:02Z","event":"deposit","user":"u","amount":"0"}"#, "amount"),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"deposit","user":"u","amount":"1","isolated":true}"#,
            "name the market",
        ),
        (r#"{"time":"2024-01-01T00:00:02Z","event":"transfer","user":"u","amount":"1"}"#, "itself"),
        (r#"{"time":"2024-01-01T00:00:02Z","event":"cancel","user":"u","id":"z"}"#, "unknown order 'z'"),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"fill","maker":"a","taker":"z","size":"1"}"#,
            "unknown order 'z'",
        ),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"fill","maker":"a","taker":"a","size":"0.00001"}"#,
            "lots",
        ),
        (
            r#"{"time":"2023-01-01T00:00:02Z","event":"tick","market":"ETH","price":"1"}"#,
            "before the row above",
        ),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"order","id":"a","user":"u","market":"ETH","side":"buy","price":"1","size":"2"}"#,
            "used twice",
        ),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"order","id":"b","user":"u","market":"ETH","side":"up","price":"1","size":"2"}"#,
            "side 'up'",
        ),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"order","id":"b","user":"u","market":"ETH","side":"buy","price":"1.001","size":"2"}"#,
            "ticks",
        ),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"order","id":"b","user":"u","market":"ETH","side":"buy","price":"1","size":"2","max_fee":1000001}"#,
            "above 1000000",
        ),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"market","market":"ETH","price_decimals":2,"size_decimals":4,"price":"1"}"#,
            "declared twice",
        ),
        (
            r#"{"time":"2024-01-01T00:00:02Z","event":"market","market":"BTC","price_decimals":4,"size_decimals":4,"price":"1"}"#,
            "price_decimals plus",
        ),
    ];
    for (row, part) in cases {
        assert_refused(ndjson(&format!("{MARKET}\n{ORDER}\n{row}\n")), 3, part);
    }
}

#[test]
fn writes_what_it_reads() {
    let rows = format!(
        "{MARKET}\n{ORDER}\n{}\n",
        r#"{"time":"2024-01-01T00:00:02Z","event":"liquidate","user":"u","market":"ETH","size":"0.0001","price":"1650.01","isolated":true}"#
    );
    let tape = ndjson(&rows).unwrap();
    let mut bytes = Vec::new();
    super::write_ndjson(&tape, &mut bytes).unwrap();
    let again = read_bytes(bytes, Format::Ndjson).unwrap();
    assert_eq!(tape.events, again.events);
    assert_eq!(tape.listings, again.listings);
    assert_eq!(tape.users, again.users);
}

#[test]
fn decimals_are_exact() {
    let parse = |text| Decimal::parse(text, "x").unwrap();
    assert_eq!(parse("0.10").units(1), Some(1));
    assert_eq!(parse("0.10").decimals(), 1);
    assert_eq!(parse("1655.5").units(6), Some(1_655_500_000));
    assert_eq!(parse("1.25").units(1), None);
    assert_eq!(parse("-0.5").to_string(), "-0.5");
    assert_eq!(parse("-0.05").to_string(), "-0.05");
    assert_eq!(parse("100").to_string(), "100");
    for bad in ["", "-", ".", "1.", ".5", "+1", "1,5", " 1", "1e5", "NaN", "1.0000000000000000001"] {
        assert!(Decimal::parse(bad, "x").is_err(), "'{bad}'");
    }
}

#[test]
fn times_go_there_and_back() {
    for text in ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2023-12-31T12:00:01Z"] {
        assert_eq!(super::clock::format(super::clock::parse(text).unwrap()), text);
    }
    assert_eq!(super::clock::parse("2023-02-26T16:44:05Z"), Ok(1_677_429_845));
    assert!(super::clock::parse("2023-02-29T00:00:00Z").is_err());
    assert!(super::clock::parse("2023-02-28T00:00:00.Z").is_err());
}
