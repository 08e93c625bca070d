//! Fills and liquidations.

use super::{Fields, Outcome, Vectors, flags, row};
use crate::gadgets::row::Padded;
use crate::ops::fill::FillAmounts;
use crate::ops::fill::circuit::{FillRecord, FillTouches};
use crate::ops::fill::{self, FillCells};
use crate::ops::liquidate::{self, LiquidateCells, credit_pool};
use crate::ops::liquidate::{LiquidateRecord, LiquidateTouches};
use crate::ops::{Fill, Leg, Liquidate, MarketEntry, OrderLeg, Taker};
use crate::params::{POOL_BASE, TOUCHES_PER_ROW};
use crate::reject::Reject::*;
use crate::soundness::fixture::{context, entry, flat, leg, order, owner};
use crate::state::{Market, Mode, Order, Side};

fn market_entry(f: &Fields) -> MarketEntry {
    let mut entry = entry();
    entry.market = Market {
        status: f.get("market.status"),
        last_tick: f.get("market.last_tick"),
        halt_age: f.get("market.halt_age"),
        max_size: f.get("market.max_size"),
        tick_quote: f.get("market.tick_quote"),
        still: f.flag("market.still"),
        open_notional_high: f.get("market.open_notional_high"),
        open_growth: f.get("market.open_growth"),
        collar: f.get("market.collar"),
        price: f.get("market.price"),
        ..entry.market
    };
    entry
}

/// The account behind a side: key `owner`, a total value, a size entered at 100.
fn account(f: &Fields, of: &str) -> Leg {
    let name = |field: &str| format!("{of}.{field}");
    let mut leg = leg(f.get(&name("owner")), f.get(&name("value")), f.get(&name("size")));
    (leg.owner, leg.orders_from) = (owner(f.get(&name("owner"))), f.get(&name("orders_from")));
    leg.header.mode = Mode::from_market(f.get(&name("mode")));
    leg
}

fn side(f: &Fields, of: &str, id: u64) -> OrderLeg {
    let name = |field: &str| format!("{of}.{field}");
    let sells = f.flag(&name("sells"));
    let order = Order {
        market: f.get(&name("market")),
        limit: f.get(&name("limit")),
        left: f.get(&name("left")),
        flags: flags(f, &name("")),
        max_fee: f.get(&name("max_fee")),
        expiry: f.get(&name("expiry")),
        fee_carry: f.get(&name("fee_carry")),
        ..order(id, if sells { Side::Sell } else { Side::Buy })
    };
    OrderLeg { order, leg: account(f, of) }
}

fn run_fill(f: &Fields) -> Outcome {
    let op = Fill { taker: 1, maker: 2, lots: f.get("lots") };
    let cells = FillCells {
        taker: side(f, "taker", 600),
        maker: side(f, "maker", 601),
        entry: market_entry(f),
        open_interest: f.get("open_interest"),
        fees: f.get("fees"),
    };
    let amounts = FillAmounts { quote: 0, taker_fee: 0, maker_fee: 0 };
    let input = FillRecord { sequence: 9, op, cells, previous: FillTouches::default(), amounts };
    Outcome {
        native: fill::apply(&context(), &op, &cells).err(),
        row: row(|cs| fill::circuit::fill(cs, &Padded::enabled(input))),
    }
}

