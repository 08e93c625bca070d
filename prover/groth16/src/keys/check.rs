//! Keys under which forgery is easy are refused wherever a key appears (soundness rule 21).

use super::VerifyingKey;
use crate::encoding::{self, PointError};
use ark_bn254::G2Affine;
use ark_ec::AffineRepr;
use thiserror::Error;

/// Why a verifying key is unacceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// An element of the key is no point that may stand there.
    #[error("{element}: {error}")]
    Point {
        /// Name of the element, such as `beta`.
        element: &'static str,
        /// What is wrong with the point.
        error: PointError,
    },
    /// An element of a public column is no point that may stand there.
    #[error("K[{index}]: {error}")]
    PublicPoint {
        /// Index of the public column, which is 0 for the constant one.
        index: usize,
        /// What is wrong with the point.
        error: PointError,
    },
    /// The key does not have one K element for each public column of its layout.
    #[error("{got} K elements for {expected} public columns")]
    PublicCount {
        /// Number of public columns of the layout.
        expected: usize,
        /// Number of K elements of the key.
        got: usize,
    },
    /// The layout commits wires and the key has no commitment key, or the other way round.
    #[error("the layout and the key disagree about a commitment")]
    CommitmentPresence,
    /// δ is γ or -γ, so that C can absorb any change of the public inputs.
    #[error("delta is gamma or its negative: anyone can forge proofs under this key")]
    DeltaIsGamma,
    /// δ is the generator of G2 or its negative, so that no secret went into it.
    #[error("delta is the generator or its negative: no secret went into it")]
    DeltaIsGenerator,
    /// σ·G is a known point of G2 or its negative, so that the knowledge proof proves nothing.
    #[error("sigma·G is {of} or its negative: the knowledge proof proves nothing")]
    SigmaIsKnown {
        /// Name of the known point, such as `gamma`.
        of: &'static str,
    },
}

impl VerifyingKey {
    /// Refuses a key with points that are invalid or the identity, a count that does not fit its
    /// layout, δ ∈ {±γ, ±G₂} or σ·G ∈ {±G₂, ±γ, ±δ, ±G}.
    ///
    /// - δ = ±γ: C and the public inputs share a basis, so C can absorb any change of the inputs.
    /// - δ = ±G₂, σ·G = ±(a point of the key): the secret is 1, or follows from another element.
    pub fn check(&self) -> Result<(), KeyError> {
        self.check_points()?;
        let generator = G2Affine::generator();
        if same_up_to_sign(&self.delta_g2, &self.gamma_g2) {
            return Err(KeyError::DeltaIsGamma);
        }
        if same_up_to_sign(&self.delta_g2, &generator) {
            return Err(KeyError::DeltaIsGenerator);
        }
        if let Some(commitment) = &self.commitment {
            let known = [
                ("the generator", generator),
                ("gamma", self.gamma_g2),
                ("delta", self.delta_g2),
                ("G", commitment.g),
            ];
            for (of, point) in known {
                if same_up_to_sign(&commitment.g_sigma_neg, &point) {
                    return Err(KeyError::SigmaIsKnown { of });
                }
            }
        }
        Ok(())
    }

    fn check_points(&self) -> Result<(), KeyError> {
        if self.k.len() != self.layout.public {
            return Err(KeyError::PublicCount { expected: self.layout.public, got: self.k.len() });
        }
        if self.commitment.is_some() != self.layout.has_commitment() {
            return Err(KeyError::CommitmentPresence);
        }
        encoding::check_g1(&self.alpha_g1).map_err(|error| KeyError::Point { element: "alpha", error })?;
        let mut in_g2 = vec![("beta", &self.beta_g2), ("gamma", &self.gamma_g2), ("delta", &self.delta_g2)];
        if let Some(commitment) = &self.commitment {
            in_g2.push(("G", &commitment.g));
            in_g2.push(("sigma·G", &commitment.g_sigma_neg));
        }
        for (element, point) in in_g2 {
            encoding::check_g2(point).map_err(|error| KeyError::Point { element, error })?;
        }
        for (index, point) in self.k.iter().enumerate() {
            encoding::check_g1(point).map_err(|error| KeyError::PublicPoint { index, error })?;
        }
        Ok(())
    }
}

fn same_up_to_sign(left: &G2Affine, right: &G2Affine) -> bool {
    left == right || *left == -*right
}
