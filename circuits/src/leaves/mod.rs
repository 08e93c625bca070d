//! Rows that open and close state.

pub(crate) mod account;
pub(crate) mod changed;
pub mod market;
pub(crate) mod node;
pub(crate) mod order;