fn run_liquidate(f: &Fields) -> Outcome {
    let by_order = f.flag("order");
    let order = Order {
        market: f.get("order.market"),
        limit: f.get("order.limit"),
        left: f.get("order.left"),
        flags: flags(f, "order."),
        expiry: f.get("order.expiry"),
        ..order(700, if f.flag("order.sells") { Side::Sell } else { Side::Buy })
    };
    let (lots, quote) = (f.get("lots"), f.get("quote"));
    let taker = if by_order { Taker::Order(31) } else { Taker::Pool };
    let op = Liquidate { account: f.get("account.id"), market: 1, lots, quote, taker };
    let cells = LiquidateCells {
        account: account(f, "account"),
        taker: account(f, "taker"),
        order: by_order.then_some(order),
        entry: market_entry(f),
        open_interest: f.get("open_interest"),
    };
    // The fee goes to a pool that takes, after the trade; else to one that holds `pool.collateral`.
    let native = liquidate::apply(&context(), &op, &cells);
    let own = TOUCHES_PER_ROW * 9 + 3;
    let (pool, pool_at) = match &native {
        Ok((after, _)) if !by_order => (after.taker.header, own),
        _ => (flat(f.get("pool.collateral")), 0),
    };
    let pool = crate::margin::Header { mode: Mode::Isolated(1), ..pool };
    let native = native.and_then(|(_, fee)| credit_pool(&pool, fee)).err();
    let previous = LiquidateTouches { pool: pool_at, ..LiquidateTouches::default() };
    let input = LiquidateRecord { sequence: 9, op, cells, pool, previous, fee: 0 };
    Outcome { native, row: row(|cs| liquidate::circuit::liquidate(cs, &Padded::enabled(input))) }
}

const TWO_63: i128 = 1 << 63;
/// The pool of market 1.
const POOL: i128 = POOL_BASE as i128 + 1;

pub fn vectors() -> Vec<Vectors> {
    vec![fill_vectors(), liquidate_vectors()]
}

