//! Small tapes in, batches out; and the real history, where it lies beside the checkout.

use super::{Engine, Kind, Settings};
use crate::wire::{Format, read};
use std::path::Path;
use zkmargin_circuits::batch::native::Capacities;
use zkmargin_circuits::ops::Domain;

fn settings(fills: usize) -> Settings {
    Settings { seed: 1, domain: Domain::default(), fills, capacities: Capacities::UNLIMITED, sign: false }
}

#[test]
fn replays_the_real_history() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/tape/hl2023_events.csv.gz"));
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return;
    }
    let tape = read(path, Format::Hyperliquid, None).unwrap();
    let mut engine = Engine::new(tape, settings(256)).unwrap();
    let start = std::time::Instant::now();
    let mut max = [0usize; 15];
    let mut n = 0;
    while let Some(batch) = engine.next_batch().unwrap() {
        n += 1;
        let _ = &batch;
        let r = &batch.trace.rows;
        let chunks = r.actions.iter().map(|a| a.message.chunks.len()).sum::<usize>();
        for (m, v) in max.iter_mut().zip([
            r.actions.len(),
            chunks,
            r.places.len(),
            r.withdrawals.len(),
            r.deposits.len(),
            r.fills.len(),
            r.liquidations.len(),
            batch.trace.accounts.len(),
            batch.trace.positions.len(),
            batch.trace.markets.len(),
            batch.trace.orders.len(),
            batch.trace.nodes.len(),
        ]) {
            *m = (*m).max(v);
        }
    }
    println!("{n} batches {:?}", start.elapsed());
    println!("actions chunks places wd dep fills liq accounts positions markets orders nodes {max:?}");
    println!("{}", serde_json::to_string_pretty(engine.total()).unwrap());
    assert!(engine.total().count(Kind::Fill) > 30_000);
}
