//! Reads the published bytes of a batch back: the header, and the entries of every list.
//!
//! Accepts what the circuit publishes and refuses what no circuit of the shape can: bits outside of the
//! fields, values out of their range, entries behind a hole where a list has none. What an entry may say after
//! the state before is a matter for [`super::apply`].

mod entries;
mod header;

use ark_bn254::Fr;
use ark_ff::PrimeField;
use serde::Serialize;
use thiserror::Error;

use super::lists::{LISTS, List, offset};
use super::{ELEMENT_BYTES, HEADER_ELEMENTS, element_count};
use crate::kinds::Capacities;
use crate::ops::Configure;
use crate::state::OrderId;
pub use entries::{
    AccountEntry, AccountRows, DepositEntry, LiquidationEntry, MarketEntry, OrderEntry, PositionEntry,
    RekeyEntry, StatedTick, TransferEntry, WithdrawalEntry,
};
pub use header::{Header, HeaderError};

/// Where something stands in the published bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct At {
    /// Name of the list; `header` for the elements before all lists.
    pub list: &'static str,
    /// Number of the entry in its list, the first 0.
    pub entry: usize,
    /// Number of the entry's first element in the batch, the header's first 0.
    pub element: usize,
}

/// An entry of a list, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<T> {
    /// Where it stands.
    pub at: At,
    /// What it says.
    pub value: T,
}

/// What bytes should say, and what they say.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("list {}, entry {}, element {}: {what}: expected {expected}, found {found}", at.list, at.entry, at.element)]
pub struct Difference {
    /// Where.
    pub at: At,
    /// Name of the field or of the rule.
    pub what: &'static str,
    /// What should stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl At {
    /// A difference at this place.
    pub fn differs(self, what: &'static str, expected: impl ToString, found: impl ToString) -> Difference {
        Difference { at: self, what, expected: expected.to_string(), found: found.to_string() }
    }

    /// An element of the header.
    pub const fn header(element: usize) -> Self {
        Self { list: super::lists::HEADER_LIST, entry: 0, element }
    }
}

/// Why bytes are not a batch of a shape.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The header cannot be read.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The bytes have another number of elements than a batch of the shape.
    #[error("the bytes have {found} elements, a batch of the shape has {expected}")]
    Count {
        /// Elements in the shape.
        expected: usize,
        /// Elements of the bytes.
        found: usize,
    },
    /// An entry says what no circuit publishes.
    #[error(transparent)]
    Entry(#[from] Difference),
}

/// A batch as its published bytes say it.
///
/// Entries stand in the order of the bytes. Lists but deposits, positions and configurations may have holes, so an entry knows
/// its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// What the contract knows.
    pub header: Header,
    /// Credited deposits, in the order of the contract's queue.
    pub deposits: Vec<Entry<DepositEntry>>,
    /// Opened accounts: cross, isolated, without positions, and those that change their mode.
    pub accounts: Vec<Entry<AccountEntry>>,
    /// Changed positions.
    pub positions: Vec<Entry<PositionEntry>>,
    /// What the contract pays out.
    pub withdrawals: Vec<Entry<WithdrawalEntry>>,
    /// Transfers between accounts.
    pub transfers: Vec<Entry<TransferEntry>>,
    /// New keys of accounts.
    pub rekeys: Vec<Entry<RekeyEntry>>,
    /// Leaves of orders that were opened or came to rest.
    pub orders: Vec<Entry<OrderEntry>>,
    /// Opened markets.
    pub markets: Vec<Entry<MarketEntry>>,
    /// Liquidations.
    pub liquidations: Vec<Entry<LiquidationEntry>>,
    /// Configurations of markets, each for another one.
    pub configurations: Vec<Entry<Configure>>,
    /// The id of the next order after the batch.
    pub next_order: Entry<OrderId>,
    /// The epoch of prices after the batch.
    pub epoch: Entry<u64>,
    /// Rows for cross accounts: a position's place counts these before isolated ones.
    pub cross_rows: usize,
}

