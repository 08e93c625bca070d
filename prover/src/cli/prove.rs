//! `zkmargin prove`: proves the first batches of a file, replays the rest natively, reports both.

use super::arguments::{Deployed, Prove};
use super::progress::Progress;
use super::replay::{replay_on, settings, tape};
use super::{Failure, prepare, print_json, print_line, refused, resume};
use crate::engine::{Batch, Engine, Settings, Sink};
use crate::keys::Loaded;
use crate::prove::manifest::{
    BYTES, CALLDATA, FORMAT, GENESIS, MANIFEST, Manifest, PROOF, SHAPE, STATEMENT, Statement, VERIFYING_KEY,
    json,
};
use crate::prove::out_directory::OutDirectory;
use crate::prove::{Machine, Proven, pipeline};
use crate::record::relation::BatchRelation;
use crate::report::{ProvenBatch, Replayed, peak_memory_mib, proven};
use crate::verify::{calldata, field_hex, folder_name, hex};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;
use zkmargin_circuits::batch::compile::compile;
use zkmargin_groth16::Fingerprint;

/// What `prove` reports.
#[derive(Serialize)]
struct Summary {
    insecure: bool,
    shape: String,
    circuit: String,
    key_seconds: f64,
    constraints: usize,
    /// Wall-clock time of all proofs, rows of the next batch filled beside them.
    proving_seconds: f64,
    batches: Vec<ProvenBatch>,
    peak_memory_mib: Option<u64>,
    replay: Replayed,
    out: Option<PathBuf>,
}

pub fn run(options: &Prove) -> Result<(), Failure> {
    let shape = prepare::shape(&options.shape)?;
    // Bad input is found before anything expensive starts.
    let mut out = options.out.as_deref().map(|out| OutDirectory::begin(out, true)).transpose()?;
    let tape = tape(&options.source)?;
    let rules = settings(&shape, options.source.seed, options.deployed.domain(), options.batching.span);
    let rules = Settings { signers: options.batching.oracle.signers, ..rules };
    let mut engine = Engine::new(tape, rules)?;
    let circuit = compile(&shape);
    let relation = BatchRelation::new(&circuit);
    prepare::require_memory(&shape, &relation)?;
    let started = Instant::now();
    let loaded = prepare::key(options.keys.clone(), &shape, &relation)?;
    let key_seconds = started.elapsed().as_secs_f64();
    let machine = Machine::new(&shape, &circuit, &relation, &loaded.key)?;
    let mut replayed = Replayed::new(&shape, &engine);
    let manifest = manifest(&options.deployed, &loaded, &machine, field_hex(engine.state().root()));
    let mut refusals = refused::begin(&options.batching, &engine)?;
    let mut sink = |refused| refusals.take(&refused);
    let proving = Instant::now();
    let mut run = Run { options, machine: &machine, manifest, rows: Vec::new() };
    run.batches(&mut engine, &mut replayed, &mut out, &mut sink).map_err(|failure| {
        let kept = out.as_ref().and_then(OutDirectory::kept);
        kept.map_or(failure.clone(), |kept| failure.and(&kept))
    })?;
    let proving_seconds = proving.elapsed().as_secs_f64();
    let Run { manifest, rows, .. } = run;
    let files = [
        (GENESIS, json(engine.genesis())),
        (SHAPE, shape.to_text().into_bytes()),
        (MANIFEST, json(&manifest)),
        (VERIFYING_KEY, loaded.key.verifying_key().to_bytes()),
    ];
    let files = files.each_ref().map(|(name, content)| (*name, content.as_slice()));
    let out = out.map(|out| out.finish(&files)).transpose()?;
    let peak = peak_memory_mib();
    if !options.no_replay {
        engine.set_settings(Settings { sign: options.sign_all, ..rules });
        replay_on(&mut engine, &mut replayed, &mut sink, None, &mut |_| Ok(()))?;
    }
    let elapsed = started.elapsed();
    replayed.finish(&engine, refused::finish(refusals)?, elapsed);
    let summary = Summary {
        insecure: manifest.insecure,
        shape: manifest.shape,
        circuit: manifest.circuit,
        key_seconds,
        constraints: circuit.constraints(),
        proving_seconds,
        batches: rows,
        peak_memory_mib: peak,
        replay: replayed,
        out,
    };
    if options.json { print_json(&summary) } else { print_line(&text(&summary)) }
}

/// The proving part of the command, and what it has proved.
struct Run<'a> {
    options: &'a Prove,
    machine: &'a Machine<'a>,
    manifest: Manifest,
    rows: Vec<ProvenBatch>,
}

