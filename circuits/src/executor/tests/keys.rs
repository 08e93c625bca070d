//! An owner's change of key: when it is in force, and when it is refused.

use super::scenarios::{finish, funded};
use super::*;
use crate::ops::{Fill, TransferItem};
use crate::state::PublicKey;

fn change(executor: &mut Executor, number: u8, account: AccountId, keys: &[PublicKey]) -> Option<Reject> {
    let op = signed(executor, number, account, keys.iter().map(|key| Item::ChangeKey(*key)).collect());
    reason(executor.apply(&op))
}

#[test]
fn a_key_signs_from_the_next_batch() {
    let mut executor = funded(1);
    let new = key(20).public_key();
    assert_eq!(change(&mut executor, 10, 600, &[new]), None);
    // In this batch the old key signs, and is the account's for deposits and transfers.
    let withdraw = |executor: &Executor, number| {
        let item = crate::ops::WithdrawItem { amount: 5, recipient: [3; 20] };
        signed(executor, number, 600, vec![Item::Withdraw(item)])
    };
    let op = withdraw(&executor, 20);
    assert_eq!(reason(executor.apply(&op)), Some(Reject::BadSignature));
    let op = withdraw(&executor, 10);
    executor.apply(&op).unwrap();
    let credit = |owner| Op::Deposit(Deposit { account: 600, owner, mode: Mode::Cross, amount: 5 });
    assert_eq!(reason(executor.apply(&credit(new))), Some(Reject::OwnerMismatch));
    executor.apply(&credit(key(10).public_key())).unwrap();
    let (state, _) = finish(executor);
    assert_eq!(state.account(600).unwrap().owner, new);
    let mut executor = begin(state, Capacities::UNLIMITED);
    let op = withdraw(&executor, 10);
    assert_eq!(reason(executor.apply(&op)), Some(Reject::BadSignature));
    let op = withdraw(&executor, 20);
    executor.apply(&op).unwrap();
    assert_eq!(reason(executor.apply(&credit(key(10).public_key()))), Some(Reject::OwnerMismatch));
    // A deposit by the new key is for an account that never had another.
    assert_eq!(reason(executor.apply(&credit(new))), Some(Reject::RekeyedAccount));
    let new_account = Deposit { account: 0, owner: new, mode: Mode::Cross, amount: 5 };
    assert_eq!(executor.apply(&Op::Deposit(new_account)), Ok(Applied::Deposit { account: 602 }));
    let (state, _) = finish(executor);
    assert_eq!([600, 602].map(|id| state.account(id).unwrap().orders_from != 0), [true, false]);
}

/// Also back to the key that it had, the account takes no deposit by it.
#[test]
fn an_account_that_had_another_key_stays_so() {
    let mut executor = funded(1);
    for (signer, new) in [(10, 20), (20, 10)] {
        assert_eq!(change(&mut executor, signer, 600, &[key(new).public_key()]), None);
        executor = begin(finish(executor).0, Capacities::UNLIMITED);
    }
    let owner = key(10).public_key();
    assert_eq!(executor.account(600).unwrap().owner, owner);
    let credit = Op::Deposit(Deposit { account: 600, owner, mode: Mode::Cross, amount: 5 });
    assert_eq!(reason(executor.apply(&credit)), Some(Reject::RekeyedAccount));
    let item = crate::ops::WithdrawItem { amount: 5, recipient: [3; 20] };
    let op = signed(&executor, 10, 600, vec![Item::Withdraw(item)]);
    executor.apply(&op).unwrap();
    assert_ne!(finish(executor).0.account(600).unwrap().orders_from, 0);
}

