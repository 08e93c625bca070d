//! The row that credits fees against the native half, and against forged advice.

use ark_bn254::Fr;
use ark_ff::Zero;

use super::apply;
use super::circuit::{CollectFees, CollectFeesRecord, collect_fees};
use crate::gadgets::cs::{Cs, Direction, Shared};
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::reject::Reject;
use crate::soundness::fixture::flat;
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::{header_tuple, key, tuples};
use crate::state::tags::{FEES, HEADER};

const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };

fn honest() -> CollectFeesRecord {
    let header = flat(i64::MAX - 7);
    CollectFeesRecord { sequence: 50, fees: 7, fees_at: 399, header, header_at: 0 }
}

#[test]
fn agrees_up_to_the_last_quantum_that_fits() {
    for fees in [0, 1, 7, 8, (1 << 63) - 1] {
        let input = CollectFeesRecord { fees, ..honest() };
        let native = apply(fees, &input.header).map_err(Reject::from);
        let mut cs = Cs::witness(SHARED, 0, &[]);
        let failed = collect_fees(&mut cs, &input.clone().into()).failed();
        let row = RowWitness::from_cs(cs);
        assert_eq!((failed, refusal(&row, 13).is_some()), (native.err(), native.is_err()));
        let Ok(after) = native else { continue };
        assert_eq!(tuples(&row, FEES, Direction::Receive), [[key(0, 399), Fr::from(fees)]]);
        assert_eq!(tuples(&row, FEES, Direction::Send), [[key(0, 800), Fr::zero()]]);
        assert_eq!(tuples(&row, HEADER, Direction::Send), [header_tuple(1, 801, &after)]);
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
    let row = RowWitness::compute::<CollectFees>(SHARED, 0, &[], &Padded::disabled(CollectFees::dummy()));
    assert_eq!(refusal(&row, 13), None);
    assert!(
        row.interactions.iter().filter(|i| [FEES, HEADER].contains(&i.tag)).all(|i| i.multiplicity.is_zero())
    );
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<CollectFees>(13).constraints.len(), 29);
}
