//! Whether rows and bus hold, before a proof is tried.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use super::AssemblyError;
use crate::batch::layout::Block;
use crate::gadgets::cs::Direction;
use crate::gadgets::row::RowWitness;

pub(super) fn check_rows(blocks: &[Block], rows: &[Vec<RowWitness>]) -> Result<(), AssemblyError> {
    for (block, rows) in blocks.iter().zip(rows) {
        for (row, witness) in rows.iter().enumerate() {
            if let Some(check) = witness.violations.first() {
                return Err(AssemblyError::Unsatisfied { kind: block.template.name, row, check });
            }
        }
    }
    Ok(())
}

pub(super) fn check_bus(rows: &[Vec<RowWitness>]) -> Result<(), AssemblyError> {
    let mut sums: HashMap<(u8, &[Fr]), (&'static str, Fr)> = HashMap::new();
    for row in rows.iter().flatten() {
        for (i, interaction) in row.interactions.iter().enumerate() {
            let sum =
                sums.entry((interaction.tag.code, row.tuple(i))).or_insert((interaction.tag.name, Fr::ZERO));
            match interaction.direction {
                Direction::Send => sum.1 += interaction.multiplicity,
                Direction::Receive => sum.1 -= interaction.multiplicity,
            }
        }
    }
    let mut left: Vec<_> = sums.iter().filter(|(_, (_, sum))| *sum != Fr::ZERO).collect();
    left.sort_by_key(|((tag, tuple), _)| (*tag, tuple.to_vec()));
    let Some(((_, tuple), (tag, surplus))) = left.first() else { return Ok(()) };
    let shown = |value: &Fr| crate::gadgets::int::fr_to_signed(*value).to_string();
    let tuple = tuple.iter().map(shown).collect::<Vec<_>>().join(", ");
    Err(AssemblyError::Unbalanced {
        tag,
        tuple: format!("({tuple})"),
        surplus: shown(surplus),
        count: left.len(),
    })
}
