//! Products of digits of 52 bits in floating point: the only multiplier of whole vectors that is
//! that wide here is the one of doubles.
//!
//! A fused multiplication and addition rounds once. For digits a and b it gives, to nearest,
//!
//!     h = a·b + 2^104        and then        l = a·b + (2^104 - h)
//!
//! The sum lies in [2^104, 2^105), where doubles are the multiples of 2^52: h = 2^104 + 2^52·high
//! for an integer high. So l = a·b - 2^52·high is an integer from -2^51 to 2^51, and exact. The
//! bits of h, read as an integer, are those of 2^104 plus high. The bits of l + 3·2^51, which is
//! exact too, are those of 3·2^51 plus l: doubles in [2^52, 2^53] are the integers. Bits are summed
//! as integers of 64 bits, modulo 2^64, and what they have too much is taken off where a sum starts.
//!
//! All steps are exact in IEEE 754 arithmetic, which leaves results no choice. The split is that
//! of Emmart, Zheng and Weems (ARITH 2018) but for the direction of rounding: theirs is down, which
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
const SHORT_ROUNDS: usize = 3;

/// What every column of a product starts with: the bits in excess of all that is added to it,
/// negated.
/// What every column of a product starts with: the bits that all the halves added to it have too
/// much, negated.
const STARTS: [u64; 2 * DIGITS + 1] = {
    let mut starts = [0u64; 2 * DIGITS + 1];
    let mut round = 0;
    while round < DIGITS {
        // A round adds a row from its own column on, then another, short ones from the next column.
        let short = round < SHORT_ROUNDS;
        let second = if short { round + 1 } else { round };
        let mut j = 0;
        while j < DIGITS {
            starts[round + j] = starts[round + j].wrapping_sub(LOW);
            starts[round + j + 1] = starts[round + j + 1].wrapping_sub(HIGH);
            // The lowest half of the other's second row is taken care of where it is added.
            if short || j > 0 {
                starts[second + j] = starts[second + j].wrapping_sub(LOW);
            }
            starts[second + j + 1] = starts[second + j + 1].wrapping_sub(HIGH);
            j += 1;
        }
        round += 1;
    }
    starts
};

/// The halves of `a·b` before bits are taken off.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn split(a: __m256d, b: __m256d) -> [__m256i; 2] {
    let two_to_104 = doubles(HIGH);
    let high = _mm256_fmadd_pd(a, b, two_to_104);
    let low = _mm256_fmadd_pd(a, b, _mm256_sub_pd(two_to_104, high));
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

/// Adds `row·factor` to the columns.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn add_row(columns: &mut Columns, row: &[__m256d; DIGITS], factor: __m256d) {
    for j in 0..DIGITS {
        let [low, high] = split(row[j], factor);
        columns[j] = _mm256_add_epi64(columns[j], low);
        columns[j + 1] = _mm256_add_epi64(columns[j + 1], high);
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
    add_row(columns, short, d);
}

/// Adds the multiple q·p that makes the lower 52 bits of the lowest column zero.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn full_round(columns: &mut Columns, p: &[__m256d; DIGITS], inverse: __m256d, start: u64) {
    let d = low_digit(columns[0]);
    let two_to_104 = doubles(HIGH);
    let high = _mm256_fmadd_pd(d, inverse, two_to_104);
    // d/(-p) modulo 2^52, from -2^51 to 2^51, then from 0 on.
    let q = _mm256_fmadd_pd(d, inverse, _mm256_sub_pd(two_to_104, high));
    let negative = _mm256_cmp_pd::<_CMP_LT_OQ>(q, _mm256_setzero_pd());
    let q = _mm256_add_pd(q, _mm256_and_pd(negative, doubles(INTEGER)));
    add_row(columns, p, q);
    columns[0] = _mm256_sub_epi64(columns[0], integers(LOW));
    shift(columns, start);
}

/// `a·b/R` as [`crate::field::Field::product`] says it, with fewer dependent steps: the multiple
/// of p to be added in a round is d·p', where p' = -p⁻¹·p modulo 2^52 ends in 52 ones, so that d is
/// the lowest digit itself, and the sum over 2^52 is the other columns and d·(p' + 1)/2^52.
///
/// Bound: p' < 2^52·p, so that three rounds with p' add less than 2^156·2^52·p, and two with p
/// less than 2^260·p. Over 2^260 that is below p·(1 + 2^-52), and the product of the factors below
/// 0.993·p: together below 2·p. A column takes at most ten rows' halves, each below 2^53 in
/// absolute value.
#[inline(never)]
#[target_feature(enable = "avx2,fma")]
pub(super) fn product<M: Modulus>(a: &Limbs<Avx2Vector>, b: &Limbs<Avx2Vector>) -> Limbs<Avx2Vector> {
    let (mut p, mut short) = ([_mm256_setzero_pd(); DIGITS], [_mm256_setzero_pd(); DIGITS]);
    for j in 0..DIGITS {
        p[j] = constant(M::P[j]);
        short[j] = constant(const { short_multiple(&M::P, M::NEGATIVE_INVERSE) }[j]);
    }
    let inverse = constant(M::NEGATIVE_INVERSE);
    let mut rows = [p; 2];
    let mut columns = [[_mm256_setzero_si256(); COLUMNS]; 2];
    for half in 0..2 {
        for j in 0..DIGITS {
            rows[half][j] = digit(a[j].0[half]);
        }
        for k in 0..COLUMNS {
            columns[half][k] = integers(STARTS[k]);
        }
    }
    // Both halves in each round: while one waits for its digit, the other multiplies. A macro, since
    // the compiler leaves a loop of this length as it is.
    macro_rules! rounds {
        ($($i:literal $round:ident($($operand:expr),*);)*) => {$(
            for half in 0..2 {
                add_row(&mut columns[half], &rows[half], digit(b[$i].0[half]));
                $round(&mut columns[half], $($operand,)* STARTS[$i + COLUMNS]);
            }
        )*};
    }
    rounds! {
        0 short_round(&short);
        1 short_round(&short);
        2 short_round(&short);
        3 full_round(&p, inverse);
        4 full_round(&p, inverse);
    }
    let mut result = *a;
    for half in 0..2 {
        let columns = &mut columns[half];
        for j in 0..DIGITS - 1 {
            columns[j + 1] = _mm256_add_epi64(columns[j + 1], sar::<DIGIT_BITS>(columns[j]));
            columns[j] = _mm256_and_si256(columns[j], integers(DIGIT_MASK));
        }
        for j in 0..DIGITS {
            result[j].0[half] = columns[j];
        }
    }
    result
}
