//! From a batch's trace to what the proof system proves.

pub mod genesis;
pub mod relation;
