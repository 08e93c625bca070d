//! The search for forgeries that one place alone notices.
//!
//! A trial changes advice of a row; what follows is computed honestly from it. What notices the trial is the
//! set of constraints that fail, of limbs outside the range table, and of look-ups of tuples that the honest
//! row does not look up. Where this set is one place, and the row reads or writes something else than the
//! honest one, the circuit without that place accepts the forgery.

use std::collections::{BTreeMap, BTreeSet};

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use rayon::prelude::*;

use super::places::{Check, Places, Range, Unit, digit};
use super::said::{Said, reads, speaks};
use super::subject::{Advice, LIMB_BITS, Subject};
use super::sums::outside_points;
use super::values::{change, targets, values};
use crate::gadgets::cs::{BOUNDARY, DEFINED, Direction};
use crate::gadgets::range::RANGE;
use crate::gadgets::row::RowWitness;
use crate::gadgets::signature::POINT;
use crate::gadgets::var::power_of_two;
use crate::soundness::forge::outside_table;

/// Advice and what it is replaced by: (number, value).
pub type Forged = Vec<(usize, Fr)>;

/// Checks of signature rows and of the row that combines which no equation of the row decides alone.
const BY_INTEGERS: [&str; 6] = ["SIG-2", "SIG-3", "SIG-7", "SIG-13", "SIG-14", "SIG-15"];

/// What kills a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Killer {
    pub subject: String,
    pub forgery: String,
}

/// Places with what kills them.
#[derive(Default)]
pub struct Ledger {
    pub places: BTreeMap<Check, Killer>,
    /// Advice that may be changed, with what it changes elsewhere, and nothing notices: the operator's choice,
    /// or a hole. By name, with one example.
    pub forged: BTreeMap<String, Killer>,
    /// Number of places that are searched.
    pub searched: usize,
}

impl Ledger {
    fn lacks(&self, check: Check) -> bool {
        !self.places.contains_key(&check)
    }

    /// Leaves a place out of the search.
    pub fn leave_out(&mut self, check: Check) {
        let killer = Killer { subject: String::new(), forgery: String::new() };
        self.places.insert(check, killer);
    }

    pub(super) fn enter(&mut self, kills: Vec<(Kill, Killer)>) {
        for (kill, killer) in kills {
            match kill {
                Kill::Place(check) => self.places.entry(check).or_insert(killer),
                Kill::Nothing(names) => self.forged.entry(names).or_insert(killer),
            };
        }
    }
}

/// What notices a row.
pub struct Noticed {
    /// Constraints that fail, and limbs outside the range table.
    pub checks: BTreeSet<Check>,
    /// The same, range checks as one.
    pub hard: BTreeSet<Unit>,
    /// Look-ups of other tuples than the honest row's: another row may provide them.
    soft: BTreeSet<Check>,
}

impl Noticed {
    pub fn sole(&self) -> Option<Unit> {
        self.hard.first().copied().filter(|_| self.hard.len() == 1)
    }
}

#[derive(Clone, Debug)]
pub enum Kill {
    Place(Check),
    /// The row is accepted: names of the advice.
    Nothing(String),
}

/// A row and everything that trials on it need.
pub struct Search<'a> {
    pub(super) subject: &'a dyn Subject,
    pub(super) places: &'a Places,
    pub(super) honest: RowWitness,
    pub(super) advice: Vec<Advice>,
    /// Products and copies.
    defined: Vec<Fr>,
}

impl<'a> Search<'a> {
    pub fn new(subject: &'a dyn Subject, places: &'a Places) -> Self {
        let honest = subject.run(&|_, _, value| value);
        let (advice, defined) = subject.advice();
        Self { subject, places, honest, advice, defined }
    }

