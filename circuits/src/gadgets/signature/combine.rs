//! The one row that closes the batch's equation.

use super::circuit::SUM_QUOTIENT_BITS;
use super::columns::{Multiples, lookup, provide};
use super::scalars::{Digits, Equation, Factors, odd_residue, order};
use super::transcript::{
    CARRIES, CARRY_LOW_SUM, CARRY_POINTS, CARRY_SUM, CARRY_TRANSCRIPT, GROUP, MAX_ROWS, OFFSET_TAG, Offset,
    WINDOWS, seed,
};
use crate::gadgets::cs::Cs;
use crate::gadgets::curve::circuit::MontgomeryVar;
use crate::gadgets::curve::{GENERATOR, MONTGOMERY_A, MontgomeryPoint};
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::fr_to_signed;
use crate::gadgets::range::enforce_range;
use crate::gadgets::var::{Committed, Derived, Var, Wire};
use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use num_bigint::BigInt;
use std::sync::OnceLock;

/// Number of the base point's table: above the tables of all signature rows.
pub const BASE_TABLE: u64 = 1 << 20;
const _: () = assert!(2 * GROUP as u64 * MAX_ROWS as u64 <= BASE_TABLE);

/// Closes the equation of the signature rows in block `block`.
///
/// `finals`: what the last of them hands over. Constrains the seed of the block, and `transcript`,
/// the wire that all rows take the coefficients from, to be the final state.
///   Spec: gadgets-signature.md
pub fn enforce_combination(cs: &mut Cs<'_>, block: &'static str, finals: &[Fr], transcript: &Var<Committed>) {
    let finals: Vec<Var<Committed>> = (0..CARRIES)
        .map(|k| cs.boundary(Wire::Final(block, k), finals.get(k as usize).copied().unwrap_or(Fr::ZERO)))
        .collect();
    cs.enforce_equal("SIG-10", &finals[CARRY_TRANSCRIPT as usize], transcript);
    let offset = offset_point(cs, transcript);
    enforce_seed(cs, block, transcript, &offset);

    let digits = base_coefficient(cs, &finals[CARRY_SUM as usize], &finals[CARRY_LOW_SUM as usize]);
    let table = Var::constant(Fr::from(BASE_TABLE));
    provide_base(cs, &table);
    let mut windows: Vec<MontgomeryVar<Committed>> = Vec::with_capacity(WINDOWS);
    for (pair, digit) in finals[CARRY_POINTS as usize..].chunks(2).zip(digits.digits()) {
        let column = MontgomeryVar { u: pair[0].clone(), v: pair[1].clone() };
        let multiple = lookup(cs, base_multiples(), &table, digit);
        windows.push(column.add_unchecked(&mut cs.check("SIG-15"), &multiple));
    }
    let cs = &mut cs.check("SIG-14");
    let sum = weigh(cs, windows);
    let (left, right) = (times_eight(cs, &sum), times_eight(cs, &offset));
    cs.enforce_equal("SIG-14", &left.u, &right.u);
    cs.enforce_equal("SIG-14", &left.v, &right.v);
}

/// The offset O: eight times a point whose first coordinate is a hash of the transcript.
///
/// Advice: a counter below 2^8 and a sign; every choice that is a point of the curve will do.
fn offset_point(cs: &mut Cs<'_>, transcript: &Var<Committed>) -> MontgomeryVar<Committed> {
    let cs = &mut cs.check("SIG-11");
    let honest = Offset::of(transcript.value());
    let counter = cs.hint("signature.counter", honest.map_or(Fr::ZERO, |o| Fr::from(o.counter)));
    enforce_range(cs, &counter, 8);
    let u = poseidon(cs, &[transcript.clone(), Var::constant(Fr::from(OFFSET_TAG)), counter]);
    let v = cs.hint("signature.offset", honest.map_or(Fr::ZERO, |o| o.found.v));
    let square = cs.product_derived(&u, &u);
    let cube = cs.product_derived(&square, Var::<Derived>::from(u.add_constant(MONTGOMERY_A)));
    cs.enforce("SIG-11", &v, &v, &(&cube + &Var::from(&u)));
    times_eight(cs, &MontgomeryVar { u, v })
}

fn times_eight(cs: &mut Cs<'_>, point: &MontgomeryVar<Committed>) -> MontgomeryVar<Committed> {
    (0..3).fold(point.clone(), |point, _| point.double(cs))
}

