//! Fills and liquidations.

use super::apply::Applied;
use super::stage::Stage;
use crate::kinds::*;
use crate::margin::{Header, PositionCell};
use crate::ops::fill::{self, FillCells};
use crate::ops::liquidate::{self, LiquidateCells};
use crate::ops::{Fill, Leg, Liquidate, OrderLeg, Taker};
use crate::params::FEE_ACCOUNT;
use crate::reject::Refusal;
use crate::state::{AccountId, MarketId, OrderId, pool_account};

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
        let taker = self.write_side(op.taker, &post.taker, (market, first), amounts.taker_fee)?;
        let maker = self.write_side(op.maker, &post.maker, (market, first + 3), amounts.maker_fee)?;
        let open_interest =
            self.market(market)?.open_interest.touch(touch_time(sequence, 6), post.open_interest);
        let fees = self.counters.fees.touch(touch_time(sequence, 7), post.fees);
        if post.fees > 0 {
            // The batch will have to credit them.
            self.account(FEE_ACCOUNT)?;
        }
        self.rows.fills.push(FillRow {
            sequence,
            market,
            lots: op.lots,
            quote: amounts.quote,
            taker,
            maker,
            open_interest,
            fees,
        });
        Ok(Applied::Fill(amounts))
    }

    pub fn liquidate(&mut self, op: &Liquidate) -> Result<Applied, Refusal> {
        let sequence = self.next_sequence();
        let market = op.market;
        let entry = self.entry(market)?;
        let pool = pool_account(market);
        let (taker, order) = match op.taker {
            Taker::Pool => (pool, None),
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
        let (post, fee) = liquidate::apply(&self.context, op, &cells)?;
        let first = touch_time(sequence, 0);
        let (header, position) = self.write_leg(op.account, &post.account, (market, first))?;
        let taker_order = match (op.taker, post.order) {
            (Taker::Order(id), Some(order)) => Some((id, self.order(id)?.cell.touch(first + 2, order))),
            _ => None,
        };
        let (taker_header, taker_position) = self.write_leg(taker, &post.taker, (market, first + 3))?;
        let pool_cell = &mut self.account(pool)?.header;
        let credited = liquidate::credit_pool(&pool_cell.value, fee)?;
        let pool_header = pool_cell.touch(first + 5, credited);
        let open_interest = self.market(market)?.open_interest.touch(first + 6, post.open_interest);
        self.rows.liquidations.push(LiquidateRow {
            sequence,
            market,
            lots: op.lots,
            quote: op.quote,
            fee,
            account: op.account,
            owner: cells.account.owner,
            header,
            position,
            taker,
            taker_owner: cells.taker.owner,
            taker_order,
            taker_header,
            taker_position,
            pool_header,
            open_interest,
        });
        Ok(Applied::Liquidation { fee })
    }

    /// An account's part in a trade of `market`.
    fn leg(&mut self, account: AccountId, market: MarketId) -> Result<Leg, Refusal> {
        let account = self.account(account)?;
        Ok(Leg { owner: account.old.owner, header: account.header.value, position: account.position(market) })
    }

    /// Writes header and position; `place` is the market and the header's time, one later for the
    /// position.
    fn write_leg(
        &mut self,
        account: AccountId,
        post: &Leg,
        place: (MarketId, u64),
    ) -> Result<(Touch<Header>, Touch<PositionCell>), Refusal> {
        let (market, at) = place;
        let account = self.account(account)?;
        let header = account.header.touch(at, post.header);
        let position = account.touch_position(market, at + 1, post.position)?;
        Ok((header, position))
    }

    /// Writes one side of a fill: order, header and position at three times from `place.1`.
    fn write_side(
        &mut self,
        id: OrderId,
        post: &OrderLeg,
        place: (MarketId, u64),
        fee: u64,
    ) -> Result<FillSide, Refusal> {
        let (market, at) = place;
        let account = post.order.account;
        let order = self.order(id)?.cell.touch(at, post.order);
        let (header, position) = self.write_leg(account, &post.leg, (market, at + 1))?;
        Ok(FillSide { account, owner: post.leg.owner, id, fee, order, header, position })
    }
}
