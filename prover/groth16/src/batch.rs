//! Verification of many proofs under one key by one product of n + 5 pairings.

use crate::hash::HashToField;
use crate::keys::VerifyingKey;
use crate::proof::Proof;
use crate::verify::{PreparedVerifyingKey, VerifyError};
use ark_bn254::{Bn254, Fr, G1Affine, G1Projective};
use ark_ec::bn::G1Prepared;
use ark_ec::pairing::Pairing;
use ark_ff::{BigInt, BigInteger, PrimeField, Zero};
use sha3::{Digest, Keccak256};

impl PreparedVerifyingKey {
    /// Accepts a batch of (inputs, proof), or refuses it as a whole.
    ///
    /// The main equation of proof i is scaled by ρᵢ and its knowledge equation by ρ'ᵢ, 128 bits
    /// each and independent (soundness rule 22: with ρᵢ = ρ'ᵢ errors of the two could cancel); both
    /// come from keccak256 over the key, all inputs, all proofs and i. A batch with a false proof
    /// passes with probability about 2^-128.
    pub fn verify_batch(&self, statements: &[(&[Fr], &Proof)], hash: HashToField) -> Result<(), VerifyError> {
        if statements.is_empty() {
            return Err(VerifyError::EmptyBatch);
        }
        for (inputs, proof) in statements {
            self.check_shape(inputs, proof)?;
        }
        let seed = self.transcript(statements, hash);
        let mut sums = Sums::new(self.key.k.len());
        let mut g1 = Vec::with_capacity(statements.len() + 5);
        let mut g2 = Vec::with_capacity(statements.len() + 5);
        for (index, (inputs, proof)) in statements.iter().enumerate() {
            let rho = scalar(&seed, b"main", index);
            let rho_knowledge = scalar(&seed, b"knowledge", index);
            sums.add(&self.public_columns(inputs, proof, hash), proof, rho, rho_knowledge);
            g1.push(G1Prepared::from(G1Affine::from(proof.a * rho)));
            g2.push(proof.b.into());
        }
        let public: G1Projective = self.key.k.iter().zip(&sums.columns).map(|(k, column)| *k * column).sum();
        let mut pair = |left: G1Projective, right: &ark_ec::bn::G2Prepared<_>| {
            g1.push(G1Prepared::from(G1Affine::from(left)));
            g2.push(right.clone());
        };
        // The sum of the ρᵢ is the column of the constant one.
        pair(-(self.key.alpha_g1 * sums.columns[0]), &self.beta);
        pair(-(public + sums.commitments), &self.gamma);
        pair(-sums.c, &self.delta);
        if let Some(key) = &self.commitment {
            pair(sums.commitments_for_knowledge, &key.g_sigma_neg);
            pair(sums.knowledge, &key.g);
        }
        if Bn254::multi_pairing(g1, g2).is_zero() { Ok(()) } else { Err(VerifyError::BatchEquation) }
    }

    /// Digest of everything the combination must depend on.
    fn transcript(&self, statements: &[(&[Fr], &Proof)], hash: HashToField) -> [u8; 32] {
        let mut transcript = Keccak256::new();
        transcript.update(b"zkmargin batch 1");
        transcript.update([hash as u8]);
        transcript.update(self.key.digest());
        transcript.update((statements.len() as u64).to_be_bytes());
        // Every statement has the same length: the key fixes it.
        for (inputs, proof) in statements {
            for input in *inputs {
                transcript.update(input.into_bigint().to_bytes_be());
            }
            transcript.update(proof.to_bytes());
        }
        transcript.finalize().into()
    }
}

/// Low 128 bits of keccak256(seed ‖ tag ‖ index).
fn scalar(seed: &[u8; 32], tag: &[u8], index: usize) -> Fr {
    let digest = Keccak256::new()
        .chain_update(seed)
        .chain_update(tag)
        .chain_update((index as u64).to_be_bytes())
        .finalize();
    let low = digest[16..].iter().fold(0u128, |value, byte| value << 8 | u128::from(*byte));
    let value = BigInt::new([low as u64, (low >> 64) as u64, 0, 0]);
    Fr::from_bigint(value).unwrap_or_default()
}

/// Linear combinations over the batch.
struct Sums {
    /// `Σ ρᵢ·xᵢⱼ` of each public column, the constant one first.
    columns: Vec<Fr>,
    /// `Σ ρᵢ·Dᵢ`
    commitments: G1Projective,
    /// `Σ ρᵢ·Cᵢ`
    c: G1Projective,
    /// `Σ ρ'ᵢ·Dᵢ`
    commitments_for_knowledge: G1Projective,
    /// `Σ ρ'ᵢ·Pᵢ`
    knowledge: G1Projective,
}

impl Sums {
    fn new(columns: usize) -> Self {
        Sums {
            columns: vec![Fr::zero(); columns],
            commitments: G1Projective::zero(),
            c: G1Projective::zero(),
            commitments_for_knowledge: G1Projective::zero(),
            knowledge: G1Projective::zero(),
        }
    }

    fn add(&mut self, columns: &[Fr], proof: &Proof, rho: Fr, rho_knowledge: Fr) {
        self.columns[0] += rho;
        for (sum, column) in self.columns[1..].iter_mut().zip(columns) {
            *sum += rho * column;
        }
        self.c += proof.c * rho;
        if let Some(commitment) = &proof.commitment {
            self.commitments += commitment.point * rho;
            self.commitments_for_knowledge += commitment.point * rho_knowledge;
            self.knowledge += commitment.knowledge * rho_knowledge;
        }
    }
}

/// Checks the key, then the batch; see [`PreparedVerifyingKey::verify_batch`].
pub fn verify_batch(
    key: &VerifyingKey,
    statements: &[(&[Fr], &Proof)],
    hash: HashToField,
) -> Result<(), VerifyError> {
    PreparedVerifyingKey::new(key)?.verify_batch(statements, hash)
}
