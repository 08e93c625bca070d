//! `.wtns`, version 2.

use super::{FIELD, count, element, field, file_header, section};
use ark_bn254::Fr;
use std::io::{Result, Write};

/// Writes all wires of a system, the one first.
pub fn write_wtns(out: &mut impl Write, wires: &[Fr]) -> Result<()> {
    file_header(out, b"wtns", 2, 2)?;
    section(out, 1, 4 + FIELD + 4)?;
    field::<Fr>(out)?;
    count(out, wires.len())?;
    section(out, 2, FIELD * wires.len() as u64)?;
    wires.iter().try_for_each(|wire| element(out, wire))
}
