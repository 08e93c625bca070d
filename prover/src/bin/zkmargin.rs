//! The program `zkmargin`.

#![deny(missing_docs)]

use clap::Parser;
use std::process::ExitCode;
use zkmargin::cli::{Arguments, run};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("zkmargin: {failure}");
            ExitCode::from(failure.code())
        }
    }
}
