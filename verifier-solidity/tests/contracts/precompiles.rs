//! A chain without one of the curve's precompiles: a call of an empty account succeeds and gives nothing.

use crate::compiler;
use crate::stub::answering;
use crate::trapdoor::{Errors, Referees, SENDER, Trapdoor};
use alloy_sol_types::SolValue;
use ark_bn254::{Fr, G1Affine};
use ark_ec::AffineRepr;
use zkmargin_groth16::Proof;
use zkmargin_verifier_solidity::abi::IVerifier::IVerifierErrors;
use zkmargin_verifier_solidity::artefact::Artefact;
use zkmargin_verifier_solidity::rollup::deploy_verifier;
use zkmargin_verifier_solidity::{B256, CallError, ContractError, Evm, RollupError, SolidityKey, U256};

const ADD: u8 = 6;
const MUL: u8 = 7;
const PAIRING: u8 = 8;

/// The precompile and the length that a refusal names.
#[track_caller]
fn answer(error: CallError) -> (u8, usize) {
    match error {
        CallError::Reverted {
            reason: ContractError::Verifier(IVerifierErrors::PrecompileAnswer(error)),
            ..
        } => (error.precompile.to(), error.got.to()),
        other => panic!("expected a refusal of the answer, got {other:?}"),
    }
}

fn inputs() -> (Fr, Fr) {
    (Fr::from(3u64), Fr::from(4u64))
}

#[test]
fn verifier_refuses_answers_of_another_length() {
    for merged in [true, false] {
        let mut trapdoor = Trapdoor::new(merged);
        let (s, v) = inputs();
        let proof = trapdoor.prove(s, v, Errors::default());
        for (precompile, right) in [(ADD, 64), (MUL, 64), (PAIRING, 32)] {
            for length in [0, 1, right - 1, right + 1] {
                let mut referees = Referees::new(&trapdoor.key());
                referees.contract(s, v, &proof).unwrap();
                let code: &[u8] = if length == 0 { &[] } else { &answering(length) };
                referees.evm.replace_precompile(precompile, code);
                let Err(RollupError::Call(error)) = referees.contract(s, v, &proof) else {
                    panic!("{precompile}, {length}")
                };
                assert_eq!(answer(error), (precompile, usize::from(length)));
            }
        }
    }
}

#[test]
fn constructor_refuses_a_chain_without_the_pairing() {
    let key = SolidityKey::new(&Trapdoor::new(true).key()).unwrap();
    let arguments = (key.bytes().to_vec(), B256::ZERO, U256::ZERO, true).abi_encode_params();
    let code = Artefact::committed().unwrap().creation_code("Groth16Verifier").unwrap();
    let mut evm = Evm::new(1, 1);
    evm.replace_precompile(PAIRING, &[]);
    assert_eq!(answer(evm.deploy(SENDER, &code, &arguments).unwrap_err()), (PAIRING, 0));
}

/// What the length is compared for: where the pairing gives nothing, its input is read as its verdict, whose first
/// word is the abscissa of A.
#[test]
fn a_verifier_that_ignores_the_length_accepts_anything_without_the_pairing() {
    let bug =
        compiler::compile_with_bug("Groth16.sol", "if (answered != 0x20) _revertCall(ok, 8, answered);", "");
    let mut trapdoor = Trapdoor::new(true);
    let (s, v) = inputs();
    let other = trapdoor.prove(s, v + Fr::from(1u64), Errors::default());
    // The generator of G1 is (1, 2).
    let forged = Proof { a: G1Affine::generator(), ..other };
    let mut referees = Referees::new(&trapdoor.key());
    let key = SolidityKey::new(&trapdoor.key()).unwrap();
    for (artefact, accepted) in [(bug, true), (Artefact::committed().unwrap(), false)] {
        referees.evm = Evm::new(1, 1);
        referees.verifier = deploy_verifier(&mut referees.evm, &artefact, SENDER, &key).unwrap();
        referees.contract(s, v, &forged).unwrap_err();
        referees.evm.replace_precompile(PAIRING, &[]);
        assert_eq!(referees.contract(s, v, &forged).is_ok(), accepted);
    }
}
