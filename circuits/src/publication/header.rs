//! The header's elements of several fields, and which constants of a shape stand in them: one table.
//!
//! The native encoder, the statement row, the reader of proven runs and the contract's generated source
//! (`verifier-solidity/src/contracts/HeaderLayout.sol`) take the places of the fields from here.

use super::ELEMENT_BYTES;
use super::lists::{element_count, offset};
use crate::kinds::Capacities;

/// An unsigned number within a header element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderField {
    pub name: &'static str,
    /// Number of the element.
    pub element: usize,
    /// Number of bits of the element below the field.
    pub shift: u32,
    /// Width in bits.
    pub bits: u32,
}

impl HeaderField {
    const fn lowest(element: usize, name: &'static str, bits: u32) -> Self {
        Self { name, element, shift: 0, bits }
    }

    /// The field right above this one.
    const fn then(self, name: &'static str, bits: u32) -> Self {
        Self { name, element: self.element, shift: self.end(), bits }
    }

    /// Number of bits of the element below the field and in it.
    pub const fn end(self) -> u32 {
        self.shift + self.bits
    }
}

pub const CONTRACT: HeaderField = HeaderField::lowest(1, "contract_address", 160);
pub const CHAIN_ID: HeaderField = CONTRACT.then("chain_id", 64);

pub const TIME: HeaderField = HeaderField::lowest(2, "time", 40);
pub const ELEMENT_COUNT: HeaderField = TIME.then("element_count", 32);
pub const SHAPE_ID: HeaderField = ELEMENT_COUNT.then("shape_id", 32);
pub const BATCH: HeaderField = SHAPE_ID.then("batch", 64);
pub const DEPOSIT_CAPACITY: HeaderField = BATCH.then("deposit_capacity", 16);
pub const WITHDRAWAL_START: HeaderField = DEPOSIT_CAPACITY.then("withdrawal_start", 16);
pub const WITHDRAWAL_CAPACITY: HeaderField = WITHDRAWAL_START.then("withdrawal_capacity", 16);

/// Forced requests, which do not exist yet: 0.
pub const FORCED: HeaderField = HeaderField::lowest(8, "forced", 64);
pub const DEPOSITS_AFTER: HeaderField = FORCED.then("deposits_after", 64);
pub const DEPOSITS_BEFORE: HeaderField = DEPOSITS_AFTER.then("deposits_before", 64);

/// All fields, by element, lowest first.
pub const HEADER_FIELDS: &[HeaderField] = &[
    CONTRACT,
    CHAIN_ID,
    TIME,
    ELEMENT_COUNT,
    SHAPE_ID,
    BATCH,
    DEPOSIT_CAPACITY,
    WITHDRAWAL_START,
    WITHDRAWAL_CAPACITY,
    FORCED,
    DEPOSITS_AFTER,
    DEPOSITS_BEFORE,
];

const _: () = {
    let element_bits = 8 * ELEMENT_BYTES as u32;
    assert!(CHAIN_ID.end() <= element_bits);
    assert!(WITHDRAWAL_CAPACITY.end() <= element_bits);
    assert!(DEPOSITS_BEFORE.end() <= element_bits);
};

/// Largest value of [`ListPlaces`]: three of its fields have 16 bits in element 2, and the contract keeps 16 of
/// the element count.
pub const MOST_ELEMENTS: usize = (1 << DEPOSIT_CAPACITY.bits) - 1;

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
}

impl ListPlaces {
    pub fn of(capacities: &Capacities) -> Self {
        Self {
            element_count: element_count(capacities),
            deposit_capacity: capacities["deposits"],
            withdrawal_start: offset("withdrawals", capacities),
            withdrawal_capacity: capacities["withdrawals"],
        }
    }
}
