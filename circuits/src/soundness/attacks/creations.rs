//! Creations of accounts: rules 9 and 12 of the review, where the native half has no such op.

use ark_bn254::Fr;

use super::bench::{Bench, advice, cohere, rich_and_poor};
use super::corpus::{Forgery, SeededBug, by_bus, by_checks, check};
use super::leverage::{two_accounts, with_item};
use super::weaken::Weak;
use crate::batch::shape::Shape;
use crate::executor::tests::{begin, deposit, genesis, key, signed};
use crate::margin::Header;
use crate::ops::{Deposit, Item, Op, TransferItem};
use crate::params::TOUCHES_PER_ROW;
use crate::soundness::batches::finish;
use crate::soundness::fixture::flat;
use crate::soundness::kinds;
use crate::state::tags::BIRTH;
use crate::state::{AccountId, Mode, PublicKey};

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "an account born with the id of a pool to come",
        rule: 12,
        weak: &[Weak::NoRange(kinds::CROSS_ACCOUNT, "account.fresh")],
        noticed: by_bus(&["range"]),
        attack: || created_in_place_of(3),
    },
    SeededBug {
        name: "an account born with the id of nobody",
        rule: 12,
        weak: &[Weak::NoRange(kinds::CROSS_ACCOUNT, "account.fresh")],
        noticed: by_bus(&["range"]),
        attack: || created_in_place_of(0),
    },
    SeededBug {
        name: "an account born of no op",
        rule: 12,
        weak: &[Weak::NoTuples(BIRTH)],
        noticed: by_bus(&["birth"]),
        attack: created_by_no_op,
    },
    SeededBug {
        name: "an account opened before its birth",
        rule: 12,
        weak: &[Weak::NoComponent(BIRTH, 1)],
        noticed: by_bus(&["birth"]),
        attack: opened_before_its_creation,
    },
    SeededBug {
        name: "a pool's deposit in a new account of nobody",
        rule: 12,
        weak: &[Weak::Without(kinds::DEPOSIT, "CURVE-1"), Weak::Without(kinds::DEPOSIT, "CURVE-2")],
        noticed: by_checks(&["CURVE-1 of deposit", "CURVE-2 of deposit"]),
        attack: created_for_nobody,
    },
    SeededBug {
        name: "a named recipient born with another key",
        rule: 12,
        weak: &[Weak::Without(kinds::TRANSFER, "TRF-7")],
        noticed: by_checks(&["TRF-7 of transfer"]),
        attack: named_recipient_of_another_key,
    },
    SeededBug {
        name: "an unnamed transfer to an account that is there",
        rule: 12,
        weak: &[Weak::Without(kinds::TRANSFER, "TRF-7")],
        noticed: by_checks(&["TRF-7 of transfer"]),
        attack: unnamed_to_an_old_account,
    },
    SeededBug {
        name: "headers exchanged at the opening, by times beyond an address",
        rule: 9,
        weak: &[Weak::Without(kinds::CROSS_ACCOUNT, "ACC-12")],
        noticed: by_checks(&["ACC-12 of cross account"]),
        attack: headers_exchanged_at_the_opening,
    },
];

#[test]
fn every_bug_of_creations_is_caught() {
    check(BUGS);
}

/// A batch in which a deposit creates an account of this id.
fn created_as(id: AccountId) -> Bench {
    let mut state = genesis(1);
    state.next_account = id;
    Bench::after(state, |executor| assert_eq!(deposit(executor, 10, 1_000), id))
}

/// Ids below 600 have a meaning: pools of markets to come, and 0, which names no account. The honest
/// batch creates the first user's account.
fn created_in_place_of(id: AccountId) -> Forgery {
    let bench = created_as(600);
    let low = created_as(id);
    let mut inputs = low.inputs();
    // A row of id 0 is padding unless the prover says otherwise.
    let enabled = [advice(kinds::CROSS_ACCOUNT, 0, "account.enable", |_| Fr::from(1u64))];
    cohere(&low.circuit, &mut inputs, &enabled);
    Forgery::new(bench, inputs, enabled)
}

/// What somebody paid in for the pool of market 1 is credited to a new account of that market, which nobody signs for.
fn created_for_nobody() -> Forgery {
    let bench = Bench::tiny(|executor| {
        let (owner, mode) = (key(10).public_key(), Mode::Isolated(1));
        executor.apply(&Op::Deposit(Deposit { account: 0, owner, mode, amount: 700 })).unwrap();
    });
    let mut inputs = bench.inputs();
    inputs.deposits[0].owner = PublicKey::NOBODY;
    inputs.isolated[0].owner = PublicKey::NOBODY;
    Forgery::coherent(bench, inputs, [])
}

