//! Replays order flow, builds batches and proves them.

pub mod record;
