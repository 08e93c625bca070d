//! Batches that an interrupted `prove --out` had finished: verified, compared with the tape, taken over.

use super::Failure;
use super::arguments::Prove;
use crate::engine::Batch;
use crate::prove::Proven;
use crate::prove::manifest::{BYTES, FORMAT, Manifest, PROOF, STATEMENT, Statement, read_bytes, read_json};
use crate::prove::out_directory::{OutDirectory, RunId};
use crate::verify::{field_hex, folder_name, inputs, verify_batches};
use clap::ValueEnum;
use sha3::{Digest, Keccak256};
use std::path::Path;
use std::time::Duration;
use zkmargin_groth16::{Proof, VerifyingKey};

/// What this command's run is of.
pub fn run_id(options: &Prove, manifest: &Manifest) -> Result<RunId, Failure> {
    let format = options.source.format.to_possible_value();
    Ok(RunId {
        layout: FORMAT.to_owned(),
        events: digest(&options.source.events)?,
        format: format.map_or_else(String::new, |value| value.get_name().to_owned()),
        markets: options.source.markets.clone(),
        market: options.source.market.clone(),
        user: options.source.user.clone(),
        seed: options.source.seed,
        span: options.batching.span,
        shape: manifest.shape.clone(),
        circuit: manifest.circuit.clone(),
        key_id: manifest.key_id.clone(),
        chain_id: manifest.chain_id,
        contract: manifest.contract.clone(),
        genesis_root: manifest.genesis_root.clone(),
    })
}

/// Digest of a file; standard input was read already and leaves `-`.
fn digest(path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        return Ok("-".to_owned());
    }
    let failure = |error| Failure::new(format!("{}: {error}", path.display()));
    let mut file = std::fs::File::open(path).map_err(failure)?;
    if !file.metadata().map_err(failure)?.is_file() {
        return Ok("-".to_owned());
    }
    let mut hasher = Keccak256::new();
    std::io::copy(&mut file, &mut hasher).map_err(failure)?;
    Ok(crate::verify::hex(&hasher.finalize()))
}

/// The finished batches of a directory, each verified with the key; at most `most`.
pub fn finished(
    out: &OutDirectory,
    manifest: &Manifest,
    key: &VerifyingKey,
    most: u64,
) -> Result<Vec<Statement>, Failure> {
    let count = out.finished();
    if count > most {
        let text = format!(
            "{}: holds {count} finished batches, --batches {most} asks for fewer",
            out.work().display()
        );
        return Err(Failure::new(format!("{text}; ask for {count} or more, or remove it")));
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    let statement = |number| read_json(&out.work().join(folder_name(number)).join(STATEMENT));
    let batches = (1..=count).map(statement).collect::<Result<Vec<Statement>, _>>()?;
    let manifest = Manifest { batches, ..manifest.clone() };
    let advice = "remove it to begin anew, or name another directory";
    verify_batches(out.work(), &manifest, key).map_err(|error| Failure::from(error).and(advice))?;
    Ok(manifest.batches)
}

/// A finished batch as if it had just been proved, if it is the one that the tape gives.
pub fn proven(out: &OutDirectory, statement: &Statement, batch: &Batch) -> Result<Proven, Failure> {
    let folder = out.work().join(&statement.folder);
    let globals = &batch.trace.new_globals;
    let pairs = [
        ("batch", statement.batch.to_string(), batch.number.to_string()),
        ("time", statement.time.to_string(), globals.time.to_string()),
        ("trades", statement.trades.to_string(), batch.trades().to_string()),
        ("old root", statement.old_root.clone(), field_hex(batch.trace.old_root)),
        ("new root", statement.new_root.clone(), field_hex(batch.trace.new_root)),
    ];
    if let Some((what, got, expected)) = pairs.into_iter().find(|(_, got, expected)| got != expected) {
        let text = format!("{}: {what} is {got}, the tape gives {expected}", folder.display());
        return Err(Failure::new(format!("{text}; remove {} to begin anew", out.work().display())));
    }
    let bytes = read_bytes(&folder.join(BYTES))?;
    let proof = Proof::from_bytes(&read_bytes(&folder.join(PROOF))?)
        .map_err(|error| Failure::new(format!("{}: {error}", folder.join(PROOF).display())))?;
    let inputs = inputs(&bytes, &proof);
    Ok(Proven { bytes, proof, inputs, witness: Duration::ZERO, phases: Vec::new(), total: Duration::ZERO })
}
