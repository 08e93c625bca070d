//! `zkmargin verify DIR`.

use super::arguments::Verify;
use super::{Failure, print_json, print_line};
use crate::prove::manifest::MANIFEST;
use crate::prove::out_directory::RUN;
use crate::verify::{field_hex, verify};
use serde::Serialize;
use std::path::Path;

/// What the command found to hold.
#[derive(Serialize)]
struct Summary {
    verified: bool,
    insecure: bool,
    shape: String,
    batches: usize,
    trades: usize,
    root: String,
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

pub fn run(options: &Verify) -> Result<(), Failure> {
    require_run(&options.directory)?;
    let verified = verify(&options.directory, options.key.as_deref())?;
    let summary = Summary {
        verified: true,
        insecure: verified.manifest.insecure,
        shape: verified.manifest.shape.clone(),
        batches: verified.manifest.batches.len(),
        trades: verified.manifest.batches.iter().map(|batch| batch.trades).sum(),
        root: field_hex(verified.root),
    };
    if options.json {
        return print_json(&summary);
    }
    if summary.insecure {
        print_line("INSECURE development key: whoever made it can forge proofs")?;
    }
    print_line(&format!(
        "verified: {} batches, {} trades, shape {}, root {}",
        summary.batches, summary.trades, summary.shape, summary.root
    ))
}
