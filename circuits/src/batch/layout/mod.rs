//! From templates to columns: the only place that knows where a wire lies.
//!
//! Columns: `[one, s, v, z | globals, carries, rows | challenge row, rows, evaluation]`: public
//! inputs, committed wires, derived wires. Constraints: the rows of each block, then the evaluation
//! of the published elements, the sum of the bus, the constants of the shape.

use std::ops::Range;

use ark_bn254::Fr;

use crate::gadgets::row::{Row, Template};

mod fingerprint;
mod matrices;
mod resolve;

pub use matrices::{BlockTerm, Side};
use resolve::Entry;

/// Public columns: one, digest s, evaluation v, challenge z.
pub const PUBLIC: usize = 4;
const EVALUATION: usize = 2;
const CHALLENGE: usize = 3;

/// Rows of one kind.
#[derive(Clone, Debug)]
pub struct Block {
    /// What a row of the kind is made of.
    pub template: Template,
    /// Number of rows; 0 for a kind that the shape does not name.
    pub rows: usize,
    carries: usize,
    committed: usize,
    derived: usize,
    constraints: usize,
    resolved: Vec<[Vec<Entry>; 3]>,
}

impl Block {
    /// A block before it is laid out.
    pub fn new<R: Row>(rows: usize, limb_bits: u32) -> Self {
        Self::of(Template::compile::<R>(limb_bits), rows)
    }

    /// A block of a template before it is laid out.
    pub const fn of(template: Template, rows: usize) -> Self {
        Self { template, rows, carries: 0, committed: 0, derived: 0, constraints: 0, resolved: Vec::new() }
    }

    /// Name of the kind, as [`Wire::Seed`] and [`Wire::Final`] have it.
    ///
    /// [`Wire::Seed`]: crate::gadgets::var::Wire::Seed
    /// [`Wire::Final`]: crate::gadgets::var::Wire::Final
    pub const fn kind(&self) -> &'static str {
        self.template.name
    }

    /// Numbers of the constraints of this block.
    pub fn constraint_range(&self) -> Range<usize> {
        self.constraints..self.constraints + self.rows * self.template.constraints.len()
    }

    /// Committed wires of row `row`, as positions among the committed wires.
    pub fn committed_range(&self, row: usize) -> Range<usize> {
        let width = self.template.committed as usize;
        let start = self.committed + row * width - PUBLIC;
        start..start + width
    }

    /// Wires that row `row` receives, as positions among the committed wires (`rows` for the last
    /// row's outcome).
    pub fn carry_range(&self, row: usize) -> Range<usize> {
        let width = self.template.carries as usize;
        let start = self.carries + row * width - PUBLIC;
        start..start + width
    }

    /// First column of row `row`'s derived wires.
    fn derived_column(&self, row: usize) -> usize {
        self.derived + row * self.template.derived_wires() as usize
    }
}

/// A committed wire that is a constant of the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Column of the wire.
    pub column: usize,
    /// Value of the wire in each batch.
    pub value: Fr,
}

/// A published element: where its terms stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementSource {
    /// Number of the block in [`Circuit::blocks`].
    pub block: usize,
    /// Number of the row within its block.
    pub row: usize,
    /// Which of the row's published elements.
    pub published: usize,
}

/// The constraint system of a shape.
#[derive(Clone, Debug)]
pub struct Circuit {
    /// One block for each kind, the challenge row first.
    pub blocks: Vec<Block>,
    /// Bits of a limb of the range table.
    pub limb_bits: u32,
    /// Number of global committed wires.
    pub globals: usize,
    /// Names of the published lists, in the order of their elements.
    pub lists: Vec<&'static str>,
    /// Committed wires that are constants of the shape: global ones, and what first rows receive.
    pub constants: Vec<Constant>,
    /// The published elements, in the order of their lists.
    pub elements: Vec<ElementSource>,
    committed_end: usize,
    derived_end: usize,
    evaluation_wires: usize,
    evaluation_constraints: usize,
    constraint_end: usize,
}

