//! The time of a batch: within the lag of the block that applies it, or of the block that committed its bytes. What
//! commits say of deposits: `commits.rs`.

use crate::compiler;
use crate::horner::{Bed, Circuit, ELEMENTS, NOW, TRADER, deploy, deployment, lists, shape};
use crate::rollup::refused;
use alloy_sol_types::SolEvent;
use ark_bn254::Fr;
use zkmargin_groth16::{KnowledgeBase, Proof};
use zkmargin_verifier_solidity::abi::IMarginRollup::{
    BatchCommitted, CommitsLapsed, IMarginRollupErrors as Reason, commitBatchCall, commitsCall,
};
use zkmargin_verifier_solidity::rollup::{commitment, word};
use zkmargin_verifier_solidity::statement::digest;
use zkmargin_verifier_solidity::{
    B256, Batch, Commit, ContractError, DEFAULT_LAG, Deployment, GasUse, Header, Receipt, Rollup,
    RollupError, U256,
};

pub const DAY: u64 = 24 * 3_600;
const YEAR: u64 = 365 * DAY;
/// The most commits that may wait.
const COMMITS: u64 = 128;

/// A batch with its lists and its proof, and what commits it.
pub struct Sealed {
    pub batch: Batch,
    pub lists: Vec<u8>,
    pub commit: Commit,
    pub proof: Proof,
}

/// Proves a batch with this header, upon the deposits that the contract has now.
pub fn seal(bed: &mut Bed, batch: Batch, header: &Header, lists: Vec<u8>) -> Sealed {
    let deposit_chain = bed.rollup.deposit_hash(batch.deposits_after).unwrap();
    let published = header.published(&lists);
    let commit = Commit::new(header, deposit_chain, digest(&published));
    Sealed { batch, lists, commit, proof: bed.circuit.prove(&published) }
}

/// Batch `number` from one root to another at a time, proved for the state that it follows.
fn sealed(bed: &mut Bed, number: u64, roots: [u64; 2], time: u64) -> Sealed {
    let batch = Batch { time, ..bed.next(roots[1]) };
    let header = bed.rollup.header(&batch).unwrap();
    let header = Header { batch: number, old_root: Fr::from(roots[0]), ..header };
    seal(bed, batch, &header, lists())
}

/// The first batch after genesis, with this time.
pub fn first(bed: &mut Bed, time: u64) -> Sealed {
    sealed(bed, 1, [11, 12], time)
}

/// The first and the second batch after genesis, with these times.
fn two(bed: &mut Bed, times: [u64; 2]) -> [Sealed; 2] {
    [first(bed, times[0]), sealed(bed, 2, [12, 13], times[1])]
}

pub fn apply_at(bed: &mut Bed, time: u64, sealed: &Sealed) -> Result<Receipt, RollupError> {
    bed.rollup.evm.set_time(time);
    bed.rollup.apply_batch(&sealed.batch, &sealed.lists, &sealed.proof)
}

pub fn commit_at(bed: &mut Bed, time: u64, commit: &Commit) -> Result<GasUse, RollupError> {
    bed.rollup.evm.set_time(time);
    bed.rollup.commit_batch(commit)
}

/// The number of commits that wait.
pub fn waiting(bed: &mut Bed) -> u16 {
    bed.rollup.cursors().unwrap().committed
}

#[track_caller]
fn too_old<T: std::fmt::Debug>(result: Result<T, RollupError>, earliest: u64) {
    let reason = refused(result);
    assert!(
        matches!(&reason, Reason::TimeTooOld(error) if error.earliest == U256::from(earliest)),
        "{reason:?}"
    );
}

#[track_caller]
fn out_of_order<T: std::fmt::Debug>(result: Result<T, RollupError>, last: u64, block: u64) {
    let reason = refused(result);
    assert!(
        matches!(&reason, Reason::TimeOutOfOrder(error)
            if error.last.to::<u64>() == last && error.blockTime == U256::from(block)),
        "{reason:?}"
    );
}

#[track_caller]
fn other_bytes(result: Result<Receipt, RollupError>) {
    let reason = refused(result);
    assert!(matches!(reason, Reason::OtherBytesCommitted(_)), "{reason:?}");
}

/// A bed whose contract has one piece of its source replaced.
pub fn with_bug(from: &str, to: &str) -> Bed {
    let artefact = compiler::compile_with_bug("MarginRollup.sol", from, to);
    let circuit = Circuit::new(ELEMENTS, KnowledgeBase::Gamma);
    let rollup = Rollup::deploy_from(&artefact, &deployment(), &[shape(&circuit.key)]).unwrap();
    Bed { circuit, rollup }
}

