//! Forging advice: gives each hint of a row other values and judges what comes of it. For tests.
//!
//! A row is refused if a constraint is violated or a limb is not in the range table. A row that
//! reads something else than the honest one is a matter for the rest of the bus. A row that reads
//! the same and writes something else is a forgery that nothing notices.

use std::marker::PhantomData;

use ark_bn254::Fr;
use ark_ff::{Field, One, PrimeField, Zero};

use crate::gadgets::cs::{Cs, Direction, Override, Shared, Tag};
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{Padded, Row, RowWitness};
use crate::gadgets::var::power_of_two;

/// What becomes of a row with forged advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Violates the constraint of this id, or looks up what is not in the range table.
    Refused(&'static str),
    /// Receives or looks up other tuples than the honest row.
    ReadsOther,
    /// Reads and writes the same: the advice does not matter (an inverse of zero).
    Harmless,
    /// Reads the same and writes something else.
    Forged,
}

/// A record in a row that takes part.
impl<T> From<T> for Padded<T> {
    fn from(record: T) -> Self {
        Self::enabled(record)
    }
}

/// A row with an honest record, whose advice tests replace.
pub struct Forger<'a, R: Row> {
    input: Padded<R::Record>,
    shared: Shared<'a>,
    row: u64,
    carry_in: &'a [Fr],
    kind: PhantomData<R>,
}

impl<'a, R: Row> Forger<'a, R> {
    /// Limbs of 13 bits, row 0, nothing carried in.
    pub fn new(input: &(impl Clone + Into<Padded<R::Record>>)) -> Self {
        let shared = Shared { limb_bits: 13, globals: &[] };
        Self { input: input.clone().into(), shared, row: 0, carry_in: &[], kind: PhantomData }
    }

    /// A row within a block: its shared values, number and carried wires.
    pub fn in_block(mut self, shared: Shared<'a>, row: u64, carry_in: &'a [Fr]) -> Self {
        (self.shared, self.row, self.carry_in) = (shared, row, carry_in);
        self
    }

    /// The row with advice chosen by `choose`.
    pub fn run(&self, choose: &Override<'_>) -> RowWitness {
        let cs = Cs::witness(self.shared, self.row, self.carry_in).of_kind(R::NAME);
        let mut cs = cs.with_override(choose);
        R::synthesize(&mut cs, &self.input);
        RowWitness::from_cs(cs)
    }

    pub fn honest(&self) -> RowWitness {
        RowWitness::compute::<R>(self.shared, self.row, self.carry_in, &self.input)
    }

    /// Names and values of all advice, in order.
    pub fn hints(&self) -> Vec<(&'static str, Fr)> {
        let hints = std::sync::Mutex::new(Vec::new());
        self.run(&|name, _, value| {
            hints.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((name, value));
            value
        });
        hints.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Numbers and values of the advice of a name, in order.
    pub fn hints_named(&self, name: &str) -> Vec<(usize, Fr)> {
        let hints = self.hints().into_iter().enumerate();
        hints.filter(|(_, (n, _))| *n == name).map(|(number, (_, value))| (number, value)).collect()
    }

    pub fn verdict(&self, choose: &Override<'_>) -> Verdict {
        judge(&self.honest(), &self.run(choose), self.shared.limb_bits)
    }

    /// Replaces several hints at once: (number, value). Hints that follow are computed from what is
    /// replaced.
    pub fn verdict_of(&self, forged: &[(usize, Fr)]) -> Verdict {
        self.verdict(&|_, number, value| forged.iter().find(|(n, _)| *n == number).map_or(value, |(_, v)| *v))
    }

    /// Gives each hint each mutation, alone, everything after it computed honestly from it.
    ///
    /// Advice in `free` is the prover's choice by the rules (a row's time) and is left out.
    /// Panics with the hint's name if the honest row is not accepted or a forgery goes unnoticed.
    /// Returns the names of hints that do not matter at this input.
    pub fn every_hint_is_pinned(&self, free: &[&str]) -> Vec<&'static str> {
        let honest = self.honest();
        assert_eq!(refusal(&honest, self.shared.limb_bits), None, "{}: the honest row", R::NAME);
        let hints = self.hints();
        let mut harmless = Vec::new();
        for (number, (name, value)) in hints.iter().enumerate() {
            if free.contains(name) {
                continue;
            }
            let neighbour = hints.get(number + 1).map_or(Fr::zero(), |(_, next)| *next);
            for (mutation, other) in mutations(*value, neighbour) {
                let forged = self.run(&|_, n, v| if n == number { other } else { v });
                match judge(&honest, &forged, self.shared.limb_bits) {
                    Verdict::Forged => panic!("{}: {name} (hint {number}), {mutation}: forged", R::NAME),
                    Verdict::Harmless => harmless.push(*name),
                    Verdict::Refused(_) | Verdict::ReadsOther => {}
                }
            }
        }
        harmless.dedup();
        harmless
    }
}

