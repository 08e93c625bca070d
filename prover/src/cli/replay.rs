//! `zkmargin replay`: a whole file natively, and what became of every row.

use super::arguments::{Replay, Source};
use super::{Failure, print_json, print_line, workshop};
use crate::engine::{Engine, Settings};
use crate::report::Replayed;
use crate::wire::{self, Tape};
use std::time::Instant;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::executor::invariants;
use zkmargin_circuits::ops::Domain;

/// Reads the tape that a command names.
pub fn tape(source: &Source) -> Result<Tape, Failure> {
    let Source { markets, market, user, .. } = source.clone();
    let options = wire::Options { markets, market, user };
    Ok(wire::read(&source.events, source.format.into(), &options)?)
}

/// Rules for the batches of a shape.
pub fn settings(shape: &Shape, seed: u64, domain: Domain, sign: bool) -> Settings {
    let (fills, capacities) = (shape.capacities["fills"], shape.capacities);
    Settings { seed, domain, fills, capacities, sign }
}

pub fn run(options: &Replay) -> Result<(), Failure> {
    let shape = workshop::shape(&options.shape)?;
    let tape = tape(&options.source)?;
    let settings = settings(&shape, options.source.seed, Domain::default(), !options.unsigned);
    let mut engine = Engine::new(tape, settings)?;
    let mut replayed = Replayed::new(&shape, &engine);
    let started = Instant::now();
    replay_on(&mut engine, &mut replayed, options.batches, options.json)?;
    replayed.finish(&engine, started.elapsed());
    if options.json { print_json(&replayed) } else { print_line(&replayed.to_text()) }
}

/// Runs an engine to the end of its tape, or until the report holds `most` batches; after each batch
/// the invariants of the law are checked on the whole state.
pub fn replay_on(
    engine: &mut Engine,
    replayed: &mut Replayed,
    most: Option<u64>,
    quiet: bool,
) -> Result<(), Failure> {
    let bar = workshop::spinner(quiet);
    while most.is_none_or(|most| replayed.batches() < most) {
        let dust = engine.state().ledger().dust;
        let Some(batch) = engine.next_batch()? else { break };
        invariants::check(dust, engine.state(), &batch.trace)
            .map_err(|violation| Failure::new(format!("batch {}: {violation}", batch.number)))?;
        replayed.add(&batch);
        bar.set_message(format!("replay: batch {}", batch.number));
    }
    bar.finish_and_clear();
    Ok(())
}
