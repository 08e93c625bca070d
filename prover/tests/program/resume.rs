//! An interrupted `prove --out` and the command that goes on with it.

use super::interrupt::{ended, started};
use super::{SAMPLE, done, json, names, prove, refused, run};
use std::path::Path;

/// Interrupts a run of three batches after the first; the number of finished ones.
fn interrupted(folder: &Path) -> usize {
    done(folder, &SAMPLE);
    let arguments = prove(&["--out", "run", "--batches", "3"]);
    let (code, line) = ended(started(folder, &arguments, "prove: batch 1 of 3"), "-INT");
    assert_eq!(code, Some(130), "{line}");
    let line = line.lines().last().unwrap();
    let kept = " kept in run.incomplete, and the same command goes on from there";
    assert!(line.starts_with("zkmargin: ended by SIGINT; ") && line.ends_with(kept), "{line}");
    let left = names(&folder.join("run.incomplete"));
    assert!(left.iter().all(|name| !name.ends_with("part")), "{left:?}");
    left.iter().filter(|name| name.starts_with("batch-")).count()
}

#[test]
fn finished_batches_are_verified_and_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let finished = interrupted(folder);
    assert!((1..3).contains(&finished), "{finished}");
    refuses_other_runs(folder);
    refuses_changed_batches(folder);
    // A part of a batch, as a killed process leaves it.
    std::fs::create_dir(folder.join("run.incomplete/batch-0003.part")).unwrap();
    let report = json(folder, &prove(&["--out", "run", "--batches", "3"]));
    let batches = report["batches"].as_array().unwrap();
    assert_eq!(batches.len(), 3);
    for (index, batch) in batches.iter().enumerate() {
        assert_eq!(batch["taken_over"] == true, index < finished, "{batch}");
    }
    assert_eq!(names(folder), ["flow.ndjson", "run"]);
    let files =
        ["batch-0001", "batch-0002", "batch-0003", "genesis.json", "manifest.json", "shape.toml", "vk.bin"];
    assert_eq!(names(&folder.join("run")), files);
    let key = super::verifying_key(folder);
    let verify = ["verify", "run", "--key", key.to_str().unwrap()];
    assert!(done(folder, &verify).contains("the proofs of batches 1 to 3 hold"));
}

fn refuses_other_runs(folder: &Path) {
    let other = |more: &[&str]| refused(folder, &prove(&[&["--out", "run"], more].concat()));
    let is_of_another = |line: &str, what: &str| {
        assert!(line.contains(&format!("holds finished batches of another run: its {what} is ")), "{line}");
    };
    is_of_another(&other(&["--batches", "3", "--seed", "2"]), "genesis root");
    is_of_another(&other(&["--batches", "3", "--chain-id", "7"]), "chain id");
    std::fs::copy(folder.join("flow.ndjson"), folder.join("flow.copy")).unwrap();
    done(
        folder,
        &["sample", "--fills", "30", "--traders", "2", "--markets", "1", "--out", "flow.ndjson", "--force"],
    );
    is_of_another(&other(&["--batches", "3"]), "events");
    std::fs::rename(folder.join("flow.copy"), folder.join("flow.ndjson")).unwrap();
    is_of_another(&other(&["--batches", "3", "--keys", "keys"]), "key id");
    std::fs::remove_dir_all(folder.join("keys")).unwrap();
    let demo = ["prove", "--events", "flow.ndjson", "--format", "ndjson", "--out", "run", "--shape", "demo"];
    is_of_another(&refused(folder, &demo), "circuit");
    assert!(folder.join("run.incomplete/batch-0001").is_dir(), "what was finished is kept");
}

fn refuses_changed_batches(folder: &Path) {
    let bytes = folder.join("run.incomplete/batch-0001/bytes.bin");
    let good = std::fs::read(&bytes).unwrap();
    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    std::fs::write(&bytes, bad).unwrap();
    let line = refused(folder, &prove(&["--out", "run", "--batches", "3"]));
    assert!(line.contains("batch-0001/bytes.bin: s is") && line.contains("to begin anew"), "{line}");
    std::fs::write(&bytes, good).unwrap();
}

#[test]
fn a_directory_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &SAMPLE);
    std::fs::create_dir(folder.join("run.incomplete")).unwrap();
    std::fs::write(folder.join("run.incomplete/mine"), "").unwrap();
    let line = refused(folder, &prove(&["--out", "run"]));
    assert!(line.starts_with("run.incomplete: is there already and is no interrupted run"), "{line}");
    assert_eq!(names(&folder.join("run.incomplete")), ["mine"]);
}

#[test]
fn two_commands_do_not_write_to_one_directory() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &SAMPLE);
    let first = started(folder, &prove(&["--out", "run", "--keys", "keys"]), "made once");
    let line = refused(folder, &prove(&["--out", "run", "--keys", "keys"]));
    assert!(line.starts_with("run.incomplete: another zkmargin writes there"), "{line}");
    assert_eq!(ended(first, "-TERM").0, Some(143));
    assert!(run(folder, &["verify", "run"]).status.code() == Some(1));
}
