//! The row that combines, with what other rows hand over chosen so that it closes the equation.
//!
//! This row says nothing: it refuses final sums, and it is told where the sums start. So a trial is judged by
//! what the row makes of the rest: the starts that SIG-12 leaves, and the first column's final sum, the only one
//! with which SIG-14 holds. A trial that gives others, with one place that notices, is a forgery.

use ark_bn254::Fr;
use ark_ff::{Field, One};

use super::subject::{Advice, Of, Subject};
use crate::batch::combine::CombineRow;
use crate::gadgets::cs::{BOUNDARY, Constraint, Override, boundary_number};
use crate::gadgets::curve::circuit::third_point;
use crate::gadgets::curve::{MONTGOMERY_A, MontgomeryPoint};
use crate::gadgets::row::{RowWitness, Template};
use crate::gadgets::signature::transcript::{CARRIES, CARRY_POINTS};
use crate::gadgets::var::{Terms, Wire};

/// Numbers by which a trial chooses what the equation is closed with, and reads what it would be: coordinates of
/// the weighed sum, of the first column after the base point's multiple; and of the other columns and of that
/// multiple, which it only reads.
pub const SUM: usize = BOUNDARY + 2 * CARRIES as usize;
pub const COLUMN: usize = SUM + 2;
pub const OTHERS: usize = SUM + 4;
pub const MULTIPLE: usize = SUM + 6;
/// The offset O, as the highest column starts.
pub const OFFSET: usize = BOUNDARY + 2 * (CARRIES as usize - 2);
/// What the first column ends with.
pub const FIRST: usize = BOUNDARY + 2 * CARRY_POINTS as usize + 1;

/// The row, its equation closed.
pub struct Closed {
    row: Of<CombineRow>,
    honest_u: Fr,
    wires: Wires,
}

/// Coordinates of a point of the row.
struct Coordinates {
    u: Terms,
    v: Terms,
}

/// Where the row has what closes it.
struct Wires {
    /// The offset before it is multiplied by eight.
    found: Coordinates,
    /// Number of the advice for its second coordinate.
    found_v: usize,
    offset: Coordinates,
    /// The base point's multiple that is added to the first column.
    multiple: Coordinates,
    /// All columns but the first, weighed.
    others: Coordinates,
    /// What each carried wire must start with.
    starts: Vec<(usize, Terms)>,
}

/// The terms with this sign, as positive ones.
fn signed(terms: &Terms, positive: bool) -> Terms {
    let sign = if positive { Fr::one() } else { -Fr::one() };
    terms.iter().filter(|(_, c)| *c == sign).map(|(wire, _)| (*wire, Fr::one())).collect()
}

impl Wires {
    fn of(template: &Template, advice: &[Advice]) -> Self {
        let own = &template.constraints[..template.own_constraints];
        let chord = |check: &'static str| own.iter().filter(move |c| (c.id, c.check) == ("CURVE-6", check));
        let side = |c: &Constraint, second| Coordinates { u: signed(&c.a, second), v: signed(&c.c, second) };
        let starts = own.iter().filter(|c| c.id == "SIG-12");
        let starts: Vec<(usize, Terms)> = starts
            .map(|c| (boundary_number(c.a[0].0).expect("what a block starts with"), c.c.clone()))
            .collect();
        let [.., (_, u), (_, v)] = &starts[..] else { panic!("columns start somewhere") };
        let offset = Coordinates { u: u.clone(), v: v.clone() };
        let curve = own.iter().find(|c| c.id == "SIG-11").expect("the curve's equation");
        let is_committed = |wire: &Wire| matches!(wire, Wire::Committed(_));
        let found_u = curve.c.iter().filter(|(wire, _)| is_committed(wire)).copied().collect();
        let found_v = advice.iter().position(|one| one.wire == curve.a[0].0).expect("advice");
        Self {
            found: Coordinates { u: found_u, v: curve.a.clone() },
            found_v,
            offset,
            multiple: side(chord("SIG-15").next().expect("columns"), true),
            others: side(chord("SIG-14").next_back().expect("columns"), false),
            starts,
        }
    }
}

impl Closed {
    pub fn new(row: Of<CombineRow>) -> Self {
        let wires = Wires::of(row.template(), &row.advice().0);
        let mut closed = Self { row, wires, honest_u: Fr::one() };
        let honest = closed.row.run(&|_, _, value| value);
        closed.honest_u = closed.sum(&honest, &closed.wires.found.u);
        closed
    }