/// Other values for a hint that is `value`, each once.
fn mutations(value: Fr, neighbour: Fr) -> Vec<(&'static str, Fr)> {
    let small = |k: u64| Fr::from(k);
    let candidates = [
        ("plus 1", value + small(1)),
        ("minus 1", value - small(1)),
        ("plus 2", value + small(2)),
        ("minus 2", value - small(2)),
        ("negated", -value),
        ("zero", Fr::zero()),
        ("one", Fr::one()),
        ("one minus", Fr::one() - value),
        ("plus 2^13", value + power_of_two(13)),
        ("minus 2^13", value - power_of_two(13)),
        ("plus 2^26", value + power_of_two(26)),
        ("plus 2^64", value + power_of_two(64)),
        ("minus 2^64", value - power_of_two(64)),
        ("plus 2^128", value + power_of_two(128)),
        ("half", value * Fr::from(2u64).inverse().unwrap_or(Fr::one())),
        ("neighbour", neighbour),
    ];
    candidates.into_iter().filter(|(_, other)| *other != value).collect()
}

/// Compares a forged row with the honest one.
pub fn judge(honest: &RowWitness, forged: &RowWitness, limb_bits: u32) -> Verdict {
    if let Some(id) = refusal(forged, limb_bits) {
        return Verdict::Refused(id);
    }
    if tuples(honest, Direction::Receive) != tuples(forged, Direction::Receive) {
        return Verdict::ReadsOther;
    }
    let written =
        |row: &RowWitness| (tuples(row, Direction::Send), row.published.clone(), row.carry_out.clone());
    if written(honest) == written(forged) { Verdict::Harmless } else { Verdict::Forged }
}

/// Why a row is refused by itself: a violated constraint or a limb outside the range table.
pub fn refusal(row: &RowWitness, limb_bits: u32) -> Option<&'static str> {
    if let Some(id) = row.violations.first() {
        return Some(id);
    }
    outside_table(row, limb_bits).next().map(|_| "RANGE")
}

/// Numbers of a row's look-ups of limbs that the range table does not have.
pub fn outside_table(row: &RowWitness, limb_bits: u32) -> impl Iterator<Item = usize> + '_ {
    let limit = Fr::from(1u64 << limb_bits).into_bigint();
    let outside = move |(i, interaction): &(usize, &crate::gadgets::cs::InteractionValue)| {
        interaction.tag == RANGE
            && interaction.direction == Direction::Receive
            && !interaction.multiplicity.is_zero()
            && row.tuple(*i)[0].into_bigint() >= limit
    };
    row.interactions.iter().enumerate().filter(outside).map(|(i, _)| i)
}

/// The tuples of a direction with their multiplicities, limbs and idle ones left out.
fn tuples(row: &RowWitness, direction: Direction) -> Vec<(Tag, Vec<Fr>, Fr)> {
    let active = |(_, i): &(usize, &crate::gadgets::cs::InteractionValue)| {
        let idle = i.provided_by.is_none() && i.multiplicity.is_zero();
        i.tag != RANGE && i.direction == direction && !idle
    };
    let all = row.interactions.iter().enumerate().filter(active);
    all.map(|(n, i)| (i.tag, row.tuple(n).to_vec(), i.multiplicity)).collect()
}
