//! Seeded bugs of verifiers: each lacks one rule and accepts a forgery that the true verifier refuses.

use super::sample::{Sample, rng, with_commitment};
use crate::prove::Randomness;
use crate::{
    Commitment, CommitmentKey, HashToField, KeyElement, KeyError, KnowledgeBase, PreparedVerifyingKey, Proof,
    Prover, VerifyError, VerifyingKey, setup_with_knowledge_base, verify,
};
use ark_bn254::{Bn254, Fr, G1Affine, G1Projective};
use ark_ec::AffineRepr;
use ark_ec::pairing::{Pairing, PairingOutput};
use ark_ff::{One, Zero};

pub const HASH: HashToField = HashToField::Keccak256;

pub type Product = PairingOutput<Bn254>;

/// The main and the knowledge equation as products that are one for a true proof, with no check of key or
/// points and with the challenge as given.
pub fn products(key: &VerifyingKey, inputs: &[Fr], z: Fr, proof: &Proof) -> [Product; 2] {
    let commitment = proof.commitment.unwrap();
    let columns = inputs.iter().chain([&z]);
    let public: G1Projective = key.k[1..].iter().zip(columns).map(|(k, column)| *k * column).sum();
    let public: G1Affine = (public + key.k[0] + commitment.point).into();
    let main = Bn254::multi_pairing(
        [proof.a, -key.alpha_g1, -public, -proof.c],
        [proof.b, key.beta_g2, key.gamma_g2, key.delta_g2],
    );
    let CommitmentKey { g, g_sigma_neg } = key.commitment.unwrap();
    let knowledge = Bn254::multi_pairing([commitment.point, commitment.knowledge], [g_sigma_neg, g]);
    [main, knowledge]
}

/// The challenge that the true verifier computes.
pub fn challenge(key: &VerifyingKey, inputs: &[Fr], proof: &Proof) -> Fr {
    HASH.challenge(&proof.commitment.unwrap().point, &inputs[..key.layout.committed_public])
}

/// A proof of a false input v, true but for a shift of the commitment by a multiple of v's key element.
/// `knowledge` makes the proof of knowledge of the shifted commitment from the honest one's.
fn shifted(sample: &Sample, knowledge: impl Fn(G1Affine, Commitment) -> G1Affine) -> (Vec<Fr>, Proof) {
    let key = sample.key();
    let prover = Prover::new(&key, &sample.relation).unwrap();
    let randomness = Randomness::draw(&mut rng(9));
    let committed = sample.committed(1);
    let honest = prover.commit(&committed, randomness.blinding).unwrap();
    let t = Fr::from(1_000_000u64);
    let point: G1Affine = (honest.point + key.verifying_key().k[2] * t).into();
    let commitment = Some(Commitment { point, knowledge: knowledge(point, honest) });
    let z = prover.challenge(&commitment, &sample.committed_public());
    let wires = sample.wires(&committed, z);
    let inputs = vec![wires[1], wires[2] - t];
    (inputs, prover.prove_wires(wires, commitment, &randomness).unwrap())
}

#[test]
fn a_verifier_that_is_told_the_challenge_accepts_a_chosen_one() {
    let sample = Sample::new(5, 1);
    let key = sample.key();
    let chosen = Fr::from(99u64);
    let (inputs, proof) = sample.prove_at(&key, chosen);
    let key = key.verifying_key();
    assert_eq!(verify(key, &inputs, &proof, HASH), Err(VerifyError::MainEquation));
    assert!(products(key, &inputs, chosen, &proof).iter().all(Zero::is_zero));
}

#[test]
fn a_verifier_without_the_knowledge_equation_accepts_anything() {
    let sample = Sample::new(5, 1);
    let (inputs, proof) = shifted(&sample, |_, honest| honest.knowledge);
    let key = sample.key();
    let key = key.verifying_key();
    assert_eq!(verify(key, &inputs, &proof, HASH), Err(VerifyError::KnowledgeEquation));
    let [main, knowledge] = products(key, &inputs, challenge(key, &inputs, &proof), &proof);
    assert!(main.is_zero() && !knowledge.is_zero());
}

