//! Montgomery products and squares.

use super::{Field, Limbs, Modulus};
use crate::simd::Vector;

impl<V: Vector, M: Modulus> Field<V, M> {
    /// `a·b/R`. Takes factors below j, k with j·k ≤ 73; gives normalised below 2.
    #[inline(always)]
    pub(crate) fn product(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        let [product] = self.products([a], [b]);
        product
    }

    /// N independent products as in [`Field::product`], side by side where the instruction set
    /// gains by it: two to four fit the registers.
    #[inline(always)]
    pub fn products<const N: usize>(&self, a: [&Limbs<V>; N], b: [&Limbs<V>; N]) -> [Limbs<V>; N] {
        let mut products = self.products_raw(a, b);
        for product in &mut products {
            *product = self.normalise(*product);
        }
        products
    }

    /// [`Field::products`] as factors, below 2.
    #[inline(always)]
    pub(crate) fn product_factors<const N: usize>(
        &self,
        a: [&Limbs<V>; N],
        b: [&Limbs<V>; N],
    ) -> [Limbs<V>; N] {
        let mut products = self.products_raw(a, b);
        for product in &mut products {
            *product = self.factor(*product);
        }
        products
    }

    /// [`Field::products`], raw: not negative and below 2, limbs below 2^57 in absolute value.
    #[inline(always)]
    pub(crate) fn products_raw<const N: usize>(&self, a: [&Limbs<V>; N], b: [&Limbs<V>; N]) -> [Limbs<V>; N] {
        self.products_plus(a, b, [&self.zero(); N])
    }

    /// `a·b/R + plus`, raw: from factors as [`Field::product`] takes them and raw addends, to sums of a
    /// product as in [`Field::products_raw`] and the addend.
    ///
    /// Bound: a·b/R is below 73/84.6·p = 0.863·p, and the reduction adds less than 1.127·p.
    #[inline(always)]
    pub(crate) fn products_plus<const N: usize>(
        &self,
        a: [&Limbs<V>; N],
        b: [&Limbs<V>; N],
        plus: [&Limbs<V>; N],
    ) -> [Limbs<V>; N] {
        self.debug_check_factors(&a, &b);
        let sums = V::products_plus::<M, N>(self.isa, a, b, plus);
        for n in 0..N {
            self.debug_check_product(&sums[n], plus[n]);
        }
        sums
    }

    /// `a²/R + plus`, raw, N independent ones. Takes factors below 8; as [`Field::products_plus`].
    #[inline(always)]
    pub fn squares_plus<const N: usize>(&self, a: [&Limbs<V>; N], plus: [&Limbs<V>; N]) -> [Limbs<V>; N] {
        for x in a {
            self.debug_check_factor(x, 8, "factor of a square");
        }
        let sums = V::squares_plus::<M, N>(self.isa, a, plus);
        for n in 0..N {
            self.debug_check_product(&sums[n], plus[n]);
        }
        sums
    }

    /// Both are factors, their product at most 73·p².
    #[inline(always)]
    #[allow(unused_variables)]
    fn debug_check_factors(&self, a: &[&Limbs<V>], b: &[&Limbs<V>]) {
        #[cfg(debug_assertions)]
        for (a, b) in a.iter().zip(b) {
            self.debug_check_factor(a, 73, "first factor");
            self.debug_check_factor(b, 73, "second factor");
            // Upper bounds of a/p and b/p from the highest digits.
            let over_p = |top: u64| (top + 1) as f64 / M::P[super::DIGITS - 1] as f64;
            let tops = |x: &Limbs<V>| x[super::DIGITS - 1].and(self.mask()).to_array();
            for (a, b) in tops(a).into_iter().zip(tops(b)) {
                let product = over_p(a) * over_p(b);
                assert!(product <= 73.0, "factors are {:.2}·p and {:.2}·p", over_p(a), over_p(b));
            }
        }
    }

    /// `sum - plus` is what a product is.
    #[inline(always)]
    #[allow(unused_variables)]
    fn debug_check_product(&self, sum: &Limbs<V>, plus: &Limbs<V>) {
        #[cfg(debug_assertions)]
        {
            let product = self.raw_sub(sum, plus);
            self.debug_check_raw(&product, 57, "product");
            self.debug_check_integer(&product, 2, "product");
        }
    }
}
