//! The published bytes of a batch.
