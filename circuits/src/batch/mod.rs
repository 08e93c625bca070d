//! A batch: the only place that builds a constraint system.

pub mod assembly;
pub mod challenge;
pub mod globals;
pub mod invariants;
pub mod kernel;
pub mod kinds;
pub mod layout;
pub mod native;
pub mod statement;
pub mod table;
#[cfg(test)]
mod tests;
