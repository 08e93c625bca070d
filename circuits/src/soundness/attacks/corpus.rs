//! The corpus of seeded bugs, and the one harness that proves each: the circuit refuses the attack and
//! says what noticed, the circuit without that defence accepts it, and both accept the honest batch.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ark_bn254::Fr;
use ark_ff::Field;
use rayon::prelude::*;

use super::bench::{Advice, Bench, assemble, challenge, cohere, forging};
use super::evaluate::{Chosen, unsatisfied};
use super::weaken::{Weak, Weakened};
use super::{
    accounts, actions, bus, closings, configure, creations, flat, leverage, memory, oracle, orders,
    signatures, statement, ticks, tree,
};
use crate::batch::assembly::{Assembler, AssemblyError, Witness};
use crate::batch::layout::Circuit;
use crate::gadgets::row::IdealBus;
use crate::soundness::attacks::inputs::Inputs;

/// A defence, and an attack that only it stops.
pub struct SeededBug {
    /// What the attack is.
    pub name: &'static str,
    /// Rule of the soundness review, 1 to 24.
    pub rule: u8,
    /// What the weakened circuit lacks.
    pub weak: &'static [Weak],
    /// What notices in the true circuit.
    pub noticed: Noticed,
    pub attack: fn() -> Forgery,
}

/// What notices an attack, and nothing else does: constraints, as "id of kind", and kinds of tuples.
#[derive(Debug)]
pub struct Noticed {
    pub checks: &'static [&'static str],
    pub bus: &'static [&'static str],
}

pub const fn by_bus(bus: &'static [&'static str]) -> Noticed {
    Noticed { checks: &[], bus }
}

pub const fn by_checks(checks: &'static [&'static str]) -> Noticed {
    Noticed { checks, bus: &[] }
}

/// Rows of a circuit.
pub enum Rows {
    Batch(Box<Inputs>),
    /// Fills the rows of a circuit made for one attack, without global wires.
    Own(fn(&mut Assembler<'_>)),
}

/// A forged batch beside the honest one.
pub struct Forgery {
    pub circuit: Circuit,
    pub honest: Rows,
    pub forged: Rows,
    pub advice: Vec<Advice>,
    pub chosen: Chosen,
}

impl Forgery {
    pub fn new(bench: Bench, forged: Inputs, advice: impl IntoIterator<Item = Advice>) -> Self {
        let (honest, forged) = (Rows::Batch(Box::new(bench.inputs())), Rows::Batch(Box::new(forged)));
        let advice = advice.into_iter().collect();
        Self { circuit: bench.circuit, honest, forged, advice, chosen: Chosen::default() }
    }

    /// A forgery in which all that depends on what is forged follows it.
    pub fn coherent(bench: Bench, mut forged: Inputs, advice: impl IntoIterator<Item = Advice>) -> Self {
        let advice: Vec<Advice> = advice.into_iter().collect();
        cohere(&bench.circuit, &mut forged, &advice);
        Self::new(bench, forged, advice)
    }

    /// The value of the wire that [`Weak::FreeComponent`] adds to a row.
    pub fn free(mut self, kind: &'static str, row: usize, value: Fr) -> Self {
        self.chosen.free.push((kind, row, value));
        self
    }

    /// What the contract is given as an element.
    pub fn element(mut self, element: usize, value: Fr) -> Self {
        self.chosen.elements.push((element, value));
        self
    }
}

/// All of them.
pub fn corpus() -> impl Iterator<Item = &'static SeededBug> {
    let modules = [bus::BUGS, memory::BUGS, orders::BUGS, tree::BUGS, accounts::BUGS, creations::BUGS];
    modules
        .into_iter()
        .chain([
            flat::BUGS,
            signatures::BUGS,
            actions::BUGS,
            leverage::BUGS,
            closings::BUGS,
            statement::BUGS,
            ticks::BUGS,
            configure::BUGS,
            oracle::BUGS,
        ])
        .flatten()
}

fn fill<'a>(
    circuit: &'a Circuit,
    rows: &Rows,
    advice: &'a [Advice],
    check: bool,
) -> Result<Witness<'a>, AssemblyError> {
    match rows {
        Rows::Batch(inputs) => assemble(circuit, inputs, advice, check),
        Rows::Own(fill) => {
            let mut assembler = forging(circuit, Vec::new(), advice);
            fill(&mut assembler);
            assembler.finish(check)
        }
    }
}

/// Challenges at which a verifier may ask: two, so that nothing holds by chance.
fn challenges(weak: &Weakened) -> Vec<Fr> {
    let all = [challenge(), Fr::from(5u64).pow([300])];
    if weak.known_challenge { all[..1].to_vec() } else { all.to_vec() }
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// Ids of checks with their kind, without the row's number; the bus sum is told by its tuples.
fn checks(unsatisfied: &[String]) -> BTreeSet<String> {
    let without_row = |id: &String| id.rsplit_once(" row ").map_or(id.clone(), |(id, _)| id.to_owned());
    unsatisfied.iter().filter(|id| *id != "the bus sum").map(without_row).collect()
}

fn expect(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

fn prove(bug: &SeededBug) -> Result<(), String> {
    let Forgery { circuit, honest, forged, advice, chosen } = (bug.attack)();
    let truth = Weakened::new(&circuit, &[]);
    let weak = Weakened::new(&circuit, bug.weak);
    let honest = fill(&circuit, &honest, &[], true).map_err(|e| format!("the honest batch: {e}"))?;
    let attack = fill(&circuit, &forged, &advice, false).map_err(|e| e.to_string())?;
    let none = Chosen::default();
    let evaluate = |circuit_of: &Weakened, witness: &Witness<'_>, chosen: &Chosen, z: Fr| {
        unsatisfied(circuit_of, &circuit, witness, chosen, z)
    };

    let mut bus = IdealBus::default();
    attack.rows().iter().flatten().for_each(|row| bus.add(row));
    let unbalanced = set(bus.imbalances(circuit.limb_bits).iter().map(|(tag, ..)| tag.name));
    let left = evaluate(&truth, &honest, &none, challenge());
    expect(left.is_empty(), || format!("the circuit refuses the honest batch: {left:?}"))?;
    let left = evaluate(&weak, &honest, &none, challenge());
    expect(left.is_empty(), || format!("the bug breaks honest batches: {left:?}"))?;
    for z in challenges(&truth) {
        let left = evaluate(&truth, &attack, &chosen, z);
        let noticed = bug.noticed.checks.iter().copied();
        let as_said = checks(&left) == set(noticed) && unbalanced == set(bug.noticed.bus.iter().copied());
        expect(as_said && !left.is_empty(), || format!("noticed by {left:?} and {unbalanced:?}"))?;
        let bus_sum = left.iter().any(|id| id == "the bus sum");
        expect(bus_sum != unbalanced.is_empty(), || format!("matrices and tuples disagree: {left:?}"))?;
    }
    for z in challenges(&weak) {
        let left = evaluate(&weak, &attack, &chosen, z);
        expect(left.is_empty(), || format!("refused without {:?} too: {left:?}", bug.weak))?;
    }
    Ok(())
}

/// Proves seeded bugs; panics with all that fail.
pub fn check(bugs: &[SeededBug]) {
    let failed: Vec<String> = bugs
        .par_iter()
        .filter_map(|bug| {
            let outcome = catch_unwind(AssertUnwindSafe(|| prove(bug)));
            let outcome = outcome.unwrap_or_else(|_| Err("panicked".into()));
            outcome.err().map(|what| format!("{} (rule {}): {what}", bug.name, bug.rule))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), bugs.len(), failed.join("\n"));
}
