//! An owner's change of mode: when it is in force, what it keeps out of the batch, and when it is refused.

use super::scenarios::{finish, funded, trade};
use super::*;
use crate::leaves::account::{AccountRecord, ModeChangeRecord};
use crate::ops::Fill;
use crate::params::SLOTS;

fn set(executor: &mut Executor, number: u8, account: AccountId, modes: &[Mode]) -> Option<Reject> {
    let op = signed(executor, number, account, modes.iter().map(|mode| Item::SetMode(*mode)).collect());
    reason(executor.apply(&op))
}

const MARKET_1: Mode = Mode::Isolated(1);

#[test]
fn a_mode_is_in_force_from_the_next_opening() {
    let mut executor = funded(1);
    assert_eq!(set(&mut executor, 10, 600, &[MARKET_1]), None);
    // In this batch deposits name the mode of the opening.
    let owner = key(10).public_key();
    let credit = |mode| Op::Deposit(Deposit { account: 600, owner, mode, amount: 5 });
    assert_eq!(reason(executor.apply(&credit(MARKET_1))), Some(Reject::ModeMismatch));
    executor.apply(&credit(Mode::Cross)).unwrap();
    let (state, trace) = finish(executor);
    assert_eq!(state.account(600).unwrap().mode, MARKET_1);
    let rows = trace.of::<ModeChangeRecord>();
    assert_eq!((rows.len(), rows[0].account.id, rows[0].account.mode_market), (1, 600, 0));
    assert_eq!(rows[0].new_mode, MARKET_1);
    assert!(trace.of::<AccountRecord<SLOTS>>().iter().all(|row| row.id != 600));
    // Now it is isolated, and goes back.
    let mut executor = begin(state, Capacities::UNLIMITED);
    executor.apply(&credit(MARKET_1)).unwrap();
    assert_eq!(set(&mut executor, 10, 600, &[Mode::Cross]), None);
    assert_eq!(finish(executor).0.account(600).unwrap().mode, Mode::Cross);
}

#[test]
fn a_new_account_may_change_its_mode_either_way() {
    for (first, second) in [(Mode::Cross, MARKET_1), (MARKET_1, Mode::Cross)] {
        let mut executor = begin(genesis(1), Capacities::UNLIMITED);
        let owner = key(10).public_key();
        executor.apply(&Op::Deposit(Deposit { account: 0, owner, mode: first, amount: 5 })).unwrap();
        assert_eq!(set(&mut executor, 10, 600, &[second]), None);
        let (state, trace) = finish(executor);
        assert_eq!(state.account(600).unwrap().mode, second);
        assert!(trace.of::<ModeChangeRecord>()[0].account.fresh);
    }
}

#[test]
fn a_mode_is_set_once_by_its_owner_and_from_or_to_cross() {
    let mut executor = funded(2);
    assert_eq!(set(&mut executor, 11, 600, &[MARKET_1]), Some(Reject::BadSignature));
    assert_eq!(set(&mut executor, 10, 600, &[Mode::Isolated(3)]), Some(Reject::UnknownMarket));
    assert_eq!(set(&mut executor, 10, 600, &[Mode::Cross]), Some(Reject::ModePath));
    assert_eq!(set(&mut executor, 1, 1, &[MARKET_1]), Some(Reject::ReservedAccount));
    assert_eq!(
        set(&mut executor, 2, 2, &[Mode::Cross]),
        Some(Reject::BadSignature),
        "nobody signs for a pool"
    );
    // An action that is refused leaves nothing behind.
    assert_eq!(set(&mut executor, 10, 600, &[MARKET_1, MARKET_1]), Some(Reject::ModeTwice));
    assert_eq!(set(&mut executor, 10, 600, &[Mode::Isolated(2)]), None);
    assert_eq!(set(&mut executor, 10, 600, &[MARKET_1]), Some(Reject::ModeTwice));
    let mut executor = begin(finish(executor).0, Capacities::UNLIMITED);
    assert_eq!(set(&mut executor, 10, 600, &[MARKET_1]), Some(Reject::ModePath));
    assert_eq!(set(&mut executor, 10, 600, &[Mode::Isolated(2)]), Some(Reject::ModePath));
}

#[test]
fn an_account_with_a_position_or_a_trade_keeps_its_mode() {
    let mut executor = funded(1);
    trade(&mut executor, 1, 1_000);
    assert_eq!(set(&mut executor, 10, 600, &[MARKET_1]), Some(Reject::NotFlat));
    // Closed in the batch: the slot was used all the same.
    let taker = place(&mut executor, 10, 600, item(1, Side::Sell, 100, 1_000));
    let maker = place(&mut executor, 11, 601, item(1, Side::Buy, 100, 1_000));
    executor.apply(&Op::Fill(Fill { taker, maker, lots: 1_000 })).unwrap();
    assert!(executor.account(600).unwrap().positions.is_empty());
    assert_eq!(set(&mut executor, 10, 600, &[MARKET_1]), Some(Reject::NotFlat));
    let mut executor = begin(finish(executor).0, Capacities::UNLIMITED);
    assert_eq!(set(&mut executor, 10, 600, &[MARKET_1]), None);
    finish(executor);
}

#[test]
fn an_account_that_changes_its_mode_trades_in_the_next_batch() {
    let mut executor = funded(1);
    let taker = place(&mut executor, 10, 600, item(1, Side::Buy, 100, 10));
    let maker = place(&mut executor, 11, 601, item(1, Side::Sell, 100, 10));
    assert_eq!(set(&mut executor, 10, 600, &[MARKET_1]), None);
    let fill = Op::Fill(Fill { taker, maker, lots: 10 });
    let before = *executor.usage();
    assert_eq!(reason(executor.apply(&fill)), Some(Reject::ModeChanging));
    assert_eq!(*executor.usage(), before);
    // Its order rests, and trades in the new mode.
    let mut executor = begin(finish(executor).0, Capacities::UNLIMITED);
    executor.apply(&fill).unwrap();
    let (state, _) = finish(executor);
    assert_eq!(state.account(600).unwrap().positions().count(), 1);
}

#[test]
fn rows_of_changes_and_of_ops_are_the_shapes() {
    for name in ["modes", "mode_changes"] {
        let capacities = Capacities::UNLIMITED.with(name, 1).with("flat_accounts", 1);
        let mut executor = begin(genesis(1), capacities);
        for number in [10, 11] {
            deposit(&mut executor, number, 1_000);
        }
        assert_eq!(set(&mut executor, 10, 600, &[MARKET_1]), None);
        let op = signed(&executor, 11, 601, vec![Item::SetMode(MARKET_1)]);
        let overflow = Overflow { what: name, needed: 2, capacity: 1 };
        assert_eq!(executor.apply(&op), Err(ApplyError::Overflow(overflow)));
        // The account that changes leaves its row without slots to the other.
        let used = ["flat_accounts", "cross_accounts", "mode_changes"].map(|name| executor.usage()[name]);
        assert_eq!(used, [1, 0, 1]);
        let usage = *executor.usage();
        assert_eq!(finish(executor).1.usage(), usage);
    }
}
