//! The globals cell: one leaf directly under the root.

use ark_bn254::Fr;

use crate::gadgets::hash::poseidon;
use crate::gadgets::word::Layout;
use crate::params::{EPOCH_BITS, ORDER_BITS, TIME_BITS, tag};
use crate::state::PublicKey;

/// What the globals leaf says besides the configuration and the price signers.
pub const GLOBALS_WORD: Layout<5> = Layout::new(
    "globals",
    [("batch", 64), ("next_order", ORDER_BITS), ("deposits", 64), ("time", TIME_BITS), ("epoch", EPOCH_BITS)],
);

/// What a batch publishes of the globals besides its header: the counter of orders and the epoch after the batch.
pub const GLOBALS_ELEMENT: Layout<2> =
    Layout::new("globals element", [("next_order", ORDER_BITS), ("epoch", EPOCH_BITS)]).published();

/// Batch number, order counter, deposit cursor, time, epoch of prices, the digest of the configuration, and that of
/// the price signers.
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
    /// Epoch of the last price lists, below 2^40.
    pub epoch: u64,
    /// 248-bit digest of the configuration.
    pub config: Fr,
    /// [`signers_digest`] of the registered signers: 0 without any, and then prices are the operator's word.
    pub signers: Fr,
}

/// `H_n` with `H_0 = 0`, `H_{i+1} = poseidon([H_i, x, y])` over the keys of the signers, in their order.
pub fn signers_digest(signers: &[PublicKey]) -> Fr {
    signers.iter().fold(Fr::from(0u64), |digest, key| poseidon(&[digest, key.x, key.y]))
}

impl Globals {
    /// The word of the leaf, laid out as [`GLOBALS_WORD`] says.
    pub fn word(&self) -> Fr {
        GLOBALS_WORD.pack([
            self.batch.into(),
            self.next_order.into(),
            self.deposits.into(),
            self.time.into(),
            self.epoch.into(),
        ])
    }

    /// `poseidon([GLOBALS, w0, config, signers])`.
    pub fn leaf(&self) -> Fr {
        poseidon(&[Fr::from(tag::GLOBALS), self.word(), self.config, self.signers])
    }
}
