//! Our prover and its kernels, measured on one constraint system and on one machine.
//!
//! [`System`] is what is proved: a relation without commitment and all its wires. [`mix`] invents one
//! of any size; any other relation becomes one with its challenge fixed ([`system::Plain`]).
//! [`compare`] runs provers in turns, ours ([`Ours`]) alone or beside others; [`kernels`] does the same for
//! multi-scalar multiplications and transforms; [`floor`] says how much of a proof is products that cannot
//! be avoided. The room knows no other prover: `zkmargin-peers` brings some along.
//!
//! Every proof is verified, outside the measured time.

mod clock;
pub mod compare;
pub mod field;
pub mod floor;
pub mod kernels;
pub mod machine;
pub mod mix;
mod ours;
pub mod system;

pub use clock::{Memory, Span, measure};
pub use compare::{Comparison, Preparation, Provers, Run, Series};
pub use ours::{OURS, Ours};
pub use system::System;

use rayon::{ThreadPool, ThreadPoolBuilder};
use thiserror::Error;
use zkmargin_groth16::{ProveError, SetupError};

/// Why measuring ends early.
#[derive(Debug, Error)]
pub enum BenchError {
    /// Our setup failed.
    #[error("our setup: {0}")]
    Setup(#[from] SetupError),
    /// Our prover failed.
    #[error("our prover: {0}")]
    Prove(#[from] ProveError),
    /// A proof of ours does not verify.
    #[error("{OURS}: the proof does not verify")]
    Invalid,
    /// The results of ours and of the other kernel of this name differ.
    #[error("{0} of two kernels differ")]
    Differ(&'static str),
    /// A pool of threads could not be started.
    #[error("{asked} threads cannot be started: {why}")]
    Threads {
        /// Number of threads that were asked for.
        asked: usize,
        /// The reason that the pool gives.
        why: String,
    },
}

/// Starts a pool of its own for a number of threads. Fails if the system does not start so many.
pub fn pool(threads: usize) -> Result<ThreadPool, BenchError> {
    let built = ThreadPoolBuilder::new().num_threads(threads).build();
    built.map_err(|error| BenchError::Threads { asked: threads, why: error.to_string() })
}
