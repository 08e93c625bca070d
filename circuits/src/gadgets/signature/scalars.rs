//! Integers of the signature rows: limbs, signed digits, and equations modulo ℓ.
//!
//! An equation between integers below `r·2^M` holds if it holds in the field and modulo `2^M`
//! (Chinese remainders). Both sides are advice in ranged limbs, so neither wraps.

use super::Scalar;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{fr_to_signed, signed_to_fr};
use crate::gadgets::range::enforce_range;
use crate::gadgets::var::{Committed, Derived, Var, power_of_two};
use ark_bn254::Fr;
use ark_ff::{Field, PrimeField};
use num_bigint::{BigInt, BigUint};

/// Largest exponent whose power of two stays below half the field's modulus.
const FIELD_BITS: u32 = 252;

/// An unsigned integer in ranged limbs of the table's width, lowest first.
#[derive(Clone, Debug)]
pub struct Limbs {
    limbs: Vec<Var<Committed>>,
    limb_bits: u32,
}

impl Limbs {
    /// Advice in `[0, 2^bits)`. Cost: one per limb, one more for a partial one.
    pub fn hint(cs: &mut Cs<'_>, name: &'static str, honest: &BigUint, bits: u32) -> Self {
        let limb_bits = cs.limb_bits();
        let mask = |bits: u32| (BigUint::from(1u32) << bits) - 1u32;
        let limbs = (0..bits.div_ceil(limb_bits))
            .map(|i| {
                let width = (bits - i * limb_bits).min(limb_bits);
                let limb = cs.hint(name, Fr::from((honest >> (i * limb_bits)) & mask(width)));
                enforce_range(cs, &limb, width);
                limb
            })
            .collect();
        Self { limbs, limb_bits }
    }

    /// The integer.
    pub fn whole(&self) -> Var<Committed> {
        self.join(&self.limbs)
    }

    /// The integer on the witness at hand, even where it exceeds the field's modulus.
    pub fn integer(&self) -> BigUint {
        let shift = |(i, limb): (usize, &Var<Committed>)| {
            BigUint::from(limb.value().into_bigint()) << (i as u32 * self.limb_bits)
        };
        self.limbs.iter().enumerate().map(shift).sum()
    }

    /// The integer modulo `2^bits`; whole limbs only.
    pub fn low(&self, bits: u32) -> Var<Committed> {
        self.join(&self.limbs[..self.place(bits)])
    }

    /// The integer divided by `2^bits`; whole limbs only.
    pub fn high(&self, bits: u32) -> Var<Committed> {
        self.join(&self.limbs[self.place(bits)..])
    }

    fn place(&self, bits: u32) -> usize {
        assert!(bits.is_multiple_of(self.limb_bits), "{bits} bits are not whole limbs");
        (bits / self.limb_bits) as usize
    }

    fn join(&self, limbs: &[Var<Committed>]) -> Var<Committed> {
        weigh(limbs, self.limb_bits)
    }
}

/// An odd integer `Σ (2·d_j - 15)·16^j`, `0 ≤ d_j < 16`. The digits' range comes from the look-up in
/// a table of points, which the caller does for each of them.
#[derive(Clone, Debug)]
pub struct Digits(Vec<Var<Committed>>);

impl Digits {
    /// Advice, not ranged here. `shifted`: `Σ d_j·16^j`, that is (integer + 16^count - 1)/2.
    pub fn hint_unchecked(cs: &mut Cs<'_>, shifted: &BigUint, count: usize) -> Self {
        let digit = |j: usize| Fr::from((shifted >> (4 * j)) & BigUint::from(15u32));
        Self((0..count).map(|j| cs.hint("signature.digit", digit(j))).collect())
    }

    pub fn digits(&self) -> &[Var<Committed>] {
        &self.0
    }

    /// `Σ d_j·16^j`.
    pub fn shifted(&self) -> Var<Committed> {
        weigh(&self.0, 4)
    }

    /// The integer.
    pub fn signed(&self) -> Var<Committed> {
        self.signed_part(0, self.0.len())
    }

    /// The part of the digits `from..to`, as an odd integer of its own.
    pub fn signed_part(&self, from: usize, to: usize) -> Var<Committed> {
        let offset = power_of_two(4 * (to - from) as u32) - Fr::ONE;
        weigh(&self.0[from..to], 4).scale(Fr::from(2u64)).add_constant(-offset)
    }
}

/// `(integer + 16^WINDOWS - 1)/2` of the odd integer `u` in `(0, 2ℓ)` with `u ≡ value` modulo ℓ, and
/// `u` itself.
pub fn odd_residue(value: &BigInt, windows: usize) -> (BigUint, BigInt) {
    let order = order();
    let mut residue = ((value % &order) + &order) % &order;
    if !residue.bit(0) {
        residue += &order;
    }
    let shifted: BigInt = (&residue + (BigInt::from(1) << (4 * windows)) - 1) >> 1;
    (shifted.magnitude().clone(), residue)
}

