//! Batches: one that fits is applied once; everything else is refused for its reason.

use crate::horner::{Bed, DEPOSITS, LISTS, NOW, SHAPE, TRADER, lists};
use alloy_sol_types::SolCall;
use ark_bn254::Fr;
use ark_ff::PrimeField;
use zkmargin_verifier_solidity::abi::IMarginRollup::IMarginRollupErrors as Reason;
use zkmargin_verifier_solidity::abi::IVerifier::IVerifierErrors;
use zkmargin_verifier_solidity::rollup::{proof_words, word};
use zkmargin_verifier_solidity::{Batch, CallError, ContractError, RollupError, U256};

pub fn reason<T: std::fmt::Debug>(result: Result<T, RollupError>) -> ContractError {
    match result {
        Err(RollupError::Call(CallError::Reverted { reason, .. })) => reason,
        other => panic!("expected a revert, got {other:?}"),
    }
}

pub fn refused<T: std::fmt::Debug>(result: Result<T, RollupError>) -> Reason {
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
        proofs.push(bed.circuit.prove(&header.published(&lists())));
    }
    for wrong in &proofs[1..] {
        proof_rejected(bed.rollup.apply_batch(&batch, &lists(), wrong));
    }
    bed.rollup.apply_batch(&batch, &lists(), &proofs[0]).unwrap();
    proof_rejected(bed.rollup.apply_batch(&batch, &lists(), &proofs[0]));
    bed.rollup.apply_batch(&batch, &lists(), &proofs[2]).unwrap();
}

/// Any party can turn a proof into another one of the same statement: (A/t, t·B, C).
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
        let proof = bed.circuit.prove(&published);
        proof_rejected(bed.rollup.apply_batch(&batch, &lists(), &proof));
    }
    let proof = bed.circuit.prove(&right.published(&lists()));
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
