//! What the row of a liquidation is computed from.

use super::{Liquidate, LiquidateCells};
use crate::margin::Header;

/// A liquidation and its cells before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidateRecord {
    /// T of the row.
    pub sequence: u32,
    pub op: Liquidate,
    pub cells: LiquidateCells,
    /// The pool's header when the fee arrives: after the trade, if the pool takes part in it.
    pub pool: Header,
    pub previous: LiquidateTouches,
    /// Paid to the pool, quote quanta.
    pub fee: u64,
}

/// When each cell was touched last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiquidateTouches {
    pub header: u32,
    pub position: u32,
    pub order: u32,
    pub taker_header: u32,
    pub taker_position: u32,
    /// The row's own touch, if the pool takes part in the trade.
    pub pool: u32,
    pub open_interest: u32,
}
