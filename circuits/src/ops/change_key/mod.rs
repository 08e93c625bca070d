//! Change key: an owner gives the account another key.
//!
//! - **Moves**: the account's key, at its closing: in this batch the key of the opening signs, and is what
//!   deposits, unnamed transfers and self-trade compare.
//! - **Needs**: a key on the curve, not of small order, neither coordinate in the last part of the field
//!   (about one key of 2^117 is); the only change of key of the account in the batch.
//! - **Signs**: the action that carries the item, with the old key.
//! - **Rejects**, in order: `InvalidOwner`, `KeyRange`, `KeyTwice`.
//! - **Rounds**: nothing.
//! - **Cells**: none.
//!
//! What is signed of the key is the low 240 bits of `poseidon([x, y])`; what is published is the key itself.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
pub(crate) mod tests;

use ark_bn254::Fr;

use crate::gadgets::hash::poseidon;
use crate::gadgets::word::{Bits, Layout};
use crate::ops::deposit::{X_HIGH_BITS, X_LOW_BITS, Y_HIGH_BITS, Y_LOW_BITS};
use crate::params::ACCOUNT_BITS;
use crate::state::PublicKey;
pub use circuit::ChangeKeyRecord;
pub use native::apply;

/// Bits of a key's hash that its owner signs.
pub const KEY_DIGEST_BITS: u32 = 240;

/// First of the three elements that a batch publishes of a change of key.
pub const REKEY_FIRST: Layout<2> =
    Layout::new("rekey element 1", [("account", ACCOUNT_BITS), ("x_high", X_HIGH_BITS)]).published();
/// Second element: the low part of x, the high part of y.
pub const REKEY_SECOND: Layout<2> =
    Layout::new("rekey element 2", [("x_low", X_LOW_BITS), ("y_high", Y_HIGH_BITS)]).published();
/// Third element: the low part of y.
pub const REKEY_THIRD: Layout<1> = Layout::new("rekey element 3", [("y_low", Y_LOW_BITS)]).published();

/// The low 240 bits of `poseidon([x, y])`.
pub fn key_digest(key: &PublicKey) -> Bits {
    Bits::from(poseidon(&[key.x, key.y])).part(0, KEY_DIGEST_BITS)
}

/// Largest high part of a coordinate: with it, any low part makes a number below the field's modulus.
const fn high_max(low_bits: u32) -> i128 {
    let modulus = <Fr as ark_ff::PrimeField>::MODULUS.0;
    let (limb, shift) = ((low_bits / 64) as usize, low_bits % 64);
    let mut high = (modulus[limb] >> shift) as u128;
    if limb + 1 < 4 {
        high |= (modulus[limb + 1] as u128) << (64 - shift);
    }
    high as i128 - 1
}

/// Largest `x >> 128` of a key.
pub const X_HIGH_MAX: i128 = high_max(X_LOW_BITS);
/// Largest `y >> 136` of a key.
pub const Y_HIGH_MAX: i128 = high_max(Y_LOW_BITS);
const _: () = assert!(X_HIGH_MAX >> X_HIGH_BITS == 0 && X_LOW_BITS == 128);
const _: () = assert!(Y_HIGH_MAX >> Y_HIGH_BITS == 0 && Y_LOW_BITS > 128);
