//! Runs a piece of a pass with the arithmetic of a backend.

use super::arithmetic::Arithmetic;
use super::plan::Tables;
use super::portable::Portable;
use super::vector::VectorArithmetic;
use crate::backend::Backend;
use crate::field::{Field, ModulusFr};
#[cfg(test)]
use crate::simd::{Emulation, Isa};
use crate::simd::{Kernel, Vector};

/// A backend that this processor is known to have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    Portable,
    Vectors(Backend),
    /// The vectors' code on any processor.
    #[cfg(test)]
    Emulated,
}

/// Takes those tables out of several that an arithmetic understands.
pub(crate) type Choose<A> = for<'t> fn(Tables<'t>) -> &'t [<A as Arithmetic>::Factor];

/// Work that is the same with any arithmetic.
pub(crate) trait Piece {
    fn compute<A: Arithmetic>(self, arithmetic: A, choose: Choose<A>);
}

impl Engine {
    /// # Panics
    /// If this processor does not have the backend.
    pub fn new(backend: Backend) -> Self {
        match backend {
            Backend::Portable => Engine::Portable,
            _ if Backend::available().contains(&backend) => Engine::Vectors(backend),
            _ => backend.missing(),
        }
    }

    pub fn run<P: Piece>(self, piece: P) {
        match self {
            Engine::Portable => piece.compute(Portable, |tables| tables.portable),
            Engine::Vectors(backend) => {
                backend.run(OnVectors(piece)).expect("only the portable backend has no vectors");
            }
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
