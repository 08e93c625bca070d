//! Batches that are lawful after one state and not after another: the state before is changed under honest bytes.

use super::{decode, follows};
use crate::executor::Executor;
use crate::executor::tests::{begin, deposit, genesis, item, place, signed};
use crate::kinds::Capacities;
use crate::ops::{Fill, Item, Liquidate, Op, Taker, Tick, TransferItem};
use crate::soundness::batches::finish;
use crate::state::{Mode, Side, State};

/// What differs if the state before is `spoilt`; nothing differs if it is not.
fn said(before: State, run: impl FnOnce(&mut Executor), spoil: impl FnOnce(&mut State)) -> String {
    let mut executor = begin(before.clone(), Capacities::UNLIMITED);
    run(&mut executor);
    let (bytes, capacities) = follows::bytes(&executor.finish().unwrap().1);
    let batch = decode(&bytes, &capacities).unwrap();
    before.clone().apply(&batch).unwrap();
    let mut spoilt = before;
    spoil(&mut spoilt);
    // The tree stays, so the root before is the header's.
    spoilt.apply(&batch).unwrap_err().to_string()
}

/// A price was cut a second ago.
fn makes_still(state: &mut State) {
    let market = state.markets.get_mut(&1).unwrap();
    market.cut_at = market.last_tick;
}

/// Accounts 600 and 601 with orders of 1,000 lots at 100 on both sides, of which `lots` are filled.
fn traded(lots: u64) -> State {
    let mut executor = begin(genesis(1), Capacities::UNLIMITED);
    deposit(&mut executor, 10, 12_000);
    deposit(&mut executor, 11, 1_000_000);
    let taker = place(&mut executor, 10, 600, item(1, Side::Buy, 100, 1_000));
    let maker = place(&mut executor, 11, 601, item(1, Side::Sell, 100, 1_000));
    executor.apply(&Op::Fill(Fill { taker, maker, lots })).unwrap();
    finish(executor).0
}

fn fill(executor: &mut Executor) {
    executor.apply(&Op::Fill(Fill { taker: 1, maker: 2, lots: 1 })).unwrap();
}

/// Account 601 takes 100 lots of account 600 over, by its third order.
fn take_over(executor: &mut Executor) {
    executor.apply(&Op::Tick(Tick { market: 1, price: 92 << 32, rate: 0 })).unwrap();
    let bid = place(executor, 11, 601, item(1, Side::Buy, 90, 500));
    let taker = Taker::Order(bid);
    let op = Liquidate { account: 600, market: 1, lots: 100, quote: 9_000, taker };
    executor.apply(&Op::Liquidate(op)).unwrap();
}

#[test]
fn positions_in_a_still_market_grow_by_takeovers_alone() {
    let error = said(traded(100), fill, makes_still);
    assert!(error.contains("size in a still market: expected at most 100, found 101"), "{error}");
    // A takeover is one.
    let error = said(traded(1_000), take_over, makes_still);
    assert!(error.contains("root"), "{error}");
}

#[test]
fn nothing_leaves_an_account_that_holds_a_still_market() {
    let pays = |executor: &mut Executor| {
        let transfer = Item::Transfer(TransferItem { to: 600, amount: 5, mode: Mode::Cross });
        let op = signed(executor, 11, 601, vec![transfer]);
        executor.apply(&op).unwrap();
    };
    let error = said(traded(100), pays, makes_still);
    assert!(error.contains("from: expected an account that holds no still market, found 601"), "{error}");
}

#[test]
fn orders_of_an_earlier_key_are_void() {
    for account in [600, 601] {
        let error =
            said(traded(100), fill, |state| state.accounts.get_mut(&account).unwrap().orders_from = 3);
        assert!(error.contains("left: expected what it was"), "{error}");
    }
    let error = said(traded(1_000), take_over, |state| state.accounts.get_mut(&601).unwrap().orders_from = 9);
    assert!(error.contains("order: expected at least 9, found 3"), "{error}");
}
