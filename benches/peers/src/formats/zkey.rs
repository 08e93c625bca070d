//! `.zkey`, version 1, protocol Groth16.
//!
//! Points and coefficients are Montgomery limbs, coefficients twice so. The H section holds the
//! Circom reduction's points, one for each point of the domain; the key of a libsnark reduction has
//! one point less and other values, and with it snarkjs makes proofs that no verifier accepts.

use super::{FIELD, count, field, file_header, number, section};
use crate::arkworks::ArkKey;
use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, Field};
use ark_relations::utils::matrix::Matrix;
use std::io::{Result, Write};

const G1: u64 = 2 * FIELD;
const G2: u64 = 4 * FIELD;

/// Writes a key for snarkjs. It has no contributions, so `snarkjs zkey verify` has nothing to check.
pub fn write_zkey(out: &mut impl Write, key: &ArkKey, matrices: &[Matrix<Fr>; 3]) -> Result<()> {
    let (ark, domain) = (&key.key, key.circom_h.len());
    let (columns, public) = (ark.a_query.len(), ark.vk.gamma_abc_g1.len() - 1);
    file_header(out, b"zkey", 1, 10)?;

    section(out, 1, 4)?;
    number(out, 1)?;

    section(out, 2, 2 * (4 + FIELD) + 3 * 4 + 3 * G1 + 3 * G2)?;
    field::<Fq>(out)?;
    field::<Fr>(out)?;
    for size in [columns, public, domain] {
        count(out, size)?;
    }
    g1(out, &ark.vk.alpha_g1)?;
    g1(out, &ark.beta_g1)?;
    g2(out, &ark.vk.beta_g2)?;
    g2(out, &ark.vk.gamma_g2)?;
    g1(out, &ark.delta_g1)?;
    g2(out, &ark.vk.delta_g2)?;

    g1_section(out, 3, &ark.vk.gamma_abc_g1)?;
    coefficients(out, public + 1, &matrices[..2])?;
    g1_section(out, 5, &ark.a_query)?;
    g1_section(out, 6, &ark.b_g1_query)?;
    section(out, 7, G2 * ark.b_g2_query.len() as u64)?;
    ark.b_g2_query.iter().try_for_each(|point| g2(out, point))?;
    g1_section(out, 8, &ark.l_query)?;
    g1_section(out, 9, &key.circom_h)?;

    // Hash of the circuit and number of contributions.
    section(out, 10, 64 + 4)?;
    out.write_all(&[0; 64])?;
    number(out, 0)
}

fn g1_section(out: &mut impl Write, id: u32, points: &[G1Affine]) -> Result<()> {
    section(out, id, G1 * points.len() as u64)?;
    points.iter().try_for_each(|point| g1(out, point))
}

/// Entries of A and B, and the rows that bind the public columns.
fn coefficients(out: &mut impl Write, public: usize, matrices: &[Matrix<Fr>]) -> Result<()> {
    let terms: usize = matrices.iter().flatten().map(Vec::len).sum();
    let entries = terms + public;
    section(out, 4, 4 + entries as u64 * (3 * 4 + FIELD))?;
    count(out, entries)?;
    let radix = Fr::from(2u64).pow([256]);
    let mut entry = |matrix: usize, row: usize, column: usize, coefficient: Fr| {
        count(out, matrix)?;
        count(out, row)?;
        count(out, column)?;
        out.write_all(&(coefficient * radix).0.to_bytes_le())
    };
    for (matrix, rows) in matrices.iter().enumerate() {
        for (row, terms) in rows.iter().enumerate() {
            for (coefficient, column) in terms {
                entry(matrix, row, *column, *coefficient)?;
            }
        }
    }
    let first = matrices[0].len();
    (0..public).try_for_each(|column| entry(0, first + column, column, Fr::ONE))
}

fn g1(out: &mut impl Write, point: &G1Affine) -> Result<()> {
    let (x, y) = point.xy().unwrap_or_default();
    limbs(out, &x)?;
    limbs(out, &y)
}

fn g2(out: &mut impl Write, point: &G2Affine) -> Result<()> {
    let (x, y): (Fq2, Fq2) = point.xy().unwrap_or_default();
    [x.c0, x.c1, y.c0, y.c1].iter().try_for_each(|coordinate| limbs(out, coordinate))
}

fn limbs(out: &mut impl Write, value: &Fq) -> Result<()> {
    out.write_all(&value.0.to_bytes_le())
}
