//! Montgomery products and squares.

use super::{DIGIT_BITS, DIGITS, Field, Limbs, Modulus};
use crate::simd::Vector;

// Loops over indices keep the two nested counts, of digits and of products, in sight.
#[allow(clippy::needless_range_loop)]
impl<V: Vector, M: Modulus> Field<V, M> {
    /// `a·b/R`. Takes a, b normalised below j, k with j·k ≤ 84; gives normalised below 2.
    ///
    /// Bound: the result is (a·b + q·p)/2^260 with q < 2^260, hence below a·b/2^260 + p, and
    /// a·b ≤ 84·p² < 0.993·2^260·p.
    #[inline(always)]
    pub fn product(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        let [product] = self.products(&[*a], &[*b]);
        product
    }

    /// N independent products as in [`Field::product`], interleaved: the instruction takes four
    /// cycles and one or two can start in each, so that several must be in flight. Two to four
    /// fit the registers.
    ///
    /// Digit by digit of b: add a·bᵢ, choose the multiple q of p that makes the lowest digit zero,
    /// add q·p, drop the lowest digit. No overflow: in each of the five rounds a lane takes at
    /// most four halves of products and a carry, each below 2^52, so that it stays below 2^57.
    #[inline(always)]
    pub fn products<const N: usize>(&self, a: &[Limbs<V>; N], b: &[Limbs<V>; N]) -> [Limbs<V>; N] {
        self.debug_check_factors(a, b);
        let mut sums = [self.zero(); N];
        // Written out: the compiler leaves a loop of rounds of three or more products a loop, and
        // with it all limbs in memory.
        self.round(&mut sums, a, b, 0);
        self.round(&mut sums, a, b, 1);
        self.round(&mut sums, a, b, 2);
        self.round(&mut sums, a, b, 3);
        self.round(&mut sums, a, b, 4);
        for n in 0..N {
            sums[n] = self.propagate(sums[n]);
            self.debug_check_below(&sums[n], 2, "product");
        }
        sums
    }

    /// Adds a times digit i of b and a multiple of p, and drops the lowest digit.
    #[inline(always)]
    fn round<const N: usize>(
        &self,
        sums: &mut [Limbs<V>; N],
        a: &[Limbs<V>; N],
        b: &[Limbs<V>; N],
        i: usize,
    ) {
        let zero = V::splat(self.isa, 0);
        let p = self.splat(M::P);
        let inverse = V::splat(self.isa, M::NEGATIVE_INVERSE);
        for n in 0..N {
            let sum = &mut sums[n];
            let digit = b[n][i];
            for j in 0..DIGITS {
                sum[j] = sum[j].madd52_low(a[n][j], digit);
            }
            let q = zero.madd52_low(sum[0], inverse);
            // The low 52 bits of this are zero.
            let carry = sum[0].madd52_low(q, p[0]).shr::<DIGIT_BITS>();
            for j in 1..DIGITS {
                sum[j] = sum[j].madd52_low(q, p[j]);
            }
            let mut next = [sum[1].add(carry), sum[2], sum[3], sum[4], zero];
            for j in 0..DIGITS {
                next[j] = next[j].madd52_high(a[n][j], digit);
            }
            for j in 0..DIGITS {
                next[j] = next[j].madd52_high(q, p[j]);
            }
            *sum = next;
        }
    }

    /// `a²/R`. Takes a normalised below 9; gives normalised below 2.
    #[inline(always)]
    pub fn square(&self, a: &Limbs<V>) -> Limbs<V> {
        let [square] = self.squares(&[*a]);
        square
    }

    /// N independent squares as in [`Field::square`], interleaved; 15 products of digits instead
    /// of 25 before the reduction.
    ///
    /// Bound as in [`Field::product`], since 9² ≤ 84. No overflow: a column takes at most four
    /// mixed halves, doubled, two of a square, ten of the reduction and a carry, each below 2^52:
    /// below 2^57.
    #[inline(always)]
    pub fn squares<const N: usize>(&self, a: &[Limbs<V>; N]) -> [Limbs<V>; N] {
        for x in a {
            self.debug_check_below(x, 9, "factor of a square");
        }
        let zero = V::splat(self.isa, 0);
        let mut columns = [[zero; 2 * DIGITS]; N];
        for n in 0..N {
            let (a, columns) = (&a[n], &mut columns[n]);
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
        self.reduce_columns(columns)
    }

    /// `x/R` of integers in ten columns of weight 2^(52i), by adding multiples of p.
    #[inline(always)]
    fn reduce_columns<const N: usize>(&self, mut columns: [[V; 2 * DIGITS]; N]) -> [Limbs<V>; N] {
        let zero = V::splat(self.isa, 0);
        let p = self.splat(M::P);
        let inverse = V::splat(self.isa, M::NEGATIVE_INVERSE);
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
            results[n] = self.propagate([c0, c1, c2, c3, c4]);
            self.debug_check_below(&results[n], 2, "square");
        }
        results
    }

    /// Carries of limbs that are not negative.
    #[inline(always)]
    fn propagate(&self, mut x: Limbs<V>) -> Limbs<V> {
        for i in 0..DIGITS - 1 {
            x[i + 1] = x[i + 1].add(x[i].shr::<DIGIT_BITS>());
            x[i] = x[i].and(self.mask());
        }
        x
    }

    /// Both factors normalised, their product at most 84·p².
    #[inline(always)]
    #[allow(unused_variables)]
    fn debug_check_factors(&self, a: &[Limbs<V>], b: &[Limbs<V>]) {
        #[cfg(debug_assertions)]
        for (a, b) in a.iter().zip(b) {
            self.debug_check_below(a, 84, "first factor");
            self.debug_check_below(b, 84, "second factor");
            // Upper bounds of a/p and b/p from the highest digits.
            let over_p = |top: u64| (top + 1) as f64 / M::P[DIGITS - 1] as f64;
            for (a, b) in a[DIGITS - 1].to_array().into_iter().zip(b[DIGITS - 1].to_array()) {
                let product = over_p(a) * over_p(b);
                assert!(product <= 84.0, "factors are {:.2}·p and {:.2}·p", over_p(a), over_p(b));
            }
        }
    }
}