impl Run<'_> {
    /// Takes over the batches that an interrupted run had finished, and proves the others.
    fn batches(
        &mut self,
        engine: &mut Engine,
        replayed: &mut Replayed,
        out: &mut Option<OutDirectory>,
        sink: Sink<'_>,
    ) -> Result<(), Failure> {
        let wanted = self.options.batches;
        let bar = Progress::of_batches("prove", wanted);
        if let Some(out) = out {
            self.take_over(engine, replayed, out, sink)?;
        }
        let taken_over = self.rows.len() as u64;
        if taken_over > 0 {
            bar.batch_done(taken_over, wanted, taken_over);
        }
        let batches = engine.batches(sink).map(|batch| batch.map_err(Failure::from));
        let batches = batches.take((wanted - taken_over).try_into().unwrap_or(usize::MAX));
        let machine = self.machine;
        let done = |batch: Batch, proven: Proven| {
            let statement = statement(self.rows.len() as u64 + 1, &batch, &proven);
            if let Some(out) = out {
                let calldata = calldata(&proven.bytes, &proven.proof).map_err(|e| Failure::from_error(&e))?;
                out.add(&[
                    (BYTES, &proven.bytes),
                    (PROOF, &proven.proof.to_bytes()),
                    (STATEMENT, &json(&statement)),
                    (CALLDATA, calldata.as_bytes()),
                ])?;
            }
            self.manifest.batches.push(statement);
            self.rows.push(self.row(&batch, &proven));
            replayed.add(&batch);
            bar.batch_done(self.rows.len() as u64, wanted, taken_over);
            Ok::<(), Failure>(())
        };
        bar.say("signing");
        pipeline::run(machine, batches, |batch: &Batch| &batch.trace, &|phase| bar.say(phase), done)?;
        if self.rows.is_empty() {
            let (file, shape) = (self.options.source.events.display(), &self.manifest.shape);
            return Err(Failure::new(format!("{file}: nothing to prove in shape {shape}")));
        }
        Ok(())
    }

    /// Takes over what an interrupted run had finished, verified and compared with the tape.
    fn take_over(
        &mut self,
        engine: &mut Engine,
        replayed: &mut Replayed,
        out: &OutDirectory,
        sink: Sink<'_>,
    ) -> Result<(), Failure> {
        let key = self.machine.verifying_key();
        out.identify(&resume::run_id(self.options, &self.manifest)?)?;
        for statement in resume::finished(out, &self.manifest, key, self.options.batches)? {
            let Some(batch) = engine.next_batch(sink)? else { break };
            let proven = resume::proven(out, &statement, &batch)?;
            self.rows.push(self.row(&batch, &proven).taken_over());
            replayed.add(&batch);
            self.manifest.batches.push(statement);
        }
        Ok(())
    }

    fn row(&self, batch: &Batch, proven: &Proven) -> ProvenBatch {
        ProvenBatch::new(batch, proven, self.machine.constraints())
    }
}

fn statement(number: u64, batch: &Batch, proven: &Proven) -> Statement {
    Statement {
        batch: batch.number,
        folder: folder_name(number),
        time: batch.trace.new_globals.time,
        trades: batch.trades(),
        elements: proven.bytes.len() / crate::record::relation::ELEMENT_BYTES,
        old_root: field_hex(batch.trace.old_root),
        new_root: field_hex(batch.trace.new_root),
        s: field_hex(proven.inputs[0]),
        v: field_hex(proven.inputs[1]),
        closed: batch.closed.to_string(),
    }
}

fn manifest(deployed: &Deployed, loaded: &Loaded, machine: &Machine<'_>, genesis_root: String) -> Manifest {
    Manifest {
        format: FORMAT.to_owned(),
        insecure: loaded.key.verifying_key().origin.is_insecure(),
        shape: machine.shape().name.clone(),
        shape_id: machine.shape().id,
        circuit: Fingerprint(loaded.key.fingerprint()).to_string(),
        key_id: hex(&machine.key_id()),
        chain_id: deployed.chain_id,
        contract: hex(&deployed.contract),
        genesis_root,
        batches: Vec::new(),
    }
}

fn text(summary: &Summary) -> String {
    let mut text = String::new();
    if summary.insecure {
        text.push_str("INSECURE development key: whoever made it can forge proofs\n\n");
    }
    text.push_str(&proven::table(&summary.batches).to_text());
    for batch in &summary.batches {
        text.push_str(&format!("\nbatch {}: {}", batch.batch, batch.closed));
        for refused in &batch.refused {
            text.push_str(&format!("; refused {refused}"));
        }
    }
    text.push_str(&format!("\nproved in {:.1} s", summary.proving_seconds));
    if let Some(peak) = summary.peak_memory_mib {
        text.push_str(&format!(", peak memory {peak} MiB"));
    }
    if let Some(out) = &summary.out {
        text.push_str(&format!("\nwritten: {} (check with `zkmargin verify {0}`)", out.display()));
    }
    text.push_str("\n\n");
    text.push_str(&summary.replay.to_text());
    text
}
