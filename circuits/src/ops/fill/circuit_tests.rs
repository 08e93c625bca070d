//! The row of a fill against the native half, and against forged advice.

use ark_bn254::Fr;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::circuit::{FillRecord, FillRow, FillTouches, LegTouches, fill};
use super::{Fill, FillAmounts, FillCells, apply};
use crate::gadgets::cs::Tag;
use crate::gadgets::row::{Padded, Row, Template};
use crate::ops::OrderLeg;
use crate::params::{TOUCHES_PER_ROW, U};
use crate::reject::{Reject, Relation};
use crate::soundness::agree::{self, Outcome};
use crate::soundness::bounds;
use crate::soundness::fixture::context;
use crate::soundness::forge::{Forger, Verdict};
use crate::soundness::row_kernel;
use crate::soundness::samples::{
    self, Terms, header_tuple, key, leg_tuple, market_tuple, order_tuple, position_tuple, tier_tuple,
};
use crate::state::tags::{FEES, HEADER, KEY, MARKET, OI, ORDER, POSITION, TIER};
use crate::state::{Flags, Mode, Order, Side};

mod forge;

const TIME: u32 = 900;

fn order_leg(rng: &mut ChaCha20Rng, terms: &Terms, (account, side): (u64, Side)) -> OrderLeg {
    let market = &terms.entry.market;
    let delta = side.sign() * i128::from(terms.lots) * i128::from(market.lot);
    let quote = i128::from(terms.lots) * i128::from(terms.limit) * i128::from(market.tick_quote);
    let shift = delta * i128::from(market.price) - side.sign() * (quote << 32);
    let size = samples::size(rng, market, delta);
    let fee = if side == Side::Buy { market.taker_fee } else { market.maker_fee };
    let left = if rng.gen_bool(0.95) { terms.lots + rng.gen_range(0..3) } else { terms.lots - 1 };
    let order = Order {
        account,
        market: samples::MARKET,
        side,
        limit: terms.limit,
        size: left + rng.gen_range(0..9),
        left,
        flags: Flags { reduce_only: rng.gen_bool(0.2), ..Flags::default() },
        max_fee: fee.max(market.taker_fee),
        expiry: 2_000,
        fee_carry: [0, 999_999, rng.gen_range(0..1_000_000)][rng.gen_range(0..3usize)],
    };
    OrderLeg { order, leg: samples::leg(rng, market, size, shift) }
}

/// A fill that may be legal; one in three has something about the match that is not.
fn sample(rng: &mut ChaCha20Rng) -> Padded<FillRecord> {
    let terms = samples::terms(rng);
    let (first, second) = if rng.r#gen() { (Side::Buy, Side::Sell) } else { (Side::Sell, Side::Buy) };
    let mut taker = order_leg(rng, &terms, (1001, first));
    let mut maker = order_leg(rng, &terms, (1002, second));
    let mut op = Fill { taker: 31, maker: 32, lots: terms.lots };
    let (mut open_interest, mut fees) = (rng.gen_range(1 << 57..1 << 60), rng.gen_range(0..1 << 62));
    match rng.gen_range(0..30) {
        0 => op.lots = 0,
        1 => maker.order.side = taker.order.side,
        2 => maker.order.market += 1,
        3 => maker.leg.owner = taker.leg.owner,
        4 => taker.order.flags.post_only = true,
        5 => taker.order.limit = terms.limit - 1,
        6 => taker.order.limit = terms.limit.saturating_add(1),
        7 => taker.order.max_fee = terms.entry.market.taker_fee,
        8 => maker.order.max_fee = terms.entry.market.maker_fee.saturating_sub(1),
        9 => open_interest = *[0, u64::MAX].get(rng.gen_range(0..2usize)).unwrap_or(&0),
        10 => fees = (1 << 63) - 1 - rng.gen_range(0..3),
        11 => taker.leg.header.mode = Mode::Isolated(samples::MARKET + 1),
        _ => {}
    }
    let touches = |at: u32| LegTouches { order: at, header: at + 5, position: 0 };
    Padded::enabled(FillRecord {
        sequence: TIME,
        op,
        cells: FillCells { taker, maker, entry: terms.entry, open_interest, fees },
        previous: FillTouches { taker: touches(3), maker: touches(700), open_interest: 9, fees: 7_199 },
        amounts: FillAmounts { quote: 0, taker_fee: 0, maker_fee: 0 },
    })
}