/// The first signature row starts with transcript and sums at zero, the highest window at O and the
/// others at -15·O.
fn enforce_seed(
    cs: &mut Cs<'_>,
    block: &'static str,
    transcript: &Var<Committed>,
    offset: &MontgomeryVar<Committed>,
) {
    let cs = &mut cs.check("SIG-12");
    let sixteen = (0..4).fold(offset.clone(), |point, _| point.double(cs));
    let others = offset.add_unchecked(cs, &sixteen.neg());
    let values = seed(transcript.value());
    let wire = |cs: &Cs<'_>, k: u32| cs.boundary(Wire::Seed(block, k), values[k as usize]);
    for k in [CARRY_TRANSCRIPT, CARRY_SUM, CARRY_LOW_SUM] {
        let start = wire(cs, k);
        cs.enforce_zero("SIG-12", &start);
    }
    for window in 0..WINDOWS {
        let start = if window == WINDOWS - 1 { offset } else { &others };
        let k = CARRY_POINTS + 2 * window as u32;
        for (k, coordinate) in [(k, &start.u), (k + 1, &start.v)] {
            let seeded = wire(cs, k);
            cs.enforce_equal("SIG-12", &seeded, coordinate);
        }
    }
}

/// The digits of an odd `t` with `t ≡ -Σ r_i·S_i` modulo ℓ.
fn base_coefficient(cs: &mut Cs<'_>, sum: &Var<Committed>, low_sum: &Var<Committed>) -> Digits {
    let cs = &mut cs.check("SIG-13");
    let equation = Equation::new(cs, SUM_QUOTIENT_BITS);
    let total = integer_sum(sum.value(), low_sum.value(), equation.modulus_bits);
    let (shifted, t) = odd_residue(&-&total, WINDOWS);
    let digits = Digits::hint_unchecked(cs, &shifted, WINDOWS);
    let quotient = -(total + t) / order();
    let (field, low) = equation.multiple_of_order(cs, "signature.quotient", &quotient);
    cs.enforce_zero("SIG-13", &Var::sum([sum, &digits.signed(), &field]));
    let t_low = digits.signed_part(0, equation.windows());
    let rest = Var::<Derived>::from(Var::sum([low_sum, &t_low, &low]));
    let nothing = Var::zero();
    // 2^12 signatures, of which each adds less than 2^(M + 65 + limb).
    let carry_bits = 77 + cs.limb_bits();
    equation.enforce_low(cs, Factors { a: &nothing, b: &nothing }, &rest, carry_bits);
    digits
}

/// The integer of least magnitude that is `field` in the field and `low` modulo `2^bits`.
fn integer_sum(field: Fr, low: Fr, bits: u32) -> BigInt {
    let modulus = BigInt::from(num_bigint::BigUint::from(<Fr as ark_ff::PrimeField>::MODULUS));
    let start = fr_to_signed(field);
    let power = BigInt::from(1) << bits;
    let inverse = modulus.modinv(&power).expect("the field's modulus is odd");
    let steps = ((fr_to_signed(low) - &start) * inverse) % &power;
    let half = &power >> 1;
    let steps = if steps > half {
        steps - &power
    } else if steps < -&half {
        steps + &power
    } else {
        steps
    };
    start + modulus * steps
}

/// `Σ 16^j·window_j`, the highest first.
fn weigh(cs: &mut Cs<'_>, windows: Vec<MontgomeryVar<Committed>>) -> MontgomeryVar<Committed> {
    let mut windows = windows.into_iter().rev();
    let highest = windows.next().expect("there are windows");
    windows.fold(highest, |sum, window| {
        let shifted = (0..4).fold(sum, |point, _| point.double(cs));
        shifted.add_unchecked(cs, &window)
    })
}

fn provide_base(cs: &mut Cs<'_>, table: &Var<Committed>) {
    for (m, multiple) in base_multiples().iter().enumerate() {
        provide(cs, 8 + m, table, &MontgomeryVar::constant(multiple));
        provide(cs, 7 - m, table, &MontgomeryVar::constant(&multiple.neg()));
    }
}

/// Odd multiples of the base point.
fn base_multiples() -> &'static Multiples {
    static MULTIPLES: OnceLock<Multiples> = OnceLock::new();
    MULTIPLES.get_or_init(|| {
        let twice = GENERATOR.add(&GENERATOR);
        let mut point = GENERATOR;
        std::array::from_fn(|_| {
            let multiple: MontgomeryPoint = point.to_montgomery().expect("of prime order");
            point = point.add(&twice);
            multiple
        })
    })
}
