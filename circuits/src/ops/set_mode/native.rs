use crate::params::FIRST_USER_ACCOUNT;
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::{AccountId, Mode};

/// An account as its owner's change of mode finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The account that signed.
    pub account: AccountId,
    /// The mode of the opening.
    pub mode: Mode,
    /// Slots that hold a position, or that a trade of the batch used.
    pub used_slots: usize,
    /// The mode that an earlier op of the batch set.
    pub changed: Option<Mode>,
}

/// How many ends of a change of mode are cross: one, if it is a change of mode.
pub fn cross_ends(ends: [Mode; 2]) -> usize {
    ends.into_iter().filter(|end| *end == Mode::Cross).count()
}

/// The mode at the account's closing.
pub fn apply(mode: Mode, standing: &Standing) -> Result<Mode, Refusal> {
    let Standing { account, mode: opened, used_slots, changed } = *standing;
    let cross_ends = cross_ends([opened, mode]);
    let earlier = i128::from(changed.is_some());
    Check::at_least("SMODE-2", Reject::ReservedAccount, account, FIRST_USER_ACCOUNT, Unit::Id).require()?;
    Check::equal("MODE-2", Reject::ModePath, cross_ends as i128, 1, Unit::Count).require()?;
    Check::equal("MODE-4", Reject::NotFlat, used_slots as i128, 0, Unit::Count).require()?;
    Check::equal("SMODE-4", Reject::ModeTwice, earlier, 0, Unit::Count).require()?;
    Ok(mode)
}
