//! What may be muted in a row of a kind, and which range check a look-up of a limb belongs to.

use std::collections::{BTreeSet, HashMap};

use ark_bn254::Fr;
use ark_ff::One;

use super::subject::{Advice, LIMB_BITS, Subject};
use crate::gadgets::cs::{Constraint, DEFINED, Direction, boundary_number};
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{Place, RowWitness, Template};
use crate::gadgets::var::{Terms, Wire, power_of_two};
use crate::gadgets::word::Bits;

/// A constraint or a look-up of a template, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Check {
    Constraint(usize),
    Lookup(usize),
}

/// A constraint, a look-up of a provided tuple, or a whole range check, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    Single(Check),
    Range(usize),
}

/// What a unit depends on, directly or by products, copies and zero tests.
struct Behind {
    /// Numbers of the advice but limbs.
    advice: Vec<usize>,
    /// Products and copies, by constraint.
    definitions: BTreeSet<usize>,
}

/// The look-ups of one range check: `0 ≤ v < 2^bits`.
#[derive(Clone, Debug)]
pub struct Range {
    /// Look-ups of whole lower limbs, and the numbers of the limbs among the advice.
    pub lower: Vec<(usize, usize)>,
    /// The look-up of the top limb.
    pub top: usize,
    /// The second look-up of a partial top limb.
    pub shifted: Option<usize>,
    pub bits: u32,
}

impl Range {
    /// All its look-ups.
    pub fn lookups(&self) -> impl Iterator<Item = usize> + '_ {
        self.lower.iter().map(|(lookup, _)| *lookup).chain([self.top]).chain(self.shifted)
    }

    /// What the row's limbs add up to: the value that is checked.
    pub fn value(&self, row: &RowWitness) -> Fr {
        let limbs = self.lower.iter().map(|(lookup, _)| *lookup).chain([self.top]);
        (0u32..).zip(limbs).map(|(i, lookup)| row.tuple(lookup)[0] * power_of_two(i * LIMB_BITS)).sum()
    }
}

/// The places of a kind.
pub struct Places {
    names: HashMap<Check, Place>,
    /// Constraints, and look-ups of provided tuples but limbs.
    pub single: Vec<Check>,
    pub ranges: Vec<Range>,
    of_limb: HashMap<usize, usize>,
    definitions: BTreeSet<usize>,
    behind: HashMap<Unit, Behind>,
    /// Numbers of the advice that no unit depends on: other rows and the contract read it.
    pub untouched: Vec<usize>,
    /// What is tested for zero, by the bit that says so.
    zeros: HashMap<Wire, Terms>,
    /// Bits of zero tests in each constraint.
    bits: HashMap<usize, Vec<Wire>>,
}

impl Places {
    pub fn of(subject: &dyn Subject) -> Self {
        let template = subject.template();
        let own = &template.constraints[..template.own_constraints];
        let is_definition = |id: &str| id == "CS-1" || id == "CS-2";
        let definitions: Vec<usize> = (0..own.len()).filter(|i| is_definition(own[*i].id)).collect();
        let checks = (0..own.len()).map(Check::Constraint);
        let looks_up = |i: &usize| {
            let interaction = &template.interactions[*i];
            interaction.direction == Direction::Receive && interaction.tag.provider
        };
        let lookups: Vec<usize> = (0..template.interactions.len()).filter(looks_up).collect();
        let is_limb = |i: &usize| template.interactions[*i].tag == RANGE;
        let others = lookups.iter().filter(|i| !is_limb(i)).map(|i| Check::Lookup(*i));
        let (advice, _) = subject.advice();
        let ranges = ranges(template, &advice, &lookups.iter().copied().filter(is_limb).collect::<Vec<_>>());
        let of_limb =
            (0..).zip(&ranges).flat_map(|(n, range)| range.lookups().map(move |i| (i, n))).collect();
        let single: Vec<Check> = checks.chain(others).collect();
        let zeros = zeros(template);
        let bits_in = |c: &Constraint| {
            let wires = [&c.a, &c.b, &c.c].into_iter().flatten().map(|(wire, _)| *wire);
            wires.filter(|wire| zeros.contains_key(wire)).collect()
        };
        let bits = own.iter().map(bits_in).enumerate().collect();
        let but_limbs = (0..).zip(&advice).filter(|(_, one)| !one.is_limb());
        let mut numbers: HashMap<Wire, usize> = but_limbs.map(|(n, one)| (one.wire, n)).collect();
        if subject.has_boundaries() {
            let wires = own.iter().flat_map(|c| [&c.a, &c.b, &c.c]).flatten().map(|(wire, _)| *wire);
            numbers.extend(wires.filter_map(|wire| Some((wire, boundary_number(wire)?))));
        }
        let behind = behind(template, &numbers, (&single, &ranges), (&definitions, &zeros));
        let touched: BTreeSet<usize> = behind.values().flat_map(|b| b.advice.iter().copied()).collect();
        let untouched = (0..advice.len()).filter(|n| !advice[*n].is_limb() && !touched.contains(n)).collect();
        Self {
            untouched,
            single,
            ranges,
            of_limb,
            definitions: definitions.into_iter().collect(),
            behind,
            zeros,
            bits,
            names: names(template),
        }
    }