/// The order ℓ as an integer.
pub fn order() -> BigInt {
    BigInt::from(BigUint::from(Scalar::MODULUS))
}

/// The two factors of a product.
#[derive(Clone, Copy, Debug)]
pub struct Factors<'a> {
    pub a: &'a Var<Committed>,
    pub b: &'a Var<Committed>,
}

/// An equation between integers that is checked in the field and modulo `2^modulus_bits`.
#[derive(Clone, Copy, Debug)]
pub struct Equation {
    /// M: whole limbs.
    pub modulus_bits: u32,
    limb_bits: u32,
}

impl Equation {
    pub fn new(cs: &Cs<'_>, bits: u32) -> Self {
        let limb_bits = cs.limb_bits();
        Self { modulus_bits: bits.next_multiple_of(limb_bits), limb_bits }
    }

    /// Where a factor that is multiplied by `2^64` may be cut off: whole limbs, at least `M - 64`.
    pub fn upper_cut(&self) -> u32 {
        (self.modulus_bits - 64).next_multiple_of(self.limb_bits)
    }

    /// Digits of four bits that cover the modulus.
    pub fn windows(&self) -> usize {
        self.modulus_bits.div_ceil(4) as usize
    }

    /// `q·ℓ` for advice `q` in `[-2^(M-1), 2^(M-1))`: in the field, and an integer equal to it modulo
    /// `2^M`, below `2^(M + quotient_cut)`.
    pub fn multiple_of_order(
        &self,
        cs: &mut Cs<'_>,
        name: &'static str,
        quotient: &BigInt,
    ) -> (Var<Committed>, Var<Committed>) {
        let (m, cut) = (self.modulus_bits, self.quotient_cut());
        let half = BigInt::from(1) << (m - 1);
        let shifted = quotient + &half;
        let limbs = Limbs::hint(cs, name, shifted.magnitude(), m);
        let low_bits = |bits: u32| signed_to_fr(&(order() % (BigInt::from(1) << bits)));
        let field = limbs.whole().add_constant(-power_of_two(m - 1)).scale(signed_to_fr(&order()));
        // ℓ is odd: 2^(M-1)·ℓ is 2^(M-1) modulo 2^M.
        let low = limbs.low(cut).scale(low_bits(m)) + limbs.high(cut).scale(low_bits(m - cut)).shift(cut);
        (field, low.add_constant(-power_of_two(m - 1)))
    }

    fn quotient_cut(&self) -> u32 {
        (self.modulus_bits / 2).next_multiple_of(self.limb_bits)
    }

    /// `a·b + rest ≡ 0` modulo `2^M`, for integers with `|a·b + rest| < 2^(M + carry_bits)`.
    ///
    /// Advice: the carry, the quotient by `2^M`; unique because neither side wraps. Cost: 1 and a
    /// range check.
    pub fn enforce_low(&self, cs: &mut Cs<'_>, factors: Factors<'_>, rest: &Var<Derived>, carry_bits: u32) {
        let Factors { a, b } = factors;
        let cs = &mut cs.check("SIG-9");
        let whole = (carry_bits.max(self.quotient_cut()) + 3).next_multiple_of(self.limb_bits);
        let m = self.modulus_bits;
        assert!(m + whole <= FIELD_BITS, "modulus of {m} bits and carry of {whole}");
        let honest = fr_to_signed(a.value() * b.value() + rest.value()) >> m;
        let carry = cs.hint("signature.carry", signed_to_fr(&honest));
        enforce_range(cs, &carry.add_constant(power_of_two(whole - 1)), whole);
        let target = Var::from(carry.shift(m));
        cs.enforce("SIG-9", a, b, &(&target - rest));
    }
}

/// `Σ part_i · 2^(i·bits)`.
fn weigh(parts: &[Var<Committed>], bits: u32) -> Var<Committed> {
    let factor = power_of_two(bits);
    parts.iter().rev().fold(Var::zero(), |sum, part| part.add_scaled(&sum, factor))
}

/// `0 ≤ var < bound`. Whole limbs do: neither range wraps, so both ends hold as integers.
pub fn enforce_below(cs: &mut Cs<'_>, var: &Var<Committed>, bound: u128) {
    let bits = (128 - bound.leading_zeros()).next_multiple_of(cs.limb_bits());
    enforce_range(cs, var, bits);
    enforce_range(cs, &(-var).add_constant(Fr::from(bound - 1)), bits);
}
