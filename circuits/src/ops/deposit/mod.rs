//! Deposit: credits the next entry of the contract's deposit queue.
//!
//! - **Moves**: collateral up; the deposit cursor by one.
//! - **Needs**: the account's owner and mode are those of the queue's entry; a new account has a valid
//!   key and, if isolated, a listed market.
//! - **Signs**: nobody; the contract took the money.
//! - **Rejects**, in order: `AmountRange`, `OwnerMismatch`, `ModeMismatch`, `CollateralRange`. The
//!   executor, before: `UnknownAccount`, `UnknownMarket`, `InvalidOwner`, `AccountIdsExhausted`.
//! - **Rounds**: nothing.
//! - **Cells**: header at 16T + 1; a new account is born at 16T.

pub mod circuit;
#[cfg(test)]
mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

use crate::state::{AccountId, Mode, PublicKey};
pub use circuit::DepositRecord;
pub use native::apply;

/// One entry of the queue and the account that it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// An account with this owner and mode; 0 for a new one.
    pub account: AccountId,
    pub owner: PublicKey,
    pub mode: Mode,
    /// Quote quanta, `1..2^63`.
    pub amount: u64,
}
