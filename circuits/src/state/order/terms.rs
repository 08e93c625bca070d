//! What does not change in an order, on ranged wires: as it is signed, as its cell has it, as its leaf
//! keeps it.

use ark_bn254::Fr;

use super::{FLAGS, Flags, ORDER_ELEMENT, ORDER_ITEM, Order, RESTING_FLAGS, TERMS_WORD};
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::var::{Committed, Var};
use crate::params::*;

/// The twin of [`Order`], without what its fills change.
///
/// Every field is in the width that the signed word, the leaf's word and the published one have for it: an
/// account with the mark of the cancel lane, or the key of a market row's padding, would reach into the field
/// above.
#[derive(Clone, Debug)]
pub(crate) struct OrderTerms {
    pub account: Int,
    pub market: Int,
    pub side: Bit,
    pub limit: Int,
    /// Lots signed for.
    pub size: Int,
    /// Post-only, reduce-only, immediate-or-cancel, fill-or-kill.
    pub flags: [Bit; 4],
    pub max_fee: Int,
    pub expiry: Int,
}

/// What fills change in an order, on wires.
#[derive(Clone, Debug)]
pub(crate) struct OrderProgress {
    /// Lots not yet filled.
    pub left: Int,
    /// What the fees so far are above the exact ones, millionths of a quote quantum, below M.
    pub fee_carry: Int,
}

impl OrderProgress {
    /// Advice that the order's cell fixes, as wide as whoever sent the cell has proven.
    pub fn hint(cs: &mut Cs<'_>, names: [&'static str; 2], (left, fee_carry): (u64, u32)) -> Self {
        Self {
            left: Int::new_unchecked(cs.hint(names[0], Fr::from(left)), LOTS_BITS),
            fee_carry: Int::new_unchecked(cs.hint(names[1], Fr::from(fee_carry)), FEE_CARRY_BITS),
        }
    }

    /// Advice, ranged to its fields in the leaf's word.
    pub fn hint_ranged(cs: &mut Cs<'_>, names: [&'static str; 2], (left, fee_carry): (u64, u32)) -> Self {
        Self {
            left: Int::hint_unsigned(cs, names[0], Fr::from(left), LOTS_BITS),
            fee_carry: Int::hint_unsigned(cs, names[1], Fr::from(fee_carry), FEE_CARRY_BITS),
        }
    }

    /// Of an order that is just placed: `size` lots, and no fee yet.
    pub fn placed(size: &Int) -> Self {
        Self { left: size.clone(), fee_carry: Int::zero() }
    }
}

impl OrderTerms {
    /// Advice, each part in its width.
    pub fn hint(cs: &mut Cs<'_>, order: &Order) -> Self {
        let at_once = [order.flags.immediate_or_cancel, order.flags.fill_or_kill];
        let mut terms = Self::hint_resting(cs, order);
        let [_, _, immediate_or_cancel, fill_or_kill] = &mut terms.flags;
        for (flag, value) in [immediate_or_cancel, fill_or_kill].into_iter().zip(at_once) {
            *flag = Bit::hint(cs, "order.flag", value);
        }
        terms
    }

    /// [`Self::hint`] for an order that rests: neither immediate-or-cancel nor fill-or-kill.
    pub fn hint_resting(cs: &mut Cs<'_>, order: &Order) -> Self {
        let Flags { post_only, reduce_only, .. } = order.flags;
        let never = || Bit::new_unchecked(Var::zero());
        let mut ranged = |name, value: u64, bits| Int::hint_unsigned(cs, name, Fr::from(value), bits);
        Self {
            account: ranged("order.account", order.account, ACCOUNT_BITS),
            market: ranged("order.market", order.market.into(), 3 * MARKET_DEPTH),
            limit: ranged("order.limit", order.limit.into(), LIMIT_BITS),
            size: ranged("order.size", order.size, LOTS_BITS),
            max_fee: ranged("order.max_fee", order.max_fee.into(), FRACTION_BITS),
            expiry: ranged("order.expiry", order.expiry, EXPIRY_BITS),
            side: Bit::hint(cs, "order.side", order.side.bit()),
            flags: [
                Bit::hint(cs, "order.flag", post_only),
                Bit::hint(cs, "order.flag", reduce_only),
                never(),
                never(),
            ],
        }
    }

    /// The signed word.
    pub fn item_word(&self) -> Var<Committed> {
        ORDER_ITEM.pack_ints([
            &self.market,
            &self.side.int(),
            &self.limit,
            &self.size,
            &self.packed_flags(),
            &self.max_fee,
            &self.expiry,
        ])
    }

    /// Word 0 of the leaf.
    pub fn leaf_word(&self) -> Var<Committed> {
        TERMS_WORD.pack_ints([
            &self.account,
            &self.market,
            &self.side.int(),
            &self.limit,
            &self.packed_flags(),
            &self.max_fee,
            &self.expiry,
        ])
    }

    /// What a batch publishes of the leaf; `left` 0 removes it. The order rests.
    pub fn element(&self, id: &Int, progress: &OrderProgress) -> Var<Committed> {
        let [post_only, reduce_only, ..] = self.flags.each_ref().map(Bit::int);
        let flags = RESTING_FLAGS.pack_ints([&post_only, &reduce_only]);
        ORDER_ELEMENT.pack_ints([
            id,
            &self.account,
            &self.market,
            &self.side.int(),
            &self.limit,
            &progress.left,
            &Int::new_unchecked(flags, RESTING_FLAGS.bits()),
            &self.max_fee,
            &self.expiry,
            &progress.fee_carry,
        ])
    }

    /// The ORDER tuple with component 0, what fills change, and the market as given.
    pub fn cell(
        &self,
        key: Var<Committed>,
        progress: &OrderProgress,
        market: &Var<Committed>,
    ) -> Vec<Var<Committed>> {
        let mut cell = vec![key];
        let OrderProgress { left, fee_carry } = progress;
        cell.extend(
            [left.var(), fee_carry.var(), self.size.var(), self.account.var(), market].map(Clone::clone),
        );
        cell.extend([self.side.var(), self.limit.var()].map(Clone::clone));
        cell.extend(self.flags.iter().map(|flag| flag.var().clone()));
        cell.push(self.max_fee.var().clone());
        cell
    }

    fn packed_flags(&self) -> Int {
        let flags = self.flags.each_ref().map(Bit::int);
        Int::new_unchecked(FLAGS.pack_ints(flags.each_ref()), FLAGS.bits())
    }
}
