//! Products of digits of 52 bits in floating point: the only multiplier of whole vectors that is
//! that wide here is the one of doubles.
//!
//! A fused multiplication and addition rounds once. For digits a and b it gives, to nearest,
//!
//!     h = a·b + 2^104        and then        l = a·b + (2^104 - h)
//!
//! The sum lies in [2^104, 2^105), where doubles are the multiples of 2^52: h = 2^104 + 2^52·high
//! for an integer high. So l = a·b - 2^52·high is an integer from -2^51 to 2^51, and exact. The
//! bits of h, read as an integer, are the bits of 2^104 plus high. The bits of l + 3·2^51, which is
//! exact too, are the bits of 3·2^51 plus l: doubles in [2^52, 2^53] are the integers. Bits are summed
//! as integers of 64 bits, modulo 2^64, and what they have too much is taken off where a sum starts.
//!
//! All steps are exact in IEEE 754 arithmetic, which leaves results no choice. The split follows
//! Emmart, Zheng and Weems (ARITH 2018) but for the direction of rounding: theirs is down, which
//! saves the addition of 3·2^51 where a program may choose it.

use super::Avx2Vector;
use crate::field::{DIGIT_BITS, DIGIT_MASK, DIGITS, Limbs, Modulus, short_multiple};
use core::arch::x86_64::*;

/// The bits of 2^52, 2^104 and 3·2^51: exponents, and a half of the fraction in the last.
const INTEGER: u64 = (1023 + 52) << 52;
const HIGH: u64 = (1023 + 104) << 52;
const LOW: u64 = INTEGER | 1 << 51;

/// Columns of weight 2^(52·k) that a round of the product works on.
const COLUMNS: usize = DIGITS + 1;

type Columns = [__m256i; COLUMNS];

/// Rounds that take off their lowest column with [`short_multiple`].
const SHORT_ROUNDS: usize = 4;

/// What every column starts with: the bits that all the halves added to it have too much, negated.
const fn starts<const TERMS: usize, const SUBTRACT: bool>() -> [u64; 2 * DIGITS + 1] {
    let mut starts = [0u64; 2 * DIGITS + 1];
    let mut round = 0;
    while round < DIGITS {
        // Rows added less rows subtracted.
        let rows: u64 = if SUBTRACT { 0 } else { TERMS as u64 };
        // Short rounds add their multiple of p from the next column on.
        let short = round < SHORT_ROUNDS;
        let multiple = if short { round + 1 } else { round };
        let mut j = 0;
        while j < DIGITS {
            starts[round + j] = starts[round + j].wrapping_sub(LOW.wrapping_mul(rows));
            starts[round + j + 1] = starts[round + j + 1].wrapping_sub(HIGH.wrapping_mul(rows));
            // The lowest half of a full round's is taken care of there.
            if short || j > 0 {
                starts[multiple + j] = starts[multiple + j].wrapping_sub(LOW);
            }
            starts[multiple + j + 1] = starts[multiple + j + 1].wrapping_sub(HIGH);
            j += 1;
        }
        round += 1;
    }
    starts
}

/// The halves l and h of `a·b`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn halves(a: __m256d, b: __m256d) -> [__m256d; 2] {
    let two_to_104 = doubles(HIGH);
    let high = _mm256_fmadd_pd(a, b, two_to_104);
    [_mm256_fmadd_pd(a, b, _mm256_sub_pd(two_to_104, high)), high]
}

/// The halves of `a·b` as integers, before bits are taken off.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn split(a: __m256d, b: __m256d) -> [__m256i; 2] {
    let [low, high] = halves(a, b);
    [_mm256_castpd_si256(_mm256_add_pd(low, doubles(LOW))), _mm256_castpd_si256(high)]
}

/// The double of these bits in every lane.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn doubles(bits: u64) -> __m256d {
    _mm256_castsi256_pd(integers(bits))
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn integers(value: u64) -> __m256i {
    _mm256_set1_epi64x(value as i64)
}

/// A digit of each lane as a double.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn digit(lanes: __m256i) -> __m256d {
    _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(lanes, integers(INTEGER))), doubles(INTEGER))
}

