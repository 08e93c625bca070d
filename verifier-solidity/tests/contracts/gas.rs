//! What a batch with the lists of `trade-256` (281 elements) costs to run; the bounds are pinned.

use crate::horner::{
    Bed, DEPOSITS, Entry, TRADER, WITHDRAWAL_START, WITHDRAWALS, lists, owner, set, set_deposit,
};
use crate::trapdoor::{Errors, Referees, SENDER, Trapdoor};
use alloy_sol_types::SolCall;
use ark_bn254::Fr;
use zkmargin_groth16::KnowledgeBase;
use zkmargin_verifier_solidity::rollup::verify_call;
use zkmargin_verifier_solidity::{GasUse, U256};

/// The second batch: the first one pays for storage that is written for the first time.
fn second_batch(base: KnowledgeBase, withdrawals: usize, deposits: u64) -> GasUse {
    let mut bed = Bed::with_base(base);
    let first = bed.next(12);
    let proof = bed.prove(&first, &lists());
    bed.rollup.apply_batch(&first, &lists(), &proof).unwrap();
    let mut bytes = lists();
    for i in 0..withdrawals {
        set(&mut bytes, WITHDRAWAL_START + i, U256::from(7 + i) | (U256::from(1000) << 160));
    }
    for i in 0..deposits {
        bed.rollup.deposit(TRADER, owner(), 0, 9).unwrap();
        let entry = Entry { owner: owner(), amount: 9, mode: 0, account: 600 };
        set_deposit(&mut bytes, i as usize, &entry);
    }
    let batch = bed.next(13);
    let proof = bed.prove(&batch, &bytes);
    let gas = bed.rollup.apply_batch(&batch, &bytes, &proof).unwrap().gas;
    println!("{base:?}, {withdrawals} withdrawals, {deposits} deposits: {gas:?}");
    gas
}

/// The bound holds with all of the shape's deposits, too.
#[test]
fn execution_stays_within_303_500() {
    assert!(second_batch(KnowledgeBase::Gamma, 0, 0).execution <= 291_600);
    assert!(second_batch(KnowledgeBase::Gamma, 0, 8).execution <= 298_600);
    assert!(second_batch(KnowledgeBase::Gamma, 0, DEPOSITS as u64).execution <= 303_500);
}

#[test]
fn pinned_upper_bounds_of_the_variants() {
    // A batch with withdrawals writes one more word of storage (22,100).
    assert!(second_batch(KnowledgeBase::Gamma, 16, 0).execution <= 314_500);
    assert!(second_batch(KnowledgeBase::Gamma, WITHDRAWALS, DEPOSITS as u64).execution <= 326_600);
    // One pair (34,000) more.
    assert!(second_batch(KnowledgeBase::Separate, 0, 0).execution <= 325_500);
}

#[test]
fn verifier_alone() {
    for (merged, bound) in [(true, 252_500), (false, 286_500)] {
        let mut trapdoor = Trapdoor::new(merged);
        let (s, v) = (Fr::from(-1), Fr::from(-2));
        let proof = trapdoor.prove(s, v, Errors::default());
        let mut referees = Referees::new(&trapdoor.key());
        let data = verify_call(s, v, &proof).unwrap().abi_encode();
        let gas = referees.evm.simulate(SENDER, referees.verifier, data).unwrap().gas;
        println!("verifier, merged {merged}: {gas:?}");
        assert!(gas.execution <= bound);
    }
}
