//! Elements of Fq and Fq2 one at a time, for additions of points on any machine.
//!
//! The limbs are the same as in ark-ff (four of 64 bits, Montgomery form with R = 2^256), but an element
//! is any integer **below 2·q**: 4·q < 2^256, so that sums need no carry, and a product of two such
//! integers comes out below 1.76·q without the final subtraction. Only what leaves this module is
//! reduced. Arithmetic wraps on limbs that break the bound (a damaged key) and gives a meaningless
//! element; it never panics and always ends.

mod inverse;
mod prime;
mod quadratic;
#[cfg(test)]
mod tests;

pub use prime::Prime;
pub use quadratic::Quadratic;

use std::fmt::Debug;

/// An element of the field that the coordinates of a point are in.
pub trait Coordinate: Copy + Debug + Send + Sync + 'static {
    /// The element zero.
    const ZERO: Self;
    /// The element one.
    const ONE: Self;

    /// Gives `self + other`.
    fn add(self, other: Self) -> Self;

    /// Gives `self - other`.
    fn sub(self, other: Self) -> Self;

    /// Gives `self · other`.
    fn mul(self, other: Self) -> Self;

    /// Gives `self²`.
    fn square(self) -> Self;

    /// Gives `1/self`, and zero for zero.
    fn inverse(self) -> Self;

    /// Tells whether this is the element zero.
    fn is_zero(self) -> bool;
}
