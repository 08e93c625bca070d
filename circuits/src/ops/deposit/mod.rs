//! Deposit: credits the next entry of the contract's deposit queue.
//!
//! - **Moves**: collateral up; the deposit cursor by one.
//! - **Needs**: the account's owner and mode are as the queue's entry says, and its key was never another: who
//!   changes an account's key to yours gives you its positions; a new account has a valid
//!   key and, if isolated, a listed market.
//! - **Signs**: no owner; the contract took the money.
//! - **Rejects**, in order: `AmountRange`, `OwnerMismatch`, `RekeyedAccount`, `ModeMismatch`, `CollateralRange`. The
//!   executor, before: `UnknownAccount`, `UnknownMarket`, `InvalidOwner`, `AccountIdsExhausted`.
//! - **Rounds**: nothing.
//! - **Cells**: header at 16T + 1; a new account is created at 16T.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

use crate::gadgets::word::Layout;
use crate::params::{ACCOUNT_BITS, MARKET_BITS};
use crate::state::{AccountId, Mode, PublicKey};
pub use circuit::DepositRecord;
pub use native::apply;

// Bits of the two parts of each coordinate of the owner, 254 together.
pub(crate) const X_LOW_BITS: u32 = 128;
pub(crate) const X_HIGH_BITS: u32 = 126;
pub(crate) const Y_LOW_BITS: u32 = 136;
pub(crate) const Y_HIGH_BITS: u32 = 118;

/// First of the three elements that a batch publishes of a deposit; amount in quote quanta.
pub const DEPOSIT_FIRST: Layout<4> = Layout::new(
    "deposit element 1",
    [("x_high", X_HIGH_BITS), ("amount", 64), ("mode", MARKET_BITS), ("account", ACCOUNT_BITS)],
)
.published();
/// Second element of a deposit: the low part of x, the high part of y.
pub const DEPOSIT_SECOND: Layout<2> =
    Layout::new("deposit element 2", [("x_low", X_LOW_BITS), ("y_high", Y_HIGH_BITS)]).published();
/// Third element of a deposit: the low part of y.
pub const DEPOSIT_THIRD: Layout<1> = Layout::new("deposit element 3", [("y_low", Y_LOW_BITS)]).published();

/// One entry of the queue and the account that it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// An account with this owner and mode, whose key was never another; 0 for a new one.
    pub account: AccountId,
    /// Key of the queue's entry; for a new account on the curve and not of small order.
    pub owner: PublicKey,
    /// Mode of the queue's entry: the mode of the account, old or new.
    pub mode: Mode,
    /// Quote quanta, `1..2^63`.
    pub amount: u64,
}
