//! The row of a fill: same law and order of checks as the native half.
//!
//! `MarketNotOpen` has no check here, because only open markets are provided; `TakerExpired` and
//! `MakerExpired` are checked where the order's cell opens, since the time is the batch's.

use ark_bn254::Fr;

use super::{Fill, FillAmounts, FillCells};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::RowTime;
use crate::gadgets::row::{Padded, Row};
use crate::margin::circuit::{
    Change, HeaderVar, Holding, MarketRefVar, MarketVar, PaidVar, PositionVar, TradeSide, TradedVar,
    carry_kept, legal_change, pay_fee, trade, trading_fee,
};
use crate::ops::cells::{Before, Clock, OpenInterest, OrderVar, OwnerVar, Place, TouchAt, owner};
use crate::ops::{OrderLeg, blank};
use crate::params::{COLLAR_PARTS, LOTS_BITS, POSITION_VALUE_BITS, PRICE_SCALE_BITS, QUOTE_BITS};
use crate::reject::Reject;
use crate::state::Market;
use crate::state::order::OrderProgress;

/// The j of the touches: order, header, position of the taker from 0 on, of the maker from 3 on.
const TAKER: u8 = 0;
const MAKER: u8 = 3;
const OPEN_INTEREST: u8 = 6;
const FEES: u8 = 7;

/// What the row of a fill is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillRecord {
    /// T of the row, below 2^20.
    pub sequence: u32,
    /// Which orders, and how many lots.
    pub op: Fill,
    /// Cells before the fill.
    pub cells: FillCells,
    /// When each of the cells was touched last.
    pub previous: FillTouches,
    /// What the fill paid.
    pub amounts: FillAmounts,
}

/// Times `16T + j` at which each cell was touched last; 0 for the opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FillTouches {
    /// When the taker's cells were touched last.
    pub taker: LegTouches,
    /// When the maker's cells were touched last.
    pub maker: LegTouches,
    /// When the market's open interest was touched last.
    pub open_interest: u32,
    /// When the pending fees were touched last.
    pub fees: u32,
}

/// Times `16T + j` at which an order and the cells of its account were touched last; 0 for the opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegTouches {
    /// When the order was touched last.
    pub order: u32,
    /// When the header of the order's account was touched last.
    pub header: u32,
    /// When that account's position in the market was touched last.
    pub position: u32,
}

/// The row kind of fills.
pub struct FillRow;

impl Row for FillRow {
    type Record = FillRecord;
    const NAME: &'static str = "fill";

    fn dummy() -> FillRecord {
        FillRecord {
            sequence: 1,
            op: Fill { taker: 0, maker: 0, lots: 1 },
            cells: FillCells {
                taker: blank::order_leg(),
                maker: blank::order_leg(),
                entry: blank::market(),
                open_interest: 0,
                fees: 0,
            },
            previous: FillTouches::default(),
            amounts: FillAmounts { quote: 0, taker_fee: 0, maker_fee: 0 },
        }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<FillRecord>) {
        fill(cs, record);
    }
}

/// One side: its order and the account behind it, before the fill.
struct Side {
    order: OrderVar,
    header: HeaderVar,
    position: PositionVar,
}

impl Side {
    fn hint(cs: &mut Cs<'_>, id: u64, leg: &OrderLeg, market: &Market) -> Self {
        let order = OrderVar::hint(&mut cs.check("FILL-16"), id, &leg.order);
        let header = HeaderVar::hint(cs, &leg.leg.header);
        let position = PositionVar::hint(cs, &leg.leg.position, &leg.leg.required(market));
        Self { order, header, position }
    }
}

