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
pub use sums::Summer;

use crate::backend::Backend;
use crate::points::Packed;

/// Adds pairs of points on one instruction set, with scratch memory of its own; a clone for each
/// thread.
pub trait BatchAdd<P: Packed>: Clone + Send + Sync {
    /// Appends `pool[l] + pool[r]` for every `[l, r]` in `pairs`. Every point may be any point of
    /// the curve: the same, opposite, or the identity.
    fn append_sums(&mut self, pool: &mut Vec<P>, pairs: &[[u32; 2]]);
}

/// Additions of the implementation that was asked for.
#[derive(Clone)]
pub enum Adder<P: Packed> {
    Portable(Portable<P::Coordinate>),
}

impl<P: Packed> Adder<P> {
    /// Panics if the processor does not have the implementation.
    pub fn new(backend: Backend) -> Self {
        match backend {
            Backend::Portable => Adder::Portable(Portable::default()),
            Backend::Avx512Ifma => Adder::Portable(Portable::default()),
        }
    }
}

impl<P: Packed> BatchAdd<P> for Adder<P> {
    fn append_sums(&mut self, pool: &mut Vec<P>, pairs: &[[u32; 2]]) {
        match self {
            Adder::Portable(adder) => adder.append_sums(pool, pairs),
        }
    }
}
