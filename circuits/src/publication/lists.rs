//! The published lists: one table. Order, offsets and the number of elements follow from it.

use ark_bn254::Fr;

use super::HEADER_ELEMENTS;
use super::native::halves;
use crate::gadgets::row::Padded;
use crate::kinds::{Capacities, Extract, Record, Trace};
use crate::leaves::account::AccountRecord;
use crate::leaves::changed::ChangedPosition;
use crate::leaves::market::MarketRecord;
use crate::leaves::order::OrderRecord;
use crate::ops::deposit::DepositRecord;
use crate::ops::transfer::TransferRecord;
use crate::ops::withdraw::WithdrawRecord;
use crate::params::*;
use crate::state::word::Word;

/// A published list, padded with zeros to the capacity of its name.
pub struct List {
    /// Name of the list for the rows that publish it, and of the capacity that is its length.
    pub name: &'static str,
    /// Elements of one entry.
    pub elements: usize,
    /// The entries of a batch, one after the other.
    pub encode: fn(&Trace, &Capacities) -> Vec<Fr>,
}

/// Name under which the statement row publishes the header, which comes before all lists.
pub const HEADER_LIST: &str = "header";

/// All lists, in the order of the published bytes.
pub const LISTS: &[List] = &[
    List { name: "deposits", elements: 3, encode: |trace, _| entries(trace, deposit) },
    List { name: "cross_accounts", elements: 1, encode: |trace, _| entries(trace, account::<SLOTS>) },
    List { name: "isolated_accounts", elements: 1, encode: |trace, _| entries(trace, account::<1>) },
    List { name: "positions", elements: 1, encode: positions },
    List { name: "withdrawals", elements: 1, encode: |trace, _| entries(trace, withdrawal) },
    List { name: "transfers", elements: 1, encode: |trace, _| entries(trace, transfer) },
    List { name: "orders", elements: 1, encode: |trace, _| entries(trace, order) },
    List { name: "markets", elements: 1, encode: |trace, _| entries(trace, tick) },
];

/// Names under which rows publish, in the order of the elements.
pub fn names() -> Vec<&'static str> {
    std::iter::once(HEADER_LIST).chain(LISTS.iter().map(|list| list.name)).collect()
}

/// Elements of a batch in a shape of these capacities, the header's included.
pub fn element_count(capacities: &Capacities) -> usize {
    end_of(LISTS, capacities)
}

/// Number of the first element of a list. Panics for a name that no list has.
pub fn offset(name: &str, capacities: &Capacities) -> usize {
    let place = LISTS.iter().position(|list| list.name == name);
    end_of(&LISTS[..place.unwrap_or_else(|| panic!("there is no list '{name}'"))], capacities)
}

/// Elements of the header and of these lists; `usize::MAX` for more than that.
fn end_of(lists: &[List], capacities: &Capacities) -> usize {
    let sizes = lists.iter().map(|list| list.elements.saturating_mul(capacities[list.name]));
    sizes.fold(HEADER_ELEMENTS, usize::saturating_add)
}

fn entries<T: Record, const N: usize>(trace: &Trace, encode: fn(&T) -> [Fr; N]) -> Vec<Fr> {
    trace.of::<T>().iter().flat_map(|row: &Padded<T>| encode(row)).collect()
}

fn positions(trace: &Trace, capacities: &Capacities) -> Vec<Fr> {
    ChangedPosition::extract(trace, capacities).into_iter().map(|row| row.record).collect()
}

/// `x_hi126 | amount64<<126 | mode_market16<<190 | account36<<206`; `x_lo128 | (y>>136)118<<128`;
/// `y mod 2^136`.
fn deposit(row: &DepositRecord) -> [Fr; 3] {
    let [x_high, x_low] = halves(row.owner.x);
    let [y_high, y_low] = halves(row.owner.y);
    let first = Word::new()
        .put(x_high, 126)
        .put(row.amount.into(), 64)
        .put(row.header.mode_market().into(), MARKET_BITS)
        .put(row.account.into(), ACCOUNT_BITS);
    let second = Word::new().put(x_low, 128).put(y_high >> 8, 118);
    let third = Word::new().put(y_low, 128).put(y_high & 0xff, 8);
    [first.field(), second.field(), third.field()]
}

/// `id36 | (C+2^63)64<<36 | order_nonce40<<100 | cancel_nonce40<<140 | leverage_limit20<<180 |
/// fresh1<<200 | mode_market16<<201`.
fn account<const N: usize>(row: &AccountRecord<N>) -> [Fr; 1] {
    let close = &row.close;
    let element = Word::new()
        .put(row.id.into(), ACCOUNT_BITS)
        .put((i128::from(close.collateral) + COLLATERAL_OFFSET) as u128, COLLATERAL_BITS)
        .put(close.order_nonce.into(), NONCE_BITS)
        .put(close.cancel_nonce.into(), NONCE_BITS)
        .put(row.leverage_limit.into(), FRACTION_BITS)
        .bit(row.fresh)
        .put(row.mode_market.into(), MARKET_BITS);
    [element.field()]
}

/// `recipient160 | amount64<<160`.
fn withdrawal(row: &WithdrawRecord) -> [Fr; 1] {
    [Word::new().address(&row.recipient).put(row.amount.into(), 64).field()]
}

/// `from36 | to36<<36 | amount64<<72`.
fn transfer(row: &TransferRecord) -> [Fr; 1] {
    let accounts = Word::new().put(row.from.into(), ACCOUNT_BITS).put(row.to.into(), ACCOUNT_BITS);
    [accounts.put(row.amount.into(), 64).field()]
}

/// `id36 | account36<<36 | market16<<72 | side1<<88 | limit32<<89 | left56<<121 | flags4<<177 |
/// max_fee20<<181 | expiry40<<201`.
fn order(row: &OrderRecord) -> [Fr; 1] {
    let order = row.new();
    let element = Word::new()
        .put(row.id.into(), ORDER_BITS)
        .put(order.account.into(), ACCOUNT_BITS)
        .put(order.market.into(), MARKET_BITS)
        .bit(order.side.bit())
        .put(order.limit.into(), LIMIT_BITS)
        .put(order.left.into(), LOTS_BITS)
        .put(order.flags.bits().into(), 4)
        .put(order.max_fee.into(), FRACTION_BITS)
        .put(order.expiry.into(), TIME_BITS);
    [element.field()]
}

/// `market16 | price54<<16 | (F+2^95)96<<70`.
fn tick(row: &MarketRecord) -> [Fr; 1] {
    let element = Word::new()
        .put(row.id.into(), MARKET_BITS)
        .put(row.new.price.into(), PRICE_BITS)
        .put((row.new.funding_index + FUNDING_INDEX_OFFSET) as u128, FUNDING_INDEX_BITS);
    [element.field()]
}
