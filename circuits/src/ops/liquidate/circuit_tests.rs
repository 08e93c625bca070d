//! The row of a liquidation against the native half, and against forged advice.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::circuit::{LiquidateRow, liquidate};
use super::record::{LiquidateRecord, LiquidateTouches};
use super::{Liquidate, LiquidateCells, Taker, apply, credit_pool};
use crate::gadgets::cs::{Cs, Direction, Shared};
use crate::gadgets::row::{IdealBus, Padded, Row, RowWitness, Template};
use crate::margin::Header;
use crate::ops::{Context, Domain, Leg, blank};
use crate::params::{M, U};
use crate::reject::Reject;
use crate::soundness::forge::{Forger, Verdict, refusal};
use crate::soundness::row_kernel;
use crate::soundness::samples::{self, header_tuple, key, order_tuple, position_tuple, tuples};
use crate::state::tags::{HEADER, OI, ORDER, POSITION};
use crate::state::{Flags, Market, Mode, Order, Side, pool_account};

mod forge;

const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };
const TIME: u32 = 900;
/// Random cases of a run; every reject occurs among them.
const CASES: usize = 8_000;
const CONTEXT: Context = Context { time: 1_000, domain: Domain { chain_id: 1, contract: [0; 20] } };
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
    Order { account: BIDDER, market, side, limit, size: left + 1, left, flags, max_fee: 0, expiry: 2_000 }
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
    let own = 8 * TIME + 3;
    let (pool, touched) = match (apply(&CONTEXT, &op, &cells), taker) {
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

fn run(input: &Padded<LiquidateRecord>) -> (Option<Reject>, RowWitness) {
    let mut cs = Cs::witness(SHARED, 0, &[]);
    let failed = liquidate(&mut cs, input).failed();
    (failed, RowWitness::from_cs(cs))
}

fn native(input: &Padded<LiquidateRecord>) -> Result<(LiquidateCells, Header), Reject> {
    let (after, fee) = apply(&CONTEXT, &input.op, &input.cells)?;
    Ok((after, credit_pool(&input.pool, fee)?))
}

/// The cells after the liquidation as the row must send them.
fn expected(input: &Padded<LiquidateRecord>, after: &LiquidateCells, pool: &Header) -> Vec<Vec<Fr>> {
    let at = |j: u64| 8 * u64::from(TIME) + j;
    let pool_id = pool_account(samples::MARKET);
    let taker = if after.order.is_some() { BIDDER } else { pool_id };
    let mut all = vec![
        header_tuple(ACCOUNT, at(0), &after.account.header),
        header_tuple(taker, at(3), &after.taker.header),
        header_tuple(pool_id, at(5), pool),
        position_tuple(ACCOUNT, at(1), &after.account.position),
        position_tuple(taker, at(4), &after.taker.position),
        vec![key(samples::MARKET.into(), at(6)), Fr::from(after.open_interest)],
    ];
    if let (Some(order), Taker::Order(id)) = (&after.order, input.op.taker) {
        all.push(order_tuple(id, at(2), order));
    }
    all
}

fn sent(input: &Padded<LiquidateRecord>, row: &RowWitness) -> Vec<Vec<Fr>> {
    let mut all: Vec<_> =
        [HEADER, POSITION, OI].iter().flat_map(|tag| tuples(row, *tag, Direction::Send)).collect();
    if input.cells.order.is_some() {
        all.extend(tuples(row, ORDER, Direction::Send));
    }
    all
}

/// Runs both halves; panics where they differ. Returns the common verdict.
fn agree(input: &Padded<LiquidateRecord>) -> Option<Reject> {
    let (failed, row) = run(input);
    let native = native(input);
    match &native {
        Ok((after, pool)) => {
            assert_eq!((failed, refusal(&row, 13)), (None, None), "{input:?}");
            assert_eq!(sent(input, &row), expected(input, after, pool), "{input:?}");
        }
        Err(reject) => {
            assert_eq!(failed, Some(*reject), "{input:?}");
            assert!(refusal(&row, 13).is_some(), "{reject:?} is noted but not enforced: {input:?}");
        }
    }
    native.err()
}

#[test]
fn both_halves_agree() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut seen: BTreeMap<Option<Reject>, usize> = BTreeMap::new();
    for _ in 0..CASES {
        *seen.entry(agree(&sample(&mut rng))).or_default() += 1;
    }
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
    for reject in reachable {
        assert!(seen.contains_key(&Some(reject)), "no sample of {reject:?}: {seen:?}");
    }
    assert!(seen[&None] > CASES / 20, "{seen:?}");
    assert!(!seen.contains_key(&Some(Reject::MaintenanceRises)), "{seen:?}");
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
    let (failed, row) = run(&Padded::disabled(LiquidateRow::dummy()));
    assert_eq!((failed, refusal(&row, 13)), (None, None));
    let mut bus = IdealBus::default();
    bus.add(&row);
    assert!(bus.imbalances(13).is_empty());
}

#[test]
fn shape_and_costs_are_pinned() {
    let template = Template::compile::<LiquidateRow>(13);
    assert_eq!((template.own_constraints, template.constraints.len()), (104, 494));
    for input in legal(8).take(3).chain([Padded::disabled(LiquidateRow::dummy())]) {
        let (_, row) = run(&input);
        assert_eq!(row.committed.len() as u32, template.committed);
        assert_eq!(row.derived.len() as u32, template.derived);
        assert_eq!(row.interactions.len(), template.interactions.len());
    }
}
