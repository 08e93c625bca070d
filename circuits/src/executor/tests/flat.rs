//! Which accounts take rows without slots, and what the batch counts while ops are applied.

use super::scenarios::finish;
use super::*;
use crate::leaves::account::AccountRecord;
use crate::ops::Fill;
use crate::params::SLOTS;

fn capacities(flat: usize, cross: usize) -> Capacities {
    Capacities::UNLIMITED.with("flat_accounts", flat).with("cross_accounts", cross)
}

/// Accounts in rows without slots and in rows with them.
fn used(executor: &Executor) -> (usize, usize) {
    (executor.usage()["flat_accounts"], executor.usage()["cross_accounts"])
}

fn deposit_op(number: u8) -> Op {
    Op::Deposit(Deposit { account: 0, owner: key(number).public_key(), mode: Mode::Cross, amount: 1_000_000 })
}

/// Places a bid of 600 and an offer of 601 in market 1; the fill of both.
fn crossing(executor: &mut Executor, side: Side) -> Op {
    let other = if side == Side::Buy { Side::Sell } else { Side::Buy };
    let taker = place(executor, 10, 600, item(1, side, 100, 10));
    let maker = place(executor, 11, 601, item(1, other, 100, 10));
    Op::Fill(Fill { taker, maker, lots: 10 })
}

fn ids<const N: usize>(trace: &Trace) -> Vec<AccountId> {
    trace.of::<AccountRecord<N>>().iter().map(|row| row.id).collect()
}

#[test]
fn rows_without_slots_fill_first_and_rows_with_slots_take_the_rest() {
    let mut executor = begin(genesis(1), capacities(2, 1));
    for (number, after) in [(10, (1, 0)), (11, (2, 0)), (12, (2, 1))] {
        executor.apply(&deposit_op(number)).unwrap();
        assert_eq!(used(&executor), after);
    }
    let overflow = Overflow { what: "cross_accounts", needed: 2, capacity: 1 };
    assert_eq!(executor.apply(&deposit_op(13)), Err(ApplyError::Overflow(overflow)));
    assert_eq!(used(&executor), (2, 1));
    let (_, trace) = finish(executor);
    assert_eq!((ids::<0>(&trace), ids::<SLOTS>(&trace)), (vec![600, 601], vec![602]));
}

#[test]
fn an_account_takes_a_row_with_slots_from_its_first_trade_on() {
    let run = |cross| {
        let mut executor = begin(genesis(1), capacities(2, cross));
        for number in 10..13 {
            executor.apply(&deposit_op(number)).unwrap();
        }
        let fill = crossing(&mut executor, Side::Buy);
        // Orders use no slot.
        assert_eq!(used(&executor), (2, 1));
        let applied = executor.apply(&fill);
        (executor, applied)
    };
    let (executor, refused) = run(1);
    let overflow = Overflow { what: "cross_accounts", needed: 2, capacity: 1 };
    assert_eq!(refused, Err(ApplyError::Overflow(overflow)));
    assert_eq!(used(&executor), (2, 1));
    let (_, trace) = finish(executor);
    assert_eq!((ids::<0>(&trace), ids::<SLOTS>(&trace)), (vec![600, 601], vec![602]));

    // Two go, so the third has a row without slots; the fees' account, which opens with the first fee, the other.
    let (executor, applied) = run(2);
    applied.unwrap();
    assert_eq!(used(&executor), (2, 2));
    let (_, trace) = finish(executor);
    assert_eq!((ids::<0>(&trace), ids::<SLOTS>(&trace)), (vec![1, 602], vec![600, 601]));
}

#[test]
fn a_slot_that_was_used_keeps_its_account_out_for_the_batch() {
    let mut executor = begin(genesis(1), capacities(9, 9));
    for number in [10, 11] {
        executor.apply(&deposit_op(number)).unwrap();
    }
    for side in [Side::Buy, Side::Sell] {
        let fill = crossing(&mut executor, side);
        executor.apply(&fill).unwrap();
    }
    assert!(executor.account(600).unwrap().positions.is_empty());
    // The third is the fees' account.
    assert_eq!(used(&executor), (1, 2));
    let (state, trace) = finish(executor);
    assert_eq!(ids::<SLOTS>(&trace), [600, 601]);
    let mut executor = begin(state, capacities(9, 9));
    place(&mut executor, 10, 600, item(1, Side::Buy, 90, 10));
    assert_eq!(used(&executor), (1, 0));
    let (_, trace) = finish(executor);
    assert_eq!((ids::<0>(&trace), ids::<SLOTS>(&trace)), (vec![600], vec![]));
}

#[test]
fn an_account_that_opens_with_a_position_has_slots() {
    let mut executor = begin(genesis(1), capacities(9, 9));
    for number in [10, 11] {
        executor.apply(&deposit_op(number)).unwrap();
    }
    let fill = crossing(&mut executor, Side::Buy);
    executor.apply(&fill).unwrap();
    let (state, _) = finish(executor);
    let mut executor = begin(state, capacities(9, 9));
    place(&mut executor, 10, 600, item(1, Side::Buy, 90, 10));
    assert_eq!(used(&executor), (0, 1));
    finish(executor);
}

#[test]
fn the_state_does_not_hang_on_the_rows_of_accounts() {
    let run = |flat| {
        let mut executor = begin(genesis(1), capacities(flat, 9));
        for number in 10..14 {
            executor.apply(&deposit_op(number)).unwrap();
        }
        let fill = crossing(&mut executor, Side::Buy);
        executor.apply(&fill).unwrap();
        let (state, trace) = finish(executor);
        (state.root(), trace.usage()["flat_accounts"], trace.accounts())
    };
    let root = run(0).0;
    for flat in 0..6 {
        // Four users, of whom two trade, and the fees' account.
        assert_eq!(run(flat), (root, flat.min(3), 5));
    }
}
