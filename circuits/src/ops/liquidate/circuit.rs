//! The row of a liquidation: same law and order of checks as the native half.
//!
//! `MarketNotOpen` has no check here, because only open markets are provided; `TakerExpired` is
//! checked where the order's cell opens. `NoPosition` follows from `ZeroLots` and `ExceedsPosition`,
//! `Bankrupt` from the zero price.

use ark_bn254::Fr;

use super::cells::Cells;
use super::record::{LiquidateRecord, LiquidateTouches};
use super::{LIQUIDATION_FIRST, LIQUIDATION_SECOND, LIQUIDATION_THIRD, Liquidate, LiquidateCells, Taker};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::Int;
use crate::gadgets::memory::RowTime;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::margin::circuit::{
    Change, ChangeBits, ClosedFrom, HeaderVar, Holding, LiquidatedSize, MarketRefVar, TiersOf, TradeSide,
    TradedVar, add_collateral, is_healthy, legal_change_without_fee, liquidation_fee, liquidation_rate,
    maintenance, pay_fee, require_not_over, trade, zero_price, zero_quote,
};
use crate::ops::blank;
use crate::ops::cells::{Before, Clock, OpenInterest, OwnerVar, Place, TouchAt, owner};
use crate::params::{
    ACCOUNT_BITS, LOTS_BITS, MARKET_BITS, ORDER_BITS, POOL_BASE, QUOTE_BITS, REQUIREMENT_BITS, SIZE_BITS,
};
use crate::reject::Reject;
use crate::state::order::OrderProgress;

/// The j of the touches.
const HEADER: u8 = 0;
const POSITION: u8 = 1;
const ORDER: u8 = 2;
const TAKER_HEADER: u8 = 3;
const TAKER_POSITION: u8 = 4;
const POOL: u8 = 5;
const OPEN_INTEREST: u8 = 6;

/// List of liquidations among the published lists.
const LIST: &str = "liquidations";

/// The row kind of liquidations.
pub struct LiquidateRow;

impl Row for LiquidateRow {
    type Record = LiquidateRecord;
    const NAME: &'static str = "liquidate";

    /// One base quantum, long, of an account without value.
    fn dummy() -> LiquidateRecord {
        let mut account = blank::leg();
        account.position.size = 1;
        LiquidateRecord {
            sequence: 1,
            op: Liquidate { account: 0, market: 0, lots: 1, quote: 0, taker: Taker::Pool },
            cells: LiquidateCells {
                account,
                taker: blank::leg(),
                order: None,
                entry: blank::market(),
                open_interest: 0,
            },
            pool: blank::leg().header,
            previous: LiquidateTouches::default(),
            fee: 0,
        }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<LiquidateRecord>) {
        liquidate(cs, record);
    }
}

/// The constraints of a liquidation; returns the ledger of its checks.
pub fn liquidate(cs: &mut Cs<'_>, record: &Padded<LiquidateRecord>) -> Checks<Reject> {
    let cells = Cells::hint(cs, record);
    let mut checks = Checks::new(&cells.enable);
    let size = require_due(cs, &mut checks, &cells);
    require_bid(cs, &mut checks, &cells);
    let owners = [(&cells.account, &record.cells.account), (&cells.taker, &record.cells.taker)]
        .map(|(account, leg)| owner(&mut cs.check("LIQ-18"), account, leg, &cells.enable));
    require_other_taker(&mut cs.check("LIQ-8"), &mut checks, &cells, &(&owners[0].x - &owners[1].x));
    require_alive(&mut cs.check("LIQ-25"), &mut checks, &cells, &owners[1]);

    let quote =
        checks.require_width_always(&mut cs.check("LIQ-8"), Reject::QuoteRange, &cells.quote, QUOTE_BITS);
    let closing = cells.held.short.not();
    let change = TradeSide::new(cs, &closing, &size, &quote, &cells.market.price);
    let market = MarketRefVar { id: &cells.market_id, market: &cells.market };
    let account = Holding { header: &cells.header, held: &cells.held };
    let closed = trade(&mut cs.check("LIQ-12"), &mut checks, account, market, &change);
    let fee = require_quote(cs, &mut checks, &cells, &change, &closed.required.slope);
    let header = pay_not_over(
        &mut cs.check("LIQ-12"),
        &mut checks,
        &cells,
        &change,
        Closed { closed: &closed, fee: &fee },
    );
    let taken = take_over(cs, &mut checks, &cells, &change.opposite());
    let after = After { closed: &closed, header: &header, taken: &taken, fee: &fee };
    settle(cs, &mut checks, record, &cells, &after);
    publish(&mut cs.check("LIQ-24"), &cells, &fee);
    checks
}

