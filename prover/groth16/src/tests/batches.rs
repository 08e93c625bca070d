//! Batch verification accepts what single verification accepts, and nothing else.

use super::sample::Sample;
use crate::{Commitment, HashToField, PreparedVerifyingKey, Proof, VerifyError, verify_batch};
use ark_bn254::{Fr, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::One;

const HASH: HashToField = HashToField::Keccak256;

fn proofs(sample: &Sample, count: u64) -> (PreparedVerifyingKey, Vec<(Vec<Fr>, Proof)>) {
    let key = sample.key();
    let proofs = (0..count).map(|seed| sample.prove(&key, HASH, seed)).collect();
    (PreparedVerifyingKey::new(key.verifying_key()).unwrap(), proofs)
}

fn verdict(key: &PreparedVerifyingKey, proofs: &[(Vec<Fr>, Proof)]) -> Result<(), VerifyError> {
    let statements: Vec<_> = proofs.iter().map(|(inputs, proof)| (inputs.as_slice(), proof)).collect();
    key.verify_batch(&statements, HASH)
}

#[test]
fn accepts_batches_of_each_size() {
    let (key, all) = proofs(&Sample::new(4, 1), 5);
    for size in 1..=5 {
        assert_eq!(verdict(&key, &all[..size]), Ok(()));
    }
    let repeated = [all[0].clone(), all[0].clone()];
    assert_eq!(verdict(&key, &repeated), Ok(()));
    assert_eq!(verify_batch(key.key(), &[], HASH), Err(VerifyError::EmptyBatch));
}

#[test]
fn refuses_a_batch_with_one_false_proof_or_input() {
    let (key, all) = proofs(&Sample::new(4, 1), 3);
    let generator = G1Affine::generator();
    for place in 0..3 {
        let mut changed = all.clone();
        changed[place].0[1] += Fr::one();
        assert_eq!(verdict(&key, &changed), Err(VerifyError::BatchEquation));
        let mut changed = all.clone();
        changed[place].0[0] += Fr::one();
        assert_eq!(verdict(&key, &changed), Err(VerifyError::BatchEquation));
        let mut changed = all.clone();
        changed[place].1.c = (changed[place].1.c + generator).into();
        assert_eq!(verdict(&key, &changed), Err(VerifyError::BatchEquation));
        let mut changed = all.clone();
        changed[place].1.commitment = changed[(place + 1) % 3].1.commitment;
        assert_eq!(verdict(&key, &changed), Err(VerifyError::BatchEquation));
        let mut changed = all.clone();
        changed[place].1.commitment = None;
        assert_eq!(verdict(&key, &changed), Err(VerifyError::CommitmentMissing));
    }
}

#[test]
fn errors_of_two_proofs_do_not_cancel() {
    // Added up without scalars, these sums would be those of the honest batch.
    let (key, all) = proofs(&Sample::new(4, 1), 2);
    let generator = G1Affine::generator();
    let mut main = all.clone();
    main[0].1.c = (main[0].1.c + generator).into();
    main[1].1.c = G1Affine::from(main[1].1.c + -generator);
    assert_eq!(verdict(&key, &main), Err(VerifyError::BatchEquation));
    let mut knowledge = all;
    let shift = |proof: &mut Proof, by: G1Affine| {
        let commitment = proof.commitment.unwrap();
        let moved = Commitment { knowledge: (commitment.knowledge + by).into(), ..commitment };
        proof.commitment = Some(moved);
    };
    shift(&mut knowledge[0].1, generator);
    shift(&mut knowledge[1].1, -generator);
    assert_eq!(verdict(&key, &knowledge), Err(VerifyError::BatchEquation));
}

#[test]
fn errors_of_the_two_equations_do_not_cancel() {
    // With one scalar for both equations, and G = γ, an error E of D's share in the main equation
    // would be cancelled by -E in the knowledge proof (soundness rule 22).
    let sample = Sample::new(4, 1);
    let key = crate::setup_with_knowledge_base(
        &sample.relation,
        crate::KnowledgeBase::Gamma,
        &mut super::sample::rng(6),
    )
    .unwrap();
    let (mut inputs, mut proof) = sample.prove(&key, HASH, 1);
    let verifying = PreparedVerifyingKey::new(key.verifying_key()).unwrap();
    assert_eq!(verifying.verify_batch(&[(&inputs, &proof)], HASH), Ok(()));
    // v + 1 adds K_v to the main sum over γ; the knowledge proof gives the same over G = γ.
    inputs[1] += Fr::one();
    let commitment = proof.commitment.unwrap();
    let compensated = commitment.knowledge + key.verifying_key().k[2];
    proof.commitment = Some(Commitment { knowledge: compensated.into(), ..commitment });
    let product = [(&inputs[..], &proof)];
    assert_eq!(verifying.verify_batch(&product, HASH), Err(VerifyError::BatchEquation));
}
