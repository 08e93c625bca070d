use super::{Action, Item, Lane, Message, Nonces};
use crate::gadgets::signature::verify;
use crate::ops::Context;
use crate::params::*;
use crate::reject::Reject;
use crate::state::PublicKey;

/// Whether signatures are verified. `Skip` is for tests and for replays of unsigned records only: a
/// batch made with it cannot be proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    Verify,
    Skip,
}

/// The message and the account's nonces after the action.
pub fn apply(
    context: &Context,
    op: &Action,
    owner: &PublicKey,
    nonces: &Nonces,
    check: SignatureCheck,
) -> Result<(Message, Nonces), Reject> {
    require_fields(op)?;
    if op.lane == Lane::Cancels && matches!(op.items[..], [Item::Order(_)]) {
        return Err(Reject::WrongLane);
    }
    let last = nonces.last(op.lane);
    if op.nonce <= last {
        return Err(Reject::NonceTooLow);
    }
    if op.nonce - last > NONCE_STEP_MAX {
        return Err(Reject::NonceTooHigh);
    }
    if op.strict && op.nonce != last + 1 {
        return Err(Reject::NonceNotNext);
    }
    let message = op.message(&context.domain);
    if check == SignatureCheck::Verify && verify(owner, message.hash, &op.signature).is_err() {
        return Err(Reject::BadSignature);
    }
    Ok((message, nonces.with(op.lane, op.nonce)))
}

/// Every field fits its place in the signed words. Errors: `ItemCount`, `FieldRange`.
pub fn require_fields(op: &Action) -> Result<(), Reject> {
    let chunks = op.items.len().div_ceil(ITEMS_PER_CHUNK);
    if chunks == 0 || chunks > usize::from(u16::MAX) {
        return Err(Reject::ItemCount);
    }
    let fits = |value: u64, width: u32| value >> width == 0;
    let item_fits = |item: &Item| match item {
        Item::Order(order) => {
            fits(order.lots, LOTS_BITS)
                && fits(order.max_fee.into(), FRACTION_BITS)
                && fits(order.expiry, TIME_BITS)
        }
        Item::Cancel(order) => fits(*order, ORDER_BITS),
        Item::Withdraw(_) => true,
        Item::Transfer(transfer) => fits(transfer.to, ACCOUNT_BITS),
    };
    let all = fits(op.account, ACCOUNT_BITS) && fits(op.nonce, NONCE_BITS) && op.items.iter().all(item_fits);
    if all { Ok(()) } else { Err(Reject::FieldRange) }
}
