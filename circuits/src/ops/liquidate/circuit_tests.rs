//! The row of a liquidation against the native half, and against forged advice.

use ark_bn254::Fr;
use ark_ff::Field;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::circuit::{LiquidateRow, liquidate};
use super::record::{LiquidateRecord, LiquidateTouches};
use super::{Liquidate, LiquidateCells, Taker, apply, credit_pool};
use crate::gadgets::cs::Tag;
use crate::gadgets::row::{Padded, Row, Template};
use crate::margin::native::{liquidation_step, zero_price, zero_quote};
use crate::margin::{Header, PositionCell};
use crate::ops::{Leg, MarketEntry, blank};
use crate::params::TOUCHES_PER_ROW;
use crate::params::{M, U};
use crate::reject::{Refusal, Reject, Relation};
use crate::soundness::agree::{self, Outcome};
use crate::soundness::bounds;
use crate::soundness::fixture::context;
use crate::soundness::forge::{Forger, Verdict};
use crate::soundness::row_kernel;
use crate::soundness::samples::{
    self, header_tuple, key, leg_tuple, market_tuple, order_tuple, position_tuple, tier_tuple,
};
use crate::state::tags::{HEADER, KEY, MARKET, OI, ORDER, POSITION, TIER};
use crate::state::{Flags, Market, Mode, Order, Side, higher_tiers, pool_account};

mod forge;

const TIME: u32 = 900;
const ACCOUNT: u64 = 1001;
const BIDDER: u64 = 1002;

/// A position of up to 200 lots, mostly below maintenance and mostly not in debt.
fn account(rng: &mut ChaCha20Rng, market: &Market) -> Leg {
    let lot = i128::from(market.lot);
    let most = i128::from(market.max_size) / lot;
    let held = rng.gen_range(0..=most.min(200)) * lot + rng.gen_range(0..lot) * i128::from(rng.gen_bool(0.1));
    let held = held.min(market.max_size.into()) as i64;
    let size = if rng.r#gen() { held } else { -held };
    let mut leg = samples::leg(rng, market, size, 0);
    let header = &mut leg.header;
    let share = *[0, 1, 100, 500, 900, 999, 1_000, 1_001, -1].get(rng.gen_range(0..9usize)).unwrap_or(&0);
    let target = header.maintenance / M * share / 1_000;
    let collateral = (target - header.value).div_euclid(U) + rng.gen_range(0..3);
    header.collateral = collateral.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    leg
}

/// A quote at, between, or just beyond the zero price and the oracle price.
fn quote(rng: &mut ChaCha20Rng, market: &Market, header: &Header, change: i128) -> u64 {
    let oracle = change.abs() * i128::from(market.price) / U;
    let ratio =
        if header.maintenance == 0 { 0 } else { header.total_value() * M * 1_000 / header.maintenance };
    let discount = oracle * i128::from(market.maintenance_fraction) / M * ratio.clamp(0, 1_000) / 1_000;
    let zero = if change < 0 { oracle - discount } else { oracle + discount };
    let at = match rng.gen_range(0..4) {
        0 => oracle,
        1 => zero,
        _ => (oracle + zero) / 2,
    };
    (at + rng.gen_range(-1..=2)).clamp(0, (1 << 63) + 1) as u64
}

fn bid(rng: &mut ChaCha20Rng, market: &Market, (lots, quote): (u64, u64), side: Side) -> Order {
    let exact = u128::from(quote) / (u128::from(lots.max(1)) * u128::from(market.tick_quote));
    let limit = (exact as i64 + rng.gen_range(-1..3)).clamp(0, u32::MAX.into()) as u32;
    let left = if rng.gen_bool(0.9) { lots + 5 } else { lots.saturating_sub(1) };
    let flags = Flags { reduce_only: rng.gen_bool(0.2), ..Flags::default() };
    let market = if rng.gen_bool(0.95) { samples::MARKET } else { 8 };
    let terms = Order { account: BIDDER, market, side, limit, flags, expiry: 2_000, ..Order::BLANK };
    Order { size: left + 1, left, fee_carry: rng.gen_range(0..1_000_000), ..terms }
}

