//! What does not change in an order, on ranged wires: as it is signed, as its cell has it, as its leaf
//! keeps it.

use ark_bn254::Fr;

use super::Order;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::var::{Committed, Var};
use crate::params::*;

/// The twin of [`Order`], without what is left of it.
///
/// Every field is in the width that the signed word and the leaf's word have for it: an account with the
/// mark of the cancel lane, or the key of a market row's padding, would spill into the field above.
#[derive(Clone, Debug)]
pub struct OrderTerms {
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

    /// The signed word without its kind:
    /// `market16 | side1 | limit32 | lots56 | flags4 | max_fee20 | expiry40`.
    pub fn item_word(&self) -> Var<Committed> {
        let flags = self.packed_flags();
        Var::pack(&[
            (self.market.var(), MARKET_BITS),
            (self.side.var(), 1),
            (self.limit.var(), LIMIT_BITS),
            (self.size.var(), LOTS_BITS),
            (&flags, 4),
            (self.max_fee.var(), FRACTION_BITS),
            (self.expiry.var(), TIME_BITS),
        ])
    }

    /// Word 0 of the leaf:
    /// `account36 | market16 | side1 | limit32 | flags4 | max_fee20 | expiry40`.
    pub fn leaf_word(&self) -> Var<Committed> {
        let flags = self.packed_flags();
        Var::pack(&[
            (self.account.var(), ACCOUNT_BITS),
            (self.market.var(), MARKET_BITS),
            (self.side.var(), 1),
            (self.limit.var(), LIMIT_BITS),
            (&flags, 4),
            (self.max_fee.var(), FRACTION_BITS),
            (self.expiry.var(), TIME_BITS),
        ])
    }

    /// What a batch publishes of the leaf; `left` 0 removes it:
    /// `id36 | account36 | market16 | side1 | limit32 | left56 | flags4 | max_fee20 | expiry40`.
    pub fn element(&self, id: &Int, left: &Int) -> Var<Committed> {
        let flags = self.packed_flags();
        Var::pack(&[
            (id.var(), ORDER_BITS),
            (self.account.var(), ACCOUNT_BITS),
            (self.market.var(), MARKET_BITS),
            (self.side.var(), 1),
            (self.limit.var(), LIMIT_BITS),
            (left.var(), LOTS_BITS),
            (&flags, 4),
            (self.max_fee.var(), FRACTION_BITS),
            (self.expiry.var(), TIME_BITS),
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

    fn packed_flags(&self) -> Var<Committed> {
        Var::pack(&self.flags.each_ref().map(|flag| (flag.var(), 1)))
    }
}
