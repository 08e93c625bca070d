//! Configurations of markets: proposed by the governor, applied whole after the delay and within the window, once.

use crate::horner::{Bed, CONFIGURATIONS, ELEMENTS, GOVERNOR, LISTS, NOW, TRADER, lists, owner, set};
use crate::rollup::refused;
use crate::time::{DAY, Sealed, apply_at, commit_at, seal, with_bug};
use alloy_sol_types::SolEvent;
use ark_bn254::Fr;
use revm::primitives::keccak256;
use zkmargin_circuits::ops::configure::CONFIGURATION_ELEMENTS;
use zkmargin_verifier_solidity::abi::IMarginRollup::{
    Configured, IMarginRollupErrors as Reason, Proposed, proposeCall,
};
use zkmargin_verifier_solidity::{
    B256, Batch, DEFAULT_CONFIG_DELAY, DEFAULT_LAG, Header, Receipt, RollupError, U256,
};

const WINDOW: u64 = 14 * DAY;
const READY: u64 = NOW + DEFAULT_CONFIG_DELAY;
const ENTRY: usize = CONFIGURATION_ELEMENTS * 31;
/// The market is below the price.
const PRICE_AT: usize = 9;

/// An entry for a market, with a first price if it is new.
fn entry(market: u16, price: u64, salt: u64) -> Vec<u8> {
    let mut bytes = vec![0; LISTS];
    let first = U256::from(market) | U256::from(price) << PRICE_AT | U256::from(salt) << 64;
    set(&mut bytes, 10, first);
    set(&mut bytes, 11, U256::from(salt));
    bytes.truncate(ENTRY);
    bytes
}

fn two() -> Vec<u8> {
    [entry(3, 0, 1), entry(4, 0, 2)].concat()
}

/// Lists whose configurations begin with these bytes.
fn with(configurations: &[u8]) -> Vec<u8> {
    let mut bytes = lists();
    let start = LISTS - CONFIGURATIONS * ENTRY;
    bytes[start..start + configurations.len()].copy_from_slice(configurations);
    bytes
}

/// A batch after `number` others from one root to the next, at a time, with these configurations.
fn batch(bed: &mut Bed, number: u64, time: u64, configurations: &[u8]) -> Sealed {
    let batch = Batch { time, ..bed.next(11 + number) };
    let header = bed.rollup.header(&batch).unwrap();
    let header = Header { batch: number, old_root: Fr::from(10 + number), ..header };
    seal(bed, batch, &header, with(configurations))
}

/// The first batch, with these configurations, in a block of its time.
fn apply(bed: &mut Bed, time: u64, configurations: &[u8]) -> Result<Receipt, RollupError> {
    let sealed = batch(bed, 1, time, configurations);
    apply_at(bed, time, &sealed)
}

fn proposed(configurations: &[u8]) -> Bed {
    proposed_on(Bed::new(), configurations)
}

fn proposed_on(mut bed: Bed, configurations: &[u8]) -> Bed {
    let digest = bed.rollup.propose(GOVERNOR, configurations).unwrap();
    assert_eq!(bed.rollup.proposal(digest).unwrap(), READY);
    bed
}

#[track_caller]
fn not_proposed<T: std::fmt::Debug>(result: Result<T, RollupError>, configurations: &[u8]) {
    let reason = refused(result);
    let digest = keccak256(configurations);
    assert!(matches!(&reason, Reason::NotProposed(error) if error.digest == digest), "{reason:?}");
}

#[track_caller]
fn not_now<T: std::fmt::Debug>(result: Result<T, RollupError>, fixed_at: u64) {
    let reason = refused(result);
    let is_it = matches!(&reason, Reason::ProposalTime(error)
        if error.readyAt.to::<u64>() == READY && error.fixedAt.to::<u64>() == fixed_at);
    assert!(is_it, "{reason:?}");
}

#[test]
fn a_proposal_is_applied_once_after_its_delay() {
    let mut bed = proposed(&two());
    let time = READY;
    let first = batch(&mut bed, 1, time, &two());
    bed.rollup.evm.set_time(time);
    let call = first.batch.calldata(&first.lists, &first.proof).unwrap();
    let (from, to) = (bed.rollup.operator, bed.rollup.contract);
    let outcome = bed.rollup.evm.call(from, to, call).unwrap();
    let events: Vec<Configured> =
        outcome.logs.iter().filter_map(|log| Configured::decode_log(log).ok()).map(|log| log.data).collect();
    assert_eq!(events, [Configured { batch: 1, digest: keccak256(two()) }]);
    assert_eq!(bed.rollup.proposal(keccak256(two())).unwrap(), 0);
    let again = batch(&mut bed, 2, time, &two());
    not_proposed(apply_at(&mut bed, time, &again), &two());
    // It may be proposed again.
    bed.rollup.propose(GOVERNOR, &two()).unwrap();
}

