//! Hyperliquid's API: fills and ledger of one user, newest first, alone or one after the other.

use super::super::event::{MarginMode, Role, Side, What};
use super::super::{Format, Options, Place, SkipReason, Tape, WireError};
use super::{assert_refused, kinds, read_named, rows};

const FILLS: &str = r#"[{"coin":"ETH","px":"3010.5","sz":"0.25","side":"A","time":1704067260500,"startPosition":"0.5","dir":"Close Long","closedPnl":"2.6","hash":"0x01","oid":12,"crossed":false,"fee":"-0.02","tid":9,"feeToken":"USDC"},
{"coin":"@107","px":"20.5","sz":"3","side":"B","time":1704067250000,"dir":"Buy","crossed":true,"hash":"0x02","oid":11,"fee":"0.1"},
{"coin":"ETH","px":"3000","sz":"0.5","side":"B","time":1704067200000,"dir":"Open Long","crossed":true,"hash":"0x03","oid":10,"fee":"0.3"}]"#;
const LEDGER: &str = r#"[{"time":1704067100000,"hash":"0x0a","delta":{"type":"deposit","usdc":"1000.0"}},
{"time":1704067110000,"hash":"0x0b","delta":{"type":"internalTransfer","usdc":"25.5","user":"0xAA","destination":"0xbb","fee":"1.0"}},
{"time":1704067120000,"hash":"0x0c","delta":{"type":"accountClassTransfer","usdc":"10","toPerp":false}},
{"time":1704067130000,"hash":"0x0d","delta":{"type":"spotTransfer","token":"HYPE","amount":"1"}},
{"time":1704067140000,"hash":"0x0e","delta":{"type":"vaultWithdraw","vault":"0xcc","user":"0xaa","netWithdrawnUsd":"7.5"}},
{"time":1704067300000,"hash":"0x0f","delta":{"type":"withdraw","usdc":"99.000001","nonce":1,"fee":"1.0"}}]"#;

fn read(text: &str, user: Option<&str>) -> Result<Tape, WireError> {
    let options = Options { user: user.map(str::to_owned), ..Options::default() };
    read_named("tape", text.as_bytes().to_vec(), Format::HyperliquidApi, &options)
}

#[test]
fn reads_fills_newest_first() {
    let tape = read(FILLS, None).unwrap();
    let print = |side, price, lots, role| What::Print { user: 0, market: 1, side, price, lots, role };
    let first = print(Side::Buy, 30_000, 50, Role::Taker);
    assert_eq!(kinds(&tape), [first, print(Side::Sell, 30_105, 25, Role::Maker)]);
    assert_eq!((tape.users.as_slice(), tape.place), (&["owner".to_owned()][..], Place::Entry));
    assert_eq!((tape.events[0].line, tape.events[0].time), (3, 1_704_067_200));
    let spot = &tape.skipped[0];
    assert_eq!((spot.name.as_str(), &spot.reason, spot.rows, spot.line), ("@107", &SkipReason::Spot, 1, 2));
    assert_eq!(rows(&tape), 3);
}

#[test]
fn reads_the_ledger_after_the_fills_as_one_history() {
    let tape = read(&format!("{FILLS}\r\n{LEDGER}\n\n"), Some("0xaa")).unwrap();
    let (user, mode) = (0, MarginMode::Cross);
    let all = kinds(&tape);
    assert_eq!(all[0], What::Deposit { user, mode, amount: 1_000_000_000 });
    assert_eq!(all[1], What::Withdraw { user, mode, amount: 25_500_000 });
    assert_eq!(all[2], What::Withdraw { user, mode, amount: 10_000_000 });
    assert_eq!(all[3], What::Deposit { user, mode, amount: 7_500_000 });
    assert!(matches!((&all[4], &all[5]), (What::Print { .. }, What::Print { .. })));
    assert_eq!(all[6], What::Withdraw { user, mode, amount: 99_000_001 });
    assert_eq!((rows(&tape), tape.skipped_rows()), (9, 2));
    assert!(tape.skipped.iter().any(|skipped| skipped.name == "spotTransfer"));
}

