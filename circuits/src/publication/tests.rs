//! Layouts of elements against shifted sums of big integers, and the bytes.

use super::*;
use crate::executor::{Applied, BatchContext, Executor};
use crate::gadgets::signature::SecretKey;
use crate::kinds::{Capacities, Trace};
use crate::leaves::account::{AccountRecord, Close};
use crate::leaves::changed::PositionChange;
use crate::margin::PositionCell;
use crate::ops::action::SignatureCheck;
use crate::ops::{Deposit, Domain, Op};
use crate::params::SLOTS;
use crate::soundness::fixture::{flat, market};
use crate::state::{Account, Genesis, Mode, State};
use ark_bn254::Fr;
use ark_ff::{PrimeField, Zero};
use num_bigint::BigUint;
use sha3::{Digest, Keccak256};

fn sum(parts: &[(u128, u32)]) -> BigUint {
    parts.iter().map(|(value, shift)| BigUint::from(*value) << *shift).sum()
}

fn big(element: Fr) -> BigUint {
    element.into_bigint().into()
}

fn capacities() -> Capacities {
    let lists = [
        ("deposits", 2),
        ("cross_accounts", 3),
        ("isolated_accounts", 2),
        ("flat_accounts", 0),
        ("mode_changes", 0),
        ("positions", 2),
        ("withdrawals", 1),
        ("transfers", 1),
        ("rekeys", 0),
        ("orders", 1),
        ("markets", 1),
        ("liquidations", 1),
        ("configurations", 2),
    ];
    lists.into_iter().fold(Capacities::UNLIMITED, |all, (name, rows)| all.with(name, rows))
}

const COUNT: usize = 10 + 6 + 5 + 2 + 1 + 1 + 1 + 1 + 3 + 1 + 14;

fn deployment() -> Deployment {
    Deployment { shape_id: 4, key_id: [0xee; 31] }
}

/// A batch with one deposit of 55 into a new isolated account of market 1.
fn trace() -> (Trace, State) {
    let key = SecretKey::from_seed(&[1; 32]).public_key();
    let markets = [(1, market())].into();
    let config = Fr::from(77u64);
    let state = State::genesis(Genesis {
        fee_owner: key,
        markets,
        pools: 0,
        time: 1_000,
        config,
        signers: Vec::new(),
    })
    .unwrap();
    let batch = BatchContext {
        time: 1_234,
        domain: Domain { chain_id: 5, contract: [1; 20] },
        capacities: capacities(),
        signatures: SignatureCheck::Verify,
    };
    let mut executor = Executor::begin(state, batch).unwrap();
    let op = Deposit { account: 0, owner: key, mode: Mode::Isolated(1), amount: 55 };
    assert_eq!(executor.apply(&Op::Deposit(op)).unwrap(), Applied::Deposit { account: 600 });
    let (state, trace) = executor.finish().unwrap();
    (trace, state)
}

#[test]
fn header_and_deposit() {
    let (trace, state) = trace();
    let list = elements(&trace, &capacities(), &deployment()).unwrap();
    assert_eq!(list.len(), COUNT);
    let label = BigUint::from_bytes_be(&Keccak256::digest(b"zkmargin/batch/v1")[..31]);
    assert_eq!(big(list[0]), label);
    assert_eq!(big(list[1]), BigUint::from_bytes_be(&[1; 20]) + sum(&[(5, 160)]));
    // Two deposits; the withdrawals begin after the header, deposits, accounts and positions.
    let constants = [(COUNT as u128, 40), (4, 72), (2, 168), (10 + 6 + 5 + 2, 184), (1, 200), (2, 216)];
    assert_eq!(big(list[2]), sum(&[(1_234, 0), (1, 104)]) + sum(&constants));
    assert_eq!(big(list[3]), BigUint::from_bytes_be(&[0xee; 31]));
    let root = |high: usize| (big(list[high]) << 128) + big(list[high + 1]);
    assert_eq!((root(4), root(6)), (big(trace.old_root), big(state.root())));
    assert_eq!(big(list[8]), sum(&[(0, 128), (1, 64)]));
    assert_eq!(list[9], Fr::from(77u64));
    // The key comes back from the deposit's three elements.
    let key = SecretKey::from_seed(&[1; 32]).public_key();
    let low = |value: &BigUint, bits: u32| value % (BigUint::from(1u8) << bits);
    let (e0, e1, e2) = (big(list[10]), big(list[11]), big(list[12]));
    assert_eq!((low(&e0, 126) << 128) + low(&e1, 128), big(key.x));
    assert_eq!(((e1 >> 128) << 136) + e2, big(key.y));
    assert_eq!(e0 >> 126, sum(&[(55, 0), (1, 64), (600, 80)]));
    assert_eq!(list[13..16], [Fr::zero(); 3]);
}

#[test]
fn isolated_accounts_start_after_the_cross_rows() {
    let (mut trace, _) = trace();
    let list = elements(&trace, &capacities(), &deployment()).unwrap();
    assert_eq!(list[16..19], [Fr::zero(); 3]);
    let want = sum(&[(600, 0), ((1 << 63) + 55, 36), (1, 200), (1, 201)]);
    assert_eq!(big(list[19]), want);
    // A changed position of the isolated account names row 3 of the list.
    let position = PositionCell { size: -5, entry_quote: 1 << 62 };
    trace.records.push(PositionChange { isolated: true, row: 0, slot: 0, market: 1, position });
    let list = elements(&trace, &capacities(), &deployment()).unwrap();
    assert_eq!(big(list[21]), sum(&[(3, 0), (1, 16), (1, 32), (5, 33), (1 << 62, 89)]));
}

#[test]
fn cross_accounts_come_first() {
    let (mut trace, _) = trace();
    let header = flat(0);
    let owner = trace.of::<AccountRecord<1>>()[0].owner;
    let account = Account { leverage_limit: 23, ..Account::empty(owner, Mode::Cross) };
    let close = Close {
        collateral: 0,
        value: 0,
        initial: 0,
        maintenance: 0,
        entry: 0,
        header_touch: 0,
        order_nonce: 21,
        cancel_nonce: 22,
        nonce_touch: 0,
    };
    trace.records.push(AccountRecord::<SLOTS>::of(605, &account, header, close));
    let position = PositionCell { size: 5, entry_quote: 0 };
    trace.records.push(PositionChange { isolated: false, row: 0, slot: 15, market: 9, position });
    let list = elements(&trace, &capacities(), &deployment()).unwrap();
    let want = sum(&[(605, 0), (1 << 63, 36), (21, 100), (22, 140), (23, 180)]);
    assert_eq!(big(list[16]), want);
    assert_eq!(
        big(list[19]) % 1_000u32,
        sum(&[(600, 0), ((1 << 63) + 55, 36), (1, 200), (1, 201)]) % 1_000u32
    );
    assert_eq!(big(list[21]), sum(&[(15, 12), (9, 16), (5, 33)]));
}

#[test]
fn bytes_are_31_a_piece_and_digest_is_keccak() {
    let list = [Fr::from(0x0102u64), Fr::from(BigUint::from_bytes_be(&[0xfe; 31]))];
    let bytes = publish(&list);
    assert_eq!(bytes.len(), 62);
    assert_eq!(bytes[28..31], [0, 1, 2]);
    assert_eq!(bytes[31..], [0xfe; 31]);
    let hash = BigUint::from_bytes_be(&Keccak256::digest(&bytes));
    assert_eq!(digest(&bytes), Fr::from(hash));
}
