//! The globals cell: one leaf directly under the root.

use ark_bn254::Fr;

use crate::gadgets::hash::poseidon;
use crate::gadgets::word::Layout;
use crate::params::{ORDER_BITS, TIME_BITS, tag};

/// What the globals leaf says besides the configuration.
pub const GLOBALS_WORD: Layout<4> = Layout::new(
    "globals",
    [("batch", 64), ("next_order", ORDER_BITS), ("deposits", 64), ("time", TIME_BITS)],
);

/// What a batch publishes of the globals besides its header: the counter of orders after the batch.
pub const GLOBALS_ELEMENT: Layout<1> =
    Layout::new("globals element", [("next_order", ORDER_BITS)]).published();

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
    /// The word of the leaf, laid out as [`GLOBALS_WORD`] says.
    pub fn word(&self) -> Fr {
        GLOBALS_WORD.pack([self.batch.into(), self.next_order.into(), self.deposits.into(), self.time.into()])
    }

    /// `poseidon([GLOBALS, w0, config])`.
    pub fn leaf(&self) -> Fr {
        poseidon(&[Fr::from(tag::GLOBALS), self.word(), self.config])
    }
}
