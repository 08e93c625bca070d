//! Wires that all rows share. The statement row, the signatures' combining row or a constant of the
//! shape constrains each.

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

/// Number of global wires.
pub const COUNT: usize = 6;
