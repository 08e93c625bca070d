//! Keys under which forgery is easy are refused wherever a key appears (soundness rule 21).

use super::{KeyElement, VerifyingKey};
use crate::encoding::{self, PointError};
use thiserror::Error;

/// Why a verifying key is unacceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// An element of the key is no point that may stand there.
    #[error("{element}: {error}")]
    Point {
        /// The element that is refused.
        element: KeyElement,
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
    /// Two points of one group are equal or opposite.
    #[error("{right} is {left} or its negative: anyone may be able to forge proofs under this key")]
    Related {
        /// The one that stands first in the key.
        left: KeyElement,
        /// The other one.
        right: KeyElement,
    },
    /// Points of different groups have logarithms that are equal or opposite.
    #[error("{left} and {right} have one secret up to its sign: anyone may be able to forge proofs")]
    SameSecret {
        /// The point of G1.
        left: KeyElement,
        /// The point of G2.
        right: KeyElement,
    },
    /// σ is the logarithm of a point of G2 or its negative. A verifying key may hide it; a proving key shows it.
    #[error("sigma is the secret of {of} up to its sign: anyone may be able to forge proofs")]
    SigmaIsSecret {
        /// The point of G2.
        of: KeyElement,
    },
}

impl VerifyingKey {
    /// Refuses a key with points that are invalid or the identity, a count that does not fit its
    /// layout, or secrets that are 1 or one another's equal up to sign.
    ///
    /// The relations, with a forgery or an argument for each, are in the chapter on the proof system.
    pub fn check(&self) -> Result<(), KeyError> {
        self.check_points()?;
        self.relations().first().map_or(Ok(()), |relation| Err(*relation))
    }

    fn check_points(&self) -> Result<(), KeyError> {
        if self.k.len() != self.layout.public {
            return Err(KeyError::PublicCount { expected: self.layout.public, got: self.k.len() });
        }
        if self.commitment.is_some() != self.layout.has_commitment() {
            return Err(KeyError::CommitmentPresence);
        }
        for (element, point) in self.points_of_g1() {
            encoding::check_g1(&point).map_err(|error| KeyError::Point { element, error })?;
        }
        for (element, point) in self.points_of_g2() {
            encoding::check_g2(&point).map_err(|error| KeyError::Point { element, error })?;
        }
        Ok(())
    }
}
