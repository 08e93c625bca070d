//! What a commit says of deposits: those of L1's queue in the block that mines it, or it binds nothing.

use crate::horner::{Bed, Entry, NOW, TRADER, lists, owner, set_deposit};
use crate::rollup::refused;
use crate::time::{DAY, Sealed, apply_at, commit_at, seal, waiting, with_bug};
use ark_bn254::Fr;
use zkmargin_verifier_solidity::abi::IMarginRollup::IMarginRollupErrors as Reason;
use zkmargin_verifier_solidity::{B256, Batch, Commit, Header, RollupError};

/// L1 with these deposits in its queue.
fn queue(mut bed: Bed, amounts: &[u64]) -> Bed {
    for amount in amounts {
        bed.rollup.deposit(TRADER, owner(), 0, *amount).unwrap();
    }
    bed
}

/// The first batch after genesis. It credits the first deposits, which have these amounts.
fn crediting(bed: &mut Bed, amounts: &[u64]) -> Sealed {
    let batch = Batch { deposits_after: amounts.len() as u64, ..bed.next(12) };
    let mut lists = lists();
    for (i, amount) in amounts.iter().enumerate() {
        set_deposit(&mut lists, i, &Entry { owner: owner(), amount: *amount, mode: 0, account: 600 });
    }
    let header = bed.rollup.header(&batch).unwrap();
    seal(bed, batch, &header, lists)
}

/// The second batch, which moves the cursor from that of the first and credits nothing in its lists.
fn second(bed: &mut Bed, cursors: [u64; 2]) -> Sealed {
    let batch = Batch { deposits_after: cursors[1], ..bed.next(13) };
    let header = bed.rollup.header(&batch).unwrap();
    let header = Header { batch: 2, old_root: Fr::from(12u64), deposits_before: cursors[0], ..header };
    seal(bed, batch, &header, lists())
}

