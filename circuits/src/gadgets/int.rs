//! Integers with proven widths, bits, and the checks on them.
//!
//! An [`Int`] promises `|value| < 2^bits`. Sums and products widen; beyond 252 bits synthesis stops
//! with the numbers. Only a range check narrows.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField, Zero};
use num_bigint::{BigInt, BigUint, Sign};

use super::cs::Cs;
use super::range::{enforce_nonnegative, enforce_range};
use super::var::{Committed, Var, power_of_two};

/// A bit: every constructor constrains it or derives it from constrained bits.
#[derive(Clone, Debug)]
pub struct Bit(Var<Committed>);

impl Bit {
    /// Advice with `b·(1 - b) = 0`. Cost: 1.
    pub fn hint(cs: &mut Cs<'_>, name: &'static str, honest: bool) -> Self {
        let var = cs.hint(name, Fr::from(honest));
        let not = &Var::one() - &var;
        cs.enforce("INT-1", &var, &not, &Var::<Committed>::zero());
        Self(var)
    }

    /// A bit that is part of the matrices. Free.
    pub fn constant(bit: bool) -> Self {
        Self(Var::constant(Fr::from(bit)))
    }

    /// Takes `var` for a bit; the caller has proven that it is one.
    pub fn new_unchecked(var: Var<Committed>) -> Self {
        Self(var)
    }

    /// The bit as a field element, 0 or 1.
    pub fn var(&self) -> &Var<Committed> {
        &self.0
    }

    /// The bit on the witness at hand.
    pub fn value(&self) -> bool {
        !self.0.value().is_zero()
    }

    /// `1 - self`. Free.
    pub fn not(&self) -> Self {
        Self(&Var::one() - &self.0)
    }

    /// Cost: 1.
    pub fn and(&self, cs: &mut Cs<'_>, other: &Self) -> Self {
        Self(cs.product(&self.0, &other.0))
    }

    /// Cost: 1.
    pub fn or(&self, cs: &mut Cs<'_>, other: &Self) -> Self {
        let both = cs.product(&self.0, &other.0);
        Self(&(&self.0 + &other.0) - &both)
    }

    /// Cost: 1.
    pub fn xor(&self, cs: &mut Cs<'_>, other: &Self) -> Self {
        let both = cs.product(&self.0, &other.0);
        Self((&self.0 + &other.0).add_scaled(&both, -Fr::from(2u64)))
    }

    /// `if self { a } else { b }`. Cost: 1.
    pub fn select(&self, cs: &mut Cs<'_>, a: &Int, b: &Int) -> Int {
        let var = self.select_var(cs, &a.var, &b.var);
        Int { var, bits: a.bits.max(b.bits) }
    }

    /// `if self { a } else { b }`. Cost: 1.
    pub fn select_var(&self, cs: &mut Cs<'_>, a: &Var<Committed>, b: &Var<Committed>) -> Var<Committed> {
        let chosen = cs.product(&self.0, &(a - b));
        &chosen + b
    }

    /// `1 - 2·self` as an integer: +1 for false, -1 for true.
    pub fn sign(&self) -> Int {
        Int { var: Var::one().add_scaled(&self.0, -Fr::from(2u64)), bits: 1 }
    }

    /// The bit as an integer of width 1. Free.
    pub fn int(&self) -> Int {
        Int { var: self.0.clone(), bits: 1 }
    }
}

/// A committed integer with `|value| < 2^bits`.
#[derive(Clone, Debug)]
pub struct Int {
    var: Var<Committed>,
    bits: u32,
}

const MAX_BITS: u32 = 252;

impl Int {
    /// Advice in `[0, 2^bits)`.
    pub fn hint_unsigned(cs: &mut Cs<'_>, name: &'static str, honest: Fr, bits: u32) -> Self {
        let var = cs.hint(name, honest);
        enforce_range(cs, &var, bits);
        Self { var, bits }
    }

    /// Advice in `[-2^bits, 2^bits)`; width is `bits + 1` to cover the lower end.
    pub fn hint_signed(cs: &mut Cs<'_>, name: &'static str, honest: Fr, bits: u32) -> Self {
        let var = cs.hint(name, honest);
        enforce_range(cs, &var.add_constant(power_of_two(bits)), bits + 1);
        Self { var, bits: bits + 1 }
    }

    /// Takes `var` for an integer with `|var| < 2^bits`; the caller has it from where that was
    /// proven (a received cell, a provided tuple).
    pub fn new_unchecked(var: Var<Committed>, bits: u32) -> Self {
        assert!(bits <= MAX_BITS, "{bits} bits");
        Self { var, bits }
    }