/// The constraints of a fill; returns the ledger of its checks.
pub fn fill(cs: &mut Cs<'_>, record: &Padded<FillRecord>) -> Checks<Reject> {
    let FillRecord { op, cells, previous, .. } = &record.record;
    let enable = Bit::hint(&mut cs.check("FILL-1"), "fill.enable", record.enabled);
    let mut checks = Checks::new(&enable);
    let clock = Clock { time: RowTime::hint(cs, record.sequence), enable: &enable };
    let entry = &cells.entry.market;
    let taker = Side::hint(cs, op.taker, &cells.taker, entry);
    let maker = Side::hint(cs, op.maker, &cells.maker, entry);
    let market = MarketVar::lookup(&mut cs.check("FILL-17"), &taker.order.market, entry, &enable);
    let owners = [(&taker, &cells.taker), (&maker, &cells.maker)]
        .map(|(side, leg)| owner(&mut cs.check("FILL-18"), &side.order.account, &leg.leg, &enable));

    let lots = require_match(cs, &mut checks, [&taker.order, &maker.order], op.lots, &owners);
    require_fee_signed(&mut cs.check("FILL-10"), &mut checks, &taker.order, &market.taker_fee);
    require_fee_signed(&mut cs.check("FILL-11"), &mut checks, &maker.order, &market.maker_fee);
    let quote = quote_of(&mut cs.check("FILL-12"), &mut checks, &lots, &maker.order, &market);
    let size = lots.mul(&mut cs.check("FILL-22"), &market.lot);
    require_collar(&mut cs.check("FILL-26"), &mut checks, [&size, &quote], &market);
    let change = TradeSide::new(cs, &taker.order.side, &size, &quote, &market.price);
    let shared = SideFill { clock: &clock, market: &market, lots: &lots };
    let terms =
        Terms { change: &change, fee: &market.taker_fee, first_touch: TAKER, previous: previous.taker };
    let (taken, taker_fee) = shared.apply(cs, &mut checks, &taker, terms);
    let change = change.opposite();
    let terms =
        Terms { change: &change, fee: &market.maker_fee, first_touch: MAKER, previous: previous.maker };
    let (made, maker_fee) = shared.apply(cs, &mut checks, &maker, terms);

    let grown = |side: &TradedVar| side.size_after.sub(&side.size_before);
    let open_interest =
        Before { value: cells.open_interest, touch: OPEN_INTEREST, previous: previous.open_interest };
    let grown = grown(&taken).add(&grown(&made));
    let after = clock.add_open_interest(
        &mut cs.check("FILL-14"),
        &mut checks,
        OpenInterest { market: &taker.order.market, before: open_interest },
        &grown,
    );
    let room = market.open_interest_limit.sub(&after);
    require_room(&mut cs.check("FILL-24"), &mut checks, &grown, &room);
    let pending = Before { value: cells.fees, touch: FEES, previous: previous.fees };
    clock.add_fees(&mut cs.check("FILL-15"), &mut checks, pending, &taker_fee.add(&maker_fee));
    checks
}

/// A fill that raises open interest leaves room below the market's limit.
fn require_room(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, grown: &Int, room: &Int) {
    let raises = grown.add_constant(-1).is_nonnegative(cs);
    let needed = Int::new_unchecked(cs.product(raises.var(), room.var()), room.bits());
    checks.require_nonnegative_always(cs, Reject::OpenInterestCap, &needed);
}

/// The quote is at most the collar from the size's value at the oracle price, if the market has one.
fn require_collar(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    [size, quote]: [&Int; 2],
    market: &MarketVar,
) {
    // The sizes that the two positions may have (TRADE-3) are worth less than 2^95 each. A value of more bits fails there;
    // here the bound is one of the range alone.
    let value = Int::new_unchecked(size.mul(cs, &market.price).var().clone(), POSITION_VALUE_BITS + 1);
    let apart = quote.shift(PRICE_SCALE_BITS).sub(&value);
    let apart = Int::new_unchecked(cs.product(market.collared.var(), apart.var()), apart.bits());
    let most = value.mul(cs, &market.collar);
    let parts = apart.scale(COLLAR_PARTS);
    for room in [most.sub(&parts), most.add(&parts)] {
        checks.require_nonnegative_always(cs, Reject::PriceCollar, &room);
    }
}

/// The market's fee is at most what the order's owner signed.
fn require_fee_signed(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, order: &OrderVar, fee: &Int) {
    checks.require_nonnegative_always(cs, Reject::FeeAboveSigned, &order.max_fee.sub(fee));
}

/// The quote of a number of lots at the maker's limit.
fn quote_of(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    lots: &Int,
    maker: &OrderVar,
    market: &MarketVar,
) -> Int {
    let per_lot = maker.limit.mul(cs, &market.tick_quote);
    let quote = lots.mul(cs, &per_lot);
    checks.require_width_always(cs, Reject::QuoteRange, &quote, QUOTE_BITS)
}

