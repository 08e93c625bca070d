use crate::margin::Header;
use crate::margin::native::add_collateral;
use crate::ops::{TransferItem, withdraw};
use crate::reject::Reject;

/// The headers of sender and recipient after the transfer.
pub fn apply(item: &TransferItem, from: &Header, to: &Header) -> Result<(Header, Header), Reject> {
    let from = withdraw::take(from, item.amount)?;
    let to = add_collateral(to, item.amount.into())?;
    Ok((from, to))
}
