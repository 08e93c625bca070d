//! Pinned constraint counts and criterion benches.
//!
//! - `constraints.csv`: rows and constraints of every kind of row, for each shape that comes with the
//!   project. `circuits.csv`: totals and fingerprint of each circuit.
//! - `tests/constraints.rs` compiles the shapes and compares; `UPDATE=1` rewrites both files.
//! - `benches/witness.rs`: what a batch costs before the proof.

#![deny(missing_docs)]