    /// Enters what trials on this row kill.
    pub fn run(&self, ledger: &mut Ledger) {
        let noticed = self.noticed(&self.honest);
        if !noticed.hard.is_empty() {
            ledger.enter(self.refused(&noticed, &self.lacking(ledger)));
            return;
        }
        let step = |number: &usize| vec![(*number, self.honest_of(*number).1 + Fr::one())];
        ledger.enter(self.considered(&self.places.untouched.iter().map(step).collect::<Vec<_>>()));
        if self.subject.is_of_sums() && !self.subject.is_by_equations() {
            self.run_of_sums(ledger);
        }
        ledger.enter(self.considered(&self.other_forms()));
        let lacking = self.solvable(ledger);
        let trials = self.trials(&lacking, false);
        ledger.enter(self.considered(&trials));
        let lacking = self.solvable(ledger);
        let trials: Vec<Forged> = self.trials(&lacking, true);
        ledger.enter(self.considered(&trials));
        // In rows with thousands of wires only the smallest changes are repaired.
        let trials = if self.subject.is_of_sums() { self.steps(&self.solvable(ledger)) } else { trials };
        let repaired = |forged: &Forged| self.repairs(forged, &lacking);
        let found: Vec<_> = trials.par_iter().flat_map(repaired).collect();
        ledger.enter(found);
    }

    /// Products and copies that still lack a killer, by changes of the advice behind what depends on them.
    pub fn run_products(&self, ledger: &mut Ledger) {
        if self.subject.is_of_sums() || !self.noticed(&self.honest).hard.is_empty() {
            return;
        }
        let mut products = self.lacking(ledger);
        products.retain(|unit| self.places.own_wire(*unit).is_some());
        let depends = |unit: &Unit| products.iter().any(|product| self.places.depends(*unit, *product));
        let behind: BTreeSet<Unit> = self.places.units().filter(depends).collect();
        let trials = self.trials(&behind, true);
        let found: Vec<_> =
            trials.par_iter().flat_map(|forged| self.replaced_by(forged, &products)).collect();
        ledger.enter(found);
    }

    /// What trials kill.
    pub(super) fn considered(&self, trials: &[Forged]) -> Vec<(Kill, Killer)> {
        trials.par_iter().flat_map(|forged| self.consider(forged)).collect()
    }

    /// Units that still lack a killer.
    pub(super) fn lacking(&self, ledger: &Ledger) -> BTreeSet<Unit> {
        let single = self.places.single.iter().filter(|check| ledger.lacks(**check));
        let of_range = |n: &usize| self.places.ranges[*n].lookups().any(|i| ledger.lacks(Check::Lookup(i)));
        let ranges = (0..self.places.ranges.len()).filter(of_range);
        single.map(|check| Unit::Single(*check)).chain(ranges.map(Unit::Range)).collect()
    }

    /// The same, without what integers decide, or sums of points as far as the end: equations solve neither.
    fn solvable(&self, ledger: &Ledger) -> BTreeSet<Unit> {
        let mut units = self.lacking(ledger);
        if self.subject.is_of_sums() {
            let id = |unit: &Unit| self.places.name(self.places.checks(*unit)[0]).id;
            units.retain(|unit| !BY_INTEGERS.contains(&id(unit)));
        }
        units
    }

