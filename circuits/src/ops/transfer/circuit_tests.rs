//! The transfer row against the native half, and against forged advice.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};

use super::apply;
use super::circuit::{Transfer, TransferRecord, transfer};
use crate::gadgets::cs::{Cs, Direction, Shared};
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::var::power_of_two;
use crate::margin::Header;
use crate::ops::{Item, TransferItem};
use crate::reject::Reject;
use crate::soundness::fixture::{flat, owner};
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::{header_tuple, tuples};
use crate::state::Mode;
use crate::state::tags::{BIRTH, HEADER, ITEM, KEY};

const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };

fn named() -> TransferRecord {
    TransferRecord {
        sequence: 4,
        single_cancel: true,
        from: 600,
        named: 601,
        to: 601,
        mode_market: 0,
        amount: 5,
        births: false,
        from_owner: owner(3),
        from_header: flat(9),
        from_at: 3,
        to_header: flat(-8),
        to_at: 0,
    }
}

/// To an isolated account of the sender's owner, which the operator chose.
fn unnamed() -> TransferRecord {
    let to_header = Header { mode: Mode::Isolated(7), ..flat(0) };
    TransferRecord { named: 0, to: 650, mode_market: 7, to_header, ..named() }
}

fn run(input: &(impl Clone + Into<Padded<TransferRecord>>)) -> (Option<Reject>, RowWitness) {
    let mut cs = Cs::witness(SHARED, 0, &[]);
    let failed = transfer(&mut cs, &input.clone().into()).failed();
    (failed, RowWitness::from_cs(cs))
}

fn agree(input: &TransferRecord) -> Option<Reject> {
    let mode = Mode::from_market(input.mode_market);
    let item = TransferItem { to: input.named, amount: input.amount, mode };
    let native = apply(&item, &input.from_header, &input.to_header).map_err(Reject::from);
    let (failed, row) = run(input);
    assert_eq!((failed, refusal(&row, 13).is_some()), (native.err(), native.is_err()), "{input:?}");
    let Ok((from, to)) = native else { return native.err() };
    let mark = u64::from(input.single_cancel) << 40;
    assert_eq!(tuples(&row, ITEM, Direction::Receive), [[Item::Transfer(item).word(), Fr::from(600 + mark)]]);
    let sent = [header_tuple(600, 64, &from), header_tuple(input.to, 65, &to)];
    assert_eq!(tuples(&row, HEADER, Direction::Send), sent);
    let element = Fr::from(600 + (u128::from(input.to) << 36)) + Fr::from(input.amount) * power_of_two(72);
    assert_eq!(row.published, [element]);
    None
}

#[test]
fn agrees_at_every_bound() {
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
    let (failed, row) = run(&TransferRecord { named: 600, to: 600, ..named() });
    assert_eq!(failed, Some(Reject::SelfTransfer));
    assert_eq!(refusal(&row, 13), Some("CHECK-2"));
}

#[test]
fn rejects_another_recipient_than_the_named_one() {
    assert_eq!(run(&TransferRecord { to: 602, ..named() }).1.violations, ["TRF-3"]);
}

#[test]
fn an_unnamed_recipient_has_the_senders_key_and_the_signed_mode() {
    let (_, row) = run(&unnamed());
    let key = |account: u64| vec![Fr::from(account), owner(3).x, owner(3).y];
    assert_eq!(tuples(&row, KEY, Direction::Receive), [key(600), key(650)]);
    let keys = |row: &RowWitness| {
        row.interactions.iter().filter(|i| i.tag == KEY).all(|i| i.multiplicity == Fr::from(1u64))
    };
    assert!(keys(&row));
    assert!(!keys(&run(&named()).1), "a named recipient may be anybody");
    for mode_market in [0, 6, 8] {
        assert_eq!(run(&TransferRecord { mode_market, ..unnamed() }).1.violations, ["TRF-5"]);
    }
}

#[test]
fn only_an_unnamed_recipient_is_born() {
    let row = run(&TransferRecord { births: true, to_at: 64, ..unnamed() }).1;
    assert_eq!(refusal(&row, 13), None);
    assert_eq!(tuples(&row, BIRTH, Direction::Send), [[650u64, 64].map(Fr::from)]);
    assert_eq!(run(&TransferRecord { births: true, ..named() }).1.violations, ["TRF-7"]);
    let idle = Padded::disabled(TransferRecord { births: true, ..unnamed() });
    assert_eq!(run(&idle).1.violations, ["TRF-7"]);
}

#[test]
fn every_hint_is_pinned() {
    // A birth is received by one new account, or the batch has no proof.
    let free = ["memory.row_time", "transfer.births"];
    Forger::<Transfer>::new(&unnamed()).every_hint_is_pinned(&free);
    let harmless = Forger::<Transfer>::new(&named()).every_hint_is_pinned(&free);
    // Nobody looks up keys for a named recipient.
    assert_eq!(harmless, ["transfer.owner"]);
}

#[test]
fn padding_is_inert() {
    let row = RowWitness::compute::<Transfer>(SHARED, 0, &[], &Padded::disabled(Transfer::dummy()));
    assert_eq!(refusal(&row, 13), None);
    assert_eq!(row.published, [Fr::ZERO]);
    let tags = [BIRTH, ITEM, HEADER, KEY];
    assert!(row.interactions.iter().filter(|i| tags.contains(&i.tag)).all(|i| i.multiplicity.is_zero()));
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Transfer>(13).constraints.len(), 99);
}
