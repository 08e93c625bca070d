//! Accounts in distress, and how accounts are created.

use super::scenarios::{finish, funded, trade};
use super::*;
use crate::executor::stage::touch_time;
use crate::leaves::account::AccountRecord;
use crate::ops::liquidate::LiquidateRecord;
use crate::ops::transfer::TransferRecord;
use crate::ops::{Liquidate, Taker, Tick, TransferItem, WithdrawItem};
use crate::state::{PublicKey, pool_account};

/// A long of 1000 that a fall to 92 leaves below maintenance, and a pool with money.
fn distressed() -> Executor {
    let mut executor = begin(genesis(1), Capacities::UNLIMITED);
    deposit(&mut executor, 10, 12_000);
    deposit(&mut executor, 11, 1_000_000);
    let pool = Item::Transfer(TransferItem { to: 2, amount: 50_000, mode: Mode::Cross });
    let op = signed(&executor, 11, 601, vec![pool]);
    executor.apply(&op).unwrap();
    trade(&mut executor, 1, 1_000);
    let (state, _) = finish(executor);
    let mut executor = begin(state, Capacities::UNLIMITED);
    executor.apply(&Op::Tick(Tick { market: 1, price: 92 << 32, rate: 0 })).unwrap();
    executor
}

#[test]
fn the_pool_takes_over_what_is_needed() {
    let mut executor = distressed();
    assert_eq!(executor.account(600).unwrap().header.total_value(), (3_950i128) << 32);
    let op =
        |lots, quote| Op::Liquidate(Liquidate { account: 600, market: 1, lots, quote, taker: Taker::Pool });
    let most = (1..=1_000).rev().find(|lots| executor.check(&op(*lots, 91 * lots)).is_ok()).unwrap();
    assert_eq!(reason(executor.check(&op(most + 1, 91 * (most + 1)))), Some(Reject::OverLiquidation));
    let Applied::Liquidation { fee } = executor.apply(&op(most, 91 * most)).unwrap() else {
        panic!("not a liquidation")
    };
    assert!(fee > 0 && !executor.account(600).unwrap().header.is_liquidatable());
    let (state, trace) = finish(executor);
    let row = &trace.of::<LiquidateRecord>()[0];
    // The pool takes part: the fee follows its own trade, at the row's fourth touch.
    assert_eq!(row.previous.pool, touch_time(row.sequence, 3));
    assert_eq!((row.fee, state.account(2).unwrap().collateral), (fee, row.pool.collateral + fee as i64));
    assert_eq!(state.account(2).unwrap().slots[0].unwrap().size, most as i64);
}

#[test]
fn a_bid_takes_over_and_the_pool_gets_the_fee() {
    let mut executor = distressed();
    let id = place(&mut executor, 11, 601, item(1, Side::Buy, 90, 500));
    let taker = Taker::Order(id);
    let op = Op::Liquidate(Liquidate { account: 600, market: 1, lots: 100, quote: 9_000, taker });
    let Applied::Liquidation { fee } = executor.apply(&op).unwrap() else { panic!("not a liquidation") };
    let (state, _) = finish(executor);
    assert_eq!(state.account(2).unwrap().collateral, 50_000 + fee as i64);
    assert_eq!(state.order(id).unwrap().left, 400);
    assert_eq!(state.market(1).unwrap().open_interest, 1_800);
}

