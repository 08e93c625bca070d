//! Runs a piece of a pass with the arithmetic of a backend.

use super::arithmetic::Arithmetic;
use super::plan::Tables;
use super::portable::Portable;
use super::vector::VectorArithmetic;
use crate::backend::Backend;
use crate::field::{Field, ModulusFr};
#[cfg(test)]
use crate::simd::Emulation;
#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};
use crate::simd::{Isa, Kernel, Vector};

/// A backend that this processor is known to have.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    /// The vectors' code on any processor.
    #[cfg(test)]
    Emulated,
}

/// Takes those tables out of several that an arithmetic understands.
pub type Choose<A> = for<'t> fn(Tables<'t>) -> &'t [<A as Arithmetic>::Factor];

/// Work that is the same with any arithmetic.
pub trait Piece {
    fn compute<A: Arithmetic>(self, arithmetic: A, choose: Choose<A>);
}

impl Engine {
    /// # Panics
    /// If this processor does not have the backend.
    pub fn new(backend: Backend) -> Self {
        let engine = match backend {
            Backend::Portable => Some(Engine::Portable),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => Avx2::detect().map(Engine::Avx2),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512Ifma => Avx512::detect().map(Engine::Avx512),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        };
        engine.unwrap_or_else(|| backend.missing())
    }

    pub fn run<P: Piece>(self, piece: P) {
        match self {
            Engine::Portable => piece.compute(Portable, |tables| tables.portable),
            #[cfg(target_arch = "x86_64")]
            Engine::Avx2(isa) => isa.run(OnVectors(piece)),
            #[cfg(target_arch = "x86_64")]
            Engine::Avx512(isa) => isa.run(OnVectors(piece)),
            #[cfg(test)]
            Engine::Emulated => Emulation.run(OnVectors(piece)),
        }
    }
}

struct OnVectors<P>(P);

impl<P: Piece> Kernel for OnVectors<P> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, isa: V::Isa) {
        self.0.compute(VectorArithmetic(Field::<V, ModulusFr>::new(isa)), |tables| tables.vector);
    }
}
