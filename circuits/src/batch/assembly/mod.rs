//! The witness of a circuit: rows in parallel, then the challenge, then what depends on it.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, PrimeField};

use super::layout::Circuit;
use crate::gadgets::cs::{Direction, Override, Shared};
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{BlockRows, Padded, Row, RowWitness, TooManyRows};

mod checks;
mod witness;

use checks::{check_bus, check_rows};
pub use witness::Witness;

/// Why a batch has no witness.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AssemblyError {
    /// A kind has more records than the shape has rows for.
    #[error(transparent)]
    Capacity(#[from] TooManyRows),
    /// A kind, by name, was filled twice or is not in the circuit.
    #[error("kind {0} was filled twice, or is not a kind of this circuit")]
    UnknownKind(&'static str),
    /// A kind, by name, has rows in the circuit, and none were given.
    #[error("no rows were given for kind {0}")]
    Missing(&'static str),
    /// A constraint of a row does not hold.
    #[error("check {check} fails in {kind} row {row}")]
    Unsatisfied {
        /// Name of the kind.
        kind: &'static str,
        /// Number of the row within its kind, from 0.
        row: usize,
        /// Id of the first check of the row that fails, as in the spec.
        check: &'static str,
    },
    /// Rows sent and received different tuples.
    #[error("the bus does not balance: {tag} {tuple} is left over {surplus} times ({count} such tuples)")]
    Unbalanced {
        /// Name of the tuple's kind, of the first one if there are several.
        tag: &'static str,
        /// Its components in parentheses, as signed integers.
        tuple: String,
        /// How often it was sent more than it was received; negative for the opposite.
        surplus: String,
        /// Number of different tuples that are left over.
        count: usize,
    },
}

/// Fills the rows of a circuit, kind by kind.
pub struct Assembler<'a> {
    circuit: &'a Circuit,
    globals: Vec<Fr>,
    seeds: HashMap<&'static str, Vec<Fr>>,
    rows: Vec<Option<Vec<RowWitness>>>,
    choose: Vec<(&'static str, usize, &'a Override<'a>)>,
}

/// Computed rows of a kind.
pub struct FilledKind {
    number: usize,
    seed: Vec<Fr>,
    rows: Vec<RowWitness>,
}

impl<'a> Assembler<'a> {
    /// `globals`: values of the global wires.
    pub fn new(circuit: &'a Circuit, globals: Vec<Fr>) -> Self {
        assert_eq!(globals.len(), circuit.globals);
        let mut rows = vec![None; circuit.blocks.len()];
        // The challenge row has no committed wires.
        rows[0] = Some(vec![RowWitness::default()]);
        Self { circuit, globals, seeds: HashMap::new(), rows, choose: Vec::new() }
    }

    /// What the first row of a kind receives, where that is not a constant of the kind.
    pub fn seed(&mut self, kind: &'static str, values: Vec<Fr>) {
        self.seeds.insert(kind, values);
    }

    /// Lets a test choose other advice in one row.
    pub fn override_row(&mut self, kind: &'static str, row: usize, choose: &'a Override<'a>) {
        self.choose.push((kind, row, choose));
    }

    /// Computes the rows of a kind; rows that are not given are padding.
    pub fn fill<R: Row>(&mut self, records: &[Padded<R::Record>]) -> Result<(), AssemblyError> {
        let filled = self.rows(R::NAME, |rows| rows.fill::<R>(records))?;
        self.put(filled);
        Ok(())
    }

    /// The first half of [`Assembler::fill`], for several kinds at a time; [`Assembler::put`] is the second.
    pub fn rows(
        &self,
        kind: &'static str,
        fill: impl FnOnce(&BlockRows<'_>) -> Result<Vec<RowWitness>, TooManyRows>,
    ) -> Result<FilledKind, AssemblyError> {
        let number = self.number(kind).filter(|n| self.rows[*n].is_none());
        let number = number.ok_or(AssemblyError::UnknownKind(kind))?;
        let block = &self.circuit.blocks[number];
        let mut seed = self.seeds.get(kind).unwrap_or(&block.template.seed).clone();
        seed.resize(block.template.carries as usize, Fr::ZERO);
        let chosen = self.choose.iter().filter(|(of, ..)| *of == kind);
        let choose: Vec<(usize, &Override<'_>)> = chosen.map(|(_, row, choose)| (*row, *choose)).collect();
        let shared = Shared { limb_bits: self.circuit.limb_bits, globals: &self.globals };
        let rows = fill(&BlockRows { shared, rows: block.rows, seed: &seed, choose: &choose })?;
        Ok(FilledKind { number, seed, rows })
    }

    /// Takes rows in.
    pub fn put(&mut self, filled: FilledKind) {
        let FilledKind { number, seed, rows } = filled;
        let kind = self.circuit.blocks[number].kind();
        debug_assert!(self.rows[number].is_none(), "kind {kind} was filled twice");
        self.seeds.insert(kind, seed);
        self.rows[number] = Some(rows);
    }

    /// What the last row of a kind hands over, once the kind is filled.
    pub fn outcome(&self, kind: &str) -> Option<&[Fr]> {
        self.rows[self.number(kind)?].as_ref()?.last().map(|row| row.carry_out.as_slice())
    }

    fn number(&self, kind: &str) -> Option<usize> {
        self.circuit.blocks.iter().position(|block| block.kind() == kind)
    }

    /// Fills multiplicities in and lays the committed wires out. With `check`, refuses a witness
    /// whose rows or bus do not hold, and says where.
    pub fn finish(mut self, check: bool) -> Result<Witness<'a>, AssemblyError> {
        let mut rows = Vec::with_capacity(self.rows.len());
        for (block, filled) in self.circuit.blocks.iter().zip(self.rows.drain(..)) {
            rows.push(match filled {
                None if block.rows == 0 => Vec::new(),
                filled => filled.ok_or(AssemblyError::Missing(block.kind()))?,
            });
        }
        count_lookups(&mut rows, self.circuit.limb_bits);
        let check = || {
            if !check {
                return Ok(());
            }
            check_rows(&self.circuit.blocks, &rows)?;
            check_bus(&rows)
        };
        let (checked, committed) = rayon::join(check, || self.committed(&rows));
        checked?;
        let elements = self
            .circuit
            .elements
            .iter()
            .map(|source| rows[source.block][source.row].published[source.published])
            .collect();
        Ok(Witness { circuit: self.circuit, committed, elements, rows })
    }

    /// The committed wires, laid out.
    fn committed(&self, rows: &[Vec<RowWitness>]) -> Vec<Fr> {
        let mut committed = vec![Fr::ZERO; self.circuit.committed()];
        committed[..self.globals.len()].copy_from_slice(&self.globals);
        for (block, rows) in self.circuit.blocks.iter().zip(rows) {
            if block.rows > 0 && block.template.carries > 0 {
                let mut carry: &[Fr] = &self.seeds[block.kind()];
                committed[block.carry_range(0)].copy_from_slice(carry);
                for (number, row) in rows.iter().enumerate() {
                    carry = &row.carry_out;
                    committed[block.carry_range(number + 1)].copy_from_slice(carry);
                }
            }
            for (number, row) in rows.iter().enumerate() {
                committed[block.committed_range(number)].copy_from_slice(&row.committed);
            }
        }
        committed
    }
}

fn key(tag: u8, tuple: &[Fr]) -> (u8, Vec<Fr>) {
    (tag, tuple.to_vec())
}

/// Sets each provided tuple's multiplicity to the number of its look-ups.
fn count_lookups(rows: &mut [Vec<RowWitness>], limb_bits: u32) {
    let mut limbs = vec![0u64; 1 << limb_bits];
    let mut others: HashMap<(u8, Vec<Fr>), Fr> = HashMap::new();
    for row in rows.iter().flatten() {
        for (i, interaction) in row.interactions.iter().enumerate() {
            if !interaction.tag.provider || interaction.direction == Direction::Send {
                continue;
            }
            let tuple = row.tuple(i);
            if interaction.tag == RANGE {
                let value = tuple[0].into_bigint().0;
                if value[1..] == [0; 3] && value[0] < limbs.len() as u64 {
                    limbs[value[0] as usize] += 1;
                }
            } else {
                *others.entry(key(interaction.tag.code, tuple)).or_default() += interaction.multiplicity;
            }
        }
    }
    for row in rows.iter_mut().flatten() {
        for i in 0..row.interactions.len() {
            let Some(wire) = row.interactions[i].provided_by else { continue };
            let tag = row.interactions[i].tag;
            let count = if tag == RANGE {
                Fr::from(limbs[row.tuple(i)[0].into_bigint().0[0] as usize])
            } else {
                others.remove(&key(tag.code, row.tuple(i))).unwrap_or_default()
            };
            row.committed[wire as usize] = count;
            row.interactions[i].multiplicity = count;
        }
    }
}
