//! `zkmargin replay`: a whole file natively, and what became of every row.

use super::arguments::{Replay, Source};
use super::progress::Progress;
use super::{Failure, prepare, print_json, print_line, refused};
use crate::engine::{Batch, Engine, Settings, Sink};
use crate::prove::manifest::{BYTES, GENESIS, SHAPE, json};
use crate::prove::out_directory::OutDirectory;
use crate::report::Replayed;
use crate::wire::event::Event;
use crate::wire::{self, Tape};
use std::time::Instant;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::executor::invariants;
use zkmargin_circuits::ops::Domain;
use zkmargin_circuits::publication::{Deployment, ELEMENT_BYTES, elements, publish};

/// Reads the tape that a command names.
pub fn tape(source: &Source) -> Result<Tape, Failure> {
    let Source { markets, market, user, .. } = source.clone();
    let options = wire::Options { markets, market, user };
    Ok(wire::read(&source.events, source.format.into(), &options)?)
}

/// Seconds from the first to the last row of a batch: thirty days. The first batches of a real tape span
/// two weeks; a live venue needs minutes.
pub const SPAN: u64 = 30 * 86_400;

/// Rules for the batches of a shape, all signed, without price signers.
pub fn settings(shape: &Shape, seed: u64, domain: Domain, span: u64) -> Settings {
    let (fills, capacities) = (shape.capacities["fills"], shape.capacities);
    Settings { seed, domain, fills, capacities, sign: true, span, signers: 0 }
}

pub fn run(options: &Replay) -> Result<(), Failure> {
    let shape = prepare::shape(&options.shape)?;
    let mut out = options.out.as_deref().map(|out| OutDirectory::begin(out, false)).transpose()?;
    let tape = tape(&options.source)?;
    let rules = settings(&shape, options.source.seed, Domain::default(), options.batching.span);
    let (sign, signers) = (!options.unsigned, options.batching.oracle.signers);
    let mut engine = Engine::new(tape, Settings { sign, signers, ..rules })?;
    let mut replayed = Replayed::new(&shape, &engine);
    let mut refusals = refused::begin(&options.batching, &engine)?;
    let started = Instant::now();
    let mut published = |batch: &Batch| {
        let Some(out) = &mut out else { return Ok(()) };
        let elements = elements(&batch.trace, &shape.capacities, &unproven(&shape))
            .map_err(|overflow| Failure::new(format!("batch {}: {overflow}", batch.number)))?;
        Ok(out.add(&[(BYTES, &publish(&elements))])?)
    };
    let mut sink = |refused| refusals.take(&refused);
    replay_on(&mut engine, &mut replayed, &mut sink, options.batches, &mut published)?;
    if let Some(out) = out {
        let (genesis, shape) = (json(engine.genesis()), shape.to_text());
        out.finish(&[(GENESIS, &genesis), (SHAPE, shape.as_bytes())])?;
    }
    let elapsed = started.elapsed();
    replayed.finish(&engine, refused::finish(refusals)?, elapsed);
    if options.json { print_json(&replayed) } else { print_line(&replayed.to_text()) }
}

/// What stands in the header of a batch without proofs: the shape, and a key that there is not.
fn unproven(shape: &Shape) -> Deployment {
    Deployment { shape_id: shape.id, key_id: [0; ELEMENT_BYTES] }
}

/// Runs an engine to the end of its tape, or until the report holds `most` batches; after each batch
/// the invariants of the law are checked on the whole state, and `done` is told of it.
pub fn replay_on(
    engine: &mut Engine,
    replayed: &mut Replayed,
    refused: Sink<'_>,
    most: Option<u64>,
    done: &mut dyn FnMut(&Batch) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let bar = Progress::of_share("replay");
    let times = Times::of(engine.tape());
    while most.is_none_or(|most| replayed.batches() < most) {
        let dust = engine.state().ledger().dust;
        let Some(batch) = engine.next_batch(refused)? else { break };
        invariants::check(dust, engine.state(), &batch.trace)
            .map_err(|violation| Failure::new(format!("batch {}: {violation}", batch.number)))?;
        replayed.add(&batch);
        done(&batch)?;
        let share = match most {
            Some(most) => replayed.batches() as f64 / most as f64,
            None => times.share(batch.trace.new_globals.time),
        };
        bar.share_done(share, &format!("batch {}", batch.number));
    }
    Ok(())
}

/// The span of a tape, for progress.
struct Times {
    first: u64,
    last: u64,
}

impl Times {
    fn of(tape: &Tape) -> Self {
        let time = |event: Option<&Event>| event.map_or(0, |event| event.time);
        Self { first: time(tape.events.first()), last: time(tape.events.last()) }
    }

    /// How much of the tape lies before a time, from 0 to 1.
    fn share(&self, time: u64) -> f64 {
        time.saturating_sub(self.first) as f64 / self.last.saturating_sub(self.first).max(1) as f64
    }
}