/// Whether the two orders may meet at all; returns the lots. Orders and owners: taker, then maker.
fn require_match(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    [taker, maker]: [&OrderVar; 2],
    lots: u64,
    owners: &[OwnerVar; 2],
) -> Int {
    // Ranged by what follows: at least 1 if enabled, at most what is left of either order.
    let lots = Int::new_unchecked(cs.hint("fill.lots", Fr::from(lots)), u64::BITS);
    let enable = checks.enable().int();
    checks.require_nonnegative_always(&mut cs.check("FILL-2"), Reject::ZeroLots, &lots.sub(&enable));
    checks.require_zero(&mut cs.check("FILL-3"), Reject::MarketMismatch, &(&taker.market - &maker.market));
    let sides = taker.side.var() - maker.side.not().var();
    checks.require_zero(&mut cs.check("FILL-4"), Reject::SameSide, &sides);
    let (taker_left, maker_left) = (taker.progress.left.sub(&lots), maker.progress.left.sub(&lots));
    checks.require_nonnegative_always(&mut cs.check("FILL-5"), Reject::TakerExceedsLeft, &taker_left);
    checks.require_nonnegative_always(&mut cs.check("FILL-6"), Reject::MakerExceedsLeft, &maker_left);
    checks.require_nonzero(&mut cs.check("FILL-7"), Reject::SelfTrade, &(&owners[0].x - &owners[1].x));
    for (order, owner) in [taker, maker].into_iter().zip(owners) {
        let since = order.id.sub(&owner.orders_from);
        checks.require_nonnegative(&mut cs.check("FILL-25"), Reject::OrderVoid, &since);
    }
    checks.require(&mut cs.check("FILL-8"), Reject::PostOnlyTakes, &taker.post_only.not());
    let better = taker.limit.sub(&maker.limit);
    let cs = &mut cs.check("FILL-9");
    let better = taker.side.sign().mul(cs, &better);
    checks.require_nonnegative_always(cs, Reject::LimitNotMet, &better);
    Int::new_unchecked(lots.var().clone(), LOTS_BITS)
}

/// What both sides of a fill share.
struct SideFill<'a> {
    clock: &'a Clock<'a>,
    market: &'a MarketVar,
    lots: &'a Int,
}

/// What differs between the sides of a fill.
#[derive(Clone, Copy)]
struct Terms<'a> {
    change: &'a TradeSide,
    /// The market's fee for this side, in ppm.
    fee: &'a Int,
    /// The j of the order's touch; header and position follow.
    first_touch: u8,
    previous: LegTouches,
}

impl SideFill<'_> {
    /// One side of the fill and the fee that it pays, in quote quanta.
    fn apply(
        &self,
        cs: &mut Cs<'_>,
        checks: &mut Checks<Reject>,
        side: &Side,
        terms: Terms<'_>,
    ) -> (TradedVar, Int) {
        let Terms { change, fee, first_touch, previous } = terms;
        let Side { order, header, position } = side;
        let held = position.held(cs);
        let market = MarketRefVar { id: &order.market, market: self.market };
        let traded = trade(cs, checks, Holding { header, held: &held }, market, change);
        let (reduces, grows) = (order.reduce_only.var(), traded.grows.var());
        checks.require_zero_product_always(&mut cs.check("FILL-13"), Reject::ReduceOnly, reduces, grows);
        let still = self.market.still.var();
        checks.require_zero_product_always(&mut cs.check("FILL-23"), Reject::MarketStill, still, grows);
        let due = trading_fee(cs, &change.quote, fee, &order.progress.fee_carry);
        let headers = Change { before: header, after: &traded.header };
        let PaidVar { fee, full } = legal_change(cs, checks, headers, &traded.grows, &due.amount);
        let fee_carry = carry_kept(cs, &due.carry, &full);
        let after = pay_fee(&mut cs.check("FILL-13"), checks, &traded.header, &fee);

        let place = Place { account: &order.account, market: &order.market };
        let progress = OrderProgress { left: order.progress.left.sub(self.lots), fee_carry };
        let headers = Change { before: header, after: &after };
        let positions = Change { before: position, after: &traded.position };
        let at = [previous.order, previous.header, previous.position];
        let at = [0, 1, 2].map(|i| TouchAt { j: first_touch + i, previous: at[usize::from(i)] });
        self.clock.touch_order(&mut cs.check("FILL-19"), at[0], order, &progress);
        self.clock.touch_header(&mut cs.check("FILL-20"), at[1], &order.account, headers);
        self.clock.touch_position(&mut cs.check("FILL-21"), at[2], place, positions);
        (traded, fee)
    }
}
