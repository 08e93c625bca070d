//! Relations between the points of a key that no honest setup makes.

use super::{KeyElement, KeyError, VerifyingKey};
use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ec::pairing::Pairing;

/// Pairs that may be equal: ceremonies set γ to the generator, and the knowledge proof's G is γ or
/// the generator where a setup chooses so. Neither helps a forger.
const BY_DESIGN: [[KeyElement; 2]; 3] = [
    [KeyElement::GeneratorG2, KeyElement::Gamma],
    [KeyElement::GeneratorG2, KeyElement::KnowledgeBase],
    [KeyElement::Gamma, KeyElement::KnowledgeBase],
];

impl VerifyingKey {
    /// Every relation that makes the key unacceptable. The points are those that are not the identity.
    pub(crate) fn relations(&self) -> Vec<KeyError> {
        let mut relations = self.relations_in_g2();
        relations.extend(self.relations_in_g1());
        relations.extend(self.relations_across());
        relations
    }

    /// α and the K elements.
    pub(crate) fn points_of_g1(&self) -> Vec<(KeyElement, G1Affine)> {
        let k = self.k.iter().enumerate().map(|(index, point)| (KeyElement::K(index), *point));
        [(KeyElement::Alpha, self.alpha_g1)].into_iter().chain(k).collect()
    }

    /// β, γ and δ.
    fn secrets_of_g2(&self) -> [(KeyElement, G2Affine); 3] {
        [
            (KeyElement::Beta, self.beta_g2),
            (KeyElement::Gamma, self.gamma_g2),
            (KeyElement::Delta, self.delta_g2),
        ]
    }

    /// β, γ, δ and, with a commitment, G and -σ·G.
    pub(crate) fn points_of_g2(&self) -> Vec<(KeyElement, G2Affine)> {
        let mut points = self.secrets_of_g2().to_vec();
        if let Some(commitment) = &self.commitment {
            points.push((KeyElement::KnowledgeBase, commitment.g));
            points.push((KeyElement::SigmaG, commitment.g_sigma_neg));
        }
        points
    }

    fn relations_in_g2(&self) -> Vec<KeyError> {
        let mut points = vec![(KeyElement::GeneratorG2, G2Affine::generator())];
        points.extend(self.points_of_g2());
        let mut relations = Vec::new();
        for (index, (right, other)) in points.iter().enumerate() {
            for (left, point) in &points[..index] {
                // Equal abscissas mean equal or opposite points.
                if point.x == other.x && !BY_DESIGN.contains(&[*left, *right]) {
                    relations.push(KeyError::Related { left: *left, right: *right });
                }
            }
        }
        relations
    }

    /// A layout may have many public columns, so equal abscissas are brought together by sorting.
    fn relations_in_g1(&self) -> Vec<KeyError> {
        let mut points = vec![(KeyElement::GeneratorG1, G1Affine::generator())];
        points.extend(self.points_of_g1());
        // Stable: of two equal ones the first in the key stays the first.
        points.sort_by_key(|(_, point)| point.x);
        let pairs = points.windows(2).filter(|pair| pair[0].1.x == pair[1].1.x);
        pairs.map(|pair| KeyError::Related { left: pair[0].0, right: pair[1].0 }).collect()
    }

    /// α's logarithm against those of β, γ and δ, and against σ, which is a ratio of G2.
    fn relations_across(&self) -> Vec<KeyError> {
        let generator = G1Affine::generator();
        let alpha = Bn254::pairing(self.alpha_g1, G2Affine::generator());
        let mut compared = Vec::new();
        for (right, point) in self.secrets_of_g2() {
            compared.push((right, alpha, Bn254::pairing(generator, point)));
        }
        if let Some(commitment) = &self.commitment {
            let alpha = Bn254::pairing(self.alpha_g1, commitment.g);
            let sigma = Bn254::pairing(generator, commitment.g_sigma_neg);
            compared.push((KeyElement::SigmaG, alpha, sigma));
        }
        let related = compared.into_iter().filter(|(_, alpha, other)| alpha == other || *alpha == -*other);
        related.map(|(right, ..)| KeyError::SameSecret { left: KeyElement::Alpha, right }).collect()
    }

    /// Refuses σ = ±β, ±γ or ±δ, given an element K of the commitment's basis and σ·K.
    pub(super) fn check_sigma(&self, k: G1Affine, sigma_k: G1Affine) -> Result<(), KeyError> {
        let sigma = Bn254::pairing(sigma_k, G2Affine::generator());
        for (of, point) in self.secrets_of_g2() {
            let other = Bn254::pairing(k, point);
            if sigma == other || sigma == -other {
                return Err(KeyError::SigmaIsSecret { of });
            }
        }
        Ok(())
    }
}
