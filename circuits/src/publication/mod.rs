//! The published bytes of a batch: a header and then lists with the capacities of the shape.
//!
//! An element has 31 bytes, big-endian. Header (10 elements):
//!
//! | element | value |
//! |---|---|
//! | 0 | top 31 bytes of `keccak256("zkmargin/batch/v1")` |
//! | 1 | `chain_id64<<160 \| contract160` |
//! | 2 | `batch64<<104 \| shape_id32<<72 \| element_count32<<40 \| time40` |
//! | 3 | top 31 bytes of `keccak256(verifying key)` |
//! | 4, 5 | old root, high and low 128 bits |
//! | 6, 7 | new root |
//! | 8 | `deposits_before64<<128 \| deposits_after64<<64 \| forced64` (0) |
//! | 9 | digest of the configuration |
//!
//! Lists, in this order, each padded with zeros to its capacity: deposits (3 elements each), cross
//! accounts, isolated accounts, cross accounts without positions, accounts that change their mode, positions, withdrawals, transfers, orders, ticks (1 each).

pub mod lists;
mod native;
#[cfg(test)]
mod tests;

use crate::gadgets::word::Layout;
use crate::params::TIME_BITS;
pub use lists::{LISTS, List, element_count, offset};
pub use native::{Deployment, digest, elements, publish};

/// Header element 2: time, number of elements, shape and number of the batch.
pub const NUMBERS: Layout<4> = Layout::new(
    "header element 2",
    [("time", TIME_BITS), ("element_count", 32), ("shape_id", 32), ("batch", 64)],
)
.published();

/// Header element 8: the deposit cursor after the batch and before it. No deposit is forced: 0.
pub const CURSORS: Layout<3> =
    Layout::new("header element 8", [("forced", 64), ("deposits_after", 64), ("deposits_before", 64)])
        .published();

/// Elements of the header.
pub const HEADER_ELEMENTS: usize = 10;
/// Bytes of an element.
pub const ELEMENT_BYTES: usize = 31;
/// What the domain tag is the hash of.
pub const DOMAIN_LABEL: &[u8] = b"zkmargin/batch/v1";
