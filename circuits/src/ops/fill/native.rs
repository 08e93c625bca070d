use super::{Fill, FillAmounts, FillCells};
use crate::margin::native::{MarketRef, TradingFee, add_collateral, legal_change, trade, trading_fee};
use crate::ops::{Context, Leg, MarketEntry, OrderLeg, first_failure, require_other_owner, traded};
use crate::params::{AMOUNT_BITS, COLLAR_PARTS, M, OPEN_INTEREST_BITS, PRICE_SCALE_BITS, QUOTE_BITS};
use crate::reject::{Check, Refusal, Reject, Relation, Unit};
use crate::state::{Market, OrderId, Side};
use num_bigint::BigUint;

/// The cells after the fill, and the amounts paid.
pub fn apply(context: &Context, op: &Fill, cells: &FillCells) -> Result<(FillCells, FillAmounts), Refusal> {
    require_match(context, op, cells)?;
    let FillCells { taker, maker, entry, .. } = cells;
    let market = &entry.market;
    let fee = |id: &'static str, fee: u32, side: &OrderLeg| {
        Check::at_most(id, Reject::FeeAboveSigned, fee, side.order.max_fee, Unit::PartsPerMillion)
    };
    first_failure([fee("FILL-10", market.taker_fee, taker), fee("FILL-11", market.maker_fee, maker)])?;
    // Widths: 56 + 32 + 40 bits.
    let quote = u128::from(op.lots) * u128::from(maker.order.limit) * u128::from(market.tick_quote);
    Check::less("FILL-12", Reject::QuoteRange, quote, 1i128 << QUOTE_BITS, Unit::QuoteQuanta).require()?;
    let quote = quote as u64;
    require_collar(market, op.lots, quote)?;
    let (taker, taker_fee) = fill_side(taker, entry, op.lots, quote, market.taker_fee)?;
    let (maker, maker_fee) = fill_side(maker, entry, op.lots, quote, market.maker_fee)?;
    let open_interest = traded_open_interest(
        cells.open_interest,
        [(&cells.taker.leg, &taker.leg), (&cells.maker.leg, &maker.leg)],
    )?;
    if open_interest > cells.open_interest {
        let limit = market.open_interest_limit();
        Check::at_most("FILL-24", Reject::OpenInterestCap, open_interest, limit, Unit::BaseQuanta)
            .require()?;
    }
    let fees = u128::from(cells.fees) + u128::from(taker_fee) + u128::from(maker_fee);
    Check::less("FILL-15", Reject::FeesRange, fees, 1i128 << AMOUNT_BITS, Unit::QuoteQuanta).require()?;
    let amounts = FillAmounts { quote, taker_fee, maker_fee };
    Ok((FillCells { taker, maker, entry: *entry, open_interest, fees: fees as u64 }, amounts))
}

/// A quote is at most the collar from the value n of its lots at the oracle price: `1000·|Q·U - n| <= collar·n`.
fn require_collar(market: &Market, lots: u64, quote: u64) -> Result<(), Refusal> {
    if market.collar == 0 {
        return Ok(());
    }
    // Up to 150 bits, and at least 1. The quote has 95.
    let value = BigUint::from(lots) * market.lot * market.price;
    let quote = BigUint::from(quote) << PRICE_SCALE_BITS;
    let apart = if quote < value { &value - quote } else { quote - &value };
    let parts = (apart * M as u128 + &value - 1u8) / &value;
    let parts = i128::try_from(parts).expect("at most 2^95 times a million");
    let most = M / i128::from(COLLAR_PARTS) * i128::from(market.collar);
    Check::at_most("FILL-26", Reject::PriceCollar, parts, most, Unit::PartsPerMillion).require()
}

