//! Points on variables: Edwards checks, the way to Montgomery form, and incomplete addition there.
//!
//! Addition takes the chord's slope as advice: `(u₂ - u₁)·λ = v₂ - v₁`. For `P₁ = -P₂` no slope
//! satisfies it; for `P₁ = P₂` every slope does. So each call's argument is why the two are never
//! equal (gadgets-curve.md). Slopes are squared, so they are on the right anyway, and stand there in other
//! products too: coordinates are then on the left alone (layout.md#sides).

use super::{EDWARDS_A, EDWARDS_D, MONTGOMERY_A, MontgomeryPoint, ORDER_EIGHT_Y_SQUARED, Point};
use crate::gadgets::cs::Cs;
use crate::gadgets::var::{Committed, Derived, Var};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, batch_inversion};

/// The twin of [`Point`].
#[derive(Clone, Debug)]
pub struct PointVar {
    /// The same coordinate as [`Point::x`].
    pub x: Var<Committed>,
    /// The same coordinate as [`Point::y`].
    pub y: Var<Committed>,
}

/// The twin of [`MontgomeryPoint`].
#[derive(Debug)]
pub(crate) struct MontgomeryVar<C> {
    /// The same coordinate as [`MontgomeryPoint::u`].
    pub u: Var<C>,
    /// The same coordinate as [`MontgomeryPoint::v`].
    pub v: Var<C>,
}

impl<C> Clone for MontgomeryVar<C> {
    fn clone(&self) -> Self {
        Self { u: self.u.clone(), v: self.v.clone() }
    }
}

impl PointVar {
    /// Two pieces of advice, without any check.
    pub fn hint(cs: &mut Cs<'_>, name: &'static str, honest: &Point) -> Self {
        Self { x: cs.hint(name, honest.x), y: cs.hint(name, honest.y) }
    }

    /// The point on the witness at hand, on the curve or not.
    pub fn value(&self) -> Point {
        Point { x: self.x.value(), y: self.y.value() }
    }

    /// Enforces that it is on the curve and none of the eight points of small order. Advice: an inverse,
    /// unique. Cost: 6.
    pub fn enforce_valid_key(&self, cs: &mut Cs<'_>) {
        let yy = self.enforce_on_curve(&mut cs.check("CURVE-1"));
        let cs = &mut cs.check("CURVE-2");
        let coordinates = cs.product_derived(&self.x, &self.y);
        let torsion = cs.product_derived(&coordinates, yy.add_constant(-ORDER_EIGHT_Y_SQUARED));
        let inverse = cs.hint("curve.not_small", Cs::inverse_or_zero(torsion.value()));
        cs.enforce("CURVE-2", &torsion, &inverse, &Var::<Derived>::one());
    }

    /// The Edwards equation; returns `y²`. Cost: 3.
    fn enforce_on_curve(&self, cs: &mut Cs<'_>) -> Var<Derived> {
        let xx = cs.product_derived(&self.x, &self.x);
        let yy = cs.product_derived(&self.y, &self.y);
        let left = &xx.scale(EDWARDS_A) + &yy;
        cs.enforce("CURVE-1", &xx.scale(EDWARDS_D), &yy, &(&left - &Var::one()));
        yy
    }

    /// Montgomery form of a point of the curve that is not of small order (so `x ≠ 0`, `y ≠ 1`).
    /// Advice: both coordinates, unique. Cost: 2.
    pub(crate) fn to_montgomery_unchecked(&self, cs: &mut Cs<'_>) -> MontgomeryVar<Committed> {
        let honest = self.value().to_montgomery().unwrap_or(MontgomeryPoint { u: Fr::ZERO, v: Fr::ZERO });
        let point = MontgomeryVar::hint(cs, "curve.montgomery", &honest);
        let y = &self.y;
        cs.enforce("CURVE-3", &point.u, &(&Var::one() - y), &y.add_constant(Fr::ONE));
        cs.enforce("CURVE-4", &point.v, &self.x, &point.u);
        point
    }
}

impl From<&MontgomeryVar<Committed>> for MontgomeryVar<Derived> {
    fn from(point: &MontgomeryVar<Committed>) -> Self {
        Self { u: Var::from(&point.u), v: Var::from(&point.v) }
    }
}

impl<C> MontgomeryVar<C> {
    /// The point on the witness at hand, on the curve or not.
    pub fn value(&self) -> MontgomeryPoint {
        MontgomeryPoint { u: self.u.value(), v: self.v.value() }
    }

    /// A point that is part of the matrices. Free.
    pub fn constant(point: &MontgomeryPoint) -> Self {
        Self { u: Var::constant(point.u), v: Var::constant(point.v) }
    }

    /// The point with the opposite sign: `(u, -v)`. Free.
    pub fn neg(&self) -> Self {
        Self { u: self.u.clone(), v: -&self.v }
    }
}

