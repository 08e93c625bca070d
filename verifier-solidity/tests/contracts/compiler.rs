//! Runs the pinned compiler through `build.cjs`, and other programs of the package; installs what they
//! need from the lockfile where it is missing.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use zkmargin_verifier_solidity::artefact::Artefact;

fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Tests run in processes of their own: one of them installs, the others wait for it.
fn installed() {
    let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm.lock")).unwrap();
    lock.lock().unwrap();
    let present = |name: &str| package().join("node_modules").join(name).join("package.json").exists();
    if !["solc", "@noble/curves", "@noble/hashes"].into_iter().all(present) {
        run("npm", &["ci", "--ignore-scripts"]);
    }
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(package()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a program of the package with text on its standard input, and gives its output.
pub fn run_with_input(program: &str, input: &str) -> String {
    installed();
    let mut command = Command::new("node");
    command.arg(program).current_dir(package()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The programs read all of their input before they write.
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program}");
    String::from_utf8(output.stdout).unwrap()
}

/// Compiles every source and compares with the committed artefact, byte for byte.
pub fn check_committed() {
    installed();
    run("node", &["build.cjs", "--check"]);
}

/// Compiles the contracts with one piece of one file's text replaced.
pub fn compile_with_bug(file: &str, from: &str, to: &str) -> Artefact {
    installed();
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(package().join("src/contracts")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let source = std::fs::read_to_string(folder.path().join(file)).unwrap();
    assert_eq!(source.matches(from).count(), 1, "the text to break occurs once: {from}");
    std::fs::write(folder.path().join(file), source.replace(from, to)).unwrap();
    let json = run("node", &["build.cjs", "--contracts", folder.path().to_str().unwrap()]);
    Artefact::parse(&json).unwrap()
}

/// Compiles one stand-alone file.
pub fn compile(name: &str, source: &str) -> Artefact {
    installed();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, source).unwrap();
    let json = run("node", &["build.cjs", "--source", file.to_str().unwrap()]);
    Artefact::parse(&json).unwrap()
}
