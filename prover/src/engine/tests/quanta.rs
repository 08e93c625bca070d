//! Tapes of venues with other decimals: every market is listed with exact ticks and lots, every row counts.

use super::{Outcome, batches, settings};
use crate::engine::{Engine, EngineError, Kind};
use crate::wire::{Format, Lines, Options, SkipReason, Tape, read_lines};
use std::io::Cursor;

fn read(text: &str, format: Format) -> Tape {
    let lines = Lines::new("X-trades-1", Box::new(Cursor::new(text.to_owned()))).unwrap();
    read_lines(lines, format, &Options::default()).unwrap()
}

fn dydx(rows: &[&str]) -> Tape {
    read(&format!("created_at,market,taker_side,price,size\n{}\n", rows.join("\n")), Format::Dydx)
}

/// Base quanta of a lot, and quote quanta of a tick and a lot, of the first market.
fn units(run: &Outcome) -> (u64, u64) {
    let market = run.engine.state().market(1).unwrap();
    (market.lot, market.tick_quote)
}

/// All rows are applied, as trades of as many markets.
fn assert_applied(tape: Tape, decimals: u32, markets: usize) -> Outcome {
    let rows = tape.events.len() as u64;
    assert_eq!((tape.quote_decimals, tape.listings.len(), tape.skipped.len()), (decimals, markets, 0));
    let run = batches(tape, settings(64));
    let total = run.total();
    assert_eq!((total.count(Kind::Fill), total.rows_applied, total.rows_refused), (rows, rows, 0));
    run
}

#[test]
fn prices_of_tens_of_thousands() {
    let run = assert_applied(dydx(&["2025-03-01T09:00:00Z,BTC,BUY,97000.5,0.1234"]), 6, 1);
    assert_eq!(units(&run), (1_000_000, 10));
}

#[test]
fn more_than_six_decimals() {
    let rows =
        ["2025-03-01T09:00:00Z,BTC,BUY,97000.1,0.00012345", "2025-03-01T09:00:02Z,HOT,SELL,0.005586,895.1"];
    assert_applied(dydx(&rows), 9, 2);
}

#[test]
fn prices_of_billionths() {
    let rows =
        ["2025-03-01T09:00:00Z,SATS,BUY,0.000000251,12345", "2025-03-01T09:00:01Z,SATS,SELL,0.000000252,45"];
    let run = assert_applied(dydx(&rows), 9, 1);
    assert_eq!(units(&run), (100, 1));
}

#[test]
fn sizes_in_whole_thousands() {
    let rows =
        ["2025-03-01T09:00:00Z,PEPE,BUY,0.00001234,3000", "2025-03-01T09:00:01Z,PEPE,SELL,0.0000123,51000"];
    let run = assert_applied(dydx(&rows), 6, 1);
    assert_eq!(units(&run).1, 1, "a tick of 10^-8 times a lot of 100 is one quantum of 10^-6");
}

#[test]
fn sizes_in_contracts() {
    let rows = "1,4.5,1,4.5,1704067200000,true\n2,4.55,250,1137.5,1704067201000,false\n";
    let run = assert_applied(read(rows, Format::BinanceTrades), 6, 1);
    assert_eq!(units(&run), (1_000_000, 10_000));
}

#[test]
fn declared_lots_of_a_thousand_units() {
    let market = r#"{"time":1704067200,"event":"market","market":"K","price":"0.000000251","price_decimals":9,"size_decimals":-3}"#;
    let deposit =
        |user| format!(r#"{{"time":1704067200,"event":"deposit","user":"{user}","amount":"50.5"}}"#);
    let order = |user, side| {
        format!(
            r#"{{"time":1704067201,"event":"order","id":"{user}","user":"{user}","market":"K","side":"{side}","price":"0.00000025","size":"7000"}}"#
        )
    };
    let fill = r#"{"time":1704067202,"event":"fill","maker":"a","taker":"b","size":"7000"}"#;
    let rows = [market, &deposit("a"), &deposit("b"), &order("a", "buy"), &order("b", "sell"), fill];
    let run = batches(read(&rows.join("\n"), Format::Ndjson), settings(64));
    assert_eq!((run.total().rows_applied, run.total().rows_refused), (5, 0));
    assert_eq!((units(&run), run.engine.tape().quote_decimals), ((100, 1), 6));
}

#[test]
fn fills_of_one_user_newest_first() {
    let fill = |time: u32, px, side| {
        format!(r#"{{"coin":"ETH","px":"{px}","sz":"0.5","side":"{side}","time":{time},"crossed":true}}"#)
    };
    let text =
        format!("[{},{},{}]", fill(9_900, "3001", "A"), fill(9_500, "3000.5", "B"), fill(9_100, "3000", "B"));
    assert_applied(read(&text, Format::HyperliquidApi), 6, 1);
}

#[test]
fn markets_that_the_protocol_refuses_leave_the_tape_and_their_rows_are_refused() {
    let market = |name, margin| {
        format!(
            r#"{{"time":1704067200,"event":"market","market":"{name}","price":"10","price_decimals":2,"size_decimals":2,"initial_margin":{margin},"maintenance_margin":20000}}"#
        )
    };
    let tick = |name| format!(r#"{{"time":1704067201,"event":"tick","market":"{name}","price":"11"}}"#);
    let rows = [market("BAD", 10_000), market("GOOD", 40_000), tick("BAD"), tick("GOOD"), tick("BAD")];
    let run = batches(read(&rows.join("\n"), Format::Ndjson), settings(64));
    assert_eq!((run.total().rows_applied, run.total().rows_refused), (1, 2));
    let skipped = &run.engine.tape().skipped[0];
    assert_eq!((skipped.name.as_str(), skipped.rows, skipped.line), ("BAD", 2, 3));
    assert!(
        matches!(&skipped.reason, SkipReason::Protocol(why) if why.contains("exceed the initial fraction"))
    );
    let alone = read(&[market("BAD", 10_000), tick("BAD")].join("\n"), Format::Ndjson);
    assert!(matches!(Engine::new(alone, settings(64)), Err(EngineError::Listing { .. })));
}
