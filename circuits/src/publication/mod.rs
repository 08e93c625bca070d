//! The published bytes of a batch.

pub mod circuit;
