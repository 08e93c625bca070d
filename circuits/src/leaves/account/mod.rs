//! Rows of accounts: one row opens and closes an account, with one leaf before and one after.
//!
//! Opening settles funding once, sums value and requirements once, and sends the header, the nonces and
//! the positions: at time 0, but header and nonces of a new account when it is born, so that nothing
//! touches it before. Closing receives them as last touched. Cross accounts have 16 slots, isolated
//! ones a single slot whose market is their mode.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::{Bit, Int, fr_from_i128, signed_to_fr};
use crate::gadgets::memory::cell_key;
use crate::gadgets::memory::closing_time;
use crate::gadgets::range::{enforce_nonnegative, enforce_range};
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::leaves::node::send_leaf;
use crate::params::*;
use crate::state::account::ACCOUNT_WORD;
use crate::state::tags::{AMEND, BIRTH, DISTINCT, DISTINCT_KEY, HEADER, KEY, NONCE, REKEY};
use crate::state::tree::ACCOUNT_LEAF;
use crate::state::wires::ISOLATED_OFFSET;
use crate::state::{AccountId, Mode, PublicKey};

mod leaf;
mod record;
pub mod slot;
#[cfg(test)]
mod tests;

use leaf::{Word, leaf_hash};
pub use record::{AccountRecord, Close};
use slot::{Owner, Slot, slot};
pub use slot::{RiskInput, SlotInput};

/// The published list of opened accounts with so many slots.
const fn list(slots: usize) -> &'static str {
    if slots == 1 { "isolated_accounts" } else { "cross_accounts" }
}

/// Keys of padding rows lie above every account id: cross rows from here, isolated rows from twice this.
const PADDING_KEY_BITS: u32 = 40;

/// An account that pools 16 slots.   Spec: state-account.md
pub struct CrossAccount;

impl Row for CrossAccount {
    type Record = AccountRecord<SLOTS>;
    const NAME: &'static str = "cross account";

    fn dummy() -> Self::Record {
        AccountRecord::padding(Mode::Cross)
    }

    fn synthesize(cs: &mut Cs<'_>, input: &Padded<Self::Record>) {
        let row = start(cs, input.enabled, input.id);
        let place = cs.row_index();
        let base = base(cs, input, &Int::zero());
        let of = row.owner(&place, &base.leverage_limit);
        let mut slots = Vec::with_capacity(SLOTS);
        let mut names = Vec::with_capacity(SLOTS);
        for (number, slot_input) in input.slots.iter().enumerate() {
            let market = Fr::from(slot_input.market);
            let market =
                Int::hint_unsigned(&mut cs.check("SLOT-8"), "slot.market", market, CIRCUIT_MARKET_BITS);
            let slot = slot(cs, &of, &market, number, slot_input);
            // An unused slot counts as a name of its own above every market.
            let own = Fr::from(u64::from(UNUSED_MARKET) + number as u64);
            let name = market.var().add_constant(-own);
            let name = cs.check("ACC-9").product(slot.used.var(), &name);
            names.push(name.add_constant(own));
            slots.push(slot);
        }
        enforce_distinct(cs, &row, &names);
        finish(cs, input, &row, &base, &slots);
    }
}

/// An account of one market.   Spec: state-account.md
pub struct IsolatedAccount;

impl Row for IsolatedAccount {
    type Record = AccountRecord<1>;
    const NAME: &'static str = "isolated account";

    fn dummy() -> Self::Record {
        AccountRecord::padding(Mode::Isolated(1))
    }

    fn synthesize(cs: &mut Cs<'_>, input: &Padded<Self::Record>) {
        let row = start(cs, input.enabled, input.id);
        let place = &cs.row_index() + &cs.global(ISOLATED_OFFSET);
        let mode = Fr::from(input.mode_market);
        let mode = Int::hint_unsigned(&mut cs.check("ACC-2"), "account.mode", mode, CIRCUIT_MARKET_BITS);
        // Not cross: mode 0 has another leaf and 16 slots.
        let inverse = cs.hint("account.mode_inverse", Cs::inverse_or_zero(mode.var().value()));
        cs.enforce("ACC-2", mode.var(), &inverse, &Var::<Committed>::one());
        let base = base(cs, input, &mode);
        let of = row.owner(&place, &base.leverage_limit);
        let slot = slot(cs, &of, &mode, 0, &input.slots[0]);
        finish(cs, input, &row, &base, &[slot]);
    }
}

/// Market ids are below 512 and take 9 of their 16 bits.
pub const CIRCUIT_MARKET_BITS: u32 = 9;
const UNUSED_MARKET: u32 = 1 << 10;
const _: () = assert!(MARKETS_MAX as u32 == 1 << CIRCUIT_MARKET_BITS);

