use super::*;
use crate::params::{M, U};
use crate::reject::Reject;
use crate::soundness::fixture::{context, entry, order_leg, owner};
use crate::state::{Flags, Market, Mode, Side};
use proptest::prelude::*;

/// A rich taker buys from a rich maker.
fn cells() -> FillCells {
    FillCells {
        taker: order_leg(1, Side::Buy, 1_000_000, 0),
        maker: order_leg(5, Side::Sell, 1_000_000, 0),
        entry: entry(),
        open_interest: 0,
        fees: 3,
    }
}

fn op(lots: u64) -> Fill {
    Fill { taker: 1, maker: 2, lots }
}

fn run(cells: &FillCells, lots: u64) -> Result<(FillCells, FillAmounts), Reject> {
    apply(&context(), &op(lots), cells).map_err(Reject::from)
}

/// The reject after `spoil` of the honest cells, at 100 lots.
fn spoiled(spoil: impl Fn(&mut FillCells)) -> Option<Reject> {
    let mut cells = cells();
    spoil(&mut cells);
    run(&cells, 100).err()
}

fn market(spoil: impl Fn(&mut Market)) -> Option<Reject> {
    spoiled(|cells| spoil(&mut cells.entry.market))
}

#[test]
fn moves_what_the_room_says() {
    let (post, amounts) = run(&cells(), 100).unwrap();
    assert_eq!(amounts, FillAmounts { quote: 10_000, taker_fee: 5, maker_fee: 2 });
    assert_eq!((post.open_interest, post.fees), (200, 10));
    let (taker, maker) = (&post.taker, &post.maker);
    assert_eq!((taker.order.left, maker.order.left), (900, 900));
    assert_eq!((taker.leg.position.size, maker.leg.position.size), (100, -100));
    assert_eq!((taker.leg.position.entry_quote, maker.leg.position.entry_quote), (10_000, 10_000));
    assert_eq!(taker.leg.header.collateral, 1_000_000 - 10_000 - 5);
    assert_eq!(maker.leg.header.collateral, 1_000_000 + 10_000 - 2);
}

#[test]
fn rejects_orders_that_do_not_meet() {
    assert_eq!(run(&cells(), 0).err(), Some(Reject::ZeroLots));
    assert_eq!(spoiled(|c| c.taker.order.market = 2), Some(Reject::MarketMismatch));
    assert_eq!(spoiled(|c| c.taker.order.side = Side::Sell), Some(Reject::SameSide));
    assert_eq!(market(|m| m.status = 0), Some(Reject::MarketNotOpen));
    assert_eq!(market(|m| m.status = 3), Some(Reject::MarketNotOpen));
    assert_eq!(market(|m| m.status = 2), None);
    assert_eq!(market(|m| (m.last_tick, m.halt_age) = (900, 100)), None);
    assert_eq!(market(|m| (m.last_tick, m.halt_age) = (900, 99)), Some(Reject::PriceTooOld));
    assert_eq!(spoiled(|c| c.taker.order.expiry = 1_000), None);
    assert_eq!(spoiled(|c| c.taker.order.expiry = 999), Some(Reject::TakerExpired));
    assert_eq!(spoiled(|c| c.maker.order.expiry = 1_000), None);
    assert_eq!(spoiled(|c| c.maker.order.expiry = 999), Some(Reject::MakerExpired));
    assert_eq!(spoiled(|c| c.taker.order.left = 100), None);
    assert_eq!(spoiled(|c| c.taker.order.left = 99), Some(Reject::TakerExceedsLeft));
    assert_eq!(spoiled(|c| c.maker.order.left = 100), None);
    assert_eq!(spoiled(|c| c.maker.order.left = 99), Some(Reject::MakerExceedsLeft));
    assert_eq!(spoiled(|c| c.taker.leg.owner = owner(5)), Some(Reject::SelfTrade));
    assert_eq!(spoiled(|c| c.maker.order.flags.post_only = true), None);
    assert_eq!(spoiled(|c| c.taker.order.flags.post_only = true), Some(Reject::PostOnlyTakes));
    assert_eq!(spoiled(|c| c.taker.order.limit = 101), None);
    assert_eq!(spoiled(|c| c.taker.order.limit = 99), Some(Reject::LimitNotMet));
}

#[test]
fn limits_hold_for_a_selling_taker_too() {
    let mirrored = |limit| {
        spoiled(|c| {
            (c.taker.order.side, c.maker.order.side) = (Side::Sell, Side::Buy);
            c.taker.order.limit = limit;
        })
    };
    assert_eq!((mirrored(99), mirrored(100)), (None, None));
    assert_eq!(mirrored(101), Some(Reject::LimitNotMet));
}

