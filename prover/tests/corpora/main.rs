//! The fuzzers' corpora, on every run of the tests: each kept input against its reader, in bounded memory.

#[path = "../../../fuzz/src/bounds.rs"]
mod bounds;
#[path = "../../../fuzz/src/seeds.rs"]
mod seeds;
#[path = "../../../fuzz/src/targets.rs"]
mod targets;

use bounds::{MOST_BYTES, MOST_INPUT};
use cap::Cap;
use std::alloc::System;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use targets::TARGETS;

/// Gives no memory beyond its limit: a reader that asks for more ends the process.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes that all corpora may have together.
const MOST_COMMITTED: usize = 300_000;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// Names of what is in a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn each_kept_input_is_read_or_refused_in_bounded_memory() {
    let mut committed = 0;
    for (name, target) in TARGETS {
        let corpus = fuzz().join("corpus").join(name);
        for input in names(&corpus) {
            let bytes = std::fs::read(corpus.join(&input)).unwrap();
            assert!(bytes.len() <= MOST_INPUT, "{name}/{input} is longer than a campaign's inputs");
            committed += bytes.len();
            // Where it fails, the last line says on what.
            println!("{name}/{input}");
            MEMORY.set_limit(MEMORY.allocated() + MOST_BYTES).unwrap();
            target(&bytes);
            MEMORY.set_limit(usize::MAX).unwrap();
        }
    }
    assert!(committed <= MOST_COMMITTED, "the corpora have {committed} bytes: minimise them");
}

/// A reader has a fuzzer, which calls it, and a corpus; there are no others.
#[test]
fn each_reader_has_a_fuzzer_and_a_corpus() {
    let all: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&fuzz().join("corpus")), all);
    let files = all.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names(&fuzz().join("fuzz_targets")), files);
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in all {
        let source = std::fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(source.contains(&format!("targets::{name},")), "{name}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
    }
}

/// `UPDATE=1` writes the seeds; without it they must be what `fuzz/src/seeds.rs` makes.
#[test]
fn seeds_are_as_made() {
    for seeds::Seed { target, name, bytes } in seeds::all() {
        let path = fuzz().join("corpus").join(target).join(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        let kept = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(
            kept == bytes,
            "{target}/{name}: run UPDATE=1 cargo nextest run -p zkmargin seeds_are_as_made"
        );
    }
}

/// The seeds of valid files are read: otherwise a campaign would begin at the first check.
#[test]
fn valid_seeds_are_accepted() {
    let run = |name: &str| {
        let seed = seeds::all().into_iter().find(|seed| seed.target == "run_directory" && seed.name == name);
        targets::verdict(&seed.unwrap().bytes)
    };
    assert_eq!(run("seed-one-batch"), Ok(()));
    assert_eq!(run("seed-two-batches"), Ok(()));
    assert_eq!(run("seed-number-ends"), Ok(()));
    // A sum without carry took batch 0 for the one after 2^64 - 1.
    let refused = run("seed-number-wraps").unwrap_err();
    assert!(refused.contains("batch is 0, expected no batch"), "{refused}");
}
