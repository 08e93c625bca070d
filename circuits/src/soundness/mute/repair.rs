//! Trials that several places notice, or the wrong one: other advice is solved for until one place is left.

use std::collections::BTreeSet;

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};

use super::places::{Check, Unit};
use super::search::{Forged, Kill, Killer, Search};
use crate::gadgets::cs::DEFINED;
use crate::gadgets::row::RowWitness;
use crate::gadgets::var::Terms;

/// At most so many places notice a trial that is worth repairing.
const MOST_UNITS: usize = 4;
/// At most so many pieces of advice are changed beside the first.
const DEPTH: usize = 3;

/// What a repair brings to a value.
#[derive(Clone, Copy)]
enum Amount<'a> {
    /// How far a constraint is from holding.
    Residual(usize),
    /// What is tested for zero.
    Sum(&'a Terms),
    /// The value of a range check.
    Range(usize),
}

impl Search<'_> {
    /// A trial that several places notice: advice that these depend on is changed too, until one is left.
    pub(super) fn repairs(&self, forged: &Forged, lacking: &BTreeSet<Unit>) -> Vec<(Kill, Killer)> {
        let units = self.noticed(&self.trial(forged)).hard;
        if let (1, Some(unit)) = (units.len(), units.first()) {
            return self.all_replaced(forged, *unit, lacking).collect();
        }
        if !(2..=MOST_UNITS).contains(&units.len()) {
            return Vec::new();
        }
        let goals = units.iter().filter(|unit| lacking.contains(unit));
        let repaired = goals.flat_map(|goal| self.repair(forged, goal, DEPTH));
        repaired.flat_map(|forged| self.consider(&forged)).collect()
    }

    /// The products and copies behind a trial that one place notices, or that one place is left to notice after repairs.
    pub(super) fn replaced_by(&self, forged: &Forged, lacking: &BTreeSet<Unit>) -> Vec<(Kill, Killer)> {
        let units = self.noticed(&self.trial(forged)).hard;
        if !(1..=MOST_UNITS).contains(&units.len()) {
            return Vec::new();
        }
        let behind = |goal: &&Unit| lacking.iter().any(|product| self.places.depends(**goal, *product));
        let mut kills = Vec::new();
        for goal in units.iter().filter(behind) {
            for forged in self.repair(forged, goal, DEPTH) {
                kills.extend(self.all_replaced(&forged, *goal, lacking));
            }
        }
        kills
    }

    /// Forgeries with more advice changed that only `goal` notices.
    fn repair(&self, forged: &Forged, goal: &Unit, depth: usize) -> Vec<Forged> {
        let row = self.trial(forged);
        let units = self.noticed(&row).hard;
        if !units.contains(goal) || units.len() > MOST_UNITS {
            return Vec::new();
        }
        let Some(unit) = units.iter().find(|unit| *unit != goal) else { return vec![forged.clone()] };
        let mut found = Vec::new();
        if depth == 0 {
            return found;
        }
        for number in self.places.advice_of(*unit).iter().copied().filter(|number| *number < DEFINED) {
            if forged.iter().any(|(n, _)| *n == number) {
                continue;
            }
            let now = self.subject.wire(&row, self.advice[number].wire);
            let with = |value: Fr| {
                let mut forged = forged.clone();
                forged.push((number, value));
                forged
            };
            let moved = self.trial(&with(now + Fr::one()));
            for (amount, target) in self.aims(unit) {
                let (here, there) = (self.amount(&row, amount), self.amount(&moved, amount));
                let Some(inverse) = (there - here).inverse() else { continue };
                found.extend(self.repair(&with(now + (target - here) * inverse), goal, depth - 1));
                if found.len() >= 2 {
                    return found;
                }
            }
        }
        found
    }

    /// What amounts to a unit that holds: amounts and what they must come to.
    fn aims(&self, unit: &Unit) -> Vec<(Amount<'_>, Fr)> {
        match unit {
            Unit::Single(Check::Constraint(number)) => {
                let own = (Amount::Residual(*number), Fr::zero());
                let zeros = self.places.zeros_in(*number).map(|terms| (Amount::Sum(terms), Fr::zero()));
                [own].into_iter().chain(zeros).collect()
            }
            Unit::Single(Check::Lookup(_)) => Vec::new(),
            Unit::Range(number) => {
                let range = Amount::Range(*number);
                let honest = self.amount(&self.honest, range);
                vec![(range, honest), (range, Fr::zero())]
            }
        }
    }

    /// How far a constraint of a row is from holding.
    pub(super) fn residual(&self, row: &RowWitness, number: usize) -> Fr {
        let sum =
            |terms: &Terms| -> Fr { terms.iter().map(|(wire, c)| self.subject.wire(row, *wire) * c).sum() };
        let constraint = &self.subject.template().constraints[number];
        sum(&constraint.a) * sum(&constraint.b) - sum(&constraint.c)
    }

    /// An amount of a row.
    fn amount(&self, row: &RowWitness, amount: Amount<'_>) -> Fr {
        let sum =
            |terms: &Terms| -> Fr { terms.iter().map(|(wire, c)| self.subject.wire(row, *wire) * c).sum() };
        match amount {
            Amount::Residual(number) => self.residual(row, number),
            Amount::Sum(terms) => sum(terms),
            Amount::Range(number) => self.places.ranges[number].value(row),
        }
    }

    /// A product or copy chosen so that what noticed a row holds, and only its own constraint notices.
    fn replaced(&self, base: &Forged, (unit, goal): (Unit, Unit), number: usize) -> Option<(Kill, Killer)> {
        let with = |value: Fr| base.iter().copied().chain([(number, value)]).collect::<Forged>();
        let value = self.honest_of(number).1;
        let [still, moved] = [value, value + Fr::one()].map(|value| self.trial(&with(value)));
        for (amount, target) in self.aims(&unit) {
            let (here, there) = (self.amount(&still, amount), self.amount(&moved, amount));
            let Some(inverse) = (there - here).inverse() else { continue };
            for target in [target, target + Fr::one()] {
                let forged = with(value + (target - here) * inverse);
                let sole = self.noticed(&self.trial(&forged)).sole();
                if let (true, Unit::Single(check)) = (sole == Some(goal), goal) {
                    return Some((Kill::Place(check), self.killer(&forged)));
                }
            }
        }
        None
    }

    /// The same for each product and copy that lacks a killer, where one unit notices a row.
    pub(super) fn all_replaced<'b>(
        &'b self,
        base: &'b Forged,
        unit: Unit,
        lacking: &'b BTreeSet<Unit>,
    ) -> impl Iterator<Item = (Kill, Killer)> + 'b {
        let behind = lacking.iter().filter(move |goal| self.places.depends(unit, **goal));
        let defined = behind.filter_map(|goal| Some((*goal, self.places.own_wire(*goal)?)));
        defined.filter_map(move |(goal, number)| self.replaced(base, (unit, goal), number))
    }
}
