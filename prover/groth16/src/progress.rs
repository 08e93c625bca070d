//! How far a proof is, for whoever wants to know.

use std::time::Duration;

/// The parts of proving, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Commitment and knowledge proof.
    Commit,
    /// The assignment's second half.
    Derive,
    /// Products with the matrices, and the check of every row.
    Check,
    /// Transforms.
    Quotient,
    /// Multi-scalar multiplications for A, B (G1), B (G2), and the two parts of C. The first
    /// includes cutting the wires into the digits that the next three use too.
    MsmA,
    MsmBG1,
    MsmBG2,
    MsmL,
    MsmH,
    /// Verification of the finished proof.
    Verify,
}

/// Told how long each phase took.
pub type Observer<'a> = &'a dyn Fn(Phase, Duration);
