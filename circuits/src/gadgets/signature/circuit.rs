//! A row of four signatures: challenge, transcript, coefficients, and the two scalars that each
//! signature's points are multiplied by.
//!
//! The row adds `Σ r_i·R_i + u_i·A_i` to the columns of windows that travel from row to row, and
//! `Σ r_i·S_i` to their sums; the combining row closes the equation.

use super::columns::{Columns, provide_table};
use super::scalars::{Digits, Equation, Factors, Limbs, enforce_below, odd_residue, order};
use super::transcript::{
    CARRY_LOW_SUM, CARRY_SUM, CARRY_TRANSCRIPT, GROUP, MAX_ROWS, NONCE_WINDOWS, WINDOWS,
};
use super::{FIELD_LOW_BITS, FIELD_TOP_BOUND, SCALAR_LOW_BITS, SCALAR_TOP_BOUND, Signature};
use crate::gadgets::cs::Cs;
use crate::gadgets::curve::circuit::{MontgomeryVar, PointVar};
use crate::gadgets::hash::circuit::{poseidon_derived, poseidon_ex};
use crate::gadgets::int::fr_to_signed;
use crate::gadgets::range::enforce_range;
use crate::gadgets::var::{Committed, Var, power_of_two};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use num_bigint::{BigInt, BigUint};

/// What a signature signs, on wires. The key is on the curve and not of small order: it was checked
/// when it entered the state.
#[derive(Clone, Debug)]
pub struct SignedVar {
    /// `A`, in the Edwards form.
    pub key: PointVar,
    /// `M`, any field element.
    pub message: Var<Committed>,
}

/// Bits of the quotient of `8·r·h` by ℓ, with its sign: `2^3·2^128·2^253.6 / 2^250.6 < 2^135`.
const CHALLENGE_QUOTIENT_BITS: u32 = 136;
/// The same for `Σ r·S` over a batch: `2^12·2^128·ℓ / ℓ`.
pub(super) const SUM_QUOTIENT_BITS: u32 = 142;
const _: () = assert!(MAX_ROWS * GROUP <= 1 << 12);

/// A signature's wires on its way through the row.
struct Place {
    nonce: MontgomeryVar<Committed>,
    key: MontgomeryVar<Committed>,
    challenge: Limbs,
    challenge_top: Var<Committed>,
    scalar: Limbs,
    scalar_top: Var<Committed>,
}

/// Verifies four signatures as part of the batch with the transcript's final state `transcript`.
///
/// Carries: 0 to `CARRIES`. Idle places sign what [`super::transcript::Signed::filler`] says.
///   Spec: gadgets-signature.md
pub fn enforce_group(
    cs: &mut Cs<'_>,
    signed: &[SignedVar; GROUP],
    signatures: &[Signature; GROUP],
    transcript: &Var<Committed>,
) {
    let mut absorbed = vec![Var::from(cs.carry_in(CARRY_TRANSCRIPT))];
    let places: [Place; GROUP] = std::array::from_fn(|i| {
        let place = open_place(cs, &signed[i], &signatures[i]);
        absorbed.push(Var::from(place.challenge()));
        absorbed.push(Var::from(place.scalar()));
        place
    });
    let next = poseidon_derived(&mut cs.check("SIG-5"), &absorbed);
    let out = cs.carry_out(CARRY_TRANSCRIPT, next.value());
    cs.enforce_equal("SIG-5", &next, &out);

    let nonce_digits = coefficients(cs, transcript);
    let key_digits: [Digits; GROUP] =
        std::array::from_fn(|i| key_coefficient(cs, &nonce_digits[i], &places[i]));
    add_scalars(cs, &nonce_digits, &places);

    let mut columns = Columns::carried_in(cs);
    for (i, place) in places.iter().enumerate() {
        let last = i == GROUP - 1;
        for (half, point, digits) in [(0, &place.nonce, &nonce_digits[i]), (1, &place.key, &key_digits[i])] {
            let table = cs.row_index().scale(Fr::from(2 * GROUP as u64));
            let table = table.add_constant(Fr::from(2 * i as u64 + half));
            let multiples = provide_table(cs, point, &table);
            columns.add(cs, &multiples, &table, digits, last && half == 1);
        }
    }
}

impl Place {
    /// The challenge h.
    fn challenge(&self) -> Var<Committed> {
        &self.challenge.whole() + &self.challenge_top.shift(FIELD_LOW_BITS as u32)
    }

    /// h on the witness at hand.
    fn challenge_integer(&self) -> BigUint {
        let top = BigUint::from(self.challenge_top.value().into_bigint());
        self.challenge.integer() + (top << FIELD_LOW_BITS)
    }

    /// The scalar S.
    fn scalar(&self) -> Var<Committed> {
        &self.scalar.whole() + &self.scalar_top.shift(SCALAR_LOW_BITS as u32)
    }
}

/// Checks R, computes h and cuts h and S into limbs.
fn open_place(cs: &mut Cs<'_>, signed: &SignedVar, signature: &Signature) -> Place {
    let nonce = PointVar::hint(cs, "signature.nonce", &signature.r);
    nonce.enforce_valid_key(cs);
    let inputs = [&nonce.x, &nonce.y, &signed.key.x, &signed.key.y, &signed.message].map(Var::from);
    let hash = poseidon_derived(&mut cs.check("SIG-2"), &inputs);
    let value = BigUint::from(hash.value().into_bigint());
    let low = FIELD_LOW_BITS as u32;
    let (challenge, challenge_top) =
        cut(&mut cs.check("SIG-2"), "signature.challenge", &value, low, FIELD_TOP_BOUND);
    let (value, low) = (BigUint::from(signature.s), SCALAR_LOW_BITS as u32);
    let (scalar, scalar_top) = cut(&mut cs.check("SIG-3"), "signature.scalar", &value, low, SCALAR_TOP_BOUND);
    let nonce = nonce.to_montgomery_unchecked(&mut cs.check("SIG-1"));
    let key = signed.key.to_montgomery_unchecked(&mut cs.check("SIG-1"));
    let place = Place { nonce, key, challenge, challenge_top, scalar, scalar_top };
    cs.enforce_equal("SIG-2", &hash, &place.challenge());
    place
}

