//! From a wire of a template to a column.

use ark_bn254::Fr;

use super::{Block, CHALLENGE, Circuit, PUBLIC};
use crate::gadgets::var::{Terms, Wire};

/// A term with its wire resolved up to the row: column = base of the region + index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) region: Region,
    pub(super) index: u32,
    pub(super) scaled_by_row: bool,
    pub(super) coefficient: Fr,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Region {
    Absolute,
    Committed,
    Derived,
    CarryIn,
    CarryOut,
}

/// An end of a block: before its first row, or after its last.
#[derive(Clone, Copy)]
enum Boundary {
    First,
    Last,
}

impl Circuit {
    /// Resolves the terms of all templates.
    pub(super) fn resolve_templates(&mut self) {
        // Who has no rows has no constraints, and may name kinds that carry nothing here.
        for b in (0..self.blocks.len()).filter(|b| self.blocks[*b].rows > 0).collect::<Vec<_>>() {
            let resolved = self.blocks[b]
                .template
                .constraints
                .iter()
                .map(|c| [&c.a, &c.b, &c.c].map(|terms| self.resolve(terms)))
                .collect();
            self.blocks[b].resolved = resolved;
        }
    }

    fn resolve(&self, terms: &Terms) -> Vec<Entry> {
        terms.iter().map(|(wire, coefficient)| self.entry(*wire, *coefficient)).collect()
    }

    /// A term with its wire resolved.
    pub(super) fn entry(&self, wire: Wire, coefficient: Fr) -> Entry {
        let absolute = |index: usize| (Region::Absolute, index as u32, false);
        let (region, index, scaled_by_row) = match wire {
            Wire::One => absolute(0),
            Wire::RowIndex => (Region::Absolute, 0, true),
            Wire::Global(k) => absolute(PUBLIC + usize::from(k)),
            Wire::Committed(k) => (Region::Committed, k, false),
            Wire::Derived(k) => (Region::Derived, k, false),
            Wire::CarryIn(k) => (Region::CarryIn, k, false),
            Wire::CarryOut(k) => (Region::CarryOut, k, false),
            Wire::Seed(kind, k) => return self.boundary(kind, k, Boundary::First, coefficient),
            Wire::Final(kind, k) => return self.boundary(kind, k, Boundary::Last, coefficient),
            Wire::Chi(j) => absolute(self.chi_column(j)),
            Wire::RowChi(j) => (Region::Absolute, self.chi_column(j) as u32, true),
            Wire::Gamma => absolute(self.gamma_column()),
        };
        Entry { region, index, scaled_by_row, coefficient }
    }

    /// A carry wire at an end of another block. Without rows, nothing changes what the first would receive: a
    /// constant.
    fn boundary(&self, kind: &str, k: u32, end: Boundary, coefficient: Fr) -> Entry {
        let block = self.blocks.iter().find(|b| b.kind() == kind).expect("a boundary names a kind");
        let entry = |index: usize, coefficient| Entry {
            region: Region::Absolute,
            index: index as u32,
            scaled_by_row: false,
            coefficient,
        };
        if block.rows == 0 {
            return entry(0, coefficient * block.template.seed[k as usize]);
        }
        let row = match end {
            Boundary::First => 0,
            Boundary::Last => block.rows,
        };
        entry(block.carries + row * block.template.carries as usize + k as usize, coefficient)
    }

    fn chi_column(&self, power: u8) -> usize {
        if power == 1 { CHALLENGE } else { self.blocks[0].derived + usize::from(power) - 2 }
    }

    fn gamma_column(&self) -> usize {
        self.blocks[0].derived + self.blocks[0].template.derived as usize - 1
    }

    /// Column of an entry in a row.
    pub(super) fn column(&self, block: &Block, row: usize, entry: &Entry) -> usize {
        let carries = block.template.carries as usize;
        let base = match entry.region {
            Region::Absolute => 0,
            Region::Committed => block.committed + row * block.template.committed as usize,
            Region::Derived => block.derived_column(row),
            Region::CarryIn => block.carries + row * carries,
            Region::CarryOut => block.carries + (row + 1) * carries,
        };
        base + entry.index as usize
    }
}
