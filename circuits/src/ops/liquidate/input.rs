//! What the row of a liquidation is computed from.

use super::{Liquidate, LiquidateCells, Taker};
use crate::kinds as native;
use crate::margin::Header;
use crate::ops::{Leg, MarketEntry};
use crate::state::Market;

/// A liquidation and its cells before it.
#[derive(Clone, Copy, Debug)]
pub struct LiquidateInput {
    pub enable: bool,
    /// T of the row.
    pub time: u32,
    pub op: Liquidate,
    pub cells: LiquidateCells,
    /// The pool's header when the fee arrives: after the trade, if the pool takes part in it.
    pub pool: Header,
    pub previous: LiquidateTouches,
}

/// When each cell was touched last.
#[derive(Clone, Copy, Debug, Default)]
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

impl LiquidateInput {
    /// The input that a batch recorded; `market` as it is after the batch's tick.
    pub fn from_record(record: &native::LiquidateRow, market: &Market) -> Self {
        let order = record.taker_order.as_ref();
        Self {
            enable: true,
            time: record.sequence,
            op: Liquidate {
                account: record.account,
                market: record.market,
                lots: record.lots,
                quote: record.quote,
                taker: order.map_or(Taker::Pool, |(id, _)| Taker::Order(*id)),
            },
            cells: LiquidateCells {
                account: Leg {
                    owner: record.owner,
                    header: record.header.pre,
                    position: record.position.pre,
                },
                taker: Leg {
                    owner: record.taker_owner,
                    header: record.taker_header.pre,
                    position: record.taker_position.pre,
                },
                order: order.map(|(_, touch)| touch.pre),
                entry: MarketEntry { id: record.market, market: *market },
                open_interest: record.open_interest.pre,
            },
            pool: record.pool_header.pre,
            previous: LiquidateTouches {
                header: record.header.before as u32,
                position: record.position.before as u32,
                order: order.map_or(0, |(_, touch)| touch.before as u32),
                taker_header: record.taker_header.before as u32,
                taker_position: record.taker_position.before as u32,
                pool: record.pool_header.before as u32,
                open_interest: record.open_interest.before as u32,
            },
        }
    }
}
