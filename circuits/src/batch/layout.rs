//! From templates to columns: the only place that knows where a wire lies.
//!
//! Columns: `[one, s, v, z | globals, carries, rows | challenge row, rows, evaluation]`: public
//! inputs, committed wires, derived wires. Constraints: the rows of each block, then the evaluation
//! of the published elements, the sum of the bus, the constants of the shape.

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};
use sha3::{Digest, Keccak256};

use crate::gadgets::row::{Row, Template};
use crate::gadgets::var::{Terms, Wire};

/// Public columns: one, digest s, evaluation v, challenge z.
pub const PUBLIC: usize = 4;
const EVALUATION: usize = 2;
const CHALLENGE: usize = 3;

/// Rows of one kind.
#[derive(Clone, Debug)]
pub struct Block {
    /// Number of the kind, as [`Wire::Seed`] and [`Wire::Final`] name it.
    pub kind: u8,
    pub template: Template,
    pub rows: usize,
    carries: usize,
    committed: usize,
    derived: usize,
    constraints: usize,
    resolved: Vec<[Vec<Entry>; 3]>,
}

impl Block {
    /// A block before it is laid out.
    pub fn new<R: Row>(kind: u8, rows: usize, limb_bits: u32) -> Self {
        let template = Template::compile::<R>(limb_bits);
        Self {
            kind,
            template,
            rows,
            carries: 0,
            committed: 0,
            derived: 0,
            constraints: 0,
            resolved: Vec::new(),
        }
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

/// A term with its wire resolved up to the row: column = base of the region + index.
#[derive(Clone, Copy, Debug)]
struct Entry {
    region: Region,
    index: u32,
    scaled_by_row: bool,
    coefficient: Fr,
}

#[derive(Clone, Copy, Debug)]
enum Region {
    Absolute,
    Committed,
    Derived,
    CarryIn,
    CarryOut,
}

/// A published element: where its terms stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementSource {
    pub block: usize,
    pub row: usize,
    /// Which of the row's published elements.
    pub published: usize,
}

/// The constraint system of a shape.
#[derive(Clone, Debug)]
pub struct Circuit {
    pub blocks: Vec<Block>,
    pub limb_bits: u32,
    /// Number of global committed wires.
    pub globals: usize,
    /// Global wires that are constants of the shape.
    pub constants: Vec<(u16, Fr)>,
    pub elements: Vec<ElementSource>,
    committed_end: usize,
    derived_end: usize,
    evaluation_wires: usize,
    evaluation_constraints: usize,
    constraint_end: usize,
}

/// Which of the three matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    A,
    B,
    C,
}

const SIDES: [Side; 3] = [Side::A, Side::B, Side::C];

