//! Numbers of signature rows in other forms: second forms of hashes, and multiples of ℓ that are none.
//!
//! Here advice depends on advice by integers, which no equation of the row solves: digits and limbs of a number
//! that is congruent to the honest one where one place looks and is not where another does.

use std::collections::BTreeSet;

use ark_bn254::Fr;
use ark_ff::{Field, One, PrimeField};
use num_bigint::{BigInt, BigUint};

use super::places::{Check, Unit};
use super::search::{Forged, Search};
use super::subject::LIMB_BITS;
use crate::gadgets::int::signed_to_fr;
use crate::gadgets::signature::scalars::{odd_residue, order};
use crate::gadgets::signature::transcript::{GROUP, NONCE_WINDOWS, WINDOWS};
use crate::gadgets::signature::{FIELD_LOW_BITS, FIELD_TOP_BOUND, SCALAR_LOW_BITS, SCALAR_TOP_BOUND};
use crate::gadgets::var::power_of_two;

/// Limbs of a quotient by ℓ: 143 bits.
const QUOTIENT_LIMBS: usize = 11;
/// M of both equations: whole limbs.
const MODULUS_BITS: u32 = QUOTIENT_LIMBS as u32 * LIMB_BITS;
/// Bits that the field's elements above their digits are cut at: 128 and whole limbs up to 61 more.
const COEFFICIENT_BITS: u32 = 128 + 61 / LIMB_BITS * LIMB_BITS;
/// Limbs of a challenge below its top.
const CHALLENGE_LIMBS: usize = FIELD_LOW_BITS.div_ceil(LIMB_BITS as usize);
/// Where the part of a challenge that is multiplied by a coefficient's upper half ends.
const UPPER_LIMBS: usize = 7;

/// The advice of one equation `N = u + q·ℓ`.
struct Equation {
    digits: Vec<usize>,
    quotient: Vec<usize>,
}

fn modulus() -> BigInt {
    BigInt::from(BigUint::from(Fr::MODULUS))
}

fn power(bits: u32) -> BigInt {
    BigInt::from(1) << bits
}

/// The remainder of least magnitude.
fn centred(value: &BigInt, modulus: &BigInt) -> BigInt {
    let rest = ((value % modulus) + modulus) % modulus;
    if &rest + &rest > *modulus { rest - modulus } else { rest }
}

/// Limbs from the lowest; limb `over` takes what is above the range of the last one.
fn limbs(value: &BigInt, count: usize, over: usize) -> Vec<Fr> {
    let width = count as u32 * LIMB_BITS;
    let low = ((value % power(width)) + power(width)) % power(width);
    let above = (value - &low) >> width;
    let limb = |i: usize| {
        let own: BigInt = (&low >> (i as u32 * LIMB_BITS)) % power(LIMB_BITS);
        if i == over { own + (&above << (width - i as u32 * LIMB_BITS)) } else { own }
    };
    (0..count).map(|i| signed_to_fr(&limb(i))).collect()
}

