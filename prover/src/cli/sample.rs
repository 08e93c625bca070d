//! `zkmargin sample`: the generator's tape as a file.

use super::arguments::Sample;
use super::{Failure, print_json, print_line};
use crate::flow::Flow;
use crate::wire::write_ndjson;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What was written.
#[derive(Serialize)]
struct Summary {
    file: PathBuf,
    markets: usize,
    users: usize,
    orders: usize,
    events: usize,
}

pub fn run(options: &Sample) -> Result<(), Failure> {
    let flow = Flow {
        seed: options.seed,
        traders: options.traders,
        markets: options.markets,
        fills: options.fills,
        ..Flow::default()
    };
    let tape = flow.generate()?;
    let mut bytes = Vec::new();
    write_ndjson(&tape, &mut bytes).map_err(|error| Failure::from_error(&error))?;
    let Some(file) = &options.out else {
        let written = std::io::stdout().write_all(&bytes);
        return written.map_err(|error| Failure::new(format!("cannot write: {error}")));
    };
    write_whole(file, &bytes)?;
    let summary = Summary {
        file: file.clone(),
        markets: tape.listings.len(),
        users: tape.users.len(),
        orders: tape.orders.len(),
        events: tape.events.len(),
    };
    if options.json {
        return print_json(&summary);
    }
    print_line(&format!(
        "{}: {} events of {} users in {} markets",
        file.display(),
        summary.events,
        summary.users,
        summary.markets
    ))
}

/// Writes a file whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failure = |error: &dyn std::fmt::Display| Failure::new(format!("{}: {error}", path.display()));
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failure(&error))?;
    file.write_all(bytes).map_err(|error| failure(&error))?;
    file.persist(path).map(|_| ()).map_err(|error| failure(&error.error))
}
