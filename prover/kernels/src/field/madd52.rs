//! Montgomery products and squares by multiplication and addition of the low 52 bits of lanes. Results
//! are raw: carries are left to the code that needs them.

use super::{DIGIT_BITS, DIGITS, Field, Limbs, Modulus, short_multiple};
use crate::simd::Vector;

/// [`super::Field::products_plus`], interleaved.
#[inline(always)]
pub(crate) fn products_plus<V: Vector, M: Modulus, const N: usize>(
    isa: V::Isa,
    a: [&Limbs<V>; N],
    b: [&Limbs<V>; N],
    plus: [&Limbs<V>; N],
) -> [Limbs<V>; N] {
    sums_of_products::<V, M, 1, N>(isa, [a], [b], plus)
}

/// [`Vector::quadratic_multiply`]: 3·p - b₁ takes the place of -b₁.
#[inline(always)]
pub(crate) fn quadratic_product<V: Vector, M: Modulus>(
    isa: V::Isa,
    a: [&Limbs<V>; 2],
    b: [&Limbs<V>; 2],
) -> [Limbs<V>; 2] {
    let field = Field::<V, M>::new(isa);
    let zero = field.zero();
    let negative = field.factor(field.raw_negate::<3>(b[1]));
    let factors = [[b[0], b[1]], [&negative, b[0]]];
    let [c0, c1] = sums_of_products::<V, M, 2, 2>(isa, [[a[0], a[0]], [a[1], a[1]]], factors, [&zero, &zero]);
    [field.carry(c0), field.carry(c1)]
}

/// The columns that a round works on.
type Columns<V> = [V; DIGITS + 1];

/// `Σ a·b/R + plus` over the terms, raw, N sums interleaved: the instruction takes four cycles and one
/// or two can start in each, so that several must be in flight.
///
/// Digit by digit of b: add a·bᵢ and a multiple of p that makes the lowest digit zero, drop that
/// digit. All multiples but the last are d·p', where p' = (-p⁻¹ mod 2^52)·p ends in 52 ones: then d
/// is the lowest digit itself, with nothing to compute or to wait for, and the sum over
/// 2^52 is the other columns and d·(p' + 1)/2^52.
///
/// What is to be added costs nothing: columns 5 to 9, which are left in the end, start with it.
///
/// No overflow: a column takes at most nine halves of products for each term, ten of multiples of p, and
/// a carry, each below 2^52: below 20·2^52 with one term, 29·2^52 with two.
///
/// Bound: p' < 0.127·2^52·p, so that the first four rounds add less than 0.127·2^260·p, and the
/// last one less than 2^260·p: the result is below Σ a·b/2^260 + 1.127·p.
// Loops over indices keep the nested counts, of digits and of products, in sight.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn sums_of_products<V: Vector, M: Modulus, const TERMS: usize, const N: usize>(
    isa: V::Isa,
    a: [[&Limbs<V>; N]; TERMS],
    b: [[&Limbs<V>; N]; TERMS],
    plus: [&Limbs<V>; N],
) -> [Limbs<V>; N] {
    let zero = V::splat(isa, 0);
    let mut sums = [[zero; DIGITS + 1]; N];
    for n in 0..N {
        sums[n][DIGITS] = plus[n][0];
        for term in 0..TERMS {
            sums[n][0] = sums[n][0].madd52_low(a[term][n][0], b[term][n][0]);
        }
    }
    // Written out: the compiler leaves a loop of such rounds a loop, and all limbs in memory.
    short_round::<V, M, TERMS, N>(isa, &mut sums, a, b, plus, 0);
    short_round::<V, M, TERMS, N>(isa, &mut sums, a, b, plus, 1);
    short_round::<V, M, TERMS, N>(isa, &mut sums, a, b, plus, 2);
    short_round::<V, M, TERMS, N>(isa, &mut sums, a, b, plus, 3);
    let mut results = [[zero; DIGITS]; N];
    for n in 0..N {
        let terms = terms_of(&a, &b, n);
        let [lowest, ..] = sums[n];
        // The highest column would be the next round's.
        let [c0, c1, c2, c3, c4, _] = add_digit::<V, TERMS>(sums[n], terms, DIGITS - 1, zero);
        results[n] = add_full_multiple::<V, M>(isa, [c0, c1, c2, c3, c4], lowest);
    }
    results
}