#[test]
fn what_is_proposed_is_in_the_log() {
    let mut bed = Bed::new();
    let call = proposeCall { configurations: two().into() };
    let outcome = bed.rollup.send(GOVERNOR, bed.rollup.contract, &call).unwrap();
    let log = Proposed::decode_log(&outcome.logs[0]).unwrap();
    assert_eq!(log.configurations.to_vec(), two());
    assert_eq!((log.digest, log.readyAt.to::<u64>()), (keccak256(two()), READY));
}

#[test]
fn a_batch_with_entries_needs_exactly_the_proposal() {
    let mut bed = proposed(&two());
    for other in [entry(3, 0, 1), entry(4, 0, 2), [entry(4, 0, 2), entry(3, 0, 1)].concat(), entry(3, 0, 9)] {
        not_proposed(apply(&mut bed, READY, &other), &other);
    }
    // A gap before the entries says nothing, and the circuit publishes none.
    let gap = [vec![0; ENTRY], entry(3, 0, 1)].concat();
    apply(&mut bed, READY, &gap).unwrap();
}

#[test]
fn the_delay_and_the_window_hold_to_the_second() {
    for (time, good) in
        [(READY - 1, false), (READY, true), (READY + WINDOW, true), (READY + WINDOW + 1, false)]
    {
        let mut bed = proposed(&two());
        let result = apply(&mut bed, time, &two());
        if good {
            result.unwrap();
        } else {
            not_now(result, time);
        }
    }
}

#[test]
fn only_the_governor_proposes_and_cancels() {
    let mut bed = proposed(&two());
    let operator = bed.rollup.operator;
    for from in [operator, TRADER] {
        assert!(matches!(refused(bed.rollup.propose(from, &entry(1, 0, 1))), Reason::NotGovernor(_)));
        let digest = keccak256(two());
        assert!(matches!(refused(bed.rollup.cancel_proposal(from, digest)), Reason::NotGovernor(_)));
    }
}

#[test]
fn refuses_proposals_that_no_batch_could_have() {
    let mut bed = Bed::new();
    let zero_first = [entry(3, 0, 1), vec![0; ENTRY]].concat();
    for bytes in [vec![], vec![1; ENTRY - 1], vec![1; ENTRY + 31], vec![0; ENTRY], zero_first] {
        let reason = refused(bed.rollup.propose(GOVERNOR, &bytes));
        assert!(matches!(reason, Reason::ConfigurationsInvalid(_)), "{} bytes", bytes.len());
    }
    bed.rollup.propose(GOVERNOR, &two()).unwrap();
    let reason = refused(bed.rollup.propose(GOVERNOR, &two()));
    assert!(matches!(reason, Reason::AlreadyProposed(_)), "{reason:?}");
    // One that lapsed is proposed anew, with a delay of its own.
    bed.rollup.evm.set_time(READY + WINDOW + DAY);
    assert!(matches!(refused(bed.rollup.propose(GOVERNOR, &two())), Reason::AlreadyProposed(_)));
    bed.rollup.evm.set_time(READY + WINDOW + DAY + 1);
    let digest = bed.rollup.propose(GOVERNOR, &two()).unwrap();
    assert_eq!(bed.rollup.proposal(digest).unwrap(), READY + WINDOW + DAY + 1 + DEFAULT_CONFIG_DELAY);
}

#[test]
fn a_proposal_is_cancelled_until_it_is_ready() {
    let mut bed = proposed(&two());
    bed.rollup.evm.set_time(READY - 1);
    bed.rollup.cancel_proposal(GOVERNOR, keccak256(two())).unwrap();
    not_proposed(bed.rollup.cancel_proposal(GOVERNOR, keccak256(two())), &two());
    not_proposed(apply(&mut bed, READY, &two()), &two());
    let mut bed = proposed(&two());
    bed.rollup.evm.set_time(READY);
    let reason = refused(bed.rollup.cancel_proposal(GOVERNOR, keccak256(two())));
    assert!(matches!(reason, Reason::ProposalReady(_)), "{reason:?}");
}