fn fill_vectors() -> Vectors {
    Vectors {
        op: "fill",
        before: &[
            ("lots", 100),
            ("open_interest", 0),
            ("fees", 3),
            ("market.status", 1),
            ("market.last_tick", 1_000),
            ("market.halt_age", 600),
            ("market.max_size", 1 << 40),
            ("market.tick_quote", 1),
            ("market.still", 0),
            ("market.open_notional_high", 0),
            ("market.open_growth", 1_000),
            ("market.collar", 0),
            ("market.price", 100 << 32),
            ("taker.sells", 0),
            ("taker.owner", 1),
            ("taker.orders_from", 0),
            ("taker.value", 1_000_000),
            ("taker.size", 0),
            ("taker.mode", 0),
            ("taker.market", 1),
            ("taker.limit", 100),
            ("taker.left", 1_000),
            ("taker.max_fee", 500),
            ("taker.expiry", 1_000),
            ("taker.fee_carry", 0),
            ("taker.post_only", 0),
            ("taker.reduce_only", 0),
            ("taker.immediate_or_cancel", 0),
            ("taker.fill_or_kill", 0),
            ("maker.sells", 1),
            ("maker.owner", 5),
            ("maker.orders_from", 0),
            ("maker.value", 1_000_000),
            ("maker.size", 0),
            ("maker.mode", 0),
            ("maker.market", 1),
            ("maker.limit", 100),
            ("maker.left", 1_000),
            ("maker.max_fee", 200),
            ("maker.expiry", 1_000),
            ("maker.fee_carry", 0),
            ("maker.post_only", 0),
            ("maker.reduce_only", 0),
            ("maker.immediate_or_cancel", 0),
            ("maker.fill_or_kill", 0),
        ],
        run: run_fill,
        cases: &[
            (&[("taker.orders_from", 1), ("maker.orders_from", 2)], None),
            (&[("maker.orders_from", 1)], None),
            (&[("taker.orders_from", 2)], Some(OrderVoid)),
            (&[("maker.orders_from", 3)], Some(OrderVoid)),
            (&[("lots", 0)], Some(ZeroLots)),
            (&[("lots", 1)], None),
            (&[("lots", 2)], None),
            (&[("taker.market", 2)], Some(MarketMismatch)),
            (&[("taker.market", 0)], Some(MarketMismatch)),
            (&[("taker.sells", 1)], Some(SameSide)),
            (&[("market.status", 0)], Some(MarketNotOpen)),
            (&[("market.status", 3)], Some(MarketNotOpen)),
            (&[("market.status", 2), ("market.last_tick", 400)], None),
            (&[("market.last_tick", 399)], Some(PriceTooOld)),
            (&[("taker.expiry", 999)], Some(TakerExpired)),
            (&[("taker.expiry", 1_001)], None),
            (&[("maker.expiry", 999)], Some(MakerExpired)),
            (&[("taker.left", 100)], None),
            (&[("taker.left", 99)], Some(TakerExceedsLeft)),
            (&[("taker.left", 101)], None),
            (&[("maker.left", 100)], None),
            (&[("maker.left", 99)], Some(MakerExceedsLeft)),
            (&[("maker.left", 101)], None),
            (&[("maker.owner", 1)], Some(SelfTrade)),
            (&[("maker.owner", 0)], None),
            (&[("maker.owner", 2)], None),
            (&[("taker.post_only", 1)], Some(PostOnlyTakes)),
            (&[("maker.post_only", 1)], None),
            (&[("taker.limit", 101)], None),
            (&[("taker.limit", 99)], Some(LimitNotMet)),
            (&[("taker.sells", 1), ("maker.sells", 0)], None),
            (&[("taker.sells", 1), ("maker.sells", 0), ("taker.limit", 99)], None),
            (&[("taker.sells", 1), ("maker.sells", 0), ("taker.limit", 101)], Some(LimitNotMet)),
            (&[("taker.max_fee", 499)], Some(FeeAboveSigned)),
            (&[("taker.max_fee", 501)], None),
            (&[("maker.max_fee", 199)], Some(FeeAboveSigned)),
            (&[("maker.max_fee", 201)], None),
            (
                &[("market.tick_quote", 1 << 39), ("taker.limit", 1 << 31), ("maker.limit", 1 << 31)],
                Some(QuoteRange),
            ),
            (&[("maker.mode", 1)], None),
            (&[("maker.mode", 2)], Some(WrongMarketForMode)),
            (&[("market.max_size", 100)], None),
            (&[("market.max_size", 99)], Some(PositionTooLarge)),
            (&[("taker.reduce_only", 1)], Some(ReduceOnly)),
            (&[("taker.reduce_only", 1), ("taker.size", -99)], Some(ReduceOnly)),
            (&[("taker.reduce_only", 1), ("taker.size", -100)], None),
            (&[("market.still", 1)], Some(MarketStill)),
            (&[("market.still", 1), ("taker.size", -100), ("maker.size", 100), ("open_interest", 200)], None),
            (&[("market.still", 1), ("taker.size", -100), ("maker.size", 99)], Some(MarketStill)),
            (&[("market.still", 1), ("taker.size", -99), ("maker.size", 100)], Some(MarketStill)),
            (&[("taker.value", 1_005)], None),
            (&[("taker.value", 1_004)], Some(BelowInitialMargin)),
            // The exact fee of 101 lots is 5.05: a carry of 0.05 leaves 5.
            (&[("lots", 101), ("taker.value", 1_015), ("taker.fee_carry", 50_000)], None),
            (&[("lots", 101), ("taker.value", 1_015), ("taker.fee_carry", 49_999)], Some(BelowInitialMargin)),
            (&[("lots", 101), ("taker.value", 1_016), ("taker.fee_carry", 49_999)], None),
            (&[("maker.value", 1_002)], None),
            (&[("maker.value", 1_001)], Some(BelowInitialMargin)),
            (
                &[
                    ("lots", 500),
                    ("maker.size", 1_000),
                    ("maker.value", 4_000),
                    ("taker.limit", 96),
                    ("maker.limit", 96),
                ],
                None,
            ),
            (
                &[
                    ("lots", 500),
                    ("maker.size", 1_000),
                    ("maker.value", 4_000),
                    ("taker.limit", 95),
                    ("maker.limit", 95),
                ],
                Some(RatioFalls),
            ),
            // Below zero: all but one lot at the oracle price; then a tick above it, where the debt falls in
            // proportion to the requirement, and where it falls by less.
            (&[("lots", 999), ("maker.size", 1_000), ("maker.value", -100)], Some(RatioFalls)),
            (
                &[
                    ("lots", 999),
                    ("maker.size", 1_000),
                    ("maker.value", -1_000),
                    ("taker.limit", 101),
                    ("maker.limit", 101),
                ],
                None,
            ),
            (
                &[
                    ("lots", 999),
                    ("maker.size", 1_000),
                    ("maker.value", -1_001),
                    ("taker.limit", 101),
                    ("maker.limit", 101),
                ],
                Some(RatioFalls),
            ),
            // A position of 100 on each side raises `Σ |b|` to 200.
            (&[("market.open_notional_high", 10_050)], None),
            (&[("market.open_notional_high", 10_000)], None),
            (&[("market.open_notional_high", 9_999)], Some(OpenInterestCap)),
            (&[("market.open_notional_high", 1 << 40), ("market.open_growth", 100)], None),
            (&[("market.open_notional_high", 1 << 40), ("market.open_growth", 99)], Some(OpenInterestCap)),
            (&[("market.open_notional_high", 9_999), ("taker.size", -100)], None),
            // Five in a hundred to either side, and a tick more.
            (&[("market.collar", 50), ("taker.limit", 105), ("maker.limit", 105)], None),
            (&[("market.collar", 50), ("taker.limit", 106), ("maker.limit", 106)], Some(PriceCollar)),
            (&[("market.collar", 49), ("taker.limit", 105), ("maker.limit", 105)], Some(PriceCollar)),
            (&[("market.collar", 50), ("taker.limit", 95), ("maker.limit", 95)], None),
            (&[("market.collar", 50), ("taker.limit", 94), ("maker.limit", 94)], Some(PriceCollar)),
            (&[("market.collar", 1)], None),
            // A part per million more, and one less.
            (
                &[
                    ("market.collar", 50),
                    ("taker.limit", 105),
                    ("maker.limit", 105),
                    ("market.price", (100 << 32) - 1),
                ],
                Some(PriceCollar),
            ),
            (
                &[
                    ("market.collar", 50),
                    ("taker.limit", 105),
                    ("maker.limit", 105),
                    ("market.price", 429_497_138_645),
                ],
                None,
            ),
            (&[("open_interest", 2 * TWO_63 - 201)], None),
            (&[("open_interest", 2 * TWO_63 - 200)], Some(OpenInterestRange)),
            (&[("fees", TWO_63 - 8)], None),
            (&[("fees", TWO_63 - 7)], Some(FeesRange)),
        ],
    }
}