impl Circuit {
    /// Lays out blocks; the first one is the challenge row, whose derived wires are the powers
    /// `χ², χ³, …` and then what leads to γ, which is its last derived wire. `lists` names the published
    /// lists in the order of their elements. A block without rows has no wires and no constraints.
    pub fn new(mut blocks: Vec<Block>, lists: &[&'static str], limb_bits: u32, globals: usize) -> Self {
        let mut committed = PUBLIC + globals;
        for block in &mut blocks {
            block.carries = committed;
            let carries = block.rows > 0 && block.template.carries > 0;
            let carry_rows = if carries { block.rows + 1 } else { 0 };
            committed += carry_rows * block.template.carries as usize;
        }
        for block in &mut blocks {
            block.committed = committed;
            committed += block.rows * block.template.committed as usize;
        }
        let (mut derived, mut constraints) = (committed, 0);
        for block in &mut blocks {
            block.derived = derived;
            derived += block.rows * block.template.derived_wires() as usize;
            block.constraints = constraints;
            constraints += block.rows * block.template.constraints.len();
        }
        let elements = elements_of(&blocks, lists);
        let mut circuit = Self {
            lists: lists.to_vec(),
            limb_bits,
            globals,
            constants: Vec::new(),
            committed_end: committed,
            evaluation_wires: derived,
            derived_end: derived + elements.len().saturating_sub(2),
            evaluation_constraints: constraints,
            constraint_end: constraints + elements.len().saturating_sub(1) + 1,
            elements,
            blocks,
        };
        circuit.resolve_templates();
        circuit.fix_seeds();
        circuit
    }

    /// Makes a global wire a constant: one constraint.
    pub fn fix_global(&mut self, global: u16, value: Fr) {
        self.fix(PUBLIC + usize::from(global), value);
    }

    /// Global wires that are constants, with their values.
    pub fn fixed_globals(&self) -> impl Iterator<Item = (u16, Fr)> {
        let global = |column: usize| column.checked_sub(PUBLIC).filter(|number| *number < self.globals);
        self.constants.iter().filter_map(move |of| Some((global(of.column)? as u16, of.value)))
    }

    fn fix(&mut self, column: usize, value: Fr) {
        self.constants.push(Constant { column, value });
        self.constraint_end += 1;
    }

    /// What first rows receive, where that is a constant: one constraint each (PRE-4).
    fn fix_seeds(&mut self) {
        for b in 0..self.blocks.len() {
            let block = &self.blocks[b];
            if block.rows > 0 {
                let (start, seed) = (block.carries, block.template.seed.clone());
                seed.into_iter().enumerate().for_each(|(k, value)| self.fix(start + k, value));
            }
        }
    }

    /// Number of committed wires.
    pub fn committed(&self) -> usize {
        self.committed_end - PUBLIC
    }

    /// Number of derived wires.
    pub fn derived(&self) -> usize {
        self.derived_end - self.committed_end
    }

    /// Number of constraints, which are the rows of the three matrices.
    pub fn constraints(&self) -> usize {
        self.constraint_end
    }

    /// Number of columns, the blinding wire of the proof system not counted.
    pub fn columns(&self) -> usize {
        self.derived_end
    }

    /// First derived wire of a row, as a position among the derived wires.
    pub fn derived_start(&self, block: usize, row: usize) -> usize {
        self.blocks[block].derived_column(row) - self.committed_end
    }

    /// First wire of the evaluation, as a position among the derived wires.
    pub fn evaluation_start(&self) -> usize {
        self.evaluation_wires - self.committed_end
    }
}

/// Elements in order: by list, then by block, row and the row's own order.
fn elements_of(blocks: &[Block], lists: &[&'static str]) -> Vec<ElementSource> {
    let published = || blocks.iter().flat_map(|block| &block.template.published);
    assert!(published().all(|p| lists.contains(&p.list)), "rows publish in lists that there are");
    let mut elements = Vec::new();
    for list in lists {
        for (number, block) in blocks.iter().enumerate() {
            let mut own: Vec<usize> = (0..block.template.published.len())
                .filter(|i| block.template.published[*i].list == *list)
                .collect();
            own.sort_by_key(|i| block.template.published[*i].element);
            for row in 0..block.rows {
                elements.extend(own.iter().map(|i| ElementSource { block: number, row, published: *i }));
            }
        }
    }
    elements
}
