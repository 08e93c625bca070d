//! Files of iden3's tools: constraint systems (`.r1cs`), witnesses (`.wtns`), proving keys (`.zkey`).
//!
//! All three are a magic word, a version, and sections of (number, length, content), little-endian.
//! Formats: <https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md>; witness and key as
//! snarkjs 0.7 writes and reads them.

mod r1cs;
mod wtns;
mod zkey;

pub use r1cs::write_r1cs;
pub use wtns::write_wtns;
pub use zkey::write_zkey;

use ark_ff::{BigInteger, PrimeField};
use std::io::{Result, Write};

/// Bytes of a field element.
const FIELD: u64 = 32;

fn file_header(out: &mut impl Write, magic: &[u8; 4], version: u32, sections: u32) -> Result<()> {
    out.write_all(magic)?;
    number(out, version)?;
    number(out, sections)
}

fn section(out: &mut impl Write, id: u32, bytes: u64) -> Result<()> {
    number(out, id)?;
    out.write_all(&bytes.to_le_bytes())
}

fn number(out: &mut impl Write, value: u32) -> Result<()> {
    out.write_all(&value.to_le_bytes())
}

/// Counts of these formats have 32 bits.
fn count(out: &mut impl Write, value: usize) -> Result<()> {
    number(out, u32::try_from(value).map_err(std::io::Error::other)?)
}

/// The length of a field's elements and its modulus.
fn field<F: PrimeField>(out: &mut impl Write) -> Result<()> {
    number(out, FIELD as u32)?;
    out.write_all(&F::MODULUS.to_bytes_le())
}

fn element<F: PrimeField>(out: &mut impl Write, value: &F) -> Result<()> {
    out.write_all(&value.into_bigint().to_bytes_le())
}
