//! A run's directory with one byte changed: refused, always, and by the file that it is about.

use super::{PROVE, SAMPLE, done, json, refused, run, verifying_key};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::path::{Path, PathBuf};
use zkmargin::record::relation::BatchRelation;
use zkmargin::verify::{Expected, Trusted, verify};
use zkmargin_circuits::batch::compile::compile;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_groth16::Relation;

/// Changed bytes of each file, unless `ZKMARGIN_MUTATIONS` says otherwise.
const MUTATIONS: usize = 50;

/// A proven run of the tiny shape with two batches.
fn proven() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &SAMPLE);
    done(folder.path(), &[&PROVE[..], &["--batches", "2", "--out", "run"]].concat());
    folder
}

fn tiny() -> Expected {
    let shape = Shape::named("tiny").unwrap();
    let fingerprint = BatchRelation::new(&compile(&shape)).fingerprint();
    Expected { fingerprint, shape: Some((shape.id, shape.places())) }
}

#[test]
fn each_changed_byte_of_a_run_is_refused() {
    let folder = proven();
    let run = folder.path().join("run");
    let expected = tiny();
    let trusted = Trusted { circuit: Some(&expected), ..Trusted::default() };
    assert!(verify(&run, &trusted).is_ok());
    let mutations = std::env::var("ZKMARGIN_MUTATIONS").map_or(MUTATIONS, |text| text.parse().unwrap());
    let mut rng = ChaCha20Rng::seed_from_u64(15);
    // A number of the manifest that differs from bytes or a statement is found where the two are compared.
    let manifest: &[&str] = &["manifest.json", "statement.json", "bytes.bin"];
    let files: [(&str, &[&str]); 5] = [
        ("batch-0002/proof.bin", &["proof.bin"]),
        ("vk.bin", &["vk.bin"]),
        ("batch-0001/bytes.bin", &["bytes.bin"]),
        ("batch-0002/statement.json", &["statement.json"]),
        ("manifest.json", manifest),
    ];
    for (name, said) in files {
        let file = run.join(name);
        let good = std::fs::read(&file).unwrap();
        for _ in 0..mutations {
            let mut bad = good.clone();
            let place = rng.gen_range(0..bad.len());
            bad[place] ^= rng.gen_range(1..=255u8);
            std::fs::write(&file, &bad).unwrap();
            let error = verify(&run, &trusted).expect_err("a changed byte").to_string();
            assert!(said.iter().any(|said| error.contains(said)), "{name}, byte {place}: {error}");
        }
        std::fs::write(&file, &good).unwrap();
    }
    assert!(verify(&run, &trusted).is_ok());
}

/// Writes a manifest with one text replaced by another.
fn replaced(run: &Path, from: &str, to: &str) {
    let file = run.join("manifest.json");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn verify_prints_what_it_checked_and_whose_word_it_took() {
    let folder = proven();
    let path = folder.path();
    let own = run(path, &["verify", "run", "--json"]);
    assert_eq!(own.status.code(), Some(3), "the key is the directory's own word");
    let report: serde_json::Value = serde_json::from_slice(&own.stdout).unwrap();
    assert_eq!((&report["key"], &report["circuit_source"]), (&"directory".into(), &"recompiled".into()));
    assert_eq!((&report["insecure"], &report["first_batch"]), (&true.into(), &1.into()));
    assert_eq!((&report["shape"], report.get("trades")), (&"tiny".into(), None));
    let key: PathBuf = verifying_key(path);
    let with_key = ["verify", "run", "--key", key.to_str().unwrap()];
    let report = json(path, &with_key);
    assert_eq!((&report["key"], &report["batches"]), (&"given".into(), &2.into()));
    let text = done(path, &with_key);
    assert!(text.contains("the one given") && text.contains("compiled again here, shape tiny"), "{text}");
    let circuit = report["circuit"].as_str().unwrap().to_owned();
    let given = json(path, &[&with_key[..], &["--circuit", &circuit]].concat());
    assert_eq!(given["circuit_source"], "given");
    let other = "00".repeat(32);
    assert!(refused(path, &[&with_key[..], &["--circuit", &other]].concat()).contains("circuit is"));
    assert!(refused(path, &[&with_key[..], &["--shape", "demo"]].concat()).contains("circuit is"));
    let root = report["old_root"].as_str().unwrap().to_owned();
    assert_eq!(json(path, &[&with_key[..], &["--root", &root]].concat())["verified"], true);
    let end = report["new_root"].as_str().unwrap().to_owned();
    assert!(
        refused(path, &[&with_key[..], &["--root", &end]].concat()).contains("root before the first batch")
    );
}

#[test]
fn runs_without_a_beginning_or_with_gaps_are_refused() {
    let folder = proven();
    let path = folder.path();
    let report = run(path, &["verify", "run", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    let run = path.join("run");
    let manifest = std::fs::read_to_string(run.join("manifest.json")).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let middle = parsed["batches"][1]["old_root"].as_str().unwrap().to_owned();
    // Without its first batch a run begins in the middle: that needs a root.
    std::fs::rename(run.join("batch-0001"), path.join("first")).unwrap();
    std::fs::rename(run.join("batch-0002"), run.join("batch-0001")).unwrap();
    let statement = run.join("batch-0001/statement.json");
    let text = std::fs::read_to_string(&statement).unwrap().replace("batch-0002", "batch-0001");
    std::fs::write(&statement, &text).unwrap();
    let start = manifest.find("\"batches\": [").unwrap();
    let inner = text.trim_end().replace('\n', "\n    ");
    std::fs::write(
        run.join("manifest.json"),
        format!("{}\"batches\": [\n    {inner}\n  ]\n}}\n", &manifest[..start]),
    )
    .unwrap();
    replaced(&run, parsed["genesis_root"].as_str().unwrap(), &middle);
    assert!(refused(path, &["verify", "run"]).contains("first batch is 2"));
    let with_root = super::run(path, &["verify", "run", "--root", &middle]);
    assert_eq!(with_root.status.code(), Some(3), "{}", super::text(&with_root.stderr));
    assert_eq!(report["old_root"], parsed["genesis_root"]);
    // No batches at all show nothing.
    std::fs::write(run.join("manifest.json"), format!("{}\"batches\": []\n}}\n", &manifest[..start]))
        .unwrap();
    assert!(refused(path, &["verify", "run"]).contains("lists no batches"));
}
