//! The part of a pass that liquidates: what is due, at which prices, and how much of it.

use super::refused::Failure;
use super::run::{Run, Sizing};
use super::work::{Holder, OrderKey};
use crate::wire::event::{Market, Side};
use std::collections::BTreeMap;
use zkmargin_circuits::margin::native::requirement;
use zkmargin_circuits::ops::{Liquidate, Op, Taker};
use zkmargin_circuits::params::{M, U};
use zkmargin_circuits::reject::Reject;

/// A liquidation that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Liquidation {
    /// Account that holds the position.
    pub account: Holder,
    /// Market of the position.
    pub market: Market,
    /// Price in ticks and size in lots.
    pub sizing: Sizing,
    /// Order that takes it; None for the market's insurance pool.
    pub taker: Option<OrderKey>,
}

impl Liquidation {
    fn of(self, lots: u64) -> Self {
        Self { sizing: Sizing { lots, ..self.sizing }, ..self }
    }
}

impl Run<'_> {
    /// Applies a liquidation that is asked for.
    pub fn liquidate(&mut self, asked: &Liquidation) -> Result<(), Failure> {
        let op = self.liquidation(asked)?;
        self.apply(op).map(|_| ())
    }

    /// Lots that an account holds and could trade away on `side`.
    pub fn held_lots(&self, account: Holder, market: Market, side: Side) -> u64 {
        let view = self.account(account).and_then(|id| self.executor.account(id).ok());
        let positions = view.map_or_else(Vec::new, |view| view.positions);
        let closes = |size: i64| (size > 0) == (side == Side::Sell);
        positions
            .iter()
            .find(|(id, position)| *id == market && closes(position.size))
            .and_then(|(_, position)| {
                position.size.unsigned_abs().checked_div(self.executor.market(market)?.lot)
            })
            .unwrap_or(0)
    }

    /// The largest size below the one asked for that would be accepted: more would be more than needed.
    pub fn largest_liquidation(&self, asked: &Liquidation) -> u64 {
        let accepted =
            |lots: u64| self.liquidation(&asked.of(lots)).is_ok_and(|op| self.executor.check(&op).is_ok());
        let (mut low, mut high) = (0, asked.sizing.lots);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if accepted(middle) { low = middle } else { high = middle }
        }
        low
    }

    /// Whether `0 <= TV` and `M·TV < MMR` would hold at other prices (32.32) of some markets.
    pub fn is_due_at(&self, account: Holder, prices: &BTreeMap<Market, u64>) -> bool {
        let Some(id) = self.account(account) else { return false };
        let Ok(view) = self.executor.account(id) else { return false };
        let mut value = i128::from(view.header.collateral) * U;
        let mut maintenance = 0;
        for (id, position) in &view.positions {
            let Some(market) = self.executor.market(*id) else { return false };
            let price = prices.get(id).copied().unwrap_or(market.price).min(market.max_price);
            value += i128::from(price) * i128::from(position.size);
            maintenance +=
                requirement(&zkmargin_circuits::state::Market { price, ..market }, 0, position.size)
                    .maintenance;
        }
        value >= 0 && M * value < maintenance
    }

    fn liquidation(&self, asked: &Liquidation) -> Result<Op, Failure> {
        let account = self.need_account(asked.account)?;
        let taker = match asked.taker {
            Some(key) => Taker::Order(self.order(key)?.0),
            None => Taker::Pool,
        };
        let Sizing { limit, lots } = asked.sizing;
        let tick_quote = self.executor.market(asked.market).map_or(0, |market| market.tick_quote);
        let quote = u128::from(lots) * u128::from(limit);
        let quote = quote.checked_mul(u128::from(tick_quote)).and_then(|quote| u64::try_from(quote).ok());
        let quote = quote.ok_or(Reject::QuoteRange)?;
        Ok(Op::Liquidate(Liquidate { account, market: asked.market, lots, quote, taker }))
    }
}
