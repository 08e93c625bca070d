//! Fq2: coordinates of G2.

use super::prime::{SIXTY_FOUR, minus_both};
use super::{Chains, LaneField, Lanes, Row, for_chains, words_of, words_of_mut};
use crate::element::{Coordinate, Prime, Quadratic};
use crate::field::{DIGITS, QuadraticField, QuadraticLimbs};
use crate::points::{PackedG1, PackedG2};
use crate::simd::{LANES, Vector};

impl Lanes for PackedG2 {
    type Field<V: Vector> = QuadraticField<V>;
    type Saved = [[Row; DIGITS]; 2];

    const EMPTY: Self::Saved = [PackedG1::EMPTY; 2];
    const INVERSE_FACTOR: Quadratic = Quadratic { c0: SIXTY_FOUR, c1: Prime::ZERO };
}

impl<V: Vector> LaneField<V> for QuadraticField<V> {
    type Element = QuadraticLimbs<V>;
    type Point = PackedG2;

    #[inline(always)]
    fn new(isa: V::Isa) -> Self {
        QuadraticField::new(isa)
    }

    #[inline(always)]
    fn zero(&self) -> QuadraticLimbs<V> {
        QuadraticField::zero(self)
    }

    #[inline(always)]
    fn one(&self) -> QuadraticLimbs<V> {
        QuadraticField::one(self)
    }

    #[inline(always)]
    fn unit_difference(&self) -> QuadraticLimbs<V> {
        let zero = self.base.zero();
        [self.base.unit_difference(), self.base.difference(&zero, &zero)]
    }

    #[inline(always)]
    fn load_x(&self, points: &[&PackedG2; LANES]) -> QuadraticLimbs<V> {
        [self.base.load(words_of!(points, 0)), self.base.load(words_of!(points, 4))]
    }

    #[inline(always)]
    fn load_y(&self, points: &[&PackedG2; LANES]) -> QuadraticLimbs<V> {
        [self.base.load(words_of!(points, 8)), self.base.load(words_of!(points, 12))]
    }

    /// Below 2.31 + 3.
    #[inline(always)]
    fn difference(&self, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        self.sub::<3>(a, b)
    }

    #[inline(always)]
    fn negative(&self, a: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        [self.base.negative(&a[0]), self.base.negative(&a[1])]
    }

    #[inline(always)]
    fn plus_negative(&self, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        [self.base.plus_negative(&a[0], &b[0]), self.base.plus_negative(&a[1], &b[1])]
    }

    /// Below 4·5.31.
    #[inline(always)]
    fn difference_times_4(&self, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        [self.base.difference_times_4(&a[0], &b[0]), self.base.difference_times_4(&a[1], &b[1])]
    }

    /// Below 3; a is below 21.3 of 22.
    #[inline(always)]
    fn multiply(&self, b: &mut Chains<QuadraticLimbs<V>>, a: &Chains<QuadraticLimbs<V>>) {
        for_chains!(n, {
            QuadraticField::multiply(self, &mut b[n], &a[n]);
        });
    }

    /// The result is in (0.69, 6).
    #[inline(always)]
    fn multiply_plus(
        &self,
        b: &mut Chains<QuadraticLimbs<V>>,
        a: &Chains<QuadraticLimbs<V>>,
        negatives: &Chains<QuadraticLimbs<V>>,
    ) {
        LaneField::multiply(self, b, a);
        for_chains!(n, {
            b[n] = self.raw_add(&b[n], &negatives[n]);
        });
    }

    /// The sum is in (-1.62, 7) before the reduction.
    #[inline(always)]
    fn square_minus_both(
        &self,
        a: &Chains<QuadraticLimbs<V>>,
        b: &Chains<QuadraticLimbs<V>>,
        b_minus_c: &Chains<QuadraticLimbs<V>>,
        results: &mut Chains<QuadraticLimbs<V>>,
    ) {
        for_chains!(n, {
            let plus = [
                minus_both(&self.base, &b[n][0], &b_minus_c[n][0]),
                minus_both(&self.base, &b[n][1], &b_minus_c[n][1]),
            ];
            results[n] = self.reduce_raw(self.square_plus(&a[n], &plus));
        });
    }

    #[inline(always)]
    fn store(&self, x: &QuadraticLimbs<V>, height: &QuadraticLimbs<V>, points: &mut [PackedG2; LANES]) {
        let y = self.reduce_raw(*height);
        self.base.store_raw(x[0], words_of_mut!(points, 0));
        self.base.store_raw(x[1], words_of_mut!(points, 4));
        self.base.store_raw(y[0], words_of_mut!(points, 8));
        self.base.store_raw(y[1], words_of_mut!(points, 12));
    }

    #[inline(always)]
    fn zero_integers(&self, a: &QuadraticLimbs<V>) -> u8 {
        self.base.zero_integers(&a[0]) & self.base.zero_integers(&a[1])
    }

    #[inline(always)]
    fn zero_elements(&self, a: &QuadraticLimbs<V>) -> u8 {
        self.base.zero_elements(&a[0]) & self.base.zero_elements(&a[1])
    }

    #[inline(always)]
    fn select(&self, mask: u8, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        QuadraticField::select(self, mask, a, b)
    }

    #[inline(always)]
    fn save(&self, a: &QuadraticLimbs<V>, saved: &mut [[Row; DIGITS]; 2]) {
        self.base.save(&a[0], &mut saved[0]);
        self.base.save(&a[1], &mut saved[1]);
    }

    #[inline(always)]
    fn restore(&self, saved: &[[Row; DIGITS]; 2]) -> QuadraticLimbs<V> {
        [self.base.restore(&saved[0]), self.base.restore(&saved[1])]
    }

    #[inline(always)]
    fn leave(&self, a: &QuadraticLimbs<V>) -> [Quadratic; LANES] {
        let (c0, c1) = (self.base.leave(&a[0]), self.base.leave(&a[1]));
        let mut elements = [Quadratic::ZERO; LANES];
        for i in 0..LANES {
            elements[i] = Quadratic { c0: c0[i], c1: c1[i] };
        }
        elements
    }

    #[inline(always)]
    fn enter(&self, a: &[Quadratic; LANES]) -> QuadraticLimbs<V> {
        let (mut c0, mut c1) = ([Prime::ZERO; LANES], [Prime::ZERO; LANES]);
        for i in 0..LANES {
            (c0[i], c1[i]) = (a[i].c0, a[i].c1);
        }
        [self.base.enter(&c0), self.base.enter(&c1)]
    }
}
