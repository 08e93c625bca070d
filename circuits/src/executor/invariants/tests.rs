//! Each invariant notices the change that it is there for.

use super::*;
use crate::executor::{BatchContext, Executor};
use crate::gadgets::signature::SecretKey;
use crate::kinds::Capacities;
use crate::margin::PositionCell;
use crate::ops::action::SignatureCheck;
use crate::ops::{Deposit, Domain, Op};
use crate::soundness::fixture::{holding, market};
use crate::state::{Genesis, Mode, Position};
use ark_bn254::Fr;

/// A state after one deposit of 1000 into account 600.
fn batch() -> (State, Trace) {
    let owner = SecretKey::from_seed(&[1; 32]).public_key();
    let markets = [(1, market())].into();
    let config = Fr::from(0u64);
    let genesis = Genesis::of(owner, markets, 1_000, config);
    let context = BatchContext {
        time: 1_000,
        domain: Domain::default(),
        capacities: Capacities::UNLIMITED.with("flat_accounts", 0),
        signatures: SignatureCheck::Verify,
    };
    let mut executor = Executor::begin(State::genesis(genesis).unwrap(), context).unwrap();
    let op = Deposit { account: 0, owner, mode: Mode::Cross, amount: 1_000 };
    executor.apply(&Op::Deposit(op)).unwrap();
    executor.finish().unwrap()
}

#[test]
fn an_honest_batch_passes() {
    let (state, trace) = batch();
    assert_eq!(check(0, &state, &trace), Ok(()));
    assert_eq!(check_root(&state), Ok(()));
}

#[test]
fn one_quantum_from_nowhere_is_noticed() {
    let (mut state, trace) = batch();
    state.accounts.get_mut(&600).unwrap().collateral += 1;
    let (held, paid) = (BigInt::from(1_001 * FUNDING_SCALE), BigInt::from(1_000 * FUNDING_SCALE));
    assert_eq!(check(0, &state, &trace), Err(Violation::Conservation { held, paid }));
    assert_eq!(check_root(&state), Err(Violation::Root));
}

#[test]
fn falling_dust_is_noticed() {
    let (state, trace) = batch();
    assert_eq!(check(1, &state, &trace), Err(Violation::DustFell { before: 1, after: 0 }));
}

#[test]
fn unbalanced_sizes_and_open_interest_are_noticed() {
    let (mut state, trace) = batch();
    let mut hold = |id: u64, size: i64| {
        let position = Position { market: 1, size, entry_quote: 0, funding_index: 0 };
        state.accounts.get_mut(&id).unwrap().slots[0] = Some(position);
        check(0, &state, &trace)
    };
    assert_eq!(hold(600, 5), Err(Violation::Unbalanced { market: 1, sum: 5 }));
    let want = Violation::OpenInterest { market: 1, stated: 0, held: 10 };
    assert_eq!(hold(2, -5), Err(want));
    state.markets.get_mut(&1).unwrap().open_interest = 10;
    assert_eq!(check(0, &state, &trace), Ok(()));
}

#[test]
fn a_fall_below_maintenance_or_deeper_into_debt_is_noticed() {
    let (state, mut trace) = batch();
    let cell = PositionCell { size: 1_000, entry_quote: 0 };
    let mut run = |pre: i64, post: i64| {
        let row = &mut trace.records.of_mut::<AccountRecord<SLOTS>>()[0];
        row.opened = holding(pre - 100_000, &market(), cell);
        let closed = holding(post - 100_000, &market(), cell);
        (row.close.collateral, row.close.value) = (closed.collateral, closed.value);
        (row.close.initial, row.close.maintenance) = (closed.initial, closed.maintenance);
        assert_eq!(row.closed(), Header { entry: 0, ..closed });
        check(0, &state, &trace)
    };
    assert_eq!(run(5_000, 5_000), Ok(()));
    assert_eq!(run(5_000, 4_999), Err(Violation::FellBelowMaintenance(600)));
    assert_eq!(run(4_999, 4_000), Ok(()));
    assert_eq!(run(-1, -1), Ok(()));
    assert_eq!(run(-1, -2), Err(Violation::BankruptLost(600)));
}