#[test]
fn refuses_a_batch_that_is_three_years_old() {
    let mut bed = Bed::new();
    let batch = first(&mut bed, NOW);
    let later = NOW + 3 * YEAR;
    too_old(apply_at(&mut bed, later, &batch), later - DEFAULT_LAG);
    assert_eq!(bed.rollup.cursors().unwrap().batch, 0);
}

#[test]
fn without_the_lag_a_batch_of_three_years_would_be_applied() {
    let mut bed =
        with_bug("if (block.timestamp - time > LAG) revert TimeTooOld(block.timestamp - LAG, time);", "LAG;");
    let batch = first(&mut bed, NOW);
    apply_at(&mut bed, NOW + 3 * YEAR, &batch).unwrap();
}

#[test]
fn the_lag_holds_to_the_second() {
    for lag in [60, DEFAULT_LAG, 900] {
        let circuit = Circuit::new(ELEMENTS, KnowledgeBase::Gamma);
        let rollup = deploy(&circuit.key, &Deployment { lag, ..deployment() }).unwrap();
        let mut bed = Bed { circuit, rollup };
        let batch = first(&mut bed, NOW);
        too_old(apply_at(&mut bed, NOW + lag + 1, &batch), NOW + 1);
        let reason = refused(apply_at(&mut bed, NOW - 1, &batch));
        assert!(matches!(reason, Reason::TimeOutOfOrder(_)), "{reason:?}");
        apply_at(&mut bed, NOW + lag, &batch).unwrap();
        let batch = sealed(&mut bed, 2, [12, 13], NOW + lag);
        apply_at(&mut bed, NOW + lag, &batch).unwrap();
    }
}

/// A time near the end of its 40 bits does not wrap into the lag.
#[test]
fn the_last_times_do_not_wrap() {
    let last = (1 << 40) - 1;
    let mut bed = Bed::new();
    let batch = first(&mut bed, last);
    let reason = refused(apply_at(&mut bed, NOW, &batch));
    assert!(matches!(reason, Reason::TimeOutOfOrder(_)), "{reason:?}");
    apply_at(&mut bed, last + DEFAULT_LAG, &batch).unwrap();
}

#[test]
fn the_proof_of_a_committed_batch_may_follow_within_a_day() {
    for (committed, applied) in [(0, 0), (DEFAULT_LAG, 0), (DEFAULT_LAG, 1), (DEFAULT_LAG, DAY)] {
        let mut bed = Bed::new();
        let batch = first(&mut bed, NOW);
        commit_at(&mut bed, NOW + committed, &batch.commit).unwrap();
        assert_eq!(waiting(&mut bed), 1);
        let stored = bed.rollup.read(bed.rollup.contract, &commitsCall { batch: 1 }).unwrap();
        assert_eq!(stored.commitment, commitment(1, batch.commit.s));
        assert_eq!(stored.committedAt.to::<u64>(), NOW + committed);
        assert_eq!((stored.time.to::<u64>(), stored.depositsAfter), (NOW, 0));
        apply_at(&mut bed, NOW + committed + applied, &batch).unwrap();
        assert_eq!(waiting(&mut bed), 0);
    }
}

#[test]
fn a_commit_lapses_after_a_day() {
    let mut bed = Bed::new();
    let batch = first(&mut bed, NOW);
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    let late = NOW + DAY + 1;
    too_old(apply_at(&mut bed, late, &batch), late - DEFAULT_LAG);
    // A second commit of the same bytes is refused, as the time is older than its block: it does not stop the
    // exchange for another day.
    too_old(commit_at(&mut bed, late, &batch.commit), late - DEFAULT_LAG);
    let fresh = first(&mut bed, late);
    apply_at(&mut bed, late, &fresh).unwrap();
}

#[test]
fn a_commit_that_never_lapsed_would_keep_an_old_price_for_years() {
    let mut bed = with_bug(
        "return block.timestamp > committedAt + COMMIT_WINDOW;",
        "return block.timestamp < committedAt;",
    );
    let batch = first(&mut bed, NOW);
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    apply_at(&mut bed, NOW + 3 * YEAR, &batch).unwrap();
}