/// What the row publishes: parties, trade, and the numbers that made it due.
fn publish(cs: &mut Cs<'_>, cells: &Cells, fee: &Int) {
    let Cells { account, taker, order, market_id, held, header, .. } = cells;
    // Nothing else pins an order's advice where the pool takes.
    let order = Int::new_unchecked(cs.product(cells.bid.var(), order.id.var()), ORDER_BITS);
    let market = Int::new_unchecked(market_id.clone(), MARKET_BITS);
    // At most what is held, as a lot is at least one base quantum.
    let lots = Int::new_unchecked(cells.lots.var().clone(), LOTS_BITS);
    let quote = Int::new_unchecked(cells.quote.var().clone(), QUOTE_BITS);
    let short = held.short.int();
    let elements = [
        LIQUIDATION_FIRST.pack_ints([account, taker, &order, &market, &short, &lots, &quote]),
        LIQUIDATION_SECOND.pack_ints([&header.total_value(), &header.initial]),
        LIQUIDATION_THIRD.pack_ints([&header.maintenance, &held.magnitude, fee]),
    ];
    for (number, element) in elements.iter().enumerate() {
        let element = cs.product(cells.enable.var(), element);
        cs.publish(LIST, number as u8, &element);
    }
}

/// An order is of another owner; a pool is another account: its owner's key is public, and any account may change to
/// it. `owners`: the difference of the owners' x.
fn require_other_taker(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, cells: &Cells, owners: &Var<Committed>) {
    let numbers = cells.account.var() - cells.taker.var();
    let differ = cells.bid.select_var(cs, owners, &numbers);
    checks.require_nonzero(cs, Reject::SelfTrade, &differ);
}

/// The taker's order, if it is one, was signed for by the key that its account has.
fn require_alive(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, cells: &Cells, taker: &OwnerVar) {
    let since = cells.order.id.sub(&taker.orders_from);
    let since = Int::new_unchecked(cs.product(cells.bid.var(), since.var()), since.bits());
    checks.require_nonnegative_always(cs, Reject::OrderVoid, &since);
}

/// Whether the account is there for liquidation; returns the size, which is within its position.
fn require_due(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, cells: &Cells) -> Int {
    let enable = cells.enable.int();
    checks.require_nonnegative_always(&mut cs.check("LIQ-2"), Reject::ZeroLots, &cells.lots.sub(&enable));
    checks.note_implied(Reject::NoPosition, cells.held.magnitude.value() != num_bigint::BigInt::ZERO);
    let size = cells.lots.mul(&mut cs.check("LIQ-3"), &cells.market.lot);
    let rest = Int::new_unchecked(cells.held.magnitude.var() - size.var(), SIZE_BITS);
    checks.require_nonnegative_always(&mut cs.check("LIQ-3"), Reject::ExceedsPosition, &rest);
    let value = cells.header.total_value();
    // The zero price's quotient and remainder are not negative, so neither is TV (ZERO-1).
    checks.note_implied(Reject::Bankrupt, value.value().sign() != num_bigint::Sign::Minus);
    let missing = cells.header.maintenance_excess().neg().sub(&enable);
    checks.require_nonnegative_always(&mut cs.check("LIQ-5"), Reject::NotLiquidatable, &missing);
    Int::new_unchecked(size.var().clone(), SIZE_BITS)
}

/// Whether the taker's order, if it is one, allows the trade. It is on the side of the position: a
/// buy takes a long.
fn require_bid(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, cells: &Cells) {
    let Cells { bid, order, lots, quote, .. } = cells;
    let (market, side) = (&order.market - &cells.market_id, order.side.var() - cells.held.short.var());
    checks.require_zero_product_always(&mut cs.check("LIQ-6"), Reject::MarketMismatch, bid.var(), &market);
    checks.require_zero_product_always(&mut cs.check("LIQ-6"), Reject::SameSide, bid.var(), &side);
    // Lots are at most the position's size, as a lot is at least one base quantum.
    let lots = Int::new_unchecked(lots.var().clone(), SIZE_BITS);
    let left = cs.check("LIQ-6").product(bid.var(), order.progress.left.sub(&lots).var());
    let left = Int::new_unchecked(left, SIZE_BITS + 1);
    checks.require_nonnegative_always(&mut cs.check("LIQ-6"), Reject::TakerExceedsLeft, &left);
    let cs = &mut cs.check("LIQ-7");
    let per_lot = order.limit.mul(cs, &cells.market.tick_quote);
    let limit = lots.mul(cs, &per_lot);
    let sign = cs.product(bid.var(), cells.held.short.sign().var());
    let better = Int::new_unchecked(sign, 1).mul(cs, &limit.sub(quote));
    checks.require_nonnegative_always(cs, Reject::LimitNotMet, &better);
}

