//! The command line: reads arguments, calls one stage after another, prints tables or JSON.
//!
//! What is public besides [`run`] is for `zkmargin-peers`, which follows the same rules.

mod address;
mod arguments;
mod audit;
pub mod bench;
mod costs;
mod demo;
mod explain;
mod export;
mod failure;
mod interrupt;
mod keys;
mod listings;
mod memory;
mod oracle;
mod output;
mod prepare;
mod progress;
mod proposal;
mod prove;
mod refused;
mod replay;
mod resume;
mod sample;
mod verify;

pub use arguments::{Arguments, Measured, Process};
pub use failure::Failure;
pub use output::{Growing, OutFile, TemporaryFolder};

use arguments::Command;
use serde::Serialize;
use zkmargin_kernels::Backend;

/// Exit code of a command that did what it was asked to do.
const DONE: u8 = 0;
/// Exit code of a check that found no fault, but rests on the word of what it checked.
const OWN_WORD: u8 = 3;

/// Runs one command and gives the exit code. A failure is one line, which `main` prints.
pub fn run(arguments: Arguments) -> Result<u8, Failure> {
    begin("zkmargin", &arguments.process)?;
    let done = match arguments.command {
        Command::Verify(options) => return verify::run(&options),
        Command::Audit(options) => return audit::run(&options),
        Command::Explain(options) => return explain::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Prove(options) => prove::run(&options),
        Command::Costs(options) => costs::run(&options),
        Command::Keys(options) => keys::run(&options),
        Command::Export(options) => export::run(&options),
        Command::Proposal(options) => proposal::run(&options),
        Command::Sample(options) => sample::run(&options),
        Command::Replay(options) => replay::run(&options),
        Command::Oracle(options) => oracle::run(&options),
        Command::Listings(options) => listings::run(&options),
        Command::Bench(options) => bench::run(&options.measured, arguments.process.threads),
    };
    done.map(|()| DONE)
}

/// Does what the options of the process say. To be called once, before anything else of a program.
pub fn begin(program: &'static str, options: &Process) -> Result<(), Failure> {
    progress::choose(options.progress);
    interrupt::watch(program)?;
    if let Some(mib) = options.memory {
        memory::state(mib);
    }
    if let Some(threads) = options.threads {
        limit(threads)?;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
        pool.map_err(|error| Failure::new(format!("--threads {threads}: {error}")))?;
    }
    if let Some(kernels) = options.kernels {
        choose(kernels.into())?;
    }
    Ok(())
}

/// Refuses more threads than cores: proofs would only get slower.
fn limit(threads: u16) -> Result<(), Failure> {
    let cores = std::thread::available_parallelism().map_or(usize::MAX, usize::from);
    if usize::from(threads) <= cores {
        return Ok(());
    }
    Err(Failure::usage(format!("--threads {threads}: this process may use {cores} cores; give 1 to {cores}")))
}

/// Refuses kernels that this processor cannot run.
fn choose(kernels: Backend) -> Result<(), Failure> {
    let available = Backend::available();
    if !available.contains(&kernels) {
        let names: Vec<_> = available.iter().map(|kernels| kernels.name()).collect();
        let names = names.join(", ");
        return Err(Failure::usage(format!("--kernels {kernels}: this processor can only run {names}")));
    }
    kernels.choose();
    Ok(())
}

/// Prints one JSON object on standard output.
pub fn print_json<T: Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(format!("cannot write JSON: {error}")))?;
    print_line(&text)
}

/// Prints a line; a closed pipe is a failure, not a panic.
pub fn print_line(text: &str) -> Result<(), Failure> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{text}").map_err(|error| Failure::new(format!("cannot write: {error}")))
}
