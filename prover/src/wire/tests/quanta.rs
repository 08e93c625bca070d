//! One quantum per tape, and lots of any power of ten.

use super::super::event::What;
use super::super::quanta::{Need, choose};
use super::super::{Format, SkipReason, Tape, decimal::Decimal, dydx};
use super::{assert_refused, read_bytes, rows};

fn trades(rows: &str) -> Tape {
    read_bytes(format!("{}\n{rows}\n", dydx::HEADER).into_bytes(), Format::Dydx).unwrap()
}

/// Decimals of the quantum, and of price and size of each market.
fn units(tape: &Tape) -> (u32, Vec<(u32, i32)>) {
    let of = tape.listings.iter().map(|listing| (listing.price_decimals, listing.size_decimals)).collect();
    (tape.quote_decimals, of)
}

#[test]
fn the_coarsest_of_the_best_quanta_is_chosen() {
    let need = |price_decimals, size_decimals| Need { price_decimals, size_decimals };
    let amount = |text| Decimal::parse(text, "amount").unwrap();
    assert_eq!(choose(&[], &[]), 6);
    assert_eq!(choose(&[need(2, 4)], &[]), 6);
    assert_eq!(choose(&[need(2, 4), need(4, 4), need(3, 4)], &[]), 8);
    assert_eq!(choose(&[need(2, 4), need(10, 4)], &[]), 6, "what nothing serves does not count");
    assert_eq!(choose(&[need(9, -3)], &[]), 6);
    assert_eq!(choose(&[], &[amount("0.0000001"), amount("1")]), 7);
    assert_eq!(choose(&[], &[amount("5000000000000"), amount("1")]), 6);
    assert_eq!(choose(&[need(5, 4)], &[amount("5000000000000")]), 9, "markets count more");
}

#[test]
fn each_market_has_exact_ticks_and_lots() {
    let tape = trades(
        "2025-03-01T09:00:00Z,A,BUY,2500.5,1.25\n2025-03-01T09:00:01Z,B,BUY,0.00001234,3000000\n2025-03-01T09:00:02Z,C,SELL,0.005586,895.1\n2025-03-01T09:00:03Z,D,BUY,97000.1,0.00012345",
    );
    assert_eq!(units(&tape), (9, vec![(1, 2), (8, 0), (6, 1), (1, 8)]));
    assert!(tape.skipped.is_empty());
    let What::Print { price, lots, .. } = tape.events[1].what else { panic!("a print") };
    assert_eq!((price, lots), (1_234, 3_000_000));
}

#[test]
fn sizes_in_whole_thousands_are_lots_of_thousands_where_prices_need_it() {
    let tape =
        trades("2025-03-01T09:00:00Z,A,BUY,0.000000012,7000\n2025-03-01T09:00:01Z,A,BUY,0.000000013,12000");
    assert_eq!(units(&tape), (6, vec![(9, -3)]));
    let What::Print { price, lots, .. } = tape.events[1].what else { panic!("a print") };
    assert_eq!((price, lots), (13, 12));
    let tape = trades("2025-03-01T09:00:00Z,A,BUY,12.5,7000");
    assert_eq!(units(&tape), (6, vec![(1, 0)]), "a coarse price leaves lots of one unit");
}

#[test]
fn markets_that_cannot_be_listed_are_left_out_with_their_rows() {
    let good = "2025-03-01T09:00:00Z,GOOD,BUY,1.5,1";
    let bad = "2025-03-01T09:00:01Z,BAD,BUY,1.12345678,0.01\n2025-03-01T09:00:02Z,BAD,SELL,2,1";
    let tape = trades(&format!("{good}\n{bad}"));
    let left_out = &tape.skipped[0];
    assert_eq!((left_out.name.as_str(), left_out.rows, left_out.line), ("BAD", 2, 3));
    let reason = SkipReason::Quantum { price_decimals: 8, size_decimals: 2, quote_decimals: 9 };
    assert_eq!(left_out.reason, reason);
    assert_eq!((tape.events.len(), rows(&tape), units(&tape).1.len()), (1, 3, 1));
    for (row, part) in [("4294967296,1", "whole ticks"), ("1,72057594037927936", "lots")] {
        let tape = trades(&format!("2025-03-01T09:00:00Z,BAD,BUY,{row}\n{good}"));
        assert_eq!((tape.events.len(), tape.skipped[0].rows), (1, 1));
        assert!(tape.skipped[0].reason.to_string().contains(part), "{}", tape.skipped[0].reason);
        assert!(matches!(tape.events[0].what, What::Print { market: 1, .. }), "ids have no gaps");
    }
}

#[test]
fn a_file_of_one_market_that_cannot_be_listed_is_refused() {
    let text = format!("{}\n2025-03-01T09:00:01Z,BAD,BUY,1.12345678,0.01\n", dydx::HEADER);
    assert_refused(read_bytes(text.into_bytes(), Format::Dydx), 2, "market BAD: prices of 8");
}
