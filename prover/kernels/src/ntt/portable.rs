//! Scalar arithmetic for the transforms: four words, Montgomery form with R = 2^256 as in ark-ff,
//! without the final subtraction of each operation (Harvey, "Faster arithmetic for
//! number-theoretic transforms", 2014).
//!
//! Grown values are below 4·p, and 5·p < 2^256, so that they stay in four words.

use super::arithmetic::{Arithmetic, COLUMNS, Words};
use crate::field::{Modulus, ModulusFr};
use ark_bn254::Fr;

/// Arithmetic in scalar code, for any processor.
#[derive(Clone, Copy)]
pub(super) struct Portable;

const P: Words = ModulusFr::WORDS;
const TWICE_P: Words = doubled(&P);
/// `-1/p mod 2^64`.
const NEGATIVE_INVERSE: u64 = negative_inverse(P[0]);

const fn doubled(words: &Words) -> Words {
    let [w0, w1, w2, w3] = *words;
    [w0 << 1, w1 << 1 | w0 >> 63, w2 << 1 | w1 >> 63, w3 << 1 | w2 >> 63]
}

/// Newton's iteration doubles the right bits, from 3 on.
const fn negative_inverse(lowest: u64) -> u64 {
    let mut inverse = lowest;
    let mut step = 0;
    while step < 5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(lowest.wrapping_mul(inverse)));
        step += 1;
    }
    inverse.wrapping_neg()
}

/// Low and high word of `a·b + c + d`, which is at most (2^64 - 1)² + 2·(2^64 - 1) = 2^128 - 1.
#[inline(always)]
fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let wide = u128::from(a) * u128::from(b) + u128::from(c) + u128::from(d);
    (wide as u64, (wide >> 64) as u64)
}

/// `a·b/2^256`, below a·b/2^256 + p: below 2·p for a below 4·p and b below p, and for both below
/// 2·p, since 2^256 > 5.28·p. Takes a below 4·p.
///
/// After each word of b the sum t is at most a + p (by induction: (t + (a + p)·(2^64 - 1))/2^64),
/// hence below 5·p < 2^256: no fifth word.
#[inline(always)]
fn product(a: &Words, b: &Words) -> Words {
    let mut t = [0; 4];
    for digit in *b {
        let (lowest, mut carry) = multiply_add(a[0], digit, t[0], 0);
        let q = lowest.wrapping_mul(NEGATIVE_INVERSE);
        let (_, mut reduction) = multiply_add(q, P[0], lowest, 0);
        for j in 1..4 {
            let (sum, high) = multiply_add(a[j], digit, t[j], carry);
            carry = high;
            (t[j - 1], reduction) = multiply_add(q, P[j], sum, reduction);
        }
        t[3] = carry + reduction;
    }
    t
}

/// `a + b`, which must be below 2^256.
#[inline(always)]
fn sum(a: &Words, b: &Words) -> Words {
    let mut result = [0; 4];
    let mut carry = false;
    for i in 0..4 {
        let (partial, first) = a[i].overflowing_add(b[i]);
        let (word, second) = partial.overflowing_add(u64::from(carry));
        result[i] = word;
        carry = first | second;
    }
    debug_assert!(!carry);
    result
}

/// `a - b` modulo 2^256, and whether it is negative.
#[inline(always)]
fn difference(a: &Words, b: &Words) -> (Words, bool) {
    let mut result = [0; 4];
    let mut borrow = false;
    for i in 0..4 {
        let (partial, first) = a[i].overflowing_sub(b[i]);
        let (word, second) = partial.overflowing_sub(u64::from(borrow));
        result[i] = word;
        borrow = first | second;
    }
    (result, borrow)
}

/// `a - b` if that is not negative, else `a`.
#[inline(always)]
fn subtract_if_larger(a: &Words, b: &Words) -> Words {
    let (less, negative) = difference(a, b);
    let keep = u64::from(negative).wrapping_neg();
    let mut result = less;
    for i in 0..4 {
        result[i] = less[i] ^ ((less[i] ^ a[i]) & keep);
    }
    result
}

/// `a - b + 2·p` for b at most 2·p.
#[inline(always)]
fn difference_plus_twice_p(a: &Words, b: &Words) -> Words {
    let (complement, negative) = difference(&TWICE_P, b);
    debug_assert!(!negative);
    sum(a, &complement)
}

