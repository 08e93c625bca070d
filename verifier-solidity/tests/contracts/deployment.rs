//! What the rollup's constructor refuses, and tokens that do not deliver what they were asked for.

use crate::horner::{Bed, NOW, TRADER, deploy, deployment, owner, shape};
use crate::rollup::{reason, refused};
use alloy_sol_types::{SolCall, SolValue};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use zkmargin_verifier_solidity::abi::IMarginRollup::{IMarginRollupErrors as Reason, depositCall};
use zkmargin_verifier_solidity::abi::{DeploymentEntry, IMockERC20};
use zkmargin_verifier_solidity::artefact::Artefact;
use zkmargin_verifier_solidity::rollup::word;
use zkmargin_verifier_solidity::{
    Address, CallError, ContractError, Deployment, Evm, Rollup, RollupError, Shape, U256,
};

/// An exchange without shapes on a fresh chain, with a token that keeps `fee` of each transfer.
fn bare(fee: u64, change: impl Fn(&mut DeploymentEntry)) -> Result<(Evm, Address, Address), CallError> {
    let artefact = Artefact::committed().unwrap();
    let mut evm = Evm::new(1, NOW);
    let code = artefact.creation_code("MockERC20").unwrap();
    let token = evm.deploy(TRADER, &code, &U256::from(fee).abi_encode())?;
    let mut entry = DeploymentEntry {
        token,
        operator: TRADER,
        genesisRoot: U256::from(1),
        genesisTime: U256::from(NOW).to(),
        configDigest: U256::from(2).to(),
        markets: 1,
        allowInsecureKey: false,
        shapes: vec![],
    };
    change(&mut entry);
    let code = artefact.creation_code("MarginRollup").unwrap();
    let contract = evm.deploy(TRADER, &code, &entry.abi_encode())?;
    Ok((evm, token, contract))
}

fn bare_reason(change: impl Fn(&mut DeploymentEntry)) -> Reason {
    refused(bare(0, change).map(|(_, _, contract)| contract).map_err(RollupError::from))
}

#[test]
fn constructor_refuses_impossible_values() {
    bare(0, |_| ()).unwrap();
    let r = U256::from_limbs(Fr::MODULUS.0);
    assert!(matches!(bare_reason(|entry| entry.genesisRoot = r), Reason::RootOutOfRange(_)));
    let later = U256::from(NOW + 1).to();
    assert!(matches!(bare_reason(|entry| entry.genesisTime = later), Reason::TimeOutOfOrder(_)));
    assert!(matches!(bare_reason(|entry| entry.operator = Address::ZERO), Reason::DeploymentInvalid(_)));
    assert!(matches!(bare_reason(|entry| entry.token = TRADER), Reason::DeploymentInvalid(_)));
}

/// A token that takes a fee would leave less collateral than the queue promises.
#[test]
fn deposit_refuses_tokens_that_take_a_fee() {
    for (fee, good) in [(0, true), (1, false)] {
        let (mut evm, token, contract) = bare(fee, |_| ()).unwrap();
        let amount = U256::from(100);
        evm.call(TRADER, token, IMockERC20::mintCall { to: TRADER, amount }.abi_encode()).unwrap();
        let approve = IMockERC20::approveCall { spender: contract, amount };
        evm.call(TRADER, token, approve.abi_encode()).unwrap();
        let (x, y) = (word(owner().0), word(owner().1));
        let result = evm.call(TRADER, contract, depositCall { x, y, mode: 0, amount }.abi_encode());
        match result.map_err(RollupError::from) {
            Ok(_) => assert!(good),
            error => assert!(matches!(refused(error), Reason::DepositReceived(_)) && !good),
        }
    }
}

/// Without an allowance the token's own refusal comes through, and the queue stays as it was.
#[test]
fn deposit_without_allowance_changes_nothing() {
    let mut bed = Bed::new();
    let (x, y) = (word(owner().0), word(owner().1));
    let call = depositCall { x, y, mode: 0, amount: U256::from(5) };
    let to = bed.rollup.contract;
    assert!(matches!(reason(bed.rollup.send(TRADER, to, &call)), ContractError::Other(_)));
    assert_eq!(bed.rollup.cursors().unwrap().deposits_queued, 0);
}

#[test]
fn constructor_refuses_development_keys_without_the_flag() {
    let bed = Bed::new();
    let strict = Deployment { allow_insecure_key: false, ..deployment() };
    let reason = refused(deploy(&bed.circuit.key, &strict).map(|rollup| rollup.contract));
    assert!(matches!(reason, Reason::InsecureKey(_)), "{reason:?}");
}

#[test]
fn constructor_refuses_shapes_whose_lists_overlap() {
    let bed = Bed::new();
    let good = shape(&bed.circuit.key);
    let twice = [good, good];
    let bad = [
        &[Shape { withdrawal_start: 81, ..good }][..],
        &[Shape { elements: 217, ..good }],
        &[Shape { withdrawal_capacity: 257, elements: 600, ..good }],
        &twice,
    ];
    for shapes in bad {
        let result = Rollup::deploy(&deployment(), shapes).map(|rollup| rollup.contract);
        assert!(matches!(refused(result), Reason::ShapeInvalid(_)));
    }
    let ends_together = Shape { withdrawal_start: 82, elements: 106, ..good };
    Rollup::deploy(&deployment(), &[ends_together]).unwrap();
}