/// A commit that is mined a second too late or too early binds nothing: fresh bytes are applied in the same block.
#[test]
fn the_block_of_the_commit_bounds_the_time_to_the_second() {
    for lag in [60, DEFAULT_LAG, 900] {
        let circuit = Circuit::new(ELEMENTS, KnowledgeBase::Gamma);
        let rollup = deploy(&circuit.key, &Deployment { lag, ..deployment() }).unwrap();
        let mut bed = Bed { circuit, rollup };
        let batch = first(&mut bed, NOW);
        out_of_order(commit_at(&mut bed, NOW - 1, &batch.commit), NOW - 100, NOW - 1);
        too_old(commit_at(&mut bed, NOW + lag + 1, &batch.commit), NOW + 1);
        assert_eq!(waiting(&mut bed), 0);
        let fresh = first(&mut bed, NOW + lag + 1);
        apply_at(&mut bed, NOW + lag + 1, &fresh).unwrap();
    }
}

/// Where a commit's time is not held against its block, bytes of any age are bound and then applied.
#[test]
fn without_the_lag_at_the_commit_a_batch_of_three_years_would_be_applied() {
    let mut bed = with_bug("        _checkTime(last, time);\n", "");
    let batch = first(&mut bed, NOW);
    commit_at(&mut bed, NOW + 3 * YEAR, &batch.commit).unwrap();
    apply_at(&mut bed, NOW + 3 * YEAR, &batch).unwrap();
}

/// A commit follows the youngest that waits, or the last applied batch where none does.
#[test]
fn the_time_of_a_commit_is_not_before_that_of_the_batch_before_it() {
    let mut bed = Bed::new();
    let genesis = first(&mut bed, NOW - 101);
    out_of_order(commit_at(&mut bed, NOW, &genesis.commit), NOW - 100, NOW);
    let [batch, early] = two(&mut bed, [NOW, NOW - 1]);
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    out_of_order(commit_at(&mut bed, NOW, &early.commit), NOW, NOW);
    assert_eq!(waiting(&mut bed), 1);
    apply_at(&mut bed, NOW, &batch).unwrap();
    out_of_order(commit_at(&mut bed, NOW, &early.commit), NOW, NOW);

    let mut bed = Bed::new();
    let [batch, equal] = two(&mut bed, [NOW, NOW]);
    for batch in [&batch, &equal] {
        commit_at(&mut bed, NOW, &batch.commit).unwrap();
    }
    for batch in [&batch, &equal] {
        apply_at(&mut bed, NOW + DAY, batch).unwrap();
    }
}

#[test]
fn without_the_time_of_the_youngest_commit_time_would_go_back() {
    let mut bed = with_bug(
        "(last.time, last.depositsApplied) = (youngest.time, youngest.depositsAfter);",
        "last.depositsApplied = youngest.depositsAfter;",
    );
    let batches = two(&mut bed, [NOW, NOW - 1]);
    for batch in &batches {
        commit_at(&mut bed, NOW, &batch.commit).unwrap();
    }
    for (batch, time) in batches.iter().zip([NOW, NOW - 1]) {
        apply_at(&mut bed, NOW, batch).unwrap();
        assert_eq!(bed.rollup.cursors().unwrap().time, time);
    }
}

#[track_caller]
fn other_header(result: Result<Receipt, RollupError>, time: u64) {
    let reason = refused(result);
    assert!(
        matches!(&reason, Reason::OtherHeaderCommitted(error) if error.time.to::<u64>() == time),
        "{reason:?}"
    );
}

/// What a commit says of its time is not in the commitment: old bytes could come with a fresh time.
#[test]
fn a_batch_is_applied_with_the_time_of_its_commit() {
    let later = NOW + 3 * YEAR;
    let committed = |bed: &mut Bed| {
        let batch = first(bed, NOW);
        commit_at(bed, later, &Commit { time: later, ..batch.commit }).unwrap();
        batch
    };
    let mut bed = Bed::new();
    let batch = committed(&mut bed);
    other_header(apply_at(&mut bed, later, &batch), later);
    // Nor do other bytes help, which have the time that was stated.
    let fresh = first(&mut bed, later);
    other_bytes(apply_at(&mut bed, later, &fresh));

    let mut bed = with_bug("header.time != commit.time || ", "");
    let batch = committed(&mut bed);
    apply_at(&mut bed, later, &batch).unwrap();
}

/// A commit is held against other bytes of the same number, whatever their time.
#[test]
fn nothing_else_is_applied_while_a_commit_lives() {
    let mut bed = Bed::new();
    let batch = first(&mut bed, NOW);
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    let other = sealed(&mut bed, 1, [11, 13], NOW);
    other_bytes(apply_at(&mut bed, NOW + 1, &other));
    // Fresh bytes are no better.
    for time in [NOW - 1, NOW + 1, NOW + DAY] {
        let other = first(&mut bed, time);
        other_header(apply_at(&mut bed, NOW + DAY, &other), NOW);
    }
    // Once it lapsed, they are.
    let fresh = sealed(&mut bed, 1, [11, 13], NOW + DAY + 1);
    apply_at(&mut bed, NOW + DAY + 1, &fresh).unwrap();
}

