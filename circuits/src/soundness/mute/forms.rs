//! Numbers in other forms: a coordinate in the parts of another integer that is congruent to it, a hash in those of
//! the hash with the modulus added.

use ark_bn254::Fr;
use ark_ff::PrimeField;
use num_bigint::{BigInt, BigUint};

use super::search::{Forged, Search};
use crate::gadgets::hash::poseidon;
use crate::gadgets::int::signed_to_fr;
use crate::ops::change_key::KEY_DIGEST_BITS;
use crate::ops::deposit::{X_LOW_BITS, Y_LOW_BITS};
use crate::soundness::kinds;

fn integer(value: Fr) -> BigInt {
    BigInt::from(BigUint::from(value.into_bigint()))
}

/// High and low part of an integer, which may be negative.
fn parts(value: &BigInt, low_bits: u32) -> [Fr; 2] {
    let low: BigInt = value & &(BigInt::from(BigUint::from(1u8) << low_bits) - 1);
    [signed_to_fr(&(value >> low_bits)), signed_to_fr(&low)]
}

impl Search<'_> {
    /// What the row of a new key may say instead of its coordinates' parts and of its digest.
    pub(super) fn other_forms(&self) -> Vec<Forged> {
        if self.subject.template().name != kinds::CHANGE_KEY {
            return Vec::new();
        }
        let named = |name: &str| -> Vec<usize> {
            (0..self.advice.len()).filter(|number| self.advice[*number].name == name).collect()
        };
        let value = |number: usize| integer(self.advice[number].value);
        let modulus = BigInt::from(BigUint::from(Fr::MODULUS));
        let (highs, lows) = (named("change_key.high"), named("change_key.low"));
        let mut all = Vec::new();
        let mut coordinates = Vec::new();
        for ((high, low), low_bits) in highs.into_iter().zip(lows).zip([X_LOW_BITS, Y_LOW_BITS]) {
            let whole = (value(high) << low_bits) + value(low);
            for other in [&whole - &modulus, &whole + &modulus] {
                let [other_high, other_low] = parts(&other, low_bits);
                all.push(vec![(high, other_high), (low, other_low)]);
            }
            coordinates.push(signed_to_fr(&whole));
        }
        let hash = integer(poseidon(&coordinates));
        let [_, digest] = parts(&(hash + modulus), KEY_DIGEST_BITS);
        all.extend(named("change_key.digest").into_iter().map(|number| vec![(number, digest)]));
        all
    }
}
