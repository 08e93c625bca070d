//! Affine points added pair by pair, many pairs with one inversion.
//!
//! A sum of affine points costs a division; Montgomery's trick divides many values by one
//! inversion and three products each. With it a sum costs five products and a square, against
//! eleven for the mixed addition of projective points.

mod lanes;
mod planes;
mod pool;
mod portable;
mod sums;
#[cfg(test)]
mod tests;
mod vector;

pub use lanes::Lanes;
pub(crate) use planes::weighted_sums;
pub use pool::Pool;
pub use portable::Portable;
pub(crate) use sums::Summer;
pub(crate) use vector::Vectorised;

use crate::backend::Backend;
use crate::points::Packed;
#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};

/// Adds pairs of points on one instruction set. It has scratch memory of its own, so each thread takes
/// a clone.
pub trait BatchAdd<P: Packed>: Clone + Send + Sync {
    /// Appends `pool[l] + pool[r]` for every `[l, r]` in `pairs`. Every point may be any point of
    /// the curve: the same, opposite, or the identity.
    fn append_sums(&mut self, pool: &mut Pool<P>, pairs: &[[u32; 2]]);
}

/// Adds pairs of points by the implementation that was asked for.
#[derive(Clone)]
pub struct Adder<P: Lanes>(Chosen<P>);

#[derive(Clone)]
enum Chosen<P: Lanes> {
    Portable(Portable<P::Coordinate>),
    #[cfg(target_arch = "x86_64")]
    Avx2(Vectorised<P, Avx2>),
    #[cfg(target_arch = "x86_64")]
    Avx512(Vectorised<P, Avx512>),
}

impl<P: Lanes> Adder<P> {
    /// Takes the implementation of a backend.
    ///
    /// # Panics
    /// If this processor does not have it.
    pub fn new(backend: Backend) -> Self {
        let adder = match backend {
            Backend::Portable => Some(Chosen::Portable(Portable::default())),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => Avx2::detect().map(|isa| Chosen::Avx2(Vectorised::new(isa))),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512Ifma => Avx512::detect().map(|isa| Chosen::Avx512(Vectorised::new(isa))),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        };
        Adder(adder.unwrap_or_else(|| backend.missing()))
    }
}

impl<P: Lanes> BatchAdd<P> for Adder<P> {
    fn append_sums(&mut self, pool: &mut Pool<P>, pairs: &[[u32; 2]]) {
        match &mut self.0 {
            Chosen::Portable(adder) => adder.append_sums(pool, pairs),
            #[cfg(target_arch = "x86_64")]
            Chosen::Avx2(adder) => adder.append_sums(pool, pairs),
            #[cfg(target_arch = "x86_64")]
            Chosen::Avx512(adder) => adder.append_sums(pool, pairs),
        }
    }
}
