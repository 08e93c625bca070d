//! Small tapes in, batches out; and the real history, where it lies beside the checkout.

use super::{Batch, Closed, Code, Engine, Kind, Reason, Refused, Settings, Tally};
use crate::flow::Flow;
use crate::wire::{Format, Lines, Options, Tape, hyperliquid, read, read_lines};
use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::executor::invariants;
use zkmargin_circuits::kinds::Capacities;
use zkmargin_circuits::leaves::market::MarketRecord;
use zkmargin_circuits::ops::Domain;
use zkmargin_circuits::ops::action::ActionRecord;
use zkmargin_circuits::ops::deposit::DepositRecord;
use zkmargin_circuits::ops::fill::FillRecord;
use zkmargin_circuits::ops::liquidate::LiquidateRecord;
use zkmargin_circuits::ops::place::PlaceRecord;
use zkmargin_circuits::ops::transfer::TransferRecord;
use zkmargin_circuits::reject::Reject;

mod ours;
mod quanta;
mod signed;

fn settings(fills: usize) -> Settings {
    let capacities = Capacities::UNLIMITED;
    Settings { seed: 1, domain: Domain::default(), fills, capacities, sign: true, span: u64::MAX, signers: 0 }
}

fn tape(rows: &str) -> Tape {
    let text = format!("{}\n{rows}\n", hyperliquid::HEADER);
    let lines = Lines::new("tape", Box::new(Cursor::new(text))).unwrap();
    read_lines(lines, Format::Hyperliquid, &Options::default()).unwrap()
}

/// What a run made of a tape.
struct Outcome {
    engine: Engine,
    batches: Vec<Batch>,
    refused: Vec<Refused>,
}

impl Outcome {
    fn total(&self) -> &Tally {
        self.engine.total()
    }

    fn refused_for(&self, kind: Kind, code: Code) -> u64 {
        self.total().refused.get(&kind).and_then(|reasons| reasons.get(&code)).copied().unwrap_or(0)
    }
}

/// Every batch of a tape. After each the law's invariants hold and it fits its shape; in the end each
/// row is counted once.
fn batches(tape: Tape, settings: Settings) -> Outcome {
    let rows = tape.events.len() as u64 + tape.skipped_rows();
    let mut engine = Engine::new(tape, settings).unwrap();
    let (mut batches, mut refused) = (Vec::new(), Vec::new());
    loop {
        let dust = engine.state().ledger().dust;
        let Some(batch) = engine.next_batch(&mut |refusal| refused.push(refusal)).unwrap() else { break };
        invariants::check(dust, engine.state(), &batch.trace).unwrap();
        assert_eq!(settings.capacities.fits(&batch.trace.usage()), Ok(()));
        assert!(!batch.ops.is_empty(), "a batch of nothing");
        batches.push(batch);
    }
    let total = engine.total();
    assert_eq!(total.rows(), rows, "rows read are applied or refused");
    let refused_rows: u64 = refused.iter().map(|refusal| refusal.rows).sum();
    assert_eq!(refused_rows + engine.tape().skipped_rows(), total.rows_refused);
    assert_eq!(refused.len() as u64, total.reasons().iter().map(|(_, _, count)| count).sum::<u64>());
    Outcome { engine, batches, refused }
}

const FUNDED: &str = "2024-05-01T10:00:00Z,L,ann,,,,,500,,\n2024-05-01T10:00:00Z,L,bob,,,,,500,,";

#[test]
fn same_second_fills_of_one_user_are_one_order_and_the_house_signs_exactly() {
    let rows = format!(
        "{FUNDED}\n2024-05-01T10:00:05Z,F,ann,ETH,B,1000,0.5,,T,\n2024-05-01T10:00:05Z,F,ann,ETH,B,1000.5,0.25,,T,\n2024-05-01T10:00:05Z,F,ann,ETH,B,1000.5,0.25,,T,"
    );
    let run = batches(tape(&rows), settings(64));
    let trace = &run.batches[0].trace;
    let (actions, places) = (trace.of::<ActionRecord>(), trace.of::<PlaceRecord>());
    assert_eq!(actions.len(), 2, "the house's bulk and one order of the user");
    assert_eq!(actions[0].message.chunks.len(), 1);
    let lots: Vec<(u32, u64)> = places.iter().map(|row| (row.order.limit, row.order.size)).collect();
    assert_eq!(lots, [(10_000, 50), (10_005, 50), (10_005, 100)]);
    assert!(places.iter().all(|row| row.left == 0), "nothing is left over");
    assert_eq!(trace.of::<FillRecord>().len(), 3);
    assert_eq!(run.total().count(Kind::Fill), 3);
}

