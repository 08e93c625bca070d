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

use super::places::{Check, Places, Range, Unit, digit, in_table};
use super::subject::{LIMB_BITS, Subject};
use crate::gadgets::cs::{DEFINED, Direction, InteractionValue, Tag};
use crate::gadgets::range::RANGE;
use crate::gadgets::row::RowWitness;
use crate::gadgets::var::{Terms, Wire, power_of_two};
use crate::state::tags::NODE;

/// Advice and what it is replaced by: (number, value).
type Forged = Vec<(usize, Fr)>;

/// What kills a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Killer {
    pub subject: String,
    pub forgery: String,
}

/// Places and components of tuples with what kills them.
#[derive(Default)]
pub struct Ledger {
    pub places: BTreeMap<Check, Killer>,
    /// By tag and number of the component.
    pub components: BTreeMap<(&'static str, usize), Killer>,
    /// Advice that may be changed, with what it changes elsewhere, and nothing notices: the operator's choice,
    /// or a hole. By name, with one example.
    pub forged: BTreeMap<String, Killer>,
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

    fn enter(&mut self, kills: Vec<(Kill, Killer)>) {
        for (kill, killer) in kills {
            match kill {
                Kill::Place(check) => self.places.entry(check).or_insert(killer),
                Kill::Component(tag, component) => {
                    self.components.entry((tag, component)).or_insert(killer)
                }
                Kill::Nothing(names) => self.forged.entry(names).or_insert(killer),
            };
        }
    }
}

/// At most so many places notice a trial that is worth repairing.
const MOST_UNITS: usize = 4;
/// At most so many pieces of advice are changed beside the first.
const DEPTH: usize = 3;

/// What notices a row.
#[derive(Default)]
struct Noticed {
    /// Constraints that fail, and limbs outside the range table.
    checks: BTreeSet<Check>,
    /// The same, range checks as one.
    hard: BTreeSet<Unit>,
    /// Look-ups of other tuples than the honest row's: another row may provide them.
    soft: BTreeSet<Check>,
}

impl Noticed {
    fn sole(&self) -> Option<Unit> {
        self.hard.first().copied().filter(|_| self.hard.len() == 1)
    }
}

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

#[derive(Clone, Debug)]
enum Kill {
    Place(Check),
    Component(&'static str, usize),
    /// The row is accepted: names of the advice.
    Nothing(String),
}

/// A tuple of a row: kind, direction, components, how often.
type Spoken = (Tag, Direction, Vec<Fr>, Fr);

/// What a row says to others.
#[derive(PartialEq, Eq)]
struct Said {
    tuples: Vec<Option<Spoken>>,
    published: Vec<Fr>,
    carried: Vec<Fr>,
    /// Everything, in a row that only checks what others say.
    own: Vec<Fr>,
}

impl Said {
    /// Limbs, idle tuples and what `but` names are left out.
    fn by(row: &RowWitness, but: Option<Check>) -> Self {
        let spoken = |(n, i): (usize, &InteractionValue)| {
            let idle = i.provided_by.is_none() && i.multiplicity.is_zero();
            let counts = i.tag != RANGE && !idle && but != Some(Check::Lookup(n));
            counts.then(|| (i.tag, i.direction, row.tuple(n).to_vec(), i.multiplicity))
        };
        let only_checks = row.published.is_empty()
            && row.carry_out.is_empty()
            && row.interactions.iter().all(|i| i.direction == Direction::Receive);
        Self {
            tuples: row.interactions.iter().enumerate().map(spoken).collect(),
            published: row.published.clone(),
            carried: row.carry_out.clone(),
            own: if only_checks { row.committed.clone() } else { Vec::new() },
        }
    }

