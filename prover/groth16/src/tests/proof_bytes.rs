//! A proof has one byte form, and bad points are refused in bytes and in memory.

use super::sample::{Sample, rng, with_commitment};
use crate::encoding::PointError;
use crate::{Commitment, HashToField, Proof, ProofElement, ProofError, VerifyError, verify};
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ff::{BigInteger, One, PrimeField, UniformRand};

const HASH: HashToField = HashToField::Keccak256;

#[test]
fn refuses_points_off_the_curve_or_outside_the_subgroup() {
    let sample = Sample::new(5, 1);
    let key = sample.key();
    let (inputs, proof) = sample.prove(&key, HASH, 3);
    let off_curve = G1Affine::new_unchecked(Fq::one(), Fq::one());
    let refused = |proof: Proof, element, error| {
        let expected = ProofError::Point { element, error };
        let result = verify(key.verifying_key(), &inputs, &proof, HASH);
        assert_eq!(result, Err(VerifyError::Proof(expected)));
        assert_eq!(Proof::from_bytes(&proof.to_bytes()), Err(expected));
    };
    refused(Proof { a: off_curve, ..proof }, ProofElement::A, PointError::NotOnCurve);
    refused(Proof { c: off_curve, ..proof }, ProofElement::C, PointError::NotOnCurve);
    refused(Proof { a: G1Affine::identity(), ..proof }, ProofElement::A, PointError::Identity);
    refused(Proof { b: outside_subgroup(), ..proof }, ProofElement::B, PointError::WrongSubgroup);
    let commitment = proof.commitment.unwrap();
    refused(
        with_commitment(&proof, Commitment { point: off_curve, ..commitment }),
        ProofElement::Commitment,
        PointError::NotOnCurve,
    );
    refused(
        with_commitment(&proof, Commitment { knowledge: G1Affine::identity(), ..commitment }),
        ProofElement::Knowledge,
        PointError::Identity,
    );
}

/// A point of the twist whose order is not r.
fn outside_subgroup() -> G2Affine {
    let mut rng = rng(4);
    loop {
        let point = G2Affine::get_point_from_x_unchecked(Fq2::rand(&mut rng), false);
        if let Some(point) = point.filter(|p| !p.is_in_correct_subgroup_assuming_on_curve()) {
            return point;
        }
    }
}

#[test]
fn proof_bytes_have_one_form() {
    let sample = Sample::new(5, 1);
    let (_, proof) = sample.prove(&sample.key(), HASH, 3);
    let bytes = proof.to_bytes();
    assert_eq!(bytes.len(), 384);
    assert_eq!(Proof::from_bytes(&bytes), Ok(proof));
    let bare = Proof { commitment: None, ..proof };
    assert_eq!(bare.to_bytes().len(), 256);
    assert_eq!(Proof::from_bytes(&bare.to_bytes()), Ok(bare));
    for length in [0, 255, 257, 320, 383, 385] {
        let mut other = bytes.clone();
        other.resize(length, 0);
        assert_eq!(Proof::from_bytes(&other), Err(ProofError::Length { got: length }));
    }
    // A coordinate plus q is the same residue, and would be a second form of the same proof.
    let modulus = Fq::MODULUS;
    for (start, element) in [
        (0, ProofElement::A),
        (32, ProofElement::A),
        (64, ProofElement::B),
        (160, ProofElement::B),
        (192, ProofElement::C),
        (256, ProofElement::Commitment),
        (352, ProofElement::Knowledge),
    ] {
        let mut other = bytes.clone();
        let word = &mut other[start..start + 32];
        let mut value = ark_ff::BigInt::<4>::new([0; 4]);
        for byte in word.iter() {
            value <<= 8;
            value.0[0] |= u64::from(*byte);
        }
        assert!(!value.add_with_carry(&modulus));
        word.copy_from_slice(&value.to_bytes_be());
        let error = PointError::CoordinateTooLarge;
        assert_eq!(Proof::from_bytes(&other), Err(ProofError::Point { element, error }));
    }
    for bit in 0..bytes.len() * 8 {
        let mut other = bytes.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(Proof::from_bytes(&other), Ok(proof));
    }
}
