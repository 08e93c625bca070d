//! Affine points added pair by pair, many pairs with one inversion.
//!
//! A sum of affine points costs a division; Montgomery's trick divides many values by one
//! inversion and three products each. With it a sum costs five products and a square, against
//! eleven for the mixed addition of projective points.

mod planes;
mod portable;
mod sums;
#[cfg(test)]
mod tests;

pub use planes::{Planes, weighted_sums};
pub use portable::Portable;
pub use sums::{Summer, sum_of};

use crate::points::Packed;

/// Adds pairs of points on one instruction set, with scratch memory of its own.
pub trait BatchAdd<P: Packed>: Default + Send {
    /// Appends `pool[l] + pool[r]` for every `[l, r]` in `pairs`. Every point may be any point of
    /// the curve: the same, opposite, or the identity.
    fn append_sums(&mut self, pool: &mut Vec<P>, pairs: &[[u32; 2]]);
}
