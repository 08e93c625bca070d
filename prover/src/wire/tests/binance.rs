//! Binance's dumps: with and without header, of futures and spot, in milliseconds and microseconds.

use super::super::event::{Role, Side, What};
use super::super::{Format, Options, Tape, WireError};
use super::{assert_refused, kinds, read_named};

const TRADES: &str = "id,price,qty,quote_qty,time,is_buyer_maker";
const ROWS: &str = "501,3000.10,0.200,600.02,1704067200123,true\n502,3000.2,1.5,4500.3,1704067201999,false\n";
const AGGREGATED: &str =
    "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker";
const AGGREGATED_ROWS: &str =
    "71,3000.10,0.200,501,504,1704067200123,true\n72,3000.2,1.5,505,505,1704067201999,false\n";

fn read(file: &str, text: &str, format: Format) -> Result<Tape, WireError> {
    read_named(file, text.as_bytes().to_vec(), format, &Options::default())
}

fn prints() -> Vec<What> {
    let print =
        |user, side, price, lots| What::Print { user, market: 1, side, price, lots, role: Role::Taker };
    vec![print(0, Side::Sell, 30_001, 2), print(1, Side::Buy, 30_002, 15)]
}

#[test]
fn reads_trades_and_aggregated_trades() {
    let spot = ROWS.replace("true", "True,True").replace("false", "False,True");
    let micros = spot.replace("200123", "200123456").replace("201999", "201999000");
    let with_header = format!("{TRADES}\n{ROWS}");
    for text in [ROWS, &with_header, &spot, &micros] {
        let tape = read("dir/ETHUSDT-trades-2024-01.csv", text, Format::BinanceTrades).unwrap();
        assert_eq!(kinds(&tape), prints(), "{text}");
        assert_eq!(tape.listings[0].name, "ETHUSDT");
        assert_eq!((tape.events[0].time, tape.events[1].time), (1_704_067_200, 1_704_067_201));
    }
    let spot = AGGREGATED_ROWS.replace("true", "True,True").replace("false", "False,False");
    let with_header = format!("{AGGREGATED}\n{AGGREGATED_ROWS}");
    for text in [AGGREGATED_ROWS, &with_header, &spot] {
        let tape = read("ETHUSDT-aggTrades-2024-01-01.csv", text, Format::BinanceAggTrades).unwrap();
        assert_eq!(kinds(&tape), prints(), "{text}");
    }
}

#[test]
fn the_market_comes_from_the_caller_or_the_name() {
    let options = Options { market: Some("ETH".to_owned()), ..Options::default() };
    let tape = read_named("-", ROWS.as_bytes().to_vec(), Format::BinanceTrades, &options).unwrap();
    assert_eq!(tape.listings[0].name, "ETH");
    for file in ["-", "trades.csv", "-trades-2024.csv"] {
        assert_refused(read(file, ROWS, Format::BinanceTrades), 1, "give --market NAME");
    }
}

#[test]
fn refuses_each_malformed_row_with_its_line() {
    let cases = [
        ("503,3000.2,1.5,4500.3,1704067202000", "row has 5 columns"),
        ("503,3000.2,1.5,4500.3,1704067202000,maybe", "is_buyer_maker 'maybe'"),
        ("503,x,1.5,4500.3,1704067202000,true", "price 'x'"),
        ("503,3000.2,0,4500.3,1704067202000,true", "above zero"),
        ("503,3000.2,1.5,4500.3,soon,true", "time 'soon'"),
        ("503,3000.2,1.5,4500.3,1704067100000,true", "before the row above"),
        ("id,3000.2,1.5,4500.3,1704067202000,maybe", "is_buyer_maker 'maybe'"),
        ("", "line is blank"),
    ];
    for (row, part) in cases {
        let text = format!("{TRADES}\n{ROWS}{row}\n{}", "504,1,1,1,1704067300000,true\n");
        assert_refused(read("A-trades-1.csv", &text, Format::BinanceTrades), 4, part);
    }
}

#[test]
fn refuses_other_dumps_by_their_columns() {
    let as_trades = |text: &str| read("A-trades-1.csv", text, Format::BinanceTrades);
    let as_aggregated = |text: &str| read("A-trades-1.csv", text, Format::BinanceAggTrades);
    assert_refused(as_trades(&format!("{AGGREGATED}\n{AGGREGATED_ROWS}")), 1, "check --format");
    assert_refused(as_trades(AGGREGATED_ROWS), 1, "check --format");
    assert_refused(as_aggregated(&format!("{TRADES}\n{ROWS}")), 1, "check --format");
    assert_refused(as_aggregated(ROWS), 1, "check --format");
    let coin = "id,price,qty,base_qty,time,is_buyer_maker\n1,40000,10,0.025,1704067200123,true\n";
    assert_refused(as_trades(coin), 1, "coin-margined");
    assert_refused(as_trades(""), 1, "no events");
}
