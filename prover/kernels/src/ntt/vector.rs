//! Vector arithmetic for the transforms: one column per lane.
//!
//! Words are in ark-ff's Montgomery form (R = 2^256) and stay so: factors are in the vectors' own
//! (R = 2^260), and the product of the two, divided by 2^260, is again in ark-ff's. Transforms are
//! linear in what they transform, so nothing needs converting.
//!
//! Values are raw limbs, integers that are not negative: reduced below 2·p, grown below 2 + 2·layers
//! times p. Carries are left to products and to the end.

use super::arithmetic::{Arithmetic, COLUMNS, Words};
use crate::field::{DIGITS, Field, Limbs, ModulusFr, element_digits};
use crate::simd::Vector;
use ark_bn254::Fr;

/// The scalar field on the lanes of a vector.
#[derive(Clone, Copy)]
pub(super) struct VectorArithmetic<V: Vector>(pub Field<V, ModulusFr>);

impl<V: Vector> Arithmetic for VectorArithmetic<V> {
    type Value = Limbs<V>;
    type Factor = [u64; DIGITS];

    // From 2·p, 2·p more in each layer: at most 2 + 2·17 = 36; the largest domain needs 14. Grown
    // values times reduced ones keep the bound of products: 36·2 ≤ 73. Limbs grow by less than
    // 21·2^52 in a layer: below 2^61.
    const MAX_LAYERS: u32 = 17;

    #[inline(always)]
    fn zero(self) -> Limbs<V> {
        self.0.zero()
    }

    fn factor(element: &Fr) -> [u64; DIGITS] {
        element_digits::<ModulusFr>(element)
    }

    #[inline(always)]
    fn splat(self, factor: &[u64; DIGITS]) -> Limbs<V> {
        self.0.splat(*factor)
    }

    #[inline(always)]
    fn columns(self, factors: &[Fr; COLUMNS]) -> Limbs<V> {
        let [f0, f1, f2, f3, f4, f5, f6, f7] = factors;
        self.0.from_elements([f0, f1, f2, f3, f4, f5, f6, f7])
    }

    #[inline(always)]
    fn load(self, words: [&Words; COLUMNS]) -> Limbs<V> {
        let value = self.0.load(words);
        self.0.debug_check_below(&value, 2, "load of a column");
        value
    }

    #[inline(always)]
    fn store(self, value: &Limbs<V>, words: [&mut Words; COLUMNS]) {
        self.0.store_raw(*value, words);
    }

    #[inline(always)]
    fn store_canonical(self, value: &Limbs<V>, words: [&mut Words; COLUMNS]) {
        self.0.store(&self.0.canonical(&self.0.reduce_wide(&self.0.normalise(*value))), words);
    }

    #[inline(always)]
    fn multiply(self, value: &Limbs<V>, factor: &[u64; DIGITS]) -> Limbs<V> {
        let [product] = self.0.products_raw([&self.0.factor(*value)], [&self.0.splat(*factor)]);
        product
    }

    #[inline(always)]
    fn multiply_pair(self, values: [&Limbs<V>; 2], factors: [&[u64; DIGITS]; 2]) -> [Limbs<V>; 2] {
        let f = self.0;
        f.products_raw(
            [&f.factor(*values[0]), &f.factor(*values[1])],
            [&f.splat(*factors[0]), &f.splat(*factors[1])],
        )
    }

    #[inline(always)]
    fn multiply_columns(self, values: [&Limbs<V>; 2], by: [&Limbs<V>; 2]) -> [Limbs<V>; 2] {
        let f = self.0;
        f.products_raw([&f.factor(*values[0]), &f.factor(*values[1])], [&f.factor(*by[0]), &f.factor(*by[1])])
    }

    #[inline(always)]
    fn reduce(self, value: &Limbs<V>) -> Limbs<V> {
        self.0.reduce_wide_raw(&self.0.normalise(*value))
    }

    #[inline(always)]
    fn butterfly(self, x: &Limbs<V>, t: &Limbs<V>) -> (Limbs<V>, Limbs<V>) {
        (self.0.raw_add(x, t), self.0.raw_sub_plus::<2>(x, t))
    }
}
