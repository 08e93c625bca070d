//! The ledger of a row's checks: the in-circuit twin of returning the first reject.

use ark_bn254::Fr;
use ark_ff::Zero;

use super::cs::Cs;
use super::int::{Bit, Int};
use super::range::{enforce_nonnegative, enforce_range};
use super::var::{Committed, Var};

/// Checks of one row under its selector: "selected implies all". `R` names the reasons.
///
/// Every `require_*` adds constraints that an unselected row satisfies whatever its cells, and notes
/// the first reason that fails on the witness at hand, so that tests can compare it with the native
/// half's.
#[derive(Clone, Debug)]
pub struct Checks<R> {
    enable: Bit,
    failed: Option<R>,
}

impl<R: Copy> Checks<R> {
    pub fn new(enable: &Bit) -> Self {
        Self { enable: enable.clone(), failed: None }
    }

    /// The row's selector.
    pub fn enable(&self) -> &Bit {
        &self.enable
    }

    /// The first check that fails on the witness at hand, if any.
    #[cfg(test)]
    pub fn failed(&self) -> Option<R> {
        self.failed
    }

    fn note(&mut self, reason: R, holds: bool) {
        if self.enable.value() && !holds && self.failed.is_none() {
            self.failed = Some(reason);
        }
    }

    /// Notes a reason whose check follows from one that comes later. Free.
    pub fn note_implied(&mut self, reason: R, holds: bool) {
        self.note(reason, holds);
    }

    /// The bit is one. Cost: 1.
    pub fn require(&mut self, cs: &mut Cs<'_>, reason: R, bit: &Bit) {
        self.note(reason, bit.value());
        cs.enforce("CHECK-1", self.enable.var(), bit.not().var(), &Var::<Committed>::zero());
    }

    /// The variable is zero. Cost: 1.
    pub fn require_zero(&mut self, cs: &mut Cs<'_>, reason: R, var: &Var<Committed>) {
        self.note(reason, var.value().is_zero());
        cs.enforce("CHECK-2", self.enable.var(), var, &Var::<Committed>::zero());
    }

    /// `value ≥ 0`. Cost: 1 and a range check of the proven width.
    pub fn require_nonnegative(&mut self, cs: &mut Cs<'_>, reason: R, value: &Int) {
        self.note(reason, value.value().sign() != num_bigint::Sign::Minus);
        let selected = cs.product(self.enable.var(), value.var());
        enforce_nonnegative(cs, &selected, value.bits());
    }

    /// `value ≥ 0` in padding rows too: the blank record satisfies it. Cost: a range check of whole
    /// limbs.
    pub fn require_nonnegative_always(&mut self, cs: &mut Cs<'_>, reason: R, value: &Int) {
        self.note(reason, value.value().sign() != num_bigint::Sign::Minus);
        enforce_nonnegative(cs, value.var(), value.bits());
    }

    /// `0 ≤ value < 2^bits` in padding rows too: the blank record satisfies it. Returns the value at
    /// that width. Cost: a range check.
    pub fn require_width_always(&mut self, cs: &mut Cs<'_>, reason: R, value: &Int, bits: u32) -> Int {
        let signed = value.value();
        self.note(reason, signed.sign() != num_bigint::Sign::Minus && signed.bits() <= u64::from(bits));
        enforce_range(cs, value.var(), bits);
        Int::new_unchecked(value.var().clone(), bits)
    }

    /// The variable is not zero. Advice: its inverse; free (zero) in padding rows where the variable
    /// is zero. Cost: 1.
    pub fn require_nonzero(&mut self, cs: &mut Cs<'_>, reason: R, var: &Var<Committed>) {
        self.note(reason, !var.value().is_zero());
        let honest = if self.enable.value() { Cs::inverse_or_zero(var.value()) } else { Fr::zero() };
        let inverse = cs.hint("checks.inverse", honest);
        cs.enforce("CHECK-4", var, &inverse, self.enable.var());
    }

    /// `a · b = 0` in padding rows too: the blank record satisfies it. Cost: 1.
    pub fn require_zero_product_always(
        &mut self,
        cs: &mut Cs<'_>,
        reason: R,
        a: &Var<Committed>,
        b: &Var<Committed>,
    ) {
        self.note(reason, a.value().is_zero() || b.value().is_zero());
        cs.enforce("CHECK-3", a, b, &Var::<Committed>::zero());
    }
}
