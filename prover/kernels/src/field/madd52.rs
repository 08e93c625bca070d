//! Montgomery products and squares by multiplication and addition of the low 52 bits of lanes.

use super::{DIGIT_BITS, DIGIT_MASK, DIGITS, Field, Limbs, Modulus};
use crate::simd::Vector;

/// [`super::Field::products`], interleaved.
#[inline(always)]
pub fn products<V: Vector, M: Modulus, const N: usize>(
    isa: V::Isa,
    a: [&Limbs<V>; N],
    b: [&Limbs<V>; N],
) -> [Limbs<V>; N] {
    sums_of_products::<V, M, 1, N>(isa, [a], [b])
}

/// [`Vector::quadratic_product`]: 3·p - b₁ takes the place of -b₁.
#[inline(always)]
pub fn quadratic_product<V: Vector, M: Modulus>(
    isa: V::Isa,
    a: [&Limbs<V>; 2],
    b: [&Limbs<V>; 2],
) -> [Limbs<V>; 2] {
    let negative = Field::<V, M>::new(isa).negate::<3>(b[1]);
    sums_of_products::<V, M, 2, 2>(isa, [[a[0], a[0]], [a[1], a[1]]], [[b[0], b[1]], [&negative, b[0]]])
}

/// `Σ a·b/R` over the terms, N sums interleaved: the instruction takes four cycles and one or two
/// can start in each, so that several must be in flight.
///
/// Digit by digit of b: add a·bᵢ, choose the multiple q of p that makes the lowest digit zero,
/// add q·p, drop the lowest digit. No overflow: in each of the five rounds a lane takes at
/// most two halves of products for each term, two more and a carry, each below 2^52: with two terms
/// it stays below 2^58.
///
/// Bound: the result is (Σ a·b + q·p)/2^260 with q < 2^260, hence below Σ a·b/2^260 + p.
// Loops over indices keep the nested counts, of digits and of products, in sight.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn sums_of_products<V: Vector, M: Modulus, const TERMS: usize, const N: usize>(
    isa: V::Isa,
    a: [[&Limbs<V>; N]; TERMS],
    b: [[&Limbs<V>; N]; TERMS],
) -> [Limbs<V>; N] {
    let mut sums = [[V::splat(isa, 0); DIGITS]; N];
    // Written out: the compiler leaves a loop of such rounds a loop, and all limbs in memory.
    round::<V, M, TERMS, N>(isa, &mut sums, a, b, 0);
    round::<V, M, TERMS, N>(isa, &mut sums, a, b, 1);
    round::<V, M, TERMS, N>(isa, &mut sums, a, b, 2);
    round::<V, M, TERMS, N>(isa, &mut sums, a, b, 3);
    round::<V, M, TERMS, N>(isa, &mut sums, a, b, 4);
    for n in 0..N {
        sums[n] = propagate(isa, sums[n]);
    }
    sums
}

/// Adds each a times digit i of its b and a multiple of p, and drops the lowest digit.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn round<V: Vector, M: Modulus, const TERMS: usize, const N: usize>(
    isa: V::Isa,
    sums: &mut [Limbs<V>; N],
    a: [[&Limbs<V>; N]; TERMS],
    b: [[&Limbs<V>; N]; TERMS],
    i: usize,
) {
    let zero = V::splat(isa, 0);
    let p = Field::<V, M>::new(isa).splat(M::P);
    let inverse = V::splat(isa, M::NEGATIVE_INVERSE);
    for n in 0..N {
        let sum = &mut sums[n];
        for term in 0..TERMS {
            for j in 0..DIGITS {
                sum[j] = sum[j].madd52_low(a[term][n][j], b[term][n][i]);
            }
        }
        let q = zero.madd52_low(sum[0], inverse);
        // The low 52 bits of this are zero.
        let carry = sum[0].madd52_low(q, p[0]).shr::<DIGIT_BITS>();
        for j in 1..DIGITS {
            sum[j] = sum[j].madd52_low(q, p[j]);
        }
        let mut next = [sum[1].add(carry), sum[2], sum[3], sum[4], zero];
        for term in 0..TERMS {
            for j in 0..DIGITS {
                next[j] = next[j].madd52_high(a[term][n][j], b[term][n][i]);
            }
        }
        for j in 0..DIGITS {
            next[j] = next[j].madd52_high(q, p[j]);
        }
        *sum = next;
    }
}

/// [`super::Field::squares`], interleaved; 15 products of digits instead of 25 before the
/// reduction.
///
/// Bound as above. No overflow: a column takes at most four mixed halves,
/// doubled, two of a square, ten of the reduction and a carry, each below 2^52: below 2^57.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
pub fn squares<V: Vector, M: Modulus, const N: usize>(isa: V::Isa, a: [&Limbs<V>; N]) -> [Limbs<V>; N] {
    let zero = V::splat(isa, 0);
    let mut columns = [[zero; 2 * DIGITS]; N];
    for n in 0..N {
        let (a, columns) = (a[n], &mut columns[n]);
        for i in 0..DIGITS {
            for j in i + 1..DIGITS {
                columns[i + j] = columns[i + j].madd52_low(a[i], a[j]);
                columns[i + j + 1] = columns[i + j + 1].madd52_high(a[i], a[j]);
            }
        }
        for column in columns.iter_mut() {
            *column = column.add(*column);
        }
        for i in 0..DIGITS {
            columns[2 * i] = columns[2 * i].madd52_low(a[i], a[i]);
            columns[2 * i + 1] = columns[2 * i + 1].madd52_high(a[i], a[i]);
        }
    }
    reduce_columns::<V, M, N>(isa, columns)
}

/// `x/R` of integers in ten columns of weight 2^(52i), by adding multiples of p.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn reduce_columns<V: Vector, M: Modulus, const N: usize>(
    isa: V::Isa,
    mut columns: [[V; 2 * DIGITS]; N],
) -> [Limbs<V>; N] {
    let zero = V::splat(isa, 0);
    let p = Field::<V, M>::new(isa).splat(M::P);
    let inverse = V::splat(isa, M::NEGATIVE_INVERSE);
    for i in 0..DIGITS {
        for column in columns.iter_mut() {
            let q = zero.madd52_low(column[i], inverse);
            let carry = column[i].madd52_low(q, p[0]).shr::<DIGIT_BITS>();
            for j in 1..DIGITS {
                column[i + j] = column[i + j].madd52_low(q, p[j]);
            }
            column[i + 1] = column[i + 1].add(carry);
            for j in 0..DIGITS {
                column[i + j + 1] = column[i + j + 1].madd52_high(q, p[j]);
            }
        }
    }
    let mut results = [[zero; DIGITS]; N];
    for n in 0..N {
        let [_, _, _, _, _, c0, c1, c2, c3, c4] = columns[n];
        results[n] = propagate(isa, [c0, c1, c2, c3, c4]);
    }
    results
}

/// Carries of limbs that are not negative.
#[inline(always)]
fn propagate<V: Vector>(isa: V::Isa, mut x: Limbs<V>) -> Limbs<V> {
    let mask = V::splat(isa, DIGIT_MASK);
    for i in 0..DIGITS - 1 {
        x[i + 1] = x[i + 1].add(x[i].shr::<DIGIT_BITS>());
        x[i] = x[i].and(mask);
    }
    x
}
