//! A batch: the only place that builds a constraint system.

pub mod assembly;
pub mod challenge;
pub(crate) mod combine;
pub mod compile;
pub mod layout;
pub mod shape;
pub(crate) mod statement;
pub mod table;
#[cfg(test)]
pub mod tests;
pub mod witness;