#[test]
fn transfers_without_a_known_owner_are_left_out() {
    let tape = read(LEDGER, None).unwrap();
    let of = |reason| tape.skipped.iter().find(|skipped| skipped.reason == reason).unwrap();
    assert_eq!(of(SkipReason::Direction).name, "internalTransfer");
    let received = read(LEDGER, Some("0xBB")).unwrap();
    assert!(matches!(received.events[1].what, What::Deposit { amount: 25_500_000, .. }));
}

#[test]
fn rows_of_one_time_keep_their_order() {
    let fill = |sz: u32, time: u32| {
        format!(r#"{{"coin":"A","px":"1","sz":"{sz}","side":"B","time":{time},"crossed":true}}"#)
    };
    let sizes = |text: String| -> Vec<u64> {
        let tape = read(&text, None).unwrap();
        let lots = |event: &What| if let What::Print { lots, .. } = event { *lots } else { 0 };
        kinds(&tape).iter().map(lots).collect()
    };
    let oldest_first = format!("[{},{},{}]", fill(1, 5), fill(2, 5), fill(3, 6));
    assert_eq!(sizes(oldest_first), [1, 2, 3]);
    let newest_first = format!("[{},{},{}]", fill(1, 6), fill(2, 5), fill(3, 5));
    assert_eq!(sizes(newest_first), [3, 2, 1]);
}

#[test]
fn refuses_each_malformed_entry_with_its_number() {
    let good = r#"{"coin":"ETH","px":"1","sz":"1","side":"B","time":5,"crossed":true}"#;
    let cases = [
        (good.replace("\"px\":\"1\"", "\"px\":1.5"), "entry 2: field \"px\" is 1.5; it must be in quotes"),
        (good.replace("\"px\":\"1\",", ""), "entry 2: field \"px\" is missing"),
        (good.replace("\"B\"", "\"X\""), "entry 2: side 'X'"),
        (good.replace("true", "1"), "entry 2: field \"crossed\" is 1"),
        (good.replace(":5,", ":5.5,"), "entry 2: field \"time\" is 5.5"),
        (good.replace(":5,", ":\"soon\","), "entry 2: time 'soon'"),
        (good.replace("\"1\"", "\"0\""), "entry 2: price 0 and size 0"),
        (good.replace("ETH", ""), "entry 2: market name ''"),
        (r#"{"time":5,"delta":{"type":"deposit"}}"#.to_owned(), "entry 2: field \"usdc\" is missing"),
        (r#"{"time":5,"delta":{"type":"deposit","usdc":"-1"}}"#.to_owned(), "entry 2: usdc -1"),
        (r#"{"time":5,"delta":7}"#.to_owned(), "entry 2: field \"delta\" is 7"),
        ("5".to_owned(), "entry 2: it is no object"),
        (good.replace("ETH", &"x".repeat(70_000)), "longer than 64 KiB"),
    ];
    for (entry, part) in cases {
        assert_refused(read(&format!("[{good},\n{entry},\n{good}]"), None), 2, part);
    }
}

#[test]
fn refuses_what_is_no_array() {
    assert_refused(read("", None), 1, "no events");
    assert_refused(read("[]", None), 1, "no events");
    assert_refused(read("null", None), 1, "an array of objects");
    assert_refused(read("{\"error\":\"x\"}", None), 1, "object instead of an array");
    assert_refused(read(&FILLS[..FILLS.len() - 20], None), 3, "entry 3: EOF");
}

/// Names of rows that are left out are shown as they are counted, and any text may be one.
#[test]
fn names_of_rows_left_out_are_one_line() {
    let text =
        r#"[{"time":1,"delta":{"type":"deposit","usdc":"1"}},{"time":2,"delta":{"type":"a\u001b[2J\nb"}}]"#;
    assert_eq!(read(text, None).unwrap().skipped[0].name, "a [2J b");
}

/// A search through all names for each row would take minutes.
#[test]
fn as_many_names_as_rows_are_read_at_once() {
    let rows = 200_000;
    let entry = |row| format!(r#",{{"time":2,"delta":{{"type":"kind-{row}"}}}}"#);
    let others: String = (0..rows).map(entry).collect();
    let text = format!(r#"[{{"time":1,"delta":{{"type":"deposit","usdc":"1"}}}}{others}]"#);
    let start = std::time::Instant::now();
    let tape = read(&text, None).unwrap();
    assert_eq!((tape.skipped.len(), tape.skipped_rows()), (rows, rows as u64));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