fn liquidate_vectors() -> Vectors {
    Vectors {
        op: "liquidate",
        before: &[
            ("lots", 399),
            ("quote", 399 * 98),
            ("open_interest", 2_000),
            ("market.status", 1),
            ("market.last_tick", 1_000),
            ("market.halt_age", 600),
            ("market.max_size", 1 << 40),
            ("market.tick_quote", 1),
            ("market.still", 0),
            ("market.open_notional_high", 0),
            ("market.open_growth", 1_000),
            ("market.collar", 0),
            ("market.price", 100 << 32),
            ("account.owner", 1),
            ("account.orders_from", 0),
            ("account.value", 4_000),
            ("account.size", 1_000),
            ("account.mode", 0),
            ("taker.owner", 5),
            ("taker.orders_from", 0),
            ("taker.value", 1_000_000),
            ("taker.size", 0),
            ("taker.mode", 1),
            ("pool.collateral", 0),
            ("order", 0),
            ("account.id", 600),
            ("order.market", 1),
            ("order.sells", 0),
            ("order.limit", 98),
            ("order.left", 1_000),
            ("order.expiry", 1_000),
            ("order.post_only", 0),
            ("order.reduce_only", 0),
            ("order.immediate_or_cancel", 0),
            ("order.fill_or_kill", 0),
        ],
        run: run_liquidate,
        cases: &[
            (&[("lots", 0), ("quote", 0)], Some(ZeroLots)),
            (&[("lots", 1), ("quote", 98)], None),
            (&[("lots", 2), ("quote", 196)], None),
            (&[("market.status", 0)], Some(MarketNotOpen)),
            (&[("market.status", 3)], Some(MarketNotOpen)),
            (&[("market.status", 2), ("market.last_tick", 400)], None),
            (&[("market.last_tick", 399)], Some(PriceTooOld)),
            (&[("account.size", 0)], Some(NoPosition)),
            (&[("account.size", 398), ("account.value", 1_500)], Some(ExceedsPosition)),
            (&[("account.size", 1), ("account.value", 4), ("lots", 1), ("quote", 100)], None),
            (&[("account.size", 2), ("account.value", 9), ("lots", 1), ("quote", 100)], None),
            (&[("account.size", -1), ("account.value", 4), ("lots", 1), ("quote", 100)], None),
            (&[("account.value", -1)], Some(Bankrupt)),
            (&[("account.value", 0), ("lots", 1_000), ("quote", 100_000)], None),
            (&[("account.value", 4_999), ("lots", 1), ("quote", 100)], None),
            (&[("account.value", 5_000), ("lots", 1), ("quote", 100)], Some(NotLiquidatable)),
            // TV 3125 of MMR 5000: the zero price 96.875 is exact.
            (&[("account.value", 3_125), ("lots", 320), ("quote", 31_000)], None),
            (&[("account.value", 3_125), ("lots", 320), ("quote", 30_999)], Some(QuoteBeyondZeroPrice)),
            (&[("account.value", 3_125), ("lots", 320), ("quote", 32_000)], None),
            (&[("account.value", 3_125), ("lots", 320), ("quote", 32_001)], Some(QuoteBeyondOraclePrice)),
            (&[("quote", 399 * 100 + 1)], Some(QuoteBeyondOraclePrice)),
            (&[("quote", TWO_63)], Some(QuoteRange)),
            (&[("lots", 400), ("quote", 400 * 98)], Some(OverLiquidation)),
            (&[("taker.value", 3_990 - 798)], None),
            (&[("taker.value", 3_990 - 799)], Some(PoolBelowInitialMargin)),
            // Full open interest raises what an order's account needs, not what a pool does; nor is a pool still.
            (&[("taker.value", 3_990 - 798), ("market.open_notional_high", 1)], None),
            (&[("taker.value", 3_990 - 799), ("market.open_notional_high", 1)], Some(PoolBelowInitialMargin)),
            (&[("order", 1), ("taker.value", 39_900 - 798), ("market.open_notional_high", 1)], None),
            (
                &[("order", 1), ("taker.value", 39_900 - 799), ("market.open_notional_high", 1)],
                Some(BelowInitialMargin),
            ),
            (&[("market.still", 1)], None),
            (&[("order", 1), ("market.still", 1)], None),
            (&[("market.max_size", 398)], Some(PositionTooLarge)),
            (&[("taker.mode", 2)], Some(WrongMarketForMode)),
            // A pool is told apart by its number, an order's account by its owner.
            (&[("taker.owner", 1)], None),
            (&[("account.id", POOL)], Some(SelfTrade)),
            (&[("account.id", POOL - 1)], None),
            (&[("account.id", POOL + 1)], None),
            (&[("order", 1), ("taker.owner", 1)], Some(SelfTrade)),
            (&[("order", 1), ("taker.orders_from", 30)], None),
            (&[("order", 1), ("taker.orders_from", 31)], None),
            (&[("order", 1), ("taker.orders_from", 32)], Some(OrderVoid)),
            (&[("taker.orders_from", 32), ("account.orders_from", 99)], None),
            (&[("order", 1), ("taker.owner", 0)], None),
            (&[("order", 1), ("taker.owner", 2)], None),
            (&[("order", 1)], None),
            (&[("order", 1), ("order.market", 2)], Some(MarketMismatch)),
            (&[("order", 1), ("order.market", 0)], Some(MarketMismatch)),
            (&[("order", 1), ("order.sells", 1)], Some(SameSide)),
            (&[("order", 1), ("order.expiry", 999)], Some(TakerExpired)),
            (&[("order", 1), ("order.left", 399)], None),
            (&[("order", 1), ("order.left", 398)], Some(TakerExceedsLeft)),
            (&[("order", 1), ("order.left", 400)], None),
            (&[("order", 1), ("order.limit", 97)], Some(LimitNotMet)),
            (&[("order", 1), ("order.reduce_only", 1)], Some(ReduceOnly)),
            (&[("order", 1), ("taker.value", 3_990 - 799)], Some(BelowInitialMargin)),
            (&[("order", 1), ("pool.collateral", TWO_63 - 1 - 196)], None),
            (&[("order", 1), ("pool.collateral", TWO_63 - 196)], Some(CollateralRange)),
        ],
    }
}
