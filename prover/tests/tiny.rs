//! A batch of the tiny shape, from ops to a proof that verifies, and what must not verify.

use ark_bn254::Fr;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use zkmargin::record::relation::{BatchAssignment, BatchRelation, public_inputs};
use zkmargin_circuits::batch::compile::compile;
use zkmargin_circuits::batch::native::{BatchContext, Executor};
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::batch::witness::witness;
use zkmargin_circuits::gadgets::signature::SecretKey;
use zkmargin_circuits::ops::action::SignatureCheck;
use zkmargin_circuits::ops::{Deposit, Domain, Op};
use zkmargin_circuits::publication::Deployment;
use zkmargin_circuits::state::{Genesis, Mode, State};
use zkmargin_groth16::{HashToField, prove, setup, verify};

#[test]
fn a_batch_with_a_deposit_is_proved_and_verified() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let shape = Shape::named("tiny").unwrap();
    let circuit = compile(&shape);
    let relation = BatchRelation::new(&circuit);
    let key = setup(&relation, &mut rng).unwrap();

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
    let (_, trace) = executor.finish().unwrap();

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

    // Any published byte that changes makes the proof worthless.
    for place in [0, 31 * 4 + 30, bytes.len() - 1] {
        let mut forged = bytes.clone();
        forged[place] ^= 1;
        assert!(verify(key.verifying_key(), &inputs(&forged), &proof, hash).is_err(), "byte {place}");
    }
}
