//! The heavy arithmetic of a prover over BN254, with nothing else in it: no keys, no files, no
//! circuits.
//!
//! Results are exact field and group elements, the same on every machine, over any number of
//! threads and on every instruction set.
//!
//! Unsafe code is denied but for the one module of each instruction set, which argues its own.

#![deny(missing_docs)]

pub mod addition;
mod backend;
pub mod combination;
pub mod element;
pub mod fault;
pub mod field;
pub mod fixed_base;
pub mod memory;
pub mod msm;
pub mod ntt;
pub mod points;
pub mod simd;
mod spares;

pub use backend::Backend;
