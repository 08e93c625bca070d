use crate::margin::Header;
use crate::margin::native::add_collateral;
use crate::ops::{TransferItem, withdraw};
use crate::reject::Refusal;

/// The headers of sender and recipient after the transfer.
pub fn apply(item: &TransferItem, from: &Header, to: &Header) -> Result<(Header, Header), Refusal> {
    let here = |refusal: Refusal| refusal.at("TRF-2");
    let from = withdraw::take(from, item.amount).map_err(here)?;
    let to = add_collateral(to, item.amount.into()).map_err(here)?;
    Ok((from, to))
}
