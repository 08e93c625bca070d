//! Our own format: each malformed line, and what may be left out.

use super::super::event::What;
use super::super::{Format, SkipReason};
use super::{assert_refused, kinds, ndjson, read_bytes, rows};

const MARKET: &str = r#"{"time":"2024-01-01T00:00:00Z","event":"market","market":"ETH","price_decimals":2,"size_decimals":4,"price":"1650"}"#;
const ORDER: &str = r#"{"time":"2024-01-01T00:00:01Z","event":"order","id":"a","user":"u","market":"ETH","side":"buy","price":"1650.1","size":"2"}"#;

/// An event of the second after the order.
fn event(fields: &str) -> String {
    format!(r#"{{"time":"2024-01-01T00:00:02Z","event":{fields}}}"#)
}

#[test]
fn refuses_each_malformed_line_with_its_line() {
    let cases = [
        ("{", "no JSON object"),
        ("[1,2]", "no JSON object"),
        (r#"{"time":"2024-01-01T00:00:02Z"}"#, "field \"event\" is missing"),
        (r#"{"event":"tick","market":"ETH","price":"1"}"#, "missing field `time`"),
        (
            r#"{"time":"2023-01-01T00:00:02Z","event":"tick","market":"ETH","price":"1"}"#,
            "before the row above",
        ),
        (r#"{"time":"2024-01-01T00:00:02","event":"tick","market":"ETH","price":"1"}"#, "with an offset"),
        (r#"{"event":"header","quote_decimals":6}"#, "not the first line"),
    ];
    for (row, part) in cases {
        assert_refused(ndjson(&format!("{MARKET}\n{ORDER}\n{row}\n")), 3, part);
    }
}

#[test]
fn refuses_each_malformed_field_with_its_line() {
    let cases = [
        (r#""dance""#, "event 'dance'"),
        (r#"5"#, "event 5 is not known"),
        (r#""tick","market":"ETH","price":"1","colour":1"#, "unknown field `colour`"),
        (r#""tick","market":"ETH","price":1.5"#, "field \"price\" is 1.5; write it in quotes"),
        (r#""tick","market":"ETH","price":"1","rate":"5""#, "field \"rate\" is \"5\""),
        (r#""tick","market":"ETH","price":"1","rate":2147483648"#, "field \"rate\""),
        (r#""tick","market":"BTC","price":"1""#, "unknown market 'BTC'"),
        (r#""tick","market":"ETH","price":"0""#, "not above zero"),
        (r#""deposit","amount":"1""#, "missing field `user`"),
        (r#""deposit","user":"u","amount":"0""#, "amount 0 is not between"),
        (r#""deposit","user":"u","amount":"9223372036855""#, "amount 9223372036855 is not between"),
        (r#""deposit","user":"u","amount":"1","isolated":true"#, "field \"isolated\" is true"),
        (r#""transfer","user":"u","amount":"1""#, "itself"),
        (r#""cancel","user":"u","id":"z""#, "unknown order 'z'"),
        (r#""fill","maker":"a","taker":"z","size":"1""#, "unknown order 'z'"),
        (r#""fill","maker":"a","taker":"a","size":"0.00001""#, "lots"),
    ];
    for (fields, part) in cases {
        assert_refused(ndjson(&format!("{MARKET}\n{ORDER}\n{}\n", event(fields))), 3, part);
    }
}

#[test]
fn refuses_each_malformed_order_and_market_with_its_line() {
    let order = r#""order","id":"b","user":"u","market":"ETH","side":"buy","price":"1","size":"2""#;
    let market = r#""market","market":"BTC","price_decimals":1,"size_decimals":4,"price":"1""#;
    let cases = [
        (order.replace("\"b\"", "\"a\""), "used twice"),
        (order.replace("buy", "up"), "side 'up'"),
        (order.replace("\"price\":\"1\"", "\"price\":\"1.001\""), "ticks"),
        (order.replace("\"price\":\"1\"", "\"price\":\"42949672.96\""), "ticks"),
        (format!("{order},\"max_fee\":1000001"), "above 1000000"),
        (format!("{order},\"post_only\":1"), "field \"post_only\" is 1"),
        (format!("{order},\"expiry\":\"soon\""), "time 'soon'"),
        (market.replace("BTC", "ETH"), "declared twice"),
        (market.replace("\"price_decimals\":1", "\"price_decimals\":19"), "price_decimals 19"),
        (market.replace("\"size_decimals\":4", "\"size_decimals\":-13"), "size_decimals -13"),
        (market.replace("\"price_decimals\":1,", ""), "missing field `price_decimals`"),
        (format!("{market},\"band\":1000001"), "band 1000001"),
    ];
    for (fields, part) in cases {
        assert_refused(ndjson(&format!("{MARKET}\n{ORDER}\n{}\n", event(&fields))), 3, part);
    }
}

#[test]
fn times_may_be_numbers() {
    let order = ORDER.replace("\"2024-01-01T00:00:01Z\"", "1704067201");
    let tape =
        ndjson(&format!("{MARKET}\n{}\n", order.replace("\"size\"", "\"expiry\":1704067299000,\"size\"")))
            .unwrap();
    let What::Order(request) = &tape.events[0].what else { panic!("an order") };
    assert_eq!((tape.events[0].time, request.terms.expiry), (1_704_067_201, Some(1_704_067_299)));
}

#[test]
fn the_header_fixes_the_quantum() {
    let deposit = event(r#""deposit","user":"u","amount":"0.5""#);
    let with = |header: &str| ndjson(&format!("{header}{MARKET}\n{deposit}\n"));
    let tape = with("{\"event\":\"header\",\"quote_decimals\":8}\n").unwrap();
    assert_eq!(tape.quote_decimals, 8);
    assert!(matches!(tape.events[0].what, What::Deposit { amount: 50_000_000, .. }));
    assert_eq!(with("").unwrap().quote_decimals, 6);
    assert_refused(with("{\"event\":\"header\",\"quote_decimals\":5}\n"), 1, "not between 6 and 9");
    assert_refused(with("{\"event\":\"header\"}\n"), 1, "missing field `quote_decimals`");
}

#[test]
fn rows_of_a_market_that_cannot_be_listed_are_counted() {
    let fine = MARKET.replace("ETH", "FINE").replace("\"price_decimals\":2", "\"price_decimals\":7");
    let fine = fine.replace("1650", "1");
    let rest = [
        event(r#""order","id":"b","user":"u","market":"FINE","side":"buy","price":"1","size":"2""#),
        event(r#""fill","maker":"b","taker":"b","size":"1""#),
        event(r#""cancel","user":"u","id":"b""#),
        event(r#""deposit","user":"u","amount":"1","isolated":"FINE""#),
        event(r#""transfer","user":"u","amount":"1","from":"FINE""#),
        event(r#""liquidate","user":"u","market":"FINE","size":"1","price":"1""#),
        event(r#""tick","market":"FINE","price":"1""#),
        event(r#""tick","market":"ETH","price":"1""#),
    ];
    let text = format!("{fine}\n{MARKET}\n{ORDER}\n{}\n", rest.join("\n"));
    let tape = ndjson(&text).unwrap();
    assert_eq!((tape.listings.len(), tape.listings[0].name.as_str()), (1, "ETH"));
    let reason = SkipReason::Quantum { price_decimals: 7, size_decimals: 4, quote_decimals: 9 };
    let skipped = &tape.skipped[0];
    assert_eq!((skipped.name.as_str(), &skipped.reason, skipped.rows, skipped.line), ("FINE", &reason, 7, 4));
    assert_eq!(rows(&tape), 9);
    // The market that is left has id 1 in the events that are left.
    let left = kinds(&tape);
    assert!(matches!(&left[0], What::Order(request) if request.market == 1));
    assert!(matches!(left[1], What::Tick { market: 1, .. }));
}

#[test]
fn amounts_finer_than_any_quantum_are_left_out_and_counted() {
    let fine = event(r#""deposit","user":"u","amount":"0.0000000001""#);
    let good = event(r#""deposit","user":"u","amount":"0.000000001""#);
    let tape = ndjson(&format!("{MARKET}\n{fine}\n{good}\n{fine}\n")).unwrap();
    assert_eq!(tape.quote_decimals, 9);
    assert_eq!((tape.events.len(), tape.skipped_rows(), rows(&tape)), (1, 2, 3));
    let skipped = &tape.skipped[0];
    assert_eq!((skipped.name.as_str(), skipped.line), ("deposits", 2));
    assert!(skipped.reason.to_string().contains("10^-9"), "{}", skipped.reason);
}

#[test]
fn a_file_without_any_market_to_list_is_refused() {
    let fine = MARKET.replace("\"price_decimals\":2", "\"price_decimals\":12");
    let text = format!("{fine}\n{}\n", event(r#""deposit","user":"u","amount":"1""#));
    assert_refused(read_bytes(text.into_bytes(), Format::Ndjson), 1, "no market of the file can be listed");
}
