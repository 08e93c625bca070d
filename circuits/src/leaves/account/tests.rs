use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, MontFp, Zero};
use proptest::prelude::*;

use super::*;
use crate::gadgets::cs::{Shared, Tag};
use crate::gadgets::curve::GENERATOR;
use crate::gadgets::int::fr_from_i128;
use crate::gadgets::row::{IdealBus, RowWitness, Template};
use crate::margin::native::requirement;
use crate::margin::native::{settle as native_settle, totals};
use crate::margin::{Header, PositionCell};
use crate::ops::action::Nonces;
use crate::soundness::forge::refusal;
use crate::soundness::leaf_forge::{every_hint_is_pinned, leaf_tuple};
use crate::state::tags::{BIRTH, CHANGED, HEADER, MODE, NODE, NONCE, POSITION, RISK};
use crate::state::tree::account_leaf;
use crate::state::{Account, Market, MarketId, Position, PublicKey, wires};

mod closings;
mod creations;
mod flat;
mod forge;
mod mode_changes;
mod modes;

/// The first order after the batch.
const NEXT_ORDER: u64 = 77;
const GLOBALS: [Fr; wires::COUNT] = {
    let mut globals = [Fr::ZERO; wires::COUNT];
    globals[wires::NEXT_ORDER_AFTER as usize] = MontFp!("77");
    globals
};
const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &GLOBALS };

/// What happens to an account in a batch, natively.
#[derive(Clone, Debug)]
struct AccountRow {
    id: AccountId,
    /// When it is created, if in this batch.
    created_at: Option<u64>,
    old: Account,
    opened: Header,
    closed: Header,
    header_at: u32,
    nonces: Nonces,
    nonces_at: u32,
    slots: [SlotRow; SLOTS],
    new: Account,
    old_leaf: Fr,
    new_leaf: Fr,
}

/// One of its slots.
#[derive(Clone, Copy, Debug, Default)]
struct SlotRow {
    market: MarketId,
    opened: PositionCell,
    closed: PositionCell,
    at: u32,
}

impl SlotRow {
    fn changed(&self) -> bool {
        self.opened != self.closed
    }
}

fn market(id: u64) -> Market {
    Market {
        price: (3 << 32) + id * 1_000_003,
        funding_index: -7_000_000_000 * i128::from(id),
        max_price: 1 << 38,
        max_size: 1 << 50,
        still: id.is_multiple_of(3),
        funding_interval: 1,
        funding_cap: 1000,
        initial_fraction: 50_000 + id as u32,
        maintenance_fraction: 25_000,
        taker_fee: 500,
        maker_fee: 200,
        liquidation_fee: 5_000,
        band: 50_000,
        collar: 0,
        lot: 1_000,
        tick_quote: 10,
        min_lots: 1,
        status: 1,
        ..Market::BLANK
    }
}

fn position(id: u16, size: i64) -> Position {
    let funding_index = 1_234_567 * i128::from(id) - 3_000_000_000;
    Position { market: id, size, entry_quote: size.unsigned_abs() * 3 + 1, funding_index }
}

/// A record of an account whose cells end as `closed` says; the header moves by the same trades.
fn record(
    id: AccountId,
    old: Account,
    reserved: &[(usize, u16)],
    closed: &[(usize, PositionCell)],
) -> AccountRow {
    let markets = |m: MarketId| Some(market(m.into()));
    let settled = native_settle(&old, markets).expect("settles");
    let opened = totals(&old, settled.collateral, markets).expect("sums");
    let mut slots = [SlotRow::default(); SLOTS];
    let mut new =
        Account { collateral: settled.collateral - 7, order_nonce: old.order_nonce + 3, ..old.clone() };
    for (slot, stored) in slots.iter_mut().zip(&mut new.slots) {
        if let Some(position) = stored {
            let cell = PositionCell { size: position.size, entry_quote: position.entry_quote };
            *slot = SlotRow { market: position.market, opened: cell, closed: cell, at: 0 };
            position.funding_index = market(position.market.into()).funding_index;
        }
    }
    for (slot, market) in reserved {
        slots[*slot].market = *market;
    }
    for (number, cell) in closed {
        (slots[*number].closed, slots[*number].at) = (*cell, 80 + *number as u32);
        let stored = Position {
            market: slots[*number].market,
            size: cell.size,
            entry_quote: cell.entry_quote,
            funding_index: market(slots[*number].market.into()).funding_index,
        };
        new.slots[*number] = (cell.size != 0).then_some(stored);
    }
    AccountRow {
        id,
        created_at: None,
        opened,
        closed: Header { collateral: new.collateral, ..opened },
        header_at: 43,
        nonces: Nonces { order: new.order_nonce, cancel: new.cancel_nonce },
        nonces_at: 40,
        slots,
        old_leaf: old.leaf(),
        new_leaf: new.leaf(),
        old,
        new,
    }
}

