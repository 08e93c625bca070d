//! The protocol of zkmargin: state, margin law, ops and the circuit that proves them.
//!
//! Modules, in the order in which one may use those before it.

#![deny(missing_docs)]

pub mod batch;
pub mod executor;
pub mod gadgets;
pub mod kinds;
pub mod leaves;
pub mod margin;
pub mod ops;
pub mod params;
pub mod publication;
pub mod reject;
#[cfg(test)]
mod soundness;
pub mod state;
