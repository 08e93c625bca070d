//! Random batches: what the native half finishes the circuit proves, with any number of threads.

use std::collections::HashMap;

use ark_bn254::Fr;

use super::bench::{challenge, columns, failing};
use crate::batch::assembly::Witness;
use crate::batch::circuit_tests::{a_trade, deployment};
use crate::batch::compile::compile;
use crate::batch::layout::Circuit;
use crate::batch::native::tests::random::{Run, TRADERS, fund};
use crate::batch::native::tests::{domain, genesis, key};
use crate::batch::native::{BatchContext, Executor, Trace};
use crate::batch::shape::Shape;
use crate::batch::witness::witness;
use crate::gadgets::signature::{PublicKey, SecretKey};
use crate::ops::action::SignatureCheck;
use crate::ops::{Deposit, Op};
use crate::publication::elements;
use crate::state::{Mode, State};

const MARKETS: u16 = super::super::native::tests::random::MARKETS;
/// Ops tried for each batch; most do not fit or are refused.
const TRIES: usize = 150;

/// Secret keys of all owners.
struct Keys(HashMap<[u8; 64], SecretKey>);

fn bytes(point: &PublicKey) -> [u8; 64] {
    use ark_ff::{BigInteger, PrimeField};
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&point.x.into_bigint().to_bytes_le());
    bytes[32..].copy_from_slice(&point.y.into_bigint().to_bytes_le());
    bytes
}

impl Keys {
    fn new() -> Self {
        let numbers = [1, 2].into_iter().chain(10..10 + TRADERS as u8);
        Self(numbers.map(|number| (bytes(&key(number).public_key()), key(number))).collect())
    }

    /// The op with its signature, if it is an action of an account that there is.
    fn signed(&self, executor: &Executor, op: Op) -> Op {
        let Op::Action(mut action) = op else { return op };
        if let Ok(view) = executor.account(action.account) {
            let hash = action.message(&domain()).hash;
            action.signature = self.0[&bytes(&view.owner)].sign(hash);
        }
        Op::Action(action)
    }
}

/// One batch of random ops within the shape's capacities.
fn batch(run: &mut Run, keys: &Keys, state: State, shape: &Shape) -> (State, Trace) {
    let time = state.globals().time + 60;
    let (capacities, signatures) = (shape.capacities, SignatureCheck::Verify);
    let context = BatchContext { time, domain: domain(), capacities, signatures };
    let mut executor = Executor::begin(state, context).unwrap();
    for op in run.ticks() {
        // More markets than fit: the first ones.
        let _ = executor.apply(&op);
    }
    for _ in 0..TRIES {
        let op = run.op(&executor);
        let op = keys.signed(&executor, op);
        if op != Op::CollectFees
            && let Ok(applied) = executor.apply(&op)
        {
            run.note(applied);
        }
    }
    let (state, trace) = executor.finish().unwrap_or_else(|unfinished| panic!("{unfinished}"));
    run.orders.retain(|id| state.order(*id).is_some());
    (state, trace)
}

/// The witness holds and publishes what the native half publishes.
fn assert_proven(circuit: &Circuit, shape: &Shape, trace: &Trace, what: &str) {
    let deployment = deployment(shape);
    let witness = witness(circuit, shape, trace, &deployment, true).unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(witness.elements(), elements(trace, &shape.capacities, &deployment).unwrap(), "{what}");
    let columns = columns(circuit, &witness, challenge());
    assert_eq!(failing(circuit, &columns), Vec::<String>::new(), "{what}");
}

fn run_batches(name: &str, seeds: u64, batches: u64) {
    let shape = Shape::named(name).unwrap();
    let circuit = compile(&shape);
    let keys = Keys::new();
    let mut rows = crate::batch::native::Rows::default();
    for seed in 0..seeds {
        let mut run = Run::new(seed);
        let mut state = fund(&mut run, genesis(MARKETS));
        for number in 0..batches {
            let trace;
            (state, trace) = batch(&mut run, &keys, state, &shape);
            assert_proven(&circuit, &shape, &trace, &format!("{name}, seed {seed}, batch {number}"));
            rows.fills.extend(trace.rows.fills);
            rows.cancels.extend(trace.rows.cancels);
            rows.withdrawals.extend(trace.rows.withdrawals);
            rows.transfers.extend(trace.rows.transfers);
            rows.liquidations.extend(trace.rows.liquidations);
        }
    }
    let counts = [rows.fills.len(), rows.cancels.len(), rows.withdrawals.len(), rows.transfers.len()];
    println!("{name}: fills, cancels, withdrawals, transfers {counts:?}, {}", rows.liquidations.len());
    assert!(rows.fills.len() as u64 >= seeds * batches / 4, "{counts:?}");
}

/// Batches of each shape; CI may ask for more with `ZKMARGIN_BATCHES`.
fn count(of_ten: u64) -> u64 {
    let batches = std::env::var("ZKMARGIN_BATCHES").ok().and_then(|text| text.parse().ok());
    (batches.unwrap_or(40u64) * of_ten).div_ceil(10)
}

#[test]
fn random_tiny_batches_are_provable() {
    run_batches("tiny", 2, count(8) / 2);
}

#[test]
fn random_demo_batches_are_provable() {
    run_batches("demo", 1, count(2));
}

/// A flat isolated account uses no slot: its market need not be opened.
#[test]
fn a_flat_isolated_account_is_provable() {
    let bench = super::bench::Bench::tiny(|executor| {
        let (owner, mode) = (key(11).public_key(), Mode::Isolated(1));
        let op = Op::Deposit(Deposit { account: 0, owner, mode, amount: 1_000 });
        executor.apply(&op).unwrap();
    });
    assert!(bench.trace.markets.is_empty());
    assert_proven(&bench.circuit, &bench.shape, &bench.trace, "a flat isolated account");
}

#[test]
fn any_number_of_threads_gives_one_witness() {
    let shape = Shape::named("tiny").unwrap();
    let circuit = compile(&shape);
    let (_, trace) = a_trade(shape.capacities);
    let parts = |witness: Witness<'_>| -> (Vec<Fr>, Vec<Fr>, (Fr, Vec<Fr>)) {
        (witness.committed().to_vec(), witness.elements().to_vec(), witness.derive(challenge()))
    };
    let over = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| parts(witness(&circuit, &shape, &trace, &deployment(&shape), true).unwrap()))
    };
    let one = over(1);
    for threads in [2, 8, 64] {
        assert!(over(threads) == one, "{threads} threads");
    }
}
