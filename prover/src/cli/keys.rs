//! `zkmargin keys`: makes or checks a shape's development key.

use super::arguments::Keys;
use super::{Failure, prepare, print_json, print_line};
use crate::record::relation::BatchRelation;
use crate::verify::{describe_key, hex};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;
use zkmargin_circuits::batch::compile::compile;
use zkmargin_groth16::Fingerprint;
use zkmargin_verifier_solidity::key_id;

/// A key on disk.
#[derive(Debug, Serialize)]
struct Summary {
    shape: String,
    circuit: String,
    insecure: bool,
    key_id: String,
    proving_key: PathBuf,
    bytes: usize,
    fresh: bool,
    seconds: f64,
}

pub fn run(options: &Keys) -> Result<(), Failure> {
    let shape = prepare::shape(&options.shape)?;
    let circuit = compile(&shape);
    let relation = BatchRelation::new(&circuit);
    let started = Instant::now();
    let loaded = prepare::key(options.keys.clone(), &shape, &relation)?;
    let verifying = loaded.key.verifying_key();
    let id = key_id(verifying).map_err(|error| Failure::from_error(&error))?;
    let summary = Summary {
        shape: shape.name.clone(),
        circuit: Fingerprint(loaded.key.fingerprint()).to_string(),
        insecure: verifying.origin.is_insecure(),
        key_id: hex(&id),
        bytes: loaded.key.file_bytes(),
        fresh: loaded.fresh,
        seconds: started.elapsed().as_secs_f64(),
        proving_key: loaded.path,
    };
    if options.json {
        return print_json(&summary);
    }
    let verb = if summary.fresh { "made" } else { "loaded" };
    print_line(&format!(
        "{}\n{} in {:.1} s, {} MiB: {}\nshape {}, circuit {}, key id {}",
        describe_key(verifying),
        verb,
        summary.seconds,
        summary.bytes >> 20,
        summary.proving_key.display(),
        summary.shape,
        summary.circuit,
        summary.key_id
    ))
}
