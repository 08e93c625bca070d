//! Inverses: one inversion in ark-ff for eight lanes, and with it for any number of vectors.

use super::{Field, Limbs, Modulus};
use crate::simd::{LANES, Vector};
use ark_ff::batch_inversion;

impl<V: Vector, M: Modulus> Field<V, M> {
    /// `1/x` in each lane, and zero for zero: from normalised below 42 to normalised below 2.
    ///
    /// Slow (one inversion and about 30 products in ark-ff): multiply many vectors first, as
    /// [`Field::invert_all`] does.
    pub fn inverse(&self, x: &Limbs<V>) -> Limbs<V> {
        let mut elements: [M::Element; LANES] = self.to_elements(x);
        batch_inversion(&mut elements);
        let [e0, e1, e2, e3, e4, e5, e6, e7] = &elements;
        self.from_elements([e0, e1, e2, e3, e4, e5, e6, e7])
    }

    /// Replaces each of `values` by its inverse, none of which may be zero modulo p (all lanes of
    /// the result are zero then, in the column of the zero): Montgomery's trick, three products per
    /// vector. From normalised below 36 to normalised below 2. `prefixes` is scratch space of at
    /// least the length of `values`.
    #[inline(always)]
    pub fn invert_all(&self, values: &mut [Limbs<V>], prefixes: &mut [Limbs<V>]) {
        let prefixes = &mut prefixes[..values.len()];
        let mut product = self.one();
        for i in 0..values.len() {
            prefixes[i] = product;
            product = self.product(&product, &values[i]);
        }
        let mut inverse = self.inverse(&product);
        for i in (0..values.len()).rev() {
            let [result, rest] = self.products([&inverse, &inverse], [&prefixes[i], &values[i]]);
            values[i] = result;
            inverse = rest;
        }
    }
}
