//! Random batches: what the native half finishes the circuit proves, with any number of threads.

use std::collections::{BTreeMap, HashMap};

use ark_bn254::Fr;

use super::bench::challenge;
use crate::batch::assembly::Witness;
use crate::batch::compile::compile;
use crate::batch::layout::Circuit;
use crate::batch::shape::Shape;
use crate::batch::witness::witness;
use crate::executor::tests::random::{Run, fund};
use crate::executor::tests::world::World;
use crate::executor::tests::{begin, deposit, domain, genesis, item, key, place, signed};
use crate::executor::{Applied, BatchContext, Executor};
use crate::gadgets::signature::{PublicKey, SecretKey};
use crate::kinds::{Capacities, Trace};
use crate::ops::action::{ActionRecord, SignatureCheck};
use crate::ops::collect_fees::CollectFeesRecord;
use crate::ops::deposit::DepositRecord;
use crate::ops::transfer::TransferRecord;
use crate::ops::{Deposit, Fill, Item, Liquidate, Op, OrderItem, Taker, Tick, TransferItem, WithdrawItem};
use crate::publication::elements;
use crate::soundness::batches::{a_trade, deployment, finish, unsatisfied};
use crate::state::{Flags, Mode, Side, State, pool_account};

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
    fn new(world: &World) -> Self {
        let numbers = [1, 2].into_iter().chain(10..10 + world.traders as u8);
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
    for op in run.liquidations(&executor) {
        if let Ok(applied) = executor.apply(&op) {
            run.note(applied);
        }
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
    run.keep_orders(&state);
    (state, trace)
}

/// The witness holds and publishes what the native half publishes.
fn assert_proven(circuit: &Circuit, shape: &Shape, trace: &Trace, what: &str) {
    let deployment = deployment(shape);
    let witness = witness(circuit, shape, trace, &deployment, true).unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(witness.elements(), elements(trace, &shape.capacities, &deployment).unwrap(), "{what}");
    assert_eq!(unsatisfied(circuit, &witness, challenge()), Vec::<String>::new(), "{what}");
}

/// What the batches of a run hold, by name.
#[derive(Default)]
struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    fn add(&mut self, trace: &Trace) {
        let bulk = trace.of::<ActionRecord>().iter().filter(|row| !row.message.chunks.is_empty()).count();
        let creations = trace.of::<DepositRecord>().iter().filter(|row| row.creates).count()
            + trace.of::<TransferRecord>().iter().filter(|row| row.creates).count();
        let collected = trace.of::<CollectFeesRecord>().len();
        let usage = trace.usage();
        let ops = [
            "ticks",
            "deposits",
            "actions",
            "places",
            "cancels",
            "withdrawals",
            "transfers",
            "leverage_limits",
            "modes",
            "rekeys",
            "fills",
            "liquidations",
        ];
        let ops = ops.map(|name| (name, usage[name]));
        for (what, count) in ops.into_iter().chain([
            ("bulk actions", bulk),
            ("creations", creations),
            ("collected fees", collected),
        ]) {
            *self.0.entry(what).or_default() += count;
        }
    }
}

/// Proves `seeds` runs of `batches` batches of a shape; what they hold in all.
fn run_batches(name: &str, world: World, seeds: u64, batches: u64) -> Tally {
    let shape = Shape::named(name).unwrap();
    let circuit = compile(&shape);
    let keys = Keys::new(&world);
    let mut tally = Tally::default();
    for seed in 0..seeds {
        let mut run = Run::new(seed, world);
        let mut state = fund(&mut run, genesis(world.markets));
        for number in 0..batches {
            let trace;
            (state, trace) = batch(&mut run, &keys, state, &shape);
            assert_proven(&circuit, &shape, &trace, &format!("{name}, seed {seed}, batch {number}"));
            tally.add(&trace);
        }
    }
    println!("{name}: {:?}", tally.0);
    tally
}

/// Batches of each shape; CI may ask for more with `ZKMARGIN_BATCHES`.
fn count(of_ten: u64) -> u64 {
    let batches = std::env::var("ZKMARGIN_BATCHES").ok().and_then(|text| text.parse().ok());
    (batches.unwrap_or(40u64) * of_ten).div_ceil(10)
}

/// Each kind of op occurs at least once in sixteen batches, fills once in four.
fn assert_mixed(tally: &Tally, batches: u64) {
    let rare: Vec<_> = tally.0.iter().filter(|(_, count)| (**count as u64) < batches.div_ceil(16)).collect();
    assert!(rare.is_empty(), "{rare:?} in {batches} batches");
    assert!(tally.0["fills"] as u64 >= batches.div_ceil(4), "{:?}", tally.0);
}

#[test]
fn random_tiny_batches_are_provable() {
    let batches = count(8) / 2;
    assert_mixed(&run_batches("tiny", World::small(1, 3), 2, batches), 2 * batches);
}

