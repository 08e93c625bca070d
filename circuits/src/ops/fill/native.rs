use super::{Fill, FillAmounts, FillCells};
use crate::margin::native::{add_collateral, legal_change, trade, trading_fee};
use crate::ops::{Context, Leg, MarketEntry, OrderLeg, first_failure};
use crate::params::{AMOUNT_BITS, QUOTE_BITS, STATUS_OPEN};
use crate::reject::Reject;
use crate::state::Side;

/// The cells after the fill, and the amounts paid.
pub fn apply(context: &Context, op: &Fill, cells: &FillCells) -> Result<(FillCells, FillAmounts), Reject> {
    require_match(context, op, cells)?;
    let FillCells { taker, maker, entry, .. } = cells;
    let market = &entry.market;
    if market.taker_fee > taker.order.max_fee || market.maker_fee > maker.order.max_fee {
        return Err(Reject::FeeAboveSigned);
    }
    // Widths: 56 + 32 + 40 bits.
    let quote = u128::from(op.lots) * u128::from(maker.order.limit) * u128::from(market.tick_quote);
    if quote >> QUOTE_BITS != 0 {
        return Err(Reject::QuoteRange);
    }
    let quote = quote as u64;
    let (taker, taker_fee) = fill_side(taker, entry, op.lots, (quote, market.taker_fee))?;
    let (maker, maker_fee) = fill_side(maker, entry, op.lots, (quote, market.maker_fee))?;
    let open_interest = traded_open_interest(
        cells.open_interest,
        [(&cells.taker.leg, &taker.leg), (&cells.maker.leg, &maker.leg)],
    )?;
    let fees = u128::from(cells.fees) + u128::from(taker_fee) + u128::from(maker_fee);
    if fees >> AMOUNT_BITS != 0 {
        return Err(Reject::FeesRange);
    }
    let amounts = FillAmounts { quote, taker_fee, maker_fee };
    Ok((FillCells { taker, maker, entry: *entry, open_interest, fees: fees as u64 }, amounts))
}

/// Whether the two orders may meet at all.
fn require_match(context: &Context, op: &Fill, cells: &FillCells) -> Result<(), Reject> {
    let (taker, maker) = (&cells.taker.order, &cells.maker.order);
    let limit_met = match taker.side {
        Side::Buy => taker.limit >= maker.limit,
        Side::Sell => taker.limit <= maker.limit,
    };
    first_failure(&[
        (op.lots >= 1, Reject::ZeroLots),
        (taker.market == maker.market, Reject::MarketMismatch),
        (taker.side != maker.side, Reject::SameSide),
        (cells.entry.market.status == STATUS_OPEN, Reject::MarketNotOpen),
        (taker.expiry >= context.time, Reject::TakerExpired),
        (maker.expiry >= context.time, Reject::MakerExpired),
        (op.lots <= taker.left, Reject::TakerExceedsLeft),
        (op.lots <= maker.left, Reject::MakerExceedsLeft),
        (cells.taker.leg.owner.x != cells.maker.leg.owner.x, Reject::SelfTrade),
        (!taker.flags.post_only, Reject::PostOnlyTakes),
        (limit_met, Reject::LimitNotMet),
    ])
}

/// One side of the fill and the fee that it pays. `terms` is the quote and the fee in ppm.
fn fill_side(
    side: &OrderLeg,
    entry: &MarketEntry,
    lots: u64,
    terms: (u64, u32),
) -> Result<(OrderLeg, u64), Reject> {
    let (quote, fee) = terms;
    let mut order = side.order;
    let delta = order.side.sign() * i128::from(lots) * i128::from(entry.market.lot);
    let (traded, grows) = trade_leg(&side.leg, entry, delta, quote)?;
    if order.flags.reduce_only && grows {
        return Err(Reject::ReduceOnly);
    }
    let fee = legal_change(&side.leg.header, &traded.header, grows, trading_fee(quote, fee))?;
    let header = add_collateral(&traded.header, -i128::from(fee))?;
    order.left -= lots;
    Ok((OrderLeg { order, leg: Leg { header, ..traded } }, fee))
}

/// The account's part after the trade and before any fee, and whether its position grew or flipped.
pub fn trade_leg(leg: &Leg, entry: &MarketEntry, delta: i128, quote: u64) -> Result<(Leg, bool), Reject> {
    let traded = trade(&leg.header, &leg.position, (entry.id, &entry.market), delta, quote)?;
    let leg = Leg { header: traded.header, position: traded.position, ..*leg };
    Ok((leg, traded.grows))
}

/// Open interest after both positions changed. Error: `OpenInterestRange`.
pub fn traded_open_interest(open_interest: u64, legs: [(&Leg, &Leg); 2]) -> Result<u64, Reject> {
    let change = |(pre, post): &(&Leg, &Leg)| {
        i128::from(post.position.size.unsigned_abs()) - i128::from(pre.position.size.unsigned_abs())
    };
    let after = i128::from(open_interest) + legs.iter().map(change).sum::<i128>();
    u64::try_from(after).map_err(|_| Reject::OpenInterestRange)
}
