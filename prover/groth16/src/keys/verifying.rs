//! The verifying key and its bytes.

use super::file::{HEADER_BYTES, Header, Kind, write_atomically};
use super::{KeyElement, KeyError, KeyFileError, KeyOrigin};
use crate::encoding::{self, G1_BYTES, G2_BYTES, PointError};
use crate::relation::Layout;
use ark_bn254::{G1Affine, G2Affine};
use sha3::{Digest, Keccak256};
use std::path::Path;

/// What a verifier needs to know of a circuit.
///
/// A proof (A, B, C, D, P) of public inputs x (z last) is accepted when
/// `e(A, B) = e(α, β) · e(K₀ + Σ xᵢ·Kᵢ + D, γ) · e(C, δ)` and `e(D, -σ·G) · e(P, G) = 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    /// Where the secrets behind the key went.
    pub origin: KeyOrigin,
    /// The fingerprint of the circuit.
    pub fingerprint: [u8; 32],
    /// The sizes of the circuit.
    pub layout: Layout,
    /// The point α of G1.
    pub alpha_g1: G1Affine,
    /// The point β of G2.
    pub beta_g2: G2Affine,
    /// The point γ of G2, the base of the public columns.
    pub gamma_g2: G2Affine,
    /// The point δ of G2, the base of the derived columns.
    pub delta_g2: G2Affine,
    /// One element per public column: the one, the inputs, and last the challenge if there is one.
    pub k: Vec<G1Affine>,
    /// The key of the knowledge proof, present exactly when the circuit commits wires.
    pub commitment: Option<CommitmentKey>,
}

/// The key of the knowledge proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitmentKey {
    /// The point G of G2, which the knowledge proof is checked against.
    pub g: G2Affine,
    /// The point `-σ·G`, as gnark stores it.
    pub g_sigma_neg: G2Affine,
}

impl VerifyingKey {
    /// The number of public inputs that a verifier is given: neither the one nor the challenge.
    pub(crate) fn inputs(&self) -> usize {
        self.layout.inputs()
    }

    /// The keccak256 digest of [`VerifyingKey::to_bytes`], which names the key.
    pub fn digest(&self) -> [u8; 32] {
        Keccak256::digest(self.to_bytes()).into()
    }

    /// Writes the content of a verifying key file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut image = vec![0u8; HEADER_BYTES];
        image.extend_from_slice(&self.body());
        let VerifyingKey { origin, fingerprint, layout, .. } = *self;
        Header { kind: Kind::Verifying, origin, fingerprint, layout }.seal(&mut image);
        image
    }

    /// Reads a verifying key file, checks every point, and refuses forgeable keys.
    pub fn from_bytes(image: &[u8]) -> Result<VerifyingKey, KeyFileError> {
        let header = Header::read(image, Kind::Verifying, body_bytes)?;
        Self::from_body(&header, &image[HEADER_BYTES..])
    }

    /// Writes the key file; replaces an older one in one step.
    pub fn write(&self, path: &Path) -> Result<(), KeyFileError> {
        write_atomically(path, &self.to_bytes())
    }

    /// Reads a key file and refuses that of another circuit.
    pub fn open(path: &Path, fingerprint: &[u8; 32]) -> Result<VerifyingKey, KeyFileError> {
        let image =
            std::fs::read(path).map_err(|source| KeyFileError::Io { path: path.to_path_buf(), source })?;
        let header = Header::read(&image, Kind::Verifying, body_bytes)?;
        header.require(fingerprint)?;
        Self::from_body(&header, &image[HEADER_BYTES..])
    }

    /// Points in canonical form: α, β, γ, δ, K…, and G, -σ·G with a commitment.
    pub(super) fn body(&self) -> Vec<u8> {
        let mut body = encoding::g1_to_bytes(&self.alpha_g1).to_vec();
        for point in [&self.beta_g2, &self.gamma_g2, &self.delta_g2] {
            body.extend_from_slice(&encoding::g2_to_bytes(point));
        }
        for point in &self.k {
            body.extend_from_slice(&encoding::g1_to_bytes(point));
        }
        if let Some(commitment) = &self.commitment {
            body.extend_from_slice(&encoding::g2_to_bytes(&commitment.g));
            body.extend_from_slice(&encoding::g2_to_bytes(&commitment.g_sigma_neg));
        }
        body
    }

    /// `body` has exactly [`body_bytes`] of the header's layout.
    pub(super) fn from_body(header: &Header, body: &[u8]) -> Result<VerifyingKey, KeyFileError> {
        let mut points = PointReader { rest: body };
        let alpha_g1 = points.g1(KeyElement::Alpha)?;
        let beta_g2 = points.g2(KeyElement::Beta)?;
        let gamma_g2 = points.g2(KeyElement::Gamma)?;
        let delta_g2 = points.g2(KeyElement::Delta)?;
        let k = (0..header.layout.public)
            .map(|index| points.g1(KeyElement::K(index)))
            .collect::<Result<_, _>>()?;
        let commitment = if header.layout.has_commitment() {
            Some(CommitmentKey {
                g: points.g2(KeyElement::KnowledgeBase)?,
                g_sigma_neg: points.g2(KeyElement::SigmaG)?,
            })
        } else {
            None
        };
        let Header { origin, fingerprint, layout, .. } = *header;
        let key = VerifyingKey {
            origin,
            fingerprint,
            layout,
            alpha_g1,
            beta_g2,
            gamma_g2,
            delta_g2,
            k,
            commitment,
        };
        key.check()?;
        Ok(key)
    }
}

/// Length of a verifying key's body.
pub(super) fn body_bytes(layout: &Layout) -> usize {
    let commitment = if layout.has_commitment() { 2 * G2_BYTES } else { 0 };
    G1_BYTES + 3 * G2_BYTES + layout.public * G1_BYTES + commitment
}

/// Reads points one after the other; the caller has checked the length.
struct PointReader<'a> {
    rest: &'a [u8],
}

impl PointReader<'_> {
    fn g1(&mut self, element: KeyElement) -> Result<G1Affine, KeyError> {
        encoding::g1_from_bytes(&self.take()).map_err(|error| wrap(element, error))
    }

    fn g2(&mut self, element: KeyElement) -> Result<G2Affine, KeyError> {
        encoding::g2_from_bytes(&self.take()).map_err(|error| wrap(element, error))
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0u8; N];
        let (head, rest) = self.rest.split_at(N);
        bytes.copy_from_slice(head);
        self.rest = rest;
        bytes
    }
}

fn wrap(element: KeyElement, error: PointError) -> KeyError {
    KeyError::Point { element, error }
}