fn cross() -> AccountRow {
    let mut old = Account::empty(GENERATOR, Mode::Cross);
    (old.collateral, old.order_nonce, old.cancel_nonce, old.leverage_limit) = (-5_000_000, 41, 9, 50_003);
    old.slots[0] = Some(position(7, 1_000_000));
    old.slots[3] = Some(position(2, -77_777));
    old.slots[15] = Some(position(511, 1));
    let closed = [
        (0, PositionCell { size: -20, entry_quote: 61 }),
        (1, PositionCell { size: 4, entry_quote: 12 }),
        (3, PositionCell { size: 0, entry_quote: 0 }),
    ];
    record(601, old, &[(1, 9), (2, 300)], &closed)
}

fn isolated() -> AccountRow {
    let mut old = Account::empty(GENERATOR, Mode::Isolated(4));
    (old.collateral, old.order_nonce) = (9_000_000, 1);
    old.slots[0] = Some(position(4, -1_000_000));
    record(777, old, &[], &[(0, PositionCell { size: 5, entry_quote: 15 })])
}

/// All slots in use: held and traded, held and left alone, closed, or opened.
fn full(kind: u8) -> AccountRow {
    let mut old = Account::empty(GENERATOR, Mode::Cross);
    (old.collateral, old.order_nonce, old.cancel_nonce, old.leverage_limit) = (-5_000_000, 41, 9, 50_003);
    let market = |slot: usize| 3 * slot as u16 + 1;
    for (slot, stored) in old.slots.iter_mut().enumerate().take(if kind == 3 { 0 } else { SLOTS }) {
        *stored =
            Some(position(market(slot), (1 + slot as i64) * if slot % 2 == 0 { 1_000_003 } else { -777 }));
    }
    let cell = match kind {
        0 | 3 => PositionCell { size: -20, entry_quote: 61 },
        _ => PositionCell { size: 0, entry_quote: 0 },
    };
    let closed: Vec<_> = (0..SLOTS).filter(|_| kind != 1).map(|slot| (slot, cell)).collect();
    let reserved: Vec<_> = (0..SLOTS).map(|slot| (slot, market(slot))).collect();
    record(601, old, &reserved, &closed)
}

/// Rows for the gates.
pub fn cross_rows() -> Vec<Padded<AccountRecord<SLOTS>>> {
    let rows = [full(0), full(1), full(2), full(3), cross()];
    let mut all: Vec<_> = rows.iter().map(input).collect();
    let mut created: Padded<AccountRecord<SLOTS>> = input(&flat::created());
    created.slots[2] = all[4].slots[3];
    all.push(created);
    all
}

/// Rows for the gates.
pub fn isolated_rows() -> Vec<Padded<AccountRecord<1>>> {
    let mut created = record(900, Account::empty(GENERATOR, Mode::Isolated(4)), &[(0, 4)], &[]);
    (created.created_at, created.old_leaf) = (Some(40), Fr::zero());
    let untouched = record(777, isolated().old, &[], &[]);
    let mut all: Vec<_> = [isolated(), created, untouched].iter().map(input).collect();
    let mut amended = all[0];
    (amended.amended, amended.rekeyed) = (Some(123_456), Some(GENERATOR.add(&GENERATOR)));
    all.push(amended);
    all
}

/// Rows for the gates.
pub fn flat_rows() -> Vec<Padded<AccountRecord<0>>> {
    flat::rows()
}

/// Rows for the gates.
pub fn mode_change_rows() -> Vec<Padded<ModeChangeRecord>> {
    mode_changes::rows()
}