/// Who had the old key may have left orders: none of them fills after the change, those of its batch included.
#[test]
fn orders_of_the_old_key_are_void() {
    let mut executor = funded(1);
    let sell = OrderItem { side: Side::Sell, ..item(1, Side::Sell, 100, 20) };
    let before = place(&mut executor, 10, 600, sell);
    let taker = place(&mut executor, 11, 601, item(1, Side::Buy, 100, 30));
    let mut executor = begin(finish(executor).0, Capacities::UNLIMITED);
    assert_eq!(change(&mut executor, 10, 600, &[key(20).public_key()]), None);
    let within = place(&mut executor, 10, 600, sell);
    // The old key's batch is not over.
    executor.apply(&Op::Fill(Fill { taker, maker: before, lots: 5 })).unwrap();
    let (state, _) = finish(executor);
    assert_eq!(state.account(600).unwrap().orders_from, within + 1);
    let mut executor = begin(state, Capacities::UNLIMITED);
    for maker in [before, within] {
        let fill = Op::Fill(Fill { taker, maker, lots: 5 });
        assert_eq!(reason(executor.apply(&fill)), Some(Reject::OrderVoid));
    }
    // The new key cancels them, and its own orders fill.
    let op = signed(&executor, 20, 600, vec![Item::Cancel(before), Item::Cancel(within)]);
    executor.apply(&op).unwrap();
    let own = place(&mut executor, 20, 600, sell);
    executor.apply(&Op::Fill(Fill { taker, maker: own, lots: 5 })).unwrap();
    finish(executor);
}

/// What is created in the batch of the change has the key that signed.
#[test]
fn an_unnamed_transfer_of_the_batch_creates_an_account_of_the_old_key() {
    let mut executor = funded(1);
    let transfer = TransferItem { to: 0, amount: 7, mode: Mode::Isolated(1) };
    let items = vec![Item::ChangeKey(key(20).public_key()), Item::Transfer(transfer)];
    let op = signed(&executor, 10, 600, items);
    executor.apply(&op).unwrap();
    let (state, _) = finish(executor);
    assert_eq!(state.account(600).unwrap().owner, key(20).public_key());
    assert_eq!(state.account(602).unwrap().owner, key(10).public_key());
}

#[test]
fn a_new_account_may_change_its_key_and_its_mode() {
    let mut executor = begin(genesis(1), Capacities::UNLIMITED);
    let account = deposit(&mut executor, 10, 1_000);
    let new = key(20).public_key();
    let items = vec![Item::ChangeKey(new), Item::SetMode(Mode::Isolated(1)), Item::SetLeverage(7)];
    let op = signed(&executor, 10, account, items);
    executor.apply(&op).unwrap();
    let (state, _) = finish(executor);
    let account = state.account(account).unwrap();
    assert_eq!((account.owner, account.mode, account.leverage_limit), (new, Mode::Isolated(1), 7));
}

#[test]
fn a_key_is_set_once_by_its_owner() {
    let mut executor = funded(1);
    let [new, other] = [20, 21].map(|number| key(number).public_key());
    let off = PublicKey { x: new.y, ..new };
    for invalid in [off, PublicKey::IDENTITY] {
        assert_eq!(change(&mut executor, 10, 600, &[invalid]), Some(Reject::InvalidOwner));
    }
    assert_eq!(change(&mut executor, 20, 600, &[new]), Some(Reject::BadSignature));
    // An action that is refused leaves nothing behind.
    assert_eq!(change(&mut executor, 10, 600, &[new, other]), Some(Reject::KeyTwice));
    assert_eq!(change(&mut executor, 10, 600, &[other]), None);
    assert_eq!(change(&mut executor, 10, 600, &[new]), Some(Reject::KeyTwice));
    assert_eq!(change(&mut executor, 11, 601, &[other]), None, "two accounts may have one key");
    let (state, _) = finish(executor);
    assert_eq!([600, 601].map(|id| state.account(id).unwrap().owner), [other, other]);
}

#[test]
fn the_capacity_of_keys_is_the_shapes() {
    let mut executor = begin(genesis(1), Capacities::UNLIMITED.with("rekeys", 1));
    for number in [10, 11] {
        deposit(&mut executor, number, 1_000);
    }
    let new = key(20).public_key();
    assert_eq!(change(&mut executor, 10, 600, &[new]), None);
    let op = signed(&executor, 11, 601, vec![Item::ChangeKey(new)]);
    let overflow = Overflow { what: "rekeys", needed: 2, capacity: 1 };
    assert_eq!(executor.apply(&op), Err(ApplyError::Overflow(overflow)));
}
