use super::{Liquidate, LiquidateCells, Taker};
use crate::margin::Header;
use crate::margin::native::{
    Liquidated, add_collateral, legal_change, liquidation_fee, liquidation_slope, liquidation_step,
    require_not_over, requirement, zero_price, zero_quote,
};
use crate::ops::fill::{reduce_only, trade_leg, traded_open_interest};
use crate::ops::{Context, Leg, first_failure, require_other_owner, traded};
use crate::params::{M, QUOTE_BITS};
use crate::reject::{Check, Refusal, Reject, Relation, Unit};
use crate::state::market::liquidation_rate;
use crate::state::{Order, Side, pool_account};

/// The cells after the liquidation and the fee, which [`credit_pool`] pays to the pool.
pub fn apply(
    context: &Context,
    op: &Liquidate,
    cells: &LiquidateCells,
) -> Result<(LiquidateCells, u64), Refusal> {
    let LiquidateCells { account, taker, order, entry, .. } = cells;
    require_due(context, op, cells)?;
    let closing = if account.position.size > 0 { Side::Sell } else { Side::Buy };
    if let Some(order) = order {
        require_bid(context, op, order, entry.market.tick_quote, closing)?;
    }
    require_other_taker(op, cells)?;
    // At most |b|, by `require_due`.
    let size = op.lots * entry.market.lot;
    let range = 1i128 << QUOTE_BITS;
    Check::less("LIQ-8", Reject::QuoteRange, op.quote, range, Unit::QuoteQuanta).require()?;
    let trade = Closing { side: closing, size };
    let (closed, fee) = close_account(op, cells, trade)?;
    let taken = take_over(op, cells, -closing.sign() * i128::from(size))?;
    let open_interest = traded_open_interest(cells.open_interest, [(account, &closed), (taker, &taken)])
        .map_err(|refusal| refusal.at("LIQ-14"))?;
    let order = order.map(|order| Order { left: order.left - op.lots, ..order });
    Ok((LiquidateCells { account: closed, taker: taken, order, entry: *entry, open_interest }, fee))
}

/// The pool's header after the fee. Error: `CollateralRange`.
pub fn credit_pool(pool: &Header, fee: u64) -> Result<Header, Refusal> {
    add_collateral(pool, fee.into()).map_err(|refusal| refusal.at("LIQ-14"))
}

/// Whether the account is there for liquidation, and the size within its position.
fn require_due(context: &Context, op: &Liquidate, cells: &LiquidateCells) -> Result<(), Refusal> {
    let Leg { header, position, .. } = &cells.account;
    let size = u128::from(op.lots) * u128::from(cells.entry.market.lot);
    let (held, value) = (position.size.unsigned_abs(), header.total_value());
    let [status, age] = traded(context, &cells.entry.market);
    first_failure([
        Check::at_least("LIQ-2", Reject::ZeroLots, op.lots, 1, Unit::Lots),
        status,
        age,
        Check::not_equal("LIQ-3", Reject::NoPosition, position.size, 0, Unit::BaseQuanta),
        Check::at_most("LIQ-3", Reject::ExceedsPosition, size, held, Unit::BaseQuanta),
        Check::at_least("LIQ-4", Reject::Bankrupt, value, 0, Unit::Value),
        Check::less("LIQ-5", Reject::NotLiquidatable, M * value, header.maintenance, Unit::Requirement),
    ])
}

/// Whether the taker's order allows the trade. `tick_quote`: quote quanta per tick and lot of the market.
fn require_bid(
    context: &Context,
    op: &Liquidate,
    order: &Order,
    tick_quote: u64,
    closing: Side,
) -> Result<(), Refusal> {
    let limit = u128::from(op.lots) * u128::from(order.limit) * u128::from(tick_quote);
    first_failure([
        Check::equal("LIQ-6", Reject::MarketMismatch, order.market, op.market, Unit::Id),
        Check::not_equal("LIQ-6", Reject::SameSide, order.side.bit(), closing.bit(), Unit::Side),
        Check::at_least("ORD-6", Reject::TakerExpired, order.expiry, context.time, Unit::Seconds),
        Check::at_most("LIQ-6", Reject::TakerExceedsLeft, op.lots, order.left, Unit::Lots),
        Check::of(
            Relation::AtMost.mirrored_if(order.side == Side::Sell),
            "LIQ-7",
            Reject::LimitNotMet,
            [op.quote.into(), limit.into()],
            Unit::QuoteQuanta,
        ),
    ])
}

