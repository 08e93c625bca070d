//! Rows of four signed actions each.

use std::array::from_fn;

use ark_bn254::Fr;

use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::int::Bit;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::signature::circuit::{SignedVar, enforce_group};
use crate::gadgets::signature::transcript::{GROUP, Signed};
use crate::gadgets::var::{Committed, Var};
use crate::ops::action::ActionRecord;
use crate::ops::action::circuit::action;
use crate::reject::Reject;
use crate::state::wires::TRANSCRIPT;

/// Four actions and their signatures.
pub struct SignatureRow;

impl Row for SignatureRow {
    type Record = [Padded<ActionRecord>; GROUP];
    const NAME: &'static str = "signature";

    fn dummy() -> Self::Record {
        from_fn(|_| Padded::disabled(ActionRecord::idle()))
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<Self::Record>) {
        let signed = from_fn(|i| signed_action(cs, i as u64, &record[i]));
        let signatures = from_fn(|i| record[i].signature);
        let transcript = cs.global(TRANSCRIPT);
        enforce_group(cs, &signed, &signatures, &transcript);
    }
}

// What place `i` of the row must hold a signature of: the action's message, or for an idle place the
// filler, whose signing key is public (ACT-10).
fn signed_action(cs: &mut Cs<'_>, i: u64, record: &Padded<ActionRecord>) -> SignedVar {
    let enable = Bit::hint(&mut cs.check("ACT-7"), "action.enable", record.enabled);
    let mut checks = Checks::<Reject>::new(&enable);
    let number = cs.row_index().scale(Fr::from(GROUP as u64)).add_constant(Fr::from(i));
    let signed = action(cs, &mut checks, &number, record);
    let filler = Signed::filler();
    let cs = &mut cs.check("ACT-10");
    let mut or_filler =
        |var: &Var<Committed>, constant: Fr| enable.select_var(cs, var, &Var::constant(constant));
    let message = or_filler(&signed.message, filler.message);
    let key = PointVar { x: or_filler(&signed.x, filler.key.x), y: or_filler(&signed.y, filler.key.y) };
    SignedVar { key, message }
}
