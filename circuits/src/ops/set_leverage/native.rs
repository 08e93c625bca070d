use crate::params::M;
use crate::reject::{Check, Refusal, Reject, Unit};

/// The limit at the account's closing, in parts per million; `amended` is one that an earlier op of the
/// batch set.
pub fn apply(limit: u32, amended: Option<u32>) -> Result<u32, Refusal> {
    let earlier = i128::from(amended.is_some());
    Check::at_most("LEV-3", Reject::LeverageRange, limit, M, Unit::PartsPerMillion).require()?;
    Check::equal("LEV-4", Reject::LeverageTwice, earlier, 0, Unit::Count).require()?;
    Ok(limit)
}