/// `(x + t, x - t)`, below 4·p: from x below 4·p and t below 2·p.
#[inline(always)]
fn butterfly(x: &Words, t: &Words) -> (Words, Words) {
    let reduced = subtract_if_larger(x, &TWICE_P);
    (sum(&reduced, t), difference_plus_twice_p(&reduced, t))
}

impl Arithmetic for Portable {
    type Value = [Words; COLUMNS];
    type Factor = Words;

    // Butterflies begin with a reduction of what was left out.
    const MAX_LAYERS: u32 = u32::MAX;

    #[inline(always)]
    fn zero(self) -> Self::Value {
        [[0; 4]; COLUMNS]
    }

    fn factor(element: &Fr) -> Words {
        *ModulusFr::words(element)
    }

    #[inline(always)]
    fn splat(self, factor: &Words) -> Self::Value {
        [*factor; COLUMNS]
    }

    #[inline(always)]
    fn columns(self, factors: &[Fr; COLUMNS]) -> Self::Value {
        factors.map(|factor| *ModulusFr::words(&factor))
    }

    #[inline(always)]
    fn load(self, words: [&Words; COLUMNS]) -> Self::Value {
        words.map(|words| *words)
    }

    #[inline(always)]
    fn store(self, value: &Self::Value, words: [&mut Words; COLUMNS]) {
        for (target, source) in words.into_iter().zip(value) {
            *target = *source;
        }
    }

    #[inline(always)]
    fn store_canonical(self, value: &Self::Value, words: [&mut Words; COLUMNS]) {
        for (target, source) in words.into_iter().zip(value) {
            *target = subtract_if_larger(&subtract_if_larger(source, &TWICE_P), &P);
        }
    }

    #[inline(always)]
    fn multiply(self, value: &Self::Value, factor: &Words) -> Self::Value {
        let mut result = *value;
        for column in &mut result {
            *column = product(column, factor);
        }
        result
    }

    #[inline(always)]
    fn multiply_pair(self, values: [&Self::Value; 2], factors: [&Words; 2]) -> [Self::Value; 2] {
        [self.multiply(values[0], factors[0]), self.multiply(values[1], factors[1])]
    }

    #[inline(always)]
    fn multiply_columns(self, values: [&Self::Value; 2], by: [&Self::Value; 2]) -> [Self::Value; 2] {
        let mut results = [[[0; 4]; COLUMNS]; 2];
        for (result, (value, by)) in results.iter_mut().zip(values.into_iter().zip(by)) {
            for i in 0..COLUMNS {
                result[i] = product(&subtract_if_larger(&value[i], &TWICE_P), &by[i]);
            }
        }
        results
    }

    #[inline(always)]
    fn reduce(self, value: &Self::Value) -> Self::Value {
        let mut result = *value;
        for column in &mut result {
            *column = subtract_if_larger(column, &TWICE_P);
        }
        result
    }

    #[inline(always)]
    fn butterfly(self, x: &Self::Value, t: &Self::Value) -> (Self::Value, Self::Value) {
        let (mut low, mut high) = (*x, *x);
        for i in 0..COLUMNS {
            (low[i], high[i]) = butterfly(&x[i], &t[i]);
        }
        (low, high)
    }

    // Column by column, so that what lies between the two layers stays in registers.
    #[inline(always)]
    fn two_layers(
        self,
        [x0, x1, x2, x3]: [&mut Self::Value; 4],
        outer: &Self::Factor,
        inner: [&Self::Factor; 2],
    ) {
        for i in 0..COLUMNS {
            let (y0, y2) = butterfly(&x0[i], &product(&x2[i], outer));
            let (y1, y3) = butterfly(&x1[i], &product(&x3[i], outer));
            (x0[i], x1[i]) = butterfly(&y0, &product(&y1, inner[0]));
            (x2[i], x3[i]) = butterfly(&y2, &product(&y3, inner[1]));
        }
    }

    #[inline(always)]
    fn two_layers_at_one(self, [x0, x1, x2, x3]: [&mut Self::Value; 4], last: &Self::Factor) {
        let reduce = |x: &Words| subtract_if_larger(x, &TWICE_P);
        for i in 0..COLUMNS {
            let (y0, y2) = butterfly(&x0[i], &reduce(&x2[i]));
            let (y1, y3) = butterfly(&x1[i], &reduce(&x3[i]));
            (x0[i], x1[i]) = butterfly(&y0, &reduce(&y1));
            (x2[i], x3[i]) = butterfly(&y2, &product(&y3, last));
        }
    }
}
