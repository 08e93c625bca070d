//! Fills and liquidations.

use super::apply::Applied;
use super::cells::Cell;
use super::stage::{Stage, touch_time};
use crate::margin::{Header, PositionCell};
use crate::ops::fill::{self, FillCells, FillRecord, FillTouches, LegTouches};
use crate::ops::liquidate::{self, LiquidateCells, LiquidateRecord, LiquidateTouches};
use crate::ops::{Fill, Leg, Liquidate, OrderLeg, Taker};
use crate::params::FEE_ACCOUNT;
use crate::reject::Refusal;
use crate::state::{AccountId, MarketId, OrderId, pool_account};

/// Where a leg of a trade is written: its market, and the time of its first touch.
#[derive(Clone, Copy)]
struct Place {
    market: MarketId,
    first: u32,
}

impl Stage<'_> {
    pub fn fill(&mut self, op: &Fill) -> Result<Applied, Refusal> {
        let sequence = self.next_sequence();
        let taker = self.order(op.taker)?.cell.value;
        let maker = self.order(op.maker)?.cell.value;
        let market = maker.market;
        let entry = self.entry(market)?;
        let cells = FillCells {
            taker: OrderLeg { order: taker, leg: self.leg(taker.account, market)? },
            maker: OrderLeg { order: maker, leg: self.leg(maker.account, market)? },
            entry,
            open_interest: self.market(market)?.open_interest.value,
            fees: self.counters.fees.value,
        };
        let (post, amounts) = fill::apply(&self.context, op, &cells)?;
        let first = touch_time(sequence, 0);
        let previous = FillTouches {
            taker: self.write_side(op.taker, &post.taker, Place { market, first })?,
            maker: self.write_side(op.maker, &post.maker, Place { market, first: first + 3 })?,
            open_interest: self.market(market)?.open_interest.touch(first + 6, post.open_interest).at,
            fees: self.counters.fees.touch(first + 7, post.fees).at,
        };
        self.require_configuration(market)?;
        if post.fees > 0 {
            // The batch will have to credit them.
            self.account(FEE_ACCOUNT)?;
        }
        self.records.push(FillRecord { sequence, op: *op, cells, previous, amounts });
        Ok(Applied::Fill(amounts))
    }

    pub fn liquidate(&mut self, op: &Liquidate) -> Result<Applied, Refusal> {
        let sequence = self.next_sequence();
        let (market, pool) = (op.market, pool_account(op.market));
        let (taker, cells) = self.liquidate_cells(op)?;
        let (post, fee) = liquidate::apply(&self.context, op, &cells)?;
        let first = touch_time(sequence, 0);
        let (header, position) = self.write_leg(op.account, &post.account, Place { market, first })?;
        let order = match (op.taker, post.order) {
            (Taker::Order(id), Some(order)) => self.order(id)?.cell.touch(first + 2, order).at,
            _ => 0,
        };
        let place = Place { market, first: first + 3 };
        let (taker_header, taker_position) = self.write_leg(taker, &post.taker, place)?;
        let pool_cell = &mut self.account(pool)?.header;
        let credited = liquidate::credit_pool(&pool_cell.value, fee)?;
        let pool = pool_cell.touch(first + 5, credited);
        let open_interest = self.market(market)?.open_interest.touch(first + 6, post.open_interest).at;
        self.require_configuration(market)?;
        let previous = LiquidateTouches {
            header: header.at,
            position: position.at,
            order,
            taker_header: taker_header.at,
            taker_position: taker_position.at,
            pool: pool.at,
            open_interest,
        };
        let pool = pool.value;
        self.records.push(LiquidateRecord { sequence, op: *op, cells, pool, previous, fee });
        Ok(Applied::Liquidation { fee })
    }

    /// The account that takes over, and the cells before the liquidation.
    fn liquidate_cells(&mut self, op: &Liquidate) -> Result<(AccountId, LiquidateCells), Refusal> {
        let market = op.market;
        let entry = self.entry(market)?;
        let (taker, order) = match op.taker {
            Taker::Pool => (pool_account(market), None),
            Taker::Order(id) => {
                let order = self.order(id)?.cell.value;
                (order.account, Some(order))
            }
        };
        let cells = LiquidateCells {
            account: self.leg(op.account, market)?,
            taker: self.leg(taker, market)?,
            order,
            entry,
            open_interest: self.market(market)?.open_interest.value,
        };
        Ok((taker, cells))
    }

    /// An account's part in a trade of `market`.
    fn leg(&mut self, account: AccountId, market: MarketId) -> Result<Leg, Refusal> {
        let account = self.account(account)?;
        Ok(Leg {
            owner: account.old.owner,
            orders_from: account.old.orders_from,
            header: account.header.value,
            position: account.position(market),
        })
    }

    /// Writes header and position at two times from the first; gives the cells as they were.
    fn write_leg(
        &mut self,
        account: AccountId,
        post: &Leg,
        place: Place,
    ) -> Result<(Cell<Header>, Cell<PositionCell>), Refusal> {
        let account = self.account(account)?;
        let header = account.header.touch(place.first, post.header);
        let position = account.touch_position(place.market, place.first + 1, post.position)?;
        Ok((header, position))
    }

    /// Writes one side of a fill: order, header and position at three times from the first.
    fn write_side(&mut self, id: OrderId, post: &OrderLeg, place: Place) -> Result<LegTouches, Refusal> {
        let Place { market, first } = place;
        let order = self.order(id)?.cell.touch(first, post.order).at;
        let leg = Place { market, first: first + 1 };
        let (header, position) = self.write_leg(post.order.account, &post.leg, leg)?;
        Ok(LegTouches { order, header: header.at, position: position.at })
    }
}
