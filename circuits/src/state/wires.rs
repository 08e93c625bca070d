//! Wires that all rows share. The statement row, the signatures' combining row or a constant of the
//! shape constrains each.

use crate::gadgets::cs::Cs;
use crate::gadgets::int::Int;
use crate::params::TIME_BITS;

/// Header element 1, chain id and contract: what signed messages are bound to.
pub const DOMAIN: u16 = 0;
/// Batch time in seconds.
pub const TIME: u16 = 1;
/// First order id of the batch.
pub const NEXT_ORDER: u16 = 2;
/// Final state of the signatures' transcript.
pub const TRANSCRIPT: u16 = 3;
/// Number of cross account rows, where the isolated ones start in the published list. A constant.
pub const ISOLATED_OFFSET: u16 = 4;
/// Header element 2 without batch and time: shape id, element count and the places of the lists that the
/// contract reads. A constant.
pub const SHAPE_CONSTANTS: u16 = 5;

/// Epoch of the batch's price lists; without any, that of the last ones.
pub const EPOCH: u16 = 6;
/// Epoch before the batch.
pub const LAST_EPOCH: u16 = 7;
/// Number of registered price signers.
pub const SIGNERS: u16 = 8;
/// 1 if there are price signers, else 0.
pub const SIGNED: u16 = 9;
/// Time at which the prices of the batch's ticks were observed, seconds: the epoch's with price signers, else the batch's.
pub const OBSERVED: u16 = 10;
/// First order id after the batch.
pub const NEXT_ORDER_AFTER: u16 = 11;

/// 1 if each price signer whose prices are in the batch has a list of premiums there, else 0.
pub const PREMIUMS: u16 = 12;
/// The hour of [`OBSERVED`], counted since 1970.
pub const HOUR: u16 = 13;

/// Number of global wires.
pub const COUNT: usize = 14;

/// The batch's time, which the statement's row has ranged.
pub(crate) fn time(cs: &mut Cs<'_>) -> Int {
    Int::new_unchecked(cs.global(TIME), TIME_BITS)
}