    fn sum(&self, row: &RowWitness, terms: &Terms) -> Fr {
        terms.iter().map(|(wire, c)| self.row.wire(row, *wire) * c).sum()
    }

    fn point(&self, row: &RowWitness, at: &Coordinates) -> MontgomeryPoint {
        MontgomeryPoint { u: self.sum(row, &at.u), v: self.sum(row, &at.v) }
    }

    /// The second coordinate for another first one, if that is of a point of the curve.
    fn other_found(&self, row: &RowWitness) -> Option<Fr> {
        let u = self.sum(row, &self.wires.found.u);
        (u != self.honest_u).then(|| (u * (u * (u + MONTGOMERY_A) + Fr::one())).sqrt())?
    }

    /// What closes the equation: the weighed sum, the first column, the other columns, the base point's multiple and
    /// the first column's final sum. Trials choose the first two.
    fn closing(&self, row: &RowWitness, choose: &Override<'_>) -> [MontgomeryPoint; 5] {
        let [offset, others, multiple] =
            [&self.wires.offset, &self.wires.others, &self.wires.multiple].map(|at| self.point(row, at));
        let chosen = |number: usize, honest: MontgomeryPoint| MontgomeryPoint {
            u: choose("boundary", number, honest.u),
            v: choose("boundary", number + 1, honest.v),
        };
        let sum = chosen(SUM, offset);
        let column = chosen(COLUMN, difference(&sum, &others));
        [sum, column, others, multiple, difference(&column, &multiple)]
    }
}

/// `sum - part` by the formulas of addition, on the curve or not.
fn difference(sum: &MontgomeryPoint, part: &MontgomeryPoint) -> MontgomeryPoint {
    let slope = (-sum.v - part.v) * (sum.u - part.u).inverse().unwrap_or_default();
    let negative = MontgomeryPoint { u: sum.u, v: -sum.v };
    let MontgomeryPoint { u, v } = third_point(slope, part, &negative);
    // The line's third point itself, which is not reflected.
    MontgomeryPoint { u, v: -v }
}

impl Subject for Closed {
    fn name(&self) -> &str {
        self.row.name()
    }

    fn is_enabled(&self) -> bool {
        true
    }

    fn template(&self) -> &Template {
        self.row.template()
    }

    fn has_boundaries(&self) -> bool {
        true
    }

    fn advice(&self) -> (Vec<Advice>, Vec<Fr>) {
        self.row.advice()
    }

    /// What other blocks start and end with stands where the row hands nothing on: `carry_out`.
    fn run(&self, choose: &Override<'_>) -> RowWitness {
        let with = |v: Option<Fr>, boundary: &(dyn Fn(usize, Fr) -> Fr + Sync)| {
            self.row.run(&|name, number, value| match number {
                BOUNDARY.. => boundary(number, value),
                number if number == self.wires.found_v => choose(name, number, v.unwrap_or(value)),
                _ => choose(name, number, value),
            })
        };
        let as_it_is = |_: usize, value: Fr| value;
        let mut row = with(None, &as_it_is);
        let v = self.other_found(&row);
        if v.is_some() {
            row = with(v, &as_it_is);
        }
        let closed = self.closing(&row, choose);
        let mut handed = vec![Fr::default(); 2 * CARRIES as usize];
        let starts = self.wires.starts.iter().map(|(number, terms)| (*number, self.sum(&row, terms)));
        let mut closing: Vec<(usize, Fr)> = starts.collect();
        let [read @ .., last] = closed;
        closing.extend([(FIRST, last.u), (FIRST + 2, last.v)]);
        let boundary = |number: usize, value: Fr| {
            let closed = closing.iter().find(|(n, _)| *n == number).map_or(value, |(_, value)| *value);
            choose("boundary", number, closed)
        };
        let seen = std::sync::Mutex::new(&mut handed);
        row = with(v, &|number, value| {
            let value = boundary(number, value);
            seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner())[number - BOUNDARY] = value;
            value
        });
        handed.extend(read.iter().flat_map(|point| [point.u, point.v]));
        row.carry_out = handed;
        row
    }

    fn wire(&self, row: &RowWitness, wire: Wire) -> Fr {
        match boundary_number(wire) {
            Some(number) => row.carry_out.get(number - BOUNDARY).copied().unwrap_or_default(),
            None => self.row.wire(row, wire),
        }
    }
}
