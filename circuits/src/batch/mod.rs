//! A batch: the only place that builds a constraint system.

pub mod assembly;
#[cfg(test)]
mod attacks;
pub mod challenge;
#[cfg(test)]
mod circuit_tests;
pub mod compile;
pub mod invariants;
pub mod kernel;
pub mod kinds;
pub mod layout;
pub mod native;
#[cfg(test)]
mod override_tests;
pub mod shape;
pub mod signatures;
pub mod statement;
pub mod table;
#[cfg(test)]
mod tests;
pub mod witness;
