//! Multi-scalar multiplication `Σ sᵢ·Pᵢ` by Pippenger's method on affine points.
//!
//! Scalars are cut into signed digits and the digits of each window sorted ([`Digits`]). Each
//! window has a bucket for each magnitude, the sum of the bases with that digit; buckets are
//! filled by trees of batched additions, weighed by planes of bits (`addition::planes`), and the
//! windows are put together by doubling. Zero digits cost nothing: a bit costs one addition, a
//! short number one for each window that it reaches.
//!
//! Spec: kernels.md#multi-scalar-multiplication

mod bases;
mod buckets;
mod cost;
mod digits;
pub(crate) mod recode;
#[cfg(test)]
mod tests;

pub use digits::Digits;

use crate::addition::{Adder, BatchAdd, Lanes, weighted_sums};
use crate::backend::Backend;
use crate::points::Packed;
use ark_bn254::Fr;
use ark_ec::short_weierstrass::Projective;
use ark_ff::AdditiveGroup;
use bases::Bases;

/// Computes `Σ scalarᵢ·baseᵢ`.
///
/// # Panics
/// If there are not as many bases as scalars.
pub fn msm<P: Lanes>(bases: &[P], scalars: &[Fr]) -> Projective<P::Config> {
    assert_eq!(bases.len(), scalars.len(), "one scalar for each base");
    msm_digits(bases, &Digits::of(scalars), 0)
}

/// Computes `Σ scalar₍first + i₎·baseᵢ`: the bases stand beside the scalars from `first` on.
///
/// # Panics
/// If there are more bases than scalars from there.
pub fn msm_digits<P: Lanes>(bases: &[P], digits: &Digits, first: usize) -> Projective<P::Config> {
    msm_on(Backend::current(), bases, digits, first)
}

/// Computes [`msm_digits`] by a given implementation.
///
/// # Panics
/// If there are more bases than scalars from `first` on, or if the processor does not have the
/// implementation.
pub fn msm_on<P: Lanes>(
    backend: Backend,
    bases: &[P],
    digits: &Digits,
    first: usize,
) -> Projective<P::Config> {
    msm_with(&Adder::new(backend), bases, digits, first)
}

pub(crate) fn msm_with<P, A>(adder: &A, bases: &[P], digits: &Digits, first: usize) -> Projective<P::Config>
where
    P: Packed,
    A: BatchAdd<P>,
{
    assert!(first + bases.len() <= digits.len(), "a scalar for each base");
    if bases.is_empty() || digits.windows().is_empty() {
        return Projective::default();
    }
    let buckets = buckets::fill(adder, &Bases::new(bases, first, digits.len()), digits);
    let windows: Vec<&[P]> = buckets.chunks(digits.buckets()).collect();
    let windows = weighted_sums(adder, &windows);
    windows.iter().rev().fold(Projective::default(), |sum, window| {
        (0..digits.width()).fold(sum, |sum, _| sum.double()) + window
    })
}