fn sample(rng: &mut ChaCha20Rng) -> Padded<LiquidateRecord> {
    let entry = samples::terms(rng).entry;
    let market = &entry.market;
    let account = account(rng, market);
    let held = account.position.size.unsigned_abs() / market.lot;
    let lots = match rng.gen_range(0..12) {
        0 => held,
        1 => held + 1,
        2 => 0,
        _ => rng.gen_range(0..=held / 4) + 1,
    };
    let closing = if account.position.size > 0 { Side::Sell } else { Side::Buy };
    let change = closing.sign() * i128::from(lots) * i128::from(market.lot);
    let quote = quote(rng, market, &account.header, change);
    let by_bid = rng.gen_bool(0.5);
    let shift = -change * i128::from(market.price) + closing.sign() * i128::from(quote) * U;
    let size = samples::size(rng, market, -change);
    let mut taker = samples::leg(rng, market, size, shift);
    taker.owner = samples::owner(if rng.gen_bool(0.97) { 99 } else { 7 });
    let mut account = account;
    account.owner = samples::owner(7);
    let side = if rng.gen_bool(0.97) { closing.opposite() } else { closing };
    let order = by_bid.then(|| bid(rng, market, (lots, quote), side));
    if !by_bid {
        taker.header.mode = Mode::Isolated(samples::MARKET);
    }
    let open_interest = if rng.gen_bool(0.93) { rng.gen_range(1 << 58..1 << 60) } else { 0 };
    input(entry.id, LiquidateCells { account, taker, order, entry, open_interest }, (lots, quote))
}

fn input(market: u16, cells: LiquidateCells, (lots, quote): (u64, u64)) -> Padded<LiquidateRecord> {
    let taker = if cells.order.is_some() { Taker::Order(31) } else { Taker::Pool };
    let op = Liquidate { account: ACCOUNT, market, lots, quote, taker };
    // The pool's header with the fee on its way: after the trade if it takes.
    let own = TOUCHES_PER_ROW * TIME + 3;
    let (pool, touched) = match (apply(&context(), &op, &cells), taker) {
        (Ok((after, _)), Taker::Pool) => (after.taker.header, own),
        _ => (Header { mode: Mode::Isolated(market), ..blank::leg().header }, 77),
    };
    let previous = LiquidateTouches {
        header: 4,
        position: 5,
        order: if cells.order.is_some() { 6 } else { 0 },
        taker_header: 17,
        taker_position: 18,
        pool: touched,
        open_interest: 7_199,
    };
    Padded::enabled(LiquidateRecord { sequence: TIME, op, cells, pool, previous, fee: 0 })
}

fn native(input: &LiquidateRecord) -> Result<(LiquidateCells, Header), Refusal> {
    let (after, fee) = apply(&context(), &input.op, &input.cells)?;
    Ok((after, credit_pool(&input.pool, fee)?))
}

/// Who takes: the bidder or the market's pool.
fn taker(op: &Liquidate) -> u64 {
    if op.taker == Taker::Pool { pool_account(samples::MARKET) } else { BIDDER }
}

/// The cells as the row must receive or send them, touched at these times.
fn cells(
    op: &Liquidate,
    cells: &LiquidateCells,
    pool: &Header,
    at: &LiquidateTouches,
) -> Vec<(Tag, Vec<Fr>)> {
    let LiquidateCells { account, taker: taken, order, open_interest, entry } = cells;
    let listed = &entry.market;
    let mut all = vec![
        (HEADER, header_tuple(ACCOUNT, at.header.into(), &account.header)),
        (HEADER, header_tuple(taker(op), at.taker_header.into(), &taken.header)),
        (HEADER, header_tuple(pool_account(samples::MARKET), at.pool.into(), pool)),
        (POSITION, position_tuple(ACCOUNT, at.position.into(), account, listed)),
        (POSITION, position_tuple(taker(op), at.taker_position.into(), taken, listed)),
        (OI, vec![key(samples::MARKET.into(), at.open_interest.into()), Fr::from(*open_interest)]),
    ];
    if let (Some(order), Taker::Order(id)) = (order, op.taker) {
        all.push((ORDER, order_tuple(id, at.order.into(), order)));
    }
    all
}

