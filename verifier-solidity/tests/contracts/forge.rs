//! Forgeries that the secrets make possible, and seeded bugs in the verifier that they exploit: each
//! bug must let its forgery through, or the test of the real verifier would mean nothing.

use crate::compiler;
use crate::trapdoor::{Errors, Referees, SENDER, Trapdoor};
use alloy_sol_types::SolCall;
use ark_bn254::Fr;
use ark_ff::PrimeField;
use revm::primitives::keccak256;
use zkmargin_groth16::Proof;
use zkmargin_verifier_solidity::abi::IVerifier::IVerifierErrors;
use zkmargin_verifier_solidity::rollup::verify_call;
use zkmargin_verifier_solidity::{CallError, ContractError, RollupError, SolidityKey, export_verifier};

const S: u64 = 5;
const V: u64 = 6;

fn inputs() -> (Fr, Fr) {
    (Fr::from(S), Fr::from(V))
}

#[track_caller]
fn assert_rejected(result: Result<(), RollupError>) {
    let Err(RollupError::Call(CallError::Reverted { reason, .. })) = result else {
        panic!("expected a revert, got {result:?}");
    };
    assert!(matches!(reason, ContractError::Verifier(IVerifierErrors::ProofRejected(_))), "{reason:?}");
}

/// rho as the contract draws it for this proof.
fn rho(trapdoor: &Trapdoor, proof: &Proof) -> Fr {
    Fr::from_be_bytes_mod_order(&keccak256([hashed_inputs(trapdoor), proof.to_bytes()].concat())[16..])
}

/// What goes into rho before the proof: the key's id (31 bytes) and the inputs.
fn hashed_inputs(trapdoor: &Trapdoor) -> Vec<u8> {
    let (s, v) = inputs();
    let mut bytes = SolidityKey::new(&trapdoor.key()).unwrap().id().to_vec();
    for input in [s, v] {
        bytes.extend_from_slice(&zkmargin_verifier_solidity::rollup::word(input).to_be_bytes::<32>());
    }
    bytes
}

/// A copy of the exported verifier with one piece of its text replaced, deployed for the same key.
fn with_bug(referees: &mut Referees, trapdoor: &Trapdoor, from: &str, to: &str) {
    let source = export_verifier(&trapdoor.key()).unwrap();
    assert_eq!(source.matches(from).count(), 1, "the text to break occurs once: {from}");
    let artefact = compiler::compile("Broken.sol", &source.replace(from, to));
    let code = artefact.creation_code("InsecureDevelopmentVerifier").unwrap();
    referees.verifier = referees.evm.deploy(SENDER, &code, &[]).unwrap();
}

/// The main equation holds, but the prover knows no opening of D (any P).
#[test]
fn refuses_a_commitment_without_knowledge() {
    let mut trapdoor = Trapdoor::new(false);
    let (s, v) = inputs();
    let proof = trapdoor.prove(s, v, Errors { main: Fr::from(0u64), knowledge: Fr::from(3u64) });
    let mut referees = Referees::new(&trapdoor.key());
    assert_rejected(referees.contract(s, v, &proof));
    assert!(!referees.native(s, v, &proof));
    with_bug(&mut referees, &trapdoor, "merged ? 5 * 192 : 6 * 192", "4 * 192");
    referees.contract(s, v, &proof).unwrap();
}

/// The knowledge proof of another commitment.
#[test]
fn refuses_exchanged_knowledge_proofs() {
    let (s, v) = inputs();
    for merged in [true, false] {
        let mut trapdoor = Trapdoor::new(merged);
        let mut first = trapdoor.prove(s, v, Errors::default());
        let second = trapdoor.prove(s, v, Errors::default());
        first.commitment.as_mut().unwrap().knowledge = second.commitment.unwrap().knowledge;
        let mut referees = Referees::new(&trapdoor.key());
        assert_rejected(referees.contract(s, v, &first));
        referees.contract(s, v, &second).unwrap();
    }
}

/// Errors of the two equations that cancel when they are added without a factor.
#[test]
fn refuses_errors_that_cancel() {
    let (s, v) = inputs();
    let one = Fr::from(1u64);
    for merged in [true, false] {
        let mut trapdoor = Trapdoor::new(merged);
        let proof = trapdoor.prove(s, v, Errors { main: -one, knowledge: one });
        let mut referees = Referees::new(&trapdoor.key());
        assert_rejected(referees.contract(s, v, &proof));
        let hash = "uint128(uint256(keccak256(abi.encodePacked(id, s, v, proof))))";
        // One, whatever the proof is.
        with_bug(&mut referees, &trapdoor, hash, "id / id");
        referees.contract(s, v, &proof).unwrap();
    }
}

