//! The range table: rows that provide every limb once.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{Padded, Row};

/// Entries a row provides.
pub const ENTRIES_PER_ROW: u64 = 64;

/// Row `i` provides the limbs `64·i … 64·i + 63`; the key is a constant of the matrices.
pub struct RangeTable;

impl Row for RangeTable {
    type Record = ();
    const NAME: &'static str = "range table";

    fn dummy() {}

    fn synthesize(cs: &mut Cs<'_>, _: &Padded<()>) {
        let cs = &mut cs.check("RANGE-5");
        let first = cs.row_index().scale(Fr::from(ENTRIES_PER_ROW));
        for entry in 0..ENTRIES_PER_ROW {
            cs.provide(RANGE, &[first.add_constant(Fr::from(entry))]);
        }
    }
}

/// Rows that cover all limbs of `limb_bits`.
pub fn rows(limb_bits: u32) -> usize {
    ((1u64 << limb_bits) / ENTRIES_PER_ROW).max(1) as usize
}
