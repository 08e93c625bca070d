//! What does not change in an order, on ranged wires: as it is signed, as its cell has it, as its leaf
//! keeps it.

use ark_bn254::Fr;

use super::{FLAGS, ORDER_ELEMENT, ORDER_ITEM, Order, TERMS_WORD};
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::var::{Committed, Var};
use crate::params::*;

/// The twin of [`Order`], without what is left of it.
///
/// Every field is in the width that the signed word and the leaf's word have for it: an account with the
/// mark of the cancel lane, or the key of a market row's padding, would reach into the field above.
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

impl OrderTerms {
    /// Advice, each part in its width.
    pub fn hint(cs: &mut Cs<'_>, order: &Order) -> Self {
        let flags = order.flags;
        let mut ranged = |name, value: u64, bits| Int::hint_unsigned(cs, name, Fr::from(value), bits);
        Self {
            account: ranged("order.account", order.account, ACCOUNT_BITS),
            market: ranged("order.market", order.market.into(), MARKET_BITS),
            limit: ranged("order.limit", order.limit.into(), LIMIT_BITS),
            size: ranged("order.size", order.size, LOTS_BITS),
            max_fee: ranged("order.max_fee", order.max_fee.into(), FRACTION_BITS),
            expiry: ranged("order.expiry", order.expiry, TIME_BITS),
            side: Bit::hint(cs, "order.side", order.side.bit()),
            flags: [flags.post_only, flags.reduce_only, flags.immediate_or_cancel, flags.fill_or_kill]
                .map(|flag| Bit::hint(cs, "order.flag", flag)),
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

    /// What a batch publishes of the leaf; `left` 0 removes it.
    pub fn element(&self, id: &Int, left: &Int) -> Var<Committed> {
        ORDER_ELEMENT.pack_ints([
            id,
            &self.account,
            &self.market,
            &self.side.int(),
            &self.limit,
            left,
            &self.packed_flags(),
            &self.max_fee,
            &self.expiry,
        ])
    }

    /// The ORDER tuple with component 0, what is left, and the market as given.
    pub fn cell(
        &self,
        key: Var<Committed>,
        left: &Var<Committed>,
        market: &Var<Committed>,
    ) -> Vec<Var<Committed>> {
        let mut cell = vec![key];
        cell.extend([left, self.size.var(), self.account.var(), market].map(Clone::clone));
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
