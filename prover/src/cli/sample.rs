//! `zkmargin sample`: the generator's tape as a file.

use super::arguments::Sample;
use super::output::OutFile;
use super::{Failure, print_json, print_line};
use crate::flow::Flow;
use crate::wire::write_ndjson;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;

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
    let out = OutFile::of(&options.output)?;
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
    let (Some(out), Some(file)) = (out, &options.output.out) else {
        let written = std::io::stdout().write_all(&bytes);
        return written.map_err(|error| Failure::new(format!("cannot write: {error}")));
    };
    out.write(&bytes)?;
    let summary = Summary {
        file: file.clone(),
        markets: tape.listings.len(),
        users: tape.users.len(),
        orders: tape.orders.len(),
        events: tape.events.len(),
    };
    if options.output.json {
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
