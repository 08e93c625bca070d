//! Set mode: an owner makes a cross account isolated in a market, or an isolated one cross.
//!
//! - **Moves**: the account's mode, at its closing: in this batch the mode of the opening holds.
//! - **Needs**: a user's account without a position, which trades nowhere in the batch; one of the two modes is
//!   cross; a listed market, if the new mode is isolated; the only change of mode of the account in the batch.
//! - **Signs**: the action that carries the item.
//! - **Rejects**, in order: `UnknownMarket` (the executor), `ReservedAccount`, `ModePath`, `NotFlat`, `ModeTwice`.
//!   A trade of the account later in the batch: `ModeChanging`.
//! - **Rounds**: nothing.
//! - **Cells**: none.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

pub use circuit::SetModeRecord;
pub use native::{Standing, apply, cross_ends};
