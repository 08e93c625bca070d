use super::Deposit;
use crate::margin::Header;
use crate::margin::native::add_collateral;
use crate::params::AMOUNT_BITS;
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::{OrderId, PublicKey};

/// The account's header after the deposit. `orders_from`: not 0 if its key was once another than `owner`.
pub fn apply(
    op: &Deposit,
    owner: &PublicKey,
    orders_from: OrderId,
    header: &Header,
) -> Result<Header, Refusal> {
    Check::within("DEP-2", Reject::AmountRange, op.amount, 1..1 << AMOUNT_BITS, Unit::QuoteQuanta)
        .require()?;
    require_owner(&op.owner, owner)?;
    Check::equal("DEP-3", Reject::RekeyedAccount, orders_from, 0, Unit::Id).require()?;
    let (stated, mode) = (op.mode.market(), header.mode.market());
    Check::equal("DEP-4", Reject::ModeMismatch, stated, mode, Unit::Id).require()?;
    add_collateral(header, op.amount.into()).map_err(|refusal| refusal.at("DEP-2"))
}

/// Error: `OwnerMismatch`, with the first coordinate that differs.
fn require_owner(stated: &PublicKey, owner: &PublicKey) -> Result<(), Refusal> {
    for (stated, owner) in [(stated.x, owner.x), (stated.y, owner.y)] {
        if stated != owner {
            Check::equal("DEP-3", Reject::OwnerMismatch, stated, owner, Unit::Coordinate).require()?;
        }
    }
    Ok(())
}
