//! Transforms behind a narrow door, so that faster kernels can take their place.
//!
//! Results are exact field elements and do not depend on the number of threads. Call
//! one at a time: several of these running side by side fight over the same thread pool.

use ark_bn254::Fr;
use ark_ff::{FftField, Field};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

/// The group of 2^k-th roots of unity, and its coset by the field's generator.
pub struct Domain {
    subgroup: Radix2EvaluationDomain<Fr>,
    coset: Radix2EvaluationDomain<Fr>,
}

impl Domain {
    /// The smallest domain of at least `rows` points; none beyond 2^28.
    pub fn new(rows: usize) -> Option<Self> {
        let subgroup = Radix2EvaluationDomain::new(rows)?;
        let coset = subgroup.get_coset(Fr::GENERATOR)?;
        Some(Domain { subgroup, coset })
    }

    pub fn size(&self) -> usize {
        self.subgroup.size()
    }

    /// Values on the domain to coefficients.
    pub fn interpolate(&self, values: &mut Vec<Fr>) {
        self.subgroup.ifft_in_place(values);
    }

    /// Coefficients to values on the coset.
    pub fn evaluate_on_coset(&self, coefficients: &mut Vec<Fr>) {
        self.coset.fft_in_place(coefficients);
    }

    /// Values on the coset to coefficients.
    pub fn interpolate_from_coset(&self, values: &mut Vec<Fr>) {
        self.coset.ifft_in_place(values);
    }

    /// All Lagrange polynomials of the domain at `tau`.
    pub fn lagrange_at(&self, tau: Fr) -> Vec<Fr> {
        self.subgroup.evaluate_all_lagrange_coefficients(tau)
    }

    /// `tau^size - 1`, zero exactly on the domain.
    pub fn vanishing_at(&self, tau: Fr) -> Fr {
        self.subgroup.evaluate_vanishing_polynomial(tau)
    }

    /// Inverse of the vanishing polynomial, which is one constant on the whole coset.
    pub fn inverse_vanishing_on_coset(&self) -> Fr {
        self.vanishing_at(Fr::GENERATOR)
            .inverse()
            .expect("the generator of the field is no root of unity of a 2-power order")
    }
}