    /// The one component of one tuple in which two rows differ.
    fn differs_in(&self, other: &Self) -> Option<(&'static str, usize)> {
        if (&self.published, &self.carried, &self.own) != (&other.published, &other.carried, &other.own) {
            return None;
        }
        let mut found = None;
        for pair in self.tuples.iter().zip(&other.tuples) {
            let (a, b) = match pair {
                (None, None) => continue,
                (Some(a), Some(b)) if a.3 == b.3 => (a, b),
                _ => return None,
            };
            for (component, (x, y)) in a.2.iter().zip(&b.2).enumerate() {
                if x != y && found.replace((a.0.name, component)).is_some() {
                    return None;
                }
            }
        }
        found
    }
}

/// A row and everything that trials on it need.
pub struct Search<'a> {
    subject: &'a dyn Subject,
    places: &'a Places,
    honest: RowWitness,
    hints: Vec<(&'static str, Fr)>,
    /// The wire of each piece of advice.
    wires: Vec<Wire>,
    /// Products and copies.
    defined: Vec<(&'static str, Fr)>,
}

impl<'a> Search<'a> {
    pub fn new(subject: &'a dyn Subject, places: &'a Places) -> Self {
        let honest = subject.run(&|_, _, value| value);
        let mut hints = subject.hints();
        let (advice, defined) = hints.drain(..).partition(|(name, _)| *name != "defined");
        hints = advice;
        let mut own = subject.template().hints.iter();
        let mut carried = 0..;
        let wires = hints.iter().map(|(name, _)| match *name {
            "carry" => Wire::CarryOut(carried.next().expect("no end")),
            _ => Wire::Committed(own.next().expect("as many as the template has").1),
        });
        let wires = wires.collect();
        Self { subject, places, honest, hints, wires, defined }
    }

    /// Enters what trials on this row kill.
    pub fn run(&self, ledger: &mut Ledger) {
        let noticed = self.noticed(&self.honest);
        if !noticed.hard.is_empty() {
            ledger.enter(self.refused(&noticed, &self.lacking(ledger)));
            return;
        }
        let lacking = self.lacking(ledger);
        let trials = self.trials(&lacking, false);
        let found: Vec<_> = trials.par_iter().flat_map(|forged| self.consider(forged)).collect();
        ledger.enter(found);
        let lacking = self.lacking(ledger);
        let trials: Vec<Forged> = self.trials(&lacking, true);
        let found: Vec<_> = trials.par_iter().flat_map(|forged| self.consider(forged)).collect();
        ledger.enter(found);
        let repaired = |forged: &Forged| self.repairs(forged, &lacking);
        let found: Vec<_> = trials.par_iter().flat_map(repaired).collect();
        ledger.enter(found);
    }

    /// Units that still lack a killer.
    fn lacking(&self, ledger: &Ledger) -> BTreeSet<Unit> {
        let single = self.places.single.iter().filter(|check| ledger.lacks(**check));
        let of_range = |n: &usize| self.places.ranges[*n].lookups().any(|i| ledger.lacks(Check::Lookup(i)));
        let ranges = (0..self.places.ranges.len()).filter(of_range);
        single.map(|check| Unit::Single(*check)).chain(ranges.map(Unit::Range)).collect()
    }

    /// Changes of one piece of advice that units which lack a killer depend on: small ones, and what brings a
    /// range check's value out of its range. Products and copies are changed in more ways if `wide`.
    fn trials(&self, lacking: &BTreeSet<Unit>, wide: bool) -> Vec<Forged> {
        let mut trials: BTreeSet<(usize, Fr)> = BTreeSet::new();
        let numbers: BTreeSet<usize> = lacking.iter().flat_map(|unit| self.places.advice_of(*unit)).copied().collect();
        for number in &numbers {
            let (_, value) = self.honest_of(*number);
            if *number >= DEFINED && !wide {
                trials.extend([value + Fr::one(), Fr::one() - value].map(|other| (*number, other)));
                continue;
            }
            let neighbour = self.hints.get(number + 1).map_or(Fr::zero(), |(_, next)| *next);
            trials.extend(values(value, neighbour).into_iter().map(|other| (*number, other)));
        }
        let pull = |number: &usize| {
            let moved = self.trial(&vec![(*number, self.hints[*number].1 + Fr::one())]);
            let mut found = Vec::new();
            for unit in lacking {
                let Unit::Range(n) = unit else { continue };
                let range = &self.places.ranges[*n];
                let value = range.value(&self.honest);
                let Some(inverse) = (range.value(&moved) - value).inverse() else { continue };
                let to = |target: Fr| (*number, self.hints[*number].1 + (target - value) * inverse);
                found.extend(targets(range, value).into_iter().map(to));
            }
            found
        };
        let numbers: Vec<usize> = numbers.into_iter().filter(|number| *number < DEFINED).collect();
        trials.par_extend(numbers.par_iter().flat_map(pull));
        let borrows = self.borrows(&numbers.into_iter().collect());
        trials.into_iter().map(|one| vec![one]).chain(borrows).collect()
    }

    /// Two fields of a packed word changed so that the word stays: the lower one by a unit of the upper one.
    fn borrows(&self, numbers: &BTreeSet<usize>) -> Vec<Forged> {
        let own: BTreeMap<Wire, usize> = numbers.iter().map(|n| (self.wires[*n], *n)).collect();
        let template = self.subject.template();
        let mut pairs: BTreeSet<(usize, Fr, usize, Fr)> = BTreeSet::new();
        let words = template.interactions.iter().filter(|i| i.tag != RANGE).flat_map(|i| &i.tuple);
        let hashed = template.constraints[..template.own_constraints].iter().flat_map(|c| [&c.a, &c.b]);
        let published = template.published.iter().map(|p| &p.terms);
        for terms in words.chain(hashed).chain(published) {
            let fields = terms.iter().filter_map(|(wire, c)| own.get(wire).map(|n| (*n, *c)));
            let fields: Vec<(usize, Fr)> = fields.collect();
            if fields.len() > 16 {
                continue;
            }
            for (a, at_a) in &fields {
                for (b, at_b) in fields.iter().filter(|(b, _)| b != a) {
                    pairs.insert((*a, *at_a, *b, *at_b));
                }
            }
        }
        let mut all = Vec::new();
        for (a, at_a, b, at_b) in pairs {
            let unit = at_b * at_a.inverse().unwrap_or_default();
            for sign in [Fr::one(), -Fr::one()] {
                let of = |n: usize, change: Fr| (n, self.hints[n].1 + change);
                all.push(vec![of(a, unit * sign), of(b, -sign)]);
            }
        }
        all
    }

    /// Name and honest value of advice, or of a product or copy.
    fn honest_of(&self, number: usize) -> (&'static str, Fr) {
        if number < DEFINED { self.hints[number] } else { self.defined[number - DEFINED] }
    }

    fn trial(&self, forged: &Forged) -> RowWitness {
        self.subject.run(&|_, number, value| {
            forged.iter().find(|(n, _)| *n == number).map_or(value, |(_, other)| *other)
        })
    }

    /// What notices a row.
    fn noticed(&self, row: &RowWitness) -> Noticed {
        let single = |i: &usize| Unit::Single(Check::Constraint(*i));
        let mut noticed = Noticed { hard: row.violated.iter().map(single).collect(), ..Noticed::default() };
        noticed.checks.extend(row.violated.iter().map(|i| Check::Constraint(*i)));
        for (number, interaction) in row.interactions.iter().enumerate() {
            let looks_up = interaction.tag.provider && interaction.direction == Direction::Receive;
            if !looks_up || interaction.multiplicity.is_zero() {
                continue;
            }
            let check = Check::Lookup(number);
            if interaction.tag == RANGE {
                if !in_table(row.tuple(number)[0]) {
                    noticed.checks.insert(check);
                    noticed.hard.extend(self.places.range_of(check).map(Unit::Range));
                }
            } else if row.tuple(number) != self.honest.tuple(number)
                || interaction.multiplicity != self.honest.interactions[number].multiplicity
            {
                noticed.soft.insert(check);
            }
        }
        noticed
    }

    fn killer(&self, forged: &Forged) -> Killer {
        let one = |(number, value): &(usize, Fr)| {
            let (name, honest) = self.honest_of(*number);
            format!("{name} {}", change(honest, *value))
        };
        let but_limbs = forged.iter().filter(|(number, _)| self.honest_of(*number).0 != "range.limb");
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
        let defined = lacking.iter().filter_map(|unit| Some((*unit, self.places.own_wire(*unit)?)));
        let replaced = defined.flat_map(|(unit, number)| self.replaced(&noticed.hard, unit, number));
        own.into_iter().chain(replaced).collect()
    }

    /// A product or copy chosen so that what noticed a row holds, and only its own constraint notices.
    fn replaced(&self, hard: &BTreeSet<Unit>, goal: Unit, number: usize) -> Option<(Kill, Killer)> {
        let (_, value) = self.honest_of(number);
        let moved = self.trial(&vec![(number, value + Fr::one())]);
        let aims = hard.iter().flat_map(|unit| self.aims(unit));
        for aim in aims {
            let (here, there) = (self.amount(&self.honest, &aim), self.amount(&moved, &aim));
            let targets = [aim.1, aim.1 + Fr::one()];
            let Some(inverse) = (there - here).inverse() else { continue };
            for target in targets {
                let forged = vec![(number, value + (target - here) * inverse)];
                let sole = self.noticed(&self.trial(&forged)).sole();
                if let (true, Unit::Single(check)) = (sole == Some(goal), goal) {
                    return Some((Kill::Place(check), self.killer(&forged)));
                }
            }
        }
        None
    }

    /// What a trial kills.
    fn consider(&self, forged: &Forged) -> Vec<(Kill, Killer)> {
        let row = self.trial(forged);
        let noticed = self.noticed(&row);
        match noticed.sole() {
            Some(_) if Said::by(&row, None) == Said::by(&self.honest, None) => Vec::new(),
            Some(Unit::Single(check)) => vec![(Kill::Place(check), self.killer(forged))],
            Some(Unit::Range(number)) => self.limb_by_limb(forged, &self.places.ranges[number]),
            None if noticed.hard.is_empty() => {
                let unnoticed = self.unnoticed(forged, &row);
                self.read(forged, &row, &noticed.soft).into_iter().chain(unnoticed).collect()
            }
            None => Vec::new(),
        }
    }

    /// A row that holds and reads the same, but says something else; or that takes no part, and speaks.
    fn unnoticed(&self, forged: &Forged, row: &RowWitness) -> Option<(Kill, Killer)> {
        let names: BTreeSet<&str> = forged.iter().map(|(number, _)| self.honest_of(*number).0).collect();
        let kill = || Kill::Nothing(names.iter().copied().collect::<Vec<_>>().join(", "));
        let found = match self.subject.is_enabled() || names.iter().any(|name| name.ends_with("enable")) {
            true => reads(row) == reads(&self.honest) && Said::by(row, None) != Said::by(&self.honest, None),
            false => speaks(row),
        };
        found.then(|| (kill(), self.killer(forged)))
    }

    /// Changes each piece of advice a little, for components of tuples that no other change shows.
    pub fn components(&self, ledger: &mut Ledger) {
        let one = |number: usize| self.consider(&vec![(number, self.hints[number].1 + Fr::one())]);
        let found: Vec<_> = (0..self.hints.len()).into_par_iter().flat_map_iter(one).collect();
        ledger.enter(found.into_iter().filter(|(kill, _)| !matches!(kill, Kill::Place(_))).collect());
    }

    /// A row that holds: another look-up, or another component of a tuple, is for the bus to notice.
    fn read(&self, forged: &Forged, row: &RowWitness, soft: &BTreeSet<Check>) -> Vec<(Kill, Killer)> {
        let differs = Said::by(row, None).differs_in(&Said::by(&self.honest, None));
        let component = differs.map(|(tag, component)| Kill::Component(tag, component));
        let only = soft.first().copied().filter(|_| soft.len() == 1);
        let only = only.filter(|_| Said::by(row, only) != Said::by(&self.honest, only)).map(Kill::Place);
        component.into_iter().chain(only).map(|kill| (kill, self.killer(forged))).collect()
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

    /// A trial that several places notice: advice that these depend on is changed too, until one is left.
    fn repairs(&self, forged: &Forged, lacking: &BTreeSet<Unit>) -> Vec<(Kill, Killer)> {
        let units = self.noticed(&self.trial(forged)).hard;
        if !(2..=MOST_UNITS).contains(&units.len()) {
            return Vec::new();
        }
        let goals = units.iter().filter(|unit| lacking.contains(unit));
        let repaired = goals.flat_map(|goal| self.repair(forged, goal, DEPTH));
        repaired.flat_map(|forged| self.consider(&forged)).collect()
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
            let now = self.subject.wire(&row, self.wires[number]);
            let with = |value: Fr| {
                let mut forged = forged.clone();
                forged.push((number, value));
                forged
            };
            let moved = self.trial(&with(now + Fr::one()));
            for goal_of in self.aims(unit) {
                let (here, there) = (self.amount(&row, &goal_of), self.amount(&moved, &goal_of));
                let Some(inverse) = (there - here).inverse() else { continue };
                found.extend(self.repair(&with(now + (goal_of.1 - here) * inverse), goal, depth - 1));
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
                let honest = self.amount(&self.honest, &(range, Fr::zero()));
                vec![(range, honest), (range, Fr::zero())]
            }
        }
    }

    /// An amount of a row.
    fn amount(&self, row: &RowWitness, (amount, _): &(Amount<'_>, Fr)) -> Fr {
        let sum = |terms: &Terms| -> Fr {
            terms.iter().map(|(wire, c)| self.subject.wire(row, *wire) * c).sum()
        };
        match amount {
            Amount::Residual(number) => {
                let constraint = &self.subject.template().constraints[*number];
                sum(&constraint.a) * sum(&constraint.b) - sum(&constraint.c)
            }
            Amount::Sum(terms) => sum(terms),
            Amount::Range(number) => self.places.ranges[*number].value(row),
        }
    }
}

/// What a row receives and looks up; the old hash that it sends is read too, since the tree knows it.
fn reads(row: &RowWitness) -> Vec<(Tag, Vec<Fr>)> {
    let read = |(n, i): (usize, &InteractionValue)| {
        let idle = i.tag == RANGE || i.provided_by.is_none() && i.multiplicity.is_zero();
        let tuple = row.tuple(n);
        match i.direction {
            _ if idle => None,
            Direction::Receive => Some((i.tag, tuple.to_vec())),
            Direction::Send if i.tag == NODE => Some((i.tag, vec![tuple[0], tuple[1]])),
            Direction::Send => None,
        }
    };
    row.interactions.iter().enumerate().filter_map(read).collect()
}

/// Whether a row sends, receives, looks up or publishes something; tuples that it provides do not count.
fn speaks(row: &RowWitness) -> bool {
    let active = |i: &InteractionValue| i.tag != RANGE && i.provided_by.is_none() && !i.multiplicity.is_zero();
    row.interactions.iter().any(active) || row.published.iter().any(|element| !element.is_zero())
}

/// Values out of a range, near its ends.
fn targets(range: &Range, value: Fr) -> Vec<Fr> {
    let end = power_of_two(range.bits);
    let one = Fr::one();
    let spare = (range.lower.len() as u32 + 1) * LIMB_BITS - range.bits;
    let fraction = power_of_two(spare).inverse().unwrap_or_default();
    vec![end, value + end, end + one, -one, value - end, fraction, end + end - one]
}

/// Other values for a piece of advice.
fn values(value: Fr, neighbour: Fr) -> Vec<Fr> {
    let one = Fr::one();
    let mut all = vec![
        value + one,
        value - one,
        value + one + one,
        value - one - one,
        -value,
        Fr::zero(),
        one,
        -one,
        one + one,
        one - value,
        value * (one + one).inverse().unwrap_or(one),
        neighbour,
    ];
    for bits in [9, 13, 26, 40, 64, 96] {
        all.extend([value + power_of_two(bits), value - power_of_two(bits)]);
    }
    let mut seen = BTreeSet::from([value]);
    all.retain(|other| seen.insert(*other));
    all
}

/// How a value was changed, in words.
fn change(honest: Fr, value: Fr) -> String {
    let small = |v: Fr| {
        let signed = crate::gadgets::int::fr_to_signed(v);
        (signed.bits() <= 64).then(|| signed.to_string())
    };
    let power = |v: Fr| (9..=252).find(|k| power_of_two(*k) == v);
    let difference = value - honest;
    if let Some(k) = power(difference) {
        format!("+ 2^{k}")
    } else if let Some(k) = power(-difference) {
        format!("- 2^{k}")
    } else if let Some(number) = small(value) {
        format!(":= {number}")
    } else if let Some(number) = small(difference) {
        format!("+ {number}")
    } else {
        "replaced".to_owned()
    }
}