    /// What the zero tests are of whose bits stand in a constraint.
    pub fn zeros_in(&self, constraint: usize) -> impl Iterator<Item = &Terms> {
        self.bits[&constraint].iter().map(|wire| &self.zeros[wire])
    }

    /// Numbers of the advice but limbs that a unit depends on, directly or by products and copies.
    pub fn advice_of(&self, unit: Unit) -> &[usize] {
        &self.behind[&unit].advice
    }

    /// Whether a unit depends on the product or copy that is another's own.
    pub fn depends(&self, unit: Unit, on: Unit) -> bool {
        let Unit::Single(Check::Constraint(definition)) = on else { return false };
        self.behind[&unit].definitions.contains(&definition)
    }

    /// The number of a product's or copy's own value, if the unit is its constraint.
    pub fn own_wire(&self, unit: Unit) -> Option<usize> {
        match unit {
            Unit::Single(check) if self.is_defined(check) => self.advice_of(unit).first().copied(),
            _ => None,
        }
    }

    /// Number of the range check that a look-up belongs to.
    pub fn range_of(&self, check: Check) -> Option<usize> {
        match check {
            Check::Lookup(i) => self.of_limb.get(&i).copied(),
            Check::Constraint(_) => None,
        }
    }

    /// All units, in the order of the list.
    pub fn units(&self) -> impl Iterator<Item = Unit> + '_ {
        self.single.iter().copied().map(Unit::Single).chain((0..self.ranges.len()).map(Unit::Range))
    }

    /// The places of a unit, in program order.
    pub fn checks(&self, unit: Unit) -> Vec<Check> {
        match unit {
            Unit::Single(check) => vec![check],
            Unit::Range(number) => self.ranges[number].lookups().map(Check::Lookup).collect(),
        }
    }

    /// Whether a constraint gives a wire of its own a value: a product or a copy.
    pub fn is_defined(&self, check: Check) -> bool {
        matches!(check, Check::Constraint(number) if self.definitions.contains(&number))
    }

    /// Every place that needs a killer.
    pub fn all(&self) -> impl Iterator<Item = Check> + '_ {
        let limbs = self.ranges.iter().flat_map(|range| range.lookups().map(Check::Lookup));
        self.single.iter().copied().chain(limbs)
    }

    pub fn name(&self, check: Check) -> Place {
        self.names[&check]
    }
}

/// The places of a template by constraint and interaction.
fn names(template: &Template) -> HashMap<Check, Place> {
    let mut order = Vec::new();
    let mut constraints = 0..template.own_constraints;
    for (number, interaction) in template.interactions.iter().enumerate() {
        while constraints.start < interaction.constraints_before {
            order.extend(constraints.next().map(Check::Constraint));
        }
        order.push(Check::Lookup(number));
    }
    order.extend(constraints.map(Check::Constraint));
    order.into_iter().zip(template.places()).collect()
}

