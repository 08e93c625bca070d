//! Number-theoretic transforms over Fr: between values on the 2^k-th roots of unity, coefficients,
//! and values on a coset.
//!
//! A transform of n = L₁·L₂ points runs in two passes (the four-step method of Bailey, 1990),
//! each over blocks of eight columns that fit the cache ([`passes`]). Both passes read in strides
//! and write in one piece, so that threads share nothing; what a natural order would cost in
//! reordering is saved by keeping coefficients and coset values in the order in which the
//! transforms leave and take them: the types [`Coefficients`] and [`CosetValues`] keep them apart
//! from values in natural order. Inside a block runs one transform for all eight columns
//! ([`butterflies`]), written once over [`arithmetic::Arithmetic`]: scalar code for any processor
//! ([`portable`]) or vectors ([`vector`]).
//!
//! Results are canonical field elements: equal on every backend, over any number of threads.

mod arithmetic;
mod butterflies;
mod engine;
mod passes;
mod plan;
mod portable;
#[cfg(test)]
mod tests;
mod vector;

use crate::backend::Backend;
use ark_bn254::Fr;
use ark_ff::{FftField, Field};
use engine::Engine;
use plan::Plan;
use rayon::prelude::*;

/// The coefficients of a polynomial of degree below the size of the domain, in the order of its
/// [`Domain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coefficients(Vec<Fr>);

/// The values of a polynomial on the coset, in the order of the [`Domain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosetValues(Vec<Fr>);

/// The group H of 2^k-th roots of unity and its coset g·H, g the generator of the field. Keeps the
/// memory that a transform needs beside its values, as much again.
pub struct Domain {
    plan: Plan,
    backend: Backend,
    engine: Engine,
}

impl Domain {
    /// The smallest domain of at least `points` points, on the fastest backend; none beyond 2^28.
    pub fn new(points: usize) -> Option<Self> {
        Self::with_backend(points, Backend::current())
    }

    /// Makes a domain as [`Domain::new`] does, on a given backend.
    ///
    /// # Panics
    /// If this processor does not have it.
    pub fn with_backend(points: usize, backend: Backend) -> Option<Self> {
        let size = points.max(1).checked_next_power_of_two()?;
        (size.trailing_zeros() <= Fr::TWO_ADICITY).then(|| Domain {
            plan: Plan::new(size.trailing_zeros()),
            backend,
            engine: Engine::new(backend),
        })
    }

    /// The number of points.
    pub fn size(&self) -> usize {
        self.plan.size()
    }

    /// The backend that the transforms run on.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// A generator of H: value i of a polynomial f is `f(root^i)`.
    pub fn root(&self) -> Fr {
        self.plan.root()
    }

    /// The shift g of the coset.
    pub fn shift(&self) -> Fr {
        Fr::GENERATOR
    }

    /// `g^n - 1`, the constant value of `X^n - 1` on the coset.
    pub fn vanishing_on_coset(&self) -> Fr {
        self.shift().pow([self.size() as u64]) - Fr::ONE
    }

    /// Computes the coefficients of `factor·f` from the values of f on H, in natural order.
    ///
    /// # Panics
    /// If there are not exactly as many values as points, here and below.
    pub fn interpolate(&self, values: Vec<Fr>, factor: Fr) -> Coefficients {
        Coefficients(self.plan.inverse(self.engine, values, passes::Order::Natural, factor, Fr::ONE))
    }

    /// Computes the values of f on the coset from its values on H, in natural order: two transforms, the
    /// scaling by powers of g fused into the first.
    pub fn extend_to_coset(&self, values: Vec<Fr>) -> CosetValues {
        let order = passes::Order::Natural;
        let scaled = self.plan.inverse(self.engine, values, order, Fr::ONE, self.shift());
        CosetValues(self.plan.forward(self.engine, scaled))
    }

    /// Computes the values of f on the coset from its coefficients.
    pub fn evaluate_on_coset(&self, coefficients: Coefficients) -> CosetValues {
        let mut scaled = coefficients.0;
        self.plan.scale_by_powers(&mut scaled, self.shift());
        CosetValues(self.plan.forward(self.engine, scaled))
    }

    /// Computes the coefficients of `factor·f` from the values of f on the coset.
    pub fn interpolate_from_coset(&self, values: CosetValues, factor: Fr) -> Coefficients {
        let inverse = self.shift().inverse().expect("a generator is not zero");
        Coefficients(self.plan.inverse(self.engine, values.0, passes::Order::Lanes, factor, inverse))
    }

    /// Puts coefficients into natural order, the coefficient of `X^i` at i.
    pub fn natural_order(&self, coefficients: Coefficients) -> Vec<Fr> {
        self.plan.natural_order(coefficients.0)
    }

    /// The number of products of field elements in one transform (of either direction), the products for
    /// twiddle factors and for scaling included: what it costs at the speed of a product.
    pub fn products_per_transform(&self) -> u64 {
        self.plan.products()
    }
}

impl CosetValues {
    /// Multiplies value by value.
    pub fn multiply(&mut self, other: &CosetValues) {
        assert_eq!(self.0.len(), other.0.len());
        self.0.par_iter_mut().zip(&other.0).for_each(|(a, b)| *a *= b);
    }
}

impl Coefficients {
    /// Subtracts coefficient by coefficient.
    pub fn subtract(&mut self, other: &Coefficients) {
        assert_eq!(self.0.len(), other.0.len());
        self.0.par_iter_mut().zip(&other.0).for_each(|(a, b)| *a -= b);
    }
}
