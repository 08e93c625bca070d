//! The law's own bytes: a native batch, published by `circuits`, is what the contract expects.

use crate::horner::{Circuit, NOW, TRADER, deployment};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use std::collections::BTreeMap;
use zkmargin_circuits::executor::{BatchContext, Executor};
use zkmargin_circuits::gadgets::signature::SecretKey;
use zkmargin_circuits::kinds::{Capacities, Trace};
use zkmargin_circuits::ops::action::{Action, Item, Lane, SignatureCheck, WithdrawItem};
use zkmargin_circuits::ops::deposit::Deposit;
use zkmargin_circuits::ops::{Domain, Op};
use zkmargin_circuits::publication;
use zkmargin_circuits::state::{Genesis, Mode, State};
use zkmargin_groth16::KnowledgeBase;
use zkmargin_verifier_solidity::{
    Address, Batch, Deployment, ListCapacities, Rollup, Shape, U256, key_id, statement,
};

const SHAPE: u32 = 3;
const RECIPIENT: [u8; 20] = [0xee; 20];

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

fn lists(c: &Capacities) -> ListCapacities {
    ListCapacities {
        deposits: c["deposits"],
        accounts: c.accounts(),
        positions: c["positions"],
        withdrawals: c["withdrawals"],
        others: c["transfers"] + c["orders"] + c["markets"],
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
        let config = Fr::from_be_bytes_mod_order(&deployment().config_digest);
        let owner = key.public_key();
        let genesis = Genesis {
            fee_owner: owner,
            pool_owner: owner,
            markets: BTreeMap::new(),
            time: NOW - 100,
            config,
        };
        let state = State::genesis(genesis).unwrap();
        let lists = lists(&capacities());
        let count =
            10 + 3 * lists.deposits + lists.accounts + lists.positions + lists.withdrawals + lists.others;
        let circuit = Circuit::new(count, KnowledgeBase::Gamma);
        let shape = Shape::new(SHAPE, circuit.key.verifying_key(), &lists).unwrap();
        let deployment = Deployment { genesis_root: state.root(), ..deployment() };
        let rollup = Rollup::deploy(&deployment, &[shape]).unwrap();
        let domain = Domain { chain_id: deployment.chain_id, contract: rollup.contract.into_array() };
        Exchange { rollup, state: Some(state), circuit, domain }
    }

    /// Runs the ops natively, publishes and proves their bytes, applies them on the contract.
    fn apply(&mut self, ops: &[Op]) -> Vec<u8> {
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
        let published = self.published(&trace);
        let batch = Batch {
            shape_id: SHAPE,
            new_root: trace.new_root,
            time: NOW,
            deposits_after: trace.new_globals.deposits,
        };
        let (header, lists) = published.split_at(310);
        // Two encoders and the contract: all three have to say the same.
        assert_eq!(self.rollup.header(&batch).unwrap().elements().concat(), header);
        let proof = self.circuit.prove(&published);
        self.rollup.apply_batch(&batch, lists, &proof).unwrap();
        assert_eq!(self.rollup.root().unwrap(), trace.new_root);
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

    let c = lists(&capacities());
    let start = 31 * (3 * c.deposits + c.accounts + c.positions);
    exchange.rollup.withdraw(2, 0, &lists_bytes[start..start + 31 * c.withdrawals]).unwrap();
    let paid = exchange.rollup.balance(Address::from(RECIPIENT)).unwrap();
    assert_eq!(paid, U256::from(1_234));
}
