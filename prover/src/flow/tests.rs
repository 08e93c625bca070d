//! The generator is seeded, writes every kind of event, and its tape survives our own format.

use super::Flow;
use crate::wire::event::What;
use crate::wire::{Format, Lines, Options, read_lines, write_ndjson};
use std::io::Cursor;

fn bytes(flow: Flow) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_ndjson(&flow.generate().unwrap(), &mut bytes).unwrap();
    bytes
}

#[test]
fn same_seed_gives_the_same_bytes_and_another_seed_others() {
    let flow = Flow { seed: 7, ..Flow::default() };
    assert_eq!(bytes(flow), bytes(flow));
    assert_ne!(bytes(flow), bytes(Flow { seed: 8, ..flow }));
}

#[test]
fn sample_reads_back_as_the_same_events() {
    let flow = Flow { fills: 200, ..Flow::default() };
    let tape = flow.generate().unwrap();
    let lines = Lines::new("sample", Box::new(Cursor::new(bytes(flow)))).unwrap();
    let again = read_lines(lines, Format::Ndjson, &Options::default()).unwrap();
    assert_eq!(tape.listings, again.listings);
    assert_eq!(tape.orders, again.orders);
    assert_eq!(tape.events.len(), again.events.len());
    for (wrote, read) in tape.events.iter().zip(&again.events) {
        assert_eq!(wrote.time, read.time);
        if !matches!(wrote.what, What::Liquidate { .. }) {
            assert_eq!(std::mem::discriminant(&wrote.what), std::mem::discriminant(&read.what));
        }
    }
}

#[test]
fn writes_every_kind_of_event() {
    let tape = Flow { fills: 400, ..Flow::default() }.generate().unwrap();
    let has = |test: fn(&What) -> bool| tape.events.iter().any(|event| test(&event.what));
    assert!(has(|what| matches!(what, What::Deposit { .. })));
    assert!(has(|what| matches!(what, What::Withdraw { .. })));
    assert!(has(|what| matches!(what, What::Transfer { .. })));
    assert!(has(|what| matches!(what, What::Order(_))));
    assert!(has(|what| matches!(what, What::Cancel { .. })));
    assert!(has(|what| matches!(what, What::Match { .. })));
    assert!(has(|what| matches!(what, What::Tick { .. })));
    assert!(has(|what| matches!(what, What::Liquidate { .. })));
    let fills = tape.events.iter().filter(|e| matches!(e.what, What::Match { .. })).count();
    assert!(fills >= 400);
}

#[test]
fn refuses_a_flow_out_of_bounds() {
    let error = Flow { markets: 9, ..Flow::default() }.generate().unwrap_err();
    assert_eq!(error.to_string(), "markets is 9; choose 1 to 4");
    assert!(Flow { traders: 1, ..Flow::default() }.generate().is_err());
}
