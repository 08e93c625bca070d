//! The leaf of an account: its word, its hash, its published element.

use ark_bn254::Fr;

use super::{Base, poseidon};
use crate::gadgets::cs::Cs;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::params::*;
use crate::state::account::{ACCOUNT_ELEMENT, ACCOUNT_WORD, empty_block};

/// Parts of an account's word, all ranged.
pub(super) struct Word<'a> {
    pub collateral: &'a Int,
    pub order_nonce: &'a Int,
    pub cancel_nonce: &'a Int,
    pub liq_since: &'a Int,
    pub leverage_limit: &'a Int,
    pub mode: &'a Int,
    pub orders_from: &'a Int,
}

impl<'a> Word<'a> {
    pub fn of(base: &'a Base) -> Self {
        Self {
            collateral: &base.collateral,
            order_nonce: &base.order_nonce,
            cancel_nonce: &base.cancel_nonce,
            liq_since: &base.liq_since,
            leverage_limit: &base.leverage_limit,
            mode: &base.mode,
            orders_from: &base.orders_from,
        }
    }

    /// The word of the leaf.
    pub fn pack(&self) -> Var<Committed> {
        ACCOUNT_WORD.pack_ints([
            &self.stored_collateral(),
            self.order_nonce,
            self.cancel_nonce,
            self.liq_since,
            self.leverage_limit,
            self.mode,
            self.orders_from,
        ])
    }

    /// The account's element in the published list.
    pub fn published(&self, id: &Int, fresh: &Bit) -> Var<Committed> {
        ACCOUNT_ELEMENT.pack_ints([
            id,
            &self.stored_collateral(),
            self.order_nonce,
            self.cancel_nonce,
            self.leverage_limit,
            &fresh.int(),
            self.mode,
        ])
    }

    /// `C + 2^63`, not negative and in 64 bits: so ranged at the opening (`account.collateral`), and by
    /// whoever sent the HEADER received at the closing (`account.settled`, or `CollateralRange`).
    fn stored_collateral(&self) -> Int {
        let stored = self.collateral.var().add_constant(power_of_two(COLLATERAL_BITS - 1));
        Int::new_unchecked(stored, COLLATERAL_BITS)
    }
}

/// Cross: `poseidon([CROSS, x, y, w0, block0, block1])` with `block = poseidon([CROSS_BLOCK, slot×8])`;
/// isolated: `poseidon([ISOLATED, x, y, w0, slot])`. The number of slots decides, a constant of the row:
/// without any it is the leaf of a cross account whose blocks are empty.
pub(super) fn leaf_hash(
    cs: &mut Cs<'_>,
    owner: &PointVar,
    word: &Var<Committed>,
    slots: &[Var<Committed>],
) -> Var<Committed> {
    let kind = if slots.len() == 1 { tag::ISOLATED } else { tag::CROSS };
    let mut input = vec![constant(kind), owner.x.clone(), owner.y.clone(), word.clone()];
    match slots {
        [] => input.extend(vec![Var::constant(empty_block()); SLOTS / SLOTS_PER_BLOCK]),
        [slot] => input.push(slot.clone()),
        _ => {
            for slots in slots.chunks(SLOTS_PER_BLOCK) {
                let mut block = vec![constant(tag::CROSS_BLOCK)];
                block.extend_from_slice(slots);
                input.push(poseidon(cs, &block));
            }
        }
    }
    poseidon(cs, &input)
}

fn constant(value: u64) -> Var<Committed> {
    Var::constant(Fr::from(value))
}
