//! Inversion in Fq by the binary extended Euclidean algorithm in rounds of 31 steps, whose
//! decisions are taken on 64-bit approximations (Pornin, "Optimized Binary GCD for Modular
//! Inversion", eprint 2020/972, algorithm 2). Time depends on the input: nothing here is secret
//! from the machine that proves.

use super::Coordinate;
use super::prime::{Limbs, NEGATIVE_INVERSE, Prime, Q, sum};
use ark_bn254::Fq;
use std::hint::select_unpredictable;

/// Steps of a round: the factors of a round have at most 31 bits and a sign.
const STEPS: u32 = 31;
/// Every step takes a bit off one of two integers of 254 bits; all are gone after 507 steps.
const ROUNDS: u32 = 17;

/// R², whose Montgomery product with y is y·R.
const R_SQUARED: Prime = Prime(Fq::R2.0);

/// Zero for zero.
pub(super) fn inverse(x: Prime) -> Prime {
    let (mut a, mut b) = (x.reduced(), Q);
    // a = x·u and b = x·v modulo q.
    let (mut u, mut v): (Limbs, Limbs) = ([1, 0, 0, 0], [0; 4]);
    for _ in 0..ROUNDS {
        let mut factors = steps(&a, &b);
        let (next_a, negative_a) = combine(&a, &b, factors[0]);
        let (next_b, negative_b) = combine(&a, &b, factors[1]);
        factors[0] = negated_if(factors[0], negative_a);
        factors[1] = negated_if(factors[1], negative_b);
        (a, b) = (next_a, next_b);
        (u, v) = (combine_modulo(&u, &v, factors[0]), combine_modulo(&u, &v, factors[1]));
        if a == [0; 4] {
            break;
        }
    }
    // b is the greatest common divisor: 1 unless x was zero, and then v is still zero.
    // It belongs to the integer x·R: from 1/(x·R) to R/x are two factors R.
    Prime(v).mul(R_SQUARED).mul(R_SQUARED)
}

/// The decisions of one round on approximations: factors `[f, g]` such that a' = (a·f + b·g)/2^31,
/// for a and for b.
#[inline(always)]
fn steps(a: &Limbs, b: &Limbs) -> [[i64; 2]; 2] {
    let (mut a, mut b) = approximations(a, b);
    let ([mut f0, mut g0], [mut f1, mut g1]) = ([1i64, 0i64], [0i64, 1i64]);
    let mut left = STEPS;
    let mut zeros = (a | 1 << left).trailing_zeros();
    loop {
        // As many steps as a has zeros at its end, or as are left.
        a >>= zeros;
        f1 <<= zeros;
        g1 <<= zeros;
        left -= zeros;
        if left == 0 {
            return [[f0, g0], [f1, g1]];
        }
        // Both are odd: a and b become the absolute difference and the smaller one. Branches would be
        // guessed wrong every other time.
        let (difference, less) = (a.wrapping_sub(b), a < b);
        zeros = (difference | 1 << left).trailing_zeros();
        b = select_unpredictable(less, a, b);
        a = select_unpredictable(less, difference.wrapping_neg(), difference);
        let (f, g) = (f0 - f1, g0 - g1);
        (f1, g1) = (select_unpredictable(less, f0, f1), select_unpredictable(less, g0, g1));
        (f0, g0) = (select_unpredictable(less, -f, f), select_unpredictable(less, -g, g));
    }
}

/// The lowest 31 and the highest 33 bits, at the position of the longer of both.
#[inline(always)]
fn approximations(a: &Limbs, b: &Limbs) -> (u64, u64) {
    let highest = (0..4).rev().find(|i| a[*i] | b[*i] != 0).unwrap_or(0);
    if highest == 0 {
        return (a[0], b[0]);
    }
    let shift = (a[highest] | b[highest]).leading_zeros();
    let low = (1 << STEPS) - 1;
    let approximation = |x: &Limbs| {
        let two = u128::from(x[highest]) << 64 | u128::from(x[highest - 1]);
        let top = ((two << shift) >> 64) as u64;
        x[0] & low | top & !low
    };
    (approximation(a), approximation(b))
}

/// `|a·f + b·g|/2^31`, and whether it was negative. The division is exact, and the result no longer
/// than the inputs.
#[inline(always)]
fn combine(a: &Limbs, b: &Limbs, [f, g]: [i64; 2]) -> (Limbs, bool) {
    let mut sums = [0u64; 5];
    let mut carry = 0i128;
    for i in 0..4 {
        carry += i128::from(a[i]) * i128::from(f) + i128::from(b[i]) * i128::from(g);
        sums[i] = carry as u64;
        carry >>= 64;
    }
    sums[4] = carry as u64;
    let negative = carry < 0;
    let shifted = shift_right(sums);
    (if negative { negate(shifted) } else { shifted }, negative)
}

/// `(u·f + v·g)/2^31` modulo q, from integers below q to such.
///
/// |f| + |g| ≤ 2^31, so that u·f + v·g + m·q with m < 2^31 lies between -2^31·q and 2·2^31·q; after
/// the division q is added to a negative value, and taken from one not below q.
#[inline(always)]
fn combine_modulo(u: &Limbs, v: &Limbs, [f, g]: [i64; 2]) -> Limbs {
    let low = u[0].wrapping_mul(f as u64).wrapping_add(v[0].wrapping_mul(g as u64));
    let m = low.wrapping_mul(NEGATIVE_INVERSE) & ((1 << STEPS) - 1);
    let mut sums = [0u64; 5];
    let mut carry = 0i128;
    for i in 0..4 {
        carry += i128::from(u[i]) * i128::from(f)
            + i128::from(v[i]) * i128::from(g)
            + i128::from(Q[i]) * i128::from(m);
        sums[i] = carry as u64;
        carry >>= 64;
    }
    sums[4] = carry as u64;
    let quotient = shift_right(sums);
    if carry < 0 { sum(quotient, Q) } else { super::prime::subtract_if_not_less(quotient, Q) }
}

/// A signed integer of five limbs, shifted; four limbs of two's complement.
#[inline(always)]
fn shift_right(x: [u64; 5]) -> Limbs {
    let mut shifted = [0; 4];
    for i in 0..4 {
        shifted[i] = x[i] >> STEPS | x[i + 1] << (64 - STEPS);
    }
    shifted
}

#[inline(always)]
fn negate(x: Limbs) -> Limbs {
    sum([!x[0], !x[1], !x[2], !x[3]], [1, 0, 0, 0])
}

#[inline(always)]
fn negated_if([f, g]: [i64; 2], negative: bool) -> [i64; 2] {
    if negative { [-f, -g] } else { [f, g] }
}
