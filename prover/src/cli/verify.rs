//! `zkmargin verify DIR`.

use super::arguments::Verify;
use super::{Failure, print_json, print_line};
use crate::verify::{field_hex, verify};
use serde::Serialize;

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

pub fn run(options: &Verify) -> Result<(), Failure> {
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
