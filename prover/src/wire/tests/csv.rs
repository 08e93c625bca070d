//! The CSV formats of Hyperliquid's history and of dYdX v3.

use super::super::event::{MarginMode, Role, Side, What};
use super::super::{Format, Lines, Options, Tape, WireError, dydx, hyperliquid, read_lines};
use super::{assert_refused, read_bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Cursor, Write};

fn hyperliquid_rows(rows: &str) -> Result<Tape, WireError> {
    read_bytes(format!("{}\n{rows}", hyperliquid::HEADER).into_bytes(), Format::Hyperliquid)
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
    let cross = MarginMode::Cross;
    assert_eq!(kinds[0], What::Deposit { user: 0, mode: cross, amount: 4_000_000 });
    assert_eq!(kinds[1], What::Withdraw { user: 0, mode: cross, amount: 1_100_000 });
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
        ("2023-02-26 16:44:05,L,u0,,,,,4,,", "date with an offset"),
        ("2023-02-30T16:44:05Z,L,u0,,,,,4,,", "date with an offset"),
        ("2023-02-26T18:44:05+99:00,L,u0,,,,,4,,", "date with an offset"),
        ("2023-02-26T16:44:05Z,Q,u0,,,,,4,,", "kind 'Q'"),
        ("2023-02-26T16:44:05Z,L,,,,,,4,,", "user name ''"),
        ("2023-02-26T16:44:05Z,L,u0,,,,,0,,", "ledger_delta_usd"),
        ("2023-02-26T16:44:05Z,L,u0,,,,,1e3,,", "not a decimal number"),
        ("2023-02-26T16:44:05Z,L,u0,,,,,9223372036855,,", "ledger_delta_usd"),
        ("2023-02-26T16:44:05Z,L,u0,ETH,,,,4,,", "must be empty"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,Q,1655.5,0.04,,T,", "side 'Q'"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,1655.5,0.04,,Q,", "taker_maker 'Q'"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,0,0.04,,T,", "above zero"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,-5,0.04,,T,", "above zero"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,5,0,,T,", "above zero"),
        ("2023-02-26T16:44:05Z,F,u2,,S,5,1,,T,", "market name ''"),
        ("2023-02-26T16:44:05Z,F,u2,ETH,S,1,123456789012345678901234567890123,,T,", "too many digits"),
        ("2023-02-26T16:44:05Z,X,u0,,,356.8,2.9,,,Both", "margin_mode 'Both'"),
        ("2023-02-26T16:44:05Z,X,u0,,,-356.8,2.9,,,Cross", "notional"),
        ("", "line is blank"),
        (" \t\r", "line is blank"),
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
    let bytes = format!("{}\n{FILL}\n", dydx::HEADER).into_bytes();
    assert_refused(read_bytes(bytes, Format::Hyperliquid), 1, "header is");
    assert_refused(read_bytes(Vec::new(), Format::Hyperliquid), 1, "empty");
    assert_refused(hyperliquid_rows(""), 1, "no events");
}

#[test]
fn refuses_a_market_that_the_caller_did_not_name() {
    let text = format!("{}\n{FILL}\n", hyperliquid::HEADER);
    let lines = Lines::new("tape", Box::new(Cursor::new(text))).unwrap();
    let result = read_lines(
        lines,
        Format::Hyperliquid,
        &Options { markets: Some(vec!["BTC".to_owned()]), ..Options::default() },
    );
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
    let bytes = format!("{}\n{rows}", dydx::HEADER).into_bytes();
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
    let wrong = format!("{}\n2021-10-28T08:27:44Z,UMA-USD,HOLD,11,1\n", dydx::HEADER);
    assert_refused(read_bytes(wrong.into_bytes(), Format::Dydx), 2, "taker_side 'HOLD'");
}

#[test]
fn marks_line_ends_and_blank_last_lines_do_not_count() {
    let plain = hyperliquid_rows(&format!("{DEPOSIT}\n{FILL}")).unwrap();
    let text = format!("{}\r\n{DEPOSIT}\r\n{FILL}\r\n\r\n \r\n\n", hyperliquid::HEADER);
    for bytes in [text.clone().into_bytes(), format!("\u{feff}{text}").into_bytes()] {
        let again = read_bytes(bytes.clone(), Format::Hyperliquid).unwrap();
        assert_eq!(plain.events, again.events);
        let packed = read_bytes(gzip(&bytes), Format::Hyperliquid).unwrap();
        assert_eq!(plain.events, packed.events);
    }
}

#[test]
fn refuses_zip_archives_by_name() {
    let error = read_bytes(b"PK\x03\x04rest".to_vec(), Format::BinanceTrades).expect_err("zip");
    assert!(error.to_string().contains("unzip -p"), "{error}");
}

#[test]
fn times_have_any_unit_and_offset() {
    let times = ["2023-02-27T16:02:26+01:00", "2023-02-27 15:02:26.999Z", "1677510146", "1677510146000"];
    for time in times.into_iter().chain(["1677510146000999", "1677510146000000999"]) {
        let tape = hyperliquid_rows(&FILL.replace("2023-02-27T15:02:26Z", time)).unwrap();
        assert_eq!(tape.events[0].time, 1_677_510_146, "{time}");
    }
}