/// Drawing rho before C is fixed is not enough: the main error is set to -rho of the proof so far.
#[test]
fn refuses_errors_fitted_to_an_earlier_rho() {
    use ark_ff::UniformRand;
    let (s, v) = inputs();
    let mut trapdoor = Trapdoor::new(false);
    let choice = std::array::from_fn(|_| Fr::rand(&mut trapdoor.rng));
    let knowledge = Fr::from(1u64);
    let first = trapdoor.prove_with(choice, (s, v), Errors { main: Fr::from(0u64), knowledge });
    let fitted = Errors { main: -rho(&trapdoor, &first), knowledge };
    let proof = trapdoor.prove_with(choice, (s, v), fitted);
    let mut referees = Referees::new(&trapdoor.key());
    assert_rejected(referees.contract(s, v, &proof));
    // A verifier that leaves the proof out of the hash is a seeded bug. Fit the error to its rho.
    with_bug(&mut referees, &trapdoor, "abi.encodePacked(id, s, v, proof)", "abi.encodePacked(id, s, v)");
    let known = Fr::from_be_bytes_mod_order(&keccak256(hashed_inputs(&trapdoor))[16..]);
    let forged = trapdoor.prove_with(choice, (s, v), Errors { main: -known, knowledge });
    referees.contract(s, v, &forged).unwrap();
}

/// If rho were what the contract draws, the cancelling proof would pass: the hash's input is as stated.
#[test]
fn contract_draws_rho_from_key_inputs_and_proof() {
    let (s, v) = inputs();
    let mut trapdoor = Trapdoor::new(false);
    let proof = trapdoor.prove(s, v, Errors::default());
    let expected = zkmargin_verifier_solidity::rollup::word(rho(&trapdoor, &proof));
    let mut referees = Referees::new(&trapdoor.key());
    let hash = "uint256 rho = uint128(uint256(keccak256(abi.encodePacked(id, s, v, proof))));";
    let trap = format!("{hash} if (rho == {expected}) revert IVerifier.InputOutOfRange(99);");
    with_bug(&mut referees, &trapdoor, hash, &trap);
    let data = verify_call(s, v, &proof).unwrap().abi_encode();
    let Err(CallError::Reverted { reason: ContractError::Verifier(reason), .. }) = referees.raw(data) else {
        panic!("rho differs");
    };
    assert!(
        matches!(reason, IVerifierErrors::InputOutOfRange(e) if e.index == revm::primitives::U256::from(99))
    );
}

/// With delta = gamma, C absorbs any change of the inputs: a proof of one statement gives one of any
/// other. The same verifier accepts it, so the key is what has to be refused (tests in `keys`).
#[test]
fn a_key_with_delta_equal_to_gamma_would_accept_any_statement() {
    use ark_ec::CurveGroup;
    let mut trapdoor = Trapdoor::new(false);
    trapdoor.delta = trapdoor.gamma;
    let (s, v) = inputs();
    let proof = trapdoor.prove(s, v, Errors::default());
    let key = trapdoor.key();
    // (v - v')·K2 moves from the inputs' side into C, with public points only.
    let other = v + Fr::from(1000u64);
    let forged = Proof { c: (key.k[2] * (v - other) + proof.c).into_affine(), ..proof };
    let good = Trapdoor::new(false);
    let mut referees = Referees::new(&good.key());
    let source = export_verifier(&good.key()).unwrap();
    let broken = source
        .replace(&hex_words(&good.key().delta_g2), &hex_words(&key.delta_g2))
        .replace("KeyChecks.check(KEY);", "");
    let artefact = compiler::compile("Broken.sol", &broken);
    let code = artefact.creation_code("InsecureDevelopmentVerifier").unwrap();
    referees.verifier = referees.evm.deploy(SENDER, &code, &[]).unwrap();
    referees.contract(s, v, &proof).unwrap();
    referees.contract(s, other, &forged).unwrap();
}

/// A point as the exported source writes it.
fn hex_words(point: &ark_bn254::G2Affine) -> String {
    let bytes = zkmargin_groth16::encoding::g2_to_bytes(point);
    let words: Vec<String> =
        bytes.chunks(32).map(|word| format!("hex\"{}\"", revm::primitives::hex::encode(word))).collect();
    words.join("\n        ")
}
