//! Montgomery products and squares.

use super::{Field, Limbs, Modulus};
use crate::simd::Vector;

impl<V: Vector, M: Modulus> Field<V, M> {
    /// `a·b/R`. Takes a, b normalised below j, k with j·k ≤ 73; gives normalised below 2.
    ///
    /// Bound: a·b/R is below 73/84.6·p = 0.863·p, and the reduction adds less than 1.127·p.
    #[inline(always)]
    pub fn product(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        let [product] = self.products([a], [b]);
        product
    }

    /// N independent products as in [`Field::product`], side by side where the instruction set
    /// gains by it: two to four fit the registers.
    #[inline(always)]
    pub fn products<const N: usize>(&self, a: [&Limbs<V>; N], b: [&Limbs<V>; N]) -> [Limbs<V>; N] {
        self.debug_check_factors(&a, &b);
        let products = V::products::<M, N>(self.isa, a, b);
        for product in &products {
            self.debug_check_below(product, 2, "product");
        }
        products
    }

    /// `a²/R`. Takes a normalised below 8; gives normalised below 2.
    #[inline(always)]
    pub fn square(&self, a: &Limbs<V>) -> Limbs<V> {
        let [square] = self.squares([a]);
        square
    }

    /// N independent squares as in [`Field::square`].
    #[inline(always)]
    pub fn squares<const N: usize>(&self, a: [&Limbs<V>; N]) -> [Limbs<V>; N] {
        for x in a {
            self.debug_check_below(x, 8, "factor of a square");
        }
        let squares = V::squares::<M, N>(self.isa, a);
        for square in &squares {
            self.debug_check_below(square, 2, "square");
        }
        squares
    }

    /// Both factors normalised, their product at most 73·p².
    #[inline(always)]
    #[allow(unused_variables)]
    fn debug_check_factors(&self, a: &[&Limbs<V>], b: &[&Limbs<V>]) {
        #[cfg(debug_assertions)]
        for (a, b) in a.iter().zip(b) {
            self.debug_check_below(a, 73, "first factor");
            self.debug_check_below(b, 73, "second factor");
            // Upper bounds of a/p and b/p from the highest digits.
            let over_p = |top: u64| (top + 1) as f64 / M::P[super::DIGITS - 1] as f64;
            for (a, b) in a[super::DIGITS - 1].to_array().into_iter().zip(b[super::DIGITS - 1].to_array()) {
                let product = over_p(a) * over_p(b);
                assert!(product <= 73.0, "factors are {:.2}·p and {:.2}·p", over_p(a), over_p(b));
            }
        }
    }
}
