use crate::ops::first_failure;
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::{AccountId, Order};

/// The order after `account` cancelled it.
pub fn apply(account: AccountId, order: &Order) -> Result<Order, Refusal> {
    first_failure([
        Check::at_least("CAN-2", Reject::UnknownOrder, order.left, 1, Unit::Lots),
        Check::equal("CAN-1", Reject::NotOrderOwner, account, order.account, Unit::Id),
    ])?;
    if order.flags.fill_or_kill {
        Check::equal("CAN-4", Reject::FillOrKill, order.left, order.size, Unit::Lots).require()?;
    }
    Ok(Order { left: 0, ..*order })
}
