//! What the rollup's constructor refuses, and tokens that do not deliver what they were asked for.

use crate::horner::{Bed, NOW, TRADER, deploy, deployment, owner, shape};
use crate::rollup::{reason, refused};
use crate::stub::{REVERTS, answering, creation};
use crate::trapdoor::Trapdoor;
use alloy_sol_types::{SolCall, SolValue};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use zkmargin_verifier_solidity::abi::IMarginRollup::{IMarginRollupErrors as Reason, depositCall};
use zkmargin_verifier_solidity::abi::{DeploymentEntry, IMockERC20, ShapeEntry};
use zkmargin_verifier_solidity::artefact::Artefact;
use zkmargin_verifier_solidity::rollup::word;
use zkmargin_verifier_solidity::{
    Address, CallError, ContractError, DEFAULT_CONFIG_DELAY, DEFAULT_LAG, Deployment, Evm, Rollup,
    RollupError, Shape, SolidityKey, U256,
};

/// Decimals of the token of most tests.
const DECIMALS: u8 = 6;

/// An exchange with one shape on a fresh chain, with a token that keeps `fee` of each transfer.
fn bare(fee: u64, change: impl Fn(&mut DeploymentEntry)) -> Result<(Evm, Address, Address), CallError> {
    let mut evm = Evm::new(1, NOW);
    let token = mock_token(&mut evm, fee, DECIMALS)?;
    let contract = deploy_on(&mut evm, token, change)?;
    Ok((evm, token, contract))
}

fn mock_token(evm: &mut Evm, fee: u64, decimals: u8) -> Result<Address, CallError> {
    let code = Artefact::committed().unwrap().creation_code("MockERC20").unwrap();
    evm.deploy(TRADER, &code, &(U256::from(fee), U256::from(decimals)).abi_encode())
}

/// The contract on a token that is there, after `change` of its arguments.
fn deploy_on(
    evm: &mut Evm,
    token: Address,
    change: impl Fn(&mut DeploymentEntry),
) -> Result<Address, CallError> {
    let artefact = Artefact::committed().unwrap();
    let key = SolidityKey::new(&Trapdoor::new(true).key()).unwrap();
    let code = artefact.creation_code("Groth16Verifier").unwrap();
    let verifier = evm.deploy(TRADER, &code, &key.deployment_arguments())?;
    let shape = ShapeEntry {
        id: 1,
        verifier,
        elements: 24,
        depositCapacity: 1,
        withdrawalStart: 13,
        withdrawalCapacity: 1,
        configurationCapacity: 1,
    };
    let mut entry = DeploymentEntry {
        token,
        operator: TRADER,
        governor: Address::ZERO,
        configDelay: U256::from(DEFAULT_CONFIG_DELAY).to(),
        genesisRoot: U256::from(1),
        genesisTime: U256::from(NOW).to(),
        lag: U256::from(DEFAULT_LAG).to(),
        configDigest: U256::from(2).to(),
        markets: 1,
        pools: 1,
        allowInsecureKey: true,
        shapes: vec![shape],
    };
    change(&mut entry);
    let code = artefact.creation_code("MarginRollup").unwrap();
    evm.deploy(TRADER, &code, &entry.abi_encode())
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
    for lag in [0, 59, 901, (1u64 << 40) - 1] {
        let reason = bare_reason(|entry| entry.lag = U256::from(lag).to());
        assert!(matches!(reason, Reason::LagOutOfRange(error) if error.lag.to::<u64>() == lag), "{lag}");
    }
    for lag in [60u64, 900] {
        bare(0, |entry| entry.lag = U256::from(lag).to()).unwrap();
    }
    assert!(matches!(bare_reason(|entry| entry.operator = Address::ZERO), Reason::DeploymentInvalid(_)));
    assert!(matches!(bare_reason(|entry| entry.token = TRADER), Reason::DeploymentInvalid(_)));
}

