use crate::margin::Header;
use crate::margin::native::add_collateral;
use crate::reject::Refusal;

/// The fee account's header after `fees` arrived.
pub fn apply(fees: u64, header: &Header) -> Result<Header, Refusal> {
    add_collateral(header, fees.into()).map_err(|refusal| refusal.at("FEE-1"))
}
