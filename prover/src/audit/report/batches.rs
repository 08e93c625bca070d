//! The table of batches, one column per field.

use super::Step;
use crate::audit::events::Counts;
use crate::verify::field_hex;
use serde::Serialize;
use zkmargin_circuits::publication::{ELEMENT_BYTES, HEADER_ELEMENTS};

/// Gas of a zero byte of calldata (EIP-2028).
const GAS_OF_ZERO: u64 = 4;
/// Gas of any other byte of calldata (EIP-2028).
const GAS_OF_OTHER: u64 = 16;

/// Columns of equal length, a row per batch.
#[derive(Debug, Default, Serialize)]
pub struct Batches {
    number: Vec<u64>,
    time: Vec<u64>,
    root: Vec<String>,
    elements: Vec<u32>,
    bytes: Vec<usize>,
    /// Of the published lists as calldata.
    gas: Vec<u64>,
    deposits: Vec<u64>,
    withdrawals: Vec<u64>,
    transfers: Vec<u64>,
    ticks: Vec<u64>,
    liquidations: Vec<u64>,
    accounts: Vec<u64>,
    orders: Vec<u64>,
    judged: Vec<bool>,
}

impl Batches {
    /// Adds a batch; gives its row.
    pub fn take(&mut self, step: &Step<'_>) -> usize {
        let mut counts = Counts::default();
        counts.add(step.batch);
        let header = &step.batch.header;
        self.number.push(step.number);
        self.time.push(header.time);
        self.root.push(field_hex(header.new_root));
        self.elements.push(header.elements);
        self.bytes.push(step.bytes.len());
        self.gas.push(gas(step.bytes.get(HEADER_ELEMENTS * ELEMENT_BYTES..).unwrap_or_default()));
        self.deposits.push(counts.deposits);
        self.withdrawals.push(counts.withdrawals);
        self.transfers.push(counts.transfers);
        self.ticks.push(counts.ticks);
        self.liquidations.push(counts.liquidations);
        self.accounts.push(counts.accounts);
        self.orders.push(counts.orders);
        self.judged.push(step.judged);
        self.number.len() - 1
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.number.is_empty()
    }
}

/// Gas of bytes as calldata.
pub fn gas(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| if *byte == 0 { GAS_OF_ZERO } else { GAS_OF_OTHER }).sum()
}