/// The range checks that look-ups of limbs, in program order, belong to.
fn ranges(template: &Template, advice: &[Advice], limbs: &[usize]) -> Vec<Range> {
    let limb_of: HashMap<Wire, usize> =
        (0..).zip(advice).filter(|(_, one)| one.is_limb()).map(|(n, one)| (one.wire, n)).collect();
    let terms = |i: usize| &template.interactions[i].tuple[0];
    let lower_limb = |i: usize| match terms(i)[..] {
        [(wire, one)] if one.is_one() => limb_of.get(&wire).map(|number| (i, *number)),
        _ => None,
    };
    let mut all = Vec::new();
    let mut rest = limbs.iter().copied().peekable();
    let mut lower = Vec::new();
    while let Some(i) = rest.next() {
        if let Some(limb) = lower_limb(i) {
            lower.push(limb);
            continue;
        }
        let lower = std::mem::take(&mut lower);
        let below = lower.len() as u32 * LIMB_BITS;
        let spare = rest.peek().and_then(|next| shift(terms(i), terms(*next)));
        let shifted = spare.and_then(|_| rest.next());
        let bits = below + LIMB_BITS - spare.unwrap_or(0);
        all.push(Range { lower, top: i, shifted, bits });
    }
    all
}

/// What is tested for zero, by the bit: `v·i = 1 - bit`.
fn zeros(template: &Template) -> HashMap<Wire, Terms> {
    let own = template.constraints[..template.own_constraints].iter();
    let tests = own.filter(|c| c.id == "INT-2a");
    tests.filter_map(|c| Some((c.c.iter().find(|(wire, _)| *wire != Wire::One)?.0, c.a.clone()))).collect()
}

/// Most wires that are followed from a unit to the advice behind it.
const MOST_WIRES: usize = 200;

/// What each unit depends on.
fn behind(
    template: &Template,
    numbers: &HashMap<Wire, usize>,
    (single, ranges): (&[Check], &[Range]),
    (definitions, zeros): (&[usize], &HashMap<Wire, Terms>),
) -> HashMap<Unit, Behind> {
    let own = |number: usize| &template.constraints[number];
    let mut defined_by: HashMap<Wire, Vec<usize>> = HashMap::new();
    for number in definitions {
        own(*number).c.iter().for_each(|(wire, _)| defined_by.entry(*wire).or_default().push(*number));
    }
    let order: HashMap<usize, usize> = definitions.iter().copied().zip(DEFINED..).collect();
    let follow = |start: Vec<&Terms>| {
        let mut wires: Vec<Wire> = Vec::new();
        let add = |wires: &mut Vec<Wire>, terms: &Terms| {
            let new = terms.iter().map(|(wire, _)| *wire);
            new.for_each(|wire| {
                if !wires.contains(&wire) {
                    wires.push(wire)
                }
            });
        };
        start.into_iter().for_each(|terms| add(&mut wires, terms));
        let mut used = BTreeSet::new();
        let mut next = 0;
        while next < wires.len() && wires.len() < MOST_WIRES {
            zeros.get(&wires[next]).into_iter().for_each(|terms| add(&mut wires, terms));
            for number in defined_by.get(&wires[next]).into_iter().flatten() {
                used.insert(*number);
                add(&mut wires, &own(*number).a);
                add(&mut wires, &own(*number).b);
            }
            next += 1;
        }
        let advice = wires.iter().filter_map(|wire| numbers.get(wire).copied()).collect();
        Behind { advice, definitions: used }
    };
    let single = single.iter().map(|check| {
        let start = match check {
            Check::Constraint(n) => vec![&own(*n).a, &own(*n).b, &own(*n).c],
            Check::Lookup(n) => template.interactions[*n].tuple.iter().collect(),
        };
        // A definition's own wire is as good as advice, if it alone is missing.
        let numbers = match check {
            Check::Constraint(n) if order.contains_key(n) => {
                Behind { advice: vec![order[n]], definitions: BTreeSet::new() }
            }
            _ => follow(start),
        };
        (Unit::Single(*check), numbers)
    });
    let of_range = |range: &Range| follow(vec![&template.interactions[range.top].tuple[0]]);
    let ranges = (0..).zip(ranges).map(|(n, range)| (Unit::Range(n), of_range(range)));
    single.chain(ranges).collect()
}

/// The k below the bits of a limb for which `b = 2^k·a`, if there is one.
fn shift(a: &Terms, b: &Terms) -> Option<u32> {
    (1..LIMB_BITS).find(|k| {
        let scale = power_of_two(*k);
        !a.is_empty() && a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.0 == y.0 && x.1 * scale == y.1)
    })
}

/// Bits `from` and up of an integer, as many as a limb has.
pub fn digit(value: Fr, from: u32) -> Fr {
    Bits::from(value).part(from, LIMB_BITS).to_field()
}
