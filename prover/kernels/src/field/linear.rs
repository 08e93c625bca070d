//! Sums, differences and reductions.
//!
//! `raw_` functions work limb by limb and leave carries to a later [`Field::normalise`] or
//! [`Field::factor`].

use super::modulus::multiple;
use super::{DIGIT_BITS, DIGITS, Field, Limbs, Modulus};
use crate::simd::{LANES, Vector};

impl<V: Vector, M: Modulus> Field<V, M> {
    /// `a + b`, raw: from raw values whose sums stay raw.
    #[inline(always)]
    pub(crate) fn raw_add(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        let mut sum = *a;
        for i in 0..DIGITS {
            sum[i] = sum[i].add(b[i]);
        }
        self.debug_check_raw(&sum, 62, "sum");
        sum
    }

    /// `a - b`, raw: from raw values whose differences stay raw.
    #[inline(always)]
    pub(crate) fn raw_sub(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        let mut difference = *a;
        for i in 0..DIGITS {
            difference[i] = difference[i].sub(b[i]);
        }
        self.debug_check_raw(&difference, 62, "difference");
        difference
    }

    /// `a - b + K·p`, raw. Not negative if b is below K·p.
    #[inline(always)]
    pub(crate) fn raw_sub_plus<const K: u64>(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        self.raw_add(&self.raw_sub(a, b), &self.splat(const { multiple(&M::P, K) }))
    }

    /// Carries of signed limbs: raw, not negative and below 84, to normalised.
    #[inline(always)]
    pub(crate) fn normalise(&self, x: Limbs<V>) -> Limbs<V> {
        let x = self.carry(x);
        self.debug_check_below(&x, 84, "normalise");
        x
    }

    /// Carries of signed limbs: raw, not negative and below 84, to a factor.
    #[inline(always)]
    pub fn factor(&self, x: Limbs<V>) -> Limbs<V> {
        self.debug_check_integer(&x, 84, "factor");
        self.low_digits(self.carry_upwards(x))
    }

    /// A factor of limbs whose low 52 bits are its digits.
    #[inline(always)]
    pub(super) fn low_digits(&self, x: Limbs<V>) -> Limbs<V> {
        if V::FACTORS_BY_LOW_BITS { x } else { self.masked(x) }
    }

    /// `a + b`: from normalised below j and k to normalised below j + k, at most 84.
    #[inline(always)]
    pub fn add(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        self.normalise(self.raw_add(a, b))
    }

    /// `a - b + K·p`: from a normalised below j, b normalised below K, to normalised below j + K.
    #[inline(always)]
    pub(crate) fn sub<const K: u64>(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        self.normalise(self.raw_sub_plus::<K>(a, b))
    }

    /// `K·p - a`: from normalised below K to raw, not negative and at most K·p.
    #[inline(always)]
    pub(crate) fn raw_negate<const K: u64>(&self, a: &Limbs<V>) -> Limbs<V> {
        self.raw_sub(&self.splat(const { multiple(&M::P, K) }), a)
    }

    /// The same residue: from raw in (-2.6·p, 7.8·p), limbs at most 2^58 in absolute value, to raw that is
    /// not negative and below 2.31·p, limbs a little larger.
    ///
    /// Bound: let u = 2^254 = 1.32·p. Carries change the highest limb by less than 2^7, so
    /// that with `i = floor((limb - 2^7)/2^46)` the integer lies in [i·u, (i + 1)·u + 2^216). The
    /// multiples in the table bring [i·u, (i + 1)·u] to the following intervals, in units of p:
    /// i = -2: [0.35, 1.68], -1: [0.67, 2.00], 0: [0, 1.33], 1: [0.32, 1.65], 2: [0.64, 1.97],
    /// 3: [0.96, 2.30], 4: [0.28, 1.62], 5: [0.60, 1.94].
    #[inline(always)]
    pub(crate) fn reduce_raw(&self, x: Limbs<V>) -> Limbs<V> {
        self.debug_check_raw(&x, 58, "reduce_raw");
        // The lookup takes the index modulo 8, and the table is stored in that order.
        let index = x[DIGITS - 1].sub(V::splat(self.isa, 1 << 7)).sar::<46>();
        let table = const { reduction_table(&M::P) };
        let mut reduced = x;
        for i in 0..DIGITS {
            reduced[i] = reduced[i].add(V::from_array(self.isa, table[i]).lookup(index));
        }
        self.debug_check_integer(&reduced, 3, "reduce_raw");
        reduced
    }

    /// The same residue: from raw in (0, 4.9·p), limbs at most 2^58 in absolute value, to raw that is not
    /// negative and below 2.6·p or x - 2·p, whichever is more; limbs a little larger.
    ///
    /// Where the highest limb says that the integer is about 2.5·p or above, 2·p are taken off: "about" is
    /// 2^216.
    #[inline(always)]
    pub(crate) fn subtract_two_moduli(&self, x: Limbs<V>) -> Limbs<V> {
        self.debug_check_raw(&x, 58, "subtract_two_moduli");
        let highest = const { multiple(&M::P, 5)[DIGITS - 1] / 2 };
        let sign = V::splat(self.isa, highest).sub(x[DIGITS - 1]);
        let twice = const { multiple(&M::P, 2) };
        let mut reduced = x;
        for i in 0..DIGITS {
            let negative = V::splat(self.isa, twice[i].wrapping_neg());
            reduced[i] = reduced[i].add_where_negative(sign, negative);
        }
        self.debug_check_integer(&reduced, 3, "subtract_two_moduli");
        reduced
    }