/// The cells as the row must receive or send them, touched at these times.
fn cells(op: &Fill, cells: &FillCells, at: &FillTouches) -> Vec<(Tag, Vec<Fr>)> {
    let mut all = Vec::new();
    for (id, side, at) in [(op.taker, &cells.taker, at.taker), (op.maker, &cells.maker, at.maker)] {
        let OrderLeg { order, leg } = side;
        all.push((ORDER, order_tuple(id, at.order.into(), order)));
        all.push((HEADER, header_tuple(order.account, at.header.into(), &leg.header)));
        all.push((POSITION, position_tuple(order.account, at.position.into(), leg, &cells.entry.market)));
    }
    let market = samples::MARKET.into();
    all.push((OI, vec![key(market, at.open_interest.into()), Fr::from(cells.open_interest)]));
    all.push((FEES, vec![key(0, at.fees.into()), Fr::from(cells.fees)]));
    all
}

/// When the row touches what it touches.
fn own_touches() -> FillTouches {
    let at = |j: u32| TOUCHES_PER_ROW * TIME + j;
    let side = |j| LegTouches { order: at(j), header: at(j + 1), position: at(j + 2) };
    FillTouches { taker: side(0), maker: side(3), open_interest: at(6), fees: at(7) }
}

fn agree(input: &FillRecord) -> Option<Reject> {
    let FillRecord { op, cells: before, previous, .. } = input;
    agree::both_halves::<FillRow, _>(
        input,
        || apply(&context(), op, before),
        fill,
        |(after, _)| {
            let key = |side: &OrderLeg| leg_tuple(side.order.account, &side.leg);
            let tier = |side: &OrderLeg| tier_tuple(&before.entry, side.leg.position.size.unsigned_abs());
            Outcome::default()
                .receives(MARKET, market_tuple(&before.entry))
                .receives(TIER, tier(&after.taker))
                .receives(TIER, tier(&after.maker))
                .receives(KEY, key(&before.taker))
                .receives(KEY, key(&before.maker))
                .changes(cells(op, before, previous), cells(op, after, &own_touches()))
        },
    )
}

/// On random records: accepted ones, and every reason that they can meet.
#[test]
pub fn both_halves_agree() {
    let reachable = [
        Reject::ZeroLots,
        Reject::MarketMismatch,
        Reject::SameSide,
        Reject::TakerExceedsLeft,
        Reject::MakerExceedsLeft,
        Reject::SelfTrade,
        Reject::PostOnlyTakes,
        Reject::LimitNotMet,
        Reject::FeeAboveSigned,
        Reject::QuoteRange,
        Reject::WrongMarketForMode,
        Reject::PositionTooLarge,
        Reject::EntryQuoteRange,
        Reject::CollateralRange,
        Reject::ReduceOnly,
        Reject::MarketStill,
        Reject::OpenInterestCap,
        Reject::PriceCollar,
        Reject::BelowInitialMargin,
        Reject::RatioFalls,
        Reject::OpenInterestRange,
        Reject::FeesRange,
    ];
    agree::on_samples(|rng| agree(&sample(rng)), &reachable);
}

/// Moves an integer of a record, if it fits.
fn add<T: TryFrom<i128> + Copy + Into<i128>>(field: &mut T, by: i128) -> Option<()> {
    *field = T::try_from((*field).into().checked_add(by)?).ok()?;
    Some(())
}

