//! Native encoding of a trace.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField, Zero};
use sha3::{Digest, Keccak256};

use super::{CURSORS, DEPOSIT_ELEMENTS, DOMAIN_LABEL, ELEMENT_BYTES, HEADER_ELEMENTS, NUMBERS};
use crate::gadgets::word::Bits;
use crate::kinds::{
    AccountRow, Capacities, ChangedPosition, DepositRow, MarketRow, OrderRow, Overflow, Trace,
};
use crate::ops::deposit::{
    DEPOSIT_FIRST, DEPOSIT_SECOND, DEPOSIT_THIRD, X_HIGH_BITS, X_LOW_BITS, Y_HIGH_BITS, Y_LOW_BITS,
};
use crate::ops::transfer::TRANSFER_ELEMENT;
use crate::ops::withdraw::WITHDRAWAL_ELEMENT;
use crate::params::*;
use crate::state::Mode;
use crate::state::account::{ACCOUNT_ELEMENT, POSITION_ELEMENT};
use crate::state::market::TICK_ELEMENT;
use crate::state::order::ORDER_ELEMENT;

/// What the contract knows of the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    pub shape_id: u32,
    /// Top 31 bytes of `keccak256(verifying key)`.
    pub key_id: [u8; ELEMENT_BYTES],
}

