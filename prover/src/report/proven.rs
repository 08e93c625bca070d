//! Proven batches, one line each.

use super::Table;
use crate::engine::Batch;
use crate::prove::Proven;
use crate::verify::field_hex;
use serde::Serialize;
use std::collections::BTreeMap;

/// One proven batch.
#[derive(Debug, Clone, Serialize)]
pub struct ProvenBatch {
    /// Number.
    pub batch: u64,
    /// Ops applied.
    pub ops: usize,
    /// Trades among them: fills and liquidations.
    pub trades: usize,
    /// Accounts opened.
    pub accounts: usize,
    /// Signatures verified.
    pub signatures: usize,
    /// Refusals, by kind and reason.
    pub refused: Vec<String>,
    /// Constraints of the shape, and for each trade of this batch.
    pub constraints: usize,
    /// See `constraints`.
    pub constraints_per_trade: usize,
    /// Published bytes.
    pub bytes: usize,
    /// Seconds to prove, all in.
    pub seconds: f64,
    /// Seconds by part: `witness`, then the prover's phases (`zkmargin_groth16::Phase::name`).
    pub phases: BTreeMap<String, f64>,
    /// Verified natively.
    pub verified: bool,
    /// Execution gas, without intrinsic and calldata gas; and for each trade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas: Option<u64>,
    /// Gas that the sender pays for, intrinsic and calldata gas included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_total: Option<u64>,
    /// See `gas_total`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_per_trade: Option<u64>,
    /// State root before.
    pub old_root: String,
    /// State root after.
    pub new_root: String,
    /// Why it closed.
    pub closed: String,
}

impl ProvenBatch {
    /// From a batch and its proof; gas comes later.
    pub fn new(batch: &Batch, proven: &Proven, constraints: usize) -> Self {
        let trades = batch.trades();
        let mut phases: BTreeMap<String, f64> = BTreeMap::new();
        phases.insert("witness".to_owned(), proven.witness.as_secs_f64());
        for (phase, time) in &proven.phases {
            *phases.entry(phase.name().to_owned()).or_default() += time.as_secs_f64();
        }
        let refused = batch.tally.lines().into_iter().filter(|line| line.2 > 0);
        Self {
            batch: batch.number,
            ops: batch.ops.len(),
            trades,
            accounts: batch.accounts(),
            signatures: batch.trace.rows.actions.len(),
            refused: refused.map(|(kind, _, _, why)| format!("{kind}: {why}")).collect(),
            constraints,
            constraints_per_trade: constraints / trades.max(1),
            bytes: proven.bytes.len(),
            seconds: proven.total.as_secs_f64(),
            phases,
            verified: true,
            gas: None,
            gas_total: None,
            gas_per_trade: None,
            old_root: field_hex(batch.trace.old_root),
            new_root: field_hex(batch.trace.new_root),
            closed: batch.closed.to_string(),
        }
    }

    /// Adds what applying it in the EVM took.
    pub fn with_gas(mut self, execution: u64, total: u64) -> Self {
        self.gas = Some(execution);
        self.gas_total = Some(total);
        self.gas_per_trade = Some(total / (self.trades as u64).max(1));
        self
    }
}

/// The batches as a table.
pub fn table(batches: &[ProvenBatch]) -> Table {
    let with_gas = batches.iter().any(|batch| batch.gas.is_some());
    let mut heads = vec!["batch", "ops", "trades", "signed", "constraints", "a trade", "seconds", "bytes"];
    if with_gas {
        heads.extend(["gas", "paid a trade"]);
    }
    heads.push("root after");
    let mut table = Table::new(&heads);
    for batch in batches {
        let numbers = [
            batch.batch as usize,
            batch.ops,
            batch.trades,
            batch.signatures,
            batch.constraints,
            batch.constraints_per_trade,
        ];
        let mut row: Vec<String> = numbers.iter().map(|number| number.to_string()).collect();
        row.push(format!("{:.1}", batch.seconds));
        row.push(batch.bytes.to_string());
        if with_gas {
            row.push(batch.gas.map_or_else(String::new, |gas| gas.to_string()));
            row.push(batch.gas_per_trade.map_or_else(String::new, |gas| gas.to_string()));
        }
        row.push(format!("{}…", &batch.new_root[..14]));
        table.row(row);
    }
    table
}
