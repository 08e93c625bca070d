use super::{Action, Item, Lane, Message, Nonces};
use crate::gadgets::signature::verify;
use crate::ops::Context;
use crate::params::*;
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::PublicKey;

/// Whether signatures are verified. `Skip` is for tests and for replays of unsigned records only: a
/// batch made with it cannot be proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    /// A signature that does not verify is refused (`BadSignature`).
    Verify,
    /// Signatures are not looked at.
    Skip,
}

/// The message and the account's nonces after the action.
pub fn apply(
    context: &Context,
    op: &Action,
    owner: &PublicKey,
    nonces: &Nonces,
    check: SignatureCheck,
) -> Result<(Message, Nonces), Refusal> {
    require_fields(op)?;
    if op.lane == Lane::Cancels && matches!(op.items[..], [Item::Order(_)]) {
        return Err(Refusal::plain(Reject::WrongLane, "ACT-6"));
    }
    let last = i128::from(nonces.last(op.lane));
    let highest = last + i128::from(NONCE_STEP_MAX);
    Check::greater("ACT-2", Reject::NonceTooLow, op.nonce, last, Unit::Nonce).require()?;
    Check::at_most("ACT-2", Reject::NonceTooHigh, op.nonce, highest, Unit::Nonce).require()?;
    if op.strict {
        Check::equal("ACT-3", Reject::NonceNotNext, op.nonce, last + 1, Unit::Nonce).require()?;
    }
    if *owner == PublicKey::NOBODY {
        return Err(Refusal::plain(Reject::BadSignature, "CURVE-4"));
    }
    let message = op.message(&context.domain);
    if check == SignatureCheck::Verify && verify(owner, message.hash, &op.signature).is_err() {
        return Err(Refusal::plain(Reject::BadSignature, "SIG-14"));
    }
    Ok((message, nonces.with(op.lane, op.nonce)))
}

/// Every field fits its place in the signed words. Errors: `ItemCount`, `FieldRange`.
pub fn require_fields(op: &Action) -> Result<(), Refusal> {
    let chunks = op.items.len().div_ceil(ITEMS_PER_CHUNK) as u64;
    Check::within("ACT-4", Reject::ItemCount, chunks, 1..1 << u16::BITS, Unit::Count).require()?;
    require_fits("ACT-5", op.account, ACCOUNT_BITS, Unit::Id)?;
    require_fits("ACT-2", op.nonce, NONCE_BITS, Unit::Nonce)?;
    op.items.iter().try_for_each(Item::require_fields)
}

/// The check `id`: `value` has at most `width` bits. Error: `FieldRange`.
pub(super) fn require_fits(id: &'static str, value: u64, width: u32, unit: Unit) -> Result<(), Refusal> {
    Check::less(id, Reject::FieldRange, value, 1i128 << width, unit).require()
}
