//! The published lists: one table. Order, offsets and the number of elements follow from it.

use ark_bn254::Fr;

use super::HEADER_ELEMENTS;
use crate::gadgets::row::Padded;
use crate::gadgets::word::Bits;
use crate::kinds::{Capacities, Extract, Record, Trace};
use crate::leaves::account::{AccountRecord, ModeChangeRecord};
use crate::leaves::changed::ChangedPosition;
use crate::leaves::market::MarketRecord;
use crate::leaves::order::OrderRecord;
use crate::ops::deposit::{
    DEPOSIT_FIRST, DEPOSIT_SECOND, DEPOSIT_THIRD, DepositRecord, X_HIGH_BITS, X_LOW_BITS, Y_HIGH_BITS,
    Y_LOW_BITS,
};
use crate::ops::transfer::{TRANSFER_ELEMENT, TransferRecord};
use crate::ops::withdraw::{WITHDRAWAL_ELEMENT, WithdrawRecord};
use crate::params::*;
use crate::state::account::ACCOUNT_ELEMENT;
use crate::state::market::TICK_ELEMENT;
use crate::state::order::ORDER_ELEMENT;

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
    List { name: "flat_accounts", elements: 1, encode: |trace, _| entries(trace, account::<0>) },
    List { name: "mode_changes", elements: 1, encode: |trace, _| entries(trace, mode_change) },
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

fn deposit(row: &DepositRecord) -> [Fr; 3] {
    let (x, y) = (Bits::from(row.owner.x), Bits::from(row.owner.y));
    let first = DEPOSIT_FIRST.pack([
        x.part(X_LOW_BITS, X_HIGH_BITS),
        row.amount.into(),
        row.header.mode_market().into(),
        row.account.into(),
    ]);
    let second = DEPOSIT_SECOND.pack([x.part(0, X_LOW_BITS), y.part(Y_LOW_BITS, Y_HIGH_BITS)]);
    let third = DEPOSIT_THIRD.pack([y.part(0, Y_LOW_BITS)]);
    [first, second, third]
}

fn account<const N: usize>(row: &AccountRecord<N>) -> [Fr; 1] {
    closed(row, row.mode_market)
}

fn mode_change(row: &ModeChangeRecord) -> [Fr; 1] {
    closed(&row.account, row.new_mode.market())
}

/// The element of an account that closes with a mode.
fn closed<const N: usize>(row: &AccountRecord<N>, mode_market: u16) -> [Fr; 1] {
    let close = &row.close;
    [ACCOUNT_ELEMENT.pack([
        row.id.into(),
        ((i128::from(close.collateral) + COLLATERAL_OFFSET) as u128).into(),
        close.order_nonce.into(),
        close.cancel_nonce.into(),
        row.leverage_limit_after().into(),
        row.fresh.into(),
        mode_market.into(),
    ])]
}

fn withdrawal(row: &WithdrawRecord) -> [Fr; 1] {
    [WITHDRAWAL_ELEMENT.pack([(&row.recipient).into(), row.amount.into()])]
}

fn transfer(row: &TransferRecord) -> [Fr; 1] {
    [TRANSFER_ELEMENT.pack([row.from.into(), row.to.into(), row.amount.into()])]
}

fn order(row: &OrderRecord) -> [Fr; 1] {
    let order = row.after();
    [ORDER_ELEMENT.pack([
        row.id.into(),
        order.account.into(),
        order.market.into(),
        order.side.bit().into(),
        order.limit.into(),
        order.left.into(),
        order.flags.bits().into(),
        order.max_fee.into(),
        order.expiry.into(),
    ])]
}

fn tick(row: &MarketRecord) -> [Fr; 1] {
    [TICK_ELEMENT.pack([
        row.id.into(),
        row.new.price.into(),
        ((row.new.funding_index + FUNDING_INDEX_OFFSET) as u128).into(),
    ])]
}
