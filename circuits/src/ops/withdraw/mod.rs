//! Withdraw: collateral leaves to an L1 address.
//!
//! - **Moves**: collateral down; the amount is published for the recipient.
//! - **Needs**: what stays is cash, and the account is healthy without the amount.
//! - **Signs**: the action that carries the item.
//! - **Rejects**, in order: `AmountRange`, `CollateralRange`, `HoldsStillMarket`, `UnrealisedProfit`,
//!   `BelowInitialMargin`.
//! - **Rounds**: nothing.
//! - **Cells**: header at 16T.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

use crate::gadgets::word::Layout;
use crate::params::ADDRESS_BITS;
pub use circuit::WithdrawRecord;
pub use native::apply;
pub(crate) use native::take;

/// What a batch publishes of a withdrawal.
pub const WITHDRAWAL_ELEMENT: Layout<2> =
    Layout::new("withdrawal element", [("recipient", ADDRESS_BITS), ("amount", 64)]).published();
