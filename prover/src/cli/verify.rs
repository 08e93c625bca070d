//! `zkmargin verify DIR`.

use super::arguments::Verify;
use super::{DONE, Failure, OWN_WORD, prepare, print_json, print_line};
use crate::prove::manifest::{MANIFEST, Manifest, read_json};
use crate::prove::out_directory::RUN;
use crate::record::relation::BatchRelation;
use crate::verify::{Expected, Trusted, field_hex, verify};
use serde::Serialize;
use std::path::Path;
use zkmargin_circuits::batch::compile::compile;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_groth16::Relation;

/// What the command found to hold, and what it took on somebody's word.
#[derive(Serialize)]
struct Summary {
    verified: bool,
    /// True if the key is a development key: then proofs show nothing to others.
    insecure: bool,
    /// Number of batches, the first and the last of them.
    batches: usize,
    first_batch: u64,
    last_batch: u64,
    /// State roots before the first and after the last batch.
    old_root: String,
    new_root: String,
    key_id: String,
    key: Source,
    circuit: String,
    circuit_source: Source,
    /// Name of the shape, if its circuit was compiled here.
    shape: Option<String>,
    chain_id: u64,
    contract: String,
}

/// Whence something is known.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    /// An option of the command.
    Given,
    /// It was computed here.
    Recompiled,
    /// The directory says so.
    Directory,
    /// The verifying key's file says so.
    KeyFile,
}

/// Refuses what is no directory of a run, before its files are read.
fn require_run(directory: &Path) -> Result<(), Failure> {
    if directory.join(MANIFEST).exists() {
        return Ok(());
    }
    let what = match directory.is_dir() {
        true if directory.join(RUN).exists() => {
            "is a run that was interrupted; the same `prove` command goes on with it"
        }
        true => "has no manifest.json; give the directory that `prove --out` wrote",
        false => "is no directory; give the one that `prove --out` wrote",
    };
    Err(Failure::new(format!("{}: {what}", directory.display())))
}

/// The circuit that the key is compared with, and the name of its shape if it was compiled.
fn circuit(options: &Verify, named: &str) -> Result<(Option<Expected>, Option<String>), Failure> {
    if let Some(fingerprint) = options.circuit {
        return Ok((Some(Expected { fingerprint, shape: None }), None));
    }
    let shape = match &options.shape {
        Some(shape) => prepare::shape(shape)?,
        None => match Shape::named(named) {
            Ok(shape) => shape,
            Err(_) => return Ok((None, None)),
        },
    };
    let fingerprint = BatchRelation::new(&compile(&shape)).fingerprint();
    let expected = Expected { fingerprint, shape: Some((shape.id, shape.places())) };
    Ok((Some(expected), Some(shape.name)))
}

pub fn run(options: &Verify) -> Result<u8, Failure> {
    require_run(&options.directory)?;
    let named: Manifest = read_json(&options.directory.join(MANIFEST))?;
    let (expected, shape) = circuit(options, &named.shape)?;
    let trusted = Trusted { key: options.key.as_deref(), root: options.root, circuit: expected.as_ref() };
    let verified = verify(&options.directory, &trusted)?;
    let batches = verified.manifest.batches.len();
    let summary = Summary {
        verified: true,
        insecure: verified.key.origin.is_insecure(),
        batches,
        first_batch: verified.first,
        last_batch: verified.last,
        old_root: field_hex(verified.from),
        new_root: field_hex(verified.root),
        key_id: verified.manifest.key_id,
        key: if options.key.is_some() { Source::Given } else { Source::Directory },
        circuit: verified.manifest.circuit,
        circuit_source: match (options.circuit, &shape) {
            (Some(_), _) => Source::Given,
            (None, Some(_)) => Source::Recompiled,
            (None, None) => Source::KeyFile,
        },
        shape,
        chain_id: verified.manifest.chain_id,
        contract: verified.manifest.contract,
    };
    if options.json {
        print_json(&summary)?
    } else {
        print_line(&text(&summary))?
    }
    Ok(if summary.key == Source::Given { DONE } else { OWN_WORD })
}

fn text(summary: &Summary) -> String {
    let Summary { first_batch, last_batch, old_root, new_root, key_id, circuit, .. } = summary;
    let mut text = String::new();
    if summary.insecure {
        text.push_str("INSECURE development key: whoever made it can forge proofs\n");
    }
    let batches = match summary.batches {
        1 => format!("the proof of batch {first_batch} holds"),
        _ => format!("the proofs of batches {first_batch} to {last_batch} hold"),
    };
    text.push_str(&format!("verified: {batches}\n  from root {old_root}\n  to root   {new_root}\n"));
    text.push_str(&match summary.key {
        Source::Given => format!("key {key_id}: the one given\n"),
        _ => format!("key {key_id}: the directory's own word; --key FILE verifies with one that you trust\n"),
    });
    text.push_str(&match (&summary.circuit_source, &summary.shape) {
        (Source::Recompiled, Some(shape)) => {
            format!("circuit {circuit}: compiled again here, shape {shape}\n")
        }
        (Source::Given, _) => format!("circuit {circuit}: the one given\n"),
        _ => format!("circuit {circuit}: the key file's own word; --shape FILE compiles it again\n"),
    });
    text.push_str(&format!("for contract {} on chain {}", summary.contract, summary.chain_id));
    text
}
