use crate::reject::Reject;
use crate::state::{AccountId, Order};

/// The order after `account` cancelled it.
pub fn apply(account: AccountId, order: &Order) -> Result<Order, Reject> {
    if order.left == 0 {
        return Err(Reject::UnknownOrder);
    }
    if order.account != account {
        return Err(Reject::NotOrderOwner);
    }
    if order.flags.fill_or_kill && order.left != order.size {
        return Err(Reject::FillOrKill);
    }
    Ok(Order { left: 0, ..*order })
}
