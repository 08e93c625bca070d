//! Rows that publish what other rows found changed.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::prefix;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::Var;
use crate::margin::PositionCell;
use crate::state::MarketId;
use crate::state::account::POSITION_ELEMENT;
use crate::state::tags::CHANGED;

/// List of changed positions among the published lists.
const LIST: &str = "positions";

/// A position whose size or entry quote a batch changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionChange {
    /// Whether the account stands in the list of isolated accounts, and its place in its list.
    pub isolated: bool,
    pub row: usize,
    /// Slot of the account.
    pub slot: usize,
    pub market: MarketId,
    /// After the batch.
    pub position: PositionCell,
}

impl PositionChange {
    /// What a batch publishes of it, in a shape with rows for
    /// `cross` cross accounts: a position names its account by its place in the accounts' lists, where
    /// isolated ones follow all cross ones.
    pub fn element(&self, cross: usize) -> Fr {
        let place = if self.isolated { cross + self.row } else { self.row };
        POSITION_ELEMENT.pack([
            (place as u64).into(),
            (self.slot as u64).into(),
            self.market.into(),
            (self.position.size < 0).into(),
            self.position.size.unsigned_abs().into(),
            self.position.entry_quote.into(),
        ])
    }
}

/// Publishes one changed position; enabled rows come first, the others publish zero.
///
/// Each changed slot of an account row sends its element once, and each is received here once: the
/// list holds all of them and nothing else. Their order is the operator's; natively it is the
/// order of accounts and slots.
pub struct ChangedPosition;

impl Row for ChangedPosition {
    type Record = Fr;
    const NAME: &'static str = "changed position";
    const SEED: &'static [u64] = prefix::SEED;

    fn dummy() -> Fr {
        Fr::from(0u64)
    }

    fn synthesize(cs: &mut Cs<'_>, element: &Padded<Fr>) {
        let enable = prefix::enable(cs, element.enabled);
        let element = cs.hint("changed.element", element.record);
        cs.enforce("PUB-2", enable.not().var(), &element, &Var::<crate::gadgets::var::Committed>::zero());
        cs.check("PUB-3").receive(CHANGED, std::slice::from_ref(&element), enable.var());
        cs.publish(LIST, 0, &element);
    }
}

#[cfg(test)]
pub mod tests;
