//! The deposit row against the native half, and against forged advice. Refusals: the reject vectors.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};

use super::apply;
use super::circuit::{Deposit, DepositRecord, deposit};
use crate::gadgets::curve::GENERATOR;
use crate::gadgets::row::{Padded, Template};
use crate::gadgets::var::power_of_two;
use crate::margin::Header;
use crate::reject::Reject;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::fixture::flat;
use crate::soundness::samples::{header_tuple, owner_tuple};
use crate::state::tags::{BIRTH, HEADER, KEY};
use crate::state::{Mode, PublicKey};

fn honest() -> DepositRecord {
    let owner = PublicKey { x: -Fr::from(5u64), y: Fr::from(12_345u64) * power_of_two(190) };
    let header = Header { mode: Mode::Isolated(9), ..flat(-3) };
    let creates = false;
    DepositRecord { sequence: 2, account: 600, owner, amount: 7, creates, header, header_at: 0 }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<DepositRecord>> {
    let header = Header { mode: Mode::Isolated(9), ..flat(0) };
    let created = DepositRecord { creates: true, header, header_at: 32, owner: GENERATOR, ..honest() };
    let [two_torsion, off] = [(Fr::ZERO, -Fr::ONE), (Fr::from(3u64), Fr::from(4u64))]
        .map(|(x, y)| DepositRecord { owner: PublicKey { x, y }, ..created.clone() });
    let pools = DepositRecord { owner: PublicKey::NOBODY, ..honest() };
    [honest(), created, pools, two_torsion, off, DepositRecord { amount: 0, ..honest() }]
        .map(Padded::enabled)
        .into()
}

fn agree(input: &DepositRecord) -> Option<Reject> {
    let DepositRecord { owner, amount, header, .. } = *input;
    let op = super::Deposit { account: 600, owner, mode: Mode::Isolated(9), amount };
    agree::both_halves::<Deposit, _>(
        input,
        || apply(&op, &owner, 0, &header),
        deposit,
        |after| {
            let outcome = Outcome::default()
                .touches(
                    HEADER,
                    header_tuple(600, input.header_at.into(), &header),
                    header_tuple(600, 33, after),
                )
                .receives(KEY, owner_tuple(600, &owner, 0));
            let outcome = elements(input).into_iter().fold(outcome, Outcome::publishes);
            if input.creates {
                outcome.sends(BIRTH, [600u64, 32].map(Fr::from)).selects_under("DEP-5")
            } else {
                outcome
            }
        },
    )
}

/// Element 0 has x >> 128, element 1 x's low half and y >> 136, element 2 what is left of y.
fn elements(input: &DepositRecord) -> [Fr; 3] {
    let PublicKey { x, y } = input.owner;
    let low = |value: Fr, bits: usize| {
        Fr::from_le_bytes_mod_order(&value.into_bigint().0.map(u64::to_le_bytes).concat()[..bits / 8])
    };
    let (x_low, y_low) = (low(x, 128), low(y, 136));
    let (x_high, y_high) = ((x - x_low) / power_of_two(128), (y - y_low) / power_of_two(136));
    let first = x_high
        + Fr::from(input.amount) * power_of_two(126)
        + Fr::from(9u64) * power_of_two(190)
        + Fr::from(600u64) * power_of_two(206);
    [first, x_low + y_high * power_of_two(128), y_low]
}

#[test]
pub(crate) fn agrees_and_publishes_the_queues_entry() {
    let most = (1 << 63) - 1;
    for (collateral, amount) in [(-3, 1), (-3, 7), (0, most), (i64::MAX - 7, 7)] {
        let header = Header { collateral, ..honest().header };
        assert_eq!(agree(&DepositRecord { amount, header, ..honest() }), None, "{collateral} {amount}");
    }
}

#[test]
fn a_new_account_is_created_before_its_first_touch() {
    let input = DepositRecord { creates: true, header_at: 32, owner: GENERATOR, ..honest() };
    assert_eq!(agree(&input), None);
    // A row that is not selected creates nothing.
    assert_eq!(agree::row::<Deposit>(&Padded::disabled(input)).violations, ["DEP-5"]);
}

/// The key of a new account, not of one that is there: that one has it already, as pools have nobody's.
#[test]
fn a_new_key_is_on_the_curve_and_not_of_small_order() {
    let off = (Fr::from(3u64), Fr::from(4u64));
    let small = [(Fr::ZERO, Fr::ONE), (Fr::ZERO, -Fr::ONE)];
    for (x, y) in small.into_iter().chain([off, (PublicKey::NOBODY.x, PublicKey::NOBODY.y)]) {
        let input = DepositRecord { owner: PublicKey { x, y }, header_at: 32, ..honest() };
        assert_eq!(agree(&input), None);
        let row = agree::row::<Deposit>(&Padded::enabled(DepositRecord { creates: true, ..input }));
        assert!(row.violations.iter().any(|id| id.starts_with("CURVE")), "{x} {y}");
    }
}

#[test]
fn rejects_a_gap_in_the_list() {
    agree::rejects_a_row_after_an_idle_one::<Deposit>(honest());
}

#[test]
fn every_hint_is_pinned() {
    // The amount is published, the contract compares it with its queue; a creation is received by one new
    // account, or the batch has no proof.
    let free = ["memory.row_time", "deposit.amount", "deposit.births"];
    assert_eq!(agree::forger::<Deposit>(&honest()).every_hint_is_pinned(&free), [""; 0]);
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<Deposit>();
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Deposit>(13).constraints.len(), 102);
}
