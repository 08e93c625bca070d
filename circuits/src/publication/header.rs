//! The header's elements of several fields, and which constants of a shape stand in them: one table.
//!
//! The native encoder, the statement row, the reader of proven runs and the contract's generated source
//! (`verifier-solidity/src/contracts/HeaderLayout.sol`) take the places of the fields from here.

use super::lists::{element_count, offset};
use crate::gadgets::word::{AnyLayout, Layout};
use crate::kinds::Capacities;
use crate::ops::action::DOMAIN_WORD;
use crate::params::TIME_BITS;

/// Header element 2: time and number of the batch, id of the shape, and where its lists lie that the contract
/// reads.
pub const NUMBERS: Layout<8> = Layout::new(
    "header element 2",
    [
        ("time", TIME_BITS),
        ("element_count", 32),
        ("shape_id", 32),
        ("batch", 64),
        ("deposit_capacity", 16),
        ("withdrawal_start", 16),
        ("withdrawal_capacity", 16),
        ("configuration_capacity", 16),
    ],
)
.published();

/// Header element 8: the deposit cursor after the batch and before it. No deposit is forced: 0.
pub const CURSORS: Layout<3> =
    Layout::new("header element 8", [("forced", 64), ("deposits_after", 64), ("deposits_before", 64)])
        .published();

/// The header's elements of several fields, with their number.
pub const HEADER_WORDS: [(usize, AnyLayout<'static>); 3] =
    [(1, DOMAIN_WORD.any()), (2, NUMBERS.any()), (8, CURSORS.any())];

/// Largest value of [`ListPlaces`]: four of its fields have 16 bits in element 2, and the contract keeps 16 of
/// the element count.
pub const MOST_ELEMENTS: usize = (1 << NUMBERS.width_of("deposit_capacity")) - 1;

/// Where the lists lie that the contract reads: constants of a shape.
///
/// They stand in element 2, so a contract that was deployed with other places builds another header, and no
/// proof of the shape fits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListPlaces {
    /// Number of published elements, the header's included.
    pub element_count: usize,
    /// Number of entries of the deposits list, which begins right after the header.
    pub deposit_capacity: usize,
    /// Number of the first element of the withdrawals list.
    pub withdrawal_start: usize,
    /// Number of entries of the withdrawals list.
    pub withdrawal_capacity: usize,
    /// Number of entries of the configurations list, the last of all.
    pub configuration_capacity: usize,
}

impl ListPlaces {
    /// The places in a shape of these capacities.
    pub fn of(capacities: &Capacities) -> Self {
        Self {
            element_count: element_count(capacities),
            deposit_capacity: capacities["deposits"],
            withdrawal_start: offset("withdrawals", capacities),
            withdrawal_capacity: capacities["withdrawals"],
            configuration_capacity: capacities["configurations"],
        }
    }
}
