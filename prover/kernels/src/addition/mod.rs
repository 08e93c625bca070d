//! Affine points added pair by pair, many pairs with one inversion.
//!
//! A sum of affine points costs a division; Montgomery's trick divides many values by one
//! inversion and three products each. With it a sum costs five products and a square, against
//! eleven for the mixed addition of projective points.

mod lanes;
mod planes;
mod portable;
mod sums;
#[cfg(test)]
mod tests;
mod vector;

pub use lanes::Lanes;
pub use planes::{Planes, weighted_sums};
pub use portable::Portable;
pub use sums::Summer;
pub use vector::Vectorised;

use crate::backend::Backend;
use crate::points::Packed;
#[cfg(target_arch = "x86_64")]
use crate::simd::Avx512;

/// Adds pairs of points on one instruction set, with scratch memory of its own; a clone for each
/// thread.
pub trait BatchAdd<P: Packed>: Clone + Send + Sync {
    /// Appends `pool[l] + pool[r]` for every `[l, r]` in `pairs`. Every point may be any point of
    /// the curve: the same, opposite, or the identity.
    fn append_sums(&mut self, pool: &mut Vec<P>, pairs: &[[u32; 2]]);
}

/// Additions of the implementation that was asked for.
#[derive(Clone)]
pub enum Adder<P: Lanes> {
    Portable(Portable<P::Coordinate>),
    #[cfg(target_arch = "x86_64")]
    Avx512(Vectorised<P, Avx512>),
}

impl<P: Lanes> Adder<P> {
    /// Panics if the processor does not have the implementation.
    pub fn new(backend: Backend) -> Self {
        match backend {
            Backend::Portable => Adder::Portable(Portable::default()),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512Ifma => {
                Adder::Avx512(Vectorised::new(Avx512::detect().expect("a processor with AVX-512 IFMA")))
            }
            #[cfg(not(target_arch = "x86_64"))]
            Backend::Avx512Ifma => panic!("a processor with AVX-512 IFMA"),
        }
    }
}

impl<P: Lanes> BatchAdd<P> for Adder<P> {
    fn append_sums(&mut self, pool: &mut Vec<P>, pairs: &[[u32; 2]]) {
        match self {
            Adder::Portable(adder) => adder.append_sums(pool, pairs),
            #[cfg(target_arch = "x86_64")]
            Adder::Avx512(adder) => adder.append_sums(pool, pairs),
        }
    }
}
