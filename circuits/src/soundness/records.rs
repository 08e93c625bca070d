//! Trading rows filled in from what the executor recorded: accepted, and sending what it wrote.

use std::collections::BTreeMap;

use ark_bn254::Fr;

use super::fixture::market;
use super::samples::{header_tuple, key, order_tuple};
use crate::executor::{Applied, BatchContext, Executor};
use crate::gadgets::cs::{Direction, Shared, Tag};
use crate::gadgets::row::{Row, RowWitness};
use crate::gadgets::signature::SecretKey;
use crate::kinds::{Capacities, Trace};
use crate::margin::Header;
use crate::margin::native::{zero_price, zero_quote};
use crate::ops::action::SignatureCheck;
use crate::ops::fill::circuit::{FillInput, FillRow};
use crate::ops::liquidate::circuit::LiquidateRow;
use crate::ops::liquidate::input::LiquidateInput;
use crate::ops::{Action, Deposit, Fill, Item, Lane, Liquidate, Op, OrderItem, Taker, Tick};
use crate::soundness::forge::refusal;
use crate::state::tags::{FEES, HEADER, OI, ORDER, POSITION};
use crate::state::{AccountId, Flags, Genesis, Mode, OrderId, Side, State, pool_account};

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
    let (fee_owner, pool_owner) = (owner(1).public_key(), owner(2).public_key());
    let markets = BTreeMap::from([(MARKET, market())]);
    State::genesis(Genesis { fee_owner, pool_owner, markets, time: 1_000, config: Fr::from(7u64) }).unwrap()
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
    let item = OrderItem { market: MARKET, side, limit, lots, flags, max_fee: 1_000, expiry: 1 << 39 };
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
        let price = zero_price(&header, &market, Side::Sell);
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
    deposit(&mut executor, (pool_account(MARKET), 2), Mode::Isolated(MARKET), 1_000_000);
    trading(&mut executor, &accounts);
    executor.apply(&Op::CollectFees).unwrap();
    let (state, first) = executor.finish().unwrap();
    let mut executor = begin(state);
    liquidations(&mut executor, &accounts);
    let (_, second) = executor.finish().unwrap();
    [first, second]
}

fn row<R: Row>(input: &R::Input) -> RowWitness {
    let row = RowWitness::compute::<R>(Shared { limb_bits: 13, globals: &[] }, 0, &[], input);
    assert_eq!(refusal(&row, 13), None);
    row
}

/// Whether the row receives and sends exactly these tuples of a kind, among others.
fn assert_touch(row: &RowWitness, tag: Tag, (received, sent): (Vec<Fr>, Vec<Fr>)) {
    let tuples = |direction| super::samples::tuples(row, tag, direction);
    assert!(tuples(Direction::Receive).contains(&received), "{tag:?}");
    assert!(tuples(Direction::Send).contains(&sent), "{tag:?}");
}

fn position_tuple(account: u64, time: u64, cell: &crate::margin::PositionCell) -> Vec<Fr> {
    let size = crate::gadgets::int::fr_from_i128(cell.size.into());
    vec![key((account << 16) + u64::from(MARKET), time), size, Fr::from(cell.entry_quote)]
}

fn header_touch(account: u64, touch: &crate::kinds::Touch<Header>) -> (Vec<Fr>, Vec<Fr>) {
    (header_tuple(account, touch.before, &touch.pre), header_tuple(account, touch.at, &touch.post))
}

#[test]
fn recorded_fills_fill_their_rows() {
    let [trace, _] = traces();
    assert_eq!(trace.rows.fills.len(), 6);
    let market = trace.markets[0].new;
    for record in &trace.rows.fills {
        let row = row::<FillRow>(&FillInput::from_record(record, &market));
        for side in [&record.taker, &record.maker] {
            let (order, position) = (&side.order, &side.position);
            let before = order_tuple(side.id, order.before, &order.pre);
            assert_touch(&row, ORDER, (before, order_tuple(side.id, order.at, &order.post)));
            assert_touch(&row, HEADER, header_touch(side.account, &side.header));
            let before = position_tuple(side.account, position.before, &position.pre);
            assert_touch(&row, POSITION, (before, position_tuple(side.account, position.at, &position.post)));
        }
        for (tag, address, touch) in [(OI, MARKET.into(), &record.open_interest), (FEES, 0, &record.fees)] {
            let before = vec![key(address, touch.before), Fr::from(touch.pre)];
            assert_touch(&row, tag, (before, vec![key(address, touch.at), Fr::from(touch.post)]));
        }
    }
}

#[test]
fn recorded_liquidations_fill_their_rows() {
    let [_, trace] = traces();
    assert_eq!(trace.rows.liquidations.len(), 2);
    let market = trace.markets[0].new;
    for record in &trace.rows.liquidations {
        let row = row::<LiquidateRow>(&LiquidateInput::from_record(record, &market));
        assert_touch(&row, HEADER, header_touch(record.account, &record.header));
        assert_touch(&row, HEADER, header_touch(record.taker, &record.taker_header));
        assert_touch(&row, HEADER, header_touch(pool_account(MARKET), &record.pool_header));
        for (account, touch) in [(record.account, &record.position), (record.taker, &record.taker_position)] {
            let before = position_tuple(account, touch.before, &touch.pre);
            assert_touch(&row, POSITION, (before, position_tuple(account, touch.at, &touch.post)));
        }
        if let Some((id, touch)) = &record.taker_order {
            let before = order_tuple(*id, touch.before, &touch.pre);
            assert_touch(&row, ORDER, (before, order_tuple(*id, touch.at, &touch.post)));
        }
    }
}