/// A short of one base quantum closes at one quote quantum, in a market where everything is as small as it can be;
/// both sides pay a fee of one. The taker has this total value; other markets add to its requirements.
fn smallest(value: i128, [maintenance, initial]: [i128; 2]) -> Padded<FillRecord> {
    let market = crate::state::Market {
        price: 1,
        max_price: 1,
        maintenance_fraction: 1,
        ..crate::soundness::fixture::market()
    };
    let side = |account, side: Side, size: i64| {
        let position = crate::margin::PositionCell { size, entry_quote: size.unsigned_abs() };
        let header = crate::soundness::fixture::holding(1 << 40, &market, position);
        let order =
            Order { market: samples::MARKET, limit: 1, ..crate::soundness::fixture::order(account, side) };
        OrderLeg {
            order,
            leg: crate::ops::Leg { owner: samples::owner(account), orders_from: 0, header, position },
        }
    };
    let (mut taker, maker) = (side(1001, Side::Buy, -1), side(1002, Side::Sell, 0));
    let header = &mut taker.leg.header;
    header.value += value - header.total_value();
    header.maintenance += maintenance;
    header.initial += initial;
    let mut input = legal(3).next().expect("an endless supply");
    input.record.op.lots = 1;
    let entry = crate::ops::MarketEntry { id: samples::MARKET, market };
    input.record.cells = FillCells { taker, maker, entry, open_interest: 9, fees: 0 };
    input
}

#[test]
pub(crate) fn both_halves_agree_at_every_bound() {
    // The ratio without a requirement of other markets: what is left over is one unit, nothing, or lacks one.
    for (left, expected) in [(-1, Some(Reject::RatioFalls)), (0, None), (1, None)] {
        assert_eq!(agree(&smallest(U - 1 + left, [0, 1 << 60])), expected, "{left}");
    }
    // One unit less than the slack of 0, 1, 2, that slack, and one unit more; the fee is 1. First in the second branch,
    // then by accounts that are healthy and pay all of it.
    for slack in 0..3 {
        for unit in -1..2 {
            let short = Some(Reject::RatioFalls).filter(|_| (slack, unit) == (0, -1));
            assert_eq!(agree(&smallest(2 * (slack + 1) * U - 2 + unit, [1, 1 << 60])), short);
            assert_eq!(agree(&smallest(10 * (slack + 1) * U - 10 + unit, [9, 0])), None);
        }
    }
    // 2^63 - 1, 2^63 and 2^63 + 1 quote quanta.
    let quotes = [
        (649_657 * 92_737 * 7, 7 * 73 * 127 * 337, None),
        (1 << 40, 1 << 23, Some(Reject::QuoteRange)),
        (77_158_673_929 * 9, 3 * 19 * 43 * 5_419, Some(Reject::QuoteRange)),
    ];
    for (lots, limit, expected) in quotes {
        let mut input = at_a_large_quote();
        let FillCells { taker, maker, .. } = &mut input.record.cells;
        (taker.order.limit, maker.order.limit, input.record.op.lots) = (limit, limit, lots);
        assert_eq!(agree(&input), expected, "{lots} {limit}");
    }
    let without_fees = legal(5).take(400).map(|mut input| {
        let market = &mut input.record.cells.entry.market;
        (market.taker_fee, market.maker_fee) = (0, 0);
        input
    });
    let all: Vec<_> = legal(5).take(400).chain(without_fees).collect();
    let at = |id, relation, reason, differences: &[i8], moved: Moved| {
        let moved = |input: &Padded<FillRecord>, by| {
            let mut input = *input;
            moved(&mut input.record.cells, by)?;
            Some(input)
        };
        bounds::at((id, relation, reason), differences, all.clone(), |input| agree(input), moved);
    };
    let [below, above] = [Relation::AtLeast, Relation::Less];
    let each = &[-1, 0, 1];
    at("LEGAL-3", below, Reject::BelowInitialMargin, each, |c, by| add(&mut c.taker.leg.header.initial, by));
    at("TRADE-1", Relation::Equal, Reject::WrongMarketForMode, each, |c, by| {
        match &mut c.taker.leg.header.mode {
            Mode::Isolated(own) => {
                *own = u16::try_from(i128::from(*own) + by).ok()?;
                Some(())
            }
            Mode::Cross => None,
        }
    });
    at("TRADE-3", Relation::AtMost, Reject::PositionTooLarge, each, |c, by| {
        add(&mut c.entry.market.max_size, by)
    });
    at("TRADE-4", above, Reject::EntryQuoteRange, each, |c, by| {
        add(&mut c.taker.leg.position.entry_quote, by)
    });
    for relation in [below, above] {
        at("TRADE-6", relation, Reject::CollateralRange, each, |c, by| {
            let header = &mut c.taker.leg.header;
            header.value = header.value.checked_sub(by.checked_mul(U)?)?;
            add(&mut header.collateral, by)
        });
        at("FILL-14", relation, Reject::OpenInterestRange, each, |c, by| add(&mut c.open_interest, by));
    }
    at("FILL-15", above, Reject::FeesRange, each, |c, by| add(&mut c.fees, by));
}

