//! Our prover beside others, on one constraint system, on one machine, in one run.
//!
//! [`System`] is what is proved: a relation without commitment and all its wires. [`mix`] invents one
//! of any size; any other relation becomes one with its challenge fixed ([`system::Plain`]). Peers get
//! it as arkworks matrices ([`arkworks`], [`taceo`]) or as iden3's files ([`formats`], [`snarkjs`]).
//! [`compare`] runs all of them in turns; [`kernels`] does the same for multi-scalar multiplications,
//! transforms and the setup; [`floor`] says how much of a proof is products that cannot be avoided.
//!
//! Every proof of every prover is verified, outside the measured time.

#![deny(missing_docs)]

pub mod arkworks;
mod clock;
pub mod compare;
pub mod field;
pub mod floor;
pub mod formats;
pub mod kernels;
pub mod machine;
pub mod mix;
pub mod snarkjs;
pub mod system;
pub mod table;
mod taceo;

pub use clock::{Span, measure};
pub use system::System;
pub use table::{Name, PeerError, Table};
