//! Births of accounts: rule 12 of the review, where the native half has no such op.

use ark_bn254::Fr;

use super::bench::{Bench, advice, cohere, rich_and_poor, verdict, without};
use crate::batch::circuit_tests::finish;
use crate::batch::kinds;
use crate::batch::native::tests::{begin, deposit, genesis, key, signed};
use crate::batch::shape::Shape;
use crate::margin::Header;
use crate::ops::fixture::flat;
use crate::ops::{Item, TransferItem};
use crate::state::{AccountId, Mode};

/// A batch in which a deposit brings an account of this id about.
fn born_as(id: AccountId) -> Bench {
    let mut state = genesis(1);
    state.next_account = id;
    Bench::after(state, |executor| assert_eq!(deposit(executor, 10, 1_000), id))
}

/// Ids below 600 have a meaning: pools of markets to come, and 0, which names nobody.
#[test]
pub fn an_account_born_below_the_users_ids() {
    for id in [0, 3, 599] {
        let bench = born_as(id);
        // A row of id 0 is padding unless the prover says otherwise.
        let enabled = [advice(kinds::CROSS_ACCOUNT, 0, "account.enable", |_| Fr::from(1u64))];
        let mut inputs = bench.inputs();
        cohere(&bench.circuit, &mut inputs, &enabled);
        bench.verdict(&inputs, &enabled).only_unbalances(&["range"]);
    }
    let bench = born_as(600);
    assert!(bench.verdict(&bench.inputs(), &[]).accepted());
}

/// An account with a leaf beside the batch's ops: nobody brought it about.
#[test]
pub fn an_account_born_of_no_op() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.deposits[1].births = false;
    bench.verdict(&inputs, &[]).only_unbalances(&["birth"]);
    // Nor is one born twice.
    let mut inputs = bench.inputs();
    (inputs.cross[1].fresh, inputs.cross[1].opened_at) = (false, 0);
    bench.verdict(&inputs, &[]).unbalances("birth");
}

/// A signed transfer names an account that is not there. Without TRF-7 it is born with a key of the
/// operator's, who takes the money.
#[test]
pub fn a_named_recipient_born_with_another_key() {
    let bench = Bench::tiny(|executor| {
        let from = deposit(executor, 10, 1_000_000_000);
        let to = deposit(executor, 11, 5);
        let transfer = Item::Transfer(TransferItem { to, amount: 700, mode: Mode::Cross });
        let op = signed(executor, 10, from, vec![transfer]);
        executor.apply(&op).unwrap();
    });
    let mut inputs = bench.inputs();
    // The deposit that brought it about is not there; the transfer stands in for it.
    inputs.deposits.pop();
    inputs.statement.deposits_after -= 1;
    let transfer = &mut inputs.transfers[0];
    let born_at = 8 * transfer.sequence;
    (transfer.births, transfer.to_header, transfer.to_at) = (true, flat(0), born_at);
    let born = &mut inputs.cross[1];
    (born.owner, born.opened_at) = (key(99).public_key(), born_at);
    (born.close.collateral, born.close.nonce_touch) = (700, born_at);
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_violates(&["TRF-7 of transfer row 0"]);
    let weak = without(&bench.circuit, &[(kinds::TRANSFER, "TRF-7")]);
    assert!(verdict(&weak, &inputs, &[]).accepted());
    // Without the token there is nothing that brings it about.
    inputs.transfers[0].births = false;
    bench.verdict(&inputs, &[]).only_unbalances(&["birth"]);
}

/// A new account opens when the op says that brings it about: not sooner, so that nothing touches it
/// before, and not later.
#[test]
pub fn an_account_opened_at_another_time_than_its_birth() {
    let bench = rich_and_poor();
    for opened_at in [0, 8, 24] {
        let mut inputs = bench.inputs();
        assert_eq!(inputs.cross[1].opened_at, 16);
        inputs.cross[1].opened_at = opened_at;
        inputs.cross[1].close.nonce_touch = opened_at;
        inputs.deposits[1].header_at = opened_at;
        let verdict = bench.verdict(&inputs, &[]);
        verdict.unbalances("birth");
        assert!(!verdict.unbalanced.contains("header"));
    }
}

/// Rule 9: two old accounts open each other's cells. Without ACC-12 a poor one spends a rich one's money.
#[test]
pub fn headers_exchanged_at_the_opening() {
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
    let next = Fr::from(1u64 << crate::bus::ADDRESS_SHIFT);
    let forged = [
        advice(kinds::CROSS_ACCOUNT, 0, "account.opened_at", move |_| next),
        advice(kinds::CROSS_ACCOUNT, 1, "account.opened_at", move |_| -next),
    ];
    cohere(&bench.circuit, &mut inputs, &forged);
    let checks = [0, 1].map(|row| format!("ACC-12 of cross account row {row}"));
    bench.verdict(&inputs, &forged).only_violates(&checks.each_ref().map(String::as_str));
    let weak = without(&bench.circuit, &[(kinds::CROSS_ACCOUNT, "ACC-12")]);
    assert!(verdict(&weak, &inputs, &forged).accepted());
}
