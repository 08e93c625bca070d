//! A batch of the tiny shape, from ops to a proof that verifies, and what must not verify.

use ark_bn254::Fr;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use zkmargin::prove::{Machine, ProveRunError, pipeline};
use zkmargin::record::relation::{BatchAssignment, BatchRelation, public_inputs};
use zkmargin_circuits::batch::compile::compile;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::batch::witness::witness;
use zkmargin_circuits::executor::{BatchContext, Executor};
use zkmargin_circuits::gadgets::signature::SecretKey;
use zkmargin_circuits::kinds::Trace;
use zkmargin_circuits::ops::action::SignatureCheck;
use zkmargin_circuits::ops::deposit::DepositRecord;
use zkmargin_circuits::ops::{Deposit, Domain, Op};
use zkmargin_circuits::publication::Deployment;
use zkmargin_circuits::state::{Genesis, Mode, State};
use zkmargin_groth16::{HashToField, KnowledgeBase, prove, setup, setup_with_knowledge_base, verify};

/// One account with one deposit.
fn a_deposit(shape: &Shape) -> Trace {
    let owner = SecretKey::from_seed(&[4; 32]).public_key();
    let genesis = Genesis::of(owner, Default::default(), 1_000, Fr::from(7u64));
    let context = BatchContext {
        time: 1_001,
        domain: Domain { chain_id: 1, contract: [9; 20] },
        capacities: shape.capacities,
        signatures: SignatureCheck::Verify,
    };
    let mut executor = Executor::begin(State::genesis(genesis).unwrap(), context).unwrap();
    let deposit = Deposit { account: 0, owner, mode: Mode::Cross, amount: 5_000 };
    executor.apply(&Op::Deposit(deposit)).unwrap();
    executor.finish().unwrap().1
}

#[test]
fn a_batch_with_a_deposit_is_proved_and_verified() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let shape = Shape::named("tiny").unwrap();
    let circuit = compile(&shape);
    let relation = BatchRelation::new(&circuit);
    let key = setup(&relation, &mut rng).unwrap();

    let trace = a_deposit(&shape);

    let mut key_id = [0; 31];
    key_id.copy_from_slice(&key.verifying_key().digest()[..31]);
    let deployment = Deployment { shape_id: shape.id, key_id };
    let witness = witness(&circuit, &shape, &trace, &deployment, true).unwrap();
    let mut assignment = BatchAssignment::new(witness);
    let bytes = assignment.bytes();
    let proof = prove(&key, &relation, &mut assignment, &mut rng).unwrap();

    let hash = HashToField::Keccak256;
    let inputs = |bytes: &[u8]| {
        let digest = zkmargin::record::relation::digest(bytes);
        let z = hash.challenge(&proof.commitment.unwrap().point, &[digest]);
        public_inputs(bytes, z)
    };
    verify(key.verifying_key(), &inputs(&bytes), &proof, hash).unwrap();

    // Any published byte that changes invalidates the proof.
    for place in [0, 31 * 4 + 30, bytes.len() - 1] {
        let mut forged = bytes.clone();
        forged[place] ^= 1;
        assert!(verify(key.verifying_key(), &inputs(&forged), &proof, hash).is_err(), "byte {place}");
    }
}

/// What stops a run.
#[derive(Debug, PartialEq)]
enum Stop {
    Next,
    Prove,
    Done,
}

impl From<ProveRunError> for Stop {
    fn from(_: ProveRunError) -> Self {
        Stop::Prove
    }
}

/// Batches come out in order, each proved; an error of any part ends the run after what came before it.
#[test]
fn a_pipeline_hands_over_in_order_and_stops_at_the_first_error() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let shape = Shape::named("tiny").unwrap();
    let circuit = compile(&shape);
    let relation = BatchRelation::new(&circuit);
    let key = setup_with_knowledge_base(&relation, KnowledgeBase::Gamma, &mut rng).unwrap();
    let machine = Machine::new(&shape, &circuit, &relation, &key).unwrap();
    let trace = a_deposit(&shape);
    // The rows of a batch whose record does not fit cannot be filled.
    let mut unfit = trace.clone();
    let deposit = trace.of::<DepositRecord>()[0].clone();
    unfit.records.of_mut().extend(std::iter::repeat_n(deposit, 100));
    let run = |batches: Vec<Result<(u32, &Trace), Stop>>, refuse: u32| {
        let mut seen = Vec::new();
        let end = pipeline::run(
            &machine,
            batches.into_iter(),
            |batch| batch.1,
            &|_| (),
            |batch, proven| {
                verify(key.verifying_key(), &proven.inputs, &proven.proof, HashToField::Keccak256).unwrap();
                seen.push(batch.0);
                if batch.0 == refuse { Err(Stop::Done) } else { Ok(()) }
            },
        );
        (end, seen)
    };
    let good = |n| Ok((n, &trace));
    assert_eq!(run(vec![good(1), good(2)], 0), (Ok(()), vec![1, 2]));
    assert_eq!(run(vec![Err(Stop::Next), good(2)], 0), (Err(Stop::Next), vec![]));
    assert_eq!(run(vec![good(1), Ok((2, &unfit)), good(3)], 0), (Err(Stop::Prove), vec![1]));
    assert_eq!(run(vec![good(1), good(2)], 1), (Err(Stop::Done), vec![1]));
}
