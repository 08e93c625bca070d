//! The constraint system of one row.
//!
//! A row function runs once in template mode, where terms are recorded, and once for every row in
//! witness mode, where only values are computed. Both runs make the same calls in the same order,
//! so a wire's number depends on the code alone and never on data.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

mod bus;
#[cfg(test)]
mod mute;
mod parts;
mod scope;

use super::var::{Committed, Derived, Terms, Var, Wire};
pub use parts::{Constraint, Direction, Interaction, InteractionValue, Override, Published, Shared, Tag};
pub use scope::Scope;

/// Number of the first product or copy of a row, as a test chooses its value: above all advice.
#[cfg(test)]
pub const DEFINED: usize = 1 << 32;

/// Number of the first wire of another block, as a test chooses its value: above all products and copies. Carried
/// wire k has `BOUNDARY + 2k` at the start of the block and `BOUNDARY + 2k + 1` at its end.
#[cfg(test)]
pub const BOUNDARY: usize = 1 << 33;

/// The number of a wire of another block.
#[cfg(test)]
pub fn boundary_number(wire: Wire) -> Option<usize> {
    match wire {
        Wire::Seed(_, k) => Some(BOUNDARY + 2 * k as usize),
        Wire::Final(_, k) => Some(BOUNDARY + 2 * k as usize + 1),
        _ => None,
    }
}

/// The constraint system of one row; see the module.
pub struct Cs<'a> {
    shared: Shared<'a>,
    recording: bool,
    row: u64,
    carry_in: &'a [Fr],
    pub(crate) carry_out: Vec<Fr>,
    pub(crate) committed: Vec<Fr>,
    pub(crate) derived: Vec<Fr>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) interactions: Vec<Interaction>,
    pub(crate) interaction_values: Vec<InteractionValue>,
    pub(crate) tuple_values: Vec<Fr>,
    pub(crate) published: Vec<Published>,
    pub(crate) violations: Vec<&'static str>,
    /// Numbers of the constraints that `violations` names.
    #[cfg(test)]
    pub(crate) violated: Vec<usize>,
    pub(crate) hint_names: Vec<(&'static str, u32)>,
    pub(crate) constraint_count: usize,
    carries: u32,
    hints: usize,
    override_hint: Option<&'a Override<'a>>,
    /// Chooses the values of products and copies, which are no advice: as if their constraint were not there.
    #[cfg(test)]
    override_defined: Option<&'a Override<'a>>,
    #[cfg(test)]
    defined: usize,
    /// Name of the row kind; empty if it was not said.
    kind: &'static str,
    /// Id of the innermost open scope; empty outside of all.
    scope: &'static str,
}

impl<'a> Cs<'a> {
    /// Records a template: values are of no meaning.
    pub fn template(limb_bits: u32) -> Self {
        Self::new(Shared { limb_bits, globals: &[] }, true, 0, &[])
    }

    /// Computes the witness of row `row`.
    pub fn witness(shared: Shared<'a>, row: u64, carry_in: &'a [Fr]) -> Self {
        Self::new(shared, false, row, carry_in)
    }

    fn new(shared: Shared<'a>, recording: bool, row: u64, carry_in: &'a [Fr]) -> Self {
        Self {
            shared,
            recording,
            row,
            carry_in,
            carry_out: Vec::new(),
            committed: Vec::new(),
            derived: Vec::new(),
            constraints: Vec::new(),
            interactions: Vec::new(),
            interaction_values: Vec::new(),
            tuple_values: Vec::new(),
            published: Vec::new(),
            violations: Vec::new(),
            #[cfg(test)]
            violated: Vec::new(),
            hint_names: Vec::new(),
            constraint_count: 0,
            carries: 0,
            hints: 0,
            override_hint: None,
            #[cfg(test)]
            override_defined: None,
            #[cfg(test)]
            defined: 0,
            kind: "",
            scope: "",
        }
    }

    /// Lets a test choose other advice.
    pub fn with_override(mut self, choose: &'a Override<'a>) -> Self {
        self.override_hint = Some(choose);
        self
    }

