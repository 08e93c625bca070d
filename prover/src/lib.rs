//! Replays order flow, builds batches and proves them.
//!
//! One stage is one room: [`wire`] reads files, [`flow`] invents some, [`engine`] makes batches,
//! [`record`] fills the circuit, [`keys`] and [`prove`] make proofs, [`verify`] checks them from files
//! alone, [`report`] says what happened, [`cli`] is the program.

pub mod cli;
pub mod engine;
pub mod flow;
pub mod keys;
pub mod prove;
pub mod record;
pub mod report;
pub mod verify;
pub mod wire;
