//! Replays order flow, builds batches and proves them.
//!
//! One stage is one module: [`wire`] reads files, [`flow`] invents some, [`engine`] makes batches,
//! [`record`] fills the circuit, [`keys`] and [`prove`] make proofs, [`verify`] checks them from files
//! alone, [`audit`] rebuilds the states from the bytes, [`report`] says what happened, [`oracle`] signs a feed's prices,
//! [`listings`] makes markets of ours of an exchange's parameters, [`mod@bench`] measures, [`cli`] is the program. [`leftovers`] knows what a signal must remove.

#![deny(missing_docs)]

pub mod audit;
pub mod bench;
pub mod cli;
mod engine;
mod file_lock;
mod flow;
mod hex;
mod keys;
mod leftovers;
pub mod listings;
mod oracle;
pub mod prove;
pub mod record;
mod report;
pub mod verify;
pub mod wire;