/// Reads a batch of a shape with these capacities.
pub fn decode(bytes: &[u8], capacities: &Capacities) -> Result<Published, DecodeError> {
    let header = Header::read(bytes)?;
    let elements: Vec<Fr> = bytes.chunks(ELEMENT_BYTES).map(Fr::from_be_bytes_mod_order).collect();
    let (expected, found) = (element_count(capacities), elements.len());
    if expected != found {
        return Err(DecodeError::Count { expected, found });
    }
    let reader = Reader { elements: &elements, capacities };
    let mut accounts = Vec::new();
    for rows in AccountRows::ALL {
        accounts.extend(reader.list(rows.list(), |[word]| AccountEntry::read(rows, word))?);
    }
    let at = At { list: "globals", entry: 0, element: offset("globals", capacities) };
    let (next_order, epoch) = entries::globals(elements[at.element]).map_err(|wrong| wrong.at(at))?;
    let published = Published {
        header,
        deposits: reader.gapless("deposits", DepositEntry::read)?,
        accounts,
        positions: reader.gapless("positions", |[word]| PositionEntry::read(word))?,
        withdrawals: reader.list("withdrawals", |[word]| WithdrawalEntry::read(word))?,
        transfers: reader.list("transfers", |[word]| TransferEntry::read(word))?,
        rekeys: reader.list("rekeys", RekeyEntry::read)?,
        orders: reader.list("orders", |[word]| OrderEntry::read(word))?,
        markets: reader.list("markets", |[word]| MarketEntry::read(word))?,
        liquidations: reader.list("liquidations", LiquidationEntry::read)?,
        configurations: reader.gapless("configurations", entries::configuration)?,
        next_order: Entry { at, value: next_order },
        epoch: Entry { at, value: epoch },
        cross_rows: capacities["cross_accounts"],
    };
    debug_assert_eq!(HEADER_ELEMENTS, LISTS.first().map_or(0, |list| offset(list.name, capacities)));
    Ok(published)
}

impl Published {
    /// The account that a position names: its number and the rows it stands in.
    pub fn account_at(&self, place: usize) -> Option<&Entry<AccountEntry>> {
        let (rows, number) = match place.checked_sub(self.cross_rows) {
            None => (AccountRows::Cross, place),
            Some(number) => (AccountRows::Isolated, number),
        };
        self.accounts.iter().find(|entry| entry.value.rows == rows && entry.at.entry == number)
    }
}

/// A field that says what no circuit publishes.
struct Wrong {
    what: &'static str,
    expected: String,
    found: String,
}

impl Wrong {
    fn new(what: &'static str, expected: impl ToString, found: impl ToString) -> Self {
        Self { what, expected: expected.to_string(), found: found.to_string() }
    }

    fn at(self, at: At) -> Difference {
        let Self { what, expected, found } = self;
        Difference { at, what, expected, found }
    }
}

/// The elements of a batch, list by list.
struct Reader<'a> {
    elements: &'a [Fr],
    capacities: &'a Capacities,
}

impl Reader<'_> {
    /// The entries of a list without its holes.
    fn list<T, const N: usize>(
        &self,
        name: &'static str,
        read: impl Fn([Fr; N]) -> Result<T, Wrong>,
    ) -> Result<Vec<Entry<T>>, Difference> {
        let mut entries = Vec::new();
        self.each(name, |at, words| {
            if words != [Fr::from(0u64); N] {
                entries.push(Entry { at, value: read(words).map_err(|wrong| wrong.at(at))? });
            }
            Ok(())
        })?;
        Ok(entries)
    }

    /// The entries of a list in which none follows a hole.
    fn gapless<T, const N: usize>(
        &self,
        name: &'static str,
        read: impl Fn([Fr; N]) -> Result<T, Wrong>,
    ) -> Result<Vec<Entry<T>>, Difference> {
        let entries = self.list(name, read)?;
        match entries.iter().enumerate().find(|(number, entry)| entry.at.entry != *number) {
            Some((number, entry)) => {
                Err(entry.at.differs("number of the entry, of a list without holes", number, entry.at.entry))
            }
            None => Ok(entries),
        }
    }

    fn each<const N: usize>(
        &self,
        name: &'static str,
        mut read: impl FnMut(At, [Fr; N]) -> Result<(), Difference>,
    ) -> Result<(), Difference> {
        let list: &List = LISTS.iter().find(|list| list.name == name).expect("a list of the table");
        assert_eq!(list.elements(), N, "elements of an entry of {name}");
        let first = offset(name, self.capacities);
        for entry in 0..list.capacity(self.capacities) {
            let element = first + N * entry;
            let words = std::array::from_fn(|i| self.elements[element + i]);
            read(At { list: list.name, entry, element }, words)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
