//! Trading rows filled in from what the executor recorded: accepted, and sending what it wrote.

use std::collections::BTreeMap;

use ark_bn254::Fr;

use super::fixture::market;
use super::samples::{header_tuple, key, order_tuple};
use crate::executor::{Applied, BatchContext, Executor};
use crate::gadgets::cs::{Direction, Shared, Tag};
use crate::gadgets::int::fr_from_i128;
use crate::gadgets::row::{IdealBus, Padded, Row, RowWitness};
use crate::gadgets::signature::SecretKey;
use crate::kinds::{Capacities, Trace};
use crate::margin::native::{zero_price, zero_quote};
use crate::ops::action::SignatureCheck;
use crate::ops::fill::circuit::FillRow;
use crate::ops::fill::{self, FillRecord};
use crate::ops::liquidate::circuit::LiquidateRow;
use crate::ops::liquidate::{self, LiquidateRecord};
use crate::ops::{Action, Context, Deposit, Fill, Item, Lane, Leg, Liquidate, Op, OrderItem, Taker, Tick};
use crate::params::TOUCHES_PER_ROW;
use crate::soundness::forge::refusal;
use crate::state::tags::{FEES, HEADER, OI, ORDER, POSITION};
use crate::state::{AccountId, Flags, Genesis, Market, Mode, OrderId, PublicKey, Side, State, pool_account};

const MARKET: u16 = 1;

