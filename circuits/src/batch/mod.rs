//! A batch: the only place that builds a constraint system.

pub mod assembly;
pub mod challenge;
pub mod layout;
pub mod table;
#[cfg(test)]
mod tests;