/// The elements `d_0, d_1, …` of a batch in a shape of the given capacities.
///
/// Error: the trace holds more of a list than the shape.
pub fn elements(
    trace: &Trace,
    capacities: &Capacities,
    deployment: &Deployment,
) -> Result<Vec<Fr>, Overflow> {
    let (cross, isolated) = trace.accounts.split_at(cross_accounts(trace));
    let rows = &trace.rows;
    let lists: [(&'static str, usize, Vec<Fr>); 8] = [
        (
            "deposits",
            capacities.deposits * DEPOSIT_ELEMENTS,
            rows.deposits.iter().flat_map(deposit_elements).collect(),
        ),
        ("cross_accounts", capacities.cross_accounts, cross.iter().map(account_element).collect()),
        ("isolated_accounts", capacities.isolated_accounts, isolated.iter().map(account_element).collect()),
        ("positions", capacities.positions, position_elements(trace, capacities.cross_accounts)),
        (
            "withdrawals",
            capacities.withdrawals,
            rows.withdrawals.iter().map(|row| withdrawal_element(&row.recipient, row.amount)).collect(),
        ),
        (
            "transfers",
            capacities.transfers,
            rows.transfers
                .iter()
                .map(|row| transfer_element(row.origin.account, row.to, row.amount))
                .collect(),
        ),
        ("orders", capacities.orders, trace.orders.iter().map(order_element).collect()),
        ("markets", capacities.markets, trace.markets.iter().map(tick_element).collect()),
    ];
    let count = HEADER_ELEMENTS + lists.iter().map(|(_, capacity, _)| capacity).sum::<usize>();
    let mut elements = header(trace, deployment, count);
    for (what, capacity, list) in lists {
        let needed = list.len();
        if needed > capacity {
            return Err(Overflow { what, needed, capacity });
        }
        elements.extend(list);
        elements.extend((needed..capacity).map(|_| Fr::zero()));
    }
    Ok(elements)
}

fn cross_accounts(trace: &Trace) -> usize {
    trace.accounts.iter().take_while(|row| row.old.mode == Mode::Cross).count()
}

/// Elements of the changed positions, in a shape with rows for `capacity` cross accounts: a position
/// names its account by its place in the accounts' list, where isolated ones follow all of these.
pub fn position_elements(trace: &Trace, capacity: usize) -> Vec<Fr> {
    let cross = cross_accounts(trace);
    let place = |row: usize| row.checked_sub(cross).map_or(row, |isolated| capacity + isolated);
    trace.positions.iter().map(|p| position_element(p, place(p.account_row))).collect()
}

/// The bytes that go on chain (the contract rebuilds the header's part): 31 bytes an element.
pub fn publish(elements: &[Fr]) -> Vec<u8> {
    // Every element is below 2^248: the leading byte of 32 is 0.
    elements.iter().flat_map(|element| element.into_bigint().to_bytes_be()[1..].to_vec()).collect()
}

/// The public input `s = keccak256(bytes) mod r`.
pub fn digest(bytes: &[u8]) -> Fr {
    Fr::from_be_bytes_mod_order(&Keccak256::digest(bytes))
}

fn header(trace: &Trace, deployment: &Deployment, count: usize) -> Vec<Fr> {
    let (before, after) = (&trace.old_globals, &trace.new_globals);
    let label = Keccak256::digest(DOMAIN_LABEL);
    let numbers = NUMBERS.pack([
        after.time.into(),
        (count as u64).into(),
        deployment.shape_id.into(),
        after.batch.into(),
    ]);
    let cursors = CURSORS.pack([0u64.into(), after.deposits.into(), before.deposits.into()]);
    let [old_high, old_low] = halves(trace.old_root);
    let [new_high, new_low] = halves(trace.new_root);
    vec![
        Fr::from_be_bytes_mod_order(&label[..ELEMENT_BYTES]),
        trace.domain.word(),
        numbers,
        Fr::from_be_bytes_mod_order(&deployment.key_id),
        Fr::from(old_high),
        Fr::from(old_low),
        Fr::from(new_high),
        Fr::from(new_low),
        cursors,
        after.config,
    ]
}

/// High and low 128 bits.
fn halves(value: Fr) -> [u128; 2] {
    let [a, b, c, d] = value.into_bigint().0.map(u128::from);
    [d << 64 | c, b << 64 | a]
}

fn deposit_elements(row: &DepositRow) -> [Fr; DEPOSIT_ELEMENTS] {
    let (x, y) = (Bits::from(row.owner.x), Bits::from(row.owner.y));
    let first = DEPOSIT_FIRST.pack([
        x.part(X_LOW_BITS, X_HIGH_BITS),
        row.amount.into(),
        row.header.pre.mode_market().into(),
        row.account.into(),
    ]);
    let second = DEPOSIT_SECOND.pack([x.part(0, X_LOW_BITS), y.part(Y_LOW_BITS, Y_HIGH_BITS)]);
    let third = DEPOSIT_THIRD.pack([y.part(0, Y_LOW_BITS)]);
    [first, second, third]
}

fn account_element(row: &AccountRow) -> Fr {
    ACCOUNT_ELEMENT.pack([
        row.id.into(),
        ((i128::from(row.new.collateral) + COLLATERAL_OFFSET) as u128).into(),
        row.new.order_nonce.into(),
        row.new.cancel_nonce.into(),
        row.new.leverage_limit.into(),
        row.born_at.is_some().into(),
        row.new.mode.market().into(),
    ])
}

fn position_element(changed: &ChangedPosition, place: usize) -> Fr {
    POSITION_ELEMENT.pack([
        (place as u64).into(),
        (changed.slot as u64).into(),
        changed.market.into(),
        (changed.position.size < 0).into(),
        changed.position.size.unsigned_abs().into(),
        changed.position.entry_quote.into(),
    ])
}

fn withdrawal_element(recipient: &[u8; 20], amount: u64) -> Fr {
    WITHDRAWAL_ELEMENT.pack([recipient.into(), amount.into()])
}

fn transfer_element(from: u64, to: u64, amount: u64) -> Fr {
    TRANSFER_ELEMENT.pack([from.into(), to.into(), amount.into()])
}

fn order_element(row: &OrderRow) -> Fr {
    let order = &row.new;
    ORDER_ELEMENT.pack([
        row.id.into(),
        order.account.into(),
        order.market.into(),
        order.side.bit().into(),
        order.limit.into(),
        order.left.into(),
        order.flags.bits().into(),
        order.max_fee.into(),
        order.expiry.into(),
    ])
}

fn tick_element(row: &MarketRow) -> Fr {
    TICK_ELEMENT.pack([
        row.id.into(),
        row.new.price.into(),
        ((row.new.funding_index + FUNDING_INDEX_OFFSET) as u128).into(),
    ])
}
