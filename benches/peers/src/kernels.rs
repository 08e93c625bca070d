//! The kernels of ark-ec and ark-poly, beside which ours are measured.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::VariableBaseMSM;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use zkmargin::bench::kernels::OtherKernels;

/// The kernels of arkworks with the tables of a domain.
pub struct Arkworks {
    domain: Radix2EvaluationDomain<Fr>,
}

impl Arkworks {
    /// Makes the tables for `2^log2` points; none if there is no such domain.
    pub fn of_size(log2: u32) -> Option<Self> {
        let size = 1usize.checked_shl(log2)?;
        Some(Arkworks { domain: Radix2EvaluationDomain::new(size)? })
    }
}

impl OtherKernels for Arkworks {
    fn msm_g1(&self, points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
        G1Projective::msm_unchecked(points, scalars)
    }

    fn msm_g2(&self, points: &[G2Affine], scalars: &[Fr]) -> G2Projective {
        G2Projective::msm_unchecked(points, scalars)
    }

    fn interpolate(&self, mut values: Vec<Fr>) -> Vec<Fr> {
        self.domain.ifft_in_place(&mut values);
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkmargin::bench::kernels::{Input, compare};
    use zkmargin::bench::pool;

    #[test]
    fn kernels_agree() {
        let theirs = Arkworks::of_size(6).unwrap();
        let pairs = compare(&Input::random(6, 1), &pool(2).unwrap(), 1, Some(&theirs), &|_| {}).unwrap();
        assert_eq!(pairs.len(), 3);
        assert!(pairs.iter().all(|pair| pair.ratio().is_some_and(|ratio| ratio > 0.0)));
    }
}
