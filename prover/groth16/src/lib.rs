//! Groth16 over BN254 with at most one Pedersen commitment (the BSB22 construction of gnark).
//!
//! A [`Relation`] gives matrices, an [`Assignment`] gives wires in two phases: the committed ones,
//! then, once the challenge `z = H(commitment ‖ committed public inputs)` is drawn, the derived
//! ones. [`setup()`] makes a development key, [`prove()`] a proof, [`verify()`] accepts or refuses it.
//!
//! - With no committed wire this is plain Groth16, element for element that of `ark-groth16`
//!   (libsnark's reduction).
//! - With committed wires, keys, proofs and both verification equations are gnark's.
//!
//! This crate knows nothing of what its circuits say.

#![deny(missing_docs)]

mod batch;
mod columns;
pub mod encoding;
mod hash;
mod kernel;
mod keys;
mod progress;
mod proof;
mod prove;
mod quotient;
mod relation;
mod setup;
mod sparse;
mod verify;

pub use batch::verify_batch;
pub use hash::HashToField;
pub use keys::{
    CommitmentKey, Fingerprint, KeyElement, KeyError, KeyFileError, KeyOrigin, ProvingKey, VerifyingKey,
};
pub use progress::{Observer, Phase};
pub use proof::{Commitment, Proof, ProofElement, ProofError};
pub use prove::{ProveError, Prover, prove};
pub use relation::{Assignment, Derived, Layout, LayoutError, Matrix, Relation};
pub use setup::{KnowledgeBase, SetupError, setup, setup_with_knowledge_base};
pub use sparse::{ClosureAssignment, SparseError, SparseRelation, SparseRow};
pub use verify::{PreparedVerifyingKey, VerifyError, verify};

#[cfg(test)]
mod tests;
