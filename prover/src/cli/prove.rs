//! `zkmargin prove`: proves the first batches of a file, replays the rest natively, reports both.

use super::arguments::{Deployed, Prove};
use super::replay::{finish, refusals, replay_on, settings, tape};
use super::{Failure, print_json, print_line, workshop};
use crate::engine::{Batch, Engine, Settings, Sink};
use crate::keys::Loaded;
use crate::prove::manifest::{
    BYTES, FORMAT, Manifest, OutDirectory, PROOF, STATEMENT, Statement, VERIFYING_KEY, json,
};
use crate::prove::{Machine, Proven, pipeline};
use crate::record::relation::BatchRelation;
use crate::report::{ProvenBatch, Replayed, peak_memory_mib, proven};
use crate::verify::{field_hex, folder_name, hex};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;
use zkmargin_circuits::batch::compile::compile;
use zkmargin_circuits::batch::layout::Circuit;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::ops::Domain;
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
    let shape = workshop::shape(&options.shape)?;
    // Bad input is found before anything expensive starts.
    let tape = tape(&options.source)?;
    let out = options.out.as_deref().map(OutDirectory::begin).transpose()?;
    let rules = settings(&shape, options.source.seed, domain(&options.deployed), options.batching.span);
    let mut engine = Engine::new(tape, rules)?;
    let circuit = compile(&shape);
    let relation = BatchRelation::new(&circuit);
    workshop::require_memory(&shape, &relation)?;
    let started = Instant::now();
    let loaded = workshop::key(options.keys.clone(), &shape, &relation, options.json)?;
    let key_seconds = started.elapsed().as_secs_f64();
    let machine = Machine::new(&shape, &circuit, &relation, &loaded.key)?;
    let mut replayed = Replayed::new(&shape, &engine);
    let mut refusals = refusals(&options.batching, &engine)?;
    let mut sink = |refused| refusals.take(&refused);
    let genesis = field_hex(engine.state().root());
    let run = Run { options, shape: &shape, circuit: &circuit, machine: &machine, out: out.as_ref() };
    let proving = Instant::now();
    let (batches, statements) = run.batches(&mut engine, &mut replayed, &mut sink)?;
    let proving_seconds = proving.elapsed().as_secs_f64();
    let out = match out {
        Some(out) => {
            out.write(VERIFYING_KEY, &loaded.key.verifying_key().to_bytes())?;
            Some(out.finish(&manifest(&options.deployed, &loaded, &machine, genesis, statements))?)
        }
        None => None,
    };
    let peak = peak_memory_mib();
    if !options.no_replay {
        engine.set_settings(Settings { sign: options.sign_all, ..rules });
        replay_on(&mut engine, &mut replayed, &mut sink, None, options.json)?;
    }
    let elapsed = started.elapsed();
    replayed.finish(&engine, finish(refusals, &options.batching)?, elapsed);
    let summary = Summary {
        insecure: loaded.key.verifying_key().origin.is_insecure(),
        shape: shape.name.clone(),
        circuit: Fingerprint(loaded.key.fingerprint()).to_string(),
        key_seconds,
        constraints: circuit.constraints(),
        proving_seconds,
        batches,
        peak_memory_mib: peak,
        replay: replayed,
        out,
    };
    if options.json { print_json(&summary) } else { print_line(&text(&summary)) }
}

/// The proving part of the command.
struct Run<'a> {
    options: &'a Prove,
    shape: &'a Shape,
    circuit: &'a Circuit,
    machine: &'a Machine<'a>,
    out: Option<&'a OutDirectory>,
}

impl Run<'_> {
    fn batches(
        &self,
        engine: &mut Engine,
        replayed: &mut Replayed,
        sink: Sink<'_>,
    ) -> Result<(Vec<ProvenBatch>, Vec<Statement>), Failure> {
        let bar = workshop::batches(self.options.batches, self.options.json);
        let (mut rows, mut statements) = (Vec::new(), Vec::new());
        let batches = engine.batches(sink).map(|batch| batch.map_err(Failure::from));
        let batches = batches.take(self.options.batches.try_into().unwrap_or(usize::MAX));
        let done = |batch: Batch, proven: Proven| {
            let number = rows.len() as u64 + 1;
            let statement = statement(number, &batch, &proven);
            if let Some(out) = self.out {
                let folder = folder_name(number);
                out.write(&format!("{folder}/{BYTES}"), &proven.bytes)?;
                out.write(&format!("{folder}/{PROOF}"), &proven.proof.to_bytes())?;
                out.write(&format!("{folder}/{STATEMENT}"), &json(&statement))?;
            }
            statements.push(statement);
            rows.push(ProvenBatch::new(&batch, &proven, self.circuit.constraints()));
            replayed.add(&batch);
            bar.inc(1);
            Ok::<(), Failure>(())
        };
        bar.set_message("signing");
        let tell = |phase: &str| bar.set_message(phase.to_owned());
        pipeline::run(self.machine, batches, |batch: &Batch| &batch.trace, &tell, done)?;
        bar.finish_and_clear();
        if rows.is_empty() {
            return Err(Failure::new(format!(
                "{}: nothing to prove in shape {}",
                self.options.source.events.display(),
                self.shape.name
            )));
        }
        Ok((rows, statements))
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

fn domain(deployed: &Deployed) -> Domain {
    Domain { chain_id: deployed.chain_id, contract: deployed.contract }
}

fn manifest(
    deployed: &Deployed,
    loaded: &Loaded,
    machine: &Machine<'_>,
    genesis_root: String,
    batches: Vec<Statement>,
) -> Manifest {
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
        batches,
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
