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
    /// Of the header of the liquidated account.
    pub header: u32,
    /// Of the position of the liquidated account.
    pub position: u32,
    /// Of the taker's order; 0 if the pool takes.
    pub order: u32,
    /// Of the header of the taker's account.
    pub taker_header: u32,
    /// Of the position of the taker's account.
    pub taker_position: u32,
    /// Of the pool's header: the row's own touch, if the pool takes part in the trade.
    pub pool: u32,
    /// Of the market's open interest.
    pub open_interest: u32,
}
