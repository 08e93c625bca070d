//! Batches to proofs, and their files.

pub mod manifest;