/// Selector and id.
struct Start {
    enable: Bit,
    id: Int,
}

impl Start {
    fn owner<'a>(&'a self, place: &'a Var<Committed>, leverage_limit: &'a Int) -> Owner<'a> {
        Owner { enable: &self.enable, account: self.id.var(), place, leverage_limit }
    }
}

fn start(cs: &mut Cs<'_>, enabled: bool, id: AccountId) -> Start {
    let enable = Bit::hint(&mut cs.check("ACC-14"), "account.enable", enabled);
    let id = Int::hint_unsigned(&mut cs.check("ACC-1"), "account.id", Fr::from(id), ACCOUNT_BITS);
    Start { enable, id }
}

/// What a leaf says besides key and slots.
struct Base {
    collateral: Int,
    order_nonce: Int,
    cancel_nonce: Int,
    liq_since: Int,
    leverage_limit: Int,
    mode: Int,
}

fn base<const N: usize>(cs: &mut Cs<'_>, input: &AccountRecord<N>, mode: &Int) -> Base {
    let cs = &mut cs.check("ACC-1");
    let mut part = |name, value: u64, bits| Int::hint_unsigned(cs, name, Fr::from(value), bits);
    let raw = (i128::from(input.collateral) + COLLATERAL_OFFSET) as u64;
    let raw = part("account.collateral", raw, COLLATERAL_BITS);
    Base {
        order_nonce: part("account.order_nonce", input.order_nonce, NONCE_BITS),
        cancel_nonce: part("account.cancel_nonce", input.cancel_nonce, NONCE_BITS),
        liq_since: part("account.liq_since", input.liq_since, TIME_BITS),
        leverage_limit: part("account.leverage_limit", input.leverage_limit.into(), FRACTION_BITS),
        collateral: without_offset(&raw),
        mode: mode.clone(),
    }
}

/// `raw - 2^63` for `raw < 2^64`.
fn without_offset(raw: &Int) -> Int {
    Int::new_unchecked(raw.var().add_constant(-power_of_two(COLLATERAL_BITS - 1)), COLLATERAL_BITS)
}

// Used slots name distinct markets: the 16 names, sent, are received in strictly ascending order. A span
// of 15 steps below 2^16 stays inside the account's 2^24 keys.
fn enforce_distinct(cs: &mut Cs<'_>, row: &Start, names: &[Var<Committed>]) {
    let cs = &mut cs.check("ACC-9");
    // A name that is received has no range of its own: ACC-9 says why the sort is this account's.
    let key = |name: &Var<Committed>| DISTINCT_KEY.pack_vars([name, row.id.var()]);
    let mut sorted: Vec<Fr> = names.iter().map(Var::value).collect();
    sorted.sort_unstable();
    for name in names {
        cs.send(DISTINCT, &[key(name)], row.enable.var());
    }
    let mut previous: Option<Var<Committed>> = None;
    for value in sorted {
        let next = cs.hint("account.sorted_market", value);
        cs.receive(DISTINCT, &[key(&next)], row.enable.var());
        if let Some(previous) = previous {
            let step = (&next - &previous).add_constant(-Fr::from(1u64));
            enforce_nonnegative(cs, &step, 12);
        }
        previous = Some(next);
    }
}

// Opens header and nonces, closes them, hashes both leaves, publishes.
fn finish<const N: usize>(
    cs: &mut Cs<'_>,
    input: &AccountRecord<N>,
    row: &Start,
    base: &Base,
    slots: &[Slot],
) {
    let owner = PointVar::hint(cs, "owner", &input.owner);
    owner.enforce_valid_key(cs);
    let row_key = cs.row_index().add_constant(power_of_two(PADDING_KEY_BITS + u32::from(N == 1)));
    let key = cs.check("ACC-8").product(row.enable.var(), &(row.id.var() - &row_key));
    cs.check("ACC-8").provide(KEY, &[&key + &row_key, owner.x.clone(), owner.y.clone()]);
    let fresh = Bit::hint(&mut cs.check("ACC-14"), "account.fresh", input.fresh);
    enforce_default(cs, &fresh, base, slots);
    let amended = amend(cs, row, base, input.amended);
    let rekeyed = rekey(cs, row, &owner, input.rekeyed);
    let opened_at = birth(cs, row, &fresh, input.opened_at);
    enforce_idle(cs, row, [&fresh, &amended.bit, &rekeyed.bit]);

    let collateral = settle(cs, &base.collateral, slots);
    open(cs, row, base, (&opened_at, &collateral), slots);
    let (new_collateral, order_nonce, cancel_nonce) = close(cs, row, base, &input.close);

    let old = Word::of(base).pack();
    let new = Word {
        collateral: &new_collateral,
        order_nonce: &order_nonce,
        cancel_nonce: &cancel_nonce,
        leverage_limit: &amended.leverage_limit,
        ..Word::of(base)
    };
    let published = new.published(&row.id, &fresh);
    let old_slots: Vec<_> = slots.iter().map(|s| s.old_word.clone()).collect();
    let new_slots: Vec<_> = slots.iter().map(|s| s.new_word.clone()).collect();
    let old = leaf_hash(&mut cs.check("ACC-16"), &owner, &old, &old_slots);
    let new = leaf_hash(&mut cs.check("ACC-16"), &rekeyed.owner, &new.pack(), &new_slots);
    // EMPTY is 0.
    let old = cs.check("ACC-5").product(fresh.not().var(), &old);
    send_leaf(&mut cs.check("ACC-5"), &ACCOUNT_LEAF.pack_ints([&row.id]), &old, &new, &row.enable);
    let published = cs.check("ACC-17").product(row.enable.var(), &published);
    cs.publish(list(N), 0, &published);
}

