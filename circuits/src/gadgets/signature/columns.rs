//! Tables of odd multiples on the bus, and the columns of windows that they are added to.

use super::scalars::Digits;
use super::transcript::{CARRY_POINTS, WINDOWS};
use crate::gadgets::cs::{Cs, Tag};
use crate::gadgets::curve::MontgomeryPoint;
use crate::gadgets::curve::circuit::{
    MontgomeryVar, add_derived_unchecked, add_into_unchecked, slopes, third_point,
};
use crate::gadgets::var::{Committed, Derived, Var};
use ark_bn254::Fr;
use ark_ff::PrimeField;

/// `[digit, table, u, v]`: multiples of a signature's points.
pub const POINT: Tag = Tag { code: 14, name: "point", arity: 4, provider: true };

/// Odd multiples `1·P, 3·P, …, 15·P`.
pub type Multiples = [MontgomeryPoint; 8];

/// Provides the sixteen odd multiples `(2d - 15)·P` under the keys `(d, table)`, for a point that is
/// not of small order (then no two points that are added here are equal).
///
/// The table's number is a constant of the row, so keys are unique. Cost: 25, and the bus.
pub fn provide_table(cs: &mut Cs<'_>, point: &MontgomeryVar<Committed>, table: &Var<Committed>) -> Multiples {
    let cs = &mut cs.check("SIG-4");
    let twice = point.double(cs);
    let mut odd = Vec::with_capacity(8);
    odd.push(point.clone());
    for m in 1..8 {
        let next = odd[m - 1].add_unchecked(cs, &twice);
        odd.push(next);
    }
    for (m, multiple) in odd.iter().enumerate() {
        provide(cs, 8 + m, table, multiple);
        provide(cs, 7 - m, table, &multiple.neg());
    }
    std::array::from_fn(|m| odd[m].value())
}

/// Provides one entry.
pub fn provide(cs: &mut Cs<'_>, digit: usize, table: &Var<Committed>, point: &MontgomeryVar<Committed>) {
    let digit = Var::constant(Fr::from(digit as u64));
    cs.check("SIG-4").provide(POINT, &[digit, table.clone(), point.u.clone(), point.v.clone()]);
}

/// Looks `(2·digit - 15)·P` up. The table ranges the digit, and fixes the advice: the coordinates.
pub fn lookup(
    cs: &mut Cs<'_>,
    multiples: &Multiples,
    table: &Var<Committed>,
    digit: &Var<Committed>,
) -> MontgomeryVar<Committed> {
    let d = (digit.value().into_bigint().0[0] & 15) as usize;
    let honest = if d >= 8 { multiples[d - 8] } else { multiples[7 - d].neg() };
    let point = MontgomeryVar::hint(cs, "signature.multiple", &honest);
    let tuple = [digit.clone(), table.clone(), point.u.clone(), point.v.clone()];
    cs.check("SIG-4").lookup(POINT, &tuple, &Var::one());
    point
}

/// One running sum for each window, over all points of all signatures.
pub struct Columns(Vec<MontgomeryVar<Derived>>);

impl Columns {
    /// The sums as the previous row left them.
    pub fn carried_in(cs: &mut Cs<'_>) -> Self {
        let point = |window: u32| {
            let u = Var::from(cs.carry_in(CARRY_POINTS + 2 * window));
            MontgomeryVar { u, v: Var::from(cs.carry_in(CARRY_POINTS + 2 * window + 1)) }
        };
        Self((0..WINDOWS as u32).map(point).collect())
    }

    /// Adds each digit's multiple to its window; hands the sums over if this is the row's last point.
    ///
    /// Advice: multiples and slopes. No sum equals a multiple: it contains the offset.
    /// Cost: 3 per digit, and the bus.
    pub fn add(
        &mut self,
        cs: &mut Cs<'_>,
        multiples: &Multiples,
        table: &Var<Committed>,
        digits: &Digits,
        last: bool,
    ) {
        let digits = digits.digits();
        let points: Vec<MontgomeryVar<Derived>> =
            digits.iter().map(|digit| (&lookup(cs, multiples, table, digit)).into()).collect();
        let cs = &mut cs.check("SIG-15");
        let pairs: Vec<_> = self.0.iter().zip(&points).map(|(p, q)| (p.value(), q.value())).collect();
        for (window, slope) in slopes(&pairs).into_iter().enumerate() {
            let slope = cs.hint("signature.slope", slope);
            let (sum, point) = (&self.0[window], &points[window]);
            if last {
                let honest = third_point(slope.value(), &sum.value(), &point.value());
                let carry = CARRY_POINTS + 2 * window as u32;
                let u = cs.carry_out(carry, honest.u);
                let out = MontgomeryVar { u, v: cs.carry_out(carry + 1, honest.v) };
                add_into_unchecked(cs, &slope, sum, point, &out);
            } else {
                self.0[window] = add_derived_unchecked(cs, &slope, sum, point);
            }
        }
    }
}