fn input<const N: usize>(row: &AccountRow) -> Padded<AccountRecord<N>> {
    let close = Close {
        collateral: row.closed.collateral,
        value: row.closed.value,
        initial: row.closed.initial,
        maintenance: row.closed.maintenance,
        entry: row.closed.entry,
        header_touch: row.header_at,
        order_nonce: row.nonces.order,
        cancel_nonce: row.nonces.cancel,
        nonce_touch: row.nonces_at,
    };
    let mut record = AccountRecord::of(row.id, &row.old, row.opened, close);
    (record.fresh, record.opened_at) = (row.created_at.is_some(), row.created_at.unwrap_or(0) as u32);
    for (number, slot) in record.slots.iter_mut().enumerate() {
        let SlotRow { market: id, closed, at, .. } = row.slots[number];
        let new = requirement(&market(id.into()), row.old.leverage_limit, closed.size);
        *slot = SlotInput {
            market: id,
            listed: market(id.into()),
            old: row.old.slots[number],
            new_size: closed.size,
            new_entry_quote: closed.entry_quote,
            new_required: [new.initial, new.maintenance],
            last_touch: at,
        };
    }
    Padded { enabled: row.id != 0, record }
}

fn run<R: Row>(input: &Padded<R::Record>) -> RowWitness {
    RowWitness::compute::<R>(SHARED, 5, &[], input)
}

fn tuples(row: &RowWitness, tag: Tag) -> Vec<Vec<Fr>> {
    let active =
        |(_, i): &(usize, &crate::gadgets::cs::InteractionValue)| i.tag == tag && !i.multiplicity.is_zero();
    row.interactions.iter().enumerate().filter(active).map(|(n, _)| row.tuple(n).to_vec()).collect()
}

fn agrees<R: Row>(record: &AccountRow, input: &Padded<R::Record>) {
    let row = run::<R>(input);
    assert_eq!(row.violations, [""; 0]);
    assert_eq!(refusal(&row, 13), None);
    assert_eq!(leaf_tuple(&row), [Fr::from(account_leaf(record.id)), record.old_leaf, record.new_leaf]);
    let header = &tuples(&row, HEADER)[0];
    let signed = |v: i128| fr_from_i128(v);
    let opened = &record.opened;
    assert_eq!(header[0], Fr::from((record.id << 26) + record.created_at.unwrap_or(0)));
    assert_eq!(header[1], signed(opened.collateral.into()));
    assert_eq!(header[2..6], [opened.value, opened.initial, opened.maintenance, opened.entry].map(signed));
    assert_eq!(header[6], Fr::from(opened.mode_market()));
    assert_eq!(header[7], Fr::from(opened.leverage_limit));
    let used = record.slots.iter().filter(|slot| slot.market != 0).count();
    assert_eq!(tuples(&row, POSITION).len(), 2 * used);
    let changed: Vec<Vec<Fr>> = tuples(&row, CHANGED);
    let expected: Vec<Vec<Fr>> = record
        .slots
        .iter()
        .enumerate()
        .filter(|(_, s)| s.changed())
        .map(|(number, s)| {
            let element = 5
                | (number as u128) << 12
                | u128::from(s.market) << 16
                | u128::from(s.closed.size < 0) << 32
                | u128::from(s.closed.size.unsigned_abs()) << 33;
            vec![Fr::from(element) + Fr::from(s.closed.entry_quote) * power_of_two(89)]
        })
        .collect();
    assert_eq!(changed, expected);
    // The element of the list: id, collateral, nonces, limit, fresh, mode.
    let account = &record.new;
    let mut element = Fr::from(record.id)
        + Fr::from((i128::from(account.collateral) + COLLATERAL_OFFSET) as u128) * power_of_two(36);
    for (part, at) in [
        (account.order_nonce, 100),
        (account.cancel_nonce, 140),
        (account.leverage_limit.into(), 180),
        (record.created_at.is_some().into(), 200),
        (account.mode.market().into(), 201),
    ] {
        element += Fr::from(part) * power_of_two(at);
    }
    assert_eq!(row.published, [element]);
}

#[test]
fn cross_agrees_with_native_settlement_sums_and_leaves() {
    let row = cross();
    let settled = native_settle(&row.old, |m| Some(market(m.into()))).expect("settles");
    assert!(settled.dust > 0, "the sample rounds");
    agrees::<CrossAccount>(&row, &input(&row));
}

