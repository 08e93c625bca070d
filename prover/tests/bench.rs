//! `zkmargin bench` at tiny sizes: the shape of its report, its files, and what it says to bad input.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use zkmargin_kernels::Backend;

fn bench(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zkmargin"));
    command.current_dir(folder).arg("bench").args(arguments).output().unwrap()
}

fn report(folder: &Path, arguments: &[&str]) -> Value {
    let output = bench(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    assert!(errors.lines().all(|line| line.starts_with("bench: ")), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn positive(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number > 0.0)
}

#[test]
fn our_prover_is_measured_alone() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--log2", "10", "--runs", "1", "--json", "--folded", "stacks"];
    let report = report(folder.path(), &arguments);
    assert_eq!(report["system"]["constraints"], 1016);
    assert_eq!(report["system"]["domain_log2"], 10);
    assert_eq!(report["ratios"].as_object().map(serde_json::Map::len), Some(0), "nobody to compare with");
    assert!(
        positive(&report["preparation"]["setup"]["wall"]) && report["preparation"]["ark_setup"].is_null()
    );
    let cores = report["machine"]["cores"].as_u64().unwrap();
    assert_eq!(report["proofs"].as_array().unwrap().len() as u64, cores.min(2));
    for (index, threads) in (1..=cores.min(2)).enumerate() {
        let proofs = &report["proofs"][index];
        assert_eq!(proofs["threads"], threads);
        assert_eq!(proofs["provers"].as_object().unwrap().keys().collect::<Vec<_>>(), ["ours"]);
        assert!(positive(&proofs["provers"]["ours"]["phases"]["msm_b_g2"]));
        assert!(positive(&report["distances"][index]["distance"]));
    }
    if cores > 1 {
        assert!(positive(&report["scaling"]["speedup"]["64"]), "{report}");
    }
    assert!(positive(&report["field"]["fq_ns"]) && positive(&report["field"]["fr_ns"]));
    assert_stacks(&std::fs::read_to_string(folder.path().join("stacks")).unwrap());
}

fn assert_stacks(stacks: &str) {
    for line in stacks.lines() {
        let (frames, count) = line.rsplit_once(' ').unwrap();
        assert!(frames.starts_with("prove, threads ") && frames.contains(';'), "{line}");
        count.parse::<u64>().unwrap();
    }
    assert!(stacks.contains("prove, threads 1;msm;msm_h "), "{stacks}");
}

#[test]
fn one_of_our_batches_is_a_system_too() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--shape", "tiny", "--runs", "1", "--kernel-runs", "0", "--threads", "2", "--json"];
    let report = report(folder.path(), &arguments);
    assert_eq!(report["system"]["public"], 4);
    assert!(positive(&report["proofs"][0]["provers"]["ours"]["median"]["wall"]), "{report}");
}

#[test]
fn alone_it_prints_a_report_for_people() {
    let folder = tempfile::tempdir().unwrap();
    let output = bench(folder.path(), &["--log2", "8", "--runs", "1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["products (", "mix 2^8: 248 constraints", "ours", "msm_b_g2", "times the floor", "ntt 2^8"] {
        assert!(text.contains(part), "no '{part}' in {text}");
    }
}

#[test]
fn kernels_have_runs_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let report = report(folder.path(), &["--log2", "8", "--runs", "1", "--kernel-runs", "2", "--json"]);
    assert_eq!((&report["runs"], &report["kernel_runs"]), (&1.into(), &2.into()));
    assert!(positive(&report["kernels"][0]["ours"]["wall"]), "{report}");
}

#[test]
fn kernels_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--log2", "8", "--runs", "1", "--kernel-runs", "0"];
    let report = report(folder.path(), &[&arguments[..], &["--json"]].concat());
    assert_eq!(report["kernels"].as_array().map(Vec::len), Some(0));
    let text = String::from_utf8(bench(folder.path(), &arguments).stdout).unwrap();
    assert!(!text.contains("ntt 2^8") && text.contains("times the floor"), "{text}");
}

#[test]
fn kernels_can_be_measured_alone() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--log2", "8", "--runs", "0", "--threads", "2", "--kernel-runs", "1"];
    let report = report(folder.path(), &[&arguments[..], &["--json"]].concat());
    assert_eq!(report["proofs"].as_array().map(Vec::len), Some(0));
    assert!(report["preparation"]["setup"].is_null(), "{report}");
    assert!(positive(&report["kernels"][0]["ours"]["wall"]), "{report}");
    let text = String::from_utf8(bench(folder.path(), &arguments).stdout).unwrap();
    assert!(text.contains("ntt 2^8") && !text.contains("times the floor"), "{text}");
}

#[test]
fn kernels_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let run = |kernels| {
        let arguments = ["--log2", "8", "--runs", "1", "--json", "--kernels", kernels];
        bench(folder.path(), &arguments)
    };
    for kernels in Backend::available() {
        let report: Value = serde_json::from_slice(&run(kernels.name()).stdout).unwrap();
        assert_eq!(report["field"]["path"], kernels.name());
    }
    for kernels in [Backend::Avx2, Backend::Avx512Ifma] {
        if !Backend::available().contains(&kernels) {
            let text = String::from_utf8(run(kernels.name()).stderr).unwrap();
            let refusal = format!("--kernels {kernels}: this processor can only run ");
            assert!(text.contains(&refusal) && text.contains("portable"), "{text}");
        }
    }
}

#[test]
fn bad_input_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[&str], &[&str]); 8] = [
        (&["--peers", "ark"], &["unexpected argument '--peers'"]),
        (&["--export", "files"], &["unexpected argument '--export'"]),
        (&["--log2", "7"], &["7 is not in 8..=24"]),
        (&["--threads", "0"], &["0 is not in 1.."]),
        (&["--kernels", "neon"], &["'neon'", "portable, avx2, avx512-ifma"]),
        (&["--runs", "0"], &["--runs 0: nothing to measure", "--kernel-runs"]),
        (&["--runs", "0", "--kernel-runs", "1", "--folded", "stacks"], &["--runs 0: no phases"]),
        (&["--shape", "huge"], &["unknown shape 'huge'", "trade-64"]),
    ];
    for (arguments, parts) in cases {
        let output = bench(folder.path(), arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?} succeeded");
        for part in parts {
            assert!(text.contains(part), "'{text}' does not say '{part}'");
        }
    }
}
