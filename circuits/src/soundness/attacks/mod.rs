//! Attacks on whole batches: the rules of the soundness review, each with the attack that it closes.
//!
//! An attack forges a batch coherently, so that the one thing left to notice is the rule's own check. It
//! stands in the [`corpus`] of seeded bugs with the defence that stops it: the circuit without that
//! defence accepts the forgery. Attacks for which there is no such circuit are tests of their own.

mod accounts;
mod actions;
mod advisories;
pub mod bench;
mod bus;
mod claims;
mod closings;
mod configure;
mod corpus;
mod creations;
mod evaluate;
mod flat;
pub mod inputs;
mod leverage;
mod manifest;
mod memory;
mod oracle;
mod orders;
pub mod random;
pub mod signatures;
mod statement;
mod ticks;
mod tree;
mod weaken;
