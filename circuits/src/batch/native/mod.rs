//! The native half: [`Executor`] applies ops and records a [`Trace`].

mod capacities;
mod trace;

pub use capacities::{Capacities, Overflow, Usage};
pub use trace::*;
