//! What the row of a liquidation reads, on variables.

use ark_bn254::Fr;

use super::Taker;
use super::record::LiquidateRecord;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::row::Padded;
use crate::gadgets::var::{Committed, Var};
use crate::margin::circuit::{HeaderVar, HeldVar, MarketVar, PositionVar};
use crate::ops::blank;
use crate::ops::cells::OrderVar;
use crate::params::{ACCOUNT_BITS, MARKET_BITS, POOL_BASE};

/// Advice that the bus fixes, and the row's selectors.
pub(super) struct Cells {
    pub(super) enable: Bit,
    /// The taker is an order; else the pool.
    pub(super) bid: Bit,
    pub(super) account: Int,
    pub(super) market_id: Var<Committed>,
    pub(super) market: MarketVar,
    pub(super) header: HeaderVar,
    pub(super) held: HeldVar,
    pub(super) order: OrderVar,
    pub(super) taker: Int,
    pub(super) taker_header: HeaderVar,
    pub(super) taker_held: HeldVar,
    pub(super) lots: Int,
    pub(super) quote: Int,
}

impl Cells {
    pub(super) fn hint(cs: &mut Cs<'_>, record: &Padded<LiquidateRecord>) -> Self {
        let LiquidateRecord { op, cells, .. } = &record.record;
        let enable = Bit::hint(&mut cs.check("LIQUIDATE-1"), "liquidate.enable", record.enabled);
        let by_order = matches!(op.taker, Taker::Order(_));
        let bid = Bit::hint(&mut cs.check("LIQUIDATE-1"), "liquidate.bid", by_order);
        cs.enforce("LIQUIDATE-1", bid.var(), enable.not().var(), &Var::<Committed>::zero());
        let account = Int::new_unchecked(cs.hint("liquidate.account", Fr::from(op.account)), ACCOUNT_BITS);
        let (market_id, market) = hint_market(&mut cs.check("LIQ-15"), record, &enable);
        let header = HeaderVar::hint(cs, &cells.account.header);
        let listed = &cells.entry.market;
        let leg = &cells.account;
        let held = PositionVar::hint(cs, &leg.position, &leg.required(listed)).held(cs);
        let (id, order) = match (op.taker, cells.order) {
            (Taker::Order(id), Some(order)) => (id, order),
            _ => (0, blank::order()),
        };
        let order = OrderVar::hint(&mut cs.check("LIQ-16"), id, &order);
        let pool = Int::new_unchecked(market_id.add_constant(Fr::from(POOL_BASE)), ACCOUNT_BITS);
        let taker = bid.select(&mut cs.check("LIQ-17"), &order.account, &pool);
        let taker_header = HeaderVar::hint(cs, &cells.taker.header);
        let leg = &cells.taker;
        let taker_held = PositionVar::hint(cs, &leg.position, &leg.required(listed)).held(cs);
        // Both ranged by checks that follow.
        let lots = Int::new_unchecked(cs.hint("liquidate.lots", Fr::from(op.lots)), u64::BITS);
        let quote = Int::new_unchecked(cs.hint("liquidate.quote", Fr::from(op.quote)), u64::BITS);
        Self {
            enable,
            bid,
            account,
            market_id,
            market,
            header,
            held,
            order,
            taker,
            taker_header,
            taker_held,
            lots,
            quote,
        }
    }
}

/// The market's number and what is looked up under it.
fn hint_market(
    cs: &mut Cs<'_>,
    record: &Padded<LiquidateRecord>,
    enable: &Bit,
) -> (Var<Committed>, MarketVar) {
    // Below the keys under which idle market rows provide; the pool's id follows from it.
    let id = Int::hint_unsigned(cs, "liquidate.market", Fr::from(record.op.market), MARKET_BITS);
    let market = MarketVar::lookup(cs, id.var(), &record.cells.entry.market, enable);
    (id.var().clone(), market)
}