/// The quote lies between the zero quote and the oracle's, by the slope of what remains; returns the fee.
fn require_quote(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    cells: &Cells,
    change: &TradeSide,
    slope: &Int,
) -> Int {
    let Cells { market, held, .. } = cells;
    let TradeSide { size, quote, .. } = change;
    let from = ClosedFrom { price: &market.price, slope, short: &held.short };
    let price = zero_price(cs, &cells.header, &from, &cells.enable);
    let zero = zero_quote(cs, &price, size, &held.short);
    let oracle = zero_quote(cs, &market.price, size, &held.short);
    let room = held.short.sign().mul(&mut cs.check("LIQ-9"), &quote.sub(&zero));
    checks.require_nonnegative_always(&mut cs.check("LIQ-9"), Reject::QuoteBeyondZeroPrice, &room);
    let below = held.short.sign().mul(&mut cs.check("LIQ-10"), &oracle.sub(quote));
    checks.require_nonnegative_always(&mut cs.check("LIQ-10"), Reject::QuoteBeyondOraclePrice, &below);
    let cs = &mut cs.check("LIQ-11");
    let rate = liquidation_rate(cs, &market.liquidation_fee, slope);
    liquidation_fee(cs, quote, &rate, &room)
}

/// The liquidated account's trade, and the fee that it pays.
#[derive(Clone, Copy)]
struct Closed<'a> {
    closed: &'a TradedVar,
    fee: &'a Int,
}

/// The liquidated account's header after the fee; one step less would not have done.
fn pay_not_over(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    cells: &Cells,
    change: &TradeSide,
    Closed { closed, fee }: Closed<'_>,
) -> HeaderVar {
    let header = pay_fee(cs, checks, &closed.header, fee);
    let less = one_step_less(cs, cells, &change.size, &closed.size_after);
    // What would remain then: at most what is held, as a step is at most the size.
    let remains = Int::new_unchecked(cells.held.magnitude.var() - less.var(), SIZE_BITS);
    let value = cells.market.price.mul(cs, &remains);
    let tiers = TiersOf { market: &cells.market_id, honest: &cells.market.honest, enable: &cells.enable };
    let required_less = maintenance(cs, tiers, &value);
    let headers = Change { before: &cells.header, after: &header };
    let (size, required) = (&change.size, &cells.held.cell.maintenance);
    let sizes = LiquidatedSize { size, less: &less, required, required_less: &required_less };
    require_not_over(cs, checks, headers, sizes);
    header
}

/// The size less one step: a lot; or, where the whole position goes, the minimum order, at most all.
/// `rest` is what remains of the position.
fn one_step_less(cs: &mut Cs<'_>, cells: &Cells, size: &Int, rest: &Int) -> Int {
    let minimum = cells.market.lot.mul(cs, &cells.market.min_lots);
    let above = size.sub(&minimum);
    let covers = above.is_nonnegative(cs);
    let above = Int::new_unchecked(cs.product(covers.var(), above.var()), SIZE_BITS);
    let closed = rest.is_zero(cs);
    let one_lot = size.sub(&cells.market.lot);
    let less = closed.select(cs, &above, &one_lot);
    Int::new_unchecked(less.var().clone(), SIZE_BITS)
}

