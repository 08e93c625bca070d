//! Runs the pinned compiler through `build.cjs`, and other programs of the package; installs what they
//! need from the lockfile where it is missing.

use sha2::{Digest, Sha256};
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

/// Compiles the contracts with one piece of one file's text replaced. Contracts that the file is no part of are the committed ones.
pub fn compile_with_bug(file: &str, from: &str, to: &str) -> Artefact {
    let contracts: &[&str] = match file {
        "MarginRollup.sol" | "Configurations.sol" => &["MarginRollup"],
        "Groth16.sol" => &["Groth16Verifier", "KeyedVerifier"],
        other => panic!("which contracts is {other} a part of?"),
    };
    let folder = tempfile::tempdir().unwrap();
    let mut inputs = sources("test-contracts");
    for (name, text) in sources("src/contracts") {
        let broken = name.ends_with(&format!("/{file}"));
        assert!(!broken || text.matches(from).count() == 1, "the text to break occurs once: {from}");
        let text = if broken { text.replace(from, to) } else { text };
        std::fs::write(folder.path().join(Path::new(&name).file_name().unwrap()), &text).unwrap();
        inputs.push((name, text));
    }
    let command = [&["build.cjs", "--contracts", folder.path().to_str().unwrap()], contracts].concat();
    inputs.push(("contracts".to_owned(), contracts.join(" ")));
    let mut artefact = Artefact::parse(&kept(inputs, &command)).unwrap();
    let names: Vec<&str> = artefact.contracts.keys().map(String::as_str).collect();
    assert_eq!(names, contracts);
    for (name, contract) in Artefact::committed().unwrap().contracts {
        artefact.contracts.entry(name).or_insert(contract);
    }
    artefact
}

/// Compiles one stand-alone file.
pub fn compile(name: &str, source: &str) -> Artefact {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, source).unwrap();
    let inputs = vec![(name.to_owned(), source.to_owned())];
    Artefact::parse(&kept(inputs, &["build.cjs", "--source", file.to_str().unwrap()])).unwrap()
}

/// Names and texts of the files in a folder of the package.
fn sources(folder: &str) -> Vec<(String, String)> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let text = std::fs::read_to_string(package().join(folder).join(&name)).unwrap();
        (format!("{folder}/{name}"), text)
    };
    let mut sources: Vec<_> = std::fs::read_dir(package().join(folder)).unwrap().map(read).collect();
    sources.sort();
    sources
}

/// What a run of the compiler prints. It is kept below the target directory under the hash of all that it depends on:
/// the inputs, `build.cjs`, and the packages of the lockfile. Of several processes one compiles, the others wait for it.
fn kept(mut inputs: Vec<(String, String)>, command: &[&str]) -> String {
    for name in ["build.cjs", "package-lock.json"] {
        inputs.push((name.to_owned(), std::fs::read_to_string(package().join(name)).unwrap()));
    }
    let mut hash = Sha256::new();
    for text in inputs.iter().flat_map(|(name, text)| [name, text]) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("solc");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{:x}.json", hash.finalize()));
    let lock = File::create(path.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if let Ok(text) = std::fs::read_to_string(&path) {
        return text;
    }
    installed();
    let text = run("node", command);
    let mut file = tempfile::NamedTempFile::new_in(&folder).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.persist(path).unwrap();
    text
}
