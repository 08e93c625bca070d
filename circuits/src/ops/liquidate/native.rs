use super::{Liquidate, LiquidateCells};
use crate::margin::Header;
use crate::margin::native::{
    add_collateral, legal_change, liquidation_fee, require_not_over, zero_price, zero_quote,
};
use crate::ops::fill::{trade_leg, traded_open_interest};
use crate::ops::{Context, Leg, first_failure};
use crate::params::{M, QUOTE_BITS, STATUS_OPEN};
use crate::reject::Reject;
use crate::state::{Order, Side};

/// The cells after the liquidation and the fee, which [`credit_pool`] pays to the pool.
pub fn apply(
    context: &Context,
    op: &Liquidate,
    cells: &LiquidateCells,
) -> Result<(LiquidateCells, u64), Reject> {
    let LiquidateCells { account, taker, order, entry, .. } = cells;
    require_due(op, cells)?;
    let closing = if account.position.size > 0 { Side::Sell } else { Side::Buy };
    if let Some(order) = order {
        require_bid(context, op, (order, entry.market.tick_quote), closing)?;
    }
    if account.owner.x == taker.owner.x {
        return Err(Reject::SelfTrade);
    }
    // At most |b|, by `require_due`.
    let size = op.lots * entry.market.lot;
    let zero = zero_quote(zero_price(&account.header, &entry.market, closing), size, closing);
    require_quote(op, cells, (closing, size), zero)?;
    let fee = liquidation_fee(op.quote, zero, entry.market.liquidation_fee, closing);
    let closed = close_account(op, cells, (closing, size), fee)?;
    let taken = take_over(op, cells, -closing.sign() * i128::from(size))?;
    let open_interest = traded_open_interest(cells.open_interest, [(account, &closed), (taker, &taken)])?;
    let order = order.map(|order| Order { left: order.left - op.lots, ..order });
    Ok((LiquidateCells { account: closed, taker: taken, order, entry: *entry, open_interest }, fee))
}

/// The pool's header after the fee. Error: `CollateralRange`.
pub fn credit_pool(pool: &Header, fee: u64) -> Result<Header, Reject> {
    add_collateral(pool, fee.into())
}

/// Whether the account is there for liquidation, and the size within its position.
fn require_due(op: &Liquidate, cells: &LiquidateCells) -> Result<(), Reject> {
    let Leg { header, position, .. } = &cells.account;
    let size = u128::from(op.lots) * u128::from(cells.entry.market.lot);
    let checks = [
        (op.lots >= 1, Reject::ZeroLots),
        (cells.entry.market.status == STATUS_OPEN, Reject::MarketNotOpen),
        (position.size != 0, Reject::NoPosition),
        (size <= u128::from(position.size.unsigned_abs()), Reject::ExceedsPosition),
        (header.total_value() >= 0, Reject::Bankrupt),
        (M * header.total_value() < header.maintenance, Reject::NotLiquidatable),
    ];
    first_failure(&checks)
}

/// Whether the taker's order allows the trade; `bid` is the order and the market's `tick_quote`.
fn require_bid(context: &Context, op: &Liquidate, bid: (&Order, u64), closing: Side) -> Result<(), Reject> {
    let (order, tick_quote) = bid;
    let limit = u128::from(op.lots) * u128::from(order.limit) * u128::from(tick_quote);
    let limit_met = match order.side {
        Side::Buy => u128::from(op.quote) <= limit,
        Side::Sell => u128::from(op.quote) >= limit,
    };
    first_failure(&[
        (order.market == op.market, Reject::MarketMismatch),
        (order.side != closing, Reject::SameSide),
        (order.expiry >= context.time, Reject::TakerExpired),
        (op.lots <= order.left, Reject::TakerExceedsLeft),
        (limit_met, Reject::LimitNotMet),
    ])
}

/// The quote lies between the zero quote and the oracle's; `trade` is the closing side and the size.
fn require_quote(
    op: &Liquidate,
    cells: &LiquidateCells,
    trade: (Side, u64),
    zero: i128,
) -> Result<(), Reject> {
    let (closing, size) = trade;
    let oracle = zero_quote(cells.entry.market.price, size, closing);
    let side = -closing.sign();
    let quote = i128::from(op.quote);
    first_failure(&[
        (quote >> QUOTE_BITS == 0, Reject::QuoteRange),
        (side * (quote - zero) >= 0, Reject::QuoteBeyondZeroPrice),
        (side * (oracle - quote) >= 0, Reject::QuoteBeyondOraclePrice),
    ])
}

/// The liquidated account after quote and fee.
fn close_account(
    op: &Liquidate,
    cells: &LiquidateCells,
    trade: (Side, u64),
    fee: u64,
) -> Result<Leg, Reject> {
    let (closing, size) = trade;
    let (account, entry) = (&cells.account, &cells.entry);
    let delta = closing.sign() * i128::from(size);
    let (traded, _) = trade_leg(account, entry, delta, op.quote)?;
    let header = add_collateral(&traded.header, -i128::from(fee))?;
    let step = if traded.position.size == 0 {
        entry.market.lot.saturating_mul(entry.market.min_lots.into()).min(size)
    } else {
        entry.market.lot
    };
    require_not_over(&account.header, &header, &entry.market, size, step)?;
    Ok(Leg { header, ..traded })
}

/// The taker after the trade.
fn take_over(op: &Liquidate, cells: &LiquidateCells, delta: i128) -> Result<Leg, Reject> {
    let (taken, grows) = trade_leg(&cells.taker, &cells.entry, delta, op.quote)?;
    match &cells.order {
        None if !taken.header.is_healthy() => Err(Reject::PoolBelowInitialMargin),
        None => Ok(taken),
        Some(order) if order.flags.reduce_only && grows => Err(Reject::ReduceOnly),
        Some(_) => {
            legal_change(&cells.taker.header, &taken.header, grows, 0)?;
            Ok(taken)
        }
    }
}