/// An account with a leaf beside the batch's ops.
fn created_by_no_op() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.deposits[1].creates = false;
    Forgery::new(bench, inputs, [])
}

/// Nor is an account created twice.
#[test]
pub fn an_account_created_twice() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    (inputs.cross[1].fresh, inputs.cross[1].opened_at) = (false, 0);
    bench.verdict(&inputs, &[]).unbalances("birth");
}

/// A new account opens when the op says that creates it: not sooner, so that nothing touches it
/// before.
fn opened_before_its_creation() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    assert_eq!(inputs.cross[1].opened_at, 2 * TOUCHES_PER_ROW);
    inputs.cross[1].opened_at = TOUCHES_PER_ROW;
    inputs.cross[1].close.nonce_touch = TOUCHES_PER_ROW;
    inputs.deposits[1].header_at = TOUCHES_PER_ROW;
    Forgery::new(bench, inputs, [])
}

/// A signed transfer names an account that is not there: it is created with a key of the operator's, who
/// takes the money.
fn named_recipient_of_another_key() -> Forgery {
    let bench = Bench::tiny(|executor| {
        let from = deposit(executor, 10, 1_000_000_000);
        let to = deposit(executor, 11, 5);
        let transfer = Item::Transfer(TransferItem { to, amount: 700, mode: Mode::Cross });
        let op = signed(executor, 10, from, vec![transfer]);
        executor.apply(&op).unwrap();
    });
    let mut inputs = bench.inputs();
    // The deposit that created it is not there; the transfer stands in for it.
    inputs.deposits.pop();
    inputs.statement.deposits_after -= 1;
    let transfer = &mut inputs.transfers[0];
    let created_at = TOUCHES_PER_ROW * transfer.sequence;
    (transfer.creates, transfer.to_header, transfer.to_at) = (true, flat(0), created_at);
    let account = &mut inputs.cross[1];
    (account.owner, account.opened_at) = (key(99).public_key(), created_at);
    (account.close.collateral, account.close.nonce_touch) = (700, created_at);
    Forgery::coherent(bench, inputs, [])
}

/// A signed transfer names nobody: the operator gives it to an account of the owner's key that is there. Somebody may
/// have changed its key to that, after he had filled it with orders and debts.
fn unnamed_to_an_old_account() -> Forgery {
    let bench = Bench::after(two_accounts([10, 10]), |executor| {
        let transfer = Item::Transfer(TransferItem { to: 601, amount: 700, mode: Mode::Cross });
        let op = signed(executor, 10, 600, vec![transfer]);
        executor.apply(&op).unwrap();
    });
    let unnamed = Item::Transfer(TransferItem { to: 0, amount: 700, mode: Mode::Cross });
    let mut inputs = bench.inputs_of(&with_item(&bench.trace, 0, unnamed));
    inputs.transfers[0].named = 0;
    Forgery::coherent(bench, inputs, [])
}

/// Two old accounts open each other's cells: a poor one spends a rich one's money.
fn headers_exchanged_at_the_opening() -> Forgery {
    let shape = Shape::named("tiny").unwrap();
    let mut executor = begin(genesis(1), shape.capacities);
    let (rich, poor) = (deposit(&mut executor, 10, 1_000_000_000), deposit(&mut executor, 11, 5));
    let bench = Bench::after(finish(executor).0, |executor| {
        let transfer = Item::Transfer(TransferItem { to: poor, amount: 1, mode: Mode::Cross });
        let op = signed(executor, 10, rich, vec![transfer]);
        executor.apply(&op).unwrap();
    });
    let mut inputs = bench.inputs();
    let (from, to): (Header, Header) = (inputs.transfers[0].from_header, inputs.transfers[0].to_header);
    (inputs.transfers[0].from_header, inputs.transfers[0].to_header) = (to, from);
    inputs.cross[0].close.collateral = 5 - 1;
    inputs.cross[1].close.collateral = 1_000_000_000 + 1;
    let next = Fr::from(1u64 << crate::gadgets::memory::ADDRESS_SHIFT);
    let forged = [
        advice(kinds::CROSS_ACCOUNT, 0, "account.opened_at", move |_| next),
        advice(kinds::CROSS_ACCOUNT, 1, "account.opened_at", move |_| -next),
    ];
    Forgery::coherent(bench, inputs, forged)
}
