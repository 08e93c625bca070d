//! dYdX v4's indexer: pages of trades and of fills.

use super::super::event::{Role, Side, What};
use super::super::{Format, Options, Tape, WireError};
use super::{assert_refused, kinds, read_named};

const TRADES: &str = r#"{"pageSize":2,"totalResults":2,"trades":[{"id":"a2","side":"SELL","size":"0.0012","price":"64000.5","type":"LIMIT","createdAt":"2024-05-01T10:00:02.300Z","createdAtHeight":"15"},{"id":"a1","side":"BUY","size":"0.5","price":"64001","type":"LIQUIDATED","createdAt":"2024-05-01T10:00:01.200Z","createdAtHeight":"14"}]}"#;
const FILLS: &str = r#"{"fills":[
{"id":"f2","side":"SELL","liquidity":"MAKER","type":"LIMIT","market":"ETH-USD","marketType":"PERPETUAL","price":"3000.1","size":"0.2","fee":"-0.06","createdAt":"2024-05-01T10:00:02Z","createdAtHeight":"15","orderId":"x","clientMetadata":"0","subaccountNumber":0},
{"id":"f1","side":"BUY","liquidity":"TAKER","type":"MARKET","market":"BTC-USD","marketType":"PERPETUAL","price":"64000","size":"0.01","fee":"0.3","createdAt":"2024-05-01T10:00:01Z","createdAtHeight":"14","orderId":"y","clientMetadata":"0","subaccountNumber":128}]}"#;

fn read(file: &str, text: &str, options: &Options) -> Result<Tape, WireError> {
    read_named(file, text.as_bytes().to_vec(), Format::DydxIndexer, options)
}

#[test]
fn reads_trades_of_the_market_of_the_name() {
    let tape = read("BTC-USD-trades.json", TRADES, &Options::default()).unwrap();
    let print =
        |user, side, price, lots| What::Print { user, market: 1, side, price, lots, role: Role::Taker };
    assert_eq!(kinds(&tape), [print(0, Side::Buy, 640_010, 5_000), print(1, Side::Sell, 640_005, 12)]);
    assert_eq!((tape.listings[0].name.as_str(), tape.events[0].line), ("BTC-USD", 2));
    let options = Options { market: Some("BTC".to_owned()), ..Options::default() };
    // Pages that were appended to one another are one file.
    let two = read("-", &format!("{TRADES}\n{TRADES}"), &options).unwrap();
    assert_eq!((two.listings[0].name.as_str(), two.events.len()), ("BTC", 4));
    assert_refused(read("-", TRADES, &Options::default()), 1, "give --market NAME");
}

#[test]
fn reads_fills_of_subaccounts() {
    let tape = read("fills.json", FILLS, &Options::default()).unwrap();
    let first =
        What::Print { user: 0, market: 1, side: Side::Buy, price: 64_000, lots: 1, role: Role::Taker };
    let second =
        What::Print { user: 1, market: 2, side: Side::Sell, price: 30_001, lots: 2, role: Role::Maker };
    assert_eq!(kinds(&tape), [first, second]);
    assert_eq!(tape.users, ["owner/128", "owner"]);
}

#[test]
fn refuses_each_malformed_entry_with_its_number() {
    let cases = [
        ("\"side\":\"SELL\"", "\"side\":\"HOLD\"", "entry 1: side 'HOLD'"),
        ("\"MAKER\"", "\"BOTH\"", "entry 1: liquidity 'BOTH'"),
        ("\"price\":\"3000.1\"", "\"price\":3000.1", "entry 1: field \"price\" is 3000.1"),
        ("\"market\":\"ETH-USD\",", "", "entry 1: field \"market\" is missing"),
        ("2024-05-01T10:00:02Z", "2024-05-01T10:00:02", "entry 1: time '2024-05-01T10:00:02'"),
        ("\"subaccountNumber\":0", "\"subaccountNumber\":-1", "entry 1: field \"subaccountNumber\" is -1"),
    ];
    for (good, bad, part) in cases {
        assert_refused(read("tape", &FILLS.replacen(good, bad, 1), &Options::default()), 2, part);
    }
    assert_refused(
        read("tape", "{\"errors\":[]}", &Options::default()),
        1,
        "no field \"trades\" or \"fills\"",
    );
}