    /// Says of which kind the row is: for messages, and for tests that mute a place of it.
    pub fn of_kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// Lets a test choose the values of products and copies too. Their numbers start at [`DEFINED`].
    #[cfg(test)]
    pub fn with_override_of_defined(mut self, choose: &'a Override<'a>) -> Self {
        self.override_defined = Some(choose);
        self
    }

    /// The value of a wire that a constraint defines.
    #[cfg(test)]
    fn defined(&mut self, value: Fr) -> Fr {
        self.defined += 1;
        self.override_defined.map_or(value, |choose| choose("defined", DEFINED + self.defined - 1, value))
    }

    /// The value of a wire that a constraint defines.
    #[cfg(not(test))]
    fn defined(&mut self, value: Fr) -> Fr {
        value
    }

    /// Bits of a limb of the range table: a range check costs one look-up per limb.
    pub fn limb_bits(&self) -> u32 {
        self.shared.limb_bits
    }

    /// Whether terms are recorded; else the witness of a row is computed.
    pub fn is_template(&self) -> bool {
        self.recording
    }

    /// Constraints so far, without the bus.
    pub fn constraint_count(&self) -> usize {
        self.constraint_count
    }

    /// Opens the scope of a check of the spec: until the guard is dropped, what is recorded stands under
    /// `id`. An inner scope wins, so a gadget with ids of its own keeps them.
    pub fn check(&mut self, id: &'static str) -> Scope<'_, 'a> {
        Scope::open(self, id)
    }

    /// Ids of the constraints that the witness does not satisfy.
    pub fn violations(&self) -> &[&'static str] {
        &self.violations
    }

    /// Number of wires handed from row to row.
    pub(crate) fn carries(&self) -> u32 {
        self.carries
    }

    /// A piece of advice: a committed wire with no constraint yet.
    pub fn hint(&mut self, name: &'static str, honest: Fr) -> Var<Committed> {
        let value = match self.override_hint {
            Some(choose) => choose(name, self.hints, honest),
            None => honest,
        };
        self.hints += 1;
        if self.recording {
            self.hint_names.push((name, self.committed.len() as u32));
        }
        self.commit(value)
    }

    fn commit(&mut self, value: Fr) -> Var<Committed> {
        let wire = Wire::Committed(self.committed.len() as u32);
        self.committed.push(value);
        Var::wire(value, self.recording.then_some(wire))
    }

    fn derive(&mut self, value: Fr) -> Var<Derived> {
        let wire = Wire::Derived(self.derived.len() as u32);
        self.derived.push(value);
        Var::wire(value, self.recording.then_some(wire))
    }

    /// `a · b` on a new committed wire: one constraint.
    pub fn product(&mut self, a: &Var<Committed>, b: &Var<Committed>) -> Var<Committed> {
        let value = self.defined(a.value() * b.value());
        let c = self.commit(value);
        self.enforce("CS-1", a, b, &c);
        c
    }

    /// `a · b` on a new derived wire: one constraint. Not for tuples or published elements.
    pub fn product_derived<A, B>(&mut self, a: A, b: B) -> Var<Derived>
    where
        A: Into<Var<Derived>>,
        B: Into<Var<Derived>>,
    {
        let (a, b) = (a.into(), b.into());
        let value = self.defined(a.value() * b.value());
        let c = self.derive(value);
        self.enforce("CS-1", &a, &b, &c);
        c
    }

    /// A derived affine combination on a wire of its own: one constraint. Shortens long sums.
    pub fn assign_derived(&mut self, var: &Var<Derived>) -> Var<Derived> {
        let value = self.defined(var.value());
        let wire = self.derive(value);
        self.enforce_equal("CS-2", var, &wire);
        wire
    }

    /// A derived combination of committed wires on a committed wire, for use on the bus.
    pub fn assign_committed<V: Into<Var<Derived>>>(&mut self, var: V) -> Var<Committed> {
        let var = var.into();
        let value = self.defined(var.value());
        let wire = self.commit(value);
        self.enforce_equal("CS-2", &var, &wire);
        wire
    }

