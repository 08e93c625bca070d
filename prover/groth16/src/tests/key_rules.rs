//! Keys under which anyone can forge are refused, wherever they come from (soundness rule 21).

use super::sample::Sample;
use crate::encoding::PointError;
use crate::{CommitmentKey, HashToField, KeyElement, KeyError, KeyFileError, VerifyError, VerifyingKey};
use ark_bn254::{Fq, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::One;

/// Refused when checked, when used and when read.
fn refused(key: &VerifyingKey, expected: KeyError) {
    assert_eq!(key.check(), Err(expected));
    let sample = Sample::new(4, 1);
    let (inputs, proof) = sample.prove(&sample.key(), HashToField::Keccak256, 1);
    let used = crate::verify(key, &inputs, &proof, HashToField::Keccak256);
    assert_eq!(used, Err(VerifyError::Key(expected)));
    assert!(VerifyingKey::from_bytes(&key.to_bytes()).is_err());
}

fn honest() -> VerifyingKey {
    Sample::new(4, 1).key().verifying_key().clone()
}

/// The key with another point of G2.
fn with_g2(element: KeyElement, point: G2Affine) -> VerifyingKey {
    let mut key = honest();
    let CommitmentKey { g, g_sigma_neg } = key.commitment.as_mut().unwrap();
    *match element {
        KeyElement::Beta => &mut key.beta_g2,
        KeyElement::Gamma => &mut key.gamma_g2,
        KeyElement::Delta => &mut key.delta_g2,
        KeyElement::KnowledgeBase => g,
        KeyElement::SigmaG => g_sigma_neg,
        other => panic!("{other} is in G1"),
    } = point;
    key
}

#[test]
fn every_pair_of_g2_is_apart_but_three() {
    let mut points = vec![(KeyElement::GeneratorG2, G2Affine::generator())];
    points.extend(honest().points_of_g2());
    let (mut accepted, mut pairs) = (Vec::new(), 0);
    for (index, (right, _)) in points.iter().enumerate() {
        for (left, point) in &points[..index] {
            for point in [*point, -*point] {
                let key = with_g2(*right, point);
                match key.check() {
                    Ok(()) => accepted.push((*left, *right)),
                    Err(_) => refused(&key, KeyError::Related { left: *left, right: *right }),
                }
                pairs += 1;
            }
        }
    }
    use KeyElement::{Gamma, GeneratorG2, KnowledgeBase};
    accepted.dedup();
    let by_design = [(GeneratorG2, Gamma), (GeneratorG2, KnowledgeBase), (Gamma, KnowledgeBase)];
    assert_eq!((pairs, accepted), (30, by_design.to_vec()));
}

#[test]
fn every_pair_of_g1_is_apart() {
    let mut points = vec![(KeyElement::GeneratorG1, G1Affine::generator())];
    points.extend(honest().points_of_g1());
    assert_eq!(points.len(), 6);
    for (index, (right, _)) in points.iter().enumerate() {
        for (left, point) in &points[..index] {
            for point in [*point, -*point] {
                let mut key = honest();
                match right {
                    KeyElement::Alpha => key.alpha_g1 = point,
                    KeyElement::K(index) => key.k[*index] = point,
                    other => panic!("{other} is no point of a key"),
                }
                refused(&key, KeyError::Related { left: *left, right: *right });
            }
        }
    }
}

#[test]
fn refuses_identities_and_bad_points() {
    let honest = honest();
    let error = PointError::Identity;
    let (o1, o2) = (G1Affine::identity(), G2Affine::identity());
    for (element, _) in honest.points_of_g2() {
        refused(&with_g2(element, o2), KeyError::Point { element, error });
    }
    refused(
        &VerifyingKey { alpha_g1: o1, ..honest.clone() },
        KeyError::Point { element: KeyElement::Alpha, error },
    );
    for index in 0..honest.k.len() {
        let mut key = honest.clone();
        key.k[index] = o1;
        refused(&key, KeyError::Point { element: KeyElement::K(index), error });
    }
    let off_curve = G1Affine::new_unchecked(Fq::one(), Fq::one());
    refused(
        &VerifyingKey { alpha_g1: off_curve, ..honest.clone() },
        KeyError::Point { element: KeyElement::Alpha, error: PointError::NotOnCurve },
    );
}

#[test]
fn refuses_keys_that_contradict_their_layout() {
    let honest = honest();
    let bare = VerifyingKey { commitment: None, ..honest.clone() };
    assert_eq!(bare.check(), Err(KeyError::CommitmentPresence));
    let short = VerifyingKey { k: honest.k[1..].to_vec(), ..honest.clone() };
    assert_eq!(short.check(), Err(KeyError::PublicCount { expected: 4, got: 3 }));
    let read = VerifyingKey::from_bytes(&short.to_bytes());
    assert!(matches!(read, Err(KeyFileError::Length { .. })));
}
