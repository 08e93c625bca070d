//! Cancel: nothing is left of an order.
//!
//! - **Moves**: `left` to 0.
//! - **Needs**: an order of the signing account that is alive; it may have expired. A fill-or-kill order
//!   filled in part must be filled whole: cancelled, it would pass for that at the end of the batch.
//! - **Signs**: the action that carries the item.
//! - **Rejects**, in order: `UnknownOrder` (also for `left = 0`), `NotOrderOwner`, `FillOrKill`.
//! - **Rounds**: nothing.
//! - **Cells**: order at 16T.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

pub use circuit::CancelRecord;
pub use native::apply;
