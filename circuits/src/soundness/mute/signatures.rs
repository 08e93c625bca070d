//! Signature rows and the row that combines them.

use std::sync::Arc;

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::closed::Closed;
use super::subject::{Of, Subject};
use super::subjects::Subjects;
use crate::batch::combine::CombineRecord;
use crate::gadgets::curve::GENERATOR;
use crate::gadgets::row::{Padded, Row, RowWitness};
use crate::gadgets::signature::transcript::{GROUP, seed};
use crate::ops::action::row::SignatureRow;
use crate::ops::action::{ActionRecord, Lane, Nonces};
use crate::params::NONCE_STEP_MAX;
use crate::soundness::attacks::inputs::Inputs;
use crate::soundness::attacks::signatures::order_eight;

/// The rows of a batch; rows in which one place has another action, or one that is refused; and padding.
pub fn rows(what: &str, inputs: &Inputs, rows: &[RowWitness], globals: &Arc<[Fr]>) -> Subjects {
    let first = seed(inputs.transcript);
    let mut all: Subjects = Vec::new();
    let mut add = |name: String, record, number: usize, by_equations: bool| {
        let carry = number.checked_sub(1).map_or(&first, |before| &rows[before].carry_out).clone();
        let row = Of::<SignatureRow>::new(name, record, globals).in_block(number as u64, carry);
        all.push(Box::new(if by_equations { row.by_equations() } else { row }) as Box<dyn Subject>);
    };
    for (number, record) in inputs.signatures.iter().enumerate() {
        add(format!("{what}, row {number}"), record.clone(), number, false);
    }
    // The row has no selector of its own: its places have.
    add("padding".to_owned(), Padded::enabled(SignatureRow::dummy()), 0, true);
    let mut actions = inputs.signatures.iter().flat_map(|row| row.record.iter());
    let action = &actions.find(|action| action.enabled).expect("actions").record;
    for place in 0..GROUP {
        let mut record = SignatureRow::dummy();
        record[place] = Padded::enabled(of_large_challenge(action));
        add(format!("a large challenge in place {place}"), Padded::enabled(record), 0, false);
        for (name, other) in others(action) {
            let mut record = SignatureRow::dummy();
            record[place] = other;
            add(format!("{name} in place {place}"), Padded::enabled(record), 0, true);
        }
    }
    let finals = rows.last().expect("signature rows").carry_out.clone();
    let combine = Padded::enabled(CombineRecord { finals });
    all.push(Box::new(Closed::new(Of::new(what, combine, globals))));
    all
}

/// An action as it is, taking no part, and with other nonces or another point.
fn others(action: &ActionRecord) -> Vec<(&'static str, Padded<ActionRecord>)> {
    let with = |spoil: &dyn Fn(&mut ActionRecord)| {
        let mut other = action.clone();
        other.nonce = 2 * NONCE_STEP_MAX;
        let last = other.nonce - 2;
        other.nonces = Nonces { order: last, cancel: last };
        spoil(&mut other);
        Padded::enabled(other)
    };
    let last = |nonce: u64| Nonces { order: nonce, cancel: nonce };
    vec![
        ("an action", with(&|_| ())),
        ("an idle action", Padded::disabled(action.clone())),
        ("a cancel", with(&|a| a.lane = Lane::Cancels)),
        ("a strict action", with(&|a| (a.strict, a.nonces) = (true, last(a.nonce - 1)))),
        ("a strict action that skips", with(&|a| a.strict = true)),
        ("a nonce again", with(&|a| a.nonces = last(a.nonce))),
        ("a nonce too high", with(&|a| a.nonces = last(a.nonce - NONCE_STEP_MAX - 1))),
        ("a nonce beyond its width", with(&|a| (a.nonce, a.nonces) = (1 << 40, last((1 << 40) - 1)))),
        ("a nonce point of order eight", with(&|a| a.signature.r = order_eight())),
        ("a single item", with(&|a| a.message.chunks.clear())),
        ("a bulk action", with(&|a| a.message.chunks = vec![chunk()])),
    ]
}

/// The action with a nonce point that makes its challenge at least three quarters of the field's modulus: then the
/// challenge less the modulus has a top that only one of its two ranges refuses.
fn of_large_challenge(action: &ActionRecord) -> ActionRecord {
    let mut other = action.clone();
    let least = Fr::MODULUS_MINUS_ONE_DIV_TWO;
    let challenge = |a: &ActionRecord| a.signature.challenge(&a.owner, a.message.hash);
    // Above three quarters: it and its double's distance to the modulus are in the upper half.
    let is_large = |h: Fr| h.into_bigint() > least && (h + h).into_bigint() > least;
    while !is_large(challenge(&other)) {
        other.signature.r = other.signature.r.add(&GENERATOR);
    }
    other
}

fn chunk() -> crate::ops::action::Chunk {
    let [before, after] = [0u64, 1].map(Fr::from);
    crate::ops::action::Chunk { before, words: [before; 4], after }
}