    /// Changes of one piece of advice that units which lack a killer depend on: small ones, and what brings a
    /// range check's value out of its range. Products and copies are changed in more ways if `wide`.
    fn trials(&self, lacking: &BTreeSet<Unit>, wide: bool) -> Vec<Forged> {
        let mut trials: BTreeSet<(usize, Fr)> = BTreeSet::new();
        let numbers: BTreeSet<usize> =
            lacking.iter().flat_map(|unit| self.places.advice_of(*unit)).copied().collect();
        for number in &numbers {
            let (_, value) = self.honest_of(*number);
            if *number >= DEFINED && !wide {
                trials.extend([value + Fr::one(), Fr::one() - value].map(|other| (*number, other)));
                continue;
            }
            let neighbour = self.advice.get(number + 1).map_or(Fr::zero(), |next| next.value);
            trials.extend(values(value, neighbour).into_iter().map(|other| (*number, other)));
        }
        let pull = |number: &usize| {
            let moved = self.trial(&vec![(*number, self.advice[*number].value + Fr::one())]);
            let mut found = Vec::new();
            for unit in lacking {
                let Unit::Range(n) = unit else { continue };
                let range = &self.places.ranges[*n];
                let value = range.value(&self.honest);
                let Some(inverse) = (range.value(&moved) - value).inverse() else { continue };
                let to = |target: Fr| (*number, self.advice[*number].value + (target - value) * inverse);
                found.extend(targets(range, value).into_iter().map(to));
            }
            found
        };
        let numbers: Vec<usize> = numbers.into_iter().filter(|number| *number < DEFINED).collect();
        trials.par_extend(numbers.par_iter().flat_map(pull));
        let borrows = self.borrows(&numbers.into_iter().collect());
        trials.into_iter().map(|one| vec![one]).chain(borrows).collect()
    }

    /// Name and honest value of advice, or of a product or copy.
    pub(super) fn honest_of(&self, number: usize) -> (&'static str, Fr) {
        match number {
            ..DEFINED => (self.advice[number].name, self.advice[number].value),
            DEFINED..BOUNDARY => ("defined", self.defined[number - DEFINED]),
            BOUNDARY.. => ("boundary", self.honest.carry_out[number - BOUNDARY]),
        }
    }

    pub(super) fn trial(&self, forged: &Forged) -> RowWitness {
        self.subject.run(&|_, number, value| {
            forged.iter().find(|(n, _)| *n == number).map_or(value, |(_, other)| *other)
        })
    }

    /// What notices a row.
    pub(super) fn noticed(&self, row: &RowWitness) -> Noticed {
        let constraints = row.violated.iter().map(|number| Check::Constraint(*number));
        let limbs = outside_table(row, LIMB_BITS).chain(outside_points(row)).map(Check::Lookup);
        let checks: BTreeSet<Check> = constraints.chain(limbs).collect();
        let unit = |check: &Check| self.places.range_of(*check).map_or(Unit::Single(*check), Unit::Range);
        let differs = |number: &usize| {
            let [now, honest] =
                [row, &self.honest].map(|row| (row.interactions[*number], row.tuple(*number)));
            let own = [RANGE, POINT].contains(&now.0.tag);
            let looks_up = now.0.tag.provider && !own && now.0.direction == Direction::Receive;
            looks_up
                && !now.0.multiplicity.is_zero()
                && (now.0.multiplicity, now.1) != (honest.0.multiplicity, honest.1)
        };
        let soft = (0..row.interactions.len()).filter(differs).map(Check::Lookup).collect();
        Noticed { hard: checks.iter().map(unit).collect(), checks, soft }
    }

    pub(super) fn killer(&self, forged: &Forged) -> Killer {
        let one = |(number, value): &(usize, Fr)| {
            let (name, honest) = self.honest_of(*number);
            format!("{name} {}", change(honest, *value))
        };
        let is_limb = |number: usize| self.advice.get(number).is_some_and(Advice::is_limb);
        let but_limbs = forged.iter().filter(|(number, _)| !is_limb(*number));
        let forgery = but_limbs.map(one).collect::<Vec<_>>().join(", ");
        Killer { subject: self.subject.name().to_owned(), forgery }
    }

    /// A record that the law refuses: by itself, and where the product or copy that shows it is replaced.
    fn refused(&self, noticed: &Noticed, lacking: &BTreeSet<Unit>) -> Vec<(Kill, Killer)> {
        let Some(unit) = noticed.sole() else { return Vec::new() };
        let killer = Killer { subject: self.subject.name().to_owned(), forgery: "as it is".to_owned() };
        let own = match unit {
            Unit::Single(check) => vec![(Kill::Place(check), killer)],
            Unit::Range(number) => self.limb_by_limb(&Vec::new(), &self.places.ranges[number]),
        };
        own.into_iter().chain(self.all_replaced(&Vec::new(), unit, lacking)).collect()
    }