    /// An integer that is part of the matrices, at its own width (1 for 0). Free.
    pub fn constant(value: i128) -> Self {
        let bits = 128 - value.unsigned_abs().leading_zeros();
        Self { var: Var::constant(fr_from_i128(value)), bits: bits.max(1) }
    }

    /// The constant 0, at width 1.
    pub fn zero() -> Self {
        Self { var: Var::zero(), bits: 1 }
    }

    /// The integer as a field element; a negative one is the modulus less its magnitude.
    pub fn var(&self) -> &Var<Committed> {
        &self.var
    }

    /// The proven width: `|value| < 2^bits`.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// The value as a signed integer (residues above half the modulus are negative).
    pub fn value(&self) -> BigInt {
        fr_to_signed(self.var.value())
    }

    /// Sum, one bit wider than the wider summand. Free; beyond 252 bits synthesis panics.
    pub fn add(&self, other: &Self) -> Self {
        Self::sized(&self.var + &other.var, self.bits.max(other.bits) + 1)
    }

    /// Difference, one bit wider than the wider operand. Free; beyond 252 bits synthesis panics.
    pub fn sub(&self, other: &Self) -> Self {
        Self::sized(&self.var - &other.var, self.bits.max(other.bits) + 1)
    }

    /// The integer with the opposite sign, at the same width. Free.
    pub fn neg(&self) -> Self {
        Self { var: -&self.var, bits: self.bits }
    }

    /// `self + k`, at the width of a sum. Free.
    pub fn add_constant(&self, k: i128) -> Self {
        self.add(&Self::constant(k))
    }

    /// Product with a constant; free.
    pub fn scale(&self, k: u64) -> Self {
        let bits = 64 - k.leading_zeros();
        Self::sized(self.var.scale(Fr::from(k)), self.bits + bits)
    }

    /// `self · 2^k`; free.
    pub fn shift(&self, k: u32) -> Self {
        Self::sized(self.var.shift(k), self.bits + k)
    }

    /// Cost: 1.
    pub fn mul(&self, cs: &mut Cs<'_>, other: &Self) -> Self {
        Self::sized(cs.product(&self.var, &other.var), self.bits + other.bits)
    }

    /// Enforces `0 ≤ self < 2^bits` and returns it at that width.
    pub fn narrow(&self, cs: &mut Cs<'_>, bits: u32) -> Self {
        enforce_range(cs, &self.var, bits);
        Self { var: self.var.clone(), bits }
    }

    /// Whether `self ≥ 0`. Advice: the bit; unique because `b ? v : -v - 1` is ranged to the
    /// proven width. Cost: 2 and a range check of whole limbs.
    pub fn is_nonnegative(&self, cs: &mut Cs<'_>) -> Bit {
        let honest = self.value().sign() != Sign::Minus;
        let bit = Bit::hint(cs, "int.is_nonnegative", honest);
        // (2b - 1)·v + b - 1 is v for b = 1 and -v - 1 for b = 0.
        let signed = cs.product(&bit.0, &self.var.scale(Fr::from(2u64)));
        let shown = &(&signed - &self.var) + &bit.0.add_constant(-Fr::ONE);
        enforce_nonnegative(cs, &shown, self.bits);
        bit
    }

    /// Sign and magnitude of a value whose proven width is the bound: as [`Int::abs`], the sign of
    /// zero being plus. Advice: the sign; unique because `magnitude - sign ≥ 0`.
    /// Cost: 2 and a range check of whole limbs.
    pub fn sign_and_magnitude(&self, cs: &mut Cs<'_>) -> (Bit, Self) {
        let sign = Bit::hint(cs, "int.sign", self.value().sign() == Sign::Minus);
        let twice = cs.product(&sign.0, &self.var.scale(Fr::from(2u64)));
        let magnitude = &self.var - &twice;
        enforce_nonnegative(cs, &(&magnitude - &sign.0), self.bits + 1);
        (sign, Self { var: magnitude, bits: self.bits })
    }

    /// Whether `self = 0`. Advice: an inverse, free only where the value is zero (benign).
    /// Cost: 2.
    pub fn is_zero(&self, cs: &mut Cs<'_>) -> Bit {
        is_zero(cs, &self.var)
    }

