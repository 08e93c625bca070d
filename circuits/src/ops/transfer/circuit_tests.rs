//! The transfer row against the native half, and against forged advice.

use ark_bn254::Fr;

use super::apply;
use super::circuit::{Transfer, TransferRecord, transfer};
use crate::gadgets::row::{Padded, Template};
use crate::gadgets::var::power_of_two;
use crate::margin::Header;
use crate::ops::{Item, TransferItem};
use crate::reject::Reject;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::fixture::{flat, owner};
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::{header_tuple, owner_tuple};
use crate::state::Mode;
use crate::state::tags::{BIRTH, HEADER, ITEM, KEY};

fn named() -> TransferRecord {
    TransferRecord {
        sequence: 4,
        single_cancel: true,
        from: 600,
        named: 601,
        to: 601,
        mode_market: 0,
        amount: 5,
        creates: false,
        from_owner: owner(3),
        from_orders: 9,
        from_header: flat(9),
        from_at: 3,
        to_header: flat(-8),
        to_at: 0,
    }
}

/// A transfer to a new isolated account of the sender's owner.
fn unnamed() -> TransferRecord {
    let to_header = Header { mode: Mode::Isolated(7), ..flat(0) };
    TransferRecord { named: 0, to: 650, mode_market: 7, to_header, creates: true, to_at: 64, ..named() }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<TransferRecord>> {
    let oneself = TransferRecord { named: 600, to: 600, ..named() };
    let other = TransferRecord { to: 602, ..named() };
    let mode = TransferRecord { mode_market: 8, ..unnamed() };
    let amounts = [0, 10].map(|amount| TransferRecord { amount, ..named() });
    // Collateral that only unrealised profit covers, and a requirement that is not covered.
    let profit = Header { entry: -100, value: 1_000 << 32, ..flat(9) };
    let required = Header { initial: 1_000_000i128 << 40, ..flat(9) };
    let headers = [profit, required].map(|from_header| TransferRecord { from_header, ..named() });
    let all = [named(), unnamed(), oneself, other, mode];
    all.into_iter().chain(amounts).chain(headers).map(Padded::enabled).collect()
}

fn agree(input: &TransferRecord) -> Option<Reject> {
    let mode = Mode::from_market(input.mode_market);
    let item = TransferItem { to: input.named, amount: input.amount, mode };
    let native = || apply(&item, &input.from_header, &input.to_header);
    agree::both_halves::<Transfer, _>(input, native, transfer, |(from, to)| {
        let mark = u64::from(input.single_cancel) << 40;
        let element =
            Fr::from(600 + (u128::from(input.to) << 36)) + Fr::from(input.amount) * power_of_two(72);
        let element = element + Fr::from(input.creates) * power_of_two(136);
        let to_at = input.to_at.into();
        let mut outcome = Outcome::default()
            .receives(ITEM, [Item::Transfer(item).word(), Fr::from(600 + mark)])
            .touches(HEADER, header_tuple(600, 3, &input.from_header), header_tuple(600, 64, from))
            .touches(HEADER, header_tuple(input.to, to_at, &input.to_header), header_tuple(input.to, 65, to))
            .publishes(element);
        // A named recipient may be any account.
        let new = [(600, input.from_orders), (input.to, 0)];
        for (account, orders_from) in new.into_iter().filter(|_| input.named == 0) {
            outcome = outcome.receives(KEY, owner_tuple(account, &input.from_owner, orders_from));
        }
        if input.creates {
            outcome = outcome.sends(BIRTH, [input.to, 64].map(Fr::from)).selects_under("TRF-7");
        }
        outcome
    })
}

#[test]
pub(crate) fn agrees_at_every_bound() {
    for base in [named(), unnamed()] {
        for (amount, expected) in [
            (0, Some(Reject::AmountRange)),
            (1, None),
            (9, None),
            (10, Some(Reject::UnrealisedProfit)),
            ((1 << 63) - 1, Some(Reject::UnrealisedProfit)),
            (1 << 63, Some(Reject::AmountRange)),
            (u64::MAX, Some(Reject::AmountRange)),
        ] {
            assert_eq!(agree(&TransferRecord { amount, ..base.clone() }), expected);
        }
        for (collateral, expected) in [(i64::MAX - 5, None), (i64::MAX - 4, Some(Reject::CollateralRange))] {
            let to_header = Header { collateral, ..base.to_header };
            assert_eq!(agree(&TransferRecord { to_header, ..base.clone() }), expected);
        }
    }
}

#[test]
fn rejects_a_transfer_to_oneself() {
    let input = Padded::enabled(TransferRecord { named: 600, to: 600, ..named() });
    let verdict = agree::verdict(|cs| transfer(cs, &input));
    assert_eq!(verdict, (Some(Reject::SelfTransfer), true));
    assert_eq!(refusal(&agree::row::<Transfer>(&input), 13), Some("CHECK-2"));
}

#[test]
fn rejects_another_recipient_than_the_named_one() {
    let row = agree::row::<Transfer>(&TransferRecord { to: 602, ..named() });
    assert_eq!(row.violations, ["TRF-3"]);
}

#[test]
fn an_unnamed_recipient_has_the_senders_key_and_the_signed_mode() {
    assert_eq!(agree(&unnamed()), None);
    assert_eq!(agree(&named()), None);
    for mode_market in [0, 6, 8] {
        let row = agree::row::<Transfer>(&TransferRecord { mode_market, ..unnamed() });
        assert_eq!(row.violations, ["TRF-5"]);
    }
}

#[test]
fn an_unnamed_recipient_and_no_other_is_created() {
    assert_eq!(agree(&unnamed()), None);
    assert_eq!(agree::row::<Transfer>(&Padded::disabled(unnamed())).violations, ["TRF-7"]);
    let old = agree::row::<Transfer>(&TransferRecord { creates: false, ..unnamed() });
    assert_eq!(old.violations, ["TRF-7"]);
    let named = agree::row::<Transfer>(&TransferRecord { creates: true, ..named() });
    assert_eq!(named.violations, ["TRF-7"]);
}

#[test]
fn every_hint_is_pinned() {
    let free = ["memory.row_time"];
    Forger::<Transfer>::new(&unnamed()).every_hint_is_pinned(&free);
    let harmless = Forger::<Transfer>::new(&named()).every_hint_is_pinned(&free);
    // No row looks up keys for a named recipient.
    assert_eq!(harmless, ["transfer.owner", "transfer.orders_from"]);
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<Transfer>();
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Transfer>(13).constraints.len(), 102);
}