#[test]
fn mirrored_pairs_meet_directly() {
    let rows = format!(
        "{FUNDED}\n2024-05-01T10:00:05Z,F,ann,ETH,B,1000,0.5,,T,\n2024-05-01T10:00:05Z,F,bob,ETH,S,1000,0.5,,M,"
    );
    let run = batches(tape(&rows), settings(64));
    let trace = &run.batches[0].trace;
    let fills = trace.of::<FillRecord>();
    assert_eq!((trace.of::<ActionRecord>().len(), fills.len()), (2, 1));
    let (taker, maker) = (fills[0].cells.taker.order.account, fills[0].cells.maker.order.account);
    let deposits: Vec<u64> = trace.of::<DepositRecord>().iter().map(|row| row.account).collect();
    assert_eq!(deposits[1..], [taker, maker], "ann takes, bob makes; the house came first");
}

#[test]
fn users_without_deposit_get_one_marked_assumed() {
    let rows = "2024-05-01T10:00:05Z,F,eve,ETH,B,1000,0.5,,T,";
    let run = batches(tape(rows), settings(64));
    assert_eq!(run.total().count(Kind::AssumedDeposit), 2, "the house and eve");
    assert_eq!(run.total().count(Kind::Deposit), 0);
    assert_eq!(run.total().count(Kind::Fill), 1);
}

#[test]
fn refused_trades_are_counted_by_reason_and_not_signed_for() {
    let rows = format!(
        "{FUNDED}\n2024-05-01T10:00:05Z,F,ann,ETH,B,1000,500,,T,\n2024-05-01T10:00:06Z,F,bob,ETH,B,1000,0.5,,T,"
    );
    let run = batches(tape(&rows), settings(64));
    assert_eq!(run.refused_for(Kind::Fill, Code::Law(Reject::BelowInitialMargin)), 1);
    let refused = &run.refused[0];
    assert_eq!((refused.line, refused.rows, refused.market), (4, 1, Some(1)));
    let law = refused.reason.refusal().unwrap();
    assert!(law.id == "LEGAL-4" && law.has_sides() && law.reason == Reject::BelowInitialMargin);
    let places = run.batches[0].trace.of::<PlaceRecord>();
    assert_eq!(places.len(), 2, "the house's and bob's order; ann's is left out");
    assert!(places.iter().all(|row| row.left == 0));
}

/// 4 units bought at 1000 with 100 of collateral; the mark falls to 984.5.
fn liquidation(price: &str, notional: &str) -> String {
    format!(
        "2024-05-01T10:00:00Z,L,ann,,,,,100,,\n2024-05-01T10:00:00Z,L,bob,,,,,50000,,\n2024-05-01T10:00:05Z,F,ann,ETH,B,1000,4,,T,\n2024-05-01T10:09:00Z,F,ann,ETH,S,{price},4,,M,\n2024-05-01T10:09:00Z,F,bob,ETH,B,{price},4,,T,\n2024-05-01T10:09:00Z,X,ann,,,{notional},38,,,Cross"
    )
}

#[test]
fn due_liquidations_open_a_batch_at_their_mark_price() {
    let run = batches(tape(&liquidation("976", "3938")), settings(64));
    assert_eq!(run.batches[0].closed, Closed::Liquidation);
    assert_eq!(run.total().count(Kind::Liquidation), 1);
    let row = &run.batches[1].trace.of::<LiquidateRecord>()[0];
    assert!(row.op.lots > 0 && row.fee == 0);
    let mark = run.batches[1].trace.of::<MarketRecord>()[0].new;
    assert_eq!((u128::from(mark.price) * u128::from(mark.lot)) >> 32, 984_500_000);
    assert_eq!(run.total().rows(), 6);
}

#[test]
fn liquidations_that_are_not_due_are_reported_and_tried_as_trades() {
    let run = batches(tape(&liquidation("999", "3998")), settings(64));
    assert_eq!(run.refused_for(Kind::Liquidation, Code::Law(Reject::NotLiquidatable)), 1);
    assert_eq!(run.total().count(Kind::LiquidationAsFill), 1);
    assert_eq!(run.total().count(Kind::Liquidation), 0);
}

#[test]
fn full_batches_close_early_say_so_and_lose_nothing() {
    let mut rows = FUNDED.to_owned();
    for second in 10..40 {
        rows.push_str(&format!("\n2024-05-01T10:00:{second}Z,F,ann,ETH,B,1000,0.01,,T,"));
    }
    let capacities = Capacities::UNLIMITED.with("actions", 9);
    let run = batches(tape(&rows), Settings { capacities, ..settings(64) });
    assert_eq!(run.batches.len(), 4);
    assert_eq!(run.batches[0].closed.to_string(), "closed early: actions: 10 rows needed, 9 in the shape");
    assert_eq!(run.total().count(Kind::Fill), 30);
    assert_eq!(run.total().rows(), 32);
}

