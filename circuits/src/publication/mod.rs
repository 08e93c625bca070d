//! The published bytes of a batch: a header and then lists with the capacities of the shape.
//!
//! An element has 31 bytes, big-endian. Header (10 elements):
//!
//! | element | value |
//! |---|---|
//! | 0 | top 31 bytes of `keccak256("zkmargin/batch/v1")` |
//! | 1 | `chain_id64<<160 \| contract160` |
//! | 2 | `configuration_capacity16<<216 \| withdrawal_capacity16<<200 \| withdrawal_start16<<184 \| deposit_capacity16<<168 \| batch64<<104 \| shape_id32<<72 \| element_count32<<40 \| time40` |
//! | 3 | top 31 bytes of `keccak256(verifying key)` |
//! | 4, 5 | old root, high and low 128 bits |
//! | 6, 7 | new root |
//! | 8 | `deposits_before64<<128 \| deposits_after64<<64 \| forced64` (0) |
//! | 9 | digest of the configuration |
//!
//! Where the fields of elements 1, 2 and 8 lie is said once, in [`header`]. In element 2 all but batch and time
//! are constants of the shape; `withdrawal_start` is the number of the first element of that list.
//!
//! Lists, in this order, each padded with zeros to its capacity: deposits (3 elements each), cross
//! accounts, isolated accounts, cross accounts without positions, accounts that change their mode, positions, withdrawals,
//! transfers, orders, markets (1 each), liquidations (3), the numbers of the next order and the epoch (1, always), and configurations of markets (3 each).

pub mod apply;
pub mod decode;
#[cfg(test)]
pub(crate) mod follows;
pub mod header;
mod lawful;
#[cfg(test)]
mod lawful_tests;
pub(crate) mod lists;
mod native;
#[cfg(test)]
mod tests;

pub use apply::Applied;
pub use decode::{At, DecodeError, Difference, Entry, Header, HeaderError, Published, decode};
pub use header::{CURSORS, ListPlaces, NUMBERS};
pub use lists::{Entries, LISTS, List, element_count, offset};
pub use native::{Deployment, digest, elements, publish};

/// Elements of the header.
pub const HEADER_ELEMENTS: usize = 10;
/// Bytes of an element.
pub const ELEMENT_BYTES: usize = 31;
/// What the domain tag is the hash of.
pub const DOMAIN_LABEL: &[u8] = b"zkmargin/batch/v1";