#[test]
fn without_the_comparison_a_commit_would_bind_a_time_and_no_bytes() {
    let mut bed = with_bug("if (keccak256(abi.encode(batch, s)) != commitment) revert", "if (s == 0) revert");
    let [batch, other] = [[11, 12], [11, 13]].map(|roots| sealed(&mut bed, 1, roots, NOW));
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    // A day later the operator knows which of the two he would rather have committed.
    apply_at(&mut bed, NOW + DAY, &other).unwrap();
}

/// The hash has the number: what was committed for one batch says nothing of another.
#[test]
fn a_commitment_is_of_its_number() {
    let mut bed = Bed::new();
    let batch = first(&mut bed, NOW);
    let (from, to) = (bed.rollup.operator, bed.rollup.contract);
    let wrong = [
        commitment(2, batch.commit.s),
        commitment(1, batch.commit.s + Fr::from(1u64)),
        B256::from(word(batch.commit.s)),
        B256::ZERO,
    ];
    for commitment in wrong {
        let mut bed = Bed::new();
        let call = commitBatchCall { commitment, ..batch.commit.call().unwrap() };
        bed.rollup.send(from, to, &call).unwrap();
        other_bytes(apply_at(&mut bed, NOW, &batch));
    }
}

/// The commit of a batch that has a number, and nothing else yet.
fn numbered(number: u64) -> Commit {
    Commit { number, time: NOW, deposits_after: 0, deposit_chain: B256::ZERO, s: Fr::from(9u64) }
}