/// Changes cells by so much, if that fits.
type Moved = fn(&mut FillCells, i128) -> Option<()>;

/// Samples that are legal, in order.
fn legal(seed: u64) -> impl Iterator<Item = Padded<FillRecord>> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    std::iter::repeat_with(move || sample(&mut rng))
        .filter(|input| apply(&context(), &input.op, &input.cells).is_ok())
}

/// A legal fill in which the taker closes a position with a fee below the full one.
fn with_reduced_fee() -> Padded<FillRecord> {
    legal(2)
        .find(|input| {
            let (_, amounts) = apply(&context(), &input.op, &input.cells).expect("legal");
            let full = u128::from(amounts.quote) * u128::from(input.cells.entry.market.taker_fee);
            amounts.taker_fee > 0 && u128::from(amounts.taker_fee) < full / 1_000_000
        })
        .expect("an endless supply")
}

/// A legal fill after which a side, in debt before it, has one quantum and a position, and pays the whole fee.
fn out_of_debt(maker: bool) -> Padded<FillRecord> {
    let side = |cells: &FillCells| if maker { cells.maker } else { cells.taker };
    let fee = |amounts: &FillAmounts| if maker { amounts.maker_fee } else { amounts.taker_fee };
    let mut all = legal(2).filter_map(|mut input| {
        let (after, amounts) = apply(&context(), &input.op, &input.cells).expect("legal");
        let value = side(&after).leg.header.total_value() + i128::from(fee(&amounts)) * U;
        let cells = &mut input.record.cells;
        let header = if maker { &mut cells.maker.leg.header } else { &mut cells.taker.leg.header };
        let less = i64::try_from(value.div_euclid(U) - 1).ok()?;
        header.collateral = header.collateral.checked_sub(less)?;
        let in_debt = header.total_value() < 0 && side(&after).leg.header.maintenance > 0;
        let (_, amounts) = apply(&context(), &input.op, &input.cells).ok().filter(|_| in_debt)?;
        (fee(&amounts) > 1).then_some(input)
    });
    all.next().expect("an endless supply")
}

/// A short and a long of 2^40 base quanta close at a quote of 2^63: everything but the quote is in its width.
fn at_a_large_quote() -> Padded<FillRecord> {
    let price = 1 << 54 >> 1;
    let market = crate::state::Market {
        price,
        max_price: price,
        max_size: 1 << 41,
        taker_fee: 0,
        maker_fee: 0,
        ..crate::soundness::fixture::market()
    };
    let side = |account, side: Side, collateral: i64| {
        let position =
            crate::margin::PositionCell { size: -(side.sign() as i64) << 40, entry_quote: 1 << 60 };
        let mut header = crate::soundness::fixture::holding(collateral, &market, position);
        // Both are rich by other markets.
        header.value += (1 << 63) * U;
        let (left, limit) = (1 << 40, 1 << 23);
        let order = Order {
            account,
            market: samples::MARKET,
            side,
            limit,
            size: left,
            left,
            flags: Flags::default(),
            max_fee: 0,
            expiry: 2_000,
            fee_carry: 0,
        };
        OrderLeg {
            order,
            leg: crate::ops::Leg { owner: samples::owner(account), orders_from: 0, header, position },
        }
    };
    let mut input = legal(3).next().expect("an endless supply");
    input.record.op.lots = 1 << 40;
    let (taker, maker) = (side(1001, Side::Buy, 1 << 62), side(1002, Side::Sell, -(1 << 62)));
    let entry = crate::ops::MarketEntry { id: samples::MARKET, market };
    input.record.cells = FillCells { taker, maker, entry, open_interest: 1 << 58, fees: 0 };
    input
}

