//! EdDSA-Poseidon on BabyJubJub, as circomlib and `@zk-kit/eddsa-poseidon` sign it.
//!
//! A signature of message `M` by key `A` is a point `R` and an integer `S`. With
//! `h = Poseidon(R.x, R.y, A.x, A.y, M)` it is valid when
//!
//! 1. `A` and `R` are on the curve and none of the eight points of small order;
//! 2. `S >> 186 < ℓ >> 186`, on 65-bit numbers;
//! 3. `h >> 189 < r >> 189`, on 65-bit numbers, `r` the field's modulus and `h` the integer below it;
//! 4. `8·(S·B8 - R - 8h·A)` is the identity.
//!
//! The circuit accepts exactly this set. What a JavaScript wallet accepts (`S < ℓ` and
//! `S·B8 = R + 8h·A` without the factor 8) lies inside it, except keys and nonce points of small order,
//! which no wallet makes, and `S` or `h` within a 2^-64 part of the modulus, which an honest signature
//! meets with that probability. Ours is larger by signatures whose `A` or `R` carries a part of small
//! order: only who knows the key's secret can make them. Rule 2 implies `S < ℓ`, so nothing can give a
//! signature a second `S`.

pub mod circuit;
#[cfg(test)]
mod circuit_tests;
mod columns;
pub mod combine;
#[cfg(test)]
mod forge_tests;
mod native;
pub(crate) mod scalars;
#[cfg(test)]
mod tests;
pub mod transcript;

pub use columns::POINT;
pub use native::{SecretKey, verify};

pub use super::curve::{Point, PublicKey, Scalar};
use super::hash::poseidon;
use ark_bn254::Fr;
use ark_ff::BigInt;
use thiserror::Error;

/// Bits of S below the 65 that rule 2 compares.
pub(crate) const SCALAR_LOW_BITS: usize = 186;
/// `ℓ >> 186`: the upper 65 bits of S are below it (rule 2).
pub(crate) const SCALAR_TOP_BOUND: u128 = top(<Scalar as ark_ff::PrimeField>::MODULUS.0, SCALAR_LOW_BITS);
/// Bits of h below the 65 that rule 3 compares.
pub(crate) const FIELD_LOW_BITS: usize = 189;
/// `r >> 189`: the upper 65 bits of h are below it (rule 3).
pub(crate) const FIELD_TOP_BOUND: u128 = top(<Fr as ark_ff::PrimeField>::MODULUS.0, FIELD_LOW_BITS);

/// A signature: the nonce point `R` and the integer `S`, which may be out of range until verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    /// `R`, affine coordinates in the Edwards form.
    pub r: Point,
    /// `S`, an integer below 2^256; verification requires it below ℓ.
    pub s: BigInt<4>,
}

impl Signature {
    /// The challenge that binds nonce point, key and message.
    pub fn challenge(&self, key: &PublicKey, message: Fr) -> Fr {
        poseidon(&[self.r.x, self.r.y, key.x, key.y, message])
    }
}

/// Why a signature is refused, in the order of the checks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum SignatureError {
    /// The key does not satisfy the curve's equation (rule 1).
    #[error("the key is not a point of the curve")]
    KeyOffCurve,
    /// The key is one of the eight points with `8·A = identity` (rule 1).
    #[error("the key is a point of small order")]
    KeySmallOrder,
    /// `R` does not satisfy the curve's equation (rule 1).
    #[error("the nonce point is not on the curve")]
    NonceOffCurve,
    /// `R` is one of the eight points with `8·R = identity` (rule 1).
    #[error("the nonce point is of small order")]
    NonceSmallOrder,
    /// The upper bits of `S` reach the upper bits of ℓ (rule 2). An honest `S` does with a probability below
    /// 2^-64.
    #[error("S is not below the order's leading 65 bits: {top} of {SCALAR_TOP_BOUND}")]
    ScalarTooLarge {
        /// `S >> 186`.
        top: u128,
    },
    /// The upper bits of `h` reach the upper bits of the field's modulus (rule 3).
    #[error("the challenge is within a 2^-64 part of the modulus: sign another message")]
    ChallengeTooLarge,
    /// The equation does not hold (rule 4).
    #[error("the signature is not of this message by this key")]
    Mismatch,
}

/// `value >> low`, which must fit 128 bits.
const fn top(value: [u64; 4], low: usize) -> u128 {
    let (word, bit) = (low / 64, low % 64);
    let mut result = (value[word] >> bit) as u128 | ((value[word + 1] as u128) << (64 - bit));
    if word + 2 < 4 {
        result |= (value[word + 2] as u128) << (128 - bit);
    }
    result
}
