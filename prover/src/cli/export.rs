//! `zkmargin export`: a stand-alone Solidity verifier from a key.

use super::arguments::Export;
use super::output::OutFile;
use super::{Failure, prepare, print_json, print_line};
use crate::keys::read_verifying;
use crate::record::relation::BatchRelation;
use crate::verify::{describe_key, hex};
use serde::Serialize;
use std::path::PathBuf;
use zkmargin_circuits::batch::compile::compile;
use zkmargin_groth16::VerifyingKey;
use zkmargin_verifier_solidity::{export_verifier, key_id};

/// What was exported.
#[derive(Debug, Serialize)]
struct Summary {
    file: PathBuf,
    insecure: bool,
    key_id: String,
}

pub fn run(options: &Export) -> Result<(), Failure> {
    let out = OutFile::of(&options.output)?;
    let key = verifying_key(options)?;
    let text = export_verifier(&key).map_err(|error| Failure::from_error(&error))?;
    let id = key_id(&key).map_err(|error| Failure::from_error(&error))?;
    let (Some(out), Some(file)) = (out, &options.output.out) else {
        return print_line(&text);
    };
    out.write(text.as_bytes())?;
    let summary = Summary { file: file.clone(), insecure: key.origin.is_insecure(), key_id: hex(&id) };
    if options.output.json {
        return print_json(&summary);
    }
    print_line(&format!("{}\n{}: verifier of key {}", describe_key(&key), file.display(), summary.key_id))
}

fn verifying_key(options: &Export) -> Result<VerifyingKey, Failure> {
    if let Some(path) = &options.key {
        return Ok(read_verifying(path)?);
    }
    let shape = prepare::shape(&options.shape)?;
    let circuit = compile(&shape);
    let relation = BatchRelation::new(&circuit);
    let loaded = prepare::key(options.keys.clone(), &shape, &relation)?;
    Ok(loaded.key.verifying_key().clone())
}
