//! The row of a fill against the native half, and against forged advice.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::circuit::{FillRecord, FillRow, FillTouches, LegTouches, fill};
use super::{Fill, FillAmounts, FillCells, apply};
use crate::gadgets::cs::{Cs, Direction, Shared};
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::ops::{Context, Domain, OrderLeg};
use crate::reject::Reject;
use crate::soundness::forge::{Forger, Verdict, refusal};
use crate::soundness::row_kernel;
use crate::soundness::samples::{self, Terms, header_tuple, key, order_tuple, position_tuple, tuples};
use crate::state::tags::{FEES, HEADER, OI, ORDER, POSITION};
use crate::state::{Flags, Mode, Order, Side};

mod forge;

const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };
const TIME: u32 = 900;
/// Random cases of a run; every reject occurs among them.
const CASES: usize = 8_000;
const CONTEXT: Context = Context { time: 1_000, domain: Domain { chain_id: 1, contract: [0; 20] } };

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

fn run(input: &Padded<FillRecord>) -> (Option<Reject>, RowWitness) {
    let mut cs = Cs::witness(SHARED, 0, &[]);
    let failed = fill(&mut cs, input).failed();
    (failed, RowWitness::from_cs(cs))
}

/// The cells after the fill as the row must send them.
fn expected(input: &Padded<FillRecord>, after: &FillCells) -> Vec<Vec<Fr>> {
    let at = |j: u64| 8 * u64::from(TIME) + j;
    let mut all = Vec::new();
    for (id, leg, j) in [(input.op.taker, &after.taker, 0), (input.op.maker, &after.maker, 3)] {
        let account = leg.order.account;
        all.push(order_tuple(id, at(j), &leg.order));
        all.push(header_tuple(account, at(j + 1), &leg.leg.header));
        all.push(position_tuple(account, at(j + 2), &leg.leg.position));
    }
    all.push(vec![key(samples::MARKET.into(), at(6)), Fr::from(after.open_interest)]);
    all.push(vec![key(0, at(7)), Fr::from(after.fees)]);
    all
}

fn sent(row: &RowWitness) -> Vec<Vec<Fr>> {
    let [orders, headers, positions, open_interest, fees] =
        [ORDER, HEADER, POSITION, OI, FEES].map(|tag| tuples(row, tag, Direction::Send));
    let mut all = Vec::new();
    for side in 0..2 {
        all.extend([orders[side].clone(), headers[side].clone(), positions[side].clone()]);
    }
    all.extend(open_interest);
    all.extend(fees);
    all
}

/// Runs both halves; panics where they differ. Returns the common verdict.
fn agree(input: &Padded<FillRecord>) -> Option<Reject> {
    let (failed, row) = run(input);
    let native = apply(&CONTEXT, &input.op, &input.cells);
    match &native {
        Ok((after, _)) => {
            assert_eq!((failed, refusal(&row, 13)), (None, None), "{input:?}");
            assert_eq!(sent(&row), expected(input, after), "{input:?}");
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
        Reject::BelowInitialMargin,
        Reject::RatioFalls,
        Reject::OpenInterestRange,
        Reject::FeesRange,
    ];
    for reject in reachable {
        assert!(seen.contains_key(&Some(reject)), "no sample of {reject:?}: {seen:?}");
    }
    assert!(seen[&None] > CASES / 20, "{seen:?}");
    assert!(!seen.contains_key(&Some(Reject::MaintenanceRises)), "{seen:?}");
}

/// Samples that are legal, in order.
fn legal(seed: u64) -> impl Iterator<Item = Padded<FillRecord>> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    std::iter::repeat_with(move || sample(&mut rng))
        .filter(|input| apply(&CONTEXT, &input.op, &input.cells).is_ok())
}

/// A legal fill in which the taker closes a position with a fee below the full one.
fn with_reduced_fee() -> Padded<FillRecord> {
    legal(2)
        .find(|input| {
            let (_, amounts) = apply(&CONTEXT, &input.op, &input.cells).expect("legal");
            let full = u128::from(amounts.quote) * u128::from(input.cells.entry.market.taker_fee);
            amounts.taker_fee > 0 && u128::from(amounts.taker_fee) < full / 1_000_000
        })
        .expect("an endless supply")
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
    let blank = Padded::disabled(FillRow::dummy());
    let (failed, row) = run(&blank);
    assert_eq!((failed, refusal(&row, 13)), (None, None));
    let mut bus = crate::gadgets::row::IdealBus::default();
    bus.add(&row);
    assert!(bus.imbalances(13).is_empty());
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
    let (failed, row) = run(&input);
    assert_eq!((failed, refusal(&row, 13)), (None, None));
}

#[test]
fn shape_and_costs_are_pinned() {
    let template = Template::compile::<FillRow>(13);
    assert_eq!((template.own_constraints, template.constraints.len()), (96, 490));
    for input in legal(8).take(3).chain([Padded::disabled(FillRow::dummy())]) {
        let (_, row) = run(&input);
        assert_eq!(row.committed.len() as u32, template.committed);
        assert_eq!(row.derived.len() as u32, template.derived);
        assert_eq!(row.interactions.len(), template.interactions.len());
    }
}
