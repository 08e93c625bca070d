//! Our own format: ticks, expiries, orders that live for one batch, and any file at all.

use super::*;
use crate::wire::clock;
use proptest::prelude::*;
use zkmargin_circuits::params::FUNDING_DIVISOR;
use zkmargin_circuits::state::{Side as StateSide, pool_account};

const MARKET: &str = r#""price_decimals":2,"size_decimals":4,"initial_margin":40000,"maintenance_margin":20000,"band":400000,"funding_cap":2000000"#;

/// A row at `seconds` after nine o'clock.
pub(super) fn row(seconds: u64, event: &str) -> String {
    let nine = clock::parse("2025-03-01T09:00:00Z").unwrap();
    format!(r#"{{"time":"{}","event":{event}}}"#, clock::format(nine + seconds))
}

pub(super) fn market(name: &str) -> String {
    row(0, &format!(r#""market","market":"{name}","price":"2500",{MARKET}"#))
}

pub(super) fn deposit(seconds: u64, user: &str, amount: &str) -> String {
    row(seconds, &format!(r#""deposit","user":"{user}","amount":"{amount}""#))
}

pub(super) fn tick(seconds: u64, market: &str, price: &str, rate: i64) -> String {
    row(seconds, &format!(r#""tick","market":"{market}","price":"{price}","rate":{rate}"#))
}

/// `more` are further fields, each with a comma before it.
pub(super) fn order(seconds: u64, id: &str, user: &str, side: &str, size: &str, more: &str) -> String {
    let order = format!(
        r#""order","id":"{id}","user":"{user}","market":"ETH","side":"{side}","price":"2500","size":"{size}"{more}"#
    );
    row(seconds, &order)
}

pub(super) fn fill(seconds: u64, maker: &str, taker: &str, size: &str) -> String {
    row(seconds, &format!(r#""fill","maker":"{maker}","taker":"{taker}","size":"{size}""#))
}

pub(super) fn ours(rows: &[String]) -> Tape {
    let lines = Lines::new("tape", Box::new(Cursor::new(rows.join("\n")))).unwrap();
    read_lines(lines, Format::Ndjson, &Options::default()).unwrap()
}

/// A tape of these rows with two rich users.
pub(super) fn opened(rows: &[String]) -> Tape {
    let start = [market("ETH"), deposit(0, "u1", "1000000"), deposit(0, "u2", "1000000")];
    ours(&[&start, rows].concat())
}

pub(super) fn of_shape(name: &str) -> Settings {
    let capacities = Shape::named(name).unwrap().capacities;
    Settings { capacities, ..settings(capacities["fills"]) }
}

/// A pool takes positions over with what is paid in for it, and with nothing else.
#[test]
fn pools_are_topped_up() {
    let rows = |top_up: &[String]| {
        let due = [
            deposit(1, "u3", "105"),
            order(2, "b", "u3", "buy", "1", ""),
            order(2, "s", "u1", "sell", "1", ""),
            fill(3, "s", "b", "1"),
            tick(1_000, "ETH", "2440", 0),
            row(1_001, r#""liquidate","user":"u3","market":"ETH","size":"0.05","price":"2440""#),
        ];
        opened(&[top_up, &due].concat())
    };
    let top_up = row(0, r#""top_up","market":"ETH","amount":"1000.5""#);
    for (paid_in, lots, refused) in [(&[][..], 0, 1), (&[top_up][..], 500, 0)] {
        let run = batches(rows(paid_in), of_shape("demo"));
        let (state, lot) = (run.engine.state(), run.engine.state().market(1).unwrap().lot as i64);
        let pool = state.account(pool_account(1)).unwrap();
        assert_eq!(pool.positions().map(|position| position.size).sum::<i64>(), lots * lot);
        assert_eq!(run.total().rows_refused, refused);
        assert_eq!(pool.collateral > 0, refused == 0);
    }
}

#[test]
fn more_ticks_than_rows_take_several_batches() {
    let names: Vec<String> = (0..9).map(|i| format!("M{i}")).collect();
    let mut rows: Vec<String> = names.iter().map(|name| market(name)).collect();
    rows.extend(names.iter().map(|name| tick(60, name, "2600", 0)));
    rows.push(deposit(61, "u1", "5"));
    let run = batches(ours(&rows), of_shape("demo"));
    assert_eq!((run.total().count(Kind::Tick), run.total().count(Kind::Deposit)), (9, 1));
    let ticks: Vec<usize> = run.batches.iter().map(|batch| batch.trace.usage()["ticks"]).collect();
    assert_eq!(ticks, [4, 4, 1]);
}

/// The deposit names the key, which the account was given: a new account takes the money and hands it on.
#[test]
fn a_deposit_to_an_account_whose_key_was_changed_goes_through_a_new_one() {
    let change = row(1, r#""change_key","user":"u1""#);
    let rows = [change, tick(60, "ETH", "2600", 0), deposit(61, "u1", "5"), deposit(62, "u1", "2")];
    let run = batches(opened(&rows), of_shape("demo"));
    assert_eq!((run.total().count(Kind::Deposit), run.total().rows_refused), (4, 0));
    let trace = &run.batches.last().unwrap().trace;
    let (deposits, transfers) = (trace.of::<DepositRecord>(), trace.of::<TransferRecord>());
    assert_eq!((deposits.len(), transfers.len()), (2, 2));
    for (deposit, transfer) in deposits.iter().zip(transfers) {
        assert!(deposit.creates && !transfer.creates);
        assert_eq!((transfer.from, transfer.amount), (deposit.account, deposit.amount));
        let (to, beside) = (transfer.to, transfer.from);
        let [to, beside] = [to, beside].map(|id| run.engine.state().account(id).unwrap());
        assert_eq!((to.owner, to.orders_from != 0, beside.orders_from), (beside.owner, true, 0));
        assert_eq!((to.collateral, beside.collateral), (1_000_007_000_000, 0));
    }
}

#[test]
fn a_shape_without_ticks_refuses_them() {
    let Settings { capacities, .. } = of_shape("demo");
    let rules = Settings { capacities: capacities.with("ticks", 0), ..of_shape("demo") };
    let run = batches(opened(&[tick(60, "ETH", "2600", 0)]), rules);
    assert_eq!(run.refused_for(Kind::Tick, Code::DoesNotFit), 1);
}

#[test]
fn each_tick_of_a_market_counts() {
    let rows: Vec<String> = (1..=3).map(|hour| tick(3600 * hour, "ETH", "2500", 500_000)).collect();
    let with = [position(), rows, vec![deposit(3 * 3600 + 1, "u1", "1")]].concat();
    let run = batches(opened(&with), of_shape("demo"));
    assert_eq!(run.total().count(Kind::Tick), 3);
    let index = run.engine.state().market(1).unwrap().funding_index;
    // 2500 · 0.05 % · 3 quote tokens per unit of the base, rounded down once; a lot is 10^-4 of it.
    let market = run.engine.state().market(1).unwrap();
    let owed = index * FUNDING_DIVISOR + i128::from(market.funding_remainder);
    assert_eq!(owed, (i128::from(market.price) * 500_000 * 3 * 3_600) << 16);
    let paid = (index * i128::from(market.lot) * 10_000) >> 48;
    assert_eq!(paid, 3_749_999, "quote quanta per unit");
}

/// A position of 40 units, opened a second after nine.
pub(super) fn position() -> Vec<String> {
    vec![order(1, "b", "u2", "sell", "40", ""), order(1, "a", "u1", "buy", "40", ""), fill(1, "b", "a", "40")]
}

#[test]
fn funding_is_paid_before_a_market_would_be_in_arrears() {
    // Maintenance 2 %, cap 0.2 % an hour: an opening pays for two and a half hours.
    const HOURS: u64 = 5 * 1800;
    let rows = [
        position(),
        vec![
            tick(1800, "ETH", "2500", 1000),
            deposit(1 + HOURS, "u1", "1"),
            deposit(2 + HOURS, "u1", "1"),
            deposit(100_000, "u1", "1"),
        ],
    ];
    let run = batches(opened(&rows.concat()), of_shape("demo"));
    let closed: Vec<Closed> = run.batches.iter().map(|batch| batch.closed).collect();
    let silence = [Closed::Funding; 10];
    let expected = [&[Closed::Tick, Closed::Funding, Closed::Funding][..], &silence, &[Closed::End]].concat();
    assert_eq!(closed, expected);
    let times: Vec<u64> = run.batches.iter().map(|batch| batch.trace.new_globals.time).collect();
    let nine = times[0] - 1;
    let after: Vec<u64> = times.iter().map(|time| time - nine).collect();
    let paid = 2 + HOURS;
    let heartbeats: Vec<u64> = (1..=10).map(|number| paid + number * HOURS).collect();
    assert_eq!(after, [&[1, 1 + HOURS, paid][..], &heartbeats, &[100_000]].concat());
    let market = run.engine.state().market(1).unwrap();
    let owed = market.funding_index * FUNDING_DIVISOR + i128::from(market.funding_remainder);
    assert_eq!(owed, (i128::from(market.price) * 1000 * 99_999) << 16);
    // Rows of the file, not the ticks of the silence.
    assert_eq!(run.total().rows_applied, rows.concat().len() as u64 + 2);
}

#[test]
fn without_a_rate_or_positions_no_funding_is_owed() {
    let rows = [tick(1800, "ETH", "2500", 1000), deposit(3600, "u1", "1"), deposit(100_000, "u1", "1")];
    assert_eq!(batches(opened(&rows), of_shape("demo")).batches.len(), 3);
    let rows = [position(), vec![tick(1800, "ETH", "2500", 0), deposit(100_000, "u1", "1")]].concat();
    assert_eq!(batches(opened(&rows), of_shape("demo")).batches.len(), 2);
}

#[test]
fn prices_that_the_band_cuts_are_said() {
    let run = batches(opened(&[tick(301, "ETH", "9000", 0), tick(302, "ETH", "2600", 0)]), of_shape("demo"));
    let clamped: Vec<_> = run.batches.iter().flat_map(|batch| &batch.clamped).collect();
    let [cut] = clamped.as_slice() else { panic!("{clamped:?}") };
    assert_eq!((cut.line, cut.market, cut.band), (4, 1, 400_000));
    assert_eq!((cut.asked / cut.before, cut.applied * 5), (3, cut.before * 7));
    assert_eq!(run.total().clamped, 1);
}

#[test]
fn an_order_that_is_needed_does_not_expire_by_the_end_of_the_batch() {
    let short = r#","expiry":"2025-03-01T09:00:45Z""#;
    let rows = [
        order(1, "m", "u2", "sell", "2", short),
        order(4, "t", "u1", "buy", "1", ""),
        fill(4, "m", "t", "1"),
        deposit(1200, "u1", "7"),
        order(1201, "late", "u1", "buy", "1", short),
    ];
    let run = batches(opened(&rows), of_shape("demo"));
    assert_eq!(run.batches[0].closed, Closed::Expiry);
    assert_eq!((run.total().count(Kind::Fill), run.total().count(Kind::Order)), (1, 2));
    // What is late already is refused, and holds nothing up.
    assert_eq!(run.refused_for(Kind::Order, Code::Law(Reject::OrderExpired)), 1);
}

#[test]
fn a_batch_spans_no_more_than_it_may() {
    let rows: Vec<String> = (0..10).map(|i| deposit(100 * i, "u1", "1")).collect();
    let run = batches(opened(&rows), Settings { span: 250, ..settings(64) });
    assert_eq!(run.batches.len(), 4);
    assert!(run.batches[..3].iter().all(|batch| batch.closed == Closed::Span));
}

#[test]
fn immediate_orders_stay_with_their_fills() {
    let ioc = r#","ioc":true"#;
    let mut rows = Vec::new();
    for i in 0..24 {
        rows.push(order(60, &format!("m{i}"), "u2", "sell", "0.1", ioc));
        rows.push(order(60, &format!("t{i}"), "u1", "buy", "0.1", ioc));
    }
    rows.extend((0..24).map(|i| fill(60, &format!("m{i}"), &format!("t{i}"), "0.1")));
    let run = batches(opened(&rows), of_shape("tiny"));
    assert_eq!((run.total().count(Kind::Fill), run.total().rows_refused), (24, 0));
}

#[test]
fn an_immediate_order_with_more_fills_than_fit_is_parted_and_says_so() {
    let mut rows: Vec<String> =
        (0..5).map(|i| order(60, &format!("m{i}"), "u2", "sell", "0.1", "")).collect();
    rows.push(order(61, "t", "u1", "buy", "0.5", r#","ioc":true"#));
    rows.extend((0..5).map(|i| fill(61, &format!("m{i}"), "t", "0.1")));
    let Settings { capacities, .. } = of_shape("demo");
    let rules = Settings { capacities: capacities.with("fills", 2), fills: 2, ..of_shape("demo") };
    let run = batches(opened(&rows), rules);
    assert!(run.batches.iter().any(|batch| batch.closed == Closed::Parted));
    assert_eq!(run.total().count(Kind::Fill), 2);
    assert_eq!(run.refused_for(Kind::Fill, Code::OrderEnded), 3);
}

/// Forty makers, and an order over all of them that is filled whole or not at all.
fn sweep(fills: usize) -> Vec<String> {
    let mut rows: Vec<String> =
        (0..40).map(|i| order(i, &format!("m{i}"), "u2", "sell", "0.5", "")).collect();
    rows.push(order(60, "f", "u1", "buy", "20", r#","fok":true"#));
    rows.extend((0..fills).map(|i| fill(60, &format!("m{i}"), "f", "0.5")));
    rows
}

#[test]
fn a_fill_or_kill_order_that_no_batch_holds_is_refused_once_and_whole() {
    let run = batches(opened(&sweep(40)), of_shape("demo"));
    let [refused] = run.refused.as_slice() else { panic!("{:?}", run.refused) };
    assert_eq!((refused.kind, refused.rows, refused.line), (Kind::Order, 41, 44));
    assert_eq!(refused.reason, Reason::TooManyFills);
    let state = run.engine.state();
    let resting =
        (1..=41).filter(|id| state.order(*id).is_some_and(|order| order.left == order.size)).count();
    assert_eq!(resting, 40, "the makers' orders stay on the book");
}

#[test]
fn a_fill_or_kill_order_that_its_fills_leave_open_is_refused_once_and_whole() {
    let run = batches(opened(&sweep(39)), settings(64));
    let [refused] = run.refused.as_slice() else { panic!("{:?}", run.refused) };
    assert_eq!((refused.kind, refused.rows, &refused.reason), (Kind::Order, 40, &Reason::NotWhole));
    assert!(run.batches.iter().all(|batch| batch.trace.of::<FillRecord>().is_empty()));
    let whole = batches(opened(&sweep(40)), settings(64));
    assert_eq!((whole.total().count(Kind::Fill), whole.total().rows_refused), (40, 0));
}

#[test]
fn bulk_actions_are_cut_to_what_a_batch_holds() {
    let mut rows: Vec<String> =
        (0..60).map(|i| order(60, &format!("m{i}"), "u2", "sell", "0.1", "")).collect();
    rows.extend((0..60).map(|i| row(61, &format!(r#""cancel","user":"u2","id":"m{i}""#))));
    let run = batches(opened(&rows), of_shape("demo"));
    assert_eq!((run.total().count(Kind::Order), run.total().count(Kind::Cancel)), (60, 60));
    assert_eq!(run.total().rows_refused, 0);
}

#[test]
fn items_of_an_action_are_refused_one_by_one() {
    let rows = [
        order(60, "a", "u2", "sell", "0.1", ""),
        order(60, "b", "u2", "sell", "0.1", r#","post_only":true,"ioc":true"#),
        order(60, "c", "u2", "sell", "0.1", r#","expiry":"2025-03-01T08:00:00Z""#),
        order(60, "d", "u2", "sell", "0.1", ""),
    ];
    let run = batches(opened(&rows), of_shape("demo"));
    let refused: Vec<(u64, u64)> = run.refused.iter().map(|refused| (refused.line, refused.rows)).collect();
    assert_eq!(refused, [(5, 1), (6, 1)]);
    let side = run.engine.state().order(1).map(|order| order.side);
    assert_eq!((run.total().count(Kind::Order), side), (2, Some(StateSide::Sell)));
}

/// One random row; names repeat, so that orders meet, are cancelled and are filled.
pub(super) fn any_row() -> impl Strategy<Value = (u8, u8, u8, u8, u8)> {
    (0..12u8, 0..3u8, 0..12u8, 0..12u8, 0..4u8)
}

/// Rows in the order of their times; every order is named before it is used.
pub(super) fn any_tape(choices: &[(u8, u8, u8, u8, u8)]) -> Tape {
    let mut rows = vec![market("ETH"), market("BTC"), market("SOL")];
    let mut seconds = 0;
    let mut orders: Vec<(String, String)> = Vec::new();
    for (kind, who, one, other, gap) in choices {
        seconds += [0, 0, 7, 2000][usize::from(*gap)];
        let user = format!("u{who}");
        let known = |index: &u8| orders.get(usize::from(*index) % orders.len().max(1));
        let side = if one % 2 == 0 { "buy" } else { "sell" };
        let size = format!("0.{}", 1 + other % 9);
        let next = match (kind, known(one), known(other)) {
            (0, ..) => deposit(seconds, &user, "300"),
            (1, ..) => row(seconds, &format!(r#""withdraw","user":"{user}","amount":"{one}00.5""#)),
            (2, ..) => {
                tick(seconds, ["ETH", "BTC", "SOL"][usize::from(*who)], &format!("{}000", 1 + other), 900)
            }
            (3..=7, ..) => {
                let id = format!("o{}", orders.len());
                let more = ["", r#","ioc":true"#, r#","fok":true"#, r#","expiry":"2025-03-01T09:40:00Z""#];
                orders.push((id.clone(), user.clone()));
                order(seconds, &id, &user, side, &size, more[usize::from(*kind) % 4])
            }
            (8, Some((id, owner)), _) => row(seconds, &format!(r#""cancel","user":"{owner}","id":"{id}""#)),
            (_, Some((maker, _)), Some((taker, _))) => fill(seconds, maker, taker, &size),
            _ => deposit(seconds, &user, "1000"),
        };
        rows.push(next);
    }
    ours(&rows)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever the rows and the shape, each is applied or refused, once; batches fit.
    #[test]
    fn no_row_is_lost(choices in prop::collection::vec(any_row(), 1..120), small in 0..3usize, cut in 0..40u32) {
        let Settings { mut capacities, .. } = of_shape(["tiny", "demo", "trade-64"][small]);
        // Some kinds of rows are scarce, or missing.
        let scarce = ["actions", "chunks", "places", "cancels", "withdrawals", "deposits", "cross_accounts", "orders"];
        if let Some(name) = scarce.get(cut as usize) {
            capacities[name] /= 2;
        }
        let rules = Settings { capacities, sign: false, ..settings(capacities["fills"].max(1)) };
        batches(any_tape(&choices), rules);
    }
}
