//! The stand-alone verifier: same verdicts, and a development key says what it is.

use crate::compiler;
use crate::trapdoor::{Errors, Referees, SENDER, Trapdoor};
use alloy_sol_types::SolCall;
use ark_bn254::Fr;
use zkmargin_groth16::KeyOrigin;
use zkmargin_verifier_solidity::abi::IVerifier::{insecureCall, keyIdCall, verifyCall};
use zkmargin_verifier_solidity::rollup::verify_call;
use zkmargin_verifier_solidity::{CallError, U256, export_verifier, key_id};

fn exported(merged: bool, origin: KeyOrigin) -> (Trapdoor, Referees, String) {
    let trapdoor = Trapdoor::new(merged);
    let mut key = trapdoor.key();
    key.origin = origin;
    let source = export_verifier(&key).unwrap();
    let name = if origin.is_insecure() { "InsecureDevelopmentVerifier" } else { "Verifier" };
    let code = compiler::compile("Verifier.sol", &source).creation_code(name).unwrap();
    let mut referees = Referees::new(&key);
    referees.verifier = referees.evm.deploy(SENDER, &code, &[]).unwrap();
    (trapdoor, referees, source)
}

fn ask(referees: &mut Referees, data: Vec<u8>) -> U256 {
    let outcome = referees.evm.simulate(SENDER, referees.verifier, data).unwrap();
    U256::from_be_slice(&outcome.output)
}

#[test]
fn development_keys_are_marked() {
    let (_, mut referees, source) = exported(true, KeyOrigin::InsecureDevelopment);
    assert!(source.contains("contract InsecureDevelopmentVerifier is IVerifier"));
    assert!(source.contains("bool public constant INSECURE = true"));
    assert_eq!(ask(&mut referees, insecureCall {}.abi_encode()), U256::from(1));
    let (_, mut referees, source) = exported(true, KeyOrigin::Ceremony);
    assert!(source.contains("contract Verifier is IVerifier"));
    assert!(!source.to_lowercase().contains("insecuredevelopment"));
    assert_eq!(ask(&mut referees, insecureCall {}.abi_encode()), U256::ZERO);
}

#[test]
fn gives_the_verdicts_of_the_deployed_verifier() {
    for merged in [true, false] {
        let (mut trapdoor, mut referees, _) = exported(merged, KeyOrigin::Ceremony);
        let id = key_id(referees.native.key()).unwrap();
        assert_eq!(ask(&mut referees, keyIdCall {}.abi_encode()), U256::from_be_slice(&id));
        let (s, v) = (Fr::from(1u64), Fr::from(2u64));
        let proof = trapdoor.prove(s, v, Errors::default());
        referees.contract(s, v, &proof).unwrap();
        let good = verify_call(s, v, &proof).unwrap();
        for index in 0..12 {
            let mut call = verifyCall { ..good.clone() };
            call.proof[index] ^= U256::from(2);
            assert!(matches!(referees.raw(call.abi_encode()), Err(CallError::Reverted { .. })));
        }
        let longer = [good.abi_encode(), vec![0]].concat();
        assert!(matches!(referees.raw(longer), Err(CallError::Reverted { .. })));
        for errors in [Errors { main: s, knowledge: Fr::from(0u64) }, Errors { main: -s, knowledge: s }] {
            let proof = trapdoor.prove(s, v, errors);
            assert!(referees.contract(s, v, &proof).is_err());
        }
    }
}

#[test]
fn export_is_deterministic_and_has_no_imports() {
    let key = Trapdoor::new(false).key();
    let source = export_verifier(&key).unwrap();
    assert_eq!(source, export_verifier(&key).unwrap());
    assert!(!source.lines().any(|line| line.starts_with("import ")));
    assert_eq!(source.matches("pragma solidity").count(), 1);
    assert!(!source.contains("{{"));
}