/// Market ids are the circuit's: a deposit for a market that no state can have would stop the queue.
#[test]
fn constructor_refuses_markets_without_a_place_in_the_tree() {
    let last = zkmargin_circuits::params::MARKETS_MAX - 1;
    bare(0, |entry| (entry.markets, entry.pools) = (last, last)).unwrap();
    for (markets, pools) in [(last, last + 1), (1, u16::MAX), (2, 1)] {
        let reason = bare_reason(|entry| (entry.markets, entry.pools) = (markets, pools));
        assert!(
            matches!(reason, Reason::TooManyMarkets(error) if (error.markets, error.pools) == (markets, pools))
        );
    }
}

/// Nobody could leave before a change of tomorrow; nobody would wait for one of next year.
#[test]
fn constructor_refuses_delays_that_are_too_short_or_too_long() {
    const DAY: u64 = 86_400;
    for delay in [7 * DAY, 90 * DAY] {
        bare(0, |entry| entry.configDelay = U256::from(delay).to()).unwrap();
    }
    for delay in [0, 7 * DAY - 1, 90 * DAY + 1] {
        let reason = bare_reason(|entry| entry.configDelay = U256::from(delay).to());
        let is_it =
            matches!(reason, Reason::ConfigDelayOutOfRange(error) if error.configDelay.to::<u64>() == delay);
        assert!(is_it, "{delay}");
    }
}

/// Deposits of a contract without shapes could never be credited or paid out.
#[test]
fn constructor_refuses_no_shapes() {
    assert!(matches!(bare_reason(|entry| entry.shapes.clear()), Reason::NoShapes(_)));
}

#[test]
fn constructor_refuses_a_verifier_without_code() {
    for verifier in [Address::ZERO, TRADER] {
        let reason = bare_reason(|entry| entry.shapes[0].verifier = verifier);
        assert!(matches!(reason, Reason::ShapeInvalid(error) if error.id == 1), "{verifier}");
    }
}

/// What the constructor says to a token.
fn token_reason(token: impl Fn(&mut Evm) -> Address) -> Result<(), Reason> {
    let mut evm = Evm::new(1, NOW);
    let token = token(&mut evm);
    match deploy_on(&mut evm, token, |_| ()) {
        Ok(_) => Ok(()),
        error => Err(refused(error.map_err(RollupError::from))),
    }
}

#[test]
fn constructor_refuses_tokens_with_too_many_decimals() {
    let with = |decimals| token_reason(|evm| mock_token(evm, 0, decimals).unwrap());
    for decimals in [0, DECIMALS, 9] {
        assert_eq!(with(decimals), Ok(()), "{decimals}");
    }
    for decimals in [10, 18, u8::MAX] {
        let reason = with(decimals).unwrap_err();
        let Reason::TokenDecimals(error) = reason else { panic!("{decimals}: {reason:?}") };
        assert_eq!(error.decimals, U256::from(decimals));
    }
}

/// Tokens whose `decimals()` reverts, gives nothing, or gives a byte less than a word.
#[test]
fn constructor_refuses_tokens_that_do_not_say_their_decimals() {
    let answers: [&[u8]; 3] = [&REVERTS, &answering(0), &answering(31)];
    for code in answers {
        let reason = token_reason(|evm| evm.deploy(TRADER, &creation(code), &[]).unwrap()).unwrap_err();
        assert!(matches!(reason, Reason::TokenDecimals(error) if error.decimals == U256::MAX), "{code:?}");
    }
    // A word of zeros is an answer.
    let code = creation(&answering(32));
    assert_eq!(token_reason(|evm| evm.deploy(TRADER, &code, &[]).unwrap()), Ok(()));
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
        &[Shape { elements: 231, ..good }],
        &[Shape { withdrawal_capacity: 257, elements: 600, ..good }],
        &twice,
    ];
    for shapes in bad {
        let result = Rollup::deploy(&deployment(), shapes).map(|rollup| rollup.contract);
        assert!(matches!(refused(result), Reason::ShapeInvalid(_)));
    }
    let ends_together = Shape { withdrawal_start: 82, elements: 120, ..good };
    Rollup::deploy(&deployment(), &[ends_together]).unwrap();
}