#[test]
fn a_verifier_without_key_checks_accepts_anything_where_delta_is_gamma() {
    // A = α, B = β, and C takes back what the inputs and the commitment put over γ.
    let sample = Sample::new(5, 1);
    let honest = sample.key();
    let honest = honest.verifying_key();
    let key = VerifyingKey { delta_g2: honest.gamma_g2, ..honest.clone() };
    let (mut inputs, mut proof) = sample.prove(&sample.key(), HASH, 3);
    inputs[1] = Fr::from(666u64);
    let z = challenge(&key, &inputs, &proof);
    let terms = key.k[1..].iter().zip(inputs.iter().chain([&z])).map(|(k, column)| *k * column);
    let public = terms.sum::<G1Projective>() + key.k[0] + proof.commitment.unwrap().point;
    (proof.a, proof.b, proof.c) = (key.alpha_g1, key.beta_g2, (-public).into());
    let refused =
        Err(VerifyError::Key(KeyError::Related { left: KeyElement::Gamma, right: KeyElement::Delta }));
    assert_eq!(verify(&key, &inputs, &proof, HASH), refused);
    assert!(products(&key, &inputs, z, &proof).iter().all(Zero::is_zero));
    // Under an honest key the same proof is worthless.
    assert_eq!(verify(honest, &inputs, &proof, HASH), Err(VerifyError::MainEquation));
}

#[test]
fn a_knowledge_equation_of_known_sigma_accepts_anything() {
    // With σ = 1 every commitment is its own proof of knowledge.
    let sample = Sample::new(5, 1);
    let (inputs, proof) = shifted(&sample, |point, _| point);
    let honest = sample.key();
    let honest = honest.verifying_key();
    let g = honest.commitment.unwrap().g;
    let known = CommitmentKey { g, g_sigma_neg: -g };
    let key = VerifyingKey { commitment: Some(known), ..honest.clone() };
    let refused = Err(VerifyError::Key(KeyError::Related {
        left: KeyElement::KnowledgeBase,
        right: KeyElement::SigmaG,
    }));
    assert_eq!(verify(&key, &inputs, &proof, HASH), refused);
    let z = challenge(&key, &inputs, &proof);
    assert!(products(&key, &inputs, z, &proof).iter().all(Zero::is_zero));
    assert_eq!(verify(honest, &inputs, &proof, HASH), Err(VerifyError::KnowledgeEquation));
}

#[test]
fn a_batch_without_scalars_accepts_errors_that_cancel() {
    let sample = Sample::new(4, 1);
    let key = sample.key();
    let mut proofs: Vec<_> = (0..2).map(|seed| sample.prove(&key, HASH, seed)).collect();
    let generator = G1Affine::generator();
    proofs[0].1.c = (proofs[0].1.c + generator).into();
    proofs[1].1.c = (proofs[1].1.c - generator).into();
    let key = key.verifying_key();
    let statements: Vec<_> = proofs.iter().map(|(inputs, proof)| (inputs.as_slice(), proof)).collect();
    let verifying = PreparedVerifyingKey::new(key).unwrap();
    assert_eq!(verifying.verify_batch(&statements, HASH), Err(VerifyError::BatchEquation));
    let mains = proofs.iter().map(|(inputs, proof)| {
        let [main, knowledge] = products(key, inputs, challenge(key, inputs, proof), proof);
        assert!(!main.is_zero() && knowledge.is_zero());
        main
    });
    assert!(mains.sum::<Product>().is_zero());
}

#[test]
fn equations_of_one_scalar_accept_errors_that_cancel() {
    // With G = γ, an error of the public part is taken back by the proof of knowledge.
    let sample = Sample::new(4, 1);
    let key = setup_with_knowledge_base(&sample.relation, KnowledgeBase::Gamma, &mut rng(6)).unwrap();
    let (mut inputs, proof) = sample.prove(&key, HASH, 1);
    inputs[1] += Fr::one();
    let key = key.verifying_key();
    let commitment = proof.commitment.unwrap();
    let knowledge = (commitment.knowledge + key.k[2]).into();
    let proof = with_commitment(&proof, Commitment { knowledge, ..commitment });
    let verifying = PreparedVerifyingKey::new(key).unwrap();
    let batch = verifying.verify_batch(&[(&inputs, &proof)], HASH);
    assert_eq!(batch, Err(VerifyError::BatchEquation));
    assert_eq!(verifying.verify(&inputs, &proof, HASH), Err(VerifyError::KnowledgeEquation));
    let [main, knowledge] = products(key, &inputs, challenge(key, &inputs, &proof), &proof);
    assert!(!main.is_zero() && !knowledge.is_zero());
    assert!((main + knowledge).is_zero());
}