    /// The same residue: from normalised below 84 to normalised below 2.
    #[inline(always)]
    pub(crate) fn reduce_wide(&self, x: &Limbs<V>) -> Limbs<V> {
        self.normalise(self.reduce_wide_raw(x))
    }

    /// The same residue: from normalised below 84 to raw, not negative and below 2, limbs at most 2^53 in
    /// absolute value.
    ///
    /// Bound: `q = floor(limb·84/2^52)` of the highest limb. Since 2^208·limb is at most x and
    /// 2^260/p lies between 84.6 and 84.7, q·p ≤ x; and x/p < (limb + 1)·84.7/2^52, so that
    /// x/p - q < (0.7/84.7)·84 + 1 + 2^-45 < 1.7.
    #[inline(always)]
    pub(crate) fn reduce_wide_raw(&self, x: &Limbs<V>) -> Limbs<V> {
        self.debug_check_below(x, 84, "reduce_wide");
        let zero = V::splat(self.isa, 0);
        let p = self.splat(M::P);
        let q = zero.madd52_high(x[DIGITS - 1], V::splat(self.isa, 84));
        let mut multiple = [zero; DIGITS];
        for i in 0..DIGITS {
            multiple[i] = multiple[i].madd52_low(q, p[i]);
        }
        for i in 0..DIGITS - 1 {
            multiple[i + 1] = multiple[i + 1].madd52_high(q, p[i]);
        }
        let reduced = self.raw_sub(x, &multiple);
        self.debug_check_integer(&reduced, 2, "reduce_wide");
        reduced
    }

    /// The integer modulo p: from normalised below 2 to normalised below 1.
    #[inline(always)]
    pub(crate) fn canonical(&self, x: &Limbs<V>) -> Limbs<V> {
        self.debug_check_below(x, 2, "canonical");
        let less = self.carry(self.raw_sub(x, &self.splat(M::P)));
        // All ones where the difference is negative: there x was below p already.
        let keep = less[DIGITS - 1].sar::<63>();
        let mut result = less;
        for i in 0..DIGITS {
            // less + (x - less)·[keep]
            result[i] = less[i].add(x[i].sub(less[i]).and(keep));
        }
        self.debug_check_below(&result, 1, "canonical");
        result
    }

    /// Which lanes are zero modulo p: from normalised below 2.
    #[inline(always)]
    pub(crate) fn zero_lanes(&self, x: &Limbs<V>) -> u8 {
        self.debug_check_below(x, 2, "zero_lanes");
        let p = self.splat(M::P);
        let zero = V::splat(self.isa, 0);
        let [any, differs] = {
            let mut sums = [zero; 2];
            for i in 0..DIGITS {
                sums[0] = sums[0].or(x[i]);
                sums[1] = sums[1].or(x[i].sub(p[i]));
            }
            sums
        };
        any.equal(zero) | differs.equal(zero)
    }

    /// Lanes of `b` where the bit of `mask` is set, of `a` elsewhere.
    #[inline(always)]
    pub(crate) fn select(&self, mask: u8, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        let mut chosen = *a;
        for i in 0..DIGITS {
            chosen[i] = a[i].select(mask, b[i]);
        }
        chosen
    }

    /// Signed carries; the highest limb keeps the sign of the integer.
    #[inline(always)]
    pub(super) fn carry(&self, x: Limbs<V>) -> Limbs<V> {
        self.masked(self.carry_upwards(x))
    }

    /// The low 52 bits of all limbs but the highest, which is as it is.
    #[inline(always)]
    fn masked(&self, mut x: Limbs<V>) -> Limbs<V> {
        for limb in &mut x[..DIGITS - 1] {
            *limb = limb.and(self.mask());
        }
        x
    }

    /// Carries added to the limbs above and left where they were: the low 52 bits of all limbs but the
    /// highest are the digits.
    #[inline(always)]
    pub(super) fn carry_upwards(&self, mut x: Limbs<V>) -> Limbs<V> {
        for i in 0..DIGITS - 1 {
            x[i + 1] = x[i + 1].add(x[i].sar::<DIGIT_BITS>());
        }
        x
    }
}

/// For each digit the eight signed multiples of p that [`Field::reduce_raw`] adds; column i mod 8
/// belongs to index i in -2..6.
const fn reduction_table(p: &[u64; DIGITS]) -> [[u64; LANES]; DIGITS] {
    let multiples: [i64; LANES] = [0, -1, -2, -3, -5, -6, 3, 2];
    let mut table = [[0; LANES]; DIGITS];
    let mut column = 0;
    while column < LANES {
        let magnitude = multiple(p, multiples[column].unsigned_abs());
        let mut i = 0;
        while i < DIGITS {
            let digit = magnitude[i];
            table[i][column] = if multiples[column] < 0 { digit.wrapping_neg() } else { digit };
            i += 1;
        }
        column += 1;
    }
    table
}
