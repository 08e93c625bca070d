//! Row kinds: how many rows a batch has of each, and what they are filled from.

mod capacities;
mod trace;

pub use capacities::{Capacities, Overflow, Usage};
pub use trace::*;
