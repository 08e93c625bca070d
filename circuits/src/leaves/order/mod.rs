//! The row of an order leaf: a resting order opens and closes, or a new one comes to rest.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::cell_key;
use crate::gadgets::memory::closing_time;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::params::*;
use crate::state::order::{Order, OrderProgress, OrderTerms, PROGRESS_WORD};
use crate::state::tags::{NODE, ORDER, ORDER_MARKET, REST};
use crate::state::tree::ORDER_LEAF;
use crate::state::wires;

/// List of order leaves among the published lists.
const LIST: &str = "orders";

/// An order's leaf before and after the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderRecord {
    pub id: u64,
    /// Placed in this batch; the old leaf is EMPTY.
    pub created: bool,
    /// The order as it opened; a new one as it was placed.
    pub old: Order,
    /// Lots left and carry of the fees after the batch, and the time of the last touch.
    pub left: u64,
    pub fee_carry: u32,
    pub at: u32,
}

impl OrderRecord {
    /// The order as its leaf keeps it. `left = 0` is EMPTY, and then there is no carry either. One that comes to rest is from then on an
    /// order for what is left of it: the published element then holds all of the leaf.
    pub const fn after(&self) -> Order {
        let size = if self.created { self.left } else { self.old.size };
        let fee_carry = if self.left == 0 { 0 } else { self.fee_carry };
        Order { left: self.left, fee_carry, size, ..self.old }
    }
}

/// Rows of order leaves.
pub struct OrderLeaf;

impl Row for OrderLeaf {
    type Record = OrderRecord;
    const NAME: &'static str = "order leaf";

    fn dummy() -> OrderRecord {
        OrderRecord { id: 0, created: false, old: Order::BLANK, left: 0, fee_carry: 0, at: 0 }
    }

    // ORD-1 to ORD-9.
    fn synthesize(cs: &mut Cs<'_>, record: &Padded<OrderRecord>) {
        let enable = Bit::hint(&mut cs.check("ORD-2"), "order.enable", record.enabled);
        let created = Bit::hint(&mut cs.check("ORD-2"), "order.born", record.created);
        let id = Int::hint_unsigned(&mut cs.check("ORD-1"), "order.id", Fr::from(record.id), ORDER_BITS);
        let terms = OrderTerms::hint_resting(&mut cs.check("ORD-1"), &record.old);
        let old_left = if record.created { record.old.size } else { record.old.left };
        let names = ["order.left", "order.fee_carry"];
        let opened_with = (old_left, record.old.fee_carry);
        let before = OrderProgress::hint_ranged(&mut cs.check("ORD-1"), names, opened_with);
        let names = ["order.left_after", "order.fee_carry_after"];
        let closed_with = (record.left, record.fee_carry);
        let after = OrderProgress::hint_ranged(&mut cs.check("ORD-1"), names, closed_with);
        let left = &after.left;

        let opened = created.not().and(&mut cs.check("ORD-2"), &enable);
        let order = Live { id: &id, terms: &terms, before: &before, after: &after };
        cell(cs, record, order, &opened);
        let rested = enable.var() - opened.var();
        let rest = [id.var(), &terms.leaf_word(), left.var(), after.fee_carry.var()].map(Clone::clone);
        cs.check("ORD-2").receive(REST, &rest, &rested);

        // One that comes to rest is from then on an order for what is left of it.
        let size = created.select(&mut cs.check("ORD-5"), left, &terms.size);
        let old_leaf = leaf(&mut cs.check("ORD-4"), &terms, &terms.size, &before);
        let new_leaf = leaf(&mut cs.check("ORD-5"), &terms, &size, &after);
        let old_leaf = cs.check("ORD-4").product(created.not().var(), &old_leaf);
        let gone = left.is_zero(&mut cs.check("ORD-5"));
        let new_leaf = cs.check("ORD-5").product(gone.not().var(), &new_leaf);
        let node = [ORDER_LEAF.pack_ints([&id]), old_leaf, new_leaf];
        cs.check("ORD-8").send(NODE, &node, enable.var());

        let fee_carry = cs.check("ORD-9").product(gone.not().var(), after.fee_carry.var());
        let fee_carry = Int::new_unchecked(fee_carry, FEE_CARRY_BITS);
        let published = OrderProgress { fee_carry, ..after };
        let element = cs.check("ORD-9").product(enable.var(), &terms.element(&id, &published));
        cs.publish(LIST, 0, &element);
    }
}

/// An order with what fills change of it, before and after the batch.
#[derive(Clone, Copy)]
struct Live<'a> {
    id: &'a Int,
    terms: &'a OrderTerms,
    before: &'a OrderProgress,
    after: &'a OrderProgress,
}

// A resting order's cell, from time 0 to its last touch; an expired one in no market.
fn cell(cs: &mut Cs<'_>, record: &Padded<OrderRecord>, order: Live<'_>, opened: &Bit) {
    let Live { id, terms, before, after } = order;
    let time = wires::time(cs);
    let live = terms.expiry.sub(&time).is_nonnegative(&mut cs.check("ORD-6"));
    let market = ORDER_MARKET.pack_ints([&terms.market, &live.not().int()]);
    let at = closing_time(&mut cs.check("ORD-7"), "order.closed_at", record.at);
    let tuple = |time: &Var<Committed>, progress: &OrderProgress| {
        terms.cell(cell_key(id.var(), time), progress, &market)
    };
    cs.check("ORD-2").send(ORDER, &tuple(&Var::zero(), before), opened.var());
    cs.check("ORD-2").receive(ORDER, &tuple(&at, after), opened.var());
}

fn leaf(cs: &mut Cs<'_>, terms: &OrderTerms, size: &Int, progress: &OrderProgress) -> Var<Committed> {
    let second = PROGRESS_WORD.pack_ints([size, &progress.left, &progress.fee_carry]);
    poseidon(cs, &[Var::constant(Fr::from(tag::ORDER)), terms.leaf_word(), second])
}

#[cfg(test)]
pub mod tests;