#[test]
fn rejects_fees_above_the_signature() {
    assert_eq!(spoiled(|c| c.taker.order.max_fee = 500), None);
    assert_eq!(spoiled(|c| c.taker.order.max_fee = 499), Some(Reject::FeeAboveSigned));
    assert_eq!(spoiled(|c| c.maker.order.max_fee = 200), None);
    assert_eq!(spoiled(|c| c.maker.order.max_fee = 199), Some(Reject::FeeAboveSigned));
}

#[test]
fn rejects_beyond_ranges() {
    assert_eq!(market(|m| m.max_size = 100), None);
    assert_eq!(market(|m| m.max_size = 99), Some(Reject::PositionTooLarge));
    assert_eq!(spoiled(|c| c.open_interest = u64::MAX - 200), None);
    assert_eq!(spoiled(|c| c.open_interest = u64::MAX - 199), Some(Reject::OpenInterestRange));
    assert_eq!(spoiled(|c| c.fees = (1 << 63) - 8), None);
    assert_eq!(spoiled(|c| c.fees = (1 << 63) - 7), Some(Reject::FeesRange));
    assert_eq!(market(|m| m.tick_quote = 1 << 39), Some(Reject::BelowInitialMargin));
    let wide = |c: &mut FillCells| {
        c.entry.market.tick_quote = 1 << 39;
        (c.taker.order.limit, c.maker.order.limit) = (u32::MAX, u32::MAX);
    };
    assert_eq!(spoiled(wide), Some(Reject::QuoteRange));
    let isolated = |c: &mut FillCells| c.maker.leg.header.mode = Mode::Isolated(2);
    assert_eq!(spoiled(isolated), Some(Reject::WrongMarketForMode));
}

#[test]
fn reduce_only_neither_opens_nor_flips() {
    let with = |size: i64, lots| {
        let mut cells = cells();
        cells.taker = order_leg(1, Side::Buy, 1_000_000, size);
        cells.taker.order.flags = Flags { reduce_only: true, ..Flags::default() };
        run(&cells, lots).map(|(post, _)| post.taker.leg.position.size)
    };
    assert_eq!(with(0, 100), Err(Reject::ReduceOnly));
    assert_eq!(with(5, 100), Err(Reject::ReduceOnly));
    assert_eq!(with(-99, 100), Err(Reject::ReduceOnly));
    assert_eq!(with(-100, 100), Ok(0));
    assert_eq!(with(-101, 100), Ok(-1));
}

#[test]
fn initial_margin_after_the_fee_decides() {
    // 1000 bought at 100: IMR 10000, fee 50.
    let with = |value| {
        let mut cells = cells();
        cells.taker = order_leg(1, Side::Buy, value, 0);
        run(&cells, 1_000).map(|(_, amounts)| amounts.taker_fee)
    };
    assert_eq!(with(10_050), Ok(50));
    assert_eq!(with(10_049), Err(Reject::BelowInitialMargin));
}

#[test]
fn a_losing_account_may_reduce_and_pays_what_it_has() {
    // Long 1000 at MMR 5000 and TV 4000: sells 500; half the value must stay, the rest pays the fee.
    let with = |price: u32| {
        let mut cells = cells();
        cells.taker = order_leg(1, Side::Sell, 4_000, 1_000);
        cells.maker.order.side = Side::Buy;
        (cells.taker.order.limit, cells.maker.order.limit) = (price, price);
        run(&cells, 500).map(|(_, amounts)| amounts.taker_fee)
    };
    // At the zero price 96 nothing is left for a fee; at 95 the ratio falls.
    assert_eq!(with(100), Ok(25));
    assert_eq!(with(96), Ok(0));
    assert_eq!(with(95), Err(Reject::RatioFalls));
}

#[test]
fn an_account_below_zero_closes_at_its_zero_price_and_no_worse() {
    // Long 1000 at MMR 5000, in debt: sells at the limit.
    let with = |value: i64, price: u32, lots: u64| {
        let mut cells = cells();
        cells.taker = order_leg(1, Side::Sell, value, 1_000);
        cells.maker.order.side = Side::Buy;
        (cells.taker.order.limit, cells.maker.order.limit) = (price, price);
        run(&cells, lots).map(|(post, amounts)| (post.taker.leg.header.total_value() / U, amounts.taker_fee))
    };
    // At the oracle price the last lot would carry the whole debt.
    for lots in [1, 500, 999, 1_000] {
        assert_eq!(with(-100, 100, lots), Err(Reject::RatioFalls), "{lots}");
    }
    // A tick above is the zero price of a debt of 1000, for any number of lots.
    for lots in [1, 500, 999, 1_000] {
        assert_eq!(with(-1_001, 101, lots), Err(Reject::RatioFalls), "{lots}");
        assert_eq!(with(-1_000, 101, lots), Ok((lots as i128 - 1_000, 0)), "{lots}");
        // What the debt is less, in proportion to the lots, is there for the fee.
        let (slack, fee) = (10 * lots / 1_000, (lots * 101 * 500).div_ceil(1_000_000));
        let paid = slack.min(fee);
        assert_eq!(with(-990, 101, lots), Ok((lots as i128 - 990 - i128::from(paid), paid)), "{lots}");
    }
}

