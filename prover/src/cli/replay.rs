//! `zkmargin replay`: a whole file natively, and what became of every row.

use super::arguments::{Batching, Replay, Source};
use super::{Failure, print_json, print_line, workshop};
use crate::engine::{Engine, Settings, Sink};
use crate::report::{Refusals, Replayed, Venue};
use crate::wire::{self, Tape};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
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

/// Seconds from the first to the last row of a batch: thirty days. The first batches of a real tape span
/// two weeks; a live venue wants minutes.
pub const SPAN: u64 = 30 * 86_400;

/// Rules for the batches of a shape, all signed.
pub fn settings(shape: &Shape, seed: u64, domain: Domain, span: u64) -> Settings {
    let (fills, capacities) = (shape.capacities["fills"], shape.capacities);
    Settings { seed, domain, fills, capacities, sign: true, span }
}

/// Collects refusals as the command asks for.
pub fn refusals(batching: &Batching, engine: &Engine) -> Result<Refusals<BufWriter<File>>, Failure> {
    let create = |path: &PathBuf| {
        let file = File::create(path).map_err(|error| cannot_write(path, &error))?;
        Ok::<_, Failure>(BufWriter::new(file))
    };
    let out = batching.refused.as_ref().map(create).transpose()?;
    let mut refusals = Refusals::new(Venue::new(engine.tape(), engine.state()), out);
    refusals.left_out(&engine.tape().skipped);
    Ok(refusals)
}

/// The first refusals of a run, all of which are now in the file that was asked for.
pub fn finish(
    refusals: Refusals<BufWriter<File>>,
    batching: &Batching,
) -> Result<Vec<crate::report::Refusal>, Failure> {
    let path = batching.refused.clone().unwrap_or_default();
    refusals.finish().map_err(|error| cannot_write(&path, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("--refused {}: {error}", path.display()))
}

pub fn run(options: &Replay) -> Result<(), Failure> {
    let shape = workshop::shape(&options.shape)?;
    let tape = tape(&options.source)?;
    let rules = settings(&shape, options.source.seed, Domain::default(), options.batching.span);
    let mut engine = Engine::new(tape, Settings { sign: !options.unsigned, ..rules })?;
    let mut replayed = Replayed::new(&shape, &engine);
    let mut refusals = refusals(&options.batching, &engine)?;
    let started = Instant::now();
    replay_on(
        &mut engine,
        &mut replayed,
        &mut |refused| refusals.take(&refused),
        options.batches,
        options.json,
    )?;
    let elapsed = started.elapsed();
    replayed.finish(&engine, finish(refusals, &options.batching)?, elapsed);
    if options.json { print_json(&replayed) } else { print_line(&replayed.to_text()) }
}

/// Runs an engine to the end of its tape, or until the report holds `most` batches; after each batch
/// the invariants of the law are checked on the whole state.
pub fn replay_on(
    engine: &mut Engine,
    replayed: &mut Replayed,
    refused: Sink<'_>,
    most: Option<u64>,
    quiet: bool,
) -> Result<(), Failure> {
    let bar = workshop::spinner(quiet);
    while most.is_none_or(|most| replayed.batches() < most) {
        let dust = engine.state().ledger().dust;
        let Some(batch) = engine.next_batch(refused)? else { break };
        invariants::check(dust, engine.state(), &batch.trace)
            .map_err(|violation| Failure::new(format!("batch {}: {violation}", batch.number)))?;
        replayed.add(&batch);
        bar.set_message(format!("replay: batch {}", batch.number));
    }
    bar.finish_and_clear();
    Ok(())
}
