//! Proven batches, one line each.

use super::Table;
use crate::engine::Batch;
use crate::prove::Proven;
use crate::verify::field_hex;
use serde::Serialize;
use std::collections::BTreeMap;

/// The report of one proved batch.
#[derive(Debug, Clone, Serialize)]
pub struct ProvenBatch {
    /// Number of the batch.
    pub batch: u64,
    /// Number of ops that were applied.
    pub ops: usize,
    /// Number of trades among them: fills and liquidations.
    pub trades: usize,
    /// Number of accounts that were opened.
    pub accounts: usize,
    /// Number of signatures that were verified.
    pub signatures: usize,
    /// The refusals, by kind and reason.
    pub refused: Vec<String>,
    /// Number of constraints of the shape.
    pub constraints: usize,
    /// Number of constraints per trade of this batch.
    pub constraints_per_trade: usize,
    /// Number of published bytes.
    pub bytes: usize,
    /// Time of the proof in seconds, with the rows of the circuit.
    pub seconds: f64,
    /// Time of each part in seconds: `witness`, then the prover's phases (`zkmargin_groth16::Phase::name`).
    pub phases: BTreeMap<String, f64>,
    /// True if an interrupted run had proved the batch: then no time is given.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub taken_over: bool,
    /// True once the proof was verified natively.
    pub verified: bool,
    /// Gas that running took, without intrinsic and calldata gas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas: Option<u64>,
    /// Gas that the sender pays for, intrinsic and calldata gas included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_total: Option<u64>,
    /// Gas that the sender pays for per trade of this batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_per_trade: Option<u64>,
    /// State root before the batch, hexadecimal.
    pub old_root: String,
    /// State root after the batch, hexadecimal.
    pub new_root: String,
    /// Reason for which the batch closed.
    pub closed: String,
}

impl ProvenBatch {
    /// Makes the report of a batch and its proof; gas comes later.
    pub fn new(batch: &Batch, proven: &Proven, constraints: usize) -> Self {
        let trades = batch.trades();
        let mut phases: BTreeMap<String, f64> = BTreeMap::new();
        phases.insert("witness".to_owned(), proven.witness.as_secs_f64());
        for (phase, time) in &proven.phases {
            *phases.entry(phase.name().to_owned()).or_default() += time.as_secs_f64();
        }
        let refused = batch.tally.reasons().into_iter();
        Self {
            batch: batch.number,
            ops: batch.ops.len(),
            trades,
            accounts: batch.accounts(),
            signatures: batch.trace.usage()["actions"],
            refused: refused.map(|(kind, code, count)| format!("{count} {}: {code}", kind.name())).collect(),
            constraints,
            constraints_per_trade: constraints / trades.max(1),
            bytes: proven.bytes.len(),
            seconds: proven.total.as_secs_f64(),
            phases,
            taken_over: false,
            verified: true,
            gas: None,
            gas_total: None,
            gas_per_trade: None,
            old_root: field_hex(batch.trace.old_root),
            new_root: field_hex(batch.trace.new_root),
            closed: batch.closed.to_string(),
        }
    }

    /// The same batch, which an interrupted run had proved.
    pub fn taken_over(self) -> Self {
        Self { taken_over: true, phases: BTreeMap::new(), ..self }
    }

    /// Adds what applying it in the EVM took.
    pub fn with_gas(mut self, execution: u64, total: u64) -> Self {
        self.gas = Some(execution);
        self.gas_total = Some(total);
        self.gas_per_trade = Some(total / (self.trades as u64).max(1));
        self
    }
}

/// Makes a table of the batches.
pub fn table(batches: &[ProvenBatch]) -> Table {
    let with_gas = batches.iter().any(|batch| batch.gas.is_some());
    let mut heads = vec!["batch", "ops", "trades", "signed", "constraints", "per trade", "seconds", "bytes"];
    if with_gas {
        heads.extend(["gas", "paid per trade"]);
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
        row.push(if batch.taken_over { "before".to_owned() } else { format!("{:.1}", batch.seconds) });
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