/// The factors of sum n.
#[inline(always)]
fn terms_of<'a, V, const TERMS: usize, const N: usize>(
    a: &[[&'a Limbs<V>; N]; TERMS],
    b: &[[&'a Limbs<V>; N]; TERMS],
    n: usize,
) -> [[&'a Limbs<V>; 2]; TERMS] {
    let mut terms = [[a[0][n], b[0][n]]; TERMS];
    for term in 1..TERMS {
        terms[term] = [a[term][n], b[term][n]];
    }
    terms
}

/// Adds the rest of digit i's products, whose lowest half is there, and the lowest half of the next
/// digit's, before they are waited for. The lowest column is dropped, and `highest` comes in.
#[inline(always)]
fn add_digit<V: Vector, const TERMS: usize>(
    sum: Columns<V>,
    terms: [[&Limbs<V>; 2]; TERMS],
    i: usize,
    highest: V,
) -> Columns<V> {
    let [_, s1, s2, s3, s4, s5] = sum;
    let mut next = [s1, s2, s3, s4, s5, highest];
    for [a, b] in terms {
        for j in 1..DIGITS {
            next[j - 1] = next[j - 1].madd52_low(a[j], b[i]);
        }
        for j in 0..DIGITS {
            next[j] = next[j].madd52_high(a[j], b[i]);
        }
        if i + 1 < DIGITS {
            next[0] = next[0].madd52_low(a[0], b[i + 1]);
        }
    }
    next
}

/// A round of every sum, its lowest column taken off by the short multiple.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn short_round<V: Vector, M: Modulus, const TERMS: usize, const N: usize>(
    isa: V::Isa,
    sums: &mut [Columns<V>; N],
    a: [[&Limbs<V>; N]; TERMS],
    b: [[&Limbs<V>; N]; TERMS],
    plus: [&Limbs<V>; N],
    i: usize,
) {
    for n in 0..N {
        let terms = terms_of(&a, &b, n);
        let [lowest, ..] = sums[n];
        let mut next = add_digit::<V, TERMS>(sums[n], terms, i, plus[n][i + 1]);
        add_short_multiple::<V, M>(isa, &mut next, lowest);
        sums[n] = next;
    }
    V::in_step(sums);
}

/// Adds `(lowest + d·p')/2^52`, d the lower 52 bits of `lowest`, to the columns above it.
#[inline(always)]
fn add_short_multiple<V: Vector, M: Modulus>(isa: V::Isa, columns: &mut Columns<V>, lowest: V) {
    let short = Field::<V, M>::new(isa).splat(const { short_multiple(&M::P, M::NEGATIVE_INVERSE) });
    for j in 0..DIGITS {
        columns[j] = columns[j].madd52_low(lowest, short[j]);
        columns[j + 1] = columns[j + 1].madd52_high(lowest, short[j]);
    }
    // Last, beside the product, for which the next round waits.
    columns[0] = columns[0].add(lowest.shr::<DIGIT_BITS>());
}

/// `columns + (lowest + q·p)/2^52`, q < 2^52 such that the division leaves no rest.
#[inline(always)]
fn add_full_multiple<V: Vector, M: Modulus>(isa: V::Isa, columns: Limbs<V>, lowest: V) -> Limbs<V> {
    let p = Field::<V, M>::new(isa).splat(M::P);
    let q = V::splat(isa, 0).madd52_low(lowest, V::splat(isa, M::NEGATIVE_INVERSE));
    // The low 52 bits of this are zero.
    let carry = lowest.madd52_low(q, p[0]).shr::<DIGIT_BITS>();
    let [mut c0, mut c1, mut c2, mut c3, mut c4] = columns;
    c0 = c0.madd52_low(q, p[1]).madd52_high(q, p[0]).add(carry);
    c1 = c1.madd52_low(q, p[2]).madd52_high(q, p[1]);
    c2 = c2.madd52_low(q, p[3]).madd52_high(q, p[2]);
    c3 = c3.madd52_low(q, p[4]).madd52_high(q, p[3]);
    c4 = c4.madd52_high(q, p[4]);
    [c0, c1, c2, c3, c4]
}

/// [`super::Field::squares_plus`], interleaved; 15 products of digits instead of 25 before the
/// reduction.
///
/// Bound as above. No overflow: a column takes at most four mixed halves, doubled, two of a square, ten
/// of the reduction and a carry, each below 2^52: below 21·2^52.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
pub(crate) fn squares_plus<V: Vector, M: Modulus, const N: usize>(
    isa: V::Isa,
    a: [&Limbs<V>; N],
    plus: [&Limbs<V>; N],
) -> [Limbs<V>; N] {
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
        for j in 0..DIGITS {
            columns[DIGITS + j] = columns[DIGITS + j].add(plus[n][j]);
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
    // Written out: as above.
    reduce_column::<V, M, N>(isa, &mut columns, 0);
    reduce_column::<V, M, N>(isa, &mut columns, 1);
    reduce_column::<V, M, N>(isa, &mut columns, 2);
    reduce_column::<V, M, N>(isa, &mut columns, 3);
    let zero = V::splat(isa, 0);
    let mut results = [[zero; DIGITS]; N];
    for n in 0..N {
        let [_, _, _, _, lowest, c0, c1, c2, c3, c4] = columns[n];
        results[n] = add_full_multiple::<V, M>(isa, [c0, c1, c2, c3, c4], lowest);
    }
    results
}

/// Takes column i off by the short multiple.
#[inline(always)]
fn reduce_column<V: Vector, M: Modulus, const N: usize>(
    isa: V::Isa,
    columns: &mut [[V; 2 * DIGITS]; N],
    i: usize,
) {
    let mut above = [[V::splat(isa, 0); DIGITS + 1]; N];
    for n in 0..N {
        above[n].copy_from_slice(&columns[n][i + 1..i + 2 + DIGITS]);
        add_short_multiple::<V, M>(isa, &mut above[n], columns[n][i]);
    }
    V::in_step(&mut above);
    for n in 0..N {
        columns[n][i + 1..i + 2 + DIGITS].copy_from_slice(&above[n]);
    }
}
