//! The set leverage row against the native half, and against forged advice. Refusals: the reject vectors.

use ark_bn254::Fr;

use super::apply;
use super::circuit::{SetLeverage, SetLeverageRecord, set_leverage};
use crate::gadgets::row::{Padded, Template};
use crate::ops::Item;
use crate::reject::Reject;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::forge::{Forger, refusal};
use crate::state::tags::{AMEND, ITEM};

fn honest() -> SetLeverageRecord {
    SetLeverageRecord { single_cancel: false, account: 601, limit: 200_000 }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<SetLeverageRecord>> {
    let limits = [0, 1_000_000, 1_000_001].map(|limit| SetLeverageRecord { limit, ..honest() });
    [honest()].into_iter().chain(limits).map(Padded::enabled).collect()
}

fn agree(input: &SetLeverageRecord) -> Option<Reject> {
    let SetLeverageRecord { single_cancel, limit, .. } = *input;
    agree::both_halves::<SetLeverage, _>(
        input,
        || apply(limit, None),
        set_leverage,
        |after| {
            let mark = u64::from(single_cancel) << 40;
            Outcome::default()
                .receives(ITEM, [Item::SetLeverage(limit).word(), Fr::from(601 + mark)])
                .sends(AMEND, [Fr::from(601u64), Fr::from(*after)])
        },
    )
}

#[test]
pub(crate) fn agrees_on_limits() {
    for limit in [0, 1, 200_000, 999_999, 1_000_000] {
        assert_eq!(agree(&SetLeverageRecord { limit, ..honest() }), None, "{limit}");
    }
}

#[test]
fn the_signer_is_the_account_that_is_amended() {
    for single_cancel in [true, false] {
        assert_eq!(agree(&SetLeverageRecord { single_cancel, ..honest() }), None);
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
    agree::padding_is_inert::<SetLeverage>();
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<SetLeverage>(13).constraints.len(), 10);
}
