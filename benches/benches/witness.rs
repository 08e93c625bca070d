//! What a batch costs before its proof: hashing, the tree, the rows.
//!
//! `cargo bench -p zkmargin-benches`

use std::collections::BTreeMap;
use std::hint::black_box;

use ark_bn254::Fr;
use ark_ff::Field;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use zkmargin_circuits::batch::compile::compile;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::batch::witness::witness;
use zkmargin_circuits::executor::{BatchContext, Executor};
use zkmargin_circuits::gadgets::hash::poseidon;
use zkmargin_circuits::gadgets::signature::SecretKey;
use zkmargin_circuits::kinds::Trace;
use zkmargin_circuits::ops::Domain;
use zkmargin_circuits::ops::action::SignatureCheck;
use zkmargin_circuits::publication::Deployment;
use zkmargin_circuits::state::tree::{Address, Tree, account_leaf};
use zkmargin_circuits::state::{Genesis, State};

/// Accounts that the tree update writes: as many as a batch of the `trade-256` shape has.
const ACCOUNTS: u64 = 48;

fn hashes(c: &mut Criterion) {
    let inputs: Vec<Fr> = (1..=8u64).map(|i| Fr::from(i).pow([77])).collect();
    for n in [2, 4, 8] {
        c.bench_function(&format!("poseidon of {n}"), |b| b.iter(|| poseidon(black_box(&inputs[..n]))));
    }
}

fn tree_update(c: &mut Criterion) {
    let leaves = |value: u64| -> Vec<(Address, Fr)> {
        (0..ACCOUNTS).map(|i| (account_leaf(600 + 37 * i), Fr::from(value + i))).collect()
    };
    let mut tree = Tree::new();
    tree.update(&leaves(1));
    let after = leaves(1_000);
    c.bench_function(&format!("tree update of {ACCOUNTS} accounts"), |b| {
        b.iter_batched_ref(|| tree.clone(), |tree| tree.update(black_box(&after)), BatchSize::SmallInput)
    });
}

fn empty_batch(shape: &Shape) -> Trace {
    let owner = SecretKey::from_seed(&[4; 32]).public_key();
    let genesis = Genesis::of(owner, BTreeMap::new(), 1_000, Fr::from(7u64));
    let context = BatchContext {
        time: 1_001,
        domain: Domain { chain_id: 1, contract: [9; 20] },
        capacities: shape.capacities,
        signatures: SignatureCheck::Verify,
    };
    let state = State::genesis(genesis).expect("a state without markets is valid");
    let executor = Executor::begin(state, context).expect("time moved forward");
    let Ok((_, trace)) = executor.finish() else { panic!("an empty batch closes") };
    trace
}

fn witness_of_an_empty_batch(c: &mut Criterion) {
    let shape = Shape::named("tiny").expect("a shape of the project");
    let circuit = compile(&shape);
    let trace = empty_batch(&shape);
    let deployment = Deployment { shape_id: shape.id, key_id: [5; 31] };
    let rows = || witness(&circuit, &shape, &trace, &deployment, false);
    c.bench_function("committed wires, empty tiny batch", |b| b.iter(|| rows().is_ok()));
    let witness = rows().expect("an empty batch fits");
    let z = Fr::from(3u64).pow([200]);
    c.bench_function("derived wires, empty tiny batch", |b| b.iter(|| witness.derive(black_box(z))));
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = hashes, tree_update, witness_of_an_empty_batch
}
criterion_main!(benches);
