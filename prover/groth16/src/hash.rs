//! The challenge of the commitment: a hash to the scalar field.
//!
//! The message is `D.x ‖ D.y ‖ committed public inputs`, 32 bytes each, big-endian, canonical.

use crate::encoding;
use ark_bn254::{Fr, G1Affine};
use ark_ff::{BigInteger, PrimeField};
use sha2::Sha256;
use sha3::{Digest, Keccak256};

/// gnark's domain separator for the hash of a commitment.
const GNARK_TAG: &[u8] = b"bsb22-commitment";
/// Bytes expanded for one element: 32 and 16 more, so that the reduction's bias is below 2^-128.
const EXPANDED: usize = 48;

/// The hash that draws the challenge. Keys do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HashToField {
    /// `keccak256(message) mod r`, cheap for a contract. (r is near 2^254, so a value below
    /// 2^256 reduces to each residue five or six times: the bias does not matter for a challenge.)
    #[default]
    Keccak256,
    /// gnark's default: SHA-256 `expand_message_xmd` (RFC 9380, 5.3.1) to 48 bytes, then mod r.
    Sha256Xmd,
}

impl HashToField {
    /// Draws the challenge of a commitment (not the identity) and of the public inputs it is bound to.
    pub fn challenge(self, commitment: &G1Affine, committed_public: &[Fr]) -> Fr {
        let mut message = encoding::g1_to_bytes(commitment).to_vec();
        for input in committed_public {
            message.extend_from_slice(&input.into_bigint().to_bytes_be());
        }
        match self {
            HashToField::Keccak256 => Fr::from_be_bytes_mod_order(&Keccak256::digest(&message)),
            HashToField::Sha256Xmd => Fr::from_be_bytes_mod_order(&expand_message(&message, GNARK_TAG)),
        }
    }
}

/// RFC 9380 `expand_message_xmd` with SHA-256 for 48 bytes: two blocks.
fn expand_message(message: &[u8], tag: &[u8]) -> [u8; EXPANDED] {
    let suffix = [tag, &[tag.len() as u8]].concat();
    let first = Sha256::new()
        .chain_update([0u8; 64])
        .chain_update(message)
        .chain_update((EXPANDED as u16).to_be_bytes())
        .chain_update([0u8])
        .chain_update(&suffix)
        .finalize();
    let block_1 = Sha256::new().chain_update(first).chain_update([1u8]).chain_update(&suffix).finalize();
    let mixed: Vec<u8> = first.iter().zip(&block_1).map(|(x, y)| x ^ y).collect();
    let block_2 = Sha256::new().chain_update(mixed).chain_update([2u8]).chain_update(&suffix).finalize();
    let mut expanded = [0u8; EXPANDED];
    expanded[..32].copy_from_slice(&block_1);
    expanded[32..].copy_from_slice(&block_2[..16]);
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9380, appendix K.1 (SHA-256, 32 bytes) has other lengths; this is gnark-crypto's own
    /// value for the 64 zero bytes, which groth16-solana publishes as a golden vector.
    #[test]
    fn expansion_agrees_with_gnark() {
        let expected = "1f1407ef745a0b1eae0567306b4560479d99b943b34072d983ad2ec6d37a1360";
        let got = Fr::from_be_bytes_mod_order(&expand_message(&[0u8; 64], GNARK_TAG));
        let hex: String = got.into_bigint().to_bytes_be().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }
}
