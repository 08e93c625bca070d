//! The withdraw row against the native half, and against forged advice. Most refusals at their bounds: the
//! reject vectors.

use ark_bn254::Fr;
use ark_ff::PrimeField;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::apply;
use super::circuit::{Withdraw, WithdrawRecord, withdraw};
use crate::gadgets::row::{Padded, Template};
use crate::gadgets::var::power_of_two;
use crate::margin::Header;
use crate::margin::native::withdrawable;
use crate::ops::{Item, WithdrawItem};
use crate::reject::Reject;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::fixture::flat;
use crate::soundness::forge::Forger;
use crate::soundness::samples::{self, header_tuple};
use crate::state::tags::{HEADER, ITEM};

fn honest() -> WithdrawRecord {
    WithdrawRecord {
        sequence: 4,
        single_cancel: false,
        account: 600,
        amount: 5,
        recipient: [0xa7; 20],
        header: flat(9),
        header_at: 3,
    }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<WithdrawRecord>> {
    let amounts = [0, 9, 10].map(|amount| WithdrawRecord { amount, ..honest() });
    // Collateral that only unrealised profit covers, and a requirement that is not covered.
    let profit = Header { entry: -100, value: 1_000 << 32, ..flat(9) };
    let required = Header { initial: 1_000_000i128 << 40, ..flat(9) };
    let headers = [profit, required].map(|header| WithdrawRecord { header, ..honest() });
    let marked = WithdrawRecord { single_cancel: true, ..honest() };
    [honest(), marked].into_iter().chain(amounts).chain(headers).map(Padded::enabled).collect()
}

fn agree(input: &WithdrawRecord) -> Option<Reject> {
    let item = WithdrawItem { amount: input.amount, recipient: input.recipient };
    agree::both_halves::<Withdraw, _>(
        input,
        || apply(&item, &input.header),
        withdraw,
        |after| {
            let recipient = Fr::from_be_bytes_mod_order(&input.recipient);
            Outcome::default()
                .receives(ITEM, [Item::Withdraw(item).word(), Fr::from(input.account)])
                .touches(HEADER, header_tuple(600, 3, &input.header), header_tuple(600, 64, after))
                .publishes(recipient + Fr::from(input.amount) * power_of_two(160))
        },
    )
}

#[test]
fn agrees_at_the_withdrawable_amount_of_random_accounts() {
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let mut accepted = 0;
    for _ in 0..1_500 {
        let terms = samples::terms(&mut rng);
        let size = samples::size(&mut rng, &terms.entry.market, i128::from(terms.lots));
        let header = samples::leg(&mut rng, &terms.entry.market, size, 0).header;
        let most = withdrawable(&header);
        for amount in [most.saturating_sub(1), most, most.saturating_add(1), 1, rng.gen_range(0..u64::MAX)] {
            accepted += usize::from(agree(&WithdrawRecord { header, amount, ..honest() }).is_none());
        }
    }
    assert!(accepted > 1_000, "{accepted} of 7500 accepted");
}

#[test]
pub(crate) fn agrees_at_the_bounds_of_amount_and_collateral() {
    let run = |collateral, amount| agree(&WithdrawRecord { header: flat(collateral), amount, ..honest() });
    assert_eq!(run(9, 9), None);
    assert_eq!(run(i64::MAX, (1 << 63) - 1), None);
    assert_eq!(run(i64::MAX, 1 << 63), Some(Reject::AmountRange));
    assert_eq!(run(i64::MAX, u64::MAX), Some(Reject::AmountRange));
}

#[test]
fn every_hint_is_pinned() {
    let free = ["memory.row_time"];
    assert_eq!(Forger::<Withdraw>::new(&honest()).every_hint_is_pinned(&free), [""; 0]);
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<Withdraw>();
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Withdraw>(13).constraints.len(), 73);
}
