//! What an account closes with: its cells as last touched, what an op set.

use ark_bn254::Fr;

use super::{Base, Close, Start};
use crate::gadgets::cs::Cs;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::int::{Bit, Int, fr_from_i128};
use crate::gadgets::memory::{cell_key, closing_time};
use crate::gadgets::var::{Committed, Var};
use crate::params::*;
use crate::state::PublicKey;
use crate::state::tags::{AMEND, HEADER, NONCE, REKEY};
use crate::state::wires;

// A row that is not enabled takes nothing: the sum of bits is zero only if all of them are.
pub(super) fn enforce_idle(cs: &mut Cs<'_>, row: &Start, takes: [&Bit; 3]) {
    let takes = Var::sum(takes.map(Bit::var));
    cs.enforce("ACC-11", &takes, row.enable.not().var(), &Var::<Committed>::zero());
}

/// An account's own limit at its closing.
pub(super) struct Amended {
    pub bit: Bit,
    pub leverage_limit: Int,
}

/// The owner's own limit at the closing: as an op of the batch sets it, once, or as it was.
///
/// Trades move the requirement by the limit of the opening: with another in mid-batch they would take off
/// less, or more, than the opening put on.
///
/// - Advice: the new limit; received if amended, else the old one. Its sender has ranged it.
/// - Cost: 4.   Spec: state-account.md
pub(super) fn amend(cs: &mut Cs<'_>, row: &Start, base: &Base, set: Option<u32>) -> Amended {
    let bit = Bit::hint(&mut cs.check("ACC-14"), "account.amended", set.is_some());
    let old = base.leverage_limit.var();
    let new = cs.hint("account.new_leverage_limit", set.map_or(old.value(), Fr::from));
    cs.check("ACC-18").receive(AMEND, &[row.id.var().clone(), new.clone()], bit.var());
    cs.enforce("ACC-19", bit.not().var(), &(&new - old), &Var::<Committed>::zero());
    Amended { bit, leverage_limit: Int::new_unchecked(new, FRACTION_BITS) }
}

/// An account's key at its closing.
pub(super) struct Rekeyed {
    pub bit: Bit,
    pub owner: PointVar,
    /// The first order that the new key signs for: the first after the batch if it was changed, else as before.
    pub orders_from: Int,
}

/// The owner's key at the closing: as an op of the batch sets it, once, or as it was.
///
/// - Advice: the new key; received if rekeyed, else the old one. Its sender has checked that it is a key. The first
///   order is a product.
/// - Cost: 7.   Spec: state-account.md
pub(super) fn rekey(
    cs: &mut Cs<'_>,
    row: &Start,
    base: &Base,
    owner: &PointVar,
    set: Option<PublicKey>,
) -> Rekeyed {
    let bit = Bit::hint(&mut cs.check("ACC-14"), "account.rekeyed", set.is_some());
    let mut coordinate = |set: Option<Fr>, old: &Var<Committed>| {
        let new = cs.hint("account.new_owner", set.unwrap_or(old.value()));
        cs.enforce("ACC-21", bit.not().var(), &(&new - old), &Var::<Committed>::zero());
        new
    };
    let x = coordinate(set.map(|key| key.x), &owner.x);
    let y = coordinate(set.map(|key| key.y), &owner.y);
    cs.check("ACC-20").receive(REKEY, &[row.id.var().clone(), x.clone(), y.clone()], bit.var());
    // The statement has ranged it. The old key signs to the end of the batch.
    let next_order = cs.global(wires::NEXT_ORDER_AFTER);
    let orders_from = bit.select_var(&mut cs.check("ACC-22"), &next_order, base.orders_from.var());
    Rekeyed { bit, owner: PointVar { x, y }, orders_from: Int::new_unchecked(orders_from, ORDER_BITS) }
}

// Mode, leverage limit and still markets are the opening's. The row that sent them last ranged them.
pub(super) fn close(
    cs: &mut Cs<'_>,
    row: &Start,
    base: &Base,
    still: &Var<Committed>,
    close: &Close,
) -> (Int, Int, Int) {
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
        still.clone(),
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
