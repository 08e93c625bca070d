//! The set leverage row against the native half, and against forged advice.

use ark_bn254::Fr;
use ark_ff::Zero;

use super::apply;
use super::circuit::{SetLeverage, SetLeverageRecord, set_leverage};
use crate::gadgets::cs::{Cs, Direction, Shared};
use crate::gadgets::row::{Padded, RowWitness, Template};
use crate::ops::Item;
use crate::reject::Reject;
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::tuples;
use crate::state::tags::{AMEND, ITEM};

const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };

fn honest() -> SetLeverageRecord {
    SetLeverageRecord { single_cancel: false, account: 601, limit: 200_000 }
}

fn run(record: SetLeverageRecord) -> (Option<Reject>, RowWitness) {
    let mut cs = Cs::witness(SHARED, 0, &[]);
    let failed = set_leverage(&mut cs, &Padded::enabled(record)).failed();
    (failed, RowWitness::from_cs(cs))
}

#[test]
fn agrees_on_limits() {
    for limit in [0, 1, 200_000, 999_999, 1_000_000, 1_000_001, (1 << 20) - 1] {
        let native = apply(limit, None).map_err(Reject::from);
        let (failed, row) = run(SetLeverageRecord { limit, ..honest() });
        assert_eq!((failed, refusal(&row, 13).is_some()), (native.err(), native.is_err()), "{limit}");
        assert_eq!(tuples(&row, AMEND, Direction::Send), [[Fr::from(601u64), Fr::from(limit)]]);
    }
}

#[test]
fn the_signer_is_the_account_that_is_amended() {
    for (lane, mark) in [(true, 1u64 << 40), (false, 0)] {
        let (_, row) = run(SetLeverageRecord { single_cancel: lane, ..honest() });
        let item = [Item::SetLeverage(200_000).word(), Fr::from(601 + mark)];
        assert_eq!(tuples(&row, ITEM, Direction::Receive), [item]);
    }
}

#[test]
fn rejects_a_limit_that_borrows_from_the_words_next_field() {
    // 2^20 more fits the whole limbs, not the width.
    let forged = Forger::<SetLeverage>::new(&honest()).run(&|name, _, v| match name {
        "set_leverage.limit" => v + Fr::from(1u64 << 20),
        _ => v,
    });
    assert_eq!(refusal(&forged, 13), Some("RANGE"));
}

#[test]
fn every_hint_is_pinned() {
    assert_eq!(Forger::<SetLeverage>::new(&honest()).every_hint_is_pinned(&[]), [""; 0]);
}

#[test]
fn padding_is_inert() {
    let row = RowWitness::compute::<SetLeverage>(SHARED, 0, &[], &Padded::disabled(honest()));
    assert_eq!(refusal(&row, 13), None);
    let mut flows = row.interactions.iter().filter(|i| [ITEM, AMEND].contains(&i.tag));
    assert!(flows.all(|i| i.multiplicity.is_zero()));
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<SetLeverage>(13).constraints.len(), 11);
}
