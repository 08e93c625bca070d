use super::Deposit;
use crate::margin::Header;
use crate::margin::native::add_collateral;
use crate::params::AMOUNT_BITS;
use crate::reject::Reject;
use crate::state::PublicKey;

/// The account's header after the deposit.
pub fn apply(op: &Deposit, owner: &PublicKey, header: &Header) -> Result<Header, Reject> {
    if op.amount == 0 || op.amount >> AMOUNT_BITS != 0 {
        return Err(Reject::AmountRange);
    }
    if op.owner != *owner {
        return Err(Reject::OwnerMismatch);
    }
    if op.mode != header.mode {
        return Err(Reject::ModeMismatch);
    }
    add_collateral(header, op.amount.into())
}
