use crate::margin::Header;
use crate::margin::native::{add_collateral, require_cash_stays};
use crate::ops::WithdrawItem;
use crate::params::AMOUNT_BITS;
use crate::reject::Reject;

/// The header after the withdrawal.
pub fn apply(item: &WithdrawItem, header: &Header) -> Result<Header, Reject> {
    take(header, item.amount)
}

/// The header without `amount`, which its owner sends away.
pub fn take(header: &Header, amount: u64) -> Result<Header, Reject> {
    if amount == 0 || amount >> AMOUNT_BITS != 0 {
        return Err(Reject::AmountRange);
    }
    let post = add_collateral(header, -i128::from(amount))?;
    require_cash_stays(&post)?;
    Ok(post)
}
