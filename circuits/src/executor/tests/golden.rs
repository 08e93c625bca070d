//! A fixed run of ten thousand ops: its roots, its published bytes and its rejects are those on file.

use std::fmt::Write;
use std::path::Path;

use ark_ff::PrimeField;
use sha3::{Digest, Keccak256};

use super::random::{Run, fund};
use super::world::World;
use super::*;
use crate::publication::{Deployment, HEADER_ELEMENTS, elements, publish};

const BATCHES: u64 = 20;
const OPS_PER_BATCH: usize = 500;

/// Enough for the run, and small enough to be padded in no time.
fn capacities() -> Capacities {
    let without = ["flat_accounts", "mode_changes", "rekeys"];
    let all = Capacities::all(1_000).with("nodes", 10_000);
    without.into_iter().fold(all, |all, name| all.with(name, 0))
}

/// Applies one op; the code of its reject, 0 for none.
fn apply(executor: &mut Executor, run: &mut Run, op: &Op) -> u16 {
    match executor.apply(op) {
        Ok(applied) => {
            run.note(applied);
            0
        }
        Err(ApplyError::Refused(refusal)) => refusal.reason.code(),
        Err(other) => panic!("{other}"),
    }
}

/// One line per batch: number, root, digest of the published lists, digest of the rejects.
fn lines() -> String {
    let mut run = Run::new(20_261_130, World { fill_or_kill: 5, creations: 30, parts: 35, ..World::BUSY });
    let mut state = fund(&mut run, genesis(World::BUSY.markets));
    let mut text = String::new();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for number in 1..=BATCHES {
        let context = BatchContext {
            time: 1_001 + 997 * number,
            domain: domain(),
            capacities: capacities(),
            signatures: SignatureCheck::Skip,
        };
        let mut executor = Executor::begin(state, context).unwrap();
        let mut rejects = Keccak256::new();
        for op in run.ticks() {
            rejects.update(apply(&mut executor, &mut run, &op).to_be_bytes());
        }
        for _ in 0..OPS_PER_BATCH {
            let op = run.op(&executor);
            if op != Op::CollectFees {
                rejects.update(apply(&mut executor, &mut run, &op).to_be_bytes());
            }
        }
        let trace;
        (state, trace) = executor.finish().unwrap();
        run.keep_orders(&state);
        let all = elements(&trace, &capacities(), &Deployment { shape_id: 1, key_id: [5; 31] }).unwrap();
        let lists = Keccak256::digest(publish(&all[HEADER_ELEMENTS..]));
        let root = state.root().into_bigint();
        writeln!(text, "{number},0x{root:064X},{},{}", hex(&lists), hex(&rejects.finalize())).unwrap();
    }
    text
}

#[test]
fn a_run_of_ten_thousand_ops_is_the_one_on_file() {
    let text = format!("batch,root,lists,rejects\n{}", lines());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testvectors/run.csv");
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, &text).unwrap();
        return;
    }
    let pinned = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(pinned == text, "testvectors/run.csv is not what the run gives; UPDATE=1 writes it:\n{text}");
}
