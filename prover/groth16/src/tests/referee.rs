//! An independent verifier of gnark proofs with one commitment accepts ours.

use super::sample::{Sample, with_commitment};
use crate::encoding::{g1_to_bytes, g2_to_bytes};
use crate::{Commitment, HashToField, KnowledgeBase, Proof, VerifyingKey};
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, One, PrimeField};
use groth16_solana::groth16::{CommitmentVerifyingKey, Groth16Verifier, Groth16Verifyingkey};

/// Asks groth16-solana, which takes A negated and one public input here.
fn referee_accepts(key: &VerifyingKey, inputs: &[Fr], proof: &Proof) -> bool {
    let k: Vec<[u8; 64]> = key.k.iter().map(g1_to_bytes).collect();
    let commitment_key = key.commitment.unwrap();
    let referee_key = Groth16Verifyingkey {
        nr_pubinputs: 1,
        vk_alpha_g1: g1_to_bytes(&key.alpha_g1),
        vk_beta_g2: g2_to_bytes(&key.beta_g2),
        vk_gamma_g2: g2_to_bytes(&key.gamma_g2),
        vk_delta_g2: g2_to_bytes(&key.delta_g2),
        vk_ic: &k,
        vk_commitment: Some(CommitmentVerifyingKey {
            g2: g2_to_bytes(&commitment_key.g),
            g_sigma_neg_g2: g2_to_bytes(&commitment_key.g_sigma_neg),
        }),
    };
    let Commitment { point, knowledge } = proof.commitment.unwrap();
    let input: [u8; 32] = inputs[0].into_bigint().to_bytes_be().try_into().unwrap();
    let (a, b, c) = (g1_to_bytes(&-proof.a), g2_to_bytes(&proof.b), g1_to_bytes(&proof.c));
    let (point, knowledge) = (g1_to_bytes(&point), g1_to_bytes(&knowledge));
    let inputs = [input];
    Groth16Verifier::<1>::new_with_commitment(&a, &b, &c, &point, &knowledge, &inputs, &referee_key)
        .unwrap()
        .verify()
        .is_ok()
}

/// Every way to change one element or the input that the tests try.
fn mutations(inputs: &[Fr], proof: &Proof) -> Vec<(Vec<Fr>, Proof)> {
    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    let commitment = proof.commitment.unwrap();
    let point = G1Affine::from(commitment.point + g1);
    let knowledge = G1Affine::from(commitment.knowledge + g1);
    let changed = [
        Proof { a: (proof.a + g1).into(), ..*proof },
        Proof { a: -proof.a, ..*proof },
        Proof { b: (proof.b + g2).into(), ..*proof },
        Proof { c: (proof.c + g1).into(), ..*proof },
        with_commitment(proof, Commitment { point, ..commitment }),
        with_commitment(proof, Commitment { knowledge, ..commitment }),
        with_commitment(proof, Commitment { knowledge: -commitment.knowledge, ..commitment }),
        with_commitment(proof, Commitment { point: commitment.knowledge, knowledge: commitment.point }),
    ];
    let mut all: Vec<_> = changed.map(|proof| (inputs.to_vec(), proof)).into();
    all.push((vec![inputs[0] + Fr::one()], *proof));
    all
}

#[test]
fn accepts_our_proofs_and_refuses_their_mutations() {
    let sample = Sample::new(6, 0);
    for base in [KnowledgeBase::Separate, KnowledgeBase::Gamma] {
        let key =
            crate::setup_with_knowledge_base(&sample.relation, base, &mut super::sample::rng(5)).unwrap();
        let verifying = key.verifying_key();
        let g_is_gamma = verifying.commitment.unwrap().g == verifying.gamma_g2;
        assert_eq!(g_is_gamma, base == KnowledgeBase::Gamma);
        let (inputs, proof) = sample.prove(&key, HashToField::Sha256Xmd, 3);
        assert!(referee_accepts(verifying, &inputs, &proof));
        for (inputs, proof) in mutations(&inputs, &proof) {
            assert!(!referee_accepts(verifying, &inputs, &proof));
            assert!(crate::verify(verifying, &inputs, &proof, HashToField::Sha256Xmd).is_err());
        }
    }
}

#[test]
fn refuses_the_challenge_of_another_hash() {
    let sample = Sample::new(4, 0);
    let key = sample.key();
    let (inputs, proof) = sample.prove(&key, HashToField::Keccak256, 3);
    crate::verify(key.verifying_key(), &inputs, &proof, HashToField::Keccak256).unwrap();
    assert!(!referee_accepts(key.verifying_key(), &inputs, &proof));
}