#[test]
fn isolated_agrees_with_native() {
    let row = isolated();
    agrees::<IsolatedAccount>(&row, &input(&row));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn isolated_agrees_on_any_position(
        collateral in any::<i32>(), size in -(1i64 << 49)..(1i64 << 49), limit in 0u32..1_000_000,
        after in -(1i64 << 49)..(1i64 << 49), entry in 0u64..(1 << 63),
    ) {
        let mut old = Account::empty(GENERATOR, Mode::Isolated(4));
        (old.collateral, old.leverage_limit) = (i64::from(collateral) << 24, limit);
        old.slots[0] = (size != 0).then_some(Position { entry_quote: entry, ..position(4, size) });
        let closed = PositionCell { size: after, entry_quote: if after == 0 { 0 } else { entry / 3 } };
        let row = record(600, old, &[(0, 4)], &[(0, closed)]);
        agrees::<IsolatedAccount>(&row, &input(&row));
    }
}

#[test]
fn rejects_collateral_out_of_range_after_settlement() {
    // One base quantum, and funding that takes or gives whole quanta.
    let settled = |collateral: i64, quanta: i128| {
        let mut old = Account::empty(GENERATOR, Mode::Isolated(4));
        old.collateral = collateral;
        let funding_index = market(4).funding_index - quanta * FUNDING_SCALE;
        old.slots[0] = Some(Position { funding_index, ..position(4, 1) });
        let native = native_settle(&old, |m| Some(market(m.into())));
        let mut row = isolated();
        row.old = old;
        let circuit = refusal(&run::<IsolatedAccount>(&input(&row)), 13);
        (native.is_ok(), circuit.is_none())
    };
    for quanta in [-2i128, -1, 0, 1, 2] {
        let native = i128::from(i64::MAX) - 1 - quanta <= i128::from(i64::MAX);
        assert_eq!(settled(i64::MAX - 1, quanta), (native, native), "{quanta}");
        let native = i128::from(i64::MIN) + 1 - quanta >= i128::from(i64::MIN);
        assert_eq!(settled(i64::MIN + 1, quanta), (native, native), "{quanta}");
    }
}

#[test]
fn rejects_the_same_market_in_two_slots() {
    let mut forged: Padded<AccountRecord<SLOTS>> = input(&cross());
    forged.slots[5].market = 9;
    assert_eq!(refusal(&run::<CrossAccount>(&forged), 13), Some("RANGE"));
}

#[test]
fn rejects_an_isolated_account_of_no_market() {
    let mut forged: Padded<AccountRecord<1>> = input(&isolated());
    (forged.mode_market, forged.slots[0].market, forged.slots[0].old) = (0, 0, None);
    assert!(run::<IsolatedAccount>(&forged).violations.contains(&"ACC-2"));
}

#[test]
fn every_hint_of_an_isolated_account_is_pinned() {
    let input: Padded<AccountRecord<1>> = input(&isolated());
    assert_eq!(every_hint_is_pinned::<IsolatedAccount>(SHARED, &input, &[]), [""; 0]);
}

#[test]
fn padding_is_inert_and_its_key_unreachable() {
    fn inert<R: Row>(first_key: Fr) {
        let row = run::<R>(&Padded::disabled(R::dummy()));
        assert_eq!(row.violations, [""; 0]);
        let mut bus = IdealBus::default();
        bus.add(&row);
        assert!(bus.imbalances(13).is_empty());
        for tag in [BIRTH, HEADER, NONCE, POSITION, RISK, CHANGED, DISTINCT, MODE, NODE] {
            assert!(tuples(&row, tag).is_empty(), "{}", tag.name);
        }
        assert_eq!(row.published, [Fr::ZERO]);
        let key = row.interactions.iter().position(|i| i.tag == KEY).expect("a key");
        assert_eq!(row.tuple(key)[0], first_key + Fr::from(5u64));
    }
    inert::<CrossAccount>(power_of_two(40));
    inert::<IsolatedAccount>(power_of_two(41));
    inert::<FlatAccount>(power_of_two(42));
    inert::<ModeChange>(power_of_two(43));
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<CrossAccount>(13).constraints.len(), 4_379);
    assert_eq!(Template::compile::<IsolatedAccount>(13).constraints.len(), 860);
}
