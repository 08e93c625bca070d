//! Tests of soundness: both halves on one record, forged advice, seeded bugs, the kernel, reject vectors, and
//! what they start from.

pub mod agree;
pub mod attacks;
pub(crate) mod batches;
pub mod bounds;
pub mod fixture;
pub mod forge;
mod ids;
pub mod kernel;
pub mod kinds;
mod layouts;
pub mod leaf_forge;
mod mute;
mod overrides;
mod records;
mod reject_vectors;
pub mod row_kernel;
pub mod samples;
