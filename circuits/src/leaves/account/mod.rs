//! Rows of accounts: one row opens and closes an account, with one leaf before and one after.
//!
//! Opening settles funding once, sums value and requirements once, and sends the header, the nonces and
//! the positions: at time 0, but header and nonces of a new account when it is created, so that nothing
//! touches it before. Closing receives them as last touched. Cross accounts have 16 slots, isolated
//! ones a single slot whose market is their mode. A cross account that opens and closes without
//! positions may stand in a row without slots.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::range::enforce_nonnegative;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::leaves::node::send_leaf;
use crate::params::*;
use crate::state::tags::{DISTINCT, DISTINCT_KEY, KEY};
use crate::state::tree::ACCOUNT_LEAF;
use crate::state::wires::ISOLATED_OFFSET;
use crate::state::{AccountId, Mode};

mod closing;
mod leaf;
mod mode_change;
mod opening;
mod record;
pub(crate) mod slot;
#[cfg(test)]
pub mod tests;

use closing::{amend, close, enforce_idle, rekey};
use leaf::{Word, leaf_hash};
pub use mode_change::{ModeChange, ModeChangeRecord};
use opening::{Opening, enforce_default, open, receive_creation, settle};
pub use record::{AccountRecord, Close};
pub use slot::SlotInput;
use slot::{Owner, Slot, slot};

/// What tells apart the kinds of account rows, beside their slots.
struct Kind {
    /// The published list that the rows stand in.
    list: &'static str,
    /// The padding row of number `row` provides the key `2^bits + row`.
    padding_key_bits: u32,
}

/// The kind of rows with so many slots. Keys of padding rows lie above every account id. A shape has at
/// most 2^12 accounts (`Shape::check`), so the keys of two kinds differ.
const fn kind(slots: usize) -> Kind {
    match slots {
        0 => Kind { list: "flat_accounts", padding_key_bits: 42 },
        1 => Kind { list: "isolated_accounts", padding_key_bits: 41 },
        _ => Kind { list: "cross_accounts", padding_key_bits: 40 },
    }
}

/// An account that pools 16 slots.   Spec: state-account.md
pub struct CrossAccount;

impl Row for CrossAccount {
    type Record = AccountRecord<SLOTS>;
    const NAME: &'static str = "cross account";

    fn dummy() -> Self::Record {
        AccountRecord::padding(Mode::Cross)
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<Self::Record>) {
        let row = start(cs, record.enabled, record.id, kind(SLOTS));
        let place = cs.row_index();
        let base = base(cs, record, &Int::zero());
        let of = row.owner(&place, &base.leverage_limit);
        let mut slots = Vec::with_capacity(SLOTS);
        let mut names = Vec::with_capacity(SLOTS);
        for (number, slot_record) in record.slots.iter().enumerate() {
            let market = Fr::from(slot_record.market);
            let market =
                Int::hint_unsigned(&mut cs.check("SLOT-8"), "slot.market", market, CIRCUIT_MARKET_BITS);
            let slot = slot(cs, &of, &market, number, slot_record);
            // An unused slot counts as a name of its own above every market.
            let own = Fr::from(u64::from(UNUSED_MARKET) + number as u64);
            let name = market.var().add_constant(-own);
            let name = cs.check("ACC-9").product(slot.used.var(), &name);
            names.push(name.add_constant(own));
            slots.push(slot);
        }
        enforce_distinct(cs, &row, &names);
        finish(cs, record, &row, &base, &slots);
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

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<Self::Record>) {
        let row = start(cs, record.enabled, record.id, kind(1));
        let place = &cs.row_index() + &cs.global(ISOLATED_OFFSET);
        let mode = Fr::from(record.mode_market);
        let mode = Int::hint_unsigned(&mut cs.check("ACC-2"), "account.mode", mode, CIRCUIT_MARKET_BITS);
        // Not cross: mode 0 has another leaf and 16 slots.
        let inverse = cs.hint("account.mode_inverse", Cs::inverse_or_zero(mode.var().value()));
        cs.enforce("ACC-2", mode.var(), &inverse, &Var::<Committed>::one());
        let base = base(cs, record, &mode);
        let of = row.owner(&place, &base.leverage_limit);
        let slot = slot(cs, &of, &mode, 0, &record.slots[0]);
        finish(cs, record, &row, &base, &[slot]);
    }
}

/// A cross account without positions, whose slots the batch does not use.   Spec: state-account.md
///
/// Its leaf before and after is the leaf of a cross account with empty slots. It opens no position cell, so
/// nothing in the batch trades with it.
///
/// - Cost: see `tests::costs_are_pinned`.
pub struct FlatAccount;

impl Row for FlatAccount {
    type Record = AccountRecord<0>;
    const NAME: &'static str = "flat account";

    fn dummy() -> Self::Record {
        AccountRecord::padding(Mode::Cross)
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<Self::Record>) {
        let row = start(cs, record.enabled, record.id, kind(0));
        let base = base(cs, record, &Int::zero());
        finish(cs, record, &row, &base, &[]);
    }
}

/// Market ids are below 512 and take 9 of their 16 bits.
pub const CIRCUIT_MARKET_BITS: u32 = 9;
const UNUSED_MARKET: u32 = 1 << 10;
const _: () = assert!(MARKETS_MAX as u32 == 1 << CIRCUIT_MARKET_BITS);

/// Selector and id, in a row of a kind.
struct Start {
    enable: Bit,
    id: Int,
    kind: Kind,
}

impl Start {
    fn owner<'a>(&'a self, place: &'a Var<Committed>, leverage_limit: &'a Int) -> Owner<'a> {
        Owner { enable: &self.enable, account: self.id.var(), place, leverage_limit }
    }
}