/// When the row touches what it touches.
fn own_touches() -> LiquidateTouches {
    let at = |j: u32| TOUCHES_PER_ROW * TIME + j;
    LiquidateTouches {
        header: at(0),
        position: at(1),
        order: at(2),
        taker_header: at(3),
        taker_position: at(4),
        pool: at(5),
        open_interest: at(6),
    }
}

/// What the row publishes, as shifted sums.
fn elements(input: &LiquidateRecord, fee: i64) -> [Fr; 3] {
    let LiquidateRecord { op, cells, .. } = input;
    let Leg { header, position, .. } = &cells.account;
    let order = if let Taker::Order(id) = op.taker { id } else { 0 };
    let sum = |parts: &[(u128, u64)]| -> Fr {
        parts.iter().map(|(value, at)| Fr::from(*value) * Fr::from(2u64).pow([*at])).sum()
    };
    let wide = |value: i128| value as u128;
    [
        sum(&[
            (ACCOUNT.into(), 0),
            (taker(op).into(), 36),
            (order.into(), 72),
            (op.market.into(), 108),
            ((position.size < 0).into(), 124),
            (op.lots.into(), 125),
            (op.quote.into(), 181),
        ]),
        sum(&[(wide(header.total_value()), 0), (wide(header.initial), 100)]),
        sum(&[
            (wide(header.maintenance), 0),
            (position.size.unsigned_abs().into(), 120),
            (wide(fee.into()), 176),
        ]),
    ]
}

fn agree(input: &LiquidateRecord) -> Option<Reject> {
    let LiquidateRecord { op, cells: before, pool, previous, .. } = input;
    agree::both_halves::<LiquidateRow, _>(
        input,
        || native(input),
        liquidate,
        |(after, credited)| {
            let held = before.account.position.size.unsigned_abs();
            let rest = after.account.position.size.unsigned_abs();
            let step = liquidation_step(&before.entry.market, held - rest, rest == 0);
            let tier = |size: u64| tier_tuple(&before.entry, size);
            let outcome = Outcome::default()
                .receives(MARKET, market_tuple(&before.entry))
                .receives(TIER, tier(rest))
                .receives(TIER, tier(rest + step))
                .receives(TIER, tier(after.taker.position.size.unsigned_abs()))
                .receives(KEY, leg_tuple(ACCOUNT, &before.account))
                .receives(KEY, leg_tuple(taker(op), &before.taker))
                .changes(cells(op, before, pool, previous), cells(op, after, credited, &own_touches()));
            let fee = credited.collateral - pool.collateral;
            let outcome = elements(input, fee).into_iter().fold(outcome, Outcome::publishes);
            if before.order.is_some() { outcome.selects_under("LIQUIDATE-1") } else { outcome }
        },
    )
}

/// On random records: accepted ones, and every reason that they can meet.
#[test]
pub fn both_halves_agree() {
    let reachable = [
        Reject::ZeroLots,
        Reject::NoPosition,
        Reject::ExceedsPosition,
        Reject::Bankrupt,
        Reject::NotLiquidatable,
        Reject::MarketMismatch,
        Reject::SameSide,
        Reject::TakerExceedsLeft,
        Reject::LimitNotMet,
        Reject::SelfTrade,
        Reject::QuoteBeyondZeroPrice,
        Reject::QuoteBeyondOraclePrice,
        Reject::OverLiquidation,
        Reject::PositionTooLarge,
        Reject::EntryQuoteRange,
        Reject::CollateralRange,
        Reject::PoolBelowInitialMargin,
        Reject::ReduceOnly,
        Reject::BelowInitialMargin,
        Reject::RatioFalls,
        Reject::OpenInterestRange,
    ];
    agree::on_samples(|rng| agree(&sample(rng)), &reachable);
}