#[test]
fn random_demo_batches_are_provable() {
    let batches = count(4); // In fewer a liquidation may be missing.
    assert_mixed(&run_batches("demo", World::small(4, 12), 1, batches), batches);
}

/// A batch that uses up every kind of op row: deposits, a liquidation, one bulk action of two orders, a
/// withdrawal, a transfer that creates an account, a cancel, a limit and a new key, a change of mode, two single
/// orders, two fills.
pub fn full_batch() -> (Shape, Trace) {
    let shape = Shape::named("tiny").unwrap();
    let mut executor = begin(genesis(1), Capacities::UNLIMITED);
    let (long, short) = (deposit(&mut executor, 10, 12_000), deposit(&mut executor, 11, 1_000_000));
    let pool = |amount| {
        let (owner, mode) = (PublicKey::NOBODY, Mode::Isolated(1));
        Op::Deposit(Deposit { account: pool_account(1), owner, mode, amount })
    };
    executor.apply(&pool(50_000)).unwrap();
    let maker = place(&mut executor, 11, short, item(1, Side::Sell, 100, 1_000));
    let taker = place(&mut executor, 10, long, item(1, Side::Buy, 100, 1_000));
    executor.apply(&Op::Fill(Fill { taker, maker, lots: 1_000 })).unwrap();
    let resting = place(&mut executor, 11, short, item(1, Side::Sell, 200, 10));
    let flat = deposit(&mut executor, 12, 1_000);

    let flags = Flags { immediate_or_cancel: true, ..Flags::default() };
    let at_once = |limit| OrderItem { flags, ..item(1, Side::Sell, limit, 10) };
    let mut executor = begin(finish(executor).0, shape.capacities);
    executor.apply(&Op::Tick(Tick { market: 1, price: 92 << 32, rate: 0 })).unwrap();
    let (market, lots, quote, taker) = (1, 100, 9_100, Taker::Pool);
    executor.apply(&Op::Liquidate(Liquidate { account: long, market, lots, quote, taker })).unwrap();
    executor.apply(&pool(5)).unwrap();
    let (owner, mode) = (key(11).public_key(), Mode::Cross);
    executor.apply(&Op::Deposit(Deposit { account: short, owner, mode, amount: 5 })).unwrap();
    let items = vec![
        Item::Order(at_once(150)),
        Item::Withdraw(WithdrawItem { amount: 17, recipient: [3; 20] }),
        Item::Transfer(TransferItem { to: 0, amount: 40, mode: Mode::Isolated(1) }),
        Item::Cancel(resting),
        Item::SetLeverage(150_000),
        Item::ChangeKey(key(13).public_key()),
        Item::Order(item(1, Side::Buy, 92, 20)),
    ];
    let op = signed(&executor, 11, short, items);
    let Applied::Action { orders, .. } = executor.apply(&op).unwrap() else { panic!("an action") };
    let maker = orders[1];
    let op = signed(&executor, 12, flat, vec![Item::SetMode(Mode::Isolated(1))]);
    executor.apply(&op).unwrap();
    for _ in 0..2 {
        let taker = place(&mut executor, 10, long, at_once(92));
        executor.apply(&Op::Fill(Fill { taker, maker, lots: 10 })).unwrap();
    }
    let leaves = ["nodes", "positions", "markets", "orders"];
    let ops = |capacities: &Capacities| {
        capacities.by_name().filter(|(name, _)| !leaves.contains(name)).collect::<Vec<_>>()
    };
    assert_eq!(ops(executor.usage()), ops(&shape.capacities), "op rows and accounts");
    (shape, finish(executor).1)
}

#[test]
fn a_full_batch_is_provable() {
    let (shape, trace) = full_batch();
    assert_proven(&compile(&shape), &shape, &trace, "a full batch");
}

/// A flat isolated account uses no slot: its market need not be opened.
#[test]
fn a_flat_isolated_account_is_provable() {
    let bench = super::bench::Bench::tiny(|executor| {
        let (owner, mode) = (key(11).public_key(), Mode::Isolated(1));
        let op = Op::Deposit(Deposit { account: 0, owner, mode, amount: 1_000 });
        executor.apply(&op).unwrap();
    });
    assert!(bench.trace.of::<crate::leaves::market::MarketRecord>().is_empty());
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

/// Accounts in rows without slots, old and new ones, and an isolated one.
pub fn full_flat_batch() -> (Shape, Trace) {
    let mut shape = Shape::named("tiny").unwrap();
    shape.capacities["flat_accounts"] = 4;
    let mut executor = begin(genesis(1), shape.capacities);
    let first = deposit(&mut executor, 10, 1_000_000);
    let mut executor = begin(finish(executor).0, shape.capacities);
    let items = vec![
        Item::Withdraw(WithdrawItem { amount: 17, recipient: [3; 20] }),
        Item::Transfer(TransferItem { to: 0, amount: 40, mode: Mode::Cross }),
    ];
    let op = signed(&executor, 10, first, items);
    executor.apply(&op).unwrap();
    (shape, finish(executor).1)
}
