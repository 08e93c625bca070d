use crate::margin::Header;
use crate::margin::native::{add_collateral, require_cash_stays};
use crate::ops::WithdrawItem;
use crate::params::AMOUNT_BITS;
use crate::reject::{Check, Refusal, Reject, Unit};

/// The header after the withdrawal.
pub fn apply(item: &WithdrawItem, header: &Header) -> Result<Header, Refusal> {
    take(header, item.amount)
}

/// The header without `amount`, which its owner sends away.
pub fn take(header: &Header, amount: u64) -> Result<Header, Refusal> {
    Check::within("WDR-2", Reject::AmountRange, amount, 1..1 << AMOUNT_BITS, Unit::QuoteQuanta).require()?;
    let post = add_collateral(header, -i128::from(amount)).map_err(|refusal| refusal.at("WDR-2"))?;
    require_cash_stays(&post)?;
    Ok(post)
}