/// The low 52 bits of each lane as a double.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn low_digit(lanes: __m256i) -> __m256d {
    digit(_mm256_and_si256(lanes, integers(DIGIT_MASK)))
}

/// A constant digit as a double.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn constant(digit: u64) -> __m256d {
    // Below 2^52, hence exact.
    _mm256_set1_pd(digit as f64)
}

/// Shift of signed lanes to the right; `0 < BITS < 64`.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn sar<const BITS: u32>(lanes: __m256i) -> __m256i {
    // As unsigned numbers 2^63 higher.
    let shifted = _mm256_xor_si256(lanes, integers(1 << 63));
    let shifted = _mm256_srl_epi64(shifted, _mm_cvtsi32_si128(BITS as i32));
    _mm256_sub_epi64(shifted, integers(1 << (63 - BITS)))
}

/// Bits 0 to 51 and 52 to 103 of the products of the low 52 bits of each lane.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn product52(a: __m256i, b: __m256i) -> [__m256i; 2] {
    let [low, high] = split(low_digit(a), low_digit(b));
    let low = _mm256_sub_epi64(low, integers(LOW));
    // Where the lower half is negative, -1.
    let borrow = _mm256_cmpgt_epi64(_mm256_setzero_si256(), low);
    let high = _mm256_add_epi64(_mm256_sub_epi64(high, integers(HIGH)), borrow);
    [_mm256_and_si256(low, integers(DIGIT_MASK)), high]
}

/// `a + b`, or `a - b`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn add<const SUBTRACT: bool>(a: __m256i, b: __m256i) -> __m256i {
    if SUBTRACT { _mm256_sub_epi64(a, b) } else { _mm256_add_epi64(a, b) }
}

/// Adds `row·factor` to the columns, or subtracts it.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn add_row<const SUBTRACT: bool>(columns: &mut Columns, row: &[__m256d; DIGITS], factor: __m256d) {
    for j in 0..DIGITS {
        let [low, high] = split(row[j], factor);
        columns[j] = add::<SUBTRACT>(columns[j], low);
        columns[j + 1] = add::<SUBTRACT>(columns[j + 1], high);
    }
}

/// Carries the lowest column into the next and drops it; a new highest one comes in.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn shift(columns: &mut Columns, start: u64) {
    let carry = sar::<DIGIT_BITS>(columns[0]);
    let [_, c1, c2, c3, c4, c5] = *columns;
    *columns = [_mm256_add_epi64(c1, carry), c2, c3, c4, c5, integers(start)];
}

/// Takes the lower 52 bits d of the lowest column off: `d = -d·(short·2^52 - 1)` modulo p.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn short_round(columns: &mut Columns, short: &[__m256d; DIGITS], start: u64) {
    let d = low_digit(columns[0]);
    shift(columns, start);
    add_row::<false>(columns, short, d);
}

/// Adds the multiple q·p that makes the lower 52 bits of the lowest column zero.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn full_round(columns: &mut Columns, p: &[__m256d; DIGITS], inverse: __m256d) {
    let d = low_digit(columns[0]);
    // d/(-p) modulo 2^52, from -2^51 to 2^51, then from 0 on.
    let [q, _] = halves(d, inverse);
    let negative = _mm256_cmp_pd::<_CMP_LT_OQ>(q, _mm256_setzero_pd());
    let q = _mm256_add_pd(q, _mm256_and_pd(negative, doubles(INTEGER)));
    add_row::<false>(columns, p, q);
    columns[0] = _mm256_sub_epi64(columns[0], integers(LOW));
    shift(columns, 0);
}

/// Adds the terms' rows times digit i of their second factors.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn add_terms<const TERMS: usize, const SUBTRACT: bool>(
    columns: &mut Columns,
    rows: &[[__m256d; DIGITS]; TERMS],
    b: [&Limbs<Avx2Vector>; TERMS],
    i: usize,
    half: usize,
) {
    add_row::<false>(columns, &rows[0], digit(b[0][i].0[half]));
    if TERMS == 2 {
        add_row::<SUBTRACT>(columns, &rows[1], digit(b[1][i].0[half]));
    }
}