impl MontgomeryVar<Committed> {
    /// Two pieces of advice, without any check.
    pub fn hint(cs: &mut Cs<'_>, name: &'static str, honest: &MontgomeryPoint) -> Self {
        Self { u: cs.hint(name, honest.u), v: cs.hint(name, honest.v) }
    }

    /// Twice the point. No exceptional case is satisfiable: `v = 0` has no slope. Cost: 4.
    pub fn double(&self, cs: &mut Cs<'_>) -> Self {
        let inverse = Cs::inverse_or_zero(self.v.value().double());
        let u = self.u.value();
        let numerator = u * (u + u.double() + MONTGOMERY_A.double()) + Fr::ONE;
        let slope = cs.hint("curve.slope", numerator * inverse);
        let square = cs.product_derived(&self.u, &self.u);
        let tangent = square.scale(Fr::from(3u64)).add_scaled(&Var::from(&self.u), MONTGOMERY_A.double());
        let one = Fr::ONE;
        cs.enforce("CURVE-5", &self.v.scale(Fr::from(2u64)), &slope, &tangent.add_constant(one));
        let twice = Self::hint_third(cs, &slope, self, self);
        enforce_third(cs, &slope, self, self, &twice);
        twice
    }

    /// `self + other` for points that are not equal, which the caller argues. Cost: 3.
    pub fn add_unchecked(&self, cs: &mut Cs<'_>, other: &Self) -> Self {
        let slope = slopes(&[(self.value(), other.value())])[0];
        let slope = cs.hint("curve.slope", slope);
        let sum = Self::hint_third(cs, &slope, self, other);
        add_into_unchecked(cs, &slope, &self.into(), &other.into(), &sum);
        sum
    }

    fn hint_third(cs: &mut Cs<'_>, slope: &Var<Committed>, p: &Self, q: &Self) -> Self {
        let honest = third_point(slope.value(), &p.value(), &q.value());
        Self::hint(cs, "curve.sum", &honest)
    }
}

/// `p + q = sum` for given wires, `p ≠ q` by the caller's argument. Cost: 3.
pub(crate) fn add_into_unchecked(
    cs: &mut Cs<'_>,
    slope: &Var<Committed>,
    p: &MontgomeryVar<Derived>,
    q: &MontgomeryVar<Derived>,
    sum: &MontgomeryVar<Committed>,
) {
    cs.enforce("CURVE-6", &(&q.u - &p.u), slope, &(&q.v - &p.v));
    enforce_third(cs, slope, p, q, &sum.into());
}

/// `p + q` on derived wires, `p ≠ q` by the caller's argument. Not for the bus. Cost: 3.
pub(crate) fn add_derived_unchecked(
    cs: &mut Cs<'_>,
    slope: &Var<Committed>,
    p: &MontgomeryVar<Derived>,
    q: &MontgomeryVar<Derived>,
) -> MontgomeryVar<Derived> {
    cs.enforce("CURVE-6", &(&q.u - &p.u), slope, &(&q.v - &p.v));
    let square = cs.product_derived(slope, slope);
    let u = (&(&square - &p.u) - &q.u).add_constant(-MONTGOMERY_A);
    let v = &cs.product_derived(&p.u - &u, Var::from(slope)) - &p.v;
    MontgomeryVar { u, v }
}

/// The third point of a line through `p` and `q` with this slope, reflected: two constraints.
fn enforce_third<C>(
    cs: &mut Cs<'_>,
    slope: &Var<Committed>,
    p: &MontgomeryVar<C>,
    q: &MontgomeryVar<C>,
    sum: &MontgomeryVar<C>,
) {
    let three = (&(&sum.u + &p.u) + &q.u).add_constant(MONTGOMERY_A);
    cs.enforce("CURVE-7", slope, slope, &three);
    cs.enforce("CURVE-8", &(&p.u - &sum.u), slope, &(&sum.v + &p.v));
}

/// The value that [`enforce_third`] leaves for the sum.
pub(crate) fn third_point(slope: Fr, p: &MontgomeryPoint, q: &MontgomeryPoint) -> MontgomeryPoint {
    let u = slope.square() - MONTGOMERY_A - p.u - q.u;
    MontgomeryPoint { u, v: slope * (p.u - u) - p.v }
}

/// Honest slopes of chords, with one inversion for all of them. Zero where there is none.
pub(crate) fn slopes(pairs: &[(MontgomeryPoint, MontgomeryPoint)]) -> Vec<Fr> {
    let mut inverses: Vec<Fr> = pairs.iter().map(|(p, q)| q.u - p.u).collect();
    batch_inversion(&mut inverses);
    inverses.iter().zip(pairs).map(|(inverse, (p, q))| *inverse * (q.v - p.v)).collect()
}
