//! The queue of deposits: credited in order and as they were made, or not at all.

use crate::horner::{Bed, DEPOSITS, Entry, TRADER, deployment, lists, owner, set_deposit};
use crate::rollup::refused;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};
use zkmargin_verifier_solidity::abi::IMarginRollup::{IMarginRollupErrors as Reason, depositCall};
use zkmargin_verifier_solidity::rollup::word;
use zkmargin_verifier_solidity::{Batch, U256};

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

/// That the entries behind the used ones are zero is the circuit's to prove
/// (`attacks::statement::a_cursor_that_skips_a_deposit` in the circuits).
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
    // e0 has 242 bits; the top six of its 248 stay zero.
    let mut spare_bit = one.clone();
    spare_bit[0] |= 0x80;
    let mut spare_bit_of_y = one.clone();
    spare_bit_of_y[2 * 31 + 13] |= 1;
    let cases = [
        ("missing", 1, &lists()),
        ("misplaced", 1, &second_place),
        ("no account", 1, &no_account),
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
        let call = depositCall { x, y, mode: 0, amount: U256::from(1) };
        let to = bed.rollup.contract;
        assert!(matches!(refused(bed.rollup.send(TRADER, to, &call)), Reason::OwnerKey(_)));
    }
    bed.rollup.deposit(TRADER, (-x, y), 0, 1).unwrap();
}

#[test]
fn anybody_pays_in_for_a_pool() {
    let mut bed = Bed::new();
    let nobody = (Fr::ZERO, Fr::ZERO);
    let queued = |bed: &mut Bed, key, mode| bed.rollup.deposit(TRADER, key, mode, 1);
    queued(&mut bed, nobody, 1).unwrap();
    // Not of a market to come, nor with half of the key.
    assert!(matches!(refused(queued(&mut bed, nobody, deployment().markets + 1)), Reason::UnknownMarket(_)));
    let (x, y) = owner();
    for key in [(nobody.0, y), (x, nobody.1)] {
        assert!(matches!(refused(queued(&mut bed, key, 1)), Reason::OwnerKey(_)), "{key:?}");
    }
}

/// A point whose double has y = 0: a·x² = y² on a·x² + y² = 1 + d·x²·y², so d·y⁴ - 2a·y² + a = 0.
fn order_8_point() -> (Fr, Fr) {
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