    /// `a · b = c`.
    pub fn enforce<A, B, C>(&mut self, id: &'static str, a: &Var<A>, b: &Var<B>, c: &Var<C>) {
        self.constraint_count += 1;
        #[cfg(test)]
        if mute::constraint(self.kind, self.constraint_count - 1) {
            if self.recording {
                let check = if self.scope.is_empty() { id } else { self.scope };
                let (a, b, c) = Default::default();
                self.constraints.push(Constraint { id, check, a, b, c });
            }
            return;
        }
        if self.recording {
            let (a, b, c) = (a.terms(), b.terms(), c.terms());
            let check = if self.scope.is_empty() { id } else { self.scope };
            self.constraints.push(Constraint { id, check, a, b, c });
        } else if a.value() * b.value() != c.value() {
            self.violations.push(id);
            #[cfg(test)]
            self.violated.push(self.constraint_count - 1);
        }
    }

    /// `a = b`: one constraint.
    pub fn enforce_equal<A, B>(&mut self, id: &'static str, a: &Var<A>, b: &Var<B>) {
        self.enforce(id, a, &Var::<Committed>::one(), b);
    }

    /// `a = 0`: one constraint.
    pub fn enforce_zero<A>(&mut self, id: &'static str, a: &Var<A>) {
        self.enforce(id, a, &Var::<Committed>::one(), &Var::<Committed>::zero());
    }

    /// A committed wire shared by all rows; constrained by the statement row.
    pub fn global(&self, number: u16) -> Var<Committed> {
        let value = self.shared.globals.get(usize::from(number)).copied().unwrap_or(Fr::ZERO);
        Var::wire(value, self.recording.then_some(Wire::Global(number)))
    }

    /// The row's number within its block, a constant of the matrices.
    pub fn row_index(&self) -> Var<Committed> {
        Var::wire(Fr::from(self.row), self.recording.then_some(Wire::RowIndex))
    }

    /// Wire `k` handed over by the previous row (by the seed for the first row).
    pub fn carry_in(&mut self, k: u32) -> Var<Committed> {
        self.carries = self.carries.max(k + 1);
        let value = self.carry_in.get(k as usize).copied().unwrap_or(Fr::ZERO);
        Var::wire(value, self.recording.then_some(Wire::CarryIn(k)))
    }

    /// Wire `k` handed to the next row: advice until the row constrains it.
    pub fn carry_out(&mut self, k: u32, honest: Fr) -> Var<Committed> {
        self.carries = self.carries.max(k + 1);
        let value = match self.override_hint {
            Some(choose) => choose("carry", self.hints, honest),
            None => honest,
        };
        self.hints += 1;
        if self.carry_out.len() <= k as usize {
            self.carry_out.resize(k as usize + 1, Fr::ZERO);
        }
        self.carry_out[k as usize] = value;
        Var::wire(value, self.recording.then_some(Wire::CarryOut(k)))
    }

    /// A carry wire at the start (`Seed`) or end (`Final`) of another block.
    pub fn boundary(&self, wire: Wire, value: Fr) -> Var<Committed> {
        debug_assert!(matches!(wire, Wire::Seed(..) | Wire::Final(..)));
        #[cfg(test)]
        let value = match (self.override_defined, boundary_number(wire)) {
            (Some(choose), Some(number)) => choose("boundary", number, value),
            _ => value,
        };
        Var::wire(value, self.recording.then_some(wire))
    }

    /// A challenge wire (only the challenge row and the bus use these).
    pub fn challenge(&self, wire: Wire, value: Fr) -> Var<Derived> {
        debug_assert!(matches!(wire, Wire::Chi(_) | Wire::Gamma));
        Var::wire(value, self.recording.then_some(wire))
    }

    /// Publishes element `element` of this row's share of `list`; `var` is below 2^248.
    pub fn publish(&mut self, list: &'static str, element: u8, var: &Var<Committed>) {
        let terms = if self.recording { var.terms() } else { Terms::new() };
        self.published.push(Published { list, element, terms, value: var.value() });
    }

    /// The inverse of a value, or zero for zero: an honest hint for is-zero checks.
    pub fn inverse_or_zero(value: Fr) -> Fr {
        value.inverse().unwrap_or(Fr::ZERO)
    }
}
