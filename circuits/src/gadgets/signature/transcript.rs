//! What all signatures of a batch determine together: the transcript τ, the random coefficients and
//! the offset point (native half).

use super::{PublicKey, SecretKey, Signature};
use crate::gadgets::curve::{MONTGOMERY_A, MontgomeryPoint};
use crate::gadgets::hash::{poseidon, poseidon_ex};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};
use std::sync::OnceLock;

/// Signatures of a row.
pub const GROUP: usize = 4;
/// Most rows that a batch may have: the bound behind the widths of the combining row.
pub const MAX_ROWS: usize = 1024;
/// Digits, of four bits, of a coefficient of a nonce point.
pub(crate) const NONCE_WINDOWS: usize = 32;
/// Digits, of four bits, of a coefficient of a key or the base point.
pub(crate) const WINDOWS: usize = 63;
/// Wires that a row hands to the next: τ, two sums of scalars, and a point for each window.
pub(crate) const CARRIES: u32 = 3 + 2 * WINDOWS as u32;
/// Carried wire: τ so far.
pub(crate) const CARRY_TRANSCRIPT: u32 = 0;
/// Carried wire: `Σ r_i·S_i` so far, in the field.
pub(crate) const CARRY_SUM: u32 = 1;
/// Carried wire: an integer that is `Σ r_i·S_i` so far modulo 2^M (SIG-8).
pub(crate) const CARRY_LOW_SUM: u32 = 2;
/// Where the point of window `j` starts: `CARRY_POINTS + 2j` and the next.
pub(crate) const CARRY_POINTS: u32 = 3;
/// Second input of the hash that makes the offset: "offset" in ASCII.
pub(crate) const OFFSET_TAG: u64 = 0x6f66_6673_6574;

/// A signature in its place, with what it signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signed {
    /// `A`, which verifies the signature.
    pub key: PublicKey,
    /// `M`, any field element.
    pub message: Fr,
    /// `R` and `S`.
    pub signature: Signature,
}

impl Signed {
    /// The valid signature that idle places carry: its secret key is public.
    pub fn filler() -> &'static Self {
        static FILLER: OnceLock<Signed> = OnceLock::new();
        FILLER.get_or_init(|| {
            let key = SecretKey::from_seed(&[0; 32]);
            let message = Fr::ZERO;
            Self { key: key.public_key(), message, signature: key.sign(message) }
        })
    }
}

/// The signatures of one row.
pub type Group = [Signed; GROUP];

/// A row of idle places.
pub fn idle_group() -> Group {
    [*Signed::filler(); GROUP]
}

/// The transcript after a row: `Poseidon(τ, h_1, S_1, …, h_4, S_4)`.
pub(crate) fn absorb(transcript: Fr, group: &Group) -> Fr {
    let mut inputs = [transcript; 1 + 2 * GROUP];
    for (pair, signed) in inputs[1..].chunks_mut(2).zip(group) {
        pair[0] = signed.signature.challenge(&signed.key, signed.message);
        pair[1] = scalar_element(&signed.signature);
    }
    poseidon(&inputs)
}

/// The transcript of a batch of `rows` rows, of which those not given are idle. Starts from 0.
pub fn transcript(groups: &[Group], rows: usize) -> Fr {
    let idle = idle_group();
    (0..rows).fold(Fr::ZERO, |state, row| absorb(state, groups.get(row).unwrap_or(&idle)))
}

/// The numbers `D` of a row: signature i is weighed with `2·D_i - (2^128 - 1)`.
pub fn coefficients(transcript: Fr, row: Fr) -> [u128; GROUP] {
    let outputs = poseidon_ex(&[transcript, row, Fr::ZERO, Fr::ZERO], GROUP);
    std::array::from_fn(|i| {
        let [low, high, ..] = outputs[i].into_bigint().0;
        u128::from(high) << 64 | u128::from(low)
    })
}

/// `S` as a field element (of itself if it is in range).
pub(crate) fn scalar_element(signature: &Signature) -> Fr {
    Fr::from_bigint(signature.s).unwrap_or(Fr::ZERO)
}

/// A point of unknown discrete logarithm, made after all signatures are fixed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Offset {
    /// The first number for which the hash is a first coordinate of the curve.
    pub counter: u8,
    /// The point found, still with a part of small order.
    pub found: MontgomeryPoint,
    /// Eight times the point found.
    pub point: MontgomeryPoint,
}

impl Offset {
    /// `None` with probability 2^-256.
    pub fn of(transcript: Fr) -> Option<Self> {
        (0..=u8::MAX).find_map(|counter| {
            let u = poseidon(&[transcript, Fr::from(OFFSET_TAG), Fr::from(counter)]);
            let v = (u * (u * (u + MONTGOMERY_A) + Fr::ONE)).sqrt()?;
            let found = MontgomeryPoint { u, v };
            let point = found.double()?.double()?.double()?;
            Some(Self { counter, found, point })
        })
    }

    /// `-15` times the point.
    pub fn minus_fifteen(&self) -> Option<MontgomeryPoint> {
        let sixteen = self.point.double()?.double()?.double()?.double()?;
        self.point.add_incomplete(&sixteen.neg())
    }
}

/// What the first row of a batch with this transcript receives.
///
/// The highest window starts at the offset O and the others at -15·O, so that the sum weighed with
/// the powers of 16 starts at exactly O.
pub fn seed(transcript: Fr) -> Vec<Fr> {
    let mut values = vec![Fr::ZERO; CARRIES as usize];
    let starts = Offset::of(transcript).and_then(|offset| Some((offset.point, offset.minus_fifteen()?)));
    if let Some((highest, others)) = starts {
        for (window, pair) in values[CARRY_POINTS as usize..].chunks_mut(2).enumerate() {
            let start = if window == WINDOWS - 1 { highest } else { others };
            pair.copy_from_slice(&[start.u, start.v]);
        }
    }
    values
}
