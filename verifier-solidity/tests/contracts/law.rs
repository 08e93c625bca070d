//! The law's own bytes: a native batch, published by `circuits`, is what the contract expects.

use crate::compiler;
use crate::horner::{Circuit, NOW, TRADER, deployment};
use crate::rollup::reason;
use ark_bn254::Fr;
use ark_ff::PrimeField;
use std::collections::BTreeMap;
use zkmargin_circuits::executor::{BatchContext, Executor};
use zkmargin_circuits::gadgets::signature::SecretKey;
use zkmargin_circuits::kinds::{Capacities, Trace};
use zkmargin_circuits::ops::action::{Action, Item, Lane, SignatureCheck, WithdrawItem};
use zkmargin_circuits::ops::deposit::Deposit;
use zkmargin_circuits::ops::{Domain, Op};
use zkmargin_circuits::publication::{
    self, ELEMENT_BYTES, HEADER_ELEMENTS, ListPlaces, element_count, offset,
};
use zkmargin_circuits::state::{Genesis, Mode, State};
use zkmargin_groth16::{KnowledgeBase, VerifyingKey};
use zkmargin_verifier_solidity::abi::IVerifier::IVerifierErrors;
use zkmargin_verifier_solidity::artefact::Artefact;
use zkmargin_verifier_solidity::{
    Address, Batch, ContractError, Deployment, Rollup, Shape, U256, key_id, statement,
};

const SHAPE: u32 = 3;
const RECIPIENT: [u8; 20] = [0xee; 20];
const HEADER_BYTES: usize = HEADER_ELEMENTS * ELEMENT_BYTES;

/// Small lists, each of another length.
fn capacities() -> Capacities {
    let lists = [
        ("withdrawals", 3),
        ("transfers", 2),
        ("cross_accounts", 6),
        ("isolated_accounts", 2),
        ("positions", 5),
        ("orders", 7),
        ("nodes", 200),
    ];
    lists.into_iter().fold(Capacities::all(4), |all, (name, rows)| all.with(name, rows))
}

/// The shape as it has to be registered.
fn shape(key: &VerifyingKey) -> Shape<'_> {
    let places = ListPlaces::of(&capacities());
    let narrow = |value: usize| u16::try_from(value).unwrap();
    Shape {
        id: SHAPE,
        key,
        elements: narrow(places.element_count),
        deposit_capacity: narrow(places.deposit_capacity),
        withdrawal_start: narrow(places.withdrawal_start),
        withdrawal_capacity: narrow(places.withdrawal_capacity),
        configuration_capacity: narrow(places.configuration_capacity),
    }
}

/// The contract, the state that it stands for, and the circuit of the bytes.
struct Exchange {
    rollup: Rollup,
    state: Option<State>,
    circuit: Circuit,
    domain: Domain,
}

impl Exchange {
    fn new(key: &SecretKey) -> Self {
        Self::with(key, &Artefact::committed().unwrap(), |_| ())
    }

