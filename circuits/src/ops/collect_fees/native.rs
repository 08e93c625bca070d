use crate::margin::Header;
use crate::margin::native::add_collateral;
use crate::reject::Reject;

/// The fee account's header after `fees` arrived.
pub fn apply(fees: u64, header: &Header) -> Result<Header, Reject> {
    add_collateral(header, fees.into())
}
