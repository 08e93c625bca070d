//! An owner's own limit: when it is in force, and when it is refused.

use super::scenarios::{finish, funded, trade};
use super::*;
use crate::leaves::account::AccountRecord;
use crate::params::{SLOTS, U};

fn set(executor: &mut Executor, number: u8, account: AccountId, limits: &[u32]) -> Option<Reject> {
    let op =
        signed(executor, number, account, limits.iter().map(|limit| Item::SetLeverage(*limit)).collect());
    reason(executor.apply(&op))
}

/// What the account must hold to open its position: whole quanta.
fn required(executor: &mut Executor, account: AccountId) -> i128 {
    executor.account(account).unwrap().header.initial / (U * 1_000_000)
}

#[test]
fn a_limit_is_in_force_from_the_next_opening() {
    let mut executor = funded(1);
    // The market's own is a tenth. In this batch it stays, before the trade and after it.
    assert_eq!(set(&mut executor, 10, 600, &[400_000]), None);
    trade(&mut executor, 1, 1_000);
    assert_eq!(required(&mut executor, 600), 10_000);
    let (state, trace) = finish(executor);
    assert_eq!(state.account(600).unwrap().leverage_limit, 400_000);
    let row = trace.of::<AccountRecord<SLOTS>>().iter().find(|row| row.id == 600).unwrap();
    assert_eq!((row.leverage_limit, row.amended), (0, Some(400_000)));
    // Now it counts, for the position that is there and for a new one.
    let mut executor = begin(state, Capacities::UNLIMITED);
    assert_eq!(required(&mut executor, 600), 40_000);
    trade(&mut executor, 1, 1_000);
    assert_eq!(required(&mut executor, 600), 80_000);
    // It is changed, here to less than the market's own, which has no effect there.
    assert_eq!(set(&mut executor, 10, 600, &[7]), None);
    let mut executor = begin(finish(executor).0, Capacities::UNLIMITED);
    assert_eq!(required(&mut executor, 600), 20_000);
    assert_eq!(required(&mut executor, 601), 20_000);
}

#[test]
fn a_limit_is_set_once_in_a_batch_by_its_owner() {
    let mut executor = funded(1);
    assert_eq!(set(&mut executor, 10, 600, &[1_000_001]), Some(Reject::LeverageRange));
    assert_eq!(set(&mut executor, 11, 600, &[5]), Some(Reject::BadSignature));
    // An action that is refused leaves nothing behind.
    assert_eq!(set(&mut executor, 10, 600, &[5, 6]), Some(Reject::LeverageTwice));
    assert_eq!(set(&mut executor, 10, 600, &[6]), None);
    assert_eq!(set(&mut executor, 10, 600, &[6]), Some(Reject::LeverageTwice));
    assert_eq!(set(&mut executor, 11, 601, &[1_000_000]), None);
    let (state, _) = finish(executor);
    assert_eq!([600, 601].map(|id| state.account(id).unwrap().leverage_limit), [6, 1_000_000]);
    let mut executor = begin(state, Capacities::UNLIMITED);
    assert_eq!(set(&mut executor, 10, 600, &[0]), None);
    assert_eq!(finish(executor).0.account(600).unwrap().leverage_limit, 0);
}

#[test]
fn the_capacity_of_limits_is_the_shapes() {
    let mut executor = begin(genesis(1), Capacities::UNLIMITED.with("leverage_limits", 1));
    let [first, second] = [10, 11].map(|number| deposit(&mut executor, number, 1_000));
    assert_eq!(set(&mut executor, 10, first, &[5]), None);
    let op = signed(&executor, 11, second, vec![Item::SetLeverage(5)]);
    assert!(matches!(executor.apply(&op), Err(ApplyError::Overflow(_))));
}
