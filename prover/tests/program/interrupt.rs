//! SIGINT and SIGTERM.

use super::{SAMPLE, done, names, prove, text, zkmargin};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A process and its standard error, read as far as a line that contains `until`.
pub fn started(
    folder: &Path,
    arguments: &[&str],
    until: &str,
) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut command = zkmargin(folder, arguments);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = BufReader::new(process.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(until) {
        line.clear();
        assert_ne!(errors.read_line(&mut line).unwrap(), 0, "no line with '{until}'");
    }
    (process, errors)
}

/// Sends a signal; the exit code and the rest of standard error.
pub fn ended(
    (mut process, mut errors): (Child, BufReader<std::process::ChildStderr>),
    signal: &str,
) -> (Option<i32>, String) {
    let sent = Command::new("kill").args([signal, &process.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let mut rest = Vec::new();
    errors.read_to_end(&mut rest).unwrap();
    (process.wait().unwrap().code(), text(&rest))
}

#[test]
fn a_key_that_is_being_made_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let arguments = ["keys", "--shape", "demo", "--keys", "keys"];
    for (signal, code, name) in [("-TERM", 143, "SIGTERM"), ("-INT", 130, "SIGINT")] {
        let end = ended(started(folder, &arguments, "made once"), signal);
        let line = format!("zkmargin: ended by {name}; nothing incomplete is left behind\n");
        assert_eq!(end, (Some(code), line));
        let left = names(&folder.join("keys"));
        assert!(left.len() == 1 && left[0].ends_with(".lock"), "{left:?}");
    }
}

#[test]
fn a_run_without_a_finished_batch_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &SAMPLE);
    // The directory is made before the key.
    let arguments = prove(&["--out", "run", "--keys", "keys", "--batches", "3"]);
    let (code, line) = ended(started(folder, &arguments, "made once"), "-INT");
    assert_eq!(code, Some(130), "{line}");
    assert!(line.contains("ended by SIGINT; nothing incomplete is left behind"), "{line}");
    assert_eq!(names(folder), ["flow.ndjson", "keys"]);
}

#[test]
fn a_killed_key_maker_is_cleared_up_after() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let arguments = ["keys", "--shape", "tiny", "--keys", "keys"];
    let (code, _) = ended(started(folder, &arguments, "made once"), "-KILL");
    assert_eq!(code, None);
    let lock = names(&folder.join("keys")).remove(0);
    let part = format!(".incomplete-{}-x", lock.replace(".lock", ".pk"));
    std::fs::create_dir(folder.join("keys").join(&part)).unwrap();
    done(folder, &arguments);
    assert!(!names(&folder.join("keys")).contains(&part), "the lock of a killed process is free");
}
