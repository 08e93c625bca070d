//! A proof and its one canonical byte form.

use crate::encoding::{self, G1_BYTES, G2_BYTES, PointError};
use ark_bn254::{G1Affine, G2Affine};
use thiserror::Error;

/// A proof of three elements, and two more when wires are committed.
///
/// Anyone can turn a valid proof into another valid proof of the same inputs (A/t, t·B, …): proofs
/// are not identifiers, and nothing may be keyed on their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The element A of G1.
    pub a: G1Affine,
    /// The element B of G2.
    pub b: G2Affine,
    /// The element C of G1.
    pub c: G1Affine,
    /// The commitment, present exactly when the circuit commits wires.
    pub commitment: Option<Commitment>,
}

/// The Pedersen commitment to the committed wires, with its proof of knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// The point `D = Σ wᵢ·Kᵢ`, blinded.
    pub point: G1Affine,
    /// The point `P = σ·D`, which only who knows the wᵢ can give.
    pub knowledge: G1Affine,
}

/// The elements of a proof, in the order of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofElement {
    /// The element A of G1.
    #[error("A")]
    A,
    /// The element B of G2.
    #[error("B")]
    B,
    /// The element C of G1.
    #[error("C")]
    C,
    /// The commitment D, an element of G1.
    #[error("commitment")]
    Commitment,
    /// The knowledge proof P, an element of G1.
    #[error("knowledge proof")]
    Knowledge,
}

/// Why bytes are not a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The number of bytes is neither that of a plain nor that of a committed proof.
    #[error("a proof has {PLAIN_BYTES} or {COMMITTED_BYTES} bytes, got {got}")]
    Length {
        /// The number of bytes given.
        got: usize,
    },
    /// An element is no point that a proof may hold.
    #[error("{element}: {error}")]
    Point {
        /// The element that is refused.
        element: ProofElement,
        /// What is wrong with the point.
        error: PointError,
    },
}

/// Length of a proof without commitment in bytes: A, B, C.
const PLAIN_BYTES: usize = 2 * G1_BYTES + G2_BYTES;
/// Length of a proof with commitment in bytes: A, B, C, D, knowledge proof.
const COMMITTED_BYTES: usize = 4 * G1_BYTES + G2_BYTES;

impl Proof {
    /// Writes A, B, C (and D, knowledge proof), uncompressed, as the EVM's precompiles take them.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(COMMITTED_BYTES);
        bytes.extend_from_slice(&encoding::g1_to_bytes(&self.a));
        bytes.extend_from_slice(&encoding::g2_to_bytes(&self.b));
        bytes.extend_from_slice(&encoding::g1_to_bytes(&self.c));
        if let Some(commitment) = &self.commitment {
            bytes.extend_from_slice(&encoding::g1_to_bytes(&commitment.point));
            bytes.extend_from_slice(&encoding::g1_to_bytes(&commitment.knowledge));
        }
        bytes
    }

    /// Reads what [`Proof::to_bytes`] writes, and nothing else: refuses other lengths, coordinates
    /// ≥ q, points off the curve or outside their subgroup, and identities (an honest prover meets
    /// one with probability 2^-254).
    pub fn from_bytes(bytes: &[u8]) -> Result<Proof, ProofError> {
        if bytes.len() != PLAIN_BYTES && bytes.len() != COMMITTED_BYTES {
            return Err(ProofError::Length { got: bytes.len() });
        }
        let commitment = if bytes.len() == COMMITTED_BYTES {
            Some(Commitment {
                point: read_g1(bytes, 256, ProofElement::Commitment)?,
                knowledge: read_g1(bytes, 320, ProofElement::Knowledge)?,
            })
        } else {
            None
        };
        let mut b = [0u8; G2_BYTES];
        b.copy_from_slice(&bytes[G1_BYTES..G1_BYTES + G2_BYTES]);
        let b = encoding::g2_from_bytes(&b)
            .map_err(|error| ProofError::Point { element: ProofElement::B, error })?;
        Ok(Proof {
            a: read_g1(bytes, 0, ProofElement::A)?,
            b,
            c: read_g1(bytes, 192, ProofElement::C)?,
            commitment,
        })
    }

    /// The checks of [`Proof::from_bytes`] on a proof that was put together in memory.
    pub(crate) fn check_points(&self) -> Result<(), ProofError> {
        let on_g1 = |point: &G1Affine, element| {
            encoding::check_g1(point).map_err(|error| ProofError::Point { element, error })
        };
        on_g1(&self.a, ProofElement::A)?;
        encoding::check_g2(&self.b).map_err(|error| ProofError::Point { element: ProofElement::B, error })?;
        on_g1(&self.c, ProofElement::C)?;
        if let Some(commitment) = &self.commitment {
            on_g1(&commitment.point, ProofElement::Commitment)?;
            on_g1(&commitment.knowledge, ProofElement::Knowledge)?;
        }
        Ok(())
    }
}

fn read_g1(bytes: &[u8], start: usize, element: ProofElement) -> Result<G1Affine, ProofError> {
    let mut point = [0u8; G1_BYTES];
    point.copy_from_slice(&bytes[start..start + G1_BYTES]);
    encoding::g1_from_bytes(&point).map_err(|error| ProofError::Point { element, error })
}