fn owner(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn begin(state: State) -> Executor {
    let time = state.globals().time + 60;
    let signatures = SignatureCheck::Skip;
    let capacities = Capacities::UNLIMITED;
    Executor::begin(state, BatchContext { time, domain: Default::default(), capacities, signatures }).unwrap()
}

fn genesis() -> State {
    let fee_owner = owner(1).public_key();
    let markets = BTreeMap::from([(MARKET, market())]);
    let config = Fr::from(7u64);
    let signers = Vec::new();
    State::genesis(Genesis { fee_owner, markets, pools: 0, time: 1_000, config, signers }).unwrap()
}

fn deposit(
    executor: &mut Executor,
    (account, number): (AccountId, u8),
    mode: Mode,
    amount: u64,
) -> AccountId {
    let op = Op::Deposit(Deposit { account, owner: owner(number).public_key(), mode, amount });
    match executor.apply(&op).unwrap() {
        Applied::Deposit { account } => account,
        other => panic!("{other:?}"),
    }
}

fn place(executor: &mut Executor, account: AccountId, side: Side, (limit, lots): (u32, u64)) -> OrderId {
    let (lane, strict) = (Lane::Orders, false);
    let nonce = executor.account(account).unwrap().nonces.order + 1;
    let flags = Flags::default();
    let item = OrderItem { market: MARKET, side, limit, lots, flags, max_fee: 1_000, expiry: 1 << 35 };
    let signature = owner(1).sign(Fr::from(0u64));
    let items = vec![Item::Order(item)];
    let op = Op::Action(Box::new(Action { account, lane, strict, nonce, items, signature }));
    match executor.apply(&op).unwrap() {
        Applied::Action { orders, .. } => orders[0],
        other => panic!("{other:?}"),
    }
}

/// Accounts 0 to 2 buy from account 3 at 100, in two fills each; one order is used twice.
fn trading(executor: &mut Executor, accounts: &[AccountId]) {
    let maker = place(executor, accounts[3], Side::Sell, (100, 300_000));
    for buyer in &accounts[..3] {
        let taker = place(executor, *buyer, Side::Buy, (101, 60_000));
        for lots in [10_001, 40_002] {
            executor.apply(&Op::Fill(Fill { taker, maker, lots })).unwrap();
        }
    }
}

/// The price falls: the pool and a bid take over what is too much.
fn liquidations(executor: &mut Executor, accounts: &[AccountId]) {
    executor.apply(&Op::Tick(Tick { market: MARKET, price: 91 << 32, rate: 10_000 })).unwrap();
    let bid = place(executor, accounts[4], Side::Buy, (91, 100_000));
    for (account, taker) in [(accounts[0], Taker::Pool), (accounts[1], Taker::Order(bid))] {
        let header = executor.account(account).unwrap().header;
        let market = executor.market(MARKET).unwrap();
        let price = zero_price(&header, &market, market.maintenance_fraction, Side::Sell);
        let price = price + (market.price - price) / 2;
        let lots = 1_000;
        let quote = zero_quote(price, lots, Side::Sell) as u64;
        executor.apply(&Op::Liquidate(Liquidate { account, market: MARKET, lots, quote, taker })).unwrap();
    }
}

fn traces() -> [Trace; 2] {
    let mut executor = begin(genesis());
    let amounts = [600_000, 600_000, 5_000_000, 90_000_000, 90_000_000];
    let accounts: Vec<_> = (10u8..)
        .zip(amounts)
        .map(|(number, amount)| deposit(&mut executor, (0, number), Mode::Cross, amount))
        .collect();
    let (account, mode) = (pool_account(MARKET), Mode::Isolated(MARKET));
    let pool = Deposit { account, owner: PublicKey::NOBODY, mode, amount: 1_000_000 };
    executor.apply(&Op::Deposit(pool)).unwrap();
    trading(&mut executor, &accounts);
    executor.apply(&Op::CollectFees).unwrap();
    let (state, first) = executor.finish().unwrap();
    let mut executor = begin(state);
    liquidations(&mut executor, &accounts);
    let (_, second) = executor.finish().unwrap();
    [first, second]
}

fn row<R: Row>(record: &Padded<R::Record>) -> RowWitness {
    let row = RowWitness::compute::<R>(Shared { limb_bits: 13, globals: &[] }, 0, &[], record);
    assert_eq!(refusal(&row, 13), None);
    row
}

/// Whether the row sends this tuple of a kind, among others.
fn assert_sends(row: &RowWitness, tag: Tag, tuple: &[Fr]) {
    let sent = super::samples::tuples(row, tag, Direction::Send);
    assert!(sent.iter().any(|other| other == tuple), "{tag:?}");
}

fn position_tuple(account: u64, time: u64, leg: &Leg, market: &Market) -> Vec<Fr> {
    let required = leg.required(market);
    let parts =
        [leg.position.size.into(), leg.position.entry_quote.into(), required.initial, required.maintenance];
    let key = key((account << 16) + u64::from(MARKET), time);
    std::iter::once(key).chain(parts.map(fr_from_i128)).collect()
}

fn context(trace: &Trace) -> Context {
    let time = trace.new_globals.time;
    Context { time, observed: time, is_signed: false, domain: trace.domain }
}

/// Of each position cell that rows touch, only the opening is left to receive and the last touch to send:
/// the recorded times form one chain.
fn assert_chained(rows: &[RowWitness], cells: usize) {
    let mut bus = IdealBus::default();
    rows.iter().for_each(|row| bus.add(row));
    let left = bus.imbalances(13).into_iter().filter(|(tag, ..)| *tag == POSITION).count();
    assert_eq!(left, 2 * cells);
}

#[test]
fn recorded_fills_fill_their_rows() {
    let [trace, _] = traces();
    let records = trace.of::<FillRecord>();
    assert_eq!(records.len(), 6);
    let mut rows = Vec::new();
    for record in records {
        let row = row::<FillRow>(record);
        let (after, amounts) = fill::apply(&context(&trace), &record.op, &record.cells).unwrap();
        assert_eq!(amounts, record.amounts);
        let at = |j: u64| u64::from(TOUCHES_PER_ROW * record.sequence) + j;
        for (id, side, j) in [(record.op.taker, &after.taker, 0), (record.op.maker, &after.maker, 3)] {
            let account = side.order.account;
            assert_sends(&row, ORDER, &order_tuple(id, at(j), &side.order));
            assert_sends(&row, HEADER, &header_tuple(account, at(j + 1), &side.leg.header));
            assert_sends(&row, POSITION, &position_tuple(account, at(j + 2), &side.leg, &after.entry.market));
        }
        assert_sends(&row, OI, &[key(MARKET.into(), at(6)), Fr::from(after.open_interest)]);
        assert_sends(&row, FEES, &[key(0, at(7)), Fr::from(after.fees)]);
        rows.push(row);
    }
    // Three buyers and one seller.
    assert_chained(&rows, 4);
}

#[test]
fn recorded_liquidations_fill_their_rows() {
    let [_, trace] = traces();
    let records = trace.of::<LiquidateRecord>();
    assert_eq!(records.len(), 2);
    let mut rows = Vec::new();
    for record in records {
        let row = row::<LiquidateRow>(record);
        let (after, fee) = liquidate::apply(&context(&trace), &record.op, &record.cells).unwrap();
        assert_eq!(fee, record.fee);
        let at = |j: u64| u64::from(TOUCHES_PER_ROW * record.sequence) + j;
        let account = record.op.account;
        let (taker, pool) =
            (after.order.map_or(pool_account(MARKET), |order| order.account), pool_account(MARKET));
        assert_sends(&row, HEADER, &header_tuple(account, at(0), &after.account.header));
        assert_sends(&row, POSITION, &position_tuple(account, at(1), &after.account, &after.entry.market));
        if let (Taker::Order(id), Some(order)) = (record.op.taker, &after.order) {
            assert_sends(&row, ORDER, &order_tuple(id, at(2), order));
        }
        assert_sends(&row, HEADER, &header_tuple(taker, at(3), &after.taker.header));
        assert_sends(&row, POSITION, &position_tuple(taker, at(4), &after.taker, &after.entry.market));
        let credited = liquidate::credit_pool(&record.pool, fee).unwrap();
        assert_sends(&row, HEADER, &header_tuple(pool, at(5), &credited));
        rows.push(row);
    }
    // Two accounts, the pool, and the bid's.
    assert_chained(&rows, 4);
}
