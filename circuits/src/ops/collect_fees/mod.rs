//! Collect fees: the last op of a batch credits the pending trading fees to account 1.
//!
//! - **Moves**: pending fees to 0, the fee account's collateral up.
//! - **Needs**: nothing follows it in the batch.
//! - **Signs**: no owner.
//! - **Rejects**: `CollateralRange`.
//! - **Rounds**: nothing.
//! - **Cells**: fees at 16T, header of account 1 at 16T + 1.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

pub use circuit::CollectFeesRecord;
pub use native::apply;