// A new account has collateral 0, nonces 0, no time of liquidation, no limit of its own, empty slots.
fn enforce_default(cs: &mut Cs<'_>, fresh: &Bit, base: &Base, slots: &[Slot]) {
    let word = Word::of(base).pack();
    let content = word
        .add_constant(-power_of_two(COLLATERAL_BITS - 1))
        .add_scaled(base.mode.var(), -power_of_two(ACCOUNT_WORD.shift_of("mode")));
    cs.enforce("ACC-3", fresh.var(), &content, &Var::<Committed>::zero());
    let occupied = Var::sum(slots.iter().map(|s| s.old_occupied.var()));
    cs.enforce("ACC-4", fresh.var(), &occupied, &Var::<Committed>::zero());
}

/// When header and nonces open: as the op says that brings a new account about, 0 for any other.
///
/// A new account's id is one of a user's, from 600 on; any other that is opened is at least 1.
/// - Advice: the time; received if fresh, else 0.
/// - Cost: 3 and a look at the sign of 36 bits.
fn birth(cs: &mut Cs<'_>, row: &Start, fresh: &Bit, honest: u32) -> Var<Committed> {
    let opened_at = cs.hint("account.opened_at", Fr::from(honest));
    cs.enforce("ACC-12", fresh.not().var(), &opened_at, &Var::<Committed>::zero());
    let birth = [row.id.var().clone(), opened_at.clone()];
    cs.check("ACC-11").receive(BIRTH, &birth, fresh.var());
    // |id - 600| < 2^36. In padding, which is not fresh, any id will do.
    let least = row.enable.var().add_scaled(fresh.var(), Fr::from(FIRST_USER_ACCOUNT - 1));
    enforce_nonnegative(&mut cs.check("ACC-13"), &(row.id.var() - &least), ACCOUNT_BITS);
    opened_at
}

// A row that is not enabled takes nothing: the sum of bits is zero only if all of them are.
fn enforce_idle(cs: &mut Cs<'_>, row: &Start, takes: [&Bit; 3]) {
    let takes = Var::sum(takes.map(Bit::var));
    cs.enforce("ACC-11", &takes, row.enable.not().var(), &Var::<Committed>::zero());
}

/// An account's own limit at its closing.
struct Amended {
    bit: Bit,
    leverage_limit: Int,
}

/// The owner's own limit at the closing: as an op of the batch sets it, once, or as it was.
///
/// Trades move the requirement by the limit of the opening: with another in mid-batch they would take off
/// less, or more, than the opening put on.
///
/// - Advice: the new limit; received if amended, else the old one. Its sender has ranged it.
/// - Cost: 4.   Spec: state-account.md
fn amend(cs: &mut Cs<'_>, row: &Start, base: &Base, set: Option<u32>) -> Amended {
    let bit = Bit::hint(&mut cs.check("ACC-14"), "account.amended", set.is_some());
    let old = base.leverage_limit.var();
    let new = cs.hint("account.new_leverage_limit", set.map_or(old.value(), Fr::from));
    cs.check("ACC-18").receive(AMEND, &[row.id.var().clone(), new.clone()], bit.var());
    cs.enforce("ACC-19", bit.not().var(), &(&new - old), &Var::<Committed>::zero());
    Amended { bit, leverage_limit: Int::new_unchecked(new, FRACTION_BITS) }
}

/// An account's key at its closing.
struct Rekeyed {
    bit: Bit,
    owner: PointVar,
}

