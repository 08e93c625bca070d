//! Batches: one that fits is applied once; everything else is refused for its reason.

use crate::horner::{
    Bed, DEPOSITS, ELEMENTS, Entry, LISTS, NOW, SHAPE, TRADER, deploy, deployment, lists, owner, set_deposit,
};
use alloy_sol_types::SolCall;
use ark_bn254::Fr;
use ark_ff::PrimeField;
use zkmargin_verifier_solidity::abi::IMarginRollup::IMarginRollupErrors as Reason;
use zkmargin_verifier_solidity::abi::IVerifier::IVerifierErrors;
use zkmargin_verifier_solidity::rollup::{proof_words, word};
use zkmargin_verifier_solidity::{Address, Batch, CallError, ContractError, RollupError, U256};

pub fn reason<T: std::fmt::Debug>(result: Result<T, RollupError>) -> ContractError {
    match result {
        Err(RollupError::Call(CallError::Reverted { reason, .. })) => reason,
        other => panic!("expected a revert, got {other:?}"),
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, RollupError>) -> Reason {
    match reason(result) {
        ContractError::Rollup(reason) => reason,
        other => panic!("expected the rollup's reason, got {other:?}"),
    }
}

#[track_caller]
fn proof_rejected<T: std::fmt::Debug>(result: Result<T, RollupError>) {
    let reason = reason(result);
    assert!(matches!(reason, ContractError::Verifier(IVerifierErrors::ProofRejected(_))), "{reason:?}");
}

#[test]
fn applies_batches_in_sequence() {
    let mut bed = Bed::new();
    for new_root in [12, 13] {
        let batch = bed.next(new_root);
        let proof = bed.prove(&batch, &lists());
        let receipt = bed.rollup.apply_batch(&batch, &lists(), &proof).unwrap();
        assert_eq!(receipt.old_root, Fr::from(new_root - 1));
        assert_eq!(receipt.new_root, Fr::from(new_root));
        assert_eq!(receipt.batch, new_root - 11);
        assert_eq!(bed.rollup.cursors().unwrap().time, NOW);
    }
}

#[test]
fn refuses_replay_skipped_batch_and_other_old_root() {
    let mut bed = Bed::new();
    let batch = bed.next(12);
    let header = bed.rollup.header(&batch).unwrap();
    let mut proofs = Vec::new();
    for (number, old_root) in [(1, 11), (2, 11), (2, 12), (1, 12)] {
        let header =
            zkmargin_verifier_solidity::Header { batch: number, old_root: Fr::from(old_root), ..header };
        proofs.push(bed.prove_bytes(&header.published(&lists())));
    }
    for wrong in &proofs[1..] {
        proof_rejected(bed.rollup.apply_batch(&batch, &lists(), wrong));
    }
    bed.rollup.apply_batch(&batch, &lists(), &proofs[0]).unwrap();
    proof_rejected(bed.rollup.apply_batch(&batch, &lists(), &proofs[0]));
    bed.rollup.apply_batch(&batch, &lists(), &proofs[2]).unwrap();
}

/// Anyone can turn a proof into another one of the same statement: (A/t, t·B, C).
#[test]
fn refuses_replay_of_a_rerandomised_proof() {
    use ark_ec::CurveGroup;
    use ark_ff::Field;
    let mut bed = Bed::new();
    let batch = bed.next(12);
    let proof = bed.prove(&batch, &lists());
    let t = Fr::from(5u64);
    let mut other = proof;
    other.a = (proof.a * t.inverse().unwrap()).into_affine();
    other.b = (proof.b * t).into_affine();
    bed.rollup.apply_batch(&batch, &lists(), &other).unwrap();
    proof_rejected(bed.rollup.apply_batch(&batch, &lists(), &proof));
}

/// Every field of the header that the caller does not choose, proved with another value.
#[test]
fn refuses_a_proof_for_any_other_header() {
    let mut bed = Bed::new();
    let batch = bed.next(12);
    let right = bed.rollup.header(&batch).unwrap();
    for element in 0..10 {
        let mut published = right.published(&lists());
        published[31 * element + 30] ^= 1;
        let proof = bed.prove_bytes(&published);
        proof_rejected(bed.rollup.apply_batch(&batch, &lists(), &proof));
    }
    let proof = bed.prove_bytes(&right.published(&lists()));
    bed.rollup.apply_batch(&batch, &lists(), &proof).unwrap();
}

#[test]
fn refuses_every_changed_argument() {
    let mut bed = Bed::new();
    let batch = bed.next(12);
    let proof = bed.prove(&batch, &lists());
    let changed_root = Batch { new_root: Fr::from(13u64), ..batch };
    proof_rejected(bed.rollup.apply_batch(&changed_root, &lists(), &proof));
    let changed_time = Batch { time: NOW - 1, ..batch };
    proof_rejected(bed.rollup.apply_batch(&changed_time, &lists(), &proof));
    let unknown = Batch { shape_id: SHAPE + 1, ..batch };
    assert!(matches!(refused(bed.rollup.apply_batch(&unknown, &lists(), &proof)), Reason::UnknownShape(_)));
    for at in (DEPOSITS * 3 * 31..LISTS).step_by(97) {
        let mut changed = lists();
        changed[at] ^= 0x80;
        proof_rejected(bed.rollup.apply_batch(&batch, &changed, &proof));
    }
    bed.rollup.apply_batch(&batch, &lists(), &proof).unwrap();
}

#[test]
fn time_must_lie_between_the_last_batch_and_the_block() {
    let mut bed = Bed::new();
    for (time, good) in
        [(NOW - 101, false), (NOW + 1, false), (NOW - 100, true), (NOW, true), (NOW - 1, false)]
    {
        let batch = Batch { time, ..bed.next(12) };
        let proof = bed.prove(&batch, &lists());
        let result = bed.rollup.apply_batch(&batch, &lists(), &proof);
        if good {
            result.unwrap();
        } else {
            assert!(matches!(refused(result), Reason::TimeOutOfOrder(_)), "{time}");
        }
    }
}

#[test]
fn refuses_a_root_outside_the_field() {
    let mut bed = Bed::new();
    let batch = bed.next(12);
    let proof = bed.prove(&batch, &lists());
    let mut call = batch.call(&lists(), proof_words(&proof).unwrap()).unwrap();
    let r = U256::from_limbs(Fr::MODULUS.0);
    for root in [r, word(batch.new_root) + r, U256::MAX] {
        call.batch.newRoot = root;
        let (from, to) = (bed.rollup.operator, bed.rollup.contract);
        assert!(matches!(refused(bed.rollup.send(from, to, &call)), Reason::RootOutOfRange(_)));
    }
}

#[test]
fn refuses_missing_and_extra_bytes() {
    let mut bed = Bed::new();
    let batch = bed.next(12);
    let proof = bed.prove(&batch, &lists());
    for length in [0, LISTS - 31, LISTS - 1, LISTS + 1, LISTS + 31] {
        let mut bytes = lists();
        bytes.resize(length, 0);
        let reason = refused(bed.rollup.apply_batch(&batch, &bytes, &proof));
        assert!(matches!(reason, Reason::ListsLength(_)), "{length}: {reason:?}");
    }
    let (from, to) = (bed.rollup.operator, bed.rollup.contract);
    let good = batch.call(&lists(), proof_words(&proof).unwrap()).unwrap().abi_encode();
    for extra in [1, 32] {
        let longer = [good.clone(), vec![0; extra]].concat();
        let result = bed.rollup.evm.call(from, to, longer).map_err(RollupError::from);
        assert!(matches!(refused(result), Reason::CalldataLength(_)));
    }
    let shorter = good[..good.len() - 32].to_vec();
    assert!(bed.rollup.evm.call(from, to, shorter).is_err());
    bed.rollup.evm.call(from, to, good).unwrap();
}

#[test]
fn only_the_operator_applies_batches() {
    let mut bed = Bed::new();
    let batch = bed.next(12);
    let proof = bed.prove(&batch, &lists());
    let call = batch.call(&lists(), proof_words(&proof).unwrap()).unwrap();
    let result = bed.rollup.send(TRADER, bed.rollup.contract, &call);
    assert!(matches!(refused(result), Reason::NotOperator(_)));
}

fn entry() -> Entry {
    Entry { owner: owner(), amount: 5_000_000, mode: 3, account: 600 }
}

#[test]
fn credits_deposits_in_order() {
    let mut bed = Bed::new();
    let amounts = [5_000_000, 7, (1 << 62) + 1];
    for amount in amounts {
        bed.rollup.deposit(TRADER, owner(), 3, amount).unwrap();
    }
    // Two, then the third: the chain is picked up in the middle.
    for (after, credited) in [(2, &amounts[..2]), (3, &amounts[2..])] {
        let batch = Batch { deposits_after: after, ..bed.next(12) };
        let mut bytes = lists();
        for (i, amount) in credited.iter().enumerate() {
            set_deposit(&mut bytes, i, &Entry { amount: *amount, account: 600 + i as u64, ..entry() });
        }
        let proof = bed.prove(&batch, &bytes);
        bed.rollup.apply_batch(&batch, &bytes, &proof).unwrap();
    }
    assert_eq!(bed.rollup.cursors().unwrap().deposits_applied, 3);
}

/// Each lists' proof is valid for its bytes: only the comparison with the queue can refuse them.
#[test]
fn refuses_deposits_that_differ_from_the_queue() {
    let mut bed = Bed::new();
    bed.rollup.deposit(TRADER, owner(), 3, 5_000_000).unwrap();
    let negated = (-owner().0, owner().1);
    let cases = [
        Entry { amount: 5_000_001, ..entry() },
        Entry { mode: 4, ..entry() },
        Entry { owner: negated, ..entry() },
        Entry { owner: (owner().0, owner().1 + Fr::from(1u64)), ..entry() },
    ];
    let batch = bed.next(12);
    for case in cases {
        let mut bytes = lists();
        set_deposit(&mut bytes, 0, &case);
        let proof = bed.prove(&batch, &bytes);
        let reason = refused(bed.rollup.apply_batch(&batch, &bytes, &proof));
        assert!(matches!(reason, Reason::DepositChainMismatch(_)), "{reason:?}");
    }
}

#[test]
fn refuses_invented_missing_and_misplaced_deposits() {
    let mut bed = Bed::new();
    bed.rollup.deposit(TRADER, owner(), 3, 5_000_000).unwrap();
    let mut one = lists();
    set_deposit(&mut one, 0, &entry());
    let mut second_place = lists();
    set_deposit(&mut second_place, 1, &entry());
    let mut two = one.clone();
    set_deposit(&mut two, 1, &entry());
    let mut no_account = lists();
    set_deposit(&mut no_account, 0, &Entry { account: 0, ..entry() });
    let mut trailing_bit = one.clone();
    trailing_bit[DEPOSITS * 3 * 31 - 1] = 1;
    // e0 has 242 bits; the top six of its 248 stay zero.
    let mut spare_bit = one.clone();
    spare_bit[0] |= 0x80;
    let mut spare_bit_of_y = one.clone();
    spare_bit_of_y[2 * 31 + 13] |= 1;
    let cases = [
        ("invented", 0, &one),
        ("missing", 1, &lists()),
        ("misplaced", 1, &second_place),
        ("invented second", 1, &two),
        ("no account", 1, &no_account),
        ("trailing bit", 1, &trailing_bit),
        ("spare bit", 1, &spare_bit),
        ("spare bit of y", 1, &spare_bit_of_y),
    ];
    for (name, deposits_after, bytes) in cases {
        let batch = Batch { deposits_after, ..bed.next(12) };
        let proof = bed.prove(&batch, bytes);
        let reason = refused(bed.rollup.apply_batch(&batch, bytes, &proof));
        assert!(matches!(reason, Reason::DepositEntry(_)), "{name}: {reason:?}");
    }
    let batch = Batch { deposits_after: 2, ..bed.next(12) };
    let proof = bed.prove(&batch, &two);
    let reason = refused(bed.rollup.apply_batch(&batch, &two, &proof));
    assert!(matches!(reason, Reason::DepositCursor(_)), "{reason:?}");
    let batch = bed.next(12);
    let proof = bed.prove(&batch, &one);
    bed.rollup.apply_batch(&batch, &one, &proof).unwrap();
    // The cursor never goes back.
    let batch = Batch { deposits_after: 0, ..bed.next(13) };
    let proof = bed.prove(&batch, &lists());
    assert!(matches!(refused(bed.rollup.apply_batch(&batch, &lists(), &proof)), Reason::DepositCursor(_)));
}

#[test]
fn refuses_more_deposits_than_the_shape_holds() {
    let mut bed = Bed::new();
    for _ in 0..=DEPOSITS {
        bed.rollup.deposit(TRADER, owner(), 0, 1).unwrap();
    }
    let batch = bed.next(12);
    let proof = bed.prove(&batch, &lists());
    assert!(matches!(refused(bed.rollup.apply_batch(&batch, &lists(), &proof)), Reason::DepositCapacity(_)));
}

#[test]
fn deposit_refuses_keys_that_no_account_can_have() {
    let mut bed = Bed::new();
    let (x, y) = owner();
    let (zero, one) = (Fr::from(0u64), Fr::from(1u64));
    let torsion = order_8_point();
    for key in
        [(x, y + one), (zero, one), (zero, -one), (x, zero), (zero, zero), torsion, (-torsion.0, torsion.1)]
    {
        assert!(matches!(refused(bed.rollup.deposit(TRADER, key, 0, 1)), Reason::OwnerKey(_)), "{key:?}");
    }
    let r = U256::from_limbs(Fr::MODULUS.0);
    for (x, y) in [(word(x) + r, word(y)), (word(x), word(y) + r)] {
        let call = zkmargin_verifier_solidity::abi::IMarginRollup::depositCall {
            x,
            y,
            mode: 0,
            amount: U256::from(1),
        };
        let to = bed.rollup.contract;
        assert!(matches!(refused(bed.rollup.send(TRADER, to, &call)), Reason::OwnerKey(_)));
    }
    bed.rollup.deposit(TRADER, (-x, y), 0, 1).unwrap();
}

/// A point whose double has y = 0: a·x² = y² on a·x² + y² = 1 + d·x²·y², so d·y⁴ - 2a·y² + a = 0.
fn order_8_point() -> (Fr, Fr) {
    use ark_ff::Field;
    let (a, d) = (Fr::from(168_700u64), Fr::from(168_696u64));
    let root = (Fr::from(4u64) * a).sqrt().unwrap();
    for root in [root, -root] {
        let y2 = (a + root) / d;
        if let (Some(y), Some(x)) = (y2.sqrt(), (y2 / a).sqrt()) {
            assert_eq!(a * x * x + y * y, Fr::from(1u64) + d * x * x * y * y);
            return (x, y);
        }
    }
    panic!("the curve has points of order 8");
}

#[test]
fn deposit_refuses_bad_amounts_and_markets() {
    let mut bed = Bed::new();
    for amount in [0, 1 << 63, u64::MAX] {
        assert!(matches!(refused(bed.rollup.deposit(TRADER, owner(), 0, amount)), Reason::DepositAmount(_)));
    }
    let last = deployment().markets;
    bed.rollup.deposit(TRADER, owner(), last, 1).unwrap();
    assert!(matches!(refused(bed.rollup.deposit(TRADER, owner(), last + 1, 1)), Reason::UnknownMarket(_)));
    // All collateral together has to stay in the accounts' width.
    let reason = refused(bed.rollup.deposit(TRADER, owner(), 0, (1 << 63) - 1));
    assert!(matches!(reason, Reason::CollateralLimit(_)), "{reason:?}");
    bed.rollup.deposit(TRADER, owner(), 0, (1 << 63) - 2).unwrap();
    assert_eq!(bed.rollup.cursors().unwrap().deposits_queued, 2);
}

#[test]
fn deployment_refuses_development_keys_without_the_flag() {
    let bed = Bed::new();
    let strict = zkmargin_verifier_solidity::Deployment { allow_insecure_key: false, ..deployment() };
    let reason = refused(deploy(&bed.key, &strict).map(|rollup| rollup.contract));
    assert!(matches!(reason, Reason::InsecureKey(_)), "{reason:?}");
}

#[test]
fn deployment_refuses_shapes_whose_lists_overlap() {
    let bed = Bed::new();
    let good = crate::horner::shape(&bed.key);
    let bad = [
        zkmargin_verifier_solidity::Shape { withdrawal_start: 33, ..good },
        zkmargin_verifier_solidity::Shape { elements: 149, ..good },
        zkmargin_verifier_solidity::Shape { withdrawal_capacity: 257, elements: 600, ..good },
    ];
    for shape in bad {
        let result = zkmargin_verifier_solidity::Rollup::deploy(&deployment(), &[shape]);
        assert!(matches!(refused(result.map(|rollup| rollup.contract)), Reason::ShapeInvalid(_)));
    }
    let twice = zkmargin_verifier_solidity::Rollup::deploy(&deployment(), &[good, good]);
    assert!(matches!(refused(twice.map(|rollup| rollup.contract)), Reason::ShapeInvalid(_)));
    assert_eq!(good.elements as usize, ELEMENTS);
    assert_ne!(bed.rollup.contract, Address::ZERO);
}
