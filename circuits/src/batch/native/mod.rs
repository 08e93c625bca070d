//! The native half: [`Executor`] applies ops and records a [`Trace`].
//!
//! ```text
//! Executor::begin(state, context) ── apply(op)* ── finish() ──▶ (state', trace)
//! ```
//!
//! An op is atomic: a refused one leaves nothing behind. Cells are read into a `Stage`, changed there
//! by the pure functions of `ops`, and merged when the whole op has succeeded.

mod capacities;
mod cells;
mod close;
mod executor;
mod items;
mod merge;
mod stage;
mod trace;
mod trades;

pub use capacities::{Capacities, Overflow, Usage};
pub use executor::{
    AccountView, Applied, ApplyError, BatchContext, BeginError, Executor, FinishError, Unfinished,
};
pub use trace::*;

#[cfg(test)]
pub(super) mod tests;