#[test]
fn quotes_of_64_bits_meet_no_other_check() {
    let input = at_a_large_quote();
    assert_eq!(agree(&input), Some(Reject::QuoteRange));
    assert_eq!(agree::refused_by::<FillRow>(&input), ["FILL-12"].into());
    let less = FillRecord { op: Fill { lots: (1 << 40) - 1, ..input.op }, ..input.record };
    assert_eq!(agree(&less), None);
}

/// Rows for the gates: legal ones, among them one that closes for less than the fee, and refused ones.
pub fn rows() -> Vec<Padded<FillRecord>> {
    let refused = (0..).map(ChaCha20Rng::seed_from_u64).map(|mut rng| sample(&mut rng));
    let refused = refused.filter(|input| apply(&context(), &input.op, &input.cells).is_err());
    let in_debt = [out_of_debt(false), out_of_debt(true)];
    legal(3)
        .take(60)
        .chain([with_reduced_fee(), at_a_large_quote()])
        .chain(in_debt)
        .chain(in_debt.map(with_exact_fees))
        .chain(legal(3).take(12).map(with_exact_fees))
        .chain(refused.take(400))
        .collect()
}

/// The fill with carries of which nothing is left: then it says the same of them whether the fee is paid whole or not.
fn with_exact_fees(mut input: Padded<FillRecord>) -> Padded<FillRecord> {
    let (_, amounts) = apply(&context(), &input.op, &input.cells).expect("legal");
    let FillCells { taker, maker, entry, .. } = &mut input.record.cells;
    for (order, rate) in
        [(&mut taker.order, entry.market.taker_fee), (&mut maker.order, entry.market.maker_fee)]
    {
        order.fee_carry = (u128::from(amounts.quote) * u128::from(rate) % 1_000_000) as u32;
    }
    input
}

/// What the operator may choose: when, and how much of both orders.
const FREE: [&str; 2] = ["memory.row_time", "fill.lots"];

#[test]
fn every_hint_is_pinned() {
    let mut inputs: Vec<Padded<FillRecord>> = legal(3).take(1).collect();
    inputs.push(with_reduced_fee());
    for input in inputs {
        let harmless = Forger::<FillRow>::new(&input).every_hint_is_pinned(&FREE);
        // The inverse of a requirement that is zero.
        assert!(harmless.iter().all(|name| *name == "is_zero.inverse"), "{harmless:?}");
    }
}

#[test]
fn the_kernel_is_empty() {
    let mut inputs: Vec<Padded<FillRecord>> = legal(9).take(12).collect();
    inputs.push(with_reduced_fee());
    inputs.push(Padded::disabled(FillRow::dummy()));
    let chosen = ["memory.row_time", "fill.lots", "fill.enable"];
    let free = row_kernel::free::<FillRow>(&inputs, &chosen);
    // The inverse of an actual zero: `is_zero`, and the owners' difference in padding.
    let benign = ["is_zero.inverse", "checks.inverse"];
    assert!(free.iter().all(|wire| benign.contains(&wire.name)), "{free:?}");
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<FillRow>();
}

#[test]
fn an_unselected_fill_is_satisfied_whatever_its_match() {
    // What only a selected row must obey.
    let cross = |leg: &OrderLeg| leg.leg.header.mode == Mode::Cross;
    let mut input = legal(7)
        .find(|input| cross(&input.cells.taker) && cross(&input.cells.maker))
        .expect("an endless supply");
    input.enabled = false;
    input.cells.maker.order.market += 1;
    input.cells.maker.leg.owner = input.cells.taker.leg.owner;
    input.cells.taker.order.flags.post_only = true;
    assert_eq!(agree::verdict(|cs| fill(cs, &input)), (None, false));
}

#[test]
fn shape_and_costs_are_pinned() {
    let template = Template::compile::<FillRow>(13);
    assert_eq!((template.own_constraints, template.constraints.len()), (104, 588));
    for input in legal(8).take(3).chain([Padded::disabled(FillRow::dummy())]) {
        agree::has_the_shape_of::<FillRow>(&template, &input);
    }
}