impl Circuit {
    /// Lays out blocks; the first one is the challenge row, whose derived wires are the powers
    /// `χ², χ³, …` and then what leads to γ, which is its last derived wire.
    pub fn new(mut blocks: Vec<Block>, limb_bits: u32, globals: usize) -> Self {
        let mut committed = PUBLIC + globals;
        for block in &mut blocks {
            block.carries = committed;
            let carry_rows = if block.template.carries > 0 { block.rows + 1 } else { 0 };
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
        let elements = elements_of(&blocks);
        let mut circuit = Self {
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
        circuit
    }

    /// Makes a global wire a constant: one constraint.
    pub fn fix_global(&mut self, global: u16, value: Fr) {
        self.constants.push((global, value));
        self.constraint_end += 1;
    }

    fn resolve_templates(&mut self) {
        for b in 0..self.blocks.len() {
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

    fn entry(&self, wire: Wire, coefficient: Fr) -> Entry {
        let absolute = |index: usize| (Region::Absolute, index as u32, false);
        let (region, index, scaled_by_row) = match wire {
            Wire::One => absolute(0),
            Wire::RowIndex => (Region::Absolute, 0, true),
            Wire::Global(k) => absolute(PUBLIC + usize::from(k)),
            Wire::Committed(k) => (Region::Committed, k, false),
            Wire::Derived(k) => (Region::Derived, k, false),
            Wire::CarryIn(k) => (Region::CarryIn, k, false),
            Wire::CarryOut(k) => (Region::CarryOut, k, false),
            Wire::Seed(kind, k) => absolute(self.boundary(kind, false) + k as usize),
            Wire::Final(kind, k) => absolute(self.boundary(kind, true) + k as usize),
            Wire::Chi(j) => absolute(self.chi_column(j)),
            Wire::RowChi(j) => (Region::Absolute, self.chi_column(j) as u32, true),
            Wire::Gamma => absolute(self.gamma_column()),
        };
        Entry { region, index, scaled_by_row, coefficient }
    }

    fn boundary(&self, kind: u8, last: bool) -> usize {
        let block =
            self.blocks.iter().find(|b| b.kind == kind).expect("a boundary names a block of the shape");
        block.carries + if last { block.rows * block.template.carries as usize } else { 0 }
    }

    fn chi_column(&self, power: u8) -> usize {
        if power == 1 { CHALLENGE } else { self.blocks[0].derived + usize::from(power) - 2 }
    }

    fn gamma_column(&self) -> usize {
        self.blocks[0].derived + self.blocks[0].template.derived as usize - 1
    }

    /// Number of committed wires.
    pub fn committed(&self) -> usize {
        self.committed_end - PUBLIC
    }

    /// Number of derived wires.
    pub fn derived(&self) -> usize {
        self.derived_end - self.committed_end
    }

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

    fn column(&self, block: &Block, row: usize, entry: &Entry) -> usize {
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
            let (global, value) = self.constants[constraint - bus - 1];
            visit(Side::A, constraint, PUBLIC + usize::from(global), &Fr::ONE);
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

    fn element_entries(&self, element: usize, visit: &mut dyn FnMut(usize, Fr)) {
        let source = self.elements[element];
        let terms = &self.blocks[source.block].template.published[source.published].terms;
        for (column, coefficient) in self.columns_of(source.block, source.row, terms) {
            visit(column, coefficient);
        }
    }

    // The sum of all inverses is zero.
    fn bus_entries(&self, visit: &mut dyn FnMut(Side, usize, &Fr)) {
        for block in &self.blocks {
            for row in 0..block.rows {
                for interaction in 0..block.template.interactions.len() {
                    let wire = block.template.inverse_wire(interaction) as usize;
                    visit(Side::A, block.derived_column(row) + wire, &Fr::ONE);
                }
            }
        }
        visit(Side::B, 0, &Fr::ONE);
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

    /// Keccak-256 over the layout and every template: two circuits with one fingerprint have the
    /// same matrices.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Keccak256::new();
        let number = |hash: &mut Keccak256, n: usize| hash.update((n as u64).to_le_bytes());
        hash.update(b"zkmargin/circuit/v1");
        for n in [self.limb_bits as usize, self.globals, self.blocks.len(), self.elements.len()] {
            number(&mut hash, n);
        }
        for block in &self.blocks {
            for n in [usize::from(block.kind), block.rows, block.template.constraints.len()] {
                number(&mut hash, n);
            }
            for sides in &block.resolved {
                for entries in sides {
                    number(&mut hash, entries.len());
                    for entry in entries {
                        let region = entry.region as usize * 2 + usize::from(entry.scaled_by_row);
                        number(&mut hash, region);
                        number(&mut hash, entry.index as usize);
                        for limb in entry.coefficient.into_bigint().0 {
                            hash.update(limb.to_le_bytes());
                        }
                    }
                }
            }
        }
        for (global, value) in &self.constants {
            number(&mut hash, usize::from(*global));
            hash.update(value.to_string());
        }
        for i in 0..self.elements.len() {
            self.element_entries(i, &mut |column, coefficient| {
                number(&mut hash, column);
                for limb in coefficient.into_bigint().0 {
                    hash.update(limb.to_le_bytes());
                }
            });
        }
        hash.finalize().into()
    }
}

/// Elements in order: by list, then by block, row and the row's own order.
fn elements_of(blocks: &[Block]) -> Vec<ElementSource> {
    let lists = blocks.iter().flat_map(|b| b.template.published.iter().map(|p| p.list)).max();
    let mut elements = Vec::new();
    for list in 0..=lists.unwrap_or(0) {
        for (number, block) in blocks.iter().enumerate() {
            let mut own: Vec<usize> = (0..block.template.published.len())
                .filter(|i| block.template.published[*i].list == list)
                .collect();
            own.sort_by_key(|i| block.template.published[*i].element);
            for row in 0..block.rows {
                elements.extend(own.iter().map(|i| ElementSource { block: number, row, published: *i }));
            }
        }
    }
    elements
}
