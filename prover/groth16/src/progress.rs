//! How far a proof is, for whoever wants to know.

use std::time::Duration;

/// The parts of proving, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The commitment and its knowledge proof are computed.
    Commit,
    /// The assignment derives its second half.
    Derive,
    /// Products with the matrices are computed, and every row is checked.
    Check,
    /// Transforms give the quotient polynomial.
    Quotient,
    /// A multi-scalar multiplication gives A. Its time includes cutting the wires into the digits
    /// that the next three phases use too.
    MsmA,
    /// A multi-scalar multiplication gives B in G1.
    MsmBG1,
    /// A multi-scalar multiplication gives B in G2.
    MsmBG2,
    /// A multi-scalar multiplication gives the part of C from the derived wires.
    MsmL,
    /// A multi-scalar multiplication gives the part of C from the quotient polynomial.
    MsmH,
    /// The finished proof is verified.
    Verify,
    /// A finished proof was invalid, or a row failed that the portable kernels find satisfied: this time
    /// was lost, and the work is done again on the portable kernels.
    Retry,
}

impl Phase {
    /// The name of the phase in reports and JSON.
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

/// A function that is told how long each phase took.
pub type Observer<'a> = &'a dyn Fn(Phase, Duration);
