//! What an account opens with: its creation, the settlement of funding, its cells.

use ark_bn254::Fr;

use super::slot::Slot;
use super::{Base, Start, Word, without_offset};
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, signed_to_fr};
use crate::gadgets::memory::cell_key;
use crate::gadgets::range::{enforce_nonnegative, enforce_range};
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::params::*;
use crate::state::account::ACCOUNT_WORD;
use crate::state::tags::{BIRTH, HEADER, NONCE};

// A new account has collateral 0, nonces 0, no time of liquidation, no limit of its own, no mark, empty slots.
pub(super) fn enforce_default(cs: &mut Cs<'_>, fresh: &Bit, base: &Base, slots: &[Slot]) {
    let word = Word::of(base).pack();
    let content = word
        .add_constant(-power_of_two(COLLATERAL_BITS - 1))
        .add_scaled(base.mode.var(), -power_of_two(ACCOUNT_WORD.shift_of("mode")));
    cs.enforce("ACC-3", fresh.var(), &content, &Var::<Committed>::zero());
    if slots.is_empty() {
        return;
    }
    let occupied = Var::sum(slots.iter().map(|s| s.old_occupied.var()));
    cs.enforce("ACC-4", fresh.var(), &occupied, &Var::<Committed>::zero());
}

/// When header and nonces open: as the op says that creates the account, 0 for an old one.
///
/// A new account's id is one of a user's, from 600 on; any other that is opened is at least 1.
/// - Advice: the time; received if fresh, else 0.
/// - Cost: 3 and a sign check of 36 bits.
pub(super) fn receive_creation(cs: &mut Cs<'_>, row: &Start, fresh: &Bit, honest: u32) -> Var<Committed> {
    let opened_at = cs.hint("account.opened_at", Fr::from(honest));
    cs.enforce("ACC-12", fresh.not().var(), &opened_at, &Var::<Committed>::zero());
    let creation = [row.id.var().clone(), opened_at.clone()];
    cs.check("ACC-11").receive(BIRTH, &creation, fresh.var());
    // |id - 600| < 2^36. In padding, which is not fresh, any id will do.
    let least = row.enable.var().add_scaled(fresh.var(), Fr::from(FIRST_USER_ACCOUNT - 1));
    enforce_nonnegative(&mut cs.check("ACC-13"), &(row.id.var() - &least), ACCOUNT_BITS);
    opened_at
}

/// `C' = floor((C·U·2^16 - Σ (F - f)·b)/(U·2^16))`, the one floor of an opening.
///
/// Without slots nothing is owed, and C' is C.
///
/// Advice: C', unique because the remainder is in `[0, U·2^16)`; both sides stay below 2^160.
pub(super) fn settle(cs: &mut Cs<'_>, collateral: &Int, slots: &[Slot]) -> Int {
    if slots.is_empty() {
        return collateral.clone();
    }
    let cs = &mut cs.check("ACC-6");
    let owed = Var::sum(slots.iter().map(|s| s.owed.var()));
    let exact = collateral.shift(FUNDING_SCALE_BITS).var() - &owed;
    let honest = crate::gadgets::int::fr_to_signed(exact.value()) >> FUNDING_SCALE_BITS;
    let raw = signed_to_fr(&(honest + COLLATERAL_OFFSET));
    let raw = Int::hint_unsigned(cs, "account.settled", raw, COLLATERAL_BITS);
    let settled = without_offset(&raw);
    enforce_range(cs, &(&exact - settled.shift(FUNDING_SCALE_BITS).var()), FUNDING_SCALE_BITS);
    settled
}

/// When an account's cells open, with which collateral, and holding how many still markets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening<'a> {
    pub(super) at: &'a Var<Committed>,
    pub(super) collateral: &'a Int,
    /// Number of still markets held.
    pub(super) still: &'a Var<Committed>,
}

/// Sends the header and the nonces of an opened account.
pub(super) fn open(cs: &mut Cs<'_>, row: &Start, base: &Base, opening: Opening<'_>, slots: &[Slot]) {
    let Opening { at, collateral, still } = opening;
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
        still.clone(),
    ];
    cs.check("ACC-7").send(HEADER, &header, row.enable.var());
    let nonces = [key, base.order_nonce.var().clone(), base.cancel_nonce.var().clone()];
    cs.check("ACC-15").send(NONCE, &nonces, row.enable.var());
}