/// A liquidation after which the pool's requirement is `-above` modulo M: what it exceeds its value by moves in steps
/// of M.
fn odd_requirement(above: i128) -> Padded<LiquidateRecord> {
    let mut input = plain(4_000, 101, 9_898);
    let market = &mut input.record.cells.entry.market;
    market.initial_fraction = 100_003;
    let wanted = |price: &u64| (101 * 100_003 * i128::from(*price) + above) % M == 0;
    market.price = (market.price..).find(wanted).expect("M has no factor of theirs");
    input
}

/// A legal liquidation of a cross account that pays a fee, on a side of the account's act.
fn paying(side: Side) -> Padded<LiquidateRecord> {
    let sells = |input: &LiquidateRecord| (input.cells.account.position.size > 0) == (side == Side::Sell);
    let pays = |input: &LiquidateRecord| {
        let cross = input.cells.account.header.mode == Mode::Cross;
        cross && apply(&context(), &input.op, &input.cells).is_ok_and(|(_, fee)| fee > 1)
    };
    legal(3).find(|input| sells(input) && pays(input)).expect("an endless supply")
}

/// The same, with more or less collateral and as much less or more value in other markets: after the quote, and
/// before the fee, the collateral is `after`.
fn ending_at(side: Side, after: i128) -> Padded<LiquidateRecord> {
    let mut input = paying(side);
    let header = &mut input.record.cells.account.header;
    let collateral = after + side.sign() * i128::from(input.record.op.quote);
    header.value += (i128::from(header.collateral) - collateral) * U;
    header.collateral = i64::try_from(collateral).expect("in range before the quote");
    input
}

/// All of a short position of 3·2^40 base quanta goes to the pool, at the zero price less `room` in all. Other
/// markets bring the total value to `value`.
fn whole_short(price: u64, collateral: [i64; 2], value: i128, room: u64) -> Padded<LiquidateRecord> {
    let market = Market {
        price,
        max_price: price,
        max_size: 1 << 43,
        initial_fraction: 600_000,
        maintenance_fraction: 500_000,
        tiers: higher_tiers(&[], [600_000, 500_000]).unwrap(),
        min_lots: 1,
        ..crate::soundness::fixture::market()
    };
    let leg = |owner, size: i64, collateral: i64| {
        let position = PositionCell { size, entry_quote: size.unsigned_abs() << 20 };
        let header = crate::soundness::fixture::holding(collateral, &market, position);
        Leg { owner: samples::owner(owner), orders_from: 0, header, position }
    };
    let mut account = leg(7, -(3 << 40), collateral[0]);
    account.header.value = value - i128::from(collateral[0]) * U;
    let mut taker = leg(99, 4 << 40, collateral[1]);
    taker.header.mode = Mode::Isolated(samples::MARKET);
    let entry = MarketEntry { id: samples::MARKET, market };
    let zero =
        zero_quote(zero_price(&account.header, &market, 500_000, Side::Buy), 3 << 40, Side::Buy) as u64;
    let cells = LiquidateCells { account, taker, order: None, entry, open_interest: 1 << 58 };
    input(samples::MARKET, cells, (3 << 40, zero - room))
}

/// Everything is in its width but the quote of 2^63 + 2^30.
fn at_a_large_quote() -> Padded<LiquidateRecord> {
    whole_short(1 << 53, [1 << 62, -(1 << 62)], (1 << 93) + (1 << 62), 0)
}

/// The fee is what room there is, so each unit of the zero price counts.
fn with_a_room_for_the_fee() -> Padded<LiquidateRecord> {
    whole_short(1 << 50, [1 << 61, 0], 3 << 88, 10_000)
}