fn refused_commit(bed: &mut Bed, number: u64) -> (u64, u64) {
    match refused(bed.rollup.commit_batch(&numbered(number))) {
        Reason::CommitOutOfOrder(error) => (error.next, error.batch),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_commit_is_neither_replaced_nor_made_ahead() {
    let mut bed = Bed::new();
    for number in [0, 2, u64::MAX] {
        assert_eq!(refused_commit(&mut bed, number), (1, number));
    }
    let batch = first(&mut bed, NOW);
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    bed.rollup.evm.set_time(NOW + DAY);
    for number in [0, 1, 3] {
        assert_eq!(refused_commit(&mut bed, number), (2, number));
    }
    apply_at(&mut bed, NOW + DAY, &batch).unwrap();
    assert_eq!(refused_commit(&mut bed, 1), (2, 1));
}

/// Replacing a commit is choosing among the prices of two moments.
#[test]
fn without_the_order_of_commits_one_could_be_replaced() {
    let mut bed =
        with_bug("if (batch != next) revert CommitOutOfOrder(next, batch);", "if (batch > next) revert();");
    let [low, high] =
        [(12, NOW), (13, NOW + 3_600)].map(|(root, time)| sealed(&mut bed, 1, [11, root], time));
    commit_at(&mut bed, NOW, &low.commit).unwrap();
    commit_at(&mut bed, NOW + 3_600, &high.commit).unwrap();
    apply_at(&mut bed, NOW + DAY, &high).unwrap();
}

/// Batches are sealed faster than they are proved, so several may wait, each held against its own block.
#[test]
fn several_batches_are_committed_in_sequence() {
    let mut bed = Bed::new();
    let batches =
        [1, 2, 3].map(|number| sealed(&mut bed, number, [10 + number, 11 + number], NOW + 1_000 * number));
    for batch in &batches {
        commit_at(&mut bed, batch.batch.time + DEFAULT_LAG, &batch.commit).unwrap();
    }
    for (batch, behind) in batches.iter().zip([2, 1, 0]) {
        apply_at(&mut bed, NOW + DAY, batch).unwrap();
        assert_eq!(waiting(&mut bed), behind);
    }
}

/// A commit is dropped by letting a day pass in which no batch is applied; those behind it go with it.
#[test]
fn what_lapses_takes_the_commits_behind_it_along() {
    let committed = |bed: &mut Bed| {
        let [batch, behind] = two(bed, [NOW + DAY - 1, NOW + DAY]);
        let early = first(bed, NOW);
        commit_at(bed, NOW, &early.commit).unwrap();
        commit_at(bed, NOW + DAY, &behind.commit).unwrap();
        // Once the first lapsed, another batch leads to the root that the second was sealed upon.
        apply_at(bed, NOW + DAY + 1, &batch).unwrap();
        behind
    };
    let mut bed = Bed::new();
    let behind = committed(&mut bed);
    assert_eq!(waiting(&mut bed), 0);
    let late = NOW + 2 * DAY;
    too_old(apply_at(&mut bed, late, &behind), late - DEFAULT_LAG);

    let mut bed =
        with_bug("return (false, 0, block.timestamp);", "return (false, committed - 1, block.timestamp);");
    let behind = committed(&mut bed);
    apply_at(&mut bed, late, &behind).unwrap();
}

#[test]
fn after_a_lapse_commits_begin_anew() {
    let mut bed = Bed::new();
    let [batch, behind] = two(&mut bed, [NOW, NOW + DAY]);
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    commit_at(&mut bed, NOW + DAY, &behind.commit).unwrap();
    assert_eq!(refused_commit(&mut bed, 1), (3, 1));
    // Before the time of the second, which has lapsed with the first.
    let fresh = first(&mut bed, NOW + DAY - 1);
    bed.rollup.evm.set_time(NOW + DAY + 1);
    let (from, to) = (bed.rollup.operator, bed.rollup.contract);
    let logs = bed.rollup.send(from, to, &fresh.commit.call().unwrap()).unwrap().logs;
    let lapsed = CommitsLapsed::decode_log(&logs[0]).unwrap();
    assert_eq!((lapsed.batch, lapsed.count), (1, 2));
    let bound = BatchCommitted::decode_log(&logs[1]).unwrap();
    assert_eq!((bound.batch, bound.commitment), (1, commitment(1, fresh.commit.s)));
    assert_eq!(refused_commit(&mut bed, 3), (2, 3));
    apply_at(&mut bed, NOW + DAY + 2, &fresh).unwrap();
}

#[test]
fn a_bounded_number_of_batches_waits() {
    let overfull = |bed: &mut Bed| {
        for number in 1..=COMMITS {
            bed.rollup.commit_batch(&numbered(number)).unwrap();
        }
        bed.rollup.commit_batch(&numbered(COMMITS + 1))
    };
    assert!(matches!(refused(overfull(&mut Bed::new())), Reason::TooManyCommits(_)));
    let mut bug = with_bug("if (committed == MAX_COMMITS) revert TooManyCommits();", "");
    overfull(&mut bug).unwrap();
}

/// Whoever could commit could stop the operator for a day.
#[test]
fn only_the_operator_commits() {
    let call = numbered(1).call().unwrap();
    let mut bed = Bed::new();
    let to = bed.rollup.contract;
    assert!(matches!(refused(bed.rollup.send(TRADER, to, &call)), Reason::NotOperator(_)));
    let unlocked = "        Cursors memory last = cursors;\n        uint16 committed = last.committed;";
    let guard = "        if (msg.sender != OPERATOR) revert NotOperator(msg.sender);\n";
    let mut bed = with_bug(&format!("{guard}{unlocked}"), unlocked);
    let to = bed.rollup.contract;
    bed.rollup.send(TRADER, to, &call).unwrap();
    let batch = first(&mut bed, NOW);
    other_bytes(apply_at(&mut bed, NOW, &batch));
}

/// Without a commit nothing is read or written but the slot of the cursors: `gas.rs` bounds it.
#[test]
fn gas_of_commits_is_pinned() {
    let mut bed = Bed::new();
    let batches = two(&mut bed, [NOW, NOW]);
    let commits = batches.each_ref().map(|batch| commit_at(&mut bed, NOW, &batch.commit).unwrap());
    let applied = batches.each_ref().map(|batch| apply_at(&mut bed, NOW, batch).unwrap().gas);
    println!("commits: {commits:?}; batches: {applied:?}");
    assert!(commits[1].execution <= 57_550);
    assert!(applied[1].execution <= 296_300);
}

#[test]
fn a_refused_batch_leaves_its_commit() {
    let mut bed = Bed::new();
    let batch = first(&mut bed, NOW);
    commit_at(&mut bed, NOW, &batch.commit).unwrap();
    let other = sealed(&mut bed, 1, [11, 13], NOW);
    other_bytes(apply_at(&mut bed, NOW, &other));
    let forged = Sealed { proof: other.proof, ..batch };
    let reason = crate::rollup::reason(apply_at(&mut bed, NOW, &forged));
    assert!(matches!(reason, ContractError::Verifier(_)), "{reason:?}");
    assert_eq!(waiting(&mut bed), 1);
}