    /// An exchange whose shape is registered with changes, on the contracts of `artefact`.
    fn with(key: &SecretKey, artefact: &Artefact, change: impl Fn(&mut Shape<'_>)) -> Self {
        let config = Fr::from_be_bytes_mod_order(&deployment().config_digest);
        let owner = key.public_key();
        let genesis = Genesis {
            fee_owner: owner,
            markets: BTreeMap::new(),
            pools: 0,
            time: NOW - 100,
            config,
            signers: Vec::new(),
        };
        let state = State::genesis(genesis).unwrap();
        let circuit = Circuit::new(element_count(&capacities()), KnowledgeBase::Gamma);
        let mut shape = shape(circuit.key.verifying_key());
        change(&mut shape);
        let deployment = Deployment { genesis_root: state.root(), ..deployment() };
        let rollup = Rollup::deploy_from(artefact, &deployment, &[shape]).unwrap();
        let domain = Domain { chain_id: deployment.chain_id, contract: rollup.contract.into_array() };
        Exchange { rollup, state: Some(state), circuit, domain }
    }

    /// Runs the ops natively and publishes their bytes.
    fn run(&mut self, ops: &[Op]) -> (Batch, Vec<u8>) {
        let context = BatchContext {
            time: NOW,
            domain: self.domain,
            capacities: capacities(),
            signatures: SignatureCheck::Verify,
        };
        let mut executor = Executor::begin(self.state.take().unwrap(), context).unwrap();
        executor.apply_all(ops).unwrap();
        let (state, trace) = executor.finish().unwrap();
        self.state = Some(state);
        let batch = Batch {
            shape_id: SHAPE,
            new_root: trace.new_root,
            time: NOW,
            deposits_after: trace.new_globals.deposits,
        };
        (batch, self.published(&trace))
    }

    /// Runs the ops natively, publishes and proves their bytes, applies them on the contract.
    fn apply(&mut self, ops: &[Op]) -> Vec<u8> {
        let (batch, published) = self.run(ops);
        let (header, lists) = published.split_at(HEADER_BYTES);
        // Two encoders and the contract: all three have to say the same.
        assert_eq!(self.rollup.header(&batch).unwrap().elements().concat(), header);
        let proof = self.circuit.prove(&published);
        self.rollup.apply_batch(&batch, lists, &proof).unwrap();
        assert_eq!(self.rollup.root().unwrap(), batch.new_root);
        lists.to_vec()
    }

    fn published(&self, trace: &Trace) -> Vec<u8> {
        let key_id = key_id(self.circuit.key.verifying_key()).unwrap();
        let deployment = publication::Deployment { shape_id: SHAPE, key_id };
        let elements = publication::elements(trace, &capacities(), &deployment).unwrap();
        let bytes = publication::publish(&elements);
        assert_eq!(publication::digest(&bytes), statement::digest(&bytes));
        bytes
    }
}

/// The elements of published lists that a contract takes for the withdrawals.
fn withdrawals(lists: &[u8], start: usize, capacity: usize) -> &[u8] {
    let start = (start - HEADER_ELEMENTS) * ELEMENT_BYTES;
    &lists[start..start + capacity * ELEMENT_BYTES]
}

#[test]
fn deposit_and_withdrawal_pass_through_the_law() {
    let key = SecretKey::from_seed(&[7; 32]);
    let owner = key.public_key();
    let mut exchange = Exchange::new(&key);
    for amount in [5_000_000, 41] {
        exchange.rollup.deposit(TRADER, (owner.x, owner.y), 0, amount).unwrap();
    }
    let deposit = |amount| Op::Deposit(Deposit { account: 0, owner, mode: Mode::Cross, amount });
    exchange.apply(&[deposit(5_000_000), deposit(41)]);
    assert_eq!(exchange.rollup.cursors().unwrap().deposits_applied, 2);

    let account = zkmargin_circuits::params::FIRST_USER_ACCOUNT;
    let withdraw = Item::Withdraw(WithdrawItem { amount: 1_234, recipient: RECIPIENT });
    let mut action = Action {
        account,
        lane: Lane::Orders,
        strict: true,
        nonce: 1,
        items: vec![withdraw],
        signature: key.sign(Fr::from(0u64)),
    };
    action.signature = key.sign(action.message(&exchange.domain).hash);
    let lists_bytes = exchange.apply(&[Op::Action(Box::new(action))]);

    let places = ListPlaces::of(&capacities());
    let list = withdrawals(&lists_bytes, places.withdrawal_start, places.withdrawal_capacity);
    exchange.rollup.withdraw(2, 0, list).unwrap();
    let paid = exchange.rollup.balance(Address::from(RECIPIENT)).unwrap();
    assert_eq!(paid, U256::from(1_234));
}

/// A shape registered with one wrong number, of those that the constructor cannot know to be wrong.
const WRONG_PLACES: [fn(&mut Shape<'_>); 7] = [
    |shape| shape.configuration_capacity -= 1,
    |shape| shape.deposit_capacity -= 1,
    |shape| shape.deposit_capacity += 1,
    |shape| shape.withdrawal_start = offset("flat_accounts", &capacities()) as u16,
    |shape| shape.withdrawal_start += 1,
    |shape| shape.withdrawal_capacity -= 1,
    |shape| shape.withdrawal_capacity += 1,
];

/// A batch whose deposit makes a cross account without positions: enough to pay what that account's element is as a withdrawal.
fn deposited(exchange: &mut Exchange, key: &SecretKey) -> (Batch, Vec<u8>) {
    let owner = key.public_key();
    let amount = 1 << 50;
    exchange.rollup.deposit(TRADER, (owner.x, owner.y), 0, amount).unwrap();
    exchange.run(&[Op::Deposit(Deposit { account: 0, owner, mode: Mode::Cross, amount })])
}

#[test]
fn refuses_honest_proofs_where_the_lists_are_registered_elsewhere() {
    let key = SecretKey::from_seed(&[7; 32]);
    let artefact = Artefact::committed().unwrap();
    for (case, change) in WRONG_PLACES.iter().enumerate() {
        let mut exchange = Exchange::with(&key, &artefact, change);
        let (batch, published) = deposited(&mut exchange, &key);
        let proof = exchange.circuit.prove(&published);
        let lists = &published[HEADER_BYTES..];
        let refused = reason(exchange.rollup.apply_batch(&batch, lists, &proof));
        assert!(
            matches!(refused, ContractError::Verifier(IVerifierErrors::ProofRejected(_))),
            "case {case}: {refused:?}"
        );
        // The same proof, where the shape is registered as it is.
        let mut right = Exchange::new(&key);
        assert_eq!(right.rollup.contract, exchange.rollup.contract);
        deposited(&mut right, &key);
        right.rollup.apply_batch(&batch, lists, &proof).unwrap();
    }
}

/// Without the lists' places in element 2, circuit and contract agree on a header, wherever the contract looks.
#[test]
fn a_header_without_list_places_would_pay_from_another_list() {
    let artefact = compiler::compile_with_bug(
        "MarginRollup.sol",
        "batch: number,
            depositCapacity: shape.depositCapacity,
            withdrawalStart: shape.withdrawalStart,
            withdrawalCapacity: shape.withdrawalCapacity,
            configurationCapacity: shape.configurationCapacity",
        "batch: number, depositCapacity: 0, withdrawalStart: 0, withdrawalCapacity: 0, configurationCapacity: 0",
    );
    let key = SecretKey::from_seed(&[7; 32]);
    let applied = |change: &dyn Fn(&mut Shape<'_>)| {
        let mut exchange = Exchange::with(&key, &artefact, change);
        let (batch, mut published) = deposited(&mut exchange, &key);
        // Bits 168 to 231 of element 2: a circuit with that header has no such constants.
        published[2 * ELEMENT_BYTES + 2..2 * ELEMENT_BYTES + 10].fill(0);
        let proof = exchange.circuit.prove(&published);
        let lists = published.split_off(HEADER_BYTES);
        exchange.rollup.apply_batch(&batch, &lists, &proof).unwrap();
        (exchange.rollup, lists)
    };
    for change in WRONG_PLACES {
        applied(&change);
    }
    // An account's element, taken for a withdrawal, pays 2^40 and more.
    let accounts = offset("flat_accounts", &capacities());
    let (mut rollup, lists) = applied(&|shape| shape.withdrawal_start = accounts as u16);
    let list = withdrawals(&lists, accounts, capacities()["withdrawals"]);
    rollup.withdraw(1, 0, list).unwrap();
    let recipient = Address::from_slice(&list[11..31]);
    assert!(rollup.balance(recipient).unwrap() >= U256::from(1u64 << 40));
}