#[test]
fn a_named_recipient_exists_since_an_earlier_op() {
    let mut executor = funded(1);
    let to = |to, amount| Item::Transfer(TransferItem { to, amount, mode: Mode::Isolated(1) });
    let op = signed(&executor, 10, 600, vec![to(602, 5), to(0, 7)]);
    assert_eq!(reason(executor.apply(&op)), Some(Reject::UnknownAccount));
    let op = signed(&executor, 10, 600, vec![to(0, 7), to(602, 5)]);
    let applied = executor.apply(&op).unwrap();
    assert_eq!(applied, Applied::Action { orders: vec![], accounts: vec![602, 602] });
    let (state, trace) = finish(executor);
    assert_eq!(state.account(602).unwrap().collateral, 12);
    let [first, second] = trace.of::<TransferRecord>() else { panic!("two transfers") };
    assert_eq!((first.creates, second.creates), (true, false));
    let created_at = trace.of::<AccountRecord<1>>().iter().find(|row| row.id == 602).unwrap().opened_at;
    assert_eq!(created_at, touch_time(first.sequence, 0));
    assert_eq!((first.to_at, second.to_at), (created_at, touch_time(first.sequence, 1)));
}

/// Nobody signs for a pool, and anybody pays in for it.
#[test]
fn a_pool_obeys_no_key() {
    let (pool, mode) = (pool_account(1), Mode::Isolated(1));
    let paid_in = |account, mode| Op::Deposit(Deposit { account, owner: PublicKey::NOBODY, mode, amount: 5 });
    for signatures in [SignatureCheck::Verify, SignatureCheck::Skip] {
        let capacities = Capacities::UNLIMITED;
        let context = BatchContext { time: 1_001, domain: domain(), capacities, signatures };
        let mut executor = Executor::begin(genesis(1), context).unwrap();
        executor.apply(&paid_in(pool, mode)).unwrap();
        for number in [1, 2] {
            let items = [
                Item::Withdraw(WithdrawItem { amount: 1, recipient: [7; 20] }),
                Item::Order(item(1, Side::Buy, 100, 10)),
                Item::ChangeKey(key(number).public_key()),
            ];
            for item in items {
                let op = signed(&executor, number, pool, vec![item]);
                let Err(ApplyError::Refused(refusal)) = executor.apply(&op) else { panic!("taken") };
                assert_eq!((refusal.reason, refusal.id), (Reject::BadSignature, "CURVE-4"));
            }
        }
        let refused = |executor: &mut Executor, op: &Op| match executor.apply(op) {
            Err(ApplyError::Refused(refusal)) => (refusal.reason, refusal.id),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&mut executor, &paid_in(0, mode)), (Reject::InvalidOwner, "CURVE-1"));
        let users = Op::Deposit(Deposit { account: pool, owner: key(2).public_key(), mode, amount: 5 });
        assert_eq!(refused(&mut executor, &users).0, Reject::OwnerMismatch);
        assert_eq!(refused(&mut executor, &paid_in(pool, Mode::Cross)).0, Reject::ModeMismatch);
        assert_eq!(executor.account(pool).unwrap().header.collateral, 5);
        finish(executor);
    }
}

#[test]
fn deposits_match_their_account() {
    let mut executor = funded(1);
    let op = |account, number, mode| {
        let owner = key(number).public_key();
        Op::Deposit(Deposit { account, owner, mode, amount: 5 })
    };
    let refused = |executor: &mut Executor, op| match executor.apply(&op) {
        Err(ApplyError::Refused(refusal)) => refusal.reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&mut executor, op(600, 11, Mode::Cross)), Reject::OwnerMismatch);
    assert_eq!(refused(&mut executor, op(600, 10, Mode::Isolated(1))), Reject::ModeMismatch);
    assert_eq!(refused(&mut executor, op(900, 10, Mode::Cross)), Reject::UnknownAccount);
    assert_eq!(refused(&mut executor, op(0, 10, Mode::Isolated(2))), Reject::UnknownMarket);
    let owner = crate::soundness::fixture::owner(3);
    let invalid = Op::Deposit(Deposit { account: 0, owner, mode: Mode::Cross, amount: 5 });
    assert_eq!(refused(&mut executor, invalid), Reject::InvalidOwner);
    executor.apply(&op(600, 10, Mode::Cross)).unwrap();
    assert_eq!(executor.globals().deposits, 3);
    finish(executor);
}
