//! Cross accounts in rows without slots.

use super::*;
use crate::soundness::forge::Forger;
use crate::state::account::{block_hash, empty_block};
use crate::state::tags::{AMEND, REKEY};

pub(super) fn flat() -> AccountRow {
    let mut old = Account::empty(GENERATOR, Mode::Cross);
    (old.collateral, old.order_nonce, old.cancel_nonce, old.leverage_limit) = (-5_000_000, 41, 9, 50_003);
    old.liq_since = 77;
    record(601, old, &[], &[])
}

pub(super) fn created() -> AccountRow {
    let mut row = record(900, Account::empty(GENERATOR, Mode::Cross), &[], &[]);
    (row.created_at, row.old_leaf) = (Some(40), Fr::zero());
    row
}

pub(super) fn rows() -> Vec<Padded<AccountRecord<0>>> {
    let mut all: Vec<_> = [flat(), created()].iter().map(input).collect();
    let mut amended = all[0];
    (amended.amended, amended.rekeyed) = (Some(123_456), Some(GENERATOR.add(&GENERATOR)));
    all.push(amended);
    all
}

#[test]
fn flat_agrees_with_native_as_the_row_with_slots_does() {
    assert_eq!(empty_block(), block_hash(&[Fr::ZERO; SLOTS_PER_BLOCK]));
    for row in [flat(), created()] {
        agrees::<FlatAccount>(&row, &input(&row));
        agrees::<CrossAccount>(&row, &input(&row));
        let (without, with) = (run::<FlatAccount>(&input(&row)), run::<CrossAccount>(&input(&row)));
        for tag in [HEADER, NONCE, BIRTH, KEY] {
            assert_eq!(tuples(&without, tag), tuples(&with, tag), "{}", tag.name);
        }
        assert_eq!(without.published, with.published);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn flat_agrees_on_any_account(
        collateral in (i64::MIN + 7)..i64::MAX, nonces in [0u64..1 << 39, 0u64..1 << 39],
        limit in 0u32..1 << 20, liq_since in 0u64..1 << 36, id in 1u64..1 << 36,
    ) {
        let mut old = Account::empty(GENERATOR, Mode::Cross);
        (old.collateral, old.order_nonce, old.cancel_nonce) = (collateral, nonces[0], nonces[1]);
        (old.leverage_limit, old.liq_since) = (limit, liq_since);
        let row = record(id, old, &[], &[]);
        agrees::<FlatAccount>(&row, &input(&row));
    }
}

#[test]
fn a_flat_row_opens_no_position_and_publishes_none() {
    let row = run::<FlatAccount>(&input(&flat()));
    for tag in [POSITION, RISK, CHANGED, DISTINCT] {
        assert!(row.interactions.iter().all(|i| i.tag != tag), "{}", tag.name);
    }
}

#[test]
fn a_new_flat_account_has_nothing() {
    let honest: Padded<AccountRecord<0>> = input(&created());
    assert_eq!(tuples(&run::<FlatAccount>(&honest), BIRTH), [[Fr::from(900u64), Fr::from(40u64)]]);
    let spoils: [fn(&mut AccountRecord<0>); 5] = [
        |i| i.collateral = 1,
        |i| i.order_nonce = 1,
        |i| i.cancel_nonce = 1,
        |i| i.liq_since = 1,
        |i| i.leverage_limit = 1,
    ];
    for spoil in spoils {
        let mut forged = honest;
        spoil(&mut forged);
        assert_eq!(run::<FlatAccount>(&forged).violations, ["ACC-3"]);
    }
}

#[test]
fn a_flat_row_takes_a_new_limit_and_a_new_key() {
    let (limit, key) = (123_456, GENERATOR.add(&GENERATOR));
    let mut row = flat();
    (row.new.leverage_limit, row.new.owner, row.new.orders_from) = (limit, key, NEXT_ORDER);
    row.new_leaf = row.new.leaf();
    let mut input: Padded<AccountRecord<0>> = input(&row);
    (input.amended, input.rekeyed) = (Some(limit), Some(key));
    agrees::<FlatAccount>(&row, &input);
    let (ran, id) = (run::<FlatAccount>(&input), Fr::from(row.id));
    assert_eq!(tuples(&ran, AMEND), [[id, Fr::from(limit)]]);
    assert_eq!(tuples(&ran, REKEY), [[id, key.x, key.y]]);
    assert_eq!(every_hint_is_pinned::<FlatAccount>(SHARED, &input, &[]), [""; 0]);
    // In padding there is nothing to take.
    let padding = Padded::disabled(FlatAccount::dummy());
    let forger = Forger::<FlatAccount>::new(&padding).in_block(SHARED, 5, &[]);
    for hint in ["account.fresh", "account.amended", "account.rekeyed"] {
        let forged = forger.run(&|name, _, v| if name == hint { Fr::from(1u64) } else { v });
        assert!(forged.violations.contains(&"ACC-11"), "{hint}");
    }
}

#[test]
fn every_hint_of_a_flat_account_is_pinned() {
    for row in [flat(), created()] {
        let input: Padded<AccountRecord<0>> = input(&row);
        // The op that creates a new account looks its key up.
        let free: &[&str] = if row.created_at.is_some() { &["owner"] } else { &[] };
        assert_eq!(every_hint_is_pinned::<FlatAccount>(SHARED, &input, free), [""; 0]);
    }
}

#[test]
fn an_account_with_a_position_has_another_leaf() {
    let with = cross();
    let forged: Padded<AccountRecord<0>> = input(&with);
    let row = run::<FlatAccount>(&forged);
    assert_eq!(refusal(&row, 13), None, "the row itself cannot know");
    assert_ne!(leaf_tuple(&row)[1], with.old_leaf);
    let mut flat = with.old;
    flat.slots = [None; SLOTS];
    assert_eq!(leaf_tuple(&row)[1], flat.leaf());
}

#[test]
fn keys_of_padding_rows_are_no_ids_and_differ_from_kind_to_kind() {
    let most = 1u64 << 12;
    let bits = [kind(SLOTS), kind(1), kind(0), super::mode_change::KIND].map(|kind| kind.padding_key_bits);
    let ranges = bits.map(|bits| (1u64 << bits, (1u64 << bits) + most));
    assert!(ranges.iter().all(|(first, _)| *first >= 1 << ACCOUNT_BITS));
    assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0));
}

#[test]
fn cost_is_pinned() {
    assert_eq!(Template::compile::<FlatAccount>(13).constraints.len(), 795);
}
