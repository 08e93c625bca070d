//! What a transform needs from an implementation of Fr: eight columns at a time, lazily reduced.

use ark_bn254::Fr;

/// Columns of a block.
pub const COLUMNS: usize = 8;

/// An element as four words, in ark-ff's Montgomery form but only below 2^256, not below p.
pub type Words = [u64; 4];

/// Arithmetic on eight columns. Integers are multiples of p above the canonical ones by a bound
/// that depends on the implementation; two states matter here:
///
/// - **reduced**: below 2·p, as loaded, multiplied or reduced;
/// - **grown**: after butterflies; how many in a row are allowed is [`Arithmetic::MAX_LAYERS`].
pub trait Arithmetic: Copy + Sync {
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

    /// From integers below 2·p; reduced.
    fn load(self, words: [&Words; COLUMNS]) -> Self::Value;

    /// Reduced values as they are.
    fn store(self, value: &Self::Value, words: [&mut Words; COLUMNS]);

    /// Grown values as canonical integers.
    fn store_canonical(self, value: &Self::Value, words: [&mut Words; COLUMNS]);

    /// Grown values times one factor each; reduced.
    fn multiply_pair(self, values: [&Self::Value; 2], factors: [&Self::Factor; 2]) -> [Self::Value; 2];

    /// Grown values times reduced ones, column by column; reduced.
    fn multiply_columns(self, values: [&Self::Value; 2], by: [&Self::Value; 2]) -> [Self::Value; 2];

    /// The same residues: grown to reduced.
    fn reduce(self, value: &Self::Value) -> Self::Value;

    /// `(x + t, x - t)` of grown x and reduced t; grown.
    fn butterfly(self, x: &Self::Value, t: &Self::Value) -> (Self::Value, Self::Value);
}