#[track_caller]
fn cursor<T: std::fmt::Debug>(result: Result<T, RollupError>, expected: [u64; 3]) {
    match refused(result) {
        Reason::DepositCursor(e) => assert_eq!([e.applied, e.requested, e.queued], expected),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn other_deposits<T: std::fmt::Debug>(result: Result<T, RollupError>) {
    let reason = refused(result);
    assert!(matches!(reason, Reason::DepositChainMismatch(_)), "{reason:?}");
}

/// A reorganisation of L1 swaps two deposits. Whatever was sealed upon either of them reverts, and what is sealed anew
/// is applied in the same block.
#[test]
fn a_commit_upon_deposits_that_were_swapped_binds_nothing() {
    for credited in [&[5][..], &[5, 7]] {
        let mut before = queue(Bed::new(), &[5, 7]);
        let batch = crediting(&mut before, credited);
        let mut after = queue(Bed::new(), &[7, 5]);
        other_deposits(commit_at(&mut after, NOW, &batch.commit));
        assert_eq!(waiting(&mut after), 0);
        let fresh = crediting(&mut after, &[7, 5]);
        apply_at(&mut after, NOW, &fresh).unwrap();
        // On the chain that it was sealed upon it is bound and applied.
        commit_at(&mut before, NOW, &batch.commit).unwrap();
        apply_at(&mut before, NOW + DAY, &batch).unwrap();
    }
}

/// A batch that credits nothing does not depend on the queue behind the cursor.
#[test]
fn a_commit_without_deposits_survives_any_queue() {
    let mut before = queue(Bed::new(), &[5, 7]);
    let batch = crediting(&mut before, &[]);
    for queued in [&[][..], &[7, 5]] {
        let mut after = queue(Bed::new(), queued);
        commit_at(&mut after, NOW, &batch.commit).unwrap();
        apply_at(&mut after, NOW + DAY, &batch).unwrap();
    }
}

#[test]
fn without_the_chain_a_commit_upon_swapped_deposits_would_stop_the_exchange() {
    let mut before = queue(Bed::new(), &[5, 7]);
    let batch = crediting(&mut before, &[5]);
    let compared = "if (depositChain != queued) revert";
    let bug = with_bug(compared, "if (batch == 0 && depositChain != queued) revert");
    let mut after = queue(bug, &[7, 5]);
    commit_at(&mut after, NOW, &batch.commit).unwrap();
    for later in [0, DAY] {
        other_deposits(apply_at(&mut after, NOW + later, &batch));
        let fresh = crediting(&mut after, &[7]);
        let reason = refused(apply_at(&mut after, NOW + later, &fresh));
        assert!(matches!(reason, Reason::OtherBytesCommitted(_)), "{reason:?}");
    }
}

#[test]
fn the_cursor_of_a_commit_is_within_the_queue() {
    let mut bed = queue(Bed::new(), &[5]);
    let batch = crediting(&mut bed, &[5]);
    for beyond in [2, u64::MAX] {
        // The chain has no value there, and reads as zero.
        let commit = Commit { deposits_after: beyond, deposit_chain: B256::ZERO, ..batch.commit };
        cursor(commit_at(&mut bed, NOW, &commit), [0, beyond, 1]);
    }
    assert_eq!(waiting(&mut bed), 0);
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    // The next commit follows this one, though no deposit is applied yet.
    let [back, same, beyond] = [0, 1, 2].map(|after| second(&mut bed, [1, after]));
    cursor(commit_at(&mut bed, NOW, &back.commit), [1, 0, 1]);
    cursor(commit_at(&mut bed, NOW, &beyond.commit), [1, 2, 1]);
    commit_at(&mut bed, NOW, &same.commit).unwrap();
    apply_at(&mut bed, NOW, &batch).unwrap();
    apply_at(&mut bed, NOW, &same).unwrap();
}

#[test]
fn without_the_cursor_a_commit_beyond_the_queue_would_stop_the_exchange() {
    let mut bed = with_bug("        _checkCursor(last, depositsAfter);\n", "");
    let batch = Batch { deposits_after: 1, ..bed.next(12) };
    let header = bed.rollup.header(&batch).unwrap();
    let batch = seal(&mut bed, batch, &header, lists());
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    cursor(apply_at(&mut bed, NOW + DAY, &batch), [0, 1, 0]);
}

#[test]
fn without_the_cursor_of_the_youngest_commit_one_that_goes_back_would_stop_the_exchange() {
    let mut bed = with_bug(
        "(last.time, last.depositsApplied) = (youngest.time, youngest.depositsAfter);",
        "last.time = youngest.time;",
    );
    bed = queue(bed, &[5]);
    let batch = crediting(&mut bed, &[5]);
    let back = second(&mut bed, [1, 0]);
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    commit_at(&mut bed, NOW, &back.commit).unwrap();
    apply_at(&mut bed, NOW, &batch).unwrap();
    cursor(apply_at(&mut bed, NOW + DAY, &back), [1, 0, 1]);
}

/// What a commit says of its cursor is not in the commitment: stated lower, it would let the next commit go back.
#[test]
fn a_batch_is_applied_with_the_cursor_of_its_commit() {
    let committed = |bed: Bed| {
        let mut bed = queue(bed, &[5]);
        let batch = crediting(&mut bed, &[5]);
        let commit = Commit { deposits_after: 0, deposit_chain: B256::ZERO, ..batch.commit };
        commit_at(&mut bed, NOW, &commit).unwrap();
        (bed, batch)
    };
    let (mut bed, batch) = committed(Bed::new());
    let reason = refused(apply_at(&mut bed, NOW, &batch));
    assert!(matches!(&reason, Reason::OtherHeaderCommitted(error) if error.depositsAfter == 0), "{reason:?}");
    // Nor do other bytes help, which have the cursor that was stated.
    let none = crediting(&mut bed, &[]);
    let reason = refused(apply_at(&mut bed, NOW, &none));
    assert!(matches!(reason, Reason::OtherBytesCommitted(_)), "{reason:?}");

    let (mut bed, batch) = committed(with_bug(" || header.depositsAfter != commit.depositsAfter", ""));
    apply_at(&mut bed, NOW, &batch).unwrap();
}
