//! Rows that publish what other rows found changed.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::prefix;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::Var;
use crate::margin::PositionCell;
use crate::params::{MARKET_BITS, QUOTE_BITS, SIZE_BITS};
use crate::state::MarketId;
use crate::state::tags::CHANGED;
use crate::state::word::Word;

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
    /// `place12 | slot4<<12 | market16<<16 | short1<<32 | |b|56<<33 | E63<<89`, in a shape with rows for
    /// `cross` cross accounts: a position names its account by its place in the accounts' lists, where
    /// isolated ones follow all cross ones.
    pub fn element(&self, cross: usize) -> Fr {
        let place = if self.isolated { cross + self.row } else { self.row };
        Word::new()
            .put(place as u128, 12)
            .put(self.slot as u128, 4)
            .put(self.market.into(), MARKET_BITS)
            .bit(self.position.size < 0)
            .put(self.position.size.unsigned_abs().into(), SIZE_BITS)
            .put(self.position.entry_quote.into(), QUOTE_BITS)
            .field()
    }
}

/// Publishes one changed position; enabled rows come first, the others publish zero.
///
/// Each changed slot of an account row sends its element once, and each is received here once: the
/// list holds all of them and nothing else. Their order is the operator's; natively it is that of
/// accounts and slots.
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
mod tests;
