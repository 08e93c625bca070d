//! One verifier: valid proofs pass, and every other input is refused for its reason.

use crate::compiler;
use crate::trapdoor::{Errors, Referees, SENDER, Trapdoor, g1};
use alloy_sol_types::SolCall;
use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{One, PrimeField, Zero};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use zkmargin_groth16::encoding::{PointError, g2_to_bytes};
use zkmargin_groth16::{Commitment, HashToField, Proof, ProofError, VerifyError};
use zkmargin_verifier_solidity::abi::IVerifier::{IVerifierErrors as Reason, verifyCall};
use zkmargin_verifier_solidity::rollup::{verify_call, word};
use zkmargin_verifier_solidity::{CallError, ContractError, U256, export_verifier};

const S: u64 = 1_000_003;
const V: u64 = 77;

fn bed(merged: bool) -> (Referees, Proof) {
    let mut trapdoor = Trapdoor::new(merged);
    let proof = trapdoor.prove(Fr::from(S), Fr::from(V), Errors::default());
    (Referees::new(&trapdoor.key()), proof)
}

fn call_of(proof: &Proof) -> verifyCall {
    verify_call(Fr::from(S), Fr::from(V), proof).unwrap()
}

#[track_caller]
fn reason(result: Result<(), CallError>) -> Reason {
    match result {
        Err(CallError::Reverted { reason: ContractError::Verifier(reason), .. }) => reason,
        other => panic!("expected the verifier's reason, got {other:?}"),
    }
}

#[test]
fn accepts_what_the_native_verifier_accepts() {
    for merged in [true, false] {
        let (mut referees, proof) = bed(merged);
        assert!(referees.native(Fr::from(S), Fr::from(V), &proof));
        referees.contract(Fr::from(S), Fr::from(V), &proof).unwrap();
    }
}

#[test]
fn refuses_every_changed_input() {
    for merged in [true, false] {
        let (mut referees, proof) = bed(merged);
        for (s, v) in [(S + 1, V), (S, V + 1), (0, V), (S, 0), (V, S)] {
            let mut call = call_of(&proof);
            (call.s, call.v) = (U256::from(s), U256::from(v));
            let reason = reason(referees.raw(call.abi_encode()));
            assert!(matches!(reason, Reason::ProofRejected(_)), "{reason:?}");
        }
    }
}

#[test]
fn refuses_inputs_from_r_on() {
    let (mut referees, proof) = bed(true);
    let r = U256::from_limbs(Fr::MODULUS.0);
    // 2^256 is above 5 r: each input has that many other forms.
    for k in 1..=5 {
        let multiple = r * U256::from(k);
        let mut call = call_of(&proof);
        call.s += multiple;
        assert!(
            matches!(reason(referees.raw(call.abi_encode())), Reason::InputOutOfRange(e) if e.index == U256::ZERO)
        );
        let mut call = call_of(&proof);
        call.v += multiple;
        assert!(
            matches!(reason(referees.raw(call.abi_encode())), Reason::InputOutOfRange(e) if e.index == U256::from(1))
        );
    }
    let mut call = call_of(&proof);
    call.v = r;
    assert!(matches!(reason(referees.raw(call.abi_encode())), Reason::InputOutOfRange(_)));
}

#[test]
fn refuses_coordinates_from_q_on() {
    let (mut referees, proof) = bed(true);
    let q = U256::from_limbs(Fq::MODULUS.0);
    for index in 0..12 {
        // A larger multiple may not fit a word.
        for k in 1..=4 {
            let mut call = call_of(&proof);
            call.proof[index] += q * U256::from(k);
            let reason = reason(referees.raw(call.abi_encode()));
            assert!(matches!(reason, Reason::CoordinateOutOfRange(e) if e.index == U256::from(index)));
        }
        let mut call = call_of(&proof);
        call.proof[index] = q;
        assert!(matches!(reason(referees.raw(call.abi_encode())), Reason::CoordinateOutOfRange(_)));
    }
}

#[test]
fn refuses_points_off_the_curve() {
    for merged in [true, false] {
        let (mut referees, proof) = bed(merged);
        for index in 0..12 {
            let mut call = call_of(&proof);
            call.proof[index] ^= U256::from(1);
            let reason = reason(referees.raw(call.abi_encode()));
            assert!(matches!(reason, Reason::MalformedPoint(_)), "{index}: {reason:?}");
        }
    }
}

