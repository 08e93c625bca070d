//! The quadratic extension of Fq over which G2 is: `c0 + c1·u` with `u² = -1`.

use super::{Field, Limbs, ModulusFq};
use crate::simd::{LANES, Vector};
use ark_bn254::{Fq, Fq2};
use ark_ff::batch_inversion;

/// Eight elements of the extension; both parts keep to the stated bound.
pub type QuadraticLimbs<V> = [Limbs<V>; 2];

/// The extension on the lanes of `V`.
#[derive(Debug)]
pub struct QuadraticField<V: Vector> {
    pub(crate) base: Field<V, ModulusFq>,
}

impl<V: Vector> Clone for QuadraticField<V> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: Vector> Copy for QuadraticField<V> {}

impl<V: Vector> QuadraticField<V> {
    /// Makes the extension for an instruction set.
    #[inline(always)]
    pub fn new(isa: V::Isa) -> Self {
        QuadraticField { base: Field::new(isa) }
    }

    /// Zero in every lane.
    #[inline(always)]
    pub(crate) fn zero(&self) -> QuadraticLimbs<V> {
        [self.base.zero(), self.base.zero()]
    }

    /// One in every lane; normalised below 1.
    #[inline(always)]
    pub fn one(&self) -> QuadraticLimbs<V> {
        [self.base.one(), self.base.zero()]
    }

    /// Replaces b by `a·b/R`. Takes a factor a below 22 and b normalised below 3; gives normalised below 3.
    ///
    /// Two products each are summed before they are reduced: four products and two reductions cost
    /// about what three of both cost by Karatsuba's formula, whose sums and differences come on top.
    ///
    /// Bound: the first part takes 3·p - b1 for -b1, so that both are below
    /// `(22·3 + 22·3)·p²/R + 1.127·p < 2.69·p`. Or it takes a0·b0 - a1·b1, over R in (-0.8·p, 0.8·p),
    /// and adds p, with up to 1.13·p from the reduction below 2.91·p.
    #[inline(always)]
    pub(crate) fn multiply(&self, b: &mut QuadraticLimbs<V>, a: &QuadraticLimbs<V>) {
        for part in a {
            self.base.debug_check_factor(part, 22, "first factor in the extension");
        }
        for part in b.iter() {
            self.base.debug_check_below(part, 3, "second factor in the extension");
        }
        V::quadratic_multiply::<ModulusFq>(self.base.isa(), a.each_ref(), b);
        for part in b.iter() {
            self.base.debug_check_below(part, 3, "product in the extension");
        }
    }

    /// [`QuadraticField::multiply`] as a value.
    #[inline(always)]
    pub fn product(&self, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        let mut product = *b;
        self.multiply(&mut product, a);
        product
    }

    /// `a²/R + plus` by two products, (a0 + a1)(a0 - a1) and 2·a0·a1. Takes normalised below 3; gives raw, a
    /// square that is not negative and below 4 and the addend.
    ///
    /// Bound: (a0 + a1) and (a0 - a1 + 3p) are below 6·p, and 36 ≤ 73; the second part is twice a
    /// product below 2·p.
    #[inline(always)]
    pub(crate) fn square_plus(&self, a: &QuadraticLimbs<V>, plus: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        let f = &self.base;
        let sum = f.factor(f.raw_add(&a[0], &a[1]));
        let difference = f.factor(f.raw_sub_plus::<3>(&a[0], &a[1]));
        let [c0, half] = f.products_plus([&sum, &a[0]], [&difference, &a[1]], [&plus[0], &f.zero()]);
        [c0, f.raw_add(&f.raw_add(&half, &half), &plus[1])]
    }

    #[inline(always)]
    pub(crate) fn raw_add(&self, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        [self.base.raw_add(&a[0], &b[0]), self.base.raw_add(&a[1], &b[1])]
    }

    /// [`Field::sub`] of both parts.
    #[inline(always)]
    pub(crate) fn sub<const K: u64>(
        &self,
        a: &QuadraticLimbs<V>,
        b: &QuadraticLimbs<V>,
    ) -> QuadraticLimbs<V> {
        [self.base.sub::<K>(&a[0], &b[0]), self.base.sub::<K>(&a[1], &b[1])]
    }

    /// [`Field::reduce_raw`] of both parts.
    #[inline(always)]
    pub(crate) fn reduce_raw(&self, a: QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        [self.base.reduce_raw(a[0]), self.base.reduce_raw(a[1])]
    }

    /// Lanes of `b` where the bit of `mask` is set, of `a` elsewhere.
    #[inline(always)]
    pub(crate) fn select(&self, mask: u8, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        [self.base.select(mask, &a[0], &b[0]), self.base.select(mask, &a[1], &b[1])]
    }

    /// Which lanes are zero: from normalised below 2.
    #[inline(always)]
    pub fn zero_lanes(&self, a: &QuadraticLimbs<V>) -> u8 {
        self.base.zero_lanes(&a[0]) & self.base.zero_lanes(&a[1])
    }

    /// `1/a` in each lane, and zero for zero: from normalised below 42 to normalised below 2.
    /// One inversion in ark-ff.
    pub fn inverse(&self, a: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        let mut elements = self.to_elements(a);
        batch_inversion(&mut elements);
        self.from_elements(&elements)
    }

    /// Eight elements of ark-ff; normalised below 2.
    #[inline(always)]
    pub fn from_elements(&self, elements: &[Fq2; LANES]) -> QuadraticLimbs<V> {
        let [e0, e1, e2, e3, e4, e5, e6, e7] = elements;
        let parts = |part: fn(&Fq2) -> &Fq| {
            [part(e0), part(e1), part(e2), part(e3), part(e4), part(e5), part(e6), part(e7)]
        };
        [self.base.from_elements(parts(|e| &e.c0)), self.base.from_elements(parts(|e| &e.c1))]
    }

    /// Eight elements of ark-ff from parts normalised below 73.
    #[inline(always)]
    pub fn to_elements(&self, a: &QuadraticLimbs<V>) -> [Fq2; LANES] {
        let (c0, c1) = (self.base.to_elements(&a[0]), self.base.to_elements(&a[1]));
        let mut elements = [Fq2::default(); LANES];
        for i in 0..LANES {
            elements[i] = Fq2::new(c0[i], c1[i]);
        }
        elements
    }
}
