//! What a transform needs from an implementation of Fr: eight columns at a time, lazily reduced.

use ark_bn254::Fr;

/// Columns of a block.
pub(super) const COLUMNS: usize = 8;

/// An element as four words, in ark-ff's Montgomery form but only below 2^256, not below p.
pub(super) type Words = [u64; 4];

/// Arithmetic on eight columns. Integers are multiples of p above the canonical ones by a bound
/// that depends on the implementation; two states matter here:
///
/// - **reduced**: below 2·p, as loaded, multiplied or reduced;
/// - **grown**: after butterflies; how many in a row are allowed is [`Arithmetic::MAX_LAYERS`].
pub(super) trait Arithmetic: Copy + Sync {
    /// Eight elements.
    type Value: Copy + Send;
    /// An element in the form in which tables hold it.
    type Factor: Copy + Send + Sync;

    /// Layers of butterflies in a row that values stand, counted from reduced ones, where in each
    /// layer an element may be left out of every product.
    const MAX_LAYERS: u32;

    fn zero(self) -> Self::Value;

    fn factor(element: &Fr) -> Self::Factor;

    /// The same factor in every column; reduced.
    fn splat(self, factor: &Self::Factor) -> Self::Value;

    /// One factor for each column; reduced.
    fn columns(self, factors: &[Fr; COLUMNS]) -> Self::Value;

    /// Loads integers below 2·p; reduced.
    fn load(self, words: [&Words; COLUMNS]) -> Self::Value;

    /// Reduced values as they are.
    fn store(self, value: &Self::Value, words: [&mut Words; COLUMNS]);

    /// Grown values as canonical integers.
    fn store_canonical(self, value: &Self::Value, words: [&mut Words; COLUMNS]);

    /// A grown value times a factor; reduced.
    fn multiply(self, value: &Self::Value, factor: &Self::Factor) -> Self::Value;

    /// Grown values times one factor each, side by side; reduced.
    fn multiply_pair(self, values: [&Self::Value; 2], factors: [&Self::Factor; 2]) -> [Self::Value; 2];

    /// Grown values times reduced ones, column by column and side by side; reduced.
    fn multiply_columns(self, values: [&Self::Value; 2], by: [&Self::Value; 2]) -> [Self::Value; 2];

    /// The same residues: grown to reduced.
    fn reduce(self, value: &Self::Value) -> Self::Value;

    /// `(x + t, x - t)` of grown x and reduced t; grown.
    fn butterfly(self, x: &Self::Value, t: &Self::Value) -> (Self::Value, Self::Value);

    /// Two layers of butterflies on four values: factor `outer` for (0, 2) and (1, 3), then
    /// `inner` for (0, 1) and (2, 3). Grown values.
    #[inline(always)]
    fn two_layers(
        self,
        [x0, x1, x2, x3]: [&mut Self::Value; 4],
        outer: &Self::Factor,
        inner: [&Self::Factor; 2],
    ) {
        let [t2, t3] = self.multiply_pair([x2, x3], [outer, outer]);
        let (y0, y2) = self.butterfly(x0, &t2);
        let (y1, y3) = self.butterfly(x1, &t3);
        let [u1, u3] = self.multiply_pair([&y1, &y3], inner);
        (*x0, *x1) = self.butterfly(&y0, &u1);
        (*x2, *x3) = self.butterfly(&y2, &u3);
    }

    /// [`Arithmetic::two_layers`] with factors 1, 1 and `last`: reductions take the place of
    /// products. Grown values.
    #[inline(always)]
    fn two_layers_at_one(self, [x0, x1, x2, x3]: [&mut Self::Value; 4], last: &Self::Factor) {
        let (t2, t3) = (self.reduce(x2), self.reduce(x3));
        let (y0, y2) = self.butterfly(x0, &t2);
        let (y1, y3) = self.butterfly(x1, &t3);
        let (u1, u3) = (self.reduce(&y1), self.multiply(&y3, last));
        (*x0, *x1) = self.butterfly(&y0, &u1);
        (*x2, *x3) = self.butterfly(&y2, &u3);
    }
}
