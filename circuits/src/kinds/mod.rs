//! Row kinds: one table, from which numbers of rows, templates and witnesses follow.
//!
//! A kind that a shape does not name has no rows, and the circuit is then what it would be without that
//! kind. The order of the table is the order of the blocks of a circuit; nothing else depends on it.

mod capacities;
mod extract;
mod records;
mod table;
mod trace;

use crate::gadgets::row::{BlockRows, Row, RowWitness, Template, TooManyRows};

pub use capacities::{Capacities, Overflow, Usage};
pub use extract::Extract;
pub use records::{Record, Records};
pub use table::KINDS;
pub use trace::Trace;

/// How many rows a circuit has of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowCount {
    /// The shape says the number under this name; a row may take several records.
    Capacity {
        /// Name of the capacity in the shape's file.
        name: &'static str,
        /// Records that one row takes.
        per_row: usize,
    },
    /// Always so many.
    Fixed(usize),
}

/// A kind of rows.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Name of the kind: [`Row::NAME`].
    pub name: &'static str,
    /// How many rows a circuit has of it.
    pub rows: RowCount,
    /// True if the rows are ops: each record has a time T of its own.
    pub timed: bool,
    /// Synthesises one row at a width of limbs.
    pub template: fn(u32) -> Template,
    /// Records of this kind that a batch has made.
    pub used: fn(&Records) -> usize,
    /// Computes the rows of a batch, in a shape with these capacities.
    pub fill: fn(&Trace, &Capacities, &BlockRows<'_>) -> Result<Vec<RowWitness>, TooManyRows>,
}

impl Kind {
    /// A kind with a row per record.
    const fn of<R: Row<Record: Record>>(capacity: &'static str) -> Self {
        Self {
            name: R::NAME,
            rows: RowCount::Capacity { name: capacity, per_row: 1 },
            timed: false,
            template: Template::compile::<R>,
            used: |records| records.of::<R::Record>().len(),
            fill: |trace, _, rows| rows.fill::<R>(trace.of::<R::Record>()),
        }
    }

    /// A kind whose rows are made of other records.
    const fn extracted<R: Extract>(capacity: &'static str, per_row: usize) -> Self {
        Self {
            name: R::NAME,
            rows: RowCount::Capacity { name: capacity, per_row },
            timed: false,
            template: Template::compile::<R>,
            used: R::used,
            fill: |trace, capacities, rows| rows.fill::<R>(&R::extract(trace, capacities)),
        }
    }

    /// A kind with a fixed number of rows, one per record.
    const fn fixed<R: Row<Record: Record>>(rows: usize) -> Self {
        Self { rows: RowCount::Fixed(rows), ..Self::of::<R>("") }
    }

    /// The same kind, whose records have times.
    const fn timed(self) -> Self {
        Self { timed: true, ..self }
    }

    /// Records that a shape has places for.
    pub fn records(&self, capacities: &Capacities) -> usize {
        match self.rows {
            RowCount::Capacity { name, .. } => capacities[name],
            RowCount::Fixed(rows) => rows,
        }
    }

    /// Rows of a shape.
    pub fn rows(&self, capacities: &Capacities) -> usize {
        match self.rows {
            RowCount::Capacity { name, per_row } => capacities[name].div_ceil(per_row),
            RowCount::Fixed(rows) => rows,
        }
    }
}
