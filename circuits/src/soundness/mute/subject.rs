//! Rows whose advice is forged to see which places notice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ark_bn254::Fr;

use crate::gadgets::cs::{BOUNDARY, Cs, DEFINED, Override, Shared};
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::var::Wire;
use crate::soundness::kinds;

/// Bits of a limb of the range table, as in the built-in shapes.
pub const LIMB_BITS: u32 = 13;

/// A record in its row, whatever its kind.
pub trait Subject: Send + Sync {
    /// What the row is, in the list of killers.
    fn name(&self) -> &str;
    /// Whether the row takes part.
    fn is_enabled(&self) -> bool;
    /// The row's kind.
    fn template(&self) -> &Template;
    /// The row with advice chosen by `choose`.
    fn run(&self, choose: &Override<'_>) -> RowWitness;

    /// Whether trials choose what other blocks start and end with: wires that the row reads and constrains.
    fn has_boundaries(&self) -> bool {
        false
    }

    /// Whether rows of the kind add up points: they have thousands of places, nearly all of which the smallest
    /// change of what they constrain shows.
    fn is_of_sums(&self) -> bool {
        [kinds::SIGNATURE, kinds::COMBINE].contains(&self.template().name)
    }

    /// Whether trials are limited to what equations of the row decide: another row stands for the rest.
    fn is_by_equations(&self) -> bool {
        false
    }

    /// The value of a wire of a row that this subject ran.
    fn wire(&self, row: &RowWitness, wire: Wire) -> Fr;

    /// The honest row's advice by number, and the values of its products and copies, whose numbers start at
    /// [`DEFINED`].
    fn advice(&self) -> (Vec<Advice>, Vec<Fr>) {
        let all = Mutex::new((Vec::new(), Vec::new()));
        self.run(&|name, number, value| {
            let (advice, defined) = &mut *all.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            match number {
                ..DEFINED => advice.push((name, value)),
                DEFINED..BOUNDARY => defined.push(value),
                BOUNDARY.. => {}
            }
            value
        });
        let (advice, defined) = all.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (mut own, mut carried) = (self.template().hints.iter(), 0..);
        // Carried wires are numbered with the advice, and are none of the template's hints.
        let wire = |name: &str| match name {
            "carry" => Wire::CarryOut(carried.next().expect("no end")),
            _ => Wire::Committed(own.next().expect("as many as the template has").1),
        };
        let wires: Vec<Wire> = advice.iter().map(|(name, _)| *name).map(wire).collect();
        let with_wire = |((name, value), wire)| Advice { name, value, wire };
        (advice.into_iter().zip(wires).map(with_wire).collect(), defined)
    }
}

/// A piece of advice.
#[derive(Clone, Copy)]
pub struct Advice {
    pub name: &'static str,
    pub value: Fr,
    pub wire: Wire,
}

impl Advice {
    /// Whether it is a limb of a range check.
    pub fn is_limb(&self) -> bool {
        self.name == "range.limb"
    }
}

/// Templates by kind: synthesised once.
static TEMPLATES: Mutex<BTreeMap<&str, Arc<Template>>> = Mutex::new(BTreeMap::new());

fn template<R: Row>() -> Arc<Template> {
    let mut all = TEMPLATES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    all.entry(R::NAME).or_insert_with(|| Arc::new(Template::compile::<R>(LIMB_BITS))).clone()
}

/// A row of one kind.
pub struct Of<R: Row> {
    name: String,
    template: Arc<Template>,
    input: Padded<R::Record>,
    row: u64,
    carry: Vec<Fr>,
    globals: Arc<[Fr]>,
    by_equations: bool,
}

impl<R: Row> Of<R> {
    pub fn new(name: impl Into<String>, input: Padded<R::Record>, globals: &Arc<[Fr]>) -> Self {
        let template = template::<R>();
        let (name, globals) = (name.into(), globals.clone());
        Self { name, template, input, row: 0, carry: Vec::new(), globals, by_equations: false }
    }

    /// Limits trials to what equations of the row decide.
    pub fn by_equations(self) -> Self {
        Self { by_equations: true, ..self }
    }

    /// Number of the row within its block and what it receives from the row before.
    pub fn in_block(mut self, row: u64, carry: Vec<Fr>) -> Self {
        (self.row, self.carry) = (row, carry);
        self
    }
}

impl<R: Row<Record: Send + Sync>> Subject for Of<R> {
    fn name(&self) -> &str {
        &self.name
    }

    fn is_enabled(&self) -> bool {
        self.input.enabled
    }

    fn is_by_equations(&self) -> bool {
        self.by_equations
    }

    fn template(&self) -> &Template {
        &self.template
    }

    fn run(&self, choose: &Override<'_>) -> RowWitness {
        let shared = Shared { limb_bits: LIMB_BITS, globals: &self.globals };
        let cs = Cs::witness(shared, self.row, &self.carry).of_kind(R::NAME);
        let mut cs = cs.with_override(choose).with_override_of_defined(choose);
        R::synthesize(&mut cs, &self.input);
        RowWitness::from_cs(cs)
    }

    fn wire(&self, row: &RowWitness, wire: Wire) -> Fr {
        let at = |values: &[Fr], k: u32| values.get(k as usize).copied().unwrap_or_default();
        match wire {
            Wire::One => Fr::from(1u64),
            Wire::RowIndex => Fr::from(self.row),
            Wire::Global(number) => at(&self.globals, number.into()),
            Wire::Committed(number) => at(&row.committed, number),
            Wire::Derived(number) => at(&row.derived, number),
            Wire::CarryIn(number) => at(&self.carry, number),
            Wire::CarryOut(number) => at(&row.carry_out, number),
            // Of other blocks: no trial changes them.
            Wire::Seed(..) | Wire::Final(..) | Wire::Chi(_) | Wire::RowChi(_) | Wire::Gamma => Fr::from(0u64),
        }
    }
}