#[test]
fn one_fill_costs_what_a_thousand_fills_of_a_lot_cost() {
    let (whole, amounts) = run(&cells(), 1_000).unwrap();
    assert_eq!((amounts.taker_fee, amounts.maker_fee), (50, 20));
    let (mut parts, mut paid) = (cells(), [0, 0]);
    for _ in 0..1_000 {
        let (post, amounts) = run(&parts, 1).unwrap();
        paid = [paid[0] + amounts.taker_fee, paid[1] + amounts.maker_fee];
        parts = post;
    }
    assert_eq!((paid, parts), ([50, 20], whole));
}

#[test]
fn a_carry_counts_for_its_own_order_only() {
    // The exact fees of 101 lots are 5.05 and 2.02.
    let (post, amounts) = run(&cells(), 101).unwrap();
    assert_eq!((amounts.taker_fee, amounts.maker_fee), (6, 3));
    assert_eq!((post.taker.order.fee_carry, post.maker.order.fee_carry), (950_000, 980_000));
    let mut next = post;
    next.taker.order = cells().taker.order;
    let (last, amounts) = run(&next, 101).unwrap();
    assert_eq!((amounts.taker_fee, amounts.maker_fee), (6, 2));
    assert_eq!((last.taker.order.fee_carry, last.maker.order.fee_carry), (950_000, 960_000));
}

#[test]
fn a_reduced_fee_leaves_no_carry() {
    // Long 1000 at MMR 5000 sells 501 lots at 96, the zero price of a value of 4000.
    let with = |value: i64, carry: u32| {
        let mut cells = cells();
        cells.taker = order_leg(1, Side::Sell, value, 1_000);
        cells.taker.order.fee_carry = carry;
        cells.maker.order.side = Side::Buy;
        (cells.taker.order.limit, cells.maker.order.limit) = (96, 96);
        run(&cells, 501).map(|(post, amounts)| (amounts.taker_fee, post.taker.order.fee_carry))
    };
    // 501·96·500 = 24.048 quanta.
    assert_eq!(with(9_000, 7), Ok((25, 952_007)));
    assert_eq!(with(9_000, 48_000), Ok((24, 0)));
    assert_eq!(with(4_000, 7), Ok((0, 0)));
    // At a value of 4050 the slack is 25, at 4048 it is 24: the whole fee, and one less.
    assert_eq!(with(4_050, 7), Ok((25, 952_007)));
    assert_eq!(with(4_048, 7), Ok((24, 0)));
    assert_eq!(with(4_048, 48_000), Ok((24, 0)));
    assert_eq!(with(4_048, 48_001), Ok((24, 1)));
}

proptest! {
    #[test]
    fn value_is_conserved(
        value in (0i64..1 << 20, 0i64..1 << 20), size in (-900i64..900, -900i64..900),
        limit in 80u32..120, lots in 1u64..1_000,
    ) {
        let mut cells = cells();
        cells.taker = order_leg(1, Side::Buy, value.0, size.0);
        cells.maker = order_leg(5, Side::Sell, value.1, size.1);
        (cells.taker.order.limit, cells.maker.order.limit) = (limit, limit);
        cells.open_interest = size.0.unsigned_abs() + size.1.unsigned_abs();
        let Ok((post, amounts)) = run(&cells, lots) else { return Ok(()) };
        let legs = |c: &FillCells| [c.taker.leg, c.maker.leg];
        let total = |c: &FillCells| legs(c).iter().map(|l| l.header.total_value()).sum::<i128>();
        let fees = i128::from(amounts.taker_fee + amounts.maker_fee);
        prop_assert_eq!(total(&cells), total(&post) + (fees << 32));
        let sizes = |c: &FillCells| legs(c).iter().map(|l| l.position.size).sum::<i64>();
        prop_assert_eq!(sizes(&cells), sizes(&post));
        let open: u64 = legs(&post).iter().map(|l| l.position.size.unsigned_abs()).sum();
        prop_assert_eq!(post.open_interest, open);
        for (pre, post) in legs(&cells).iter().zip(legs(&post)) {
            let (h0, h1) = (pre.header, post.header);
            let kept = h1.total_value() * (h0.maintenance / M) >= h0.total_value() * (h1.maintenance / M);
            prop_assert!(h1.is_healthy() || kept);
            prop_assert!(h1.maintenance > 0 || h1.total_value() >= 0);
        }
    }
}
