//! Accounts without positions that change their mode.

use super::flat::flat;
use super::*;
use crate::gadgets::hash::poseidon;
use crate::soundness::forge::Forger;
use crate::soundness::leaf_forge::old_leaf;
use crate::state::account::{ACCOUNT_WORD, empty_block};

fn moved(from: Mode, to: Mode) -> (AccountRow, Padded<ModeChangeRecord>) {
    let old = Account { mode: from, ..flat().old };
    let mut row = record(601, old, &[], &[]);
    row.new.mode = to;
    row.new_leaf = row.new.leaf();
    let Padded { enabled, record: account } = input(&row);
    (row, Padded { enabled, record: ModeChangeRecord { account, new_mode: to } })
}

fn both_ways() -> [(AccountRow, Padded<ModeChangeRecord>); 2] {
    [moved(Mode::Cross, Mode::Isolated(4)), moved(Mode::Isolated(511), Mode::Cross)]
}

pub(super) fn rows() -> Vec<Padded<ModeChangeRecord>> {
    let mut all: Vec<_> = both_ways().into_iter().map(|(_, input)| input).collect();
    let mut amended = all[0];
    (amended.account.amended, amended.account.rekeyed) = (Some(123_456), Some(GENERATOR.add(&GENERATOR)));
    all.push(amended);
    all
}

#[test]
fn a_mode_change_agrees_with_native_both_ways() {
    for (row, input) in both_ways() {
        agrees::<ModeChange>(&row, &input);
        let mode = Fr::from(row.new.mode.market());
        assert_eq!(tuples(&run::<ModeChange>(&input), MODE), [[Fr::from(row.id), mode]]);
    }
}

#[test]
fn a_mode_change_takes_a_new_limit_and_a_new_key() {
    for (mut row, mut input) in both_ways() {
        let (limit, key) = (123_456, GENERATOR.add(&GENERATOR));
        (row.new.leverage_limit, row.new.owner, row.new.orders_from) = (limit, key, NEXT_ORDER);
        row.new_leaf = row.new.leaf();
        (input.account.amended, input.account.rekeyed) = (Some(limit), Some(key));
        agrees::<ModeChange>(&row, &input);
        assert_eq!(every_hint_is_pinned::<ModeChange>(SHARED, &input, &[]), [""; 0]);
    }
}

#[test]
fn every_hint_of_a_mode_change_is_pinned() {
    for (_, input) in both_ways() {
        assert_eq!(every_hint_is_pinned::<ModeChange>(SHARED, &input, &[]), [""; 0]);
    }
}

/// The market is not 0, so exactly one of the two modes is.
#[test]
fn a_mode_change_opens_no_leaf_whose_tag_and_mode_disagree() {
    let one = Fr::from(1u64);
    let unit = power_of_two(ACCOUNT_WORD.shift_of("mode"));
    let PublicKey { x, y } = GENERATOR;
    for (row, input) in both_ways() {
        let word = row.old.word();
        let forger = Forger::<ModeChange>::new(&input).in_block(SHARED, 5, &[]);
        // Market 0: an isolated leaf of mode 0 would be the old one, or the new one.
        let forged = forger.run(&|name, _, v| if name == "mode.market" { Fr::zero() } else { v });
        assert_eq!(forged.violations, ["MODE-1"]);
        if row.old.mode != Mode::Cross {
            let none = word - unit * Fr::from(row.old.mode.market());
            let sought = poseidon(&[Fr::from(tag::ISOLATED), x, y, none, Fr::zero()]);
            assert_eq!(old_leaf(&forged), sought);
            continue;
        }
        // A cross leaf with a mode: only with a limit that is too wide.
        let blocks = [empty_block(), empty_block()];
        let sought = poseidon(&[Fr::from(tag::CROSS), x, y, word + unit, blocks[0], blocks[1]]);
        let wide = power_of_two(FRACTION_BITS);
        let forged = forger.run(&|name, _, v| if name == "account.leverage_limit" { v + wide } else { v });
        assert_eq!((old_leaf(&forged), refusal(&forged, 13)), (sought, Some("RANGE")));
        // A selector between the two leaves is none.
        let forged = forger.run(&|name, _, v| if name == "mode.was_isolated" { one + one } else { v });
        assert!(!forged.violations.is_empty());
    }
}

#[test]
fn an_account_with_a_position_changes_no_mode() {
    let (row, input) = moved(Mode::Isolated(4), Mode::Cross);
    let mut with = row.old.clone();
    with.slots[0] = Some(position(4, 1));
    assert_ne!(old_leaf(&run::<ModeChange>(&input)), with.leaf());
}

#[test]
fn cost_of_a_mode_change_is_pinned() {
    assert_eq!(Template::compile::<ModeChange>(13).constraints.len(), 774);
}