fn committed(proof: &Proof, point: G1Affine, knowledge: G1Affine) -> Proof {
    Proof { commitment: Some(Commitment { point, knowledge }), ..*proof }
}

/// Each point replaced by another one of its group, by its negative and by the one at infinity.
#[test]
fn refuses_every_other_point() {
    for merged in [true, false] {
        let (mut referees, proof) = bed(merged);
        let commitment = proof.commitment.unwrap();
        let mut changed = Vec::new();
        for factor in [Fr::from(2u64), Fr::from(0u64), -Fr::from(1u64)] {
            let other = |point: G1Affine| (point * factor).into_affine();
            changed.push(committed(&proof, other(commitment.point), commitment.knowledge));
            changed.push(committed(&proof, commitment.point, other(commitment.knowledge)));
            // A consistent pair of another commitment: the knowledge equation holds.
            changed.push(committed(&proof, other(commitment.point), other(commitment.knowledge)));
            changed.push(committed(&proof, commitment.knowledge, commitment.point));
            changed.push(Proof { a: other(proof.a), ..proof });
            changed.push(Proof { b: (proof.b * factor).into_affine(), ..proof });
            changed.push(Proof { c: other(proof.c), ..proof });
        }
        changed.push(Proof { a: proof.c, c: proof.a, ..proof });
        for proof in changed {
            assert!(!referees.native(Fr::from(S), Fr::from(V), &proof));
            let reason = reason(referees.raw(call_of(&proof).abi_encode()));
            let Commitment { point, knowledge } = proof.commitment.unwrap();
            let infinity = [proof.a, proof.c, point, knowledge].iter().any(AffineRepr::is_zero);
            match reason {
                Reason::MalformedPoint(_) => assert!(infinity || proof.b.is_zero()),
                Reason::ProofRejected(_) => assert!(!infinity && !proof.b.is_zero()),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Proofs that satisfy both equations: A and B are chosen so that nothing is left for C; nothing is committed to.
fn proofs_with_infinity(trapdoor: &Trapdoor) -> [Proof; 2] {
    let (s, v) = (Fr::from(S), Fr::from(V));
    let d = Fr::from(5u64);
    let z = HashToField::Keccak256.challenge(&g1(d), &[s]);
    let l = trapdoor.k[0] + s * trapdoor.k[1] + v * trapdoor.k[2] + z * trapdoor.k[3] + d;
    let a = trapdoor.alpha * trapdoor.beta + trapdoor.gamma * l;
    let without_c = trapdoor.prove_with([a, Fr::one(), d], (s, v), Errors::default());
    let without_d = trapdoor.prove_with([a, d, Fr::zero()], (s, v), Errors::default());
    let Commitment { point, knowledge } = without_d.commitment.unwrap();
    assert!(without_c.c.is_zero() && point.is_zero() && knowledge.is_zero());
    [without_c, without_d]
}

/// No point of a proof is the one at infinity, by one rule of the contract and the native verifier.
#[test]
fn refuses_points_at_infinity_that_satisfy_the_equations() {
    let (s, v) = (Fr::from(S), Fr::from(V));
    for merged in [true, false] {
        let trapdoor = Trapdoor::new(merged);
        let mut referees = Referees::new(&trapdoor.key());
        let proofs = proofs_with_infinity(&trapdoor);
        for proof in &proofs {
            let native = referees.native.verify(&[s, v], proof, HashToField::Keccak256);
            let Err(VerifyError::Proof(ProofError::Point { error, .. })) = native else {
                panic!("{native:?}")
            };
            assert_eq!(error, PointError::Identity);
            let reason = reason(referees.raw(call_of(proof).abi_encode()));
            assert!(matches!(reason, Reason::MalformedPoint(_)), "{reason:?}");
        }
        // With bounds as they are without the rule, y < q for C, D and P, the contract accepts both.
        let mut source = export_verifier(&trapdoor.key()).unwrap();
        for y in ["0xe0", "0x120", "0x160"] {
            let rule = format!("lt(sub(calldataload(add(proof, {y})), 1), top)");
            assert_eq!(source.matches(&rule).count(), 1, "{y}");
            source = source.replace(&rule, &format!("lt(calldataload(add(proof, {y})), q)"));
        }
        let artefact = compiler::compile("Broken.sol", &source);
        let code = artefact.creation_code("InsecureDevelopmentVerifier").unwrap();
        referees.verifier = referees.evm.deploy(SENDER, &code, &[]).unwrap();
        for proof in &proofs {
            referees.contract(s, v, proof).unwrap();
        }
    }
}

#[test]
fn refuses_points_outside_the_subgroup() {
    let (mut referees, proof) = bed(true);
    let outside = (1u64..)
        .find_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(x), Fq::from(1u64)), false))
        .unwrap();
    assert!(outside.is_on_curve() && !outside.is_in_correct_subgroup_assuming_on_curve());
    // Alone, and as a small change of the right point.
    for b in [outside, (outside + proof.b).into_affine()] {
        let mut call = call_of(&proof);
        for (word, chunk) in call.proof[2..6].iter_mut().zip(g2_to_bytes(&b).chunks(32)) {
            *word = U256::from_be_slice(chunk);
        }
        assert!(matches!(reason(referees.raw(call.abi_encode())), Reason::MalformedPoint(_)));
    }
}

/// EIP-197 requires the imaginary part first; with the real part first the point is another one.
#[test]
fn refuses_b_with_its_parts_exchanged() {
    let (mut referees, proof) = bed(true);
    let mut call = call_of(&proof);
    call.proof.swap(2, 3);
    call.proof.swap(4, 5);
    assert!(matches!(reason(referees.raw(call.abi_encode())), Reason::MalformedPoint(_)));
}

#[test]
fn refuses_missing_and_extra_calldata() {
    let (mut referees, proof) = bed(true);
    let good = call_of(&proof).abi_encode();
    for extra in [1, 31, 32, 64] {
        let longer = [good.clone(), vec![0; extra]].concat();
        assert!(matches!(referees.raw(longer), Err(CallError::Reverted { .. })));
    }
    for missing in [1, 32, good.len() - 4, good.len()] {
        assert!(matches!(
            referees.raw(good[..good.len() - missing].to_vec()),
            Err(CallError::Reverted { .. })
        ));
    }
    referees.raw(good).unwrap();
}

/// One random bit or word of the calldata changed: never accepted, as by the native verifier.
#[test]
fn random_mutations_are_refused() {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let (mut referees, proof) = bed(false);
    let good = call_of(&proof).abi_encode();
    for _ in 0..400 {
        let mut data = good.clone();
        if rng.gen_bool(0.5) {
            let bit = rng.gen_range(32..8 * data.len());
            data[bit / 8] ^= 1 << (bit % 8);
        } else {
            let at = 4 + 32 * rng.gen_range(0..14);
            rng.fill(&mut data[at..at + 32]);
        }
        assert!(matches!(referees.raw(data), Err(CallError::Reverted { .. })));
    }
    referees.raw(good).unwrap();
}

#[test]
fn random_statements_get_the_native_verdict() {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let mut trapdoor = Trapdoor::new(true);
    let mut referees = Referees::new(&trapdoor.key());
    for i in 0..40u64 {
        let (s, v) = (Fr::from(rng.r#gen::<u128>()), Fr::from(rng.r#gen::<u128>()));
        let errors = Errors { main: Fr::from(i % 4 / 2), knowledge: Fr::from(i % 2) };
        let proof = trapdoor.prove(s, v, errors);
        let verdict = referees.contract(s, v, &proof).is_ok();
        assert_eq!(verdict, referees.native(s, v, &proof));
        assert_eq!(verdict, i % 4 == 0);
    }
}

#[test]
fn key_id_is_that_of_the_key() {
    use zkmargin_verifier_solidity::abi::IVerifier::keyIdCall;
    let (mut referees, _) = bed(false);
    let id = zkmargin_verifier_solidity::key_id(referees.native.key()).unwrap();
    let output = referees.evm.simulate(super::trapdoor::SENDER, referees.verifier, keyIdCall {}.abi_encode());
    let word_of_id = U256::from_be_slice(&id);
    assert_eq!(U256::from_be_slice(&output.unwrap().output), word_of_id);
    assert!(word_of_id != word(Fr::from(0u64)));
}