/// What a commit's block allows is applied although the proposal lapses meanwhile.
#[test]
fn a_batch_that_was_committed_in_time_is_applied() {
    let mut bed = proposed(&two());
    let sealed = batch(&mut bed, 1, READY + WINDOW, &two());
    commit_at(&mut bed, READY + WINDOW, &sealed.commit).unwrap();
    apply_at(&mut bed, READY + WINDOW + DAY, &sealed).unwrap();
}

/// A commit before the delay's end is no way around it, whenever the batch is applied.
#[test]
fn a_batch_that_was_committed_too_early_is_never_applied() {
    let mut bed = proposed(&two());
    let sealed = batch(&mut bed, 1, READY - 1, &two());
    commit_at(&mut bed, READY - 1, &sealed.commit).unwrap();
    not_now(apply_at(&mut bed, READY + 1, &sealed), READY - 1);
    // With the commit's day its number is free again.
    let honest = batch(&mut bed, 1, READY + DAY, &two());
    apply_at(&mut bed, READY + DAY, &honest).unwrap();
}

/// While a batch with a proposal waits for its proof, nobody can make it impossible.
#[test]
fn no_governor_stops_a_committed_batch() {
    let mut bed = proposed(&two());
    let sealed = batch(&mut bed, 1, READY, &two());
    commit_at(&mut bed, READY, &sealed.commit).unwrap();
    let reason = refused(bed.rollup.cancel_proposal(GOVERNOR, keccak256(two())));
    assert!(matches!(reason, Reason::ProposalReady(_)), "{reason:?}");
    apply_at(&mut bed, READY + DAY, &sealed).unwrap();
    // Nor by proposing it anew when its window is over and the commit lives.
    let mut bed = proposed(&two());
    let sealed = batch(&mut bed, 1, READY + WINDOW, &two());
    commit_at(&mut bed, READY + WINDOW, &sealed.commit).unwrap();
    bed.rollup.evm.set_time(READY + WINDOW + 1);
    let reason = refused(bed.rollup.propose(GOVERNOR, &two()));
    assert!(matches!(reason, Reason::AlreadyProposed(_)), "{reason:?}");
    apply_at(&mut bed, READY + WINDOW + DAY, &sealed).unwrap();
}

#[test]
fn a_listing_takes_the_next_number_that_has_a_pool() {
    let refused_for = |entries: &[u8], market: u16| {
        let mut bed = proposed(entries);
        let reason = refused(apply(&mut bed, READY, entries));
        assert!(matches!(&reason, Reason::UnknownMarket(error) if error.mode == market), "{reason:?}");
    };
    refused_for(&entry(22, 5, 1), 22);
    refused_for(&entry(20, 5, 1), 20);
    refused_for(&[entry(22, 5, 1), entry(21, 5, 1)].concat(), 22);
    let both = [entry(21, 5, 1), entry(22, (1 << 54) - 1, 1)].concat();
    let mut bed = proposed(&both);
    let deposit = |bed: &mut Bed, mode| bed.rollup.deposit(TRADER, owner(), mode, 7);
    assert!(matches!(refused(deposit(&mut bed, 21)), Reason::UnknownMarket(_)));
    apply(&mut bed, READY, &both).unwrap();
    assert_eq!(bed.rollup.markets().unwrap(), 22);
    deposit(&mut bed, 22).unwrap();
    // The genesis has 22 pools.
    let beyond = entry(23, 5, 1);
    bed.rollup.propose(GOVERNOR, &beyond).unwrap();
    let time = READY + DEFAULT_CONFIG_DELAY;
    let batch = Batch { deposits_after: 0, ..batch(&mut bed, 2, time, &beyond).batch };
    let header = bed.rollup.header(&batch).unwrap();
    let sealed = seal(&mut bed, batch, &header, with(&beyond));
    assert!(matches!(refused(apply_at(&mut bed, time, &sealed)), Reason::UnknownMarket(_)));
}

#[test]
fn batches_that_configure_nothing_need_no_proposal() {
    let mut bed = Bed::new();
    apply(&mut bed, NOW, &[]).unwrap();
    assert_eq!(bed.rollup.markets().unwrap(), 20);
}

#[test]
fn without_the_delay_the_governor_would_change_markets_overnight() {
    let from = "if (fixedAt < readyAt || fixedAt > readyAt + CONFIG_WINDOW)";
    let mut bed = proposed_on(with_bug(from, "if (fixedAt > readyAt + CONFIG_WINDOW)"), &two());
    apply(&mut bed, NOW, &two()).unwrap();
}

