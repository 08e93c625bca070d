//! The globals cell: one leaf directly under the root.

use ark_bn254::Fr;

use super::word::Word;
use crate::gadgets::hash::poseidon;
use crate::params::{ORDER_BITS, TIME_BITS, tag};

/// Batch number, order counter, deposit cursor, time, and the digest of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Globals {
    /// Number of batches applied.
    pub batch: u64,
    /// Id of the next placed order; ids start at 1.
    pub next_order: u64,
    /// Deposits credited so far, in the order of the contract's queue.
    pub deposits: u64,
    /// Time of the last batch, seconds.
    pub time: u64,
    /// 248-bit digest of the configuration.
    pub config: Fr,
}

impl Globals {
    /// `batch64 | next_order36<<64 | deposits64<<100 | time40<<164`.
    pub fn word(&self) -> Fr {
        Word::new()
            .put(self.batch.into(), 64)
            .put(self.next_order.into(), ORDER_BITS)
            .put(self.deposits.into(), 64)
            .put(self.time.into(), TIME_BITS)
            .field()
    }

    /// `poseidon([GLOBALS, w0, config])`.
    pub fn leaf(&self) -> Fr {
        poseidon(&[Fr::from(tag::GLOBALS), self.word(), self.config])
    }
}
