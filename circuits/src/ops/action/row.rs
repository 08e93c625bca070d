//! Rows of four signed actions each, and the row that closes the equation of all signatures.

use std::array::from_fn;

use ark_bn254::Fr;

use crate::batch::kinds;
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::int::Bit;
use crate::gadgets::row::Row;
use crate::gadgets::signature::Signature;
use crate::gadgets::signature::circuit::{SignedVar, enforce_group};
use crate::gadgets::signature::combine::enforce_combination;
use crate::gadgets::signature::transcript::{GROUP, Group, Signed};
use crate::gadgets::var::{Committed, Var};
use crate::kinds::ActionRow;
use crate::ops::action::circuit::{ActionInput, action};
use crate::ops::{Lane, Nonces};
use crate::reject::Reject;
use crate::state::wires::TRANSCRIPT;

/// A signed action in its place.
#[derive(Clone, Debug)]
pub struct SignedAction {
    pub action: ActionInput,
    pub signature: Signature,
}

impl SignedAction {
    /// From a batch's record.
    pub fn from_record(record: &ActionRow) -> Self {
        let action = ActionInput {
            enable: true,
            sequence: record.sequence,
            account: record.account,
            owner: record.owner,
            lane: record.lane,
            strict: record.strict,
            nonce: record.nonce,
            nonces: record.nonces.pre,
            nonces_at: record.nonces.before as u32,
            chunks: record.message.chunks.len() as u16,
            payload: record.message.payload,
        };
        Self { action, signature: record.signature }
    }

    /// No action; the signature is the one that idle places carry.
    pub fn idle() -> Self {
        let filler = Signed::filler();
        let action = ActionInput {
            enable: false,
            sequence: 1,
            account: 0,
            owner: filler.key,
            lane: Lane::Orders,
            strict: false,
            nonce: 0,
            nonces: Nonces::default(),
            nonces_at: 0,
            chunks: 0,
            payload: Fr::from(0u64),
        };
        Self { action, signature: filler.signature }
    }
}

/// Actions in groups of a row, the last filled up with idle places.
pub fn groups(actions: &[ActionRow]) -> Vec<[SignedAction; GROUP]> {
    let place =
        |part: &[ActionRow], i: usize| part.get(i).map_or_else(SignedAction::idle, SignedAction::from_record);
    actions.chunks(GROUP).map(|part| from_fn(|i| place(part, i))).collect()
}

/// The same groups as the signatures' transcript absorbs them.
pub fn signed_groups(actions: &[ActionRow]) -> Vec<Group> {
    let signed = |record: &ActionRow| Signed {
        key: record.owner,
        message: record.message.hash,
        signature: record.signature,
    };
    let place = |part: &[ActionRow], i: usize| part.get(i).map_or(*Signed::filler(), signed);
    actions.chunks(GROUP).map(|part| from_fn(|i| place(part, i))).collect()
}

/// Four actions and their signatures.
pub struct SignatureRow;

impl Row for SignatureRow {
    type Input = [SignedAction; GROUP];
    const NAME: &'static str = "signature";

    fn blank() -> Self::Input {
        from_fn(|_| SignedAction::idle())
    }

    fn synthesize(cs: &mut Cs<'_>, input: &Self::Input) {
        let signed = from_fn(|i| signed_action(cs, i as u64, &input[i].action));
        let signatures = from_fn(|i| input[i].signature);
        let transcript = cs.global(TRANSCRIPT);
        enforce_group(cs, &signed, &signatures, &transcript);
    }
}

// What place `i` of the row must hold a signature of: the action's message, or for an idle place the
// constant that everybody can sign (ACT-10).
fn signed_action(cs: &mut Cs<'_>, i: u64, input: &ActionInput) -> SignedVar {
    let enable = Bit::hint(&mut cs.check("ACT-7"), "action.enable", input.enable);
    let mut checks = Checks::<Reject>::new(&enable);
    let number = cs.row_index().scale(Fr::from(GROUP as u64)).add_constant(Fr::from(i));
    let signed = action(cs, &mut checks, &number, input);
    let filler = Signed::filler();
    let cs = &mut cs.check("ACT-10");
    let mut or_filler =
        |var: &Var<Committed>, constant: Fr| enable.select_var(cs, var, &Var::constant(constant));
    let message = or_filler(&signed.message, filler.message);
    let key = PointVar { x: or_filler(&signed.x, filler.key.x), y: or_filler(&signed.y, filler.key.y) };
    SignedVar { key, message }
}

/// The one row that closes the equation of the signature rows.
pub struct CombineRow;

/// What the last signature row hands over.
#[derive(Clone, Debug, Default)]
pub struct CombineInput {
    pub finals: Vec<Fr>,
}

impl Row for CombineRow {
    type Input = CombineInput;
    const NAME: &'static str = "combine signatures";

    fn blank() -> CombineInput {
        CombineInput::default()
    }

    fn synthesize(cs: &mut Cs<'_>, input: &CombineInput) {
        let transcript = cs.global(TRANSCRIPT);
        enforce_combination(cs, kinds::SIGNATURE, &input.finals, &transcript);
    }
}