    /// What a trial kills.
    pub(super) fn consider(&self, forged: &Forged) -> Vec<(Kill, Killer)> {
        let row = self.trial(forged);
        let noticed = self.noticed(&row);
        match noticed.sole() {
            Some(_) if Said::by(&row, None) == Said::by(&self.honest, None) => Vec::new(),
            Some(Unit::Single(check)) => vec![(Kill::Place(check), self.killer(forged))],
            Some(Unit::Range(number)) => self.limb_by_limb(forged, &self.places.ranges[number]),
            None if noticed.hard.is_empty() => {
                let found = [self.unnoticed(forged, &row), self.looked_up(forged, &row, &noticed.soft)];
                found.into_iter().flatten().collect()
            }
            None => Vec::new(),
        }
    }

    /// A row that holds and reads the same, but says something else; or that takes no part, and speaks.
    fn unnoticed(&self, forged: &Forged, row: &RowWitness) -> Option<(Kill, Killer)> {
        if forged.iter().any(|(number, _)| *number >= BOUNDARY) {
            return None;
        }
        let names: BTreeSet<&str> = forged.iter().map(|(number, _)| self.honest_of(*number).0).collect();
        let kill = || Kill::Nothing(names.iter().copied().collect::<Vec<_>>().join(", "));
        let found = match self.subject.is_enabled() || names.iter().any(|name| name.ends_with("enable")) {
            true => reads(row) == reads(&self.honest) && Said::by(row, None) != Said::by(&self.honest, None),
            false => speaks(row),
        };
        found.then(|| (kill(), self.killer(forged)))
    }

    /// A row that holds but for one look-up of another tuple.
    fn looked_up(&self, forged: &Forged, row: &RowWitness, soft: &BTreeSet<Check>) -> Option<(Kill, Killer)> {
        let only = soft.first().copied().filter(|_| soft.len() == 1);
        let matters = Said::by(row, only) != Said::by(&self.honest, only);
        only.filter(|_| matters).map(|check| (Kill::Place(check), self.killer(forged)))
    }

    /// Each look-up of a range check that alone notices the value when all other limbs are chosen well.
    fn limb_by_limb(&self, forged: &Forged, range: &Range) -> Vec<(Kill, Killer)> {
        let value = range.value(&self.trial(forged));
        let count = range.lower.len() as u32;
        let at = |i: u32| power_of_two(i * LIMB_BITS);
        let mut tries: Vec<Vec<Fr>> = Vec::new();
        for i in 0..count {
            // Limb i takes it all.
            let whole = value * at(i).inverse().unwrap_or_default();
            tries.push((0..count).map(|j| if j == i { whole } else { Fr::zero() }).collect());
        }
        // The top limb takes what is too much, as it is.
        tries.push((0..count).map(|j| digit(value, j * LIMB_BITS)).collect());
        if range.shifted.is_some() {
            // A top limb whose shifted form is the largest in the table.
            let largest = Fr::from((1u64 << LIMB_BITS) - 1);
            let spare = (count + 1) * LIMB_BITS - range.bits;
            let top = largest * power_of_two(spare).inverse().unwrap_or_default();
            let rest = value - top * at(count);
            tries.push((0..count).map(|j| digit(rest, j * LIMB_BITS)).collect());
        }
        let mut kills = Vec::new();
        for limbs in tries {
            let mut forged = forged.clone();
            forged.extend(range.lower.iter().map(|(_, number)| *number).zip(limbs));
            let noticed = self.noticed(&self.trial(&forged)).checks;
            if let (1, Some(check)) = (noticed.len(), noticed.first()) {
                kills.push((Kill::Place(*check), self.killer(&forged)));
            }
        }
        kills
    }
}
