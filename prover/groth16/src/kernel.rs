//! Transforms behind a narrow door, so that faster kernels can take their place.
//!
//! Results are exact field elements and do not depend on the number of threads. Call
//! one at a time: several of these running side by side fight over the same thread pool.

use ark_bn254::Fr;
use ark_ff::Field;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use zkmargin_kernels::{Backend, ntt};

/// The group of 2^k-th roots of unity, and its coset by the field's generator.
pub(crate) struct Domain {
    transforms: ntt::Domain,
    subgroup: Radix2EvaluationDomain<Fr>,
}

impl Domain {
    /// The smallest domain of at least `rows` points; none beyond 2^28.
    pub fn new(rows: usize) -> Option<Self> {
        Self::on(Backend::current(), rows)
    }

    /// As [`Domain::new`], with a given implementation of the transforms.
    pub fn on(backend: Backend, rows: usize) -> Option<Self> {
        let transforms = ntt::Domain::with_backend(rows, backend)?;
        let subgroup = Radix2EvaluationDomain::new(rows)?;
        Some(Domain { transforms, subgroup })
    }

    /// The number of points.
    pub fn size(&self) -> usize {
        self.transforms.size()
    }

    /// Coefficients of `(A·B - C)/t` from the values of A, B, C on the domain, where the values of
    /// C are the products of those of A and B, and t is `X^size - 1`. The last one is zero.
    ///
    /// Six transforms and no division: what interpolates A·B from the coset is A·B modulo
    /// `X^size - g^size`, and since `A·B = h·t + C` and t is `g^size - 1` modulo that, it is
    /// `h·(g^size - 1) + C`. So C itself is needed, but none of its values on the coset.
    pub fn quotient(&self, a: Vec<Fr>, b: Vec<Fr>, c: Vec<Fr>) -> Vec<Fr> {
        let domain = &self.transforms;
        let inverse = domain
            .vanishing_on_coset()
            .inverse()
            .expect("the generator of the field is no root of unity of a 2-power order");
        let mut products = domain.extend_to_coset(a);
        products.multiply(&domain.extend_to_coset(b));
        let mut quotient = domain.interpolate_from_coset(products, inverse);
        quotient.subtract(&domain.interpolate(c, inverse));
        domain.natural_order(quotient)
    }

    /// All Lagrange polynomials of the domain at `tau`.
    pub fn lagrange_at(&self, tau: Fr) -> Vec<Fr> {
        self.subgroup.evaluate_all_lagrange_coefficients(tau)
    }

    /// `tau^size - 1`, zero exactly on the domain.
    pub fn vanishing_at(&self, tau: Fr) -> Fr {
        self.subgroup.evaluate_vanishing_polynomial(tau)
    }
}
