//! The committed artefact comes from the committed sources, and the Rust interfaces fit it.

use crate::compiler;
use alloy_sol_types::{SolError, SolEvent, SolInterface, SolValue};
use serde_json::Value;
use std::collections::BTreeSet;
use zkmargin_verifier_solidity::abi::IMarginRollup::{
    BatchApplied, BatchCommitted, CommitsLapsed, Configured, Deposited, ProposalCancelled, Proposed,
    Withdrawn,
};
use zkmargin_verifier_solidity::abi::IVerifier::PrecompileAnswer;
use zkmargin_verifier_solidity::abi::{IMarginRollup, IVerifier, KeyChecks};
use zkmargin_verifier_solidity::artefact::Artefact;

#[test]
fn committed_artefact_comes_from_the_sources() {
    compiler::check_committed();
    assert!(Artefact::committed().unwrap().compiler.starts_with("0.8.37+"));
}

/// Signatures of a kind (`error`, `function`, `event`) in a contract's ABI.
fn compiled(contract: &str, kind: &str) -> BTreeSet<String> {
    let artefact = Artefact::committed().unwrap();
    let entries = artefact.contracts[contract].abi.as_array().unwrap().clone();
    let of_kind = entries.iter().filter(|entry| entry["type"] == kind);
    of_kind.map(|entry| format!("{}{}", entry["name"].as_str().unwrap(), tuple(&entry["inputs"]))).collect()
}

/// Types of a parameter list; structs are tuples, as in the signatures that selectors hash.
fn tuple(parameters: &Value) -> String {
    let types = parameters.as_array().unwrap().iter().map(|parameter| {
        let name = parameter["type"].as_str().unwrap();
        match name.strip_prefix("tuple") {
            Some(suffix) => tuple(&parameter["components"]) + suffix,
            None => name.to_string(),
        }
    });
    format!("({})", types.collect::<Vec<_>>().join(","))
}

fn ours<I: SolInterface>(signature: impl Fn([u8; 4]) -> Option<&'static str>) -> BTreeSet<String> {
    I::selectors().map(|selector| signature(selector).unwrap().to_string()).collect()
}

#[test]
fn interfaces_in_rust_are_those_of_the_contracts() {
    use IMarginRollup::{IMarginRollupCalls as Calls, IMarginRollupErrors as Errors};
    use IVerifier::{IVerifierCalls, IVerifierErrors};
    use KeyChecks::KeyChecksErrors;
    let libraries =
        ["ReentrancyGuardReentrantCall()", "SafeERC20FailedOperation(address)"].map(str::to_string);
    let errors = ours::<Errors>(Errors::signature_by_selector);
    let all: BTreeSet<String> = errors.iter().cloned().chain(libraries).collect();
    assert_eq!(compiled("MarginRollup", "error"), all);
    assert!(ours::<Calls>(Calls::signature_by_selector).is_subset(&compiled("MarginRollup", "function")));
    let verifier = ours::<IVerifierErrors>(IVerifierErrors::signature_by_selector);
    assert_eq!(compiled("KeyedVerifier", "error"), verifier);
    let calls = ours::<IVerifierCalls>(IVerifierCalls::signature_by_selector);
    assert_eq!(compiled("KeyedVerifier", "function"), calls);
    // A key is checked with the pairing, too.
    let mut key_errors = ours::<KeyChecksErrors>(KeyChecksErrors::signature_by_selector);
    key_errors.insert(PrecompileAnswer::SIGNATURE.to_string());
    assert_eq!(compiled("Groth16Verifier", "error"), key_errors);
    let events = [
        Deposited::SIGNATURE,
        BatchApplied::SIGNATURE,
        BatchCommitted::SIGNATURE,
        CommitsLapsed::SIGNATURE,
        Proposed::SIGNATURE,
        ProposalCancelled::SIGNATURE,
        Configured::SIGNATURE,
        Withdrawn::SIGNATURE,
    ]
    .map(str::to_string);
    assert_eq!(compiled("MarginRollup", "event"), events.into_iter().collect());
}

#[test]
fn proof_is_twelve_words_in_calldata() {
    use alloy_sol_types::SolCall;
    use zkmargin_verifier_solidity::U256;
    let call = IVerifier::verifyCall { s: U256::ZERO, v: U256::ZERO, proof: [U256::ZERO; 12] };
    assert_eq!(call.abi_encode().len(), 4 + 14 * 32);
    assert_eq!(U256::ZERO.abi_encode().len(), 32);
}
