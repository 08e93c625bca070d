//! Transfer: collateral moves to another account.
//!
//! - **Moves**: collateral down on one account, up on another.
//! - **Needs**: as a withdrawal. The recipient is a named account, or (`to = 0`) a new one of the same
//!   owner with the signed mode, whose isolated market must be listed. A named account
//!   exists already, perhaps since an earlier op of the batch: a transfer that names it does not create it,
//!   because it would leave the key to the operator.
//! - **Signs**: the action that carries the item.
//! - **Rejects**, in order: `SelfTransfer`, `AmountRange`, `CollateralRange`, `HoldsStillMarket`,
//!   `UnrealisedProfit`, `BelowInitialMargin`, `CollateralRange` of the recipient. The executor, before:
//!   `UnknownAccount`, `UnknownMarket`, `AccountIdsExhausted`.
//! - **Rounds**: nothing.
//! - **Cells**: header of the sender at 16T, of the recipient at 16T + 1; a new one is created at 16T.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

use crate::gadgets::word::Layout;
use crate::params::ACCOUNT_BITS;
pub use circuit::TransferRecord;
pub use native::apply;

/// What a batch publishes of a transfer; one that created `to` says whose key the new account has: that of `from`.
pub const TRANSFER_ELEMENT: Layout<4> = Layout::new(
    "transfer element",
    [("from", ACCOUNT_BITS), ("to", ACCOUNT_BITS), ("amount", 64), ("created", 1)],
)
.published();