fn start(cs: &mut Cs<'_>, enabled: bool, id: AccountId, kind: Kind) -> Start {
    let enable = Bit::hint(&mut cs.check("ACC-14"), "account.enable", enabled);
    let id = Int::hint_unsigned(&mut cs.check("ACC-1"), "account.id", Fr::from(id), ACCOUNT_BITS);
    Start { enable, id, kind }
}

/// What a leaf says besides key and slots.
struct Base {
    collateral: Int,
    order_nonce: Int,
    cancel_nonce: Int,
    liq_since: Int,
    leverage_limit: Int,
    mode: Int,
    /// The first order that the key signed for; 0 if it is the account's first.
    orders_from: Int,
}

fn base<const N: usize>(cs: &mut Cs<'_>, record: &AccountRecord<N>, mode: &Int) -> Base {
    let cs = &mut cs.check("ACC-1");
    let mut part = |name, value: u64, bits| Int::hint_unsigned(cs, name, Fr::from(value), bits);
    let raw = (i128::from(record.collateral) + COLLATERAL_OFFSET) as u64;
    let raw = part("account.collateral", raw, COLLATERAL_BITS);
    Base {
        order_nonce: part("account.order_nonce", record.order_nonce, NONCE_BITS),
        cancel_nonce: part("account.cancel_nonce", record.cancel_nonce, NONCE_BITS),
        liq_since: part("account.liq_since", record.liq_since, LIQ_SINCE_BITS),
        leverage_limit: part("account.leverage_limit", record.leverage_limit.into(), FRACTION_BITS),
        collateral: without_offset(&raw),
        orders_from: part("account.orders_from", record.orders_from, ORDER_BITS),
        mode: mode.clone(),
    }
}

/// `raw - 2^63` for `raw < 2^64`.
fn without_offset(raw: &Int) -> Int {
    Int::new_unchecked(raw.var().add_constant(-power_of_two(COLLATERAL_BITS - 1)), COLLATERAL_BITS)
}

// Used slots name distinct markets: the 16 names, sent, are received in strictly ascending order. A step
// of 12 bits in whole limbs, below 2^22, does not lead from one account's 2^24 keys to another's names.
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

// Opens and closes an account whose mode and number of slots stay.
fn finish<const N: usize>(
    cs: &mut Cs<'_>,
    record: &AccountRecord<N>,
    row: &Start,
    base: &Base,
    slots: &[Slot],
) {
    let ends = ends(cs, record, row, base, &base.mode, slots);
    let old_slots: Vec<_> = slots.iter().map(|s| s.old_word.clone()).collect();
    let new_slots: Vec<_> = slots.iter().map(|s| s.new_word.clone()).collect();
    let old = leaf_hash(&mut cs.check("ACC-16"), &ends.owner, &ends.old_word, &old_slots);
    let new = leaf_hash(&mut cs.check("ACC-16"), &ends.new_owner, &ends.new_word, &new_slots);
    send(cs, row, &ends, &old, &new);
}

/// What both leaves say besides slots.
struct Ends {
    fresh: Bit,
    owner: PointVar,
    old_word: Var<Committed>,
    new_owner: PointVar,
    new_word: Var<Committed>,
    /// The element of an enabled row.
    published: Var<Committed>,
}

// Opens header and nonces, and closes them.
fn ends<const N: usize>(
    cs: &mut Cs<'_>,
    record: &AccountRecord<N>,
    row: &Start,
    base: &Base,
    new_mode: &Int,
    slots: &[Slot],
) -> Ends {
    let owner = PointVar::hint(cs, "owner", &record.owner);
    let row_key = cs.row_index().add_constant(power_of_two(row.kind.padding_key_bits));
    let key = cs.check("ACC-8").product(row.enable.var(), &(row.id.var() - &row_key));
    cs.check("ACC-8")
        .provide(KEY, &[&key + &row_key, owner.x.clone(), owner.y.clone(), base.orders_from.var().clone()]);
    let fresh = Bit::hint(&mut cs.check("ACC-14"), "account.fresh", record.fresh);
    enforce_default(cs, &fresh, base, slots);
    let amended = amend(cs, row, base, record.amended);
    let rekeyed = rekey(cs, row, base, &owner, record.rekeyed);
    let opened_at = receive_creation(cs, row, &fresh, record.opened_at);
    enforce_idle(cs, row, [&fresh, &amended.bit, &rekeyed.bit]);

    let collateral = settle(cs, &base.collateral, slots);
    let still = Var::sum(slots.iter().map(|s| s.still.var()));
    open(cs, row, base, Opening { at: &opened_at, collateral: &collateral, still: &still }, slots);
    let (new_collateral, order_nonce, cancel_nonce) = close(cs, row, base, &still, &record.close);
    let new = Word {
        collateral: &new_collateral,
        order_nonce: &order_nonce,
        cancel_nonce: &cancel_nonce,
        leverage_limit: &amended.leverage_limit,
        mode: new_mode,
        orders_from: &rekeyed.orders_from,
        ..Word::of(base)
    };
    Ends {
        old_word: Word::of(base).pack(),
        new_owner: rekeyed.owner,
        new_word: new.pack(),
        published: new.published(&row.id, &fresh),
        owner,
        fresh,
    }
}

// Sends the hashes of both leaves, and publishes.
fn send(cs: &mut Cs<'_>, row: &Start, ends: &Ends, old: &Var<Committed>, new: &Var<Committed>) {
    // EMPTY is 0.
    let old = cs.check("ACC-5").product(ends.fresh.not().var(), old);
    send_leaf(&mut cs.check("ACC-5"), &ACCOUNT_LEAF.pack_ints([&row.id]), &old, new, &row.enable);
    let published = cs.check("ACC-17").product(row.enable.var(), &ends.published);
    cs.publish(row.kind.list, 0, &published);
}
