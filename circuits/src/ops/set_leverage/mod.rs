//! Set leverage: an owner's limit of the account's own leverage.
//!
//! - **Moves**: the account's limit, at its closing: trades of this batch go by the limit of the opening, for
//!   which the requirements were summed. From the next opening on `max(imf, limit)` is required.
//! - **Needs**: a limit of at most 10^6 parts per million, that is, no leverage at all; the only one in the
//!   batch. A limit below a market's own has no effect there; 0 is no limit.
//! - **Signs**: the action that carries the item.
//! - **Rejects**, in order: `LeverageRange`, `LeverageTwice`.
//! - **Rounds**: nothing.
//! - **Cells**: none.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

pub use circuit::SetLeverageRecord;
pub use native::apply;
