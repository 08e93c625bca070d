//! Verification of one proof.

use crate::hash::HashToField;
use crate::keys::{KeyError, VerifyingKey};
use crate::proof::{Proof, ProofError};
use ark_bn254::{Bn254, Fr, G1Affine, G1Projective};
use ark_ec::CurveGroup;
use ark_ec::bn::{G1Prepared, G2Prepared};
use ark_ec::pairing::{Pairing, PairingOutput};
use ark_ff::Zero;
use thiserror::Error;

/// Why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// The key is unacceptable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The number of public inputs is not that of the key.
    #[error("the key takes {expected} public inputs, got {got}")]
    InputCount {
        /// Number of inputs that the key takes.
        expected: usize,
        /// Number of inputs given.
        got: usize,
    },
    /// The proof lacks the commitment that the key asks for.
    #[error("the proof lacks the commitment that the key asks for")]
    CommitmentMissing,
    /// The proof has a commitment, but the key has no commitment key.
    #[error("the proof has a commitment that the key knows nothing of")]
    CommitmentUnexpected,
    /// The proof holds an invalid point.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The equation of the knowledge proof fails.
    #[error("the knowledge proof of the commitment is wrong")]
    KnowledgeEquation,
    /// The main equation fails: the proof does not hold for these public inputs.
    #[error("the proof does not hold for these public inputs")]
    MainEquation,
    /// The batch has no proof.
    #[error("an empty batch proves nothing")]
    EmptyBatch,
    /// The combined equation of a batch fails: at least one of its proofs does not hold.
    #[error("some proof of the batch does not hold")]
    BatchEquation,
}

type PreparedG2 = G2Prepared<ark_bn254::Config>;

/// A verifying key that was checked, with the parts of the pairings that do not depend on proofs.
pub struct PreparedVerifyingKey {
    pub(crate) key: VerifyingKey,
    pub(crate) alpha_beta: PairingOutput<Bn254>,
    pub(crate) beta: PreparedG2,
    pub(crate) gamma: PreparedG2,
    pub(crate) delta: PreparedG2,
    pub(crate) commitment: Option<PreparedCommitment>,
}

/// G and -σ·G.
pub(crate) struct PreparedCommitment {
    pub g: PreparedG2,
    pub g_sigma_neg: PreparedG2,
}

impl PreparedVerifyingKey {
    /// Prepares a key. Refuses keys with invalid points and forgeable keys (see [`VerifyingKey::check`]).
    pub fn new(key: &VerifyingKey) -> Result<Self, KeyError> {
        key.check()?;
        Ok(PreparedVerifyingKey {
            alpha_beta: Bn254::pairing(key.alpha_g1, key.beta_g2),
            beta: key.beta_g2.into(),
            gamma: key.gamma_g2.into(),
            delta: key.delta_g2.into(),
            commitment: key.commitment.map(|commitment| PreparedCommitment {
                g: commitment.g.into(),
                g_sigma_neg: commitment.g_sigma_neg.into(),
            }),
            key: key.clone(),
        })
    }

    /// The key that this was made from.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Accepts a proof of `inputs` (without the one and without the challenge, which is computed
    /// here), or says why not.
    pub fn verify(&self, inputs: &[Fr], proof: &Proof, hash: HashToField) -> Result<(), VerifyError> {
        self.check_shape(inputs, proof)?;
        self.check_knowledge(proof)?;
        self.check_main(inputs, proof, hash)
    }

    /// `e(D, -σ·G) · e(P, G) = 1`, where there is a commitment.
    pub(crate) fn check_knowledge(&self, proof: &Proof) -> Result<(), VerifyError> {
        let (Some(key), Some(commitment)) = (&self.commitment, &proof.commitment) else {
            return Ok(());
        };
        let product = Bn254::multi_pairing(
            [commitment.point, commitment.knowledge].map(G1Prepared::from),
            [key.g_sigma_neg.clone(), key.g.clone()],
        );
        if product.is_zero() { Ok(()) } else { Err(VerifyError::KnowledgeEquation) }
    }

    /// `e(A, B) = e(α, β) · e(K₀ + Σ xᵢ·Kᵢ + D, γ) · e(C, δ)`
    pub(crate) fn check_main(
        &self,
        inputs: &[Fr],
        proof: &Proof,
        hash: HashToField,
    ) -> Result<(), VerifyError> {
        let public = self.public_point(inputs, proof, hash).into_affine();
        let left = Bn254::multi_pairing(
            [proof.a, -public, -proof.c].map(G1Prepared::from),
            [proof.b.into(), self.gamma.clone(), self.delta.clone()],
        );
        if left == self.alpha_beta { Ok(()) } else { Err(VerifyError::MainEquation) }
    }

    /// Number of inputs, presence of the commitment, validity of every point.
    pub(crate) fn check_shape(&self, inputs: &[Fr], proof: &Proof) -> Result<(), VerifyError> {
        let expected = self.key.inputs();
        if inputs.len() != expected {
            return Err(VerifyError::InputCount { expected, got: inputs.len() });
        }
        match (&self.commitment, &proof.commitment) {
            (Some(_), None) => return Err(VerifyError::CommitmentMissing),
            (None, Some(_)) => return Err(VerifyError::CommitmentUnexpected),
            _ => {}
        }
        proof.check_points()?;
        Ok(())
    }

    /// The public columns after the one: the inputs, and the challenge if there is a commitment.
    pub(crate) fn public_columns(&self, inputs: &[Fr], proof: &Proof, hash: HashToField) -> Vec<Fr> {
        let mut columns = inputs.to_vec();
        if let Some(commitment) = &proof.commitment {
            let committed_public = &inputs[..self.key.layout.committed_public];
            columns.push(hash.challenge(&commitment.point, committed_public));
        }
        columns
    }

    /// `K₀ + Σ xᵢ·Kᵢ + D`.
    fn public_point(&self, inputs: &[Fr], proof: &Proof, hash: HashToField) -> G1Projective {
        let columns = self.public_columns(inputs, proof, hash);
        let terms = self.key.k[1..].iter().zip(columns).map(|(k, column)| *k * column);
        let sum: G1Projective = terms.sum::<G1Projective>() + self.key.k[0];
        sum + commitment_point(proof)
    }
}

/// D, or the identity.
fn commitment_point(proof: &Proof) -> G1Affine {
    proof.commitment.map_or(G1Affine::identity(), |commitment| commitment.point)
}

/// Checks the key, then the proof; with many proofs, prepare the key once.
pub fn verify(
    key: &VerifyingKey,
    inputs: &[Fr],
    proof: &Proof,
    hash: HashToField,
) -> Result<(), VerifyError> {
    PreparedVerifyingKey::new(key)?.verify(inputs, proof, hash)
}
