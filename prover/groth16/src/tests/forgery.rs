//! Forgers: changed elements, changed inputs, advice changed behind the commitment.

use super::sample::{Sample, rng, with_commitment};
use crate::prove::Randomness;
use crate::{
    Commitment, HashToField, Layout, PreparedVerifyingKey, Proof, Prover, SparseRelation, SparseRow,
    VerifyError, verify,
};
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{Field, One};

const HASH: HashToField = HashToField::Keccak256;

#[test]
fn refuses_each_changed_element_and_input() {
    let sample = Sample::new(5, 2);
    let key = sample.key();
    let key = PreparedVerifyingKey::new(key.verifying_key()).unwrap();
    let (inputs, proof) = sample.prove(&sample.key(), HASH, 3);
    key.verify(&inputs, &proof, HASH).unwrap();
    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    let commitment = proof.commitment.unwrap();
    let main = Err(VerifyError::MainEquation);
    let knowledge = Err(VerifyError::KnowledgeEquation);
    let cases = [
        (Proof { a: (proof.a + g1).into(), ..proof }, main),
        (Proof { a: -proof.a, ..proof }, main),
        (Proof { b: (proof.b + g2).into(), ..proof }, main),
        (Proof { c: (proof.c + g1).into(), ..proof }, main),
        (Proof { a: proof.c, c: proof.a, ..proof }, main),
        (
            with_commitment(&proof, Commitment { point: (commitment.point + g1).into(), ..commitment }),
            knowledge,
        ),
        (with_commitment(&proof, Commitment { knowledge: -commitment.knowledge, ..commitment }), knowledge),
        (with_commitment(&proof, Commitment { knowledge: commitment.point, ..commitment }), knowledge),
    ];
    for (changed, expected) in cases {
        assert_eq!(key.verify(&inputs, &changed, HASH), expected);
    }
    for index in 0..inputs.len() {
        let mut changed = inputs.clone();
        changed[index] += Fr::one();
        assert_eq!(key.verify(&changed, &proof, HASH), main);
    }
    // Twice the commitment with twice its knowledge proof: that equation holds, the other fails.
    let two = Fr::from(2u64);
    let doubled =
        Commitment { point: (commitment.point * two).into(), knowledge: (commitment.knowledge * two).into() };
    assert_eq!(key.verify(&inputs, &with_commitment(&proof, doubled), HASH), main);
}

#[test]
fn refuses_wrong_shapes() {
    let sample = Sample::new(5, 1);
    let key = sample.key();
    let (inputs, proof) = sample.prove(&key, HASH, 3);
    let key = key.verifying_key();
    let short = verify(key, &inputs[1..], &proof, HASH);
    assert_eq!(short, Err(VerifyError::InputCount { expected: 2, got: 1 }));
    let with_z = [&inputs[..], &[Fr::one()]].concat();
    let long = verify(key, &with_z, &proof, HASH);
    assert_eq!(long, Err(VerifyError::InputCount { expected: 2, got: 3 }));
    let bare = Proof { commitment: None, ..proof };
    assert_eq!(verify(key, &inputs, &bare, HASH), Err(VerifyError::CommitmentMissing));
    // x² = y has no commitment.
    let one = Fr::one();
    let row = SparseRow { a: vec![(2, one)], b: vec![(2, one)], c: vec![(1, one)] };
    let layout = Layout { constraints: 1, public: 2, committed_public: 0, committed: 0, derived: 1 };
    let plain = SparseRelation::new(layout, vec![row]).unwrap();
    let plain = crate::setup(&plain, &mut rng(2)).unwrap();
    let result = verify(plain.verifying_key(), &inputs[..1], &proof, HASH);
    assert_eq!(result, Err(VerifyError::CommitmentUnexpected));
}

#[test]
fn accepts_a_rerandomised_proof() {
    // Not a flaw but a property of Groth16: proofs are malleable, statements are not.
    let sample = Sample::new(5, 1);
    let key = sample.key();
    let (inputs, proof) = sample.prove(&key, HASH, 3);
    let key = key.verifying_key();
    let (t, u) = (Fr::from(12_345u64), Fr::from(678u64));
    let other = Proof {
        a: (proof.a * t.inverse().unwrap()).into(),
        b: (proof.b * t + key.delta_g2 * (t * u)).into(),
        c: (proof.c + proof.a * u).into(),
        ..proof
    };
    assert_ne!(other.to_bytes(), proof.to_bytes());
    verify(key, &inputs, &other, HASH).unwrap();
}

#[test]
fn refuses_advice_changed_after_the_commitment() {
    let sample = Sample::new(5, 1);
    let key = sample.key();
    let prover = Prover::new(&key, &sample.relation).unwrap();
    let randomness = Randomness::draw(&mut rng(9));
    let (committed, other) = (sample.committed(1), sample.committed(2));
    let commitment = prover.commit(&committed, randomness.blinding);
    let z = prover.challenge(&commitment, &sample.committed_public());
    for (wires, honest) in [(&committed, true), (&other, false)] {
        // Both satisfy every row: only the commitment tells them apart.
        let wires = sample.wires(wires, z);
        let inputs = wires[1..3].to_vec();
        let proof = prover.prove_wires(wires, commitment, &randomness).unwrap();
        let result = verify(key.verifying_key(), &inputs, &proof, HASH);
        assert_eq!(result, if honest { Ok(()) } else { Err(VerifyError::MainEquation) });
    }
}

#[test]
fn refuses_a_challenge_of_the_provers_choice() {
    let sample = Sample::new(5, 1);
    let key = sample.key();
    let (inputs, proof) = sample.prove_at(&key, Fr::from(99u64));
    let result = verify(key.verifying_key(), &inputs, &proof, HASH);
    assert_eq!(result, Err(VerifyError::MainEquation));
}

#[test]
fn only_the_knowledge_proof_stops_a_shifted_input() {
    // D' = D + t·K_v shifts the public input v by t in the main equation, which then holds for
    // the false input v - t. Without σ·K_v nobody can give a knowledge proof of D'.
    let sample = Sample::new(5, 1);
    let key = sample.key();
    let verifying = PreparedVerifyingKey::new(key.verifying_key()).unwrap();
    let prover = Prover::new(&key, &sample.relation).unwrap();
    let randomness = Randomness::draw(&mut rng(9));
    let committed = sample.committed(1);
    let honest = prover.commit(&committed, randomness.blinding).unwrap();
    let t = Fr::from(1_000_000u64);
    let shifted = honest.point + key.verifying_key().k[2] * t;
    let commitment = Some(Commitment { point: shifted.into(), ..honest });
    let z = prover.challenge(&commitment, &sample.committed_public());
    let wires = sample.wires(&committed, z);
    let inputs = vec![wires[1], wires[2] - t];
    let proof = prover.prove_wires(wires, commitment, &randomness).unwrap();
    assert_eq!(verifying.check_main(&inputs, &proof, HASH), Ok(()));
    assert_eq!(verifying.verify(&inputs, &proof, HASH), Err(VerifyError::KnowledgeEquation));
    let batch = verifying.verify_batch(&[(&inputs, &proof)], HASH);
    assert_eq!(batch, Err(VerifyError::BatchEquation));
}