/// The owner's key at the closing: as an op of the batch sets it, once, or as it was.
///
/// - Advice: the new key; received if rekeyed, else the old one. Its sender has checked that it is a key.
/// - Cost: 6.   Spec: state-account.md
fn rekey(cs: &mut Cs<'_>, row: &Start, owner: &PointVar, set: Option<PublicKey>) -> Rekeyed {
    let bit = Bit::hint(&mut cs.check("ACC-14"), "account.rekeyed", set.is_some());
    let mut coordinate = |set: Option<Fr>, old: &Var<Committed>| {
        let new = cs.hint("account.new_owner", set.unwrap_or(old.value()));
        cs.enforce("ACC-21", bit.not().var(), &(&new - old), &Var::<Committed>::zero());
        new
    };
    let x = coordinate(set.map(|key| key.x), &owner.x);
    let y = coordinate(set.map(|key| key.y), &owner.y);
    cs.check("ACC-20").receive(REKEY, &[row.id.var().clone(), x.clone(), y.clone()], bit.var());
    Rekeyed { bit, owner: PointVar { x, y } }
}

/// `C' = floor((C·U - Σ (F - f)·b)/U)`, the one floor of an opening.
///
/// Advice: C', unique because the remainder is in `[0, U)`; both sides stay below 2^160.
fn settle(cs: &mut Cs<'_>, collateral: &Int, slots: &[Slot]) -> Int {
    let cs = &mut cs.check("ACC-6");
    let owed = Var::sum(slots.iter().map(|s| s.owed.var()));
    let exact = collateral.shift(PRICE_SCALE_BITS).var() - &owed;
    let honest = crate::gadgets::int::fr_to_signed(exact.value()) >> PRICE_SCALE_BITS;
    let raw = signed_to_fr(&(honest + COLLATERAL_OFFSET));
    let raw = Int::hint_unsigned(cs, "account.settled", raw, COLLATERAL_BITS);
    let settled = without_offset(&raw);
    enforce_range(cs, &(&exact - settled.shift(PRICE_SCALE_BITS).var()), PRICE_SCALE_BITS);
    settled
}

fn open(
    cs: &mut Cs<'_>,
    row: &Start,
    base: &Base,
    (at, collateral): (&Var<Committed>, &Int),
    slots: &[Slot],
) {
    let key = cell_key(row.id.var(), at);
    let total = |part: fn(&Slot) -> &Int| Var::sum(slots.iter().map(|s| part(s).var()));
    let header = [
        key.clone(),
        collateral.var().clone(),
        total(|s| &s.value),
        total(|s| &s.initial),
        total(|s| &s.maintenance),
        total(|s| &s.entry),
        base.mode.var().clone(),
        base.leverage_limit.var().clone(),
    ];
    cs.check("ACC-7").send(HEADER, &header, row.enable.var());
    let nonces = [key, base.order_nonce.var().clone(), base.cancel_nonce.var().clone()];
    cs.check("ACC-15").send(NONCE, &nonces, row.enable.var());
}

// Mode and leverage limit are those of the opening. Ranged by who sent them last.
fn close(cs: &mut Cs<'_>, row: &Start, base: &Base, close: &Close) -> (Int, Int, Int) {
    let time = closing_time(&mut cs.check("ACC-10"), "account.header_touch", close.header_touch);
    let collateral = cs.hint("account.new_collateral", fr_from_i128(close.collateral.into()));
    let header = [
        cell_key(row.id.var(), &time),
        collateral.clone(),
        cs.hint("account.new_value", fr_from_i128(close.value)),
        cs.hint("account.new_initial", fr_from_i128(close.initial)),
        cs.hint("account.new_maintenance", fr_from_i128(close.maintenance)),
        cs.hint("account.new_entry", fr_from_i128(close.entry)),
        base.mode.var().clone(),
        base.leverage_limit.var().clone(),
    ];
    cs.check("ACC-7").receive(HEADER, &header, row.enable.var());
    let time = closing_time(&mut cs.check("ACC-10"), "account.nonce_touch", close.nonce_touch);
    let order = cs.hint("account.new_order_nonce", Fr::from(close.order_nonce));
    let cancel = cs.hint("account.new_cancel_nonce", Fr::from(close.cancel_nonce));
    let nonces = [cell_key(row.id.var(), &time), order.clone(), cancel.clone()];
    cs.check("ACC-15").receive(NONCE, &nonces, row.enable.var());
    (
        Int::new_unchecked(collateral, COLLATERAL_BITS),
        Int::new_unchecked(order, NONCE_BITS),
        Int::new_unchecked(cancel, NONCE_BITS),
    )
}