#[test]
fn quotes_of_64_bits_meet_no_other_check() {
    let input = at_a_large_quote();
    assert_eq!(native(&input).map(|_| ()).map_err(|refusal| refusal.reason), Err(Reject::QuoteRange));
    assert_eq!(agree(&input), Some(Reject::QuoteRange));
    assert_eq!(input.op.quote, (1 << 63) + (1 << 30));
    assert_eq!(agree::refused_by::<LiquidateRow>(&input), ["LIQ-8"].into());
    let input = with_a_room_for_the_fee();
    assert!(native(&input).is_ok() && agree::refused_by::<LiquidateRow>(&input).is_empty());
}

/// A position of 1,000 at price 100, requirement 5,000, of an account with this total value; the pool takes lots at a
/// quote, without a fee.
fn plain(value: i64, lots: u64, quote: u64) -> Padded<LiquidateRecord> {
    let market = Market { liquidation_fee: 0, ..crate::soundness::fixture::market() };
    let leg = crate::soundness::fixture::leg;
    let (account, mut taker) = (leg(7, value, 1_000), leg(99, 1_000_000, 0));
    taker.header.mode = Mode::Isolated(samples::MARKET);
    let entry = MarketEntry { id: samples::MARKET, market };
    let cells = LiquidateCells { account, taker, order: None, entry, open_interest: 2_000 };
    input(samples::MARKET, cells, (lots, quote))
}

/// Changes cells by so much, if that fits.
type Moved = fn(&mut LiquidateCells, i128) -> Option<()>;

#[test]
pub(crate) fn both_halves_agree_at_every_bound() {
    let each = &[-1, 0, 1];
    let at = |name, samples: Vec<Padded<LiquidateRecord>>, moved: Moved| {
        let moved = |sample: &Padded<LiquidateRecord>, by| {
            let (LiquidateRecord { op, .. }, mut cells) = (&sample.record, sample.cells);
            moved(&mut cells, by)?;
            Some(input(op.market, cells, (op.lots, op.quote)))
        };
        bounds::at(name, each, samples, |input| agree(input), moved);
    };
    let requirement: Moved = |cells, by| {
        cells.account.header.maintenance = cells.account.header.maintenance.checked_add(by)?;
        Some(())
    };
    let [below, above] = [Relation::AtLeast, Relation::Less];
    at(("LIQ-4", below, Reject::Bankrupt), vec![plain(0, 1_000, 100_000)], |cells, by| {
        cells.account.header.value = cells.account.header.value.checked_add(by)?;
        Some(())
    });
    at(("LIQ-5", above, Reject::NotLiquidatable), vec![plain(4_999, 1, 100)], requirement);
    // The sides of the size rule differ by what the quote is modulo three lots.
    let lots = [300, 299, 298].map(|quote| plain(3_000, 3, quote));
    at(("LIQ-12", above, Reject::OverLiquidation), lots.into(), requirement);
    let pool = ("LIQ-13", below, Reject::PoolBelowInitialMargin);
    at(pool, [-1, 0, 1].map(odd_requirement).into(), |cells, by| {
        cells.taker.header.value = cells.taker.header.value.checked_add(by)?;
        Some(())
    });
    for (less, expected) in [(1, None), (0, Some(Reject::QuoteRange)), (-1, Some(Reject::QuoteRange))] {
        let room = ((1 << 30) + less) as u64;
        // The zero price of `at_a_large_quote`, with a remainder.
        let value = (1 << 93) + (1 << 62) + 1;
        let input = whole_short(1 << 53, [1 << 62, -(1 << 62)], value, room);
        assert_eq!((i128::from(input.op.quote), agree(&input)), ((1 << 63) - i128::from(less), expected));
    }
    // A bid and the quotes' bounds, from both sides.
    let all: Vec<_> = legal(4).take(400).collect();
    let quotes = [
        ("LIQ-7", Reject::LimitNotMet),
        ("LIQ-9", Reject::QuoteBeyondZeroPrice),
        ("LIQ-10", Reject::QuoteBeyondOraclePrice),
    ];
    for (id, reason) in quotes {
        for relation in [Relation::AtLeast, Relation::AtMost] {
            let quoted = |sample: &Padded<LiquidateRecord>, by: i128| {
                let op = &sample.op;
                let quote = u64::try_from(i128::from(op.quote).checked_add(by)?).ok()?;
                Some(input(op.market, sample.cells, (op.lots, quote)))
            };
            bounds::at((id, relation, reason), each, all.clone(), |input| agree(input), quoted);
        }
    }
}

