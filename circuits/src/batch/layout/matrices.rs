//! The entries of the three matrices, and their products with an assignment.

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::{Block, CHALLENGE, Circuit, Constant, EVALUATION, Entry};
use crate::gadgets::var::{Terms, Wire};

/// Which of the three matrices of `(A·w)∘(B·w) = C·w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The left factor, A.
    A,
    /// The right factor, B.
    B,
    /// The product, C.
    C,
}

const SIDES: [Side; 3] = [Side::A, Side::B, Side::C];

/// A term that stands in every row of a block.
#[derive(Clone, Copy, Debug)]
pub struct BlockTerm {
    /// Column of the first row's wire.
    pub column: usize,
    /// Columns from a row's wire to the next row's; 0 for a wire that all rows share.
    pub stride: usize,
    /// True if the coefficient is multiplied by i in row i.
    pub scaled_by_row: bool,
    /// Coefficient, before the factor i of [`Self::scaled_by_row`].
    pub coefficient: Fr,
}

impl Circuit {
    /// Terms of a row's combination by column.
    pub fn columns_of(&self, block: usize, row: usize, terms: &Terms) -> Vec<(usize, Fr)> {
        let block = &self.blocks[block];
        let resolve = |(wire, coefficient): &(Wire, Fr)| {
            let entry = self.entry(*wire, *coefficient);
            let scale = if entry.scaled_by_row { Fr::from(row as u64) } else { Fr::ONE };
            (self.column(block, row, &entry), entry.coefficient * scale)
        };
        terms.iter().map(resolve).collect()
    }

    /// The terms of A, B and C in constraint `local` of every row of a block.
    pub fn block_terms(&self, block: &Block, local: usize) -> [Vec<BlockTerm>; 3] {
        block.resolved[local].each_ref().map(|entries| {
            let term = |entry: &Entry| {
                let column = self.column(block, 0, entry);
                let stride = self.column(block, 1, entry) - column;
                BlockTerm {
                    column,
                    stride,
                    scaled_by_row: entry.scaled_by_row,
                    coefficient: entry.coefficient,
                }
            };
            entries.iter().map(term).collect()
        })
    }

    /// Calls `visit(side, constraint, column, coefficient)` for the entries of the constraints in
    /// `range`. A column may be visited more than once; its coefficients add up.
    pub fn for_each_entry(&self, range: Range<usize>, visit: &mut dyn FnMut(Side, usize, usize, &Fr)) {
        for block in &self.blocks {
            let per_row = block.template.constraints.len();
            let own = block.constraint_range();
            for constraint in range.start.max(own.start)..range.end.min(own.end) {
                let (row, local) = ((constraint - own.start) / per_row, (constraint - own.start) % per_row);
                for (side, entries) in SIDES.iter().zip(&block.resolved[local]) {
                    for entry in entries {
                        let column = self.column(block, row, entry);
                        if entry.scaled_by_row {
                            let scaled = entry.coefficient * Fr::from(row as u64);
                            visit(*side, constraint, column, &scaled);
                        } else {
                            visit(*side, constraint, column, &entry.coefficient);
                        }
                    }
                }
            }
        }
        let (tail, bus) = (self.evaluation_constraints, self.bus_constraint());
        for constraint in range.start.max(tail)..range.end.min(bus) {
            self.evaluation_entries(constraint - tail, &mut |side, column, c| {
                visit(side, constraint, column, c)
            });
        }
        if range.contains(&bus) {
            self.bus_entries(&mut |side, column, c| visit(side, bus, column, c));
        }
        for constraint in range.start.max(bus + 1)..range.end.min(self.constraint_end) {
            let Constant { column, value } = self.constants[constraint - bus - 1];
            visit(Side::A, constraint, column, &Fr::ONE);
            visit(Side::A, constraint, 0, &-value);
            visit(Side::B, constraint, 0, &Fr::ONE);
        }
    }