#[test]
fn work_that_fits_no_batch_is_refused_by_name() {
    let capacities = Capacities::UNLIMITED.with("withdrawals", 0);
    let rows = format!("{FUNDED}\n2024-05-01T10:00:05Z,L,ann,,,,,-5,,\n2024-05-01T10:00:06Z,L,bob,,,,,5,,");
    let run = batches(tape(&rows), Settings { capacities, ..settings(64) });
    assert_eq!(run.refused_for(Kind::Withdrawal, Code::DoesNotFit), 1);
    assert_eq!(run.total().count(Kind::Deposit), 3);
}

#[test]
fn more_markets_than_an_account_or_a_batch_holds_take_several_accounts() {
    // Ann's money is in the file, and she trades two markets; eve, without a deposit, trades all forty.
    let mut rows = FUNDED.to_owned();
    for round in 0..3 {
        for market in 0..40 {
            let second = 10 + round * 10 + market / 10;
            let row = format!("\n2024-05-01T10:00:{second}Z,F,eve,M{market},B,1000,0.5,,T,");
            rows.push_str(&row);
            if market < 2 {
                rows.push_str(&format!("\n2024-05-01T10:00:{second}Z,F,ann,M{market},S,1000,0.5,,T,"));
            }
        }
    }
    for name in ["tiny", "demo", "trade-64"] {
        let capacities = Shape::named(name).unwrap().capacities;
        let fills = capacities["fills"];
        let run = batches(tape(&rows), Settings { capacities, sign: false, ..settings(fills) });
        // Ann holds one market when she trades the second: a batch of the tiny shape has one row.
        let lost = if name == "tiny" { 3 } else { 0 };
        assert_eq!((run.total().count(Kind::Fill), run.total().rows_refused), (126 - lost, lost), "{name}");
        let houses = 40usize.div_ceil(capacities["markets"]);
        assert_eq!(run.total().count(Kind::AssumedDeposit), 2 * houses as u64, "{name}");
    }
}

#[test]
fn signatures_do_not_change_what_happens() {
    let rows = include_str!("../../../tests/data/small.csv").split_once('\n').unwrap().1.trim_end();
    let signed = batches(tape(rows), settings(2));
    let unsigned = batches(tape(rows), Settings { sign: false, ..settings(2) });
    assert_eq!(signed.engine.state().root(), unsigned.engine.state().root());
    assert_eq!(signed.total(), unsigned.total());
}

#[test]
fn generated_flow_fills_the_demo_shape_and_shows_every_kind() {
    let shape = Shape::named("demo").unwrap();
    let tape = Flow { fills: 240, ..Flow::default() }.generate().unwrap();
    let capacities = shape.capacities;
    let fills = capacities["fills"];
    let run = batches(tape, Settings { capacities, fills, ..settings(fills) });
    let total = run.total();
    for kind in [
        Kind::Tick,
        Kind::Deposit,
        Kind::Withdrawal,
        Kind::Transfer,
        Kind::Order,
        Kind::Cancel,
        Kind::Fill,
        Kind::Liquidation,
    ] {
        assert!(total.count(kind) > 0, "{kind:?}: {total:?}");
    }
    assert!(total.refused_count(Kind::Fill) > 0, "some orders are made to fail");
    for batch in &run.batches {
        assert!(capacities.fits(&batch.trace.usage()).is_ok());
    }
    assert!(run.batches.iter().any(|batch| batch.trace.of::<FillRecord>().len() >= 10));
}

#[test]
fn replays_the_real_history() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/tape/hl2023_events.csv.gz"));
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return;
    }
    let tape = read(path, Format::Hyperliquid, &Options::default()).unwrap();
    let shape = Shape::named("trade-256").unwrap();
    let capacities = shape.capacities;
    let rules = Settings { capacities, sign: false, ..settings(capacities["fills"]) };
    let run = batches(tape, rules);
    let total = run.total();
    assert_eq!(total.rows(), 36_313, "every row of the file is accounted for");
    assert_eq!(total.count(Kind::AssumedDeposit), 10, "nine users and the house");
    assert!(total.count(Kind::Fill) > 34_000 && total.count(Kind::Liquidation) > 0);
    assert!(run.batches.iter().filter(|batch| batch.trades() > 240).count() > 100);
}