    /// Sign and magnitude: `self = (1 - 2·sign)·magnitude`, `magnitude ≤ 2^bits` (below it for a
    /// positive value), no sign on zero: unique. Before packing, bound the magnitude by a limit. Cost: 4 and a range check.
    pub fn abs(&self, cs: &mut Cs<'_>, bits: u32) -> (Bit, Self) {
        let honest = self.value().sign() == Sign::Minus;
        let sign = Bit::hint(cs, "int.sign", honest);
        let twice = cs.product(&sign.0, &self.var.scale(Fr::from(2u64)));
        let magnitude = &self.var - &twice;
        // With sign = 1 the value is at most -1: magnitude - sign is not negative either.
        enforce_range(cs, &(&magnitude - &sign.0), bits);
        (sign, Self { var: magnitude, bits: bits + 1 })
    }

    /// Quotient and remainder: `self = q·d + r`, `0 ≤ r < d`, for `d ≥ 1` (proven by the remainder
    /// check: no `r` satisfies it for `d ≤ 0`). The quotient is signed with `|q| ≤ 2^q_bits`.
    ///
    /// - Advice: q, r; unique because `r < d` and `q·d + r` stays within 252 bits.
    /// - Cost: 1, a range check of `q_bits + 1`, and two sign checks of the width of d.
    pub fn div_floor(&self, cs: &mut Cs<'_>, d: &Self, q_bits: u32) -> (Self, Self) {
        let (honest_q, honest_r) = honest_div_floor(&self.value(), &d.value());
        let q = Self::hint_signed(cs, "div.quotient", signed_to_fr(&honest_q), q_bits);
        let r = cs.hint("div.remainder", signed_to_fr(&honest_r));
        assert!(q.bits + d.bits < MAX_BITS, "{} and {} bits", q.bits, d.bits);
        cs.enforce("INT-3", &q.var, &d.var, &(&self.var - &r));
        // r and d - 1 - r add up to d - 1, so both are below 2^d.bits if neither is negative.
        enforce_nonnegative(cs, &r, d.bits);
        enforce_nonnegative(cs, &(&d.var - &r).add_constant(-Fr::from(1u64)), d.bits);
        (q, Self { var: r, bits: d.bits })
    }

    fn sized(var: Var<Committed>, bits: u32) -> Self {
        assert!(bits <= MAX_BITS, "an integer of {bits} bits does not fit the field");
        Self { var, bits }
    }
}

/// Whether `var = 0`. Cost: 2.
pub fn is_zero(cs: &mut Cs<'_>, var: &Var<Committed>) -> Bit {
    let inverse = cs.hint("is_zero.inverse", Cs::inverse_or_zero(var.value()));
    let zero = cs.hint("is_zero.bit", Fr::from(var.value().is_zero()));
    let not = &Var::one() - &zero;
    cs.enforce("INT-2a", var, &inverse, &not);
    cs.enforce("INT-2b", var, &zero, &Var::<Committed>::zero());
    Bit(zero)
}

/// The quotient as advice, rounded up or down; 0 where there is none that a row could hold.
pub fn honest_division(whole: &BigInt, of: &BigInt, up: bool) -> Fr {
    if of.sign() != Sign::Plus || whole.sign() == Sign::Minus {
        return Fr::from(0u64);
    }
    let round = if up { of - BigInt::from(1) } else { BigInt::ZERO };
    signed_to_fr(&((whole + round) / of))
}

fn honest_div_floor(n: &BigInt, d: &BigInt) -> (BigInt, BigInt) {
    if d.sign() != Sign::Plus {
        return (BigInt::ZERO, BigInt::ZERO);
    }
    let (mut q, mut r) = (n / d, n % d);
    if r.sign() == Sign::Minus {
        q -= 1;
        r += d;
    }
    (q, r)
}

/// A signed integer as a residue: a negative one is the modulus less its magnitude.
pub fn fr_from_i128(value: i128) -> Fr {
    let magnitude = Fr::from(value.unsigned_abs());
    if value < 0 { -magnitude } else { magnitude }
}

/// A residue as a signed integer: above half the modulus it is negative.
pub fn fr_to_signed(value: Fr) -> BigInt {
    let big: BigUint = value.into_bigint().into();
    let modulus: BigUint = Fr::MODULUS.into();
    if big > (&modulus >> 1) {
        BigInt::from_biguint(Sign::Minus, modulus - big)
    } else {
        BigInt::from_biguint(Sign::Plus, big)
    }
}

/// A signed integer as a residue.
pub fn signed_to_fr(value: &BigInt) -> Fr {
    let magnitude = Fr::from(value.magnitude().clone());
    if value.sign() == Sign::Minus { Fr::ZERO - magnitude } else { magnitude }
}
