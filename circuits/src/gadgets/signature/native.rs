//! Signing and verification on integers.

use super::{
    FIELD_LOW_BITS, FIELD_TOP_BOUND, PublicKey, SCALAR_LOW_BITS, SCALAR_TOP_BOUND, Scalar, Signature,
    SignatureError, top,
};
use crate::gadgets::curve::{GENERATOR, Point, double_scalar_mul};
use ark_bn254::Fr;
use ark_ec::AdditiveGroup;
use ark_ff::{BigInteger, PrimeField, Zero};
use blake_hash::{Blake512, Digest};

/// A signing key as `@zk-kit/eddsa-poseidon` (its default, BLAKE-512 form) derives it.
#[derive(Clone)]
pub struct SecretKey {
    /// The pruned integer, a multiple of 8, modulo ℓ.
    scalar: Scalar,
    /// Second half of the seed's hash: makes nonces.
    prefix: [u8; 32],
    public: PublicKey,
}

impl SecretKey {
    /// Key of a 32-byte seed (the library's `privateKey`).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let hash = Blake512::digest(seed);
        let mut low = [0; 32];
        let mut prefix = [0; 32];
        low.copy_from_slice(&hash[..32]);
        prefix.copy_from_slice(&hash[32..]);
        low[0] &= 0xf8;
        low[31] = (low[31] & 0x7f) | 0x40;
        let scalar = Scalar::from_le_bytes_mod_order(&low);
        let eighth = scalar / Scalar::from(8);
        Self { scalar, prefix, public: GENERATOR.mul(&eighth) }
    }

    /// The key that verifies this one's signatures.
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    /// Deterministic signature of a message, bit for bit the library's.
    ///
    /// With probability 2^-63 the result fails rules 2 or 3 of this module: then sign another message.
    pub fn sign(&self, message: Fr) -> Signature {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.prefix);
        bytes[32..].copy_from_slice(&message.into_bigint().to_bytes_le());
        let nonce = Scalar::from_le_bytes_mod_order(&Blake512::digest(&bytes));
        let mut signature = Signature { r: GENERATOR.mul(&nonce), s: Default::default() };
        let challenge = signature.challenge(&self.public, message);
        let reduced = Scalar::from_le_bytes_mod_order(&challenge.into_bigint().to_bytes_le());
        signature.s = (nonce + reduced * self.scalar).into_bigint();
        signature
    }
}

/// Accepts exactly the signatures that the circuit accepts: the four rules of this module.
pub fn verify(key: &PublicKey, message: Fr, signature: &Signature) -> Result<(), SignatureError> {
    check_point(key, SignatureError::KeyOffCurve, SignatureError::KeySmallOrder)?;
    check_point(&signature.r, SignatureError::NonceOffCurve, SignatureError::NonceSmallOrder)?;
    let scalar_top = top(signature.s.0, SCALAR_LOW_BITS);
    if scalar_top >= SCALAR_TOP_BOUND {
        return Err(SignatureError::ScalarTooLarge { top: scalar_top });
    }
    let challenge = signature.challenge(key, message).into_bigint();
    if top(challenge.0, FIELD_LOW_BITS) >= FIELD_TOP_BOUND {
        return Err(SignatureError::ChallengeTooLarge);
    }
    let key_times_eight = key.neg().clear_cofactor();
    let mut sum = double_scalar_mul(&signature.s, &GENERATOR, &challenge, &key_times_eight);
    sum -= signature.r.projective();
    match sum.double().double().double().is_zero() {
        true => Ok(()),
        false => Err(SignatureError::Mismatch),
    }
}

fn check_point(
    point: &Point,
    off_curve: SignatureError,
    small_order: SignatureError,
) -> Result<(), SignatureError> {
    if !point.is_on_curve() {
        return Err(off_curve);
    }
    if point.is_small_order() {
        return Err(small_order);
    }
    Ok(())
}
