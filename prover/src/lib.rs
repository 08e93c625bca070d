//! Replays order flow, builds batches and proves them.

pub mod engine;
pub mod flow;
pub mod wire;
