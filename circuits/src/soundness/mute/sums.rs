//! Trials of rows that add up points: thousands of places, most of which the smallest change shows.

use std::collections::{BTreeSet, HashSet};

use ark_bn254::Fr;
use ark_ff::{Field, One};
use rayon::prelude::*;

use super::places::{Check, Unit};
use super::search::{Forged, Ledger, Search};
use crate::gadgets::cs::Direction;
use crate::gadgets::row::RowWitness;
use crate::gadgets::signature::POINT;
use crate::gadgets::var::Wire;

impl Search<'_> {
    /// Enters what changes of one value kill, then other forms of integers, then other points, and products and copies
    /// in their place.
    pub(super) fn run_of_sums(&self, ledger: &mut Ledger) {
        ledger.enter(self.considered(&self.steps(&self.lacking(ledger))));
        ledger.enter(self.considered(&self.other_multiples(&self.lacking(ledger))));
        ledger.enter(self.considered(&self.other_sums(&self.lacking(ledger))));
        let closings = self.closings(&self.lacking(ledger));
        ledger.enter(self.considered(&closings));
        // A hash that gives the offset must be the first coordinate of a point: half of all values are.
        for size in 2..10 {
            ledger.enter(self.considered(&self.products_moved(&self.lacking(ledger), size)));
        }
        let lacking = self.lacking(ledger);
        let replaced = |forged: &Forged| self.replaced_by(forged, &lacking);
        let steps: Vec<Forged> = self.uses(&lacking).into_iter().chain(closings).collect();
        let found: Vec<_> = steps.par_iter().flat_map(replaced).collect();
        ledger.enter(found);
    }

    /// Each piece of advice, product or copy that units which lack a killer depend on, one more.
    pub(super) fn steps(&self, lacking: &BTreeSet<Unit>) -> Vec<Forged> {
        let all = lacking.iter().flat_map(|unit| self.places.advice_of(*unit)).copied();
        let numbers: BTreeSet<usize> = all.collect();
        numbers.into_iter().map(|number| vec![(number, self.honest_of(number).1 + Fr::one())]).collect()
    }

    /// The advice beside products and copies that lack a killer, where these are used first: one more.
    fn uses(&self, lacking: &BTreeSet<Unit>) -> Vec<Forged> {
        let goals = lacking.iter().filter(|goal| self.places.own_wire(**goal).is_some());
        let used = |goal: &Unit| {
            let users = self.places.units().filter(|unit| self.places.own_wire(*unit).is_none());
            users.filter(|unit| self.places.depends(*unit, *goal)).take(1).collect::<Vec<_>>()
        };
        let users: BTreeSet<Unit> = goals.flat_map(used).collect();
        self.steps(&users)
    }

    /// Products and copies that lack a killer, moved.
    fn products_moved(&self, lacking: &BTreeSet<Unit>, by: u64) -> Vec<Forged> {
        let own = lacking.iter().filter_map(|unit| self.places.own_wire(*unit));
        own.map(|number| vec![(number, self.honest_of(number).1 + Fr::from(by))]).collect()
    }

    /// Sums of points whose first coordinate is another one and whose second one lies on the same line: only the
    /// equation of the line's third point notices.
    fn other_sums(&self, lacking: &BTreeSet<Unit>) -> Vec<Forged> {
        let constraints = &self.subject.template().constraints;
        let of_line = |number: usize, id: &str| constraints[number].id == id;
        let sum = |unit: &Unit| {
            let Unit::Single(Check::Constraint(number)) = unit else { return None };
            if !of_line(*number, "CURVE-7") {
                return None;
            }
            // The sum's first coordinate is the first advice of the right side.
            let own = constraints[*number].c.iter().filter_map(|(wire, _)| self.number_of(*wire));
            own.filter_map(|u| self.on_the_line(u, number + 1)).next()
        };
        lacking.par_iter().filter_map(sum).collect()
    }

    /// First coordinate `u` one more, the second one after it such that constraint `line` holds.
    fn on_the_line(&self, u: usize, line: usize) -> Option<Forged> {
        let (v, value) = (u + 1, self.honest_of(u).1 + Fr::one());
        let own = self.number_of(self.advice.get(v)?.wire);
        let constraint = &self.subject.template().constraints[line];
        if !constraint.c.iter().any(|(wire, _)| self.number_of(*wire) == own) {
            return None;
        }
        let with = |other: Fr| vec![(u, value), (v, other)];
        let [here, there] = [Fr::from(0u64), Fr::one()].map(|v| self.residual(&self.trial(&with(v)), line));
        Some(with(-here * (there - here).inverse()?))
    }

    /// The number of a wire's advice.
    fn number_of(&self, wire: Wire) -> Option<usize> {
        self.advice.iter().position(|one| one.wire == wire)
    }
}

/// Numbers of a row's look-ups of multiples that no table of the row has: their keys name the row, or are the
/// base point's, which the row that combines has.
pub fn outside_points(row: &RowWitness) -> impl Iterator<Item = usize> + '_ {
    let of = move |direction| {
        let points = (0..row.interactions.len()).filter(|i| row.interactions[*i].tag == POINT);
        points.filter(move |i| row.interactions[*i].direction == direction)
    };
    let tables: HashSet<&[Fr]> = of(Direction::Send).map(|i| row.tuple(i)).collect();
    of(Direction::Receive).filter(move |i| !tables.contains(row.tuple(*i)))
}