/// The taker after the trade: the pool ends healthy, an order's account changes legally.
fn take_over(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, cells: &Cells, change: &TradeSide) -> TradedVar {
    let cs = &mut cs.check("LIQ-13");
    let Cells { bid, order, taker_header, .. } = cells;
    let market = MarketRefVar { id: &cells.market_id, market: &cells.market };
    let taker = Holding { header: taker_header, held: &cells.taker_held };
    let taken = trade(cs, checks, taker, market, change);
    // A pool is held to the tiers alone: it has no other market.
    let initial = bid.select_var(cs, taken.header.initial.var(), taken.required.by_tiers.var());
    let initial = Int::new_unchecked(initial, REQUIREMENT_BITS);
    let healthy = is_healthy(cs, &HeaderVar { initial, ..taken.header.clone() }, &Int::zero());
    let pool = cells.enable.var() - bid.var();
    let unhealthy = healthy.not();
    checks.require_zero_product_always(cs, Reject::PoolBelowInitialMargin, &pool, unhealthy.var());
    let reduces = bid.and(cs, &order.reduce_only);
    checks.require_zero_product_always(cs, Reject::ReduceOnly, reduces.var(), taken.grows.var());
    let headers = Change { before: taker_header, after: &taken.header };
    let bits = ChangeBits { grows: &taken.grows, healthy: &healthy };
    legal_change_without_fee(cs, checks, headers, bits, bid);
    taken
}

/// What a liquidation leaves: the account's trade, its header after the fee, the taker's trade, and the
/// fee that the pool gets.
struct After<'a> {
    closed: &'a TradedVar,
    header: &'a HeaderVar,
    taken: &'a TradedVar,
    fee: &'a Int,
}

/// Touches all cells and credits the fee to the pool.
fn settle(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    record: &Padded<LiquidateRecord>,
    cells: &Cells,
    after: &After<'_>,
) {
    let previous = &record.previous;
    let clock = Clock { time: RowTime::hint(cs, record.sequence), enable: &cells.enable };
    let grown = |side: &TradedVar| side.size_after.sub(&side.size_before);
    let grown = grown(after.closed).add(&grown(after.taken));
    let value = record.cells.open_interest;
    let open_interest = Before { value, touch: OPEN_INTEREST, previous: previous.open_interest };
    let open_interest = OpenInterest { market: &cells.market_id, before: open_interest };
    clock.add_open_interest(&mut cs.check("LIQ-14"), checks, open_interest, &grown);
    touch_account(cs, &clock, cells, previous, after);
    touch_taker(cs, &clock, cells, previous, after.taken);

    let pool = HeaderVar::hint(cs, &record.pool);
    let credited = add_collateral(&mut cs.check("LIQ-14"), checks, &pool, after.fee);
    let id = Int::new_unchecked(cells.market_id.add_constant(Fr::from(POOL_BASE)), ACCOUNT_BITS);
    let at = TouchAt { j: POOL, previous: previous.pool };
    clock.touch_header(&mut cs.check("LIQ-23"), at, &id, Change { before: &pool, after: &credited });
}

/// Touches the header and the position of the liquidated account.
fn touch_account(
    cs: &mut Cs<'_>,
    clock: &Clock<'_>,
    cells: &Cells,
    previous: &LiquidateTouches,
    after: &After<'_>,
) {
    let headers = Change { before: &cells.header, after: after.header };
    let at = TouchAt { j: HEADER, previous: previous.header };
    clock.touch_header(&mut cs.check("LIQ-19"), at, &cells.account, headers);
    let positions = Change { before: &cells.held.cell, after: &after.closed.position };
    let at = TouchAt { j: POSITION, previous: previous.position };
    let place = Place { account: &cells.account, market: &cells.market_id };
    clock.touch_position(&mut cs.check("LIQ-20"), at, place, positions);
}

/// Touches the taker's order, if it is one, and the header and the position of the taker.
fn touch_taker(
    cs: &mut Cs<'_>,
    clock: &Clock<'_>,
    cells: &Cells,
    previous: &LiquidateTouches,
    taken: &TradedVar,
) {
    let bid = Clock { time: clock.time.clone(), enable: &cells.bid };
    // It pays no fee, so the carry stays.
    let pre = &cells.order.progress;
    let post = OrderProgress { left: pre.left.sub(&cells.lots), ..pre.clone() };
    let at = TouchAt { j: ORDER, previous: previous.order };
    bid.touch_order(&mut cs.check("LIQ-21"), at, &cells.order, &post);
    let headers = Change { before: &cells.taker_header, after: &taken.header };
    let at = TouchAt { j: TAKER_HEADER, previous: previous.taker_header };
    clock.touch_header(&mut cs.check("LIQ-22"), at, &cells.taker, headers);
    let positions = Change { before: &cells.taker_held.cell, after: &taken.position };
    let at = TouchAt { j: TAKER_POSITION, previous: previous.taker_position };
    let place = Place { account: &cells.taker, market: &cells.market_id };
    clock.touch_position(&mut cs.check("LIQ-22"), at, place, positions);
}