    fn bus_constraint(&self) -> usize {
        self.evaluation_constraints + self.elements.len().saturating_sub(1)
    }

    // Horner's rule, highest first: v_i = v_{i+1}·z + d_i, with v_{n-1} = d_{n-1} and v_0 = v.
    // Step `i` of the tail: v_{i+1} · z = v_i - d_i.
    fn evaluation_entries(&self, i: usize, visit: &mut dyn FnMut(Side, usize, &Fr)) {
        let last = self.elements.len() - 1;
        if i + 1 == last {
            self.element_entries(last, &mut |column, c| visit(Side::A, column, &c));
        } else {
            visit(Side::A, self.evaluation_wires + i, &Fr::ONE);
        }
        visit(Side::B, CHALLENGE, &Fr::ONE);
        let column = if i == 0 { EVALUATION } else { self.evaluation_wires + i - 1 };
        visit(Side::C, column, &Fr::ONE);
        self.element_entries(i, &mut |column, c| visit(Side::C, column, &-c));
    }

    pub(super) fn element_entries(&self, element: usize, visit: &mut dyn FnMut(usize, Fr)) {
        let source = self.elements[element];
        let terms = &self.blocks[source.block].template.published[source.published].terms;
        for (column, coefficient) in self.columns_of(source.block, source.row, terms) {
            visit(column, coefficient);
        }
    }

    // The sum of all inverses is zero: `0·0 = Σ y`. On the left the sum would put inverses into A that stand
    // on the right in their own constraints.
    fn bus_entries(&self, visit: &mut dyn FnMut(Side, usize, &Fr)) {
        for block in &self.blocks {
            for row in 0..block.rows {
                for interaction in 0..block.template.interactions.len() {
                    let wire = block.template.inverse_wire(interaction) as usize;
                    visit(Side::C, block.derived_column(row) + wire, &Fr::ONE);
                }
            }
        }
    }

    /// Products of the matrices in `range` with an assignment of all columns.
    pub fn products(&self, range: Range<usize>, assignment: &[Fr], out: [&mut [Fr]; 3]) {
        let [a, b, c] = out;
        for slot in [&mut *a, &mut *b, &mut *c] {
            slot.fill(Fr::ZERO);
        }
        let start = range.start;
        self.for_each_entry(range, &mut |side, constraint, column, coefficient| {
            let slot = match side {
                Side::A => &mut a[constraint - start],
                Side::B => &mut b[constraint - start],
                Side::C => &mut c[constraint - start],
            };
            if *coefficient == Fr::ONE {
                *slot += assignment[column];
            } else {
                *slot += assignment[column] * coefficient;
            }
        });
    }

    /// Name of the check that constraint `i` is, and its block and row, for messages.
    pub fn describe(&self, constraint: usize) -> String {
        for block in &self.blocks {
            let own = block.constraint_range();
            if own.contains(&constraint) {
                let per_row = block.template.constraints.len();
                let (row, local) = ((constraint - own.start) / per_row, (constraint - own.start) % per_row);
                return format!(
                    "{} of {} row {row}",
                    block.template.constraints[local].id, block.template.name
                );
            }
        }
        match constraint.cmp(&self.bus_constraint()) {
            std::cmp::Ordering::Less => "the evaluation".into(),
            std::cmp::Ordering::Equal => "the bus sum".into(),
            std::cmp::Ordering::Greater => "a constant of the shape".into(),
        }
    }

    /// The constraints that an assignment of all columns does not satisfy, by name.
    pub fn unsatisfied(&self, columns: &[Fr]) -> Vec<String> {
        assert_eq!(columns.len(), self.columns());
        let n = self.constraints();
        let (mut a, mut b, mut c) = (vec![Fr::ZERO; n], vec![Fr::ZERO; n], vec![Fr::ZERO; n]);
        self.products(0..n, columns, [&mut a, &mut b, &mut c]);
        (0..n).filter(|i| a[*i] * b[*i] != c[*i]).map(|i| self.describe(i)).collect()
    }
}