/// An order is of another owner; a pool is another account: its owner's key is public, and any account may change to
/// it. The order was signed for by the key that its account has. Errors: `SelfTrade`, `OrderVoid`.
fn require_other_taker(op: &Liquidate, cells: &LiquidateCells) -> Result<(), Refusal> {
    match op.taker {
        Taker::Order(id) => {
            require_other_owner("LIQ-8", &cells.account, &cells.taker)?;
            let first = cells.taker.orders_from;
            Check::at_least("LIQ-25", Reject::OrderVoid, id, first, Unit::Id).require()
        }
        Taker::Pool => {
            let pool = pool_account(op.market);
            Check::not_equal("LIQ-8", Reject::SelfTrade, op.account, pool, Unit::Id).require()
        }
    }
}

/// What the liquidated account trades: the side that closes its position, and the size in base quanta.
#[derive(Clone, Copy)]
struct Closing {
    side: Side,
    size: u64,
}

/// The quote lies between the zero quote and the oracle's.
fn require_quote(op: &Liquidate, cells: &LiquidateCells, trade: Closing, zero: i128) -> Result<(), Refusal> {
    let Closing { side: closing, size } = trade;
    let oracle = zero_quote(cells.entry.market.price, size, closing);
    let (quote, buys) = (op.quote, closing == Side::Buy);
    // A long that sells; a short that buys mirrors it.
    let (better, worse) = (Relation::AtLeast.mirrored_if(buys), Relation::AtMost.mirrored_if(buys));
    let bound = |relation, id, reason, bound: i128| {
        Check::of(relation, id, reason, [quote.into(), bound.into()], Unit::QuoteQuanta)
    };
    first_failure([
        bound(better, "LIQ-9", Reject::QuoteBeyondZeroPrice, zero),
        bound(worse, "LIQ-10", Reject::QuoteBeyondOraclePrice, oracle),
    ])
}

/// The liquidated account after quote and fee, and the fee.
fn close_account(op: &Liquidate, cells: &LiquidateCells, trade: Closing) -> Result<(Leg, u64), Refusal> {
    let Closing { side, size } = trade;
    let (account, entry) = (&cells.account, &cells.entry);
    let delta = side.sign() * i128::from(size);
    let (traded, _) = trade_leg(account, entry, delta, op.quote)?;
    let rest = traded.position.size.unsigned_abs();
    let slope = liquidation_slope(&entry.market, rest);
    let zero = zero_quote(zero_price(&account.header, &entry.market, slope, side), size, side);
    require_quote(op, cells, trade, zero)?;
    let rate = liquidation_rate(entry.market.liquidation_fee, slope);
    let fee = liquidation_fee(op.quote, zero, rate, side);
    let header = add_collateral(&traded.header, -i128::from(fee)).map_err(|refusal| refusal.at("LIQ-12"))?;
    let step = liquidation_step(&entry.market, size, rest == 0);
    let sizes = Liquidated { held: account.position.size.unsigned_abs(), size, step };
    require_not_over(&account.header, &header, &entry.market, sizes)?;
    Ok((Leg { header, ..traded }, fee))
}

/// The taker after the trade.
fn take_over(op: &Liquidate, cells: &LiquidateCells, delta: i128) -> Result<Leg, Refusal> {
    let (taken, grows) = trade_leg(&cells.taker, &cells.entry, delta, op.quote)?;
    match &cells.order {
        None => {
            // Without what open interest adds: else pools would be unable in a crash.
            let initial = requirement(&cells.entry.market, 0, taken.position.size).by_tiers;
            let value = M * taken.header.total_value();
            Check::at_least("LIQ-13", Reject::PoolBelowInitialMargin, value, initial, Unit::Requirement)
                .require()?;
        }
        Some(order) if order.flags.reduce_only && grows => {
            return Err(reduce_only(&cells.taker, delta).at("LIQ-13"));
        }
        Some(_) => {
            legal_change(&cells.taker.header, &taken.header, grows, 0)?;
        }
    }
    Ok(taken)
}
