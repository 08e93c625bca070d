//! The program `zkmargin-peers`.

#![deny(missing_docs)]

use std::process::ExitCode;
use zkmargin_peers::cli::{NAME, parse, run};

fn main() -> ExitCode {
    match run(&parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{NAME}: {failure}");
            ExitCode::from(failure.code())
        }
    }
}