/// `value` as limbs of its low bits and a top below `bound`.
fn cut(
    cs: &mut Cs<'_>,
    name: &'static str,
    value: &BigUint,
    low_bits: u32,
    bound: u128,
) -> (Limbs, Var<Committed>) {
    let low = Limbs::hint(cs, name, value, low_bits);
    let top = cs.hint(name, Fr::from(value >> low_bits));
    enforce_below(cs, &top, bound);
    (low, top)
}

/// The digits of `D_1` to `D_4`: the low 128 bits of four outputs of the transcript's hash.
///
/// `output = D + 2^128·middle + 2^(128 + w)·top` with `top` below the top of the modulus: the sum stays
/// below the modulus, so D is the output's, except for outputs above the highest top (2^-64).
fn coefficients(cs: &mut Cs<'_>, transcript: &Var<Committed>) -> [Digits; GROUP] {
    let cs = &mut cs.check("SIG-6");
    let row = Var::from(cs.row_index());
    let outputs = poseidon_ex(cs, &[Var::from(transcript), row, Var::zero(), Var::zero()], GROUP);
    let middle_bits = 61 / cs.limb_bits() * cs.limb_bits();
    let top_bits = 128 + middle_bits;
    let bound = BigUint::from(Fr::MODULUS) >> top_bits;
    let bound = u128::try_from(bound).expect("at most 126 bits");
    std::array::from_fn(|i| {
        let value = BigUint::from(outputs[i].value().into_bigint());
        let digits = Digits::hint_unchecked(cs, &value, NONCE_WINDOWS);
        let mask = (BigUint::from(1u32) << middle_bits) - 1u32;
        let middle = cs.hint("signature.coefficient", Fr::from((&value >> 128) & mask));
        enforce_range(cs, &middle, middle_bits);
        let top = cs.hint("signature.coefficient", Fr::from(&value >> top_bits));
        enforce_below(cs, &top, bound);
        let sum = Var::sum([&digits.shifted(), &middle.shift(128), &top.shift(top_bits)]);
        cs.enforce_equal("SIG-6", &outputs[i], &sum);
        digits
    })
}

/// The digits of an odd `u` with `u ≡ 8·r·h` modulo ℓ.
fn key_coefficient(cs: &mut Cs<'_>, r: &Digits, place: &Place) -> Digits {
    let equation = Equation::new(cs, CHALLENGE_QUOTIENT_BITS);
    let (m, upper) = (equation.modulus_bits, equation.upper_cut());
    let h = place.challenge();
    let eight = Fr::from(8u64);
    let product = fr_to_signed(r.signed().value()) * BigInt::from(place.challenge_integer()) * 8;
    let (shifted, u) = odd_residue(&product, WINDOWS);
    let digits = Digits::hint_unchecked(cs, &shifted, WINDOWS);
    let quotient = (product - u) / order();
    let (field, low) = equation.multiple_of_order(&mut cs.check("SIG-7"), "signature.quotient", &quotient);
    cs.enforce("SIG-7", &r.signed().scale(eight), &h, &(&digits.signed() + &field));

    let lower_half = cs.check("SIG-9").product_derived(r.signed_part(0, 16), place.challenge.low(m));
    let u_low = digits.signed_part(0, equation.windows());
    let rest = &lower_half.scale(eight) - &Var::from(&u_low + &low);
    let upper_half = r.signed_part(16, NONCE_WINDOWS).scale(eight * power_of_two(64));
    // 8·r₀·h and 8·2^64·r₁·h are below 2^(67 + M) and 2^(67 + M + limb).
    let carry_bits = 67 + cs.limb_bits();
    let factors = Factors { a: &upper_half, b: &place.challenge.low(upper) };
    equation.enforce_low(cs, factors, &rest, carry_bits);
    digits
}

/// Adds `Σ r_i·S_i` to the batch's sums: in the field, and an integer equal to it modulo `2^M`.
fn add_scalars(cs: &mut Cs<'_>, coefficients: &[Digits; GROUP], places: &[Place; GROUP]) {
    let cs = &mut cs.check("SIG-8");
    let equation = Equation::new(cs, SUM_QUOTIENT_BITS);
    let mut field = Var::from(cs.carry_in(CARRY_SUM));
    let mut low = Var::from(cs.carry_in(CARRY_LOW_SUM));
    for (r, place) in coefficients.iter().zip(places) {
        field = &field + &cs.product_derived(r.signed(), place.scalar());
        let lower = r.signed_part(0, 16);
        let upper = r.signed_part(16, NONCE_WINDOWS).shift(64);
        low = &low + &cs.product_derived(lower, place.scalar.low(equation.modulus_bits));
        low = &low + &cs.product_derived(upper, place.scalar.low(equation.upper_cut()));
    }
    for (carry, sum) in [(CARRY_SUM, &field), (CARRY_LOW_SUM, &low)] {
        let out = cs.carry_out(carry, sum.value());
        cs.enforce_equal("SIG-8", sum, &out);
    }
}
