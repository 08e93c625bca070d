//! Keys under which anyone can forge are refused, wherever they come from (soundness rule 21).

use super::sample::Sample;
use crate::encoding::PointError;
use crate::{CommitmentKey, HashToField, KeyError, KeyFileError, VerifyError, VerifyingKey};
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

#[test]
fn refuses_known_deltas() {
    let honest = Sample::new(4, 1).key().verifying_key().clone();
    honest.check().unwrap();
    let gamma = honest.gamma_g2;
    let generator = G2Affine::generator();
    for (delta_g2, error) in [
        (gamma, KeyError::DeltaIsGamma),
        (-gamma, KeyError::DeltaIsGamma),
        (generator, KeyError::DeltaIsGenerator),
        (-generator, KeyError::DeltaIsGenerator),
    ] {
        refused(&VerifyingKey { delta_g2, ..honest.clone() }, error);
    }
}

#[test]
fn refuses_known_sigmas() {
    let honest = Sample::new(4, 1).key().verifying_key().clone();
    let g = honest.commitment.unwrap().g;
    let with =
        |g_sigma_neg| VerifyingKey { commitment: Some(CommitmentKey { g, g_sigma_neg }), ..honest.clone() };
    for (point, of) in [
        (G2Affine::generator(), "the generator"),
        (honest.gamma_g2, "gamma"),
        (honest.delta_g2, "delta"),
        (g, "G"),
    ] {
        refused(&with(point), KeyError::SigmaIsKnown { of });
        refused(&with(-point), KeyError::SigmaIsKnown { of });
    }
    let error = PointError::Identity;
    refused(&with(G2Affine::identity()), KeyError::Point { element: "sigma·G", error });
}

#[test]
fn refuses_identities_and_bad_points() {
    let honest = Sample::new(4, 1).key().verifying_key().clone();
    let error = PointError::Identity;
    let (o1, o2) = (G1Affine::identity(), G2Affine::identity());
    let mut k = honest.k.clone();
    k[1] = o1;
    let cases = [
        (VerifyingKey { alpha_g1: o1, ..honest.clone() }, "alpha"),
        (VerifyingKey { beta_g2: o2, ..honest.clone() }, "beta"),
        (VerifyingKey { gamma_g2: o2, ..honest.clone() }, "gamma"),
        (VerifyingKey { delta_g2: o2, ..honest.clone() }, "delta"),
    ];
    for (key, element) in cases {
        refused(&key, KeyError::Point { element, error });
    }
    refused(&VerifyingKey { k, ..honest.clone() }, KeyError::PublicPoint { index: 1, error });
    let off_curve = G1Affine::new_unchecked(Fq::one(), Fq::one());
    refused(
        &VerifyingKey { alpha_g1: off_curve, ..honest.clone() },
        KeyError::Point { element: "alpha", error: PointError::NotOnCurve },
    );
}

#[test]
fn refuses_keys_that_contradict_their_layout() {
    let honest = Sample::new(4, 1).key().verifying_key().clone();
    let bare = VerifyingKey { commitment: None, ..honest.clone() };
    assert_eq!(bare.check(), Err(KeyError::CommitmentPresence));
    let short = VerifyingKey { k: honest.k[1..].to_vec(), ..honest.clone() };
    assert_eq!(short.check(), Err(KeyError::PublicCount { expected: 4, got: 3 }));
    let read = VerifyingKey::from_bytes(&short.to_bytes());
    assert!(matches!(read, Err(KeyFileError::Length { .. })));
}