/// Rows for the gates: legal ones and refused ones.
pub fn rows() -> Vec<Padded<LiquidateRecord>> {
    let ends = [1 << 63, (1 << 63) - 1].map(|after| ending_at(Side::Sell, after));
    let ends = ends.into_iter().chain([1 - (1 << 63), -(1 << 63)].map(|after| ending_at(Side::Buy, after)));
    let own: Vec<_> = ends.chain([at_a_large_quote(), with_a_room_for_the_fee()]).collect();
    let refused = (0..).map(ChaCha20Rng::seed_from_u64).map(|mut rng| sample(&mut rng));
    let refused = refused.filter(|input| native(input).is_err());
    legal(3).take(16).chain(own).chain(refused.take(600)).collect()
}

/// Samples that are legal, in order.
fn legal(seed: u64) -> impl Iterator<Item = Padded<LiquidateRecord>> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    std::iter::repeat_with(move || sample(&mut rng)).filter(|input| native(input).is_ok())
}

#[test]
fn both_halves_agree_on_the_largest_size() {
    // The size rule is a threshold in lots: both halves put it at the same lot.
    let mut found = 0;
    for sample in legal(2).filter(|input| input.cells.order.is_none()).take(60) {
        let held = sample.cells.account.position.size.unsigned_abs() / sample.cells.entry.market.lot;
        let of = |lots: u64| {
            let quote = u128::from(sample.op.quote) * u128::from(lots) / u128::from(sample.op.lots);
            input(sample.op.market, sample.cells, (lots, quote as u64))
        };
        let refused = (sample.op.lots..=held).find(|lots| agree(&of(*lots)) == Some(Reject::OverLiquidation));
        found += usize::from(refused.is_some());
    }
    assert!(found > 5, "{found}");
}

/// What the operator may choose, within the rules.
const FREE: [&str; 3] = ["memory.row_time", "liquidate.lots", "liquidate.quote"];

#[test]
fn every_hint_is_pinned() {
    let by_bid = legal(3).filter(|input| input.cells.order.is_some()).take(1);
    let by_pool = legal(4).filter(|input| input.cells.order.is_none()).take(1);
    for input in by_bid.chain(by_pool) {
        let harmless = Forger::<LiquidateRow>::new(&input).every_hint_is_pinned(&FREE);
        // Inverses of zero; and an order that is not there.
        let idle = |name: &str| name == "is_zero.inverse" || input.cells.order.is_none();
        let order = |name: &str| name.starts_with("order.") || name == "memory.previous";
        assert!(harmless.iter().all(|name| idle(name) && (*name == "is_zero.inverse" || order(name))));
    }
}

#[test]
fn the_kernel_is_empty() {
    let mut inputs: Vec<Padded<LiquidateRecord>> = legal(9).take(12).collect();
    inputs.push(Padded::disabled(LiquidateRow::dummy()));
    let own = ["liquidate.account", "liquidate.market"];
    let chosen = [&FREE[..], &own, &["liquidate.enable", "liquidate.bid"]].concat();
    let free = row_kernel::free::<LiquidateRow>(&inputs, &chosen);
    // The inverse of an actual zero: `is_zero`, and the owners' difference in padding.
    let benign = ["is_zero.inverse", "checks.inverse"];
    assert!(free.iter().all(|wire| benign.contains(&wire.name)), "{free:?}");
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<LiquidateRow>();
}

#[test]
fn shape_and_costs_are_pinned() {
    let template = Template::compile::<LiquidateRow>(13);
    assert_eq!((template.own_constraints, template.constraints.len()), (116, 594));
    for input in legal(8).take(3).chain([Padded::disabled(LiquidateRow::dummy())]) {
        agree::has_the_shape_of::<LiquidateRow>(&template, &input);
    }
}