/// Whether the two orders may meet at all.
fn require_match(context: &Context, op: &Fill, cells: &FillCells) -> Result<(), Refusal> {
    let (taker, maker) = (&cells.taker.order, &cells.maker.order);
    let (time, [status, age]) = (context.time, traded(context, &cells.entry.market));
    first_failure([
        Check::at_least("FILL-2", Reject::ZeroLots, op.lots, 1, Unit::Lots),
        Check::equal("FILL-3", Reject::MarketMismatch, taker.market, maker.market, Unit::Id),
        Check::not_equal("FILL-4", Reject::SameSide, taker.side.bit(), maker.side.bit(), Unit::Side),
        status,
        age,
        Check::at_least("ORD-6", Reject::TakerExpired, taker.expiry, time, Unit::Seconds),
        Check::at_least("ORD-6", Reject::MakerExpired, maker.expiry, time, Unit::Seconds),
        Check::at_most("FILL-5", Reject::TakerExceedsLeft, op.lots, taker.left, Unit::Lots),
        Check::at_most("FILL-6", Reject::MakerExceedsLeft, op.lots, maker.left, Unit::Lots),
    ])?;
    require_other_owner("FILL-7", &cells.taker.leg, &cells.maker.leg)?;
    let alive = |order: OrderId, side: &OrderLeg| {
        Check::at_least("FILL-25", Reject::OrderVoid, order, side.leg.orders_from, Unit::Id)
    };
    first_failure([
        alive(op.taker, &cells.taker),
        alive(op.maker, &cells.maker),
        Check::that("FILL-8", Reject::PostOnlyTakes, !taker.flags.post_only),
        Check::of(
            Relation::AtLeast.mirrored_if(taker.side == Side::Sell),
            "FILL-9",
            Reject::LimitNotMet,
            [taker.limit.into(), maker.limit.into()],
            Unit::Ticks,
        ),
    ])
}

/// One side of the fill and the fee that it pays. `fee`: the market's for this side, in ppm.
fn fill_side(
    side: &OrderLeg,
    entry: &MarketEntry,
    lots: u64,
    quote: u64,
    fee: u32,
) -> Result<(OrderLeg, u64), Refusal> {
    let mut order = side.order;
    let delta = order.side.sign() * i128::from(lots) * i128::from(entry.market.lot);
    let (traded, grows) = trade_leg(&side.leg, entry, delta, quote)?;
    if order.flags.reduce_only && grows {
        return Err(reduce_only(&side.leg, delta));
    }
    if entry.market.still && grows {
        let reason = Reject::MarketStill;
        return Err(Refusal { reason, id: "FILL-23", ..reduce_only(&side.leg, delta) });
    }
    let TradingFee { amount, carry } = trading_fee(quote, fee, order.fee_carry);
    let fee = legal_change(&side.leg.header, &traded.header, grows, amount)?;
    let header = add_collateral(&traded.header, -i128::from(fee)).map_err(|refusal| refusal.at("FILL-13"))?;
    order.left -= lots;
    // A fee that is not paid whole is below the exact one: nothing of it is left for the next fill.
    order.fee_carry = if fee == amount { carry } else { 0 };
    Ok((OrderLeg { order, leg: Leg { header, ..traded } }, fee))
}

/// The account's part after the trade and before any fee, and whether its position grew or flipped.
pub fn trade_leg(leg: &Leg, entry: &MarketEntry, delta: i128, quote: u64) -> Result<(Leg, bool), Refusal> {
    let traded =
        trade(&leg.header, &leg.position, MarketRef { id: entry.id, market: &entry.market }, delta, quote)?;
    let leg = Leg { header: traded.header, position: traded.position, ..*leg };
    Ok((leg, traded.grows))
}

/// What is said to a reduce-only order that would change the position by more than it can give up.
pub fn reduce_only(leg: &Leg, delta: i128) -> Refusal {
    let most = (-delta.signum() * i128::from(leg.position.size)).max(0);
    Refusal {
        reason: Reject::ReduceOnly,
        id: "FILL-13",
        left: delta.abs().into(),
        right: most.into(),
        relation: Relation::AtMost,
        unit: Unit::BaseQuanta,
    }
}

/// Open interest after both positions changed. Error: `OpenInterestRange`.
pub fn traded_open_interest(open_interest: u64, legs: [(&Leg, &Leg); 2]) -> Result<u64, Refusal> {
    let change = |(pre, post): &(&Leg, &Leg)| {
        i128::from(post.position.size.unsigned_abs()) - i128::from(pre.position.size.unsigned_abs())
    };
    let after = i128::from(open_interest) + legs.iter().map(change).sum::<i128>();
    let range = 0..1 << OPEN_INTEREST_BITS;
    Check::within("FILL-14", Reject::OpenInterestRange, after, range, Unit::BaseQuanta).require()?;
    Ok(after as u64)
}
