//! The program `zkmargin-peers` at tiny sizes: its report, its files, and what it says to bad input.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn peers(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zkmargin-peers"));
    command.current_dir(folder).args(arguments).output().unwrap()
}

fn report(folder: &Path, arguments: &[&str]) -> Value {
    let output = peers(folder, &[arguments, &["--json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    assert!(errors.lines().all(|line| line.starts_with("bench: ")), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn positive(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number > 0.0)
}

/// Names of what lies in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// Fields of a report, in order, but for that of a machine with two cores.
const REPORT: [&str; 11] = [
    "distances",
    "field",
    "floor",
    "kernel_runs",
    "kernels",
    "machine",
    "preparation",
    "proofs",
    "ratios",
    "runs",
    "system",
];

fn assert_keys(object: &Value, expected: &[&str]) {
    let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.retain(|key| *key != "scaling");
    keys.sort_unstable();
    assert_eq!(keys, expected);
}

#[test]
fn peers_prove_the_mix() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--peers", "ark,taceo", "--log2", "10", "--runs", "1", "--folded", "stacks"];
    let report = report(folder.path(), &arguments);
    assert_keys(&report, &REPORT);
    assert_keys(&report["preparation"], &["ark_setup", "ark_synthesis", "setup"]);
    assert_keys(&report["kernels"][0], &["ark", "kernel", "ours", "threads"]);
    assert_keys(&report["proofs"][0], &["cpu_ratios", "provers", "ratios", "threads"]);
    assert_keys(&report["proofs"][0]["provers"], &["ark_groth16", "ours", "taceo_groth16"]);
    for name in [
        "ark_groth16",
        "taceo_groth16",
        "setup_ark_groth16",
        "msm_g1_ark_ec",
        "msm_g2_ark_ec",
        "ntt_ark_poly",
    ] {
        assert!(positive(&report["ratios"][name]), "{name}: {report}");
    }
    assert!(positive(&report["preparation"]["ark_synthesis"]["wall"]), "{report}");
    for proofs in report["proofs"].as_array().unwrap() {
        assert!(positive(&proofs["ratios"]["taceo_groth16"]));
        assert!(positive(&proofs["cpu_ratios"]["ark_groth16"]));
        assert!(positive(&proofs["provers"]["ours"]["phases"]["msm_b_g2"]));
    }
    assert_eq!(names(folder.path()), ["stacks"]);
}

#[test]
fn peers_prove_one_of_our_batches() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["--peers", "ark,taceo", "--shape", "tiny", "--runs", "1", "--threads", "2", "--export", "files"];
    let report = report(folder.path(), &arguments);
    assert!(positive(&report["ratios"]["ark_groth16"]) && positive(&report["ratios"]["taceo_groth16"]));
    assert_eq!(report["system"]["public"], 4);
    for (name, magic) in [("system.r1cs", "r1cs"), ("system.wtns", "wtns"), ("system.zkey", "zkey")] {
        let bytes = std::fs::read(folder.path().join("files").join(name)).unwrap();
        assert_eq!(&bytes[..4], magic.as_bytes());
    }
}

#[test]
fn kernels_are_measured_alone_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let size = ["--peers", "ark", "--log2", "8", "--threads", "2"];
    let alone = report(folder.path(), &[&size[..], &["--runs", "0", "--kernel-runs", "1"]].concat());
    assert_eq!(alone["proofs"].as_array().map(Vec::len), Some(0));
    assert!(positive(&alone["ratios"]["msm_g1_ark_ec"]), "{alone}");
    let without = report(folder.path(), &[&size[..], &["--runs", "1", "--kernel-runs", "0"]].concat());
    assert_eq!(without["kernels"].as_array().map(Vec::len), Some(0));
    assert!(positive(&without["ratios"]["ark_groth16"]) && without["ratios"]["ntt_ark_poly"].is_null());
}

#[test]
fn files_need_no_peer() {
    let folder = tempfile::tempdir().unwrap();
    let export = ["--log2", "8", "--export", "files"];
    let written = report(folder.path(), &export);
    assert_eq!((&written["constraints"], &written["public"]), (&248.into(), &2.into()));
    assert_eq!(names(&folder.path().join("files")), ["system.r1cs", "system.wtns"]);
    let output = peers(folder.path(), &export);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("files/system.r1cs: is there already"));
    let forced = [&export[..], &["--force", "--progress", "none"]].concat();
    let output = peers(folder.path(), &forced);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("248 constraints") && text.contains("files/system.wtns"), "{text}");
    assert!(output.stderr.is_empty());
    // The same bytes as beside proofs.
    let r1cs = std::fs::read(folder.path().join("files/system.r1cs")).unwrap();
    let run = ["--log2", "8", "--export", "run", "--peers", "ark", "--runs", "1", "--kernel-runs", "0"];
    report(folder.path(), &run);
    assert_eq!(std::fs::read(folder.path().join("run/system.r1cs")).unwrap(), r1cs);
}

#[test]
fn links_are_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("files")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("files/system.zkey")).unwrap();
    let export = ["--log2", "8", "--peers", "ark", "--export", "files", "--force"];
    let output = peers(folder.path(), &export);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.starts_with("zkmargin-peers: files/system.zkey: is a symbolic link"), "{text}");
}

#[test]
fn bad_input_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(i32, &str, &[&str]); 12] = [
        (2, "", &["required", "--peers <LIST>"]),
        (2, "--peers gnark", &["'gnark'", "ark, taceo, snarkjs"]),
        (2, "--peers ark --log2 7", &["7 is not in 8..=24"]),
        (2, "--peers ark --threads 9999", &["zkmargin-peers: --threads 9999: this process may use"]),
        (2, "--export files --runs 1", &["required", "--peers <LIST>"]),
        (2, "--export files --folded stacks", &["required", "--peers <LIST>"]),
        (
            1,
            "--peers snarkjs",
            &["zkmargin-peers: no snarkjs in benches/peers/node", "npm ci --prefix", "--snarkjs DIR"],
        ),
        (1, "--peers ark --runs 0", &["--runs 0: nothing to measure", "--kernel-runs"]),
        (1, "--peers ark --runs 0 --kernel-runs 1 --folded stacks", &["--runs 0: no phases"]),
        (
            1,
            "--peers ark --runs 0 --kernel-runs 1 --export files",
            &["--runs 0: no key", "leave out --peers"],
        ),
        (1, "--peers ark --shape huge", &["unknown shape 'huge'", "trade-64"]),
        (1, "--peers ark --log2 20 --memory 100", &["5500 MiB", "100 MiB are available", "fewer --peers"]),
    ];
    for (code, arguments, parts) in cases {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let output = peers(folder.path(), &arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        for part in parts {
            assert!(text.contains(part), "'{text}' does not say '{part}'");
        }
        assert!(names(folder.path()).is_empty());
    }
}
