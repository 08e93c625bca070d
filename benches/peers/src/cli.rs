//! The command line of `zkmargin-peers`. Reports, progress, files and exit codes are those of `zkmargin bench`.

use crate::export::{Export, Written};
use crate::kernels::Arkworks;
use crate::snarkjs;
use crate::table::{Peer, PeerError, Table};
use clap::{CommandFactory, FromArgMatches, Parser};
use std::path::PathBuf;
use zkmargin::bench::compare::compare;
use zkmargin::bench::kernels::OtherKernels;
use zkmargin::bench::{Preparation, pool};
use zkmargin::cli::bench::{Contest, Need, Proofs, Rounds, measured, tell, with_system};
use zkmargin::cli::{Failure, Measured, Process, TemporaryFolder, begin, print_json, print_line};

/// The name of the program in its messages.
pub const NAME: &str = "zkmargin-peers";

/// Bytes of memory for each point of the domain: to write files (measured: 970 with the mix, 1,190 with
/// `trade-64`), to measure ours beside the arkworks provers, and what snarkjs takes on top.
const FILES: u64 = 1_500;
const ARKWORKS: u64 = 5_500;
const SNARKJS: u64 = 3_500;

/// Options that measure something, so that they want a prover to compare with.
const MEASURING: [&str; 3] = ["runs", "kernel_runs", "folded"];

/// Measures our prover beside others on one constraint system.
#[derive(Debug, Parser)]
#[command(name = NAME, version, after_help = "\
Examples (with `cargo run --release -p zkmargin-peers --` for the program's name):
  zkmargin-peers --peers ark,taceo --log2 19 --json
  zkmargin-peers --peers ark,taceo --shape trade-64 --threads 2
  zkmargin-peers --peers snarkjs --log2 14 --export files
  zkmargin-peers --shape tiny --export files

Every prover proves the same constraint system in plain Groth16, in turns, with its key in memory; every
proof is verified. Ratios are their time over ours. Without --threads there is one
comparison with one thread, whose ratios count, and one with two. Progress goes to standard error.
Without --peers, --export only writes files: nothing is measured.

Exit codes: 0 done; 1 refused or failed, the reason is one line on standard error; 2 the command line is
wrong; 130 and 143 ended by SIGINT and SIGTERM.")]
pub struct Arguments {
    /// Provers to compare with.
    #[arg(long, value_enum, value_name = "LIST", value_delimiter = ',', required_unless_present = "export")]
    peers: Vec<Peer>,
    /// Write system.r1cs and system.wtns into this directory; with --peers system.zkey too (INSECURE key).
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// Where snarkjs is installed.
    #[arg(long, value_name = "DIR", default_value = "benches/peers/node")]
    snarkjs: PathBuf,
    /// What is measured.
    #[command(flatten)]
    measured: Measured,
    /// The process.
    #[command(flatten)]
    process: Process,
}

/// Reads the command line of the process, which it ends with a message if it is wrong.
pub fn parse() -> Arguments {
    let command = MEASURING
        .iter()
        .fold(Arguments::command(), |command, option| command.mut_arg(option, |arg| arg.requires("peers")));
    Arguments::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
}

/// Runs the program. A failure is one line, which `main` prints.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    begin(NAME, &arguments.process)?;
    if arguments.peers.is_empty() {
        return arguments.write_files();
    }
    if arguments.export.is_some() && arguments.measured.runs == 0 {
        let text = "--runs 0: no key for --export; give one run or more, or leave out --peers for files without a key";
        return Err(Failure::new(text));
    }
    arguments.export().map_or(Ok(()), |export| export.check(true))?;
    if arguments.peers.contains(&Peer::Snarkjs) {
        snarkjs::check(&arguments.snarkjs).map_err(PeerError::from)?;
    }
    measured(&arguments.measured, arguments.process.threads, arguments)
}

impl Arguments {
    fn export(&self) -> Option<Export<'_>> {
        let directory = self.export.as_deref()?;
        Some(Export { directory, force: self.measured.force })
    }

    /// Only the files of the system; no setup, no proof.
    fn write_files(&self) -> Result<(), Failure> {
        let Some(export) = self.export() else { return Ok(()) };
        export.check(false)?;
        let need = Need { bytes_per_point: FILES, advice: "choose a smaller --log2 or --shape" };
        let written = with_system(&self.measured, need, |system, _| {
            tell(&format!("files: {}/system.{{r1cs,wtns}}", export.directory.display()));
            export.system(system, &system.matrices())?;
            Ok(Written::of(system, &export))
        })?;
        if self.measured.json { print_json(&written) } else { print_line(&written.text()) }
    }
}

impl Contest for Arguments {
    fn need(&self) -> Need {
        let snarkjs = if self.peers.contains(&Peer::Snarkjs) { SNARKJS } else { 0 };
        Need {
            bytes_per_point: ARKWORKS + snarkjs,
            advice: "choose a smaller --log2 or --shape, or fewer --peers",
        }
    }

    fn proofs(&self, rounds: &Rounds<'_>) -> Result<Proofs, Failure> {
        if rounds.runs == 0 {
            return Ok((Preparation::default(), vec![]));
        }
        let mut peers = self.peers.clone();
        peers.sort();
        peers.dedup();
        let first = pool(rounds.threads[0])?;
        let mut table = Table::new(rounds.system, &peers, &first, rounds.seed, &tell)?;
        // snarkjs reads files, which go with this folder if nobody else wants them.
        let reads_files = peers.contains(&Peer::Snarkjs);
        let folder = (self.export.is_none() && reads_files).then(TemporaryFolder::new).transpose()?;
        let temporary = folder.as_ref().map(|folder| Export { directory: folder.path(), force: false });
        let export = self.export().or(temporary);
        if let Some(export) = &export {
            tell(&format!("files: {}/system.{{r1cs,wtns,zkey}}", export.directory.display()));
            table.export(export)?;
        }
        let mut proofs = Vec::new();
        for threads in rounds.threads {
            if let (true, Some(export)) = (reads_files, &export) {
                tell("snarkjs reads its files");
                table.start_snarkjs(&self.snarkjs, export.directory, *threads)?;
            }
            proofs.push(compare(&mut table, &pool(*threads)?, rounds.runs, &tell)?);
        }
        Ok((table.preparation(), proofs))
    }

    fn other_kernels(&self, log2: u32) -> Option<Box<dyn OtherKernels>> {
        Some(Box::new(Arkworks::of_size(log2)?))
    }
}
