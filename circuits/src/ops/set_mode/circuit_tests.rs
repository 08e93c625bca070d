//! The set mode row against the native half, and against forged advice. Refusals: the reject vectors.

use ark_bn254::Fr;

use super::circuit::{SetMode, SetModeRecord, set_mode};
use super::{Standing, apply};
use crate::gadgets::row::{Padded, Template};
use crate::ops::Item;
use crate::reject::Reject;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::forge::Forger;
use crate::state::Mode;
use crate::state::tags::{ITEM, LISTED, MODE};

fn honest() -> SetModeRecord {
    SetModeRecord { single_cancel: false, account: 601, mode_market: 9, min_lots: 10 }
}

fn to_cross() -> SetModeRecord {
    SetModeRecord { mode_market: 0, min_lots: 0, ..honest() }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<SetModeRecord>> {
    let reserved = SetModeRecord { account: 599, ..honest() };
    let lane = SetModeRecord { single_cancel: true, account: 600, ..honest() };
    [honest(), to_cross(), lane, reserved].map(Padded::enabled).into()
}

fn agree(input: &SetModeRecord) -> Option<Reject> {
    let SetModeRecord { single_cancel, account, mode_market, min_lots } = *input;
    let mode = Mode::from_market(mode_market);
    let opened = if mode == Mode::Cross { Mode::Isolated(3) } else { Mode::Cross };
    let standing = Standing { account, mode: opened, used_slots: 0, changed: None };
    agree::both_halves::<SetMode, _>(
        input,
        || apply(mode, &standing),
        set_mode,
        |after| {
            let mark = u64::from(single_cancel) << 40;
            let outcome = Outcome::default()
                .receives(ITEM, [Item::SetMode(mode).word(), Fr::from(account + mark)])
                .sends(MODE, [Fr::from(account), Fr::from(after.market())]);
            match mode {
                Mode::Cross => outcome,
                Mode::Isolated(market) => outcome.receives(LISTED, [market.into(), min_lots].map(Fr::from)),
            }
        },
    )
}

#[test]
pub(crate) fn agrees_on_accounts_and_modes() {
    for mode_market in [0, 1, 9, 511] {
        for account in [600, 601, (1 << 36) - 1] {
            let min_lots = u32::from(mode_market != 0);
            let input = SetModeRecord { account, mode_market, min_lots, ..honest() };
            assert_eq!(agree(&input), None, "{input:?}");
        }
        for account in [1, 2, 599] {
            let input = SetModeRecord { account, mode_market, ..honest() };
            assert_eq!(agree(&input), Some(Reject::ReservedAccount), "{input:?}");
        }
    }
}

#[test]
fn the_signer_is_the_account_that_changes() {
    for single_cancel in [true, false] {
        assert_eq!(agree(&SetModeRecord { single_cancel, ..honest() }), None);
    }
}

#[test]
fn every_hint_is_pinned() {
    assert_eq!(Forger::<SetMode>::new(&honest()).every_hint_is_pinned(&[]), [""; 0]);
    // For cross nothing is looked up, and no inverse of 0 is needed.
    let harmless = Forger::<SetMode>::new(&to_cross()).every_hint_is_pinned(&[]);
    assert!(
        harmless.iter().all(|name| ["is_zero.inverse", "set_mode.min_lots"].contains(name)),
        "{harmless:?}"
    );
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<SetMode>();
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<SetMode>(13).constraints.len(), 15);
}
