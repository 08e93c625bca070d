//! Native encoding of a trace.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField, Zero};
use sha3::{Digest, Keccak256};

use super::{DEPOSIT_ELEMENTS, DOMAIN_LABEL, ELEMENT_BYTES, HEADER_ELEMENTS};
use crate::kinds::{
    AccountRow, Capacities, ChangedPosition, DepositRow, MarketRow, OrderRow, Overflow, Trace,
};
use crate::params::*;
use crate::state::Mode;
use crate::state::word::Word;

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
    let numbers = Word::new()
        .put(after.time.into(), TIME_BITS)
        .put(count as u128, 32)
        .put(deployment.shape_id.into(), 32)
        .put(after.batch.into(), 64);
    let cursors = Word::new().skip(64).put(after.deposits.into(), 64).put(before.deposits.into(), 64);
    let [old_high, old_low] = halves(trace.old_root);
    let [new_high, new_low] = halves(trace.new_root);
    vec![
        Fr::from_be_bytes_mod_order(&label[..ELEMENT_BYTES]),
        trace.domain.word(),
        numbers.field(),
        Fr::from_be_bytes_mod_order(&deployment.key_id),
        Fr::from(old_high),
        Fr::from(old_low),
        Fr::from(new_high),
        Fr::from(new_low),
        cursors.field(),
        after.config,
    ]
}

/// High and low 128 bits.
fn halves(value: Fr) -> [u128; 2] {
    let [a, b, c, d] = value.into_bigint().0.map(u128::from);
    [d << 64 | c, b << 64 | a]
}

/// `x_hi126 | amount64<<126 | mode_market16<<190 | account36<<206`; `x_lo128 | (y>>136)118<<128`;
/// `y mod 2^136`.
fn deposit_elements(row: &DepositRow) -> [Fr; DEPOSIT_ELEMENTS] {
    let [x_high, x_low] = halves(row.owner.x);
    let [y_high, y_low] = halves(row.owner.y);
    let first = Word::new()
        .put(x_high, 126)
        .put(row.amount.into(), 64)
        .put(row.header.pre.mode_market().into(), MARKET_BITS)
        .put(row.account.into(), ACCOUNT_BITS);
    let second = Word::new().put(x_low, 128).put(y_high >> 8, 118);
    let third = Word::new().put(y_low, 128).put(y_high & 0xff, 8);
    [first.field(), second.field(), third.field()]
}

/// `id36 | (C+2^63)64<<36 | order_nonce40<<100 | cancel_nonce40<<140 | leverage_limit20<<180 |
/// fresh1<<200 | mode_market16<<201`.
fn account_element(row: &AccountRow) -> Fr {
    Word::new()
        .put(row.id.into(), ACCOUNT_BITS)
        .put((i128::from(row.new.collateral) + COLLATERAL_OFFSET) as u128, COLLATERAL_BITS)
        .put(row.new.order_nonce.into(), NONCE_BITS)
        .put(row.new.cancel_nonce.into(), NONCE_BITS)
        .put(row.new.leverage_limit.into(), FRACTION_BITS)
        .bit(row.born_at.is_some())
        .put(row.new.mode.market().into(), MARKET_BITS)
        .field()
}

/// `place12 | slot4<<12 | market16<<16 | short1<<32 | |b|56<<33 | E63<<89`.
fn position_element(changed: &ChangedPosition, place: usize) -> Fr {
    Word::new()
        .put(place as u128, 12)
        .put(changed.slot as u128, 4)
        .put(changed.market.into(), MARKET_BITS)
        .bit(changed.position.size < 0)
        .put(changed.position.size.unsigned_abs().into(), SIZE_BITS)
        .put(changed.position.entry_quote.into(), QUOTE_BITS)
        .field()
}

/// `recipient160 | amount64<<160`.
fn withdrawal_element(recipient: &[u8; 20], amount: u64) -> Fr {
    Word::new().address(recipient).put(amount.into(), 64).field()
}

/// `from36 | to36<<36 | amount64<<72`.
fn transfer_element(from: u64, to: u64, amount: u64) -> Fr {
    Word::new().put(from.into(), ACCOUNT_BITS).put(to.into(), ACCOUNT_BITS).put(amount.into(), 64).field()
}

/// `id36 | account36<<36 | market16<<72 | side1<<88 | limit32<<89 | left56<<121 | flags4<<177 |
/// max_fee20<<181 | expiry40<<201`.
fn order_element(row: &OrderRow) -> Fr {
    let order = &row.new;
    Word::new()
        .put(row.id.into(), ORDER_BITS)
        .put(order.account.into(), ACCOUNT_BITS)
        .put(order.market.into(), MARKET_BITS)
        .bit(order.side.bit())
        .put(order.limit.into(), LIMIT_BITS)
        .put(order.left.into(), LOTS_BITS)
        .put(order.flags.bits().into(), 4)
        .put(order.max_fee.into(), FRACTION_BITS)
        .put(order.expiry.into(), TIME_BITS)
        .field()
}

/// `market16 | price54<<16 | (F+2^95)96<<70`.
fn tick_element(row: &MarketRow) -> Fr {
    Word::new()
        .put(row.id.into(), MARKET_BITS)
        .put(row.new.price.into(), PRICE_BITS)
        .put((row.new.funding_index + FUNDING_INDEX_OFFSET) as u128, FUNDING_INDEX_BITS)
        .field()
}
