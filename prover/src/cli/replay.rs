//! `zkmargin replay`: a whole file natively, and what became of every row.

use super::arguments::{Replay, Source};
use super::{Failure, print_json, print_line};
use crate::engine::{Engine, EngineError, Settings};
use crate::report::Replayed;
use crate::wire::{self, Tape};
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::ops::Domain;

/// The deployment that files are proven for when there is no contract: chain 1337, address 0x…01.
pub fn paper_domain() -> Domain {
    let mut contract = [0; 20];
    contract[19] = 1;
    Domain { chain_id: 1337, contract }
}

/// Reads the tape that a command names.
pub fn tape(source: &Source) -> Result<Tape, Failure> {
    Ok(wire::read(&source.events, source.format.into(), source.markets.clone())?)
}

/// A shape by name, or from a file.
pub fn shape(name: &str) -> Result<Shape, Failure> {
    if !name.ends_with(".toml") {
        return Ok(Shape::named(name)?);
    }
    let text = std::fs::read_to_string(name)
        .map_err(|error| Failure::new(format!("{name}: {error}; check the path given to --shape")))?;
    Shape::parse(&text).map_err(|error| Failure::new(format!("{name}: {error}")))
}

/// Rules for the batches of a shape.
pub fn settings(shape: &Shape, seed: u64, domain: Domain, sign: bool) -> Settings {
    let (fills, capacities) = (shape.capacities.fills, shape.capacities);
    Settings { seed, domain, fills, capacities, sign }
}

pub fn run(options: &Replay) -> Result<(), Failure> {
    let shape = shape(&options.shape)?;
    let tape = tape(&options.source)?;
    let settings = settings(&shape, options.source.seed, paper_domain(), !options.unsigned);
    let mut engine = Engine::new(tape, settings)?;
    let replayed = replay(&mut engine, &shape, options.batches)?;
    if options.json { print_json(&replayed) } else { print_line(&replayed.to_text()) }
}

/// Runs an engine to the end of its tape, or for some batches.
pub fn replay(engine: &mut Engine, shape: &Shape, most: Option<u64>) -> Result<Replayed, EngineError> {
    let mut replayed = Replayed::new(shape, engine);
    let started = std::time::Instant::now();
    while most.is_none_or(|most| replayed.batches() < most) {
        match engine.next_batch()? {
            Some(batch) => replayed.add(&batch),
            None => break,
        }
    }
    replayed.finish(engine, started.elapsed());
    Ok(replayed)
}
