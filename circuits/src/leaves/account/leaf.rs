//! The leaf of an account: its word, its hash, its published element.

use ark_bn254::Fr;

use super::{Base, poseidon};
use crate::gadgets::cs::Cs;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::params::*;

/// Where the mode stands in an account's word.
pub(super) const MODE_SHIFT: u32 = COLLATERAL_BITS + 2 * NONCE_BITS + TIME_BITS + FRACTION_BITS;

/// Parts of an account's word, all ranged.
pub(super) struct Word<'a> {
    pub collateral: &'a Int,
    pub order_nonce: &'a Int,
    pub cancel_nonce: &'a Int,
    pub liq_since: &'a Int,
    pub leverage_limit: &'a Int,
    pub mode: &'a Int,
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
        }
    }

    /// `(C + 2^63)64 | order_nonce40 | cancel_nonce40 | liq_since40 | leverage_limit20 | mode_market16`.
    pub fn pack(&self) -> Var<Committed> {
        let collateral = self.collateral.var().add_constant(power_of_two(COLLATERAL_BITS - 1));
        Var::pack(&[
            (&collateral, COLLATERAL_BITS),
            (self.order_nonce.var(), NONCE_BITS),
            (self.cancel_nonce.var(), NONCE_BITS),
            (self.liq_since.var(), TIME_BITS),
            (self.leverage_limit.var(), FRACTION_BITS),
            (self.mode.var(), MARKET_BITS),
        ])
    }

    /// `id36 | (C + 2^63)64 | order_nonce40 | cancel_nonce40 | leverage_limit20 | fresh1 | mode_market16`.
    pub fn published(&self, id: &Var<Committed>, fresh: &Bit) -> Var<Committed> {
        let collateral = self.collateral.var().add_constant(power_of_two(COLLATERAL_BITS - 1));
        Var::pack(&[
            (id, ACCOUNT_BITS),
            (&collateral, COLLATERAL_BITS),
            (self.order_nonce.var(), NONCE_BITS),
            (self.cancel_nonce.var(), NONCE_BITS),
            (self.leverage_limit.var(), FRACTION_BITS),
            (fresh.var(), 1),
            (self.mode.var(), MARKET_BITS),
        ])
    }
}

/// Cross: `poseidon([CROSS, x, y, w0, block0, block1])` with `block = poseidon([CROSS_BLOCK, slot×8])`;
/// isolated: `poseidon([ISOLATED, x, y, w0, slot])`. The number of slots decides, a constant of the row.
pub(super) fn leaf_hash(
    cs: &mut Cs<'_>,
    owner: &PointVar,
    word: &Var<Committed>,
    slots: &[Var<Committed>],
) -> Var<Committed> {
    let kind = if slots.len() == 1 { tag::ISOLATED } else { tag::CROSS };
    let mut input = vec![constant(kind), owner.x.clone(), owner.y.clone(), word.clone()];
    if let [slot] = slots {
        input.push(slot.clone());
    } else {
        for slots in slots.chunks(SLOTS_PER_BLOCK) {
            let mut block = vec![constant(tag::CROSS_BLOCK)];
            block.extend_from_slice(slots);
            input.push(poseidon(cs, &block));
        }
    }
    poseidon(cs, &input)
}

fn constant(value: u64) -> Var<Committed> {
    Var::constant(Fr::from(value))
}
