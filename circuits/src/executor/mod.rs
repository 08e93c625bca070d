//! The native half: [`Executor`] applies ops and records a [`Trace`](crate::kinds::Trace).
//!
//! ```text
//! Executor::begin(state, context) ── apply(op)* ── finish() ──▶ (state', trace)
//! ```
//!
//! An op is atomic: a refused one leaves nothing behind. Cells are read into a `Stage`, changed there
//! by the pure functions of `ops`, and merged when the whole op has succeeded.

mod apply;
mod cells;
mod close;
pub mod invariants;
mod items;
mod merge;
mod stage;
mod trades;

pub use apply::{
    AccountView, Applied, ApplyError, BatchContext, BeginError, Executor, FinishError, Unfinished,
};

#[cfg(test)]
pub(crate) mod tests;