/// `a₀·b₀/R`, raw, as [`Vector::products_plus`] adds to it; `(a₀·b₀ + a₁·b₁)/R` or
/// `(a₀·b₀ - a₁·b₁)/R + p`, normalised, as [`Vector::quadratic_multiply`] says them. With fewer
/// dependent steps than by q = -t/p alone: the multiple of p to be added in a round is d·p', where
/// p' = (-p⁻¹ mod 2^52)·p ends in 52 ones, so that d is the lowest digit itself, and the sum over 2^52 is
/// the other columns and d·(p' + 1)/2^52.
///
/// Bound: p' < 0.127·2^52·p, so that the short rounds add less than 0.127·2^260·p and the last one
/// less than 2^260·p. Over 2^260 that is below 1.127·p. A column takes at most 19 halves of one
/// term and of multiples and 28 of two terms, each at most 2^52 in absolute value.
///
/// [`Vector::products_plus`]: crate::simd::Vector::products_plus
/// [`Vector::quadratic_multiply`]: crate::simd::Vector::quadratic_multiply
#[inline(never)]
#[target_feature(enable = "avx2,fma")]
// Loops over indices keep the nested counts, of halves, terms and digits, in sight.
#[allow(clippy::needless_range_loop)]
pub(super) fn sum_of_products<M: Modulus, const TERMS: usize, const SUBTRACT: bool>(
    a: [&Limbs<Avx2Vector>; TERMS],
    b: [&Limbs<Avx2Vector>; TERMS],
) -> Limbs<Avx2Vector> {
    let starts = const { starts::<TERMS, SUBTRACT>() };
    let (mut p, mut short) = ([_mm256_setzero_pd(); DIGITS], [_mm256_setzero_pd(); DIGITS]);
    for j in 0..DIGITS {
        p[j] = constant(M::P[j]);
        short[j] = constant(const { short_multiple(&M::P, M::NEGATIVE_INVERSE) }[j]);
    }
    let inverse = constant(M::NEGATIVE_INVERSE);
    let mut rows = [[p; TERMS]; 2];
    let mut columns = [[_mm256_setzero_si256(); COLUMNS]; 2];
    for half in 0..2 {
        for n in 0..TERMS {
            for j in 0..DIGITS {
                rows[half][n][j] = digit(a[n][j].0[half]);
            }
        }
        for k in 0..COLUMNS {
            columns[half][k] = integers(starts[k]);
        }
    }
    // Both halves in each round: while one waits for its digit, the other multiplies. Measured, with
    // one term side by side, with two, which do not fit the registers, one after the other.
    if TERMS == 1 {
        for i in 0..SHORT_ROUNDS {
            for half in 0..2 {
                add_terms::<TERMS, SUBTRACT>(&mut columns[half], &rows[half], b, i, half);
                short_round(&mut columns[half], &short, starts[i + COLUMNS]);
            }
        }
        for half in 0..2 {
            add_terms::<TERMS, SUBTRACT>(&mut columns[half], &rows[half], b, SHORT_ROUNDS, half);
            full_round(&mut columns[half], &p, inverse);
        }
    } else {
        for i in 0..DIGITS {
            for half in 0..2 {
                add_terms::<TERMS, SUBTRACT>(&mut columns[half], &rows[half], b, i, half);
                if i < SHORT_ROUNDS {
                    short_round(&mut columns[half], &short, starts[i + COLUMNS]);
                } else {
                    full_round(&mut columns[half], &p, inverse);
                }
            }
        }
    }
    for half in 0..2 {
        let columns = &mut columns[half];
        if SUBTRACT {
            for j in 0..DIGITS {
                columns[j] = _mm256_add_epi64(columns[j], integers(M::P[j]));
            }
        }
        if TERMS == 2 {
            for j in 0..DIGITS - 1 {
                columns[j + 1] = _mm256_add_epi64(columns[j + 1], sar::<DIGIT_BITS>(columns[j]));
                columns[j] = _mm256_and_si256(columns[j], integers(DIGIT_MASK));
            }
        }
    }
    let [low, high] = columns;
    let mut sum = [Avx2Vector([low[0], high[0]]); DIGITS];
    for j in 1..DIGITS {
        sum[j] = Avx2Vector([low[j], high[j]]);
    }
    sum
}
