//! What the row of a liquidation is computed from.

use super::{Liquidate, LiquidateCells};
use crate::margin::Header;

/// A liquidation and its cells before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidateRecord {
    /// T of the row, below 2^20.
    pub sequence: u32,
    /// What the operator asked for.
    pub op: Liquidate,
    /// Cells before the liquidation.
    pub cells: LiquidateCells,
    /// The pool's header when the fee arrives: after the trade, if the pool takes part in it.
    pub pool: Header,
    /// When each of the cells was touched last.
    pub previous: LiquidateTouches,
    /// Paid to the pool, quote quanta.
    pub fee: u64,
}

/// Times `16T + j` at which each cell was touched last; 0 for the opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiquidateTouches {
    /// When the header of the liquidated account was touched last.
    pub header: u32,
    /// When the position of the liquidated account was touched last.
    pub position: u32,
    /// When the taker's order was touched last; 0 if the pool takes.
    pub order: u32,
    /// When the header of the taker's account was touched last.
    pub taker_header: u32,
    /// When the position of the taker's account was touched last.
    pub taker_position: u32,
    /// When the pool's header was touched last: in the row itself, if the pool takes part in the trade.
    pub pool: u32,
    /// When the market's open interest was touched last.
    pub open_interest: u32,
}
