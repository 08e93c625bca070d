//! `.r1cs`, version 1.

use super::{FIELD, count, element, field, file_header, number, section};
use ark_bn254::Fr;
use ark_relations::utils::matrix::Matrix;
use std::io::{Result, Write};
use zkmargin_groth16::Layout;

/// Writes the matrices of a system without commitment; each row has at most one term per column.
///
/// All public columns are declared outputs: snarkjs orders the wires `[1, outputs, inputs, private]`.
pub fn write_r1cs(out: &mut impl Write, layout: &Layout, matrices: &[Matrix<Fr>; 3]) -> Result<()> {
    file_header(out, b"r1cs", 1, 3)?;
    let columns = layout.columns();

    section(out, 1, 4 + FIELD + 4 * 4 + 8 + 4)?;
    field::<Fr>(out)?;
    count(out, columns)?;
    count(out, layout.public - 1)?;
    number(out, 0)?;
    number(out, 0)?;
    out.write_all(&(columns as u64).to_le_bytes())?;
    count(out, layout.constraints)?;

    let terms: usize = matrices.iter().flatten().map(Vec::len).sum();
    section(out, 2, layout.constraints as u64 * 3 * 4 + terms as u64 * (4 + FIELD))?;
    for row in 0..layout.constraints {
        for matrix in matrices {
            count(out, matrix[row].len())?;
            for (coefficient, column) in &matrix[row] {
                count(out, *column)?;
                element(out, coefficient)?;
            }
        }
    }

    section(out, 3, 8 * columns as u64)?;
    for label in 0..columns as u64 {
        out.write_all(&label.to_le_bytes())?;
    }
    Ok(())
}
