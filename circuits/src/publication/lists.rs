//! The published lists: one table. Order, offsets and the number of elements follow from it.

use ark_bn254::Fr;

use super::HEADER_ELEMENTS;
use crate::gadgets::row::Padded;
use crate::gadgets::word::{AnyLayout, Bits};
use crate::kinds::{Capacities, Extract, Record, Trace};
use crate::leaves::account::{AccountRecord, ModeChangeRecord};
use crate::leaves::changed::ChangedPosition;
use crate::leaves::market::MarketRecord;
use crate::leaves::order::OrderRecord;
use crate::ops::Leg;
use crate::ops::change_key::{ChangeKeyRecord, REKEY_FIRST, REKEY_SECOND, REKEY_THIRD};
use crate::ops::configure::{
    CONFIGURATION_FIRST, CONFIGURATION_SECOND, CONFIGURATION_THIRD, ConfigureRecord,
};
use crate::ops::deposit::{
    DEPOSIT_FIRST, DEPOSIT_SECOND, DEPOSIT_THIRD, DepositRecord, X_HIGH_BITS, X_LOW_BITS, Y_HIGH_BITS,
    Y_LOW_BITS,
};
use crate::ops::liquidate::{
    LIQUIDATION_FIRST, LIQUIDATION_SECOND, LIQUIDATION_THIRD, LiquidateRecord, Taker,
};
use crate::ops::transfer::{TRANSFER_ELEMENT, TransferRecord};
use crate::ops::withdraw::{WITHDRAWAL_ELEMENT, WithdrawRecord};
use crate::params::*;
use crate::state::account::{ACCOUNT_ELEMENT, POSITION_ELEMENT};
use crate::state::globals::GLOBALS_ELEMENT;
use crate::state::market::{MARKET_ELEMENT, TIERS_WORD};
use crate::state::order::ORDER_ELEMENT;
use crate::state::pool_account;

/// A published list, padded with zeros to its number of entries.
pub struct List {
    /// Name of the list for the rows that publish it.
    pub name: &'static str,
    /// What the elements of one entry hold, in their order.
    pub layouts: &'static [AnyLayout<'static>],
    /// How many entries the list has.
    pub entries: Entries,
    /// The entries of a batch, one after the other.
    pub encode: fn(&Trace, &Capacities) -> Vec<Fr>,
}

/// How many entries a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entries {
    /// As many as the capacity of the list's name.
    Capacity,
    /// Always so many.
    Fixed(usize),
}

impl List {
    /// A list with as many entries as the capacity of its name.
    const fn of(
        name: &'static str,
        layouts: &'static [AnyLayout<'static>],
        encode: fn(&Trace, &Capacities) -> Vec<Fr>,
    ) -> Self {
        Self { name, layouts, entries: Entries::Capacity, encode }
    }

    /// Elements of one entry.
    pub const fn elements(&self) -> usize {
        self.layouts.len()
    }

    /// Entries in a shape of these capacities.
    pub fn capacity(&self, capacities: &Capacities) -> usize {
        match self.entries {
            Entries::Capacity => capacities[self.name],
            Entries::Fixed(entries) => entries,
        }
    }
}

/// Name under which the statement row publishes the header, which comes before all lists.
pub const HEADER_LIST: &str = "header";
/// Name under which the statement row publishes what it adds to the header.
pub const GLOBALS_LIST: &str = "globals";

