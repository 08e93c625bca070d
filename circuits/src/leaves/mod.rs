//! Rows that open and close state.

pub mod account;
pub mod changed;
pub mod market;
pub mod node;
pub mod order;