impl Search<'_> {
    /// Trials that give numbers of a signature row or of the combining row other forms.
    pub(super) fn other_multiples(&self, lacking: &BTreeSet<Unit>) -> Vec<Forged> {
        let wanted: BTreeSet<usize> =
            lacking.iter().flat_map(|unit| self.places.advice_of(*unit)).copied().collect();
        let mut all = Vec::new();
        let equations = self.equations();
        for (place, equation) in equations.iter().enumerate() {
            if equation.quotient.iter().any(|number| wanted.contains(number)) {
                all.extend(self.false_multiples(equation));
            }
            if equations.len() == GROUP {
                all.extend(self.second_challenges(place, equation));
                all.extend(self.second_coefficients(place));
                all.extend(self.scalars_out_of_range(place));
            }
        }
        all.extend(self.counters_out_of_range());
        let solved: Vec<Forged> = all.iter().flat_map(|forged| self.solved(forged)).collect();
        all.into_iter().chain(solved).collect()
    }

    /// Numbers of the advice of this name.
    pub(super) fn named(&self, name: &str) -> Vec<usize> {
        let all = self.advice.iter().enumerate().filter(|(_, one)| one.name == name);
        all.map(|(number, _)| number).collect()
    }

    fn equations(&self) -> Vec<Equation> {
        let (digits, quotients) = (self.named("signature.digit"), self.named("signature.quotient"));
        let count = quotients.len() / QUOTIENT_LIMBS;
        let digits = &digits[digits.len() - count * WINDOWS..];
        let both = digits.chunks(WINDOWS).zip(quotients.chunks(QUOTIENT_LIMBS));
        both.map(|(digits, quotient)| Equation { digits: digits.to_vec(), quotient: quotient.to_vec() })
            .collect()
    }

    fn value_of(&self, number: usize) -> BigInt {
        BigInt::from(BigUint::from(self.honest_of(number).1))
    }

    /// `Σ value·2^(bits·i)`.
    fn whole(&self, numbers: &[usize], bits: u32) -> BigInt {
        let at = |(i, number): (usize, &usize)| self.value_of(*number) << (i as u32 * bits);
        numbers.iter().enumerate().map(at).sum()
    }

    /// `u + q·ℓ`.
    fn number(&self, equation: &Equation) -> BigInt {
        let u = self.whole(&equation.digits, 4) * 2 - (power(4 * WINDOWS as u32) - 1);
        u + (self.whole(&equation.quotient, LIMB_BITS) - power(MODULUS_BITS - 1)) * order()
    }

    /// Digits and quotient for another number; limb `over` of the quotient takes what is above its range.
    fn with_number(&self, equation: &Equation, number: &BigInt, over: usize) -> Forged {
        let (shifted, u) = odd_residue(number, WINDOWS);
        let quotient = (number - u) / order() + power(MODULUS_BITS - 1);
        let digit = |j: usize| Fr::from((&shifted >> (4 * j)) % 16u32);
        let digits = equation.digits.iter().enumerate().map(|(j, number)| (*number, digit(j)));
        digits.chain(equation.quotient.iter().copied().zip(limbs(&quotient, QUOTIENT_LIMBS, over))).collect()
    }

    /// Numbers that are the honest one in the field or in both moduli, and are another modulo ℓ.
    fn false_multiples(&self, equation: &Equation) -> Vec<Forged> {
        let honest = self.number(equation);
        let mut all = Vec::new();
        for sign in [1, -1] {
            let modulus = modulus() * sign;
            all.push(self.with_number(equation, &(&honest + &modulus), 0));
            for over in 0..QUOTIENT_LIMBS {
                all.push(self.with_number(equation, &(&honest + &modulus * power(MODULUS_BITS)), over));
            }
        }
        all
    }

    /// A coefficient r and its upper half.
    fn coefficient(&self, place: usize) -> (BigInt, BigInt) {
        let digits = &self.named("signature.digit")[place * NONCE_WINDOWS..][..NONCE_WINDOWS];
        let odd = |digits: &[usize]| self.whole(digits, 4) * 2 - (power(4 * digits.len() as u32) - 1);
        (odd(digits), odd(&digits[NONCE_WINDOWS / 2..]))
    }

    /// The challenge h as h ± the field's modulus; and with a limb that is a fraction, so that the number is h in
    /// the field and another one modulo 2^M.
    fn second_challenges(&self, place: usize, equation: &Equation) -> Vec<Forged> {
        let advice =
            &self.named("signature.challenge")[place * (CHALLENGE_LIMBS + 1)..][..CHALLENGE_LIMBS + 1];
        let (r, upper) = self.coefficient(place);
        let low_bits = FIELD_LOW_BITS as u32;
        let (low, top) = advice.split_at(CHALLENGE_LIMBS);
        let h = self.whole(low, LIMB_BITS) + (self.value_of(top[0]) << low_bits);
        let honest = self.number(equation);
        let mut all = Vec::new();
        for sign in [1, -1] {
            let other: BigInt = &h + modulus() * sign;
            let number = &honest + &r * modulus() * 8 * sign;
            let rest = ((&other % power(low_bits)) + power(low_bits)) % power(low_bits);
            let top_of = (&other - &rest) >> low_bits;
            let largest = BigInt::from(FIELD_TOP_BOUND - 1);
            for over in 0..=CHALLENGE_LIMBS {
                let mut forged = self.with_number(equation, &number, 0);
                let mut values = limbs(&rest, CHALLENGE_LIMBS, CHALLENGE_LIMBS);
                let top_limb = if over == CHALLENGE_LIMBS { top_of.clone() } else { largest.clone() };
                if over < CHALLENGE_LIMBS {
                    let above: BigInt = (&top_of - &largest) << (low_bits - over as u32 * LIMB_BITS);
                    values[over] += signed_to_fr(&above);
                }
                values.push(signed_to_fr(&top_limb));
                forged.extend(advice.iter().copied().zip(values));
                all.push(forged);
            }
        }
        for limb in UPPER_LIMBS..CHALLENGE_LIMBS {
            // Limb 0 is in both parts of h; a limb in neither, or in the lower one alone, makes up for it.
            let factor = if limb >= QUOTIENT_LIMBS { r.clone() } else { &upper << 64 };
            let in_range = |step: &i64| {
                (0..1 << LIMB_BITS).contains(&(self.value_of(low[0]) + step).try_into().unwrap_or(-1i64))
            };
            let found = (-200..200i64).filter(|step| *step != 0).filter(in_range).find_map(|step| {
                let inverse = modulus().modinv(&power(MODULUS_BITS)).expect("odd");
                let times = centred(&(&factor * 8 * step * inverse), &power(MODULUS_BITS));
                let fits = times.bits() + 3 < u64::from(MODULUS_BITS) - 1;
                fits.then(|| (step, &honest + times * modulus()))
            });
            let Some((step, number)) = found else { continue };
            let step = signed_to_fr(&BigInt::from(step));
            let mut forged = self.with_number(equation, &number, 0);
            forged.push((low[0], self.honest_of(low[0]).1 + step));
            let fraction = step * power_of_two(limb as u32 * LIMB_BITS).inverse().unwrap_or_default();
            forged.push((low[limb], self.honest_of(low[limb]).1 - fraction));
            all.push(forged);
        }
        all
    }

    /// The hash that a coefficient is the low part of, plus and minus the field's modulus.
    fn second_coefficients(&self, place: usize) -> Vec<Forged> {
        let digits = &self.named("signature.digit")[place * NONCE_WINDOWS..][..NONCE_WINDOWS];
        let [middle, top] = [0, 1].map(|i| self.named("signature.coefficient")[2 * place + i]);
        let hash =
            self.whole(digits, 4) + (self.value_of(middle) << 128) + (self.value_of(top) << COEFFICIENT_BITS);
        let mut all = Vec::new();
        for sign in [1, -1] {
            let other: BigInt = &hash + modulus() * sign;
            let below =
                ((&other % power(COEFFICIENT_BITS)) + power(COEFFICIENT_BITS)) % power(COEFFICIENT_BITS);
            let top_of = (&other - &below) >> COEFFICIENT_BITS;
            for (whose_top, rest) in [(top_of.clone(), below.clone()), (BigInt::from(0), other.clone())] {
                let low = ((&rest % power(128)) + power(128)) % power(128);
                let digit = |j: usize| signed_to_fr(&((&low >> (4 * j)) % 16));
                let mut forged: Forged = digits.iter().enumerate().map(|(j, n)| (*n, digit(j))).collect();
                forged.push((middle, signed_to_fr(&((&rest - &low) >> 128))));
                forged.push((top, signed_to_fr(&whose_top)));
                all.push(forged);
            }
        }
        all
    }

    /// Scalars S that are not below the order: by a limb that is a fraction, such that S is one half more in the
    /// field; by the largest top and a limb below it that is too large; by a top out of its range.
    fn scalars_out_of_range(&self, place: usize) -> Vec<Forged> {
        let count = SCALAR_LOW_BITS.div_ceil(LIMB_BITS as usize);
        let advice = &self.named("signature.scalar")[place * (count + 1)..][..count + 1];
        let (low, top) = advice.split_at(count);
        let bound = Fr::from(SCALAR_TOP_BOUND);
        let half_at = |i: usize| power_of_two(i as u32 * LIMB_BITS + 1).inverse().unwrap_or_default();
        let moved = |(i, number): (usize, &usize)| vec![(*number, self.honest_of(*number).1 + half_at(i))];
        let mut all: Vec<Forged> = low.iter().enumerate().map(moved).collect();
        all.extend([bound, -Fr::one()].map(|value| vec![(top[0], value)]));
        let largest = (top[0], bound - Fr::one());
        // The last limb has fewer bits: its two look-ups, one at a time.
        let own_bits = (SCALAR_LOW_BITS - (count - 1) * LIMB_BITS as usize) as u32;
        all.push(vec![largest, (low[count - 1], power_of_two(own_bits))]);
        let limb = Fr::from((1u64 << LIMB_BITS) - 1);
        let shifted = limb * power_of_two(LIMB_BITS - own_bits).inverse().unwrap_or_default();
        let full = low[..count - 1].iter().map(|number| (*number, limb));
        all.push(full.chain([largest, (low[count - 1], shifted)]).collect());
        all
    }

    /// Counters of the offset out of their range of eight bits.
    fn counters_out_of_range(&self) -> Vec<Forged> {
        let [counter] = self.named("signature.counter")[..] else { return Vec::new() };
        let fraction = power_of_two(LIMB_BITS - 8).inverse().unwrap_or_default();
        let of = |k: u64| [Fr::from(256 + k), Fr::from(2 * k + 1) * fraction, -Fr::from(1 + k)];
        (0..8).flat_map(of).map(|value| vec![(counter, value)]).collect()
    }

    /// Of a trial that one constraint notices: the carry solved, so that its range notices.
    fn solved(&self, forged: &Forged) -> Option<Forged> {
        let row = self.trial(forged);
        let Unit::Single(Check::Constraint(number)) = self.noticed(&row).sole()? else { return None };
        let carries = self.named("signature.carry");
        let carry = *carries
            .iter()
            .find(|carry| self.places.advice_of(Unit::Single(Check::Constraint(number))).contains(carry))?;
        let now = self.subject.wire(&row, self.advice[carry].wire);
        let with = |value: Fr| forged.iter().copied().chain([(carry, value)]).collect::<Forged>();
        let moved = self.trial(&with(now + Fr::one()));
        let [here, there] = [&row, &moved].map(|row| self.residual(row, number));
        Some(with(now - here * (there - here).inverse()?))
    }
}
