//! The program as a process: files that it writes, keys that it shares, signals that end it, what it shows,
//! and what it says to bad input.

mod audit;
mod bad_input;
mod cli;
mod funding_day;
mod interrupt;
mod keys;
mod listings;
mod mutations;
mod oracle;
mod output;
mod report;
mod resume;
mod shown;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A command in a folder, with keys that all tests share: the program itself makes one of them wait.
fn zkmargin(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zkmargin"));
    command.current_dir(folder).args(arguments).env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.env_remove("COLUMNS").stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    zkmargin(folder, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Standard output of a command that succeeds.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&done(folder, &[arguments, &["--json"]].concat())).unwrap()
}

/// The one line of a command that is refused with exit code 1, progress apart.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
    let lines: Vec<&str> = errors.lines().filter(|line| line.starts_with("zkmargin: ")).collect();
    assert_eq!(lines.len(), 1, "{errors}");
    lines[0].trim_start_matches("zkmargin: ").to_owned()
}

/// Names of what lies in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// Path of a verifying key of `tiny`.
fn verifying_key(folder: &Path) -> PathBuf {
    let keys = json(folder, &["keys", "--shape", "tiny"]);
    Path::new(keys["proving_key"].as_str().unwrap()).with_extension("vk")
}

/// A tape whose batches in `tiny` are many and small.
const SAMPLE: [&str; 9] =
    ["sample", "--fills", "20", "--traders", "2", "--markets", "1", "--out", "flow.ndjson"];

const PROVE: [&str; 8] =
    ["prove", "--events", "flow.ndjson", "--format", "ndjson", "--shape", "tiny", "--no-replay"];

/// `PROVE` with more arguments.
fn prove<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&PROVE[..], more].concat()
}
