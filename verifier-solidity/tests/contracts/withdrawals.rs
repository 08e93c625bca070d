//! Withdrawals of an applied batch are paid once, to their recipient, from its published list.

use crate::horner::{Bed, TRADER, WITHDRAWAL_START, WITHDRAWALS, lists, owner, set};
use crate::rollup::refused;
use zkmargin_verifier_solidity::abi::IMarginRollup::IMarginRollupErrors as Reason;
use zkmargin_verifier_solidity::{Address, U256};

const RECIPIENT: Address = Address::repeat_byte(0xee);

/// A batch whose list pays 1,000 to the recipient in its third and 5 in its last entry.
fn bed() -> (Bed, Vec<u8>) {
    let mut bed = Bed::new();
    // Collateral to pay from; the deposits stay in the queue.
    bed.rollup.deposit(TRADER, owner(), 0, 2_000).unwrap();
    let mut bytes = lists();
    let to = U256::from_be_slice(RECIPIENT.as_slice());
    set(&mut bytes, WITHDRAWAL_START + 2, to | (U256::from(1_000) << 160));
    set(&mut bytes, WITHDRAWAL_START + WITHDRAWALS - 1, to | (U256::from(5) << 160));
    let batch = zkmargin_verifier_solidity::Batch { deposits_after: 0, ..bed.next(12) };
    let proof = bed.prove(&batch, &bytes);
    bed.rollup.apply_batch(&batch, &bytes, &proof).unwrap();
    let start = (WITHDRAWAL_START - 10) * 31;
    (bed, bytes[start..start + 31 * WITHDRAWALS].to_vec())
}

#[test]
fn pays_each_entry_once() {
    let (mut bed, list) = bed();
    bed.rollup.withdraw(1, 2, &list).unwrap();
    assert_eq!(bed.rollup.balance(RECIPIENT).unwrap(), U256::from(1_000));
    assert!(matches!(refused(bed.rollup.withdraw(1, 2, &list)), Reason::AlreadyWithdrawn(_)));
    bed.rollup.withdraw(1, WITHDRAWALS as u64 - 1, &list).unwrap();
    assert_eq!(bed.rollup.balance(RECIPIENT).unwrap(), U256::from(1_005));
}

#[test]
fn refuses_other_lists_batches_and_entries() {
    let (mut bed, list) = bed();
    let mut richer = list.clone();
    richer[2 * 31 + 10] ^= 1;
    assert!(matches!(refused(bed.rollup.withdraw(1, 2, &richer)), Reason::WithdrawalList(_)));
    assert!(matches!(refused(bed.rollup.withdraw(1, 2, &list[31..])), Reason::WithdrawalList(_)));
    assert!(matches!(refused(bed.rollup.withdraw(2, 2, &list)), Reason::WithdrawalList(_)));
    assert!(matches!(refused(bed.rollup.withdraw(0, 0, &[])), Reason::WithdrawalList(_)));
    assert!(matches!(refused(bed.rollup.withdraw(1, 0, &list)), Reason::WithdrawalEntry(_)));
    let after_last = WITHDRAWALS as u64;
    assert!(matches!(refused(bed.rollup.withdraw(1, after_last, &list)), Reason::WithdrawalEntry(_)));
    assert!(matches!(refused(bed.rollup.withdraw(1, 256 + 2, &list)), Reason::WithdrawalEntry(_)));
    assert_eq!(bed.rollup.balance(RECIPIENT).unwrap(), U256::ZERO);
}

/// A batch without withdrawals stores nothing, and nothing can be claimed from it.
#[test]
fn empty_lists_cannot_be_claimed() {
    let mut bed = Bed::new();
    let batch = bed.next(12);
    let proof = bed.prove(&batch, &lists());
    bed.rollup.apply_batch(&batch, &lists(), &proof).unwrap();
    let zeros = vec![0; 31 * WITHDRAWALS];
    assert!(matches!(refused(bed.rollup.withdraw(1, 0, &zeros)), Reason::WithdrawalList(_)));
}
