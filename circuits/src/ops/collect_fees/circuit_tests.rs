//! The row that credits fees against the native half, and against forged advice.

use ark_bn254::Fr;
use ark_ff::Zero;

use super::apply;
use super::circuit::{CollectFees, CollectFeesRecord, collect_fees};
use crate::gadgets::row::{Padded, Template};
use crate::reject::Reject;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::fixture::flat;
use crate::soundness::forge::Forger;
use crate::soundness::samples::{header_tuple, key};
use crate::state::tags::{FEES, HEADER};

fn honest() -> CollectFeesRecord {
    let header = flat(i64::MAX - 7);
    CollectFeesRecord { sequence: 50, fees: 7, fees_at: 399, header, header_at: 0 }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<CollectFeesRecord>> {
    let most = CollectFeesRecord { fees: 8, ..honest() };
    [honest(), CollectFeesRecord { header: flat(4), ..honest() }, most].map(Padded::enabled).into()
}

fn agree(input: &CollectFeesRecord) -> Option<Reject> {
    let CollectFeesRecord { fees, header, .. } = *input;
    agree::both_halves::<CollectFees, _>(
        input,
        || apply(fees, &header),
        collect_fees,
        |after| {
            Outcome::default()
                .touches(FEES, [key(0, 399), Fr::from(fees)], [key(0, 800), Fr::zero()])
                .touches(HEADER, header_tuple(1, 0, &header), header_tuple(1, 801, after))
        },
    )
}

#[test]
pub(crate) fn agrees_up_to_the_last_quantum_that_fits() {
    // One more than 7: the reject vectors.
    let most = (1 << 63) - 1;
    for (fees, expected) in [(0, None), (1, None), (7, None), (most, Some(Reject::CollateralRange))] {
        assert_eq!(agree(&CollectFeesRecord { fees, ..honest() }), expected, "{fees}");
    }
}

#[test]
fn every_hint_is_pinned() {
    let input = CollectFeesRecord { header: flat(4), ..honest() };
    let free = ["memory.row_time"];
    assert_eq!(Forger::<CollectFees>::new(&input).every_hint_is_pinned(&free), [""; 0]);
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<CollectFees>();
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<CollectFees>(13).constraints.len(), 30);
}
