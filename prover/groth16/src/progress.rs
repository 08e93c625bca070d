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
    /// A finished proof was invalid, or a row failed that the portable kernels find satisfied: this time
    /// was lost, and the work is done again on the portable kernels.
    Retry,
}

impl Phase {
    /// The phase's name in reports and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Commit => "commit",
            Phase::Derive => "derive",
            Phase::Check => "matrices",
            Phase::Quotient => "fft",
            Phase::MsmA => "msm_a",
            Phase::MsmBG1 => "msm_b_g1",
            Phase::MsmBG2 => "msm_b_g2",
            Phase::MsmL => "msm_l",
            Phase::MsmH => "msm_h",
            Phase::Verify => "verify",
            Phase::Retry => "retry",
        }
    }
}

/// Told how long each phase took.
pub type Observer<'a> = &'a dyn Fn(Phase, Duration);