/// All lists, in the order of the published bytes.
pub const LISTS: &[List] = &[
    List::of("deposits", &[DEPOSIT_FIRST.any(), DEPOSIT_SECOND.any(), DEPOSIT_THIRD.any()], |trace, _| {
        entries(trace, deposit)
    }),
    List::of("cross_accounts", &[ACCOUNT_ELEMENT.any()], |trace, _| entries(trace, account::<SLOTS>)),
    List::of("isolated_accounts", &[ACCOUNT_ELEMENT.any()], |trace, _| entries(trace, account::<1>)),
    List::of("flat_accounts", &[ACCOUNT_ELEMENT.any()], |trace, _| entries(trace, account::<0>)),
    List::of("mode_changes", &[ACCOUNT_ELEMENT.any()], |trace, _| entries(trace, mode_change)),
    List::of("positions", &[POSITION_ELEMENT.any()], positions),
    List::of("withdrawals", &[WITHDRAWAL_ELEMENT.any()], |trace, _| entries(trace, withdrawal)),
    List::of("transfers", &[TRANSFER_ELEMENT.any()], |trace, _| entries(trace, transfer)),
    List::of("rekeys", &[REKEY_FIRST.any(), REKEY_SECOND.any(), REKEY_THIRD.any()], |trace, _| {
        entries(trace, rekey)
    }),
    List::of("orders", &[ORDER_ELEMENT.any()], |trace, _| entries(trace, order)),
    List::of("markets", &[MARKET_ELEMENT.any()], |trace, _| entries(trace, market)),
    List::of(
        "liquidations",
        &[LIQUIDATION_FIRST.any(), LIQUIDATION_SECOND.any(), LIQUIDATION_THIRD.any()],
        |trace, _| entries(trace, liquidation),
    ),
    List {
        name: GLOBALS_LIST,
        layouts: &[GLOBALS_ELEMENT.any()],
        entries: Entries::Fixed(1),
        encode: |trace, _| {
            let globals = &trace.new_globals;
            vec![GLOBALS_ELEMENT.pack([globals.next_order.into(), globals.epoch.into()])]
        },
    },
    // The contract finds it at the end.
    List::of(
        "configurations",
        &[
            CONFIGURATION_FIRST.any(),
            CONFIGURATION_SECOND.any(),
            CONFIGURATION_THIRD.any(),
            TIERS_WORD.any(),
            TIERS_WORD.any(),
            TIERS_WORD.any(),
            TIERS_WORD.any(),
        ],
        |trace, _| entries(trace, |row: &ConfigureRecord| row.op().elements()),
    ),
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
    let sizes = lists.iter().map(|list| list.elements().saturating_mul(list.capacity(capacities)));
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
    [TRANSFER_ELEMENT.pack([row.from.into(), row.to.into(), row.amount.into(), row.creates.into()])]
}

fn rekey(row: &ChangeKeyRecord) -> [Fr; 3] {
    let (x, y) = (Bits::from(row.key.x), Bits::from(row.key.y));
    let first = REKEY_FIRST.pack([row.account.into(), x.part(X_LOW_BITS, X_HIGH_BITS)]);
    let second = REKEY_SECOND.pack([x.part(0, X_LOW_BITS), y.part(Y_LOW_BITS, Y_HIGH_BITS)]);
    let third = REKEY_THIRD.pack([y.part(0, Y_LOW_BITS)]);
    [first, second, third]
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
        // Within the two resting flags, as others do not rest.
        order.flags.bits().into(),
        order.max_fee.into(),
        order.expiry.into(),
        order.fee_carry.into(),
    ])]
}

fn market(row: &MarketRecord) -> [Fr; 1] {
    let (rate, asked) = row.tick.map_or((0, 0), |tick| (stated_rate(tick.rate), tick.price));
    [MARKET_ELEMENT.pack([
        row.id.into(),
        row.new.price.into(),
        ((row.new.funding_index + FUNDING_INDEX_OFFSET) as u128).into(),
        row.tick.is_some().into(),
        rate.into(),
        asked.into(),
    ])]
}

fn liquidation(row: &LiquidateRecord) -> [Fr; 3] {
    let LiquidateRecord { op, cells, fee, .. } = row;
    let Leg { header, position, .. } = &cells.account;
    let (taker, order) = match (op.taker, &cells.order) {
        (Taker::Order(id), Some(order)) => (order.account, id),
        _ => (pool_account(op.market), 0),
    };
    let first = LIQUIDATION_FIRST.pack([
        op.account.into(),
        taker.into(),
        order.into(),
        op.market.into(),
        (position.size < 0).into(),
        op.lots.into(),
        op.quote.into(),
    ]);
    let unsigned = |value: i128| Bits::from(value as u128);
    let second = LIQUIDATION_SECOND.pack([unsigned(header.total_value()), unsigned(header.initial)]);
    let held = position.size.unsigned_abs();
    let third = LIQUIDATION_THIRD.pack([unsigned(header.maintenance), held.into(), (*fee).into()]);
    [first, second, third]
}
