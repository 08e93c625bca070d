//! A verifying key as the contracts read it: 30 words, big-endian, G2 as (c1, c0).

use alloy_sol_types::SolValue;
use revm::primitives::{B256, U256, keccak256};
use thiserror::Error;
use zkmargin_groth16::encoding::{g1_to_bytes, g2_to_bytes};
use zkmargin_groth16::{KeyError, Layout, LayoutError, VerifyingKey};

/// Why the contracts cannot use a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SolidityKeyError {
    /// The key is forgeable (δ = ±γ and the like) or malformed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The layout of the key describes no circuit.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The key has no commitment, which the contracts ask for.
    #[error("the contracts verify proofs with a commitment, and this key has none")]
    NoCommitment,
    #[error(
        "the statement is s (committed), v and z: this key has {public} public columns, {committed} committed"
    )]
    /// The public columns of the key are not one, s, v and z with s committed.
    PublicColumns {
        /// Number of public columns.
        public: usize,
        /// Number of committed public columns.
        committed: usize,
    },
}

/// A verifying key in the bytes of the contracts, which passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolidityKey {
    bytes: Vec<u8>,
    circuit: [u8; 32],
    sizes: U256,
    insecure: bool,
}

impl SolidityKey {
    /// Checks `key` and encodes it. Refuses what the contracts cannot use.
    pub fn new(key: &VerifyingKey) -> Result<Self, SolidityKeyError> {
        key.check()?;
        key.layout.check()?;
        let Some(commitment) = key.commitment else {
            return Err(SolidityKeyError::NoCommitment);
        };
        let (public, committed) = (key.layout.public, key.layout.committed_public);
        // The columns one, s, v, z.
        if public != 4 || committed != 1 {
            return Err(SolidityKeyError::PublicColumns { public, committed });
        }
        let mut bytes = g1_to_bytes(&key.alpha_g1).to_vec();
        for point in [&key.beta_g2, &key.gamma_g2, &key.delta_g2] {
            bytes.extend_from_slice(&g2_to_bytes(point));
        }
        for point in &key.k {
            bytes.extend_from_slice(&g1_to_bytes(point));
        }
        bytes.extend_from_slice(&g2_to_bytes(&commitment.g));
        bytes.extend_from_slice(&g2_to_bytes(&commitment.g_sigma_neg));
        let insecure = key.origin.is_insecure();
        Ok(SolidityKey { bytes, circuit: key.fingerprint, sizes: sizes(&key.layout), insecure })
    }

    /// The 960 bytes of the key: alpha, beta, gamma, delta, four K, G, -σ·G.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Tells whether it is a development key, whose maker can forge proofs.
    pub(crate) fn is_insecure(&self) -> bool {
        self.insecure
    }

    /// The fingerprint of the circuit.
    pub(crate) fn circuit(&self) -> [u8; 32] {
        self.circuit
    }

    /// The sizes of the circuit in one word.
    pub(crate) fn sizes(&self) -> U256 {
        self.sizes
    }

    /// The encoded arguments of the constructor of `Groth16Verifier`.
    pub fn deployment_arguments(&self) -> Vec<u8> {
        (self.bytes.clone(), B256::from(self.circuit), self.sizes, self.insecure).abi_encode_params()
    }

    /// The key's id, which is header element 3: the upper 31 bytes of the keccak256 digest of the 960
    /// bytes and of what the key says of itself, which are circuit, sizes and origin.
    pub fn id(&self) -> [u8; 31] {
        let sizes = self.sizes.to_be_bytes::<32>();
        let origin = [u8::from(self.insecure)];
        let digest = keccak256([&self.bytes[..], &self.circuit, &sizes, &origin].concat());
        let mut id = [0u8; 31];
        id.copy_from_slice(&digest[..31]);
        id
    }
}

/// Sizes of a circuit, 32 bits each, the first in the highest place. A layout that was checked has none
/// above 2^28.
fn sizes(layout: &Layout) -> U256 {
    let Layout { constraints, public, committed_public, committed, derived } = *layout;
    let all = [constraints, public, committed_public, committed, derived];
    all.iter().fold(U256::ZERO, |word, size| word << 32 | U256::from(*size))
}

/// The header element 3 of batches that are proved under `key`. Refuses what the contracts cannot use.
pub fn key_id(key: &VerifyingKey) -> Result<[u8; 31], SolidityKeyError> {
    Ok(SolidityKey::new(key)?.id())
}