#[test]
fn without_the_window_a_proposal_would_wait_for_years() {
    let from = "if (fixedAt < readyAt || fixedAt > readyAt + CONFIG_WINDOW)";
    let mut bed = proposed_on(with_bug(from, "if (fixedAt < readyAt)"), &two());
    apply(&mut bed, READY + 1_000 * DAY, &two()).unwrap();
}

#[test]
fn without_the_digest_the_operator_would_change_markets_alone() {
    let window = "(fixedAt < readyAt || fixedAt > readyAt + CONFIG_WINDOW)";
    let from = format!("if (readyAt == 0) revert NotProposed(digest);\n        if {window}");
    let mut bed = with_bug(&from, &format!("if (readyAt != 0 && {window})"));
    let sealed = batch(&mut bed, 1, NOW, &two());
    apply_at(&mut bed, NOW, &sealed).unwrap();
}

#[test]
fn a_proposal_that_is_not_used_up_would_be_applied_twice() {
    let bed = with_bug("delete proposals[digest];\n        markets", "markets");
    let mut bed = proposed_on(bed, &two());
    apply(&mut bed, READY, &two()).unwrap();
    let again = batch(&mut bed, 2, READY, &two());
    apply_at(&mut bed, READY, &again).unwrap();
}

#[test]
fn without_the_governor_anybody_would_propose() {
    let from = "function propose(bytes calldata configurations) external returns (bytes32 digest) {
        if (msg.sender != GOVERNOR) revert NotGovernor(msg.sender);";
    let mut bed =
        with_bug(from, "function propose(bytes calldata configurations) external returns (bytes32 digest) {");
    bed.rollup.propose(TRADER, &two()).unwrap();
    apply(&mut bed, READY, &two()).unwrap();
}

/// A governor that cancels a ready proposal would stop the exchange for a day.
#[test]
fn a_ready_proposal_that_could_be_cancelled_would_stop_a_committed_batch() {
    let from = "if (block.timestamp >= readyAt) revert ProposalReady(digest, readyAt);\n";
    let mut bed = proposed_on(with_bug(from, "\n"), &two());
    let sealed = batch(&mut bed, 1, READY, &two());
    commit_at(&mut bed, READY, &sealed.commit).unwrap();
    bed.rollup.cancel_proposal(GOVERNOR, keccak256(two())).unwrap();
    not_proposed(apply_at(&mut bed, READY, &sealed), &two());
    // And no other batch takes its number while the commit lives.
    let other = batch(&mut bed, 1, READY, &[]);
    let reason = refused(apply_at(&mut bed, READY, &other));
    assert!(matches!(reason, Reason::OtherBytesCommitted(_)), "{reason:?}");
}

/// With the block that applies in place of the commit's, a proposal would lapse for a batch that waits.
#[test]
fn a_window_held_against_the_last_block_would_stop_a_committed_batch() {
    let mut bed = proposed_on(
        with_bug(
            "_takeProposal(header.batch, shape, lists, fixedAt);",
            "_takeProposal(header.batch, shape, lists, block.timestamp);",
        ),
        &two(),
    );
    let sealed = batch(&mut bed, 1, READY + WINDOW, &two());
    commit_at(&mut bed, READY + WINDOW, &sealed.commit).unwrap();
    not_now(apply_at(&mut bed, READY + WINDOW + DEFAULT_LAG, &sealed), READY + WINDOW + DEFAULT_LAG);
}

#[test]
fn markets_that_skip_a_number_would_take_deposits_for_none() {
    let from = "if (market != ++markets || market > pools) revert IMarginRollup.UnknownMarket(market);";
    let artefact =
        crate::compiler::compile_with_bug("Configurations.sol", from, "if (pools != 0) markets = market;");
    let circuit = crate::horner::Circuit::new(ELEMENTS, zkmargin_groth16::KnowledgeBase::Gamma);
    let shape = crate::horner::shape(&circuit.key);
    let deployment = crate::horner::deployment();
    let rollup = zkmargin_verifier_solidity::Rollup::deploy_from(&artefact, &deployment, &[shape]).unwrap();
    let mut bed = proposed_on(Bed { circuit, rollup }, &entry(22, 5, 1));
    apply(&mut bed, READY, &entry(22, 5, 1)).unwrap();
    bed.rollup.deposit(TRADER, owner(), 21, 7).unwrap();
}

/// An unused digest has no time.
#[test]
fn nothing_is_proposed_at_first() {
    assert_eq!(Bed::new().rollup.proposal(B256::ZERO).unwrap(), 0);
}
