//! Our prover beside others, on one constraint system, on one machine, in one run.
//!
//! [`zkmargin::bench`] has the system, the turns and the clock, and measures ours. Others get the system
//! as arkworks matrices ([`arkworks`], [`taceo`]) or as iden3's files ([`formats`], [`export`], [`snarkjs`]). [`Table`] is
//! all of them with their keys; [`kernels`] has the multi-scalar multiplications and transforms of arkworks;
//! [`cli`] is the program `zkmargin-peers`.
//!
//! Every proof of every prover is verified, outside the measured time.

#![deny(missing_docs)]

pub mod arkworks;
pub mod cli;
pub mod export;
pub mod formats;
pub mod kernels;
pub mod snarkjs;
mod table;
mod taceo;

pub use table::{Peer, PeerError, Table};
