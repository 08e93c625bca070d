//! The files of a run, read one batch at a time.

use super::finding::{AuditError, Finding, require, unreadable};
use crate::keys::read_verifying;
use crate::prove::manifest::{
    BYTES, CALLDATA, FORMAT, GENESIS, MANIFEST, Manifest, PROOF, SHAPE, STATEMENT, Statement, VERIFYING_KEY,
    json,
};
use crate::record::genesis::GenesisFile;
use crate::verify::{calldata, describe_key, field_hex, folder_name, hex, inputs};
use ark_bn254::Fr;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::publication::Header;
use zkmargin_circuits::state::State;
use zkmargin_groth16::{Fingerprint, Proof, VerifyingKey};
use zkmargin_verifier_solidity::key_id;

/// A directory that `prove --out` or `replay --out` wrote.
pub struct Directory {
    /// The directory.
    pub path: PathBuf,
    /// What the exchange started with, and the file that says so.
    pub genesis: GenesisFile,
    /// The shape of all batches.
    pub shape: Shape,
    /// The key to verify with; none in a run without proofs.
    pub key: Option<Key>,
    /// Number of batches.
    pub batches: u64,
    manifest: Option<Manifest>,
    genesis_path: PathBuf,
}

/// A verifying key and where it came from.
pub struct Key {
    /// The key.
    pub key: VerifyingKey,
    /// Its id, which is header element 3.
    pub id: [u8; 31],
    path: PathBuf,
}

/// A batch's files.
pub struct BatchFiles {
    /// Number of the batch by its place in the directory, from 1.
    pub number: u64,
    /// Path of the published bytes.
    pub path: PathBuf,
    /// The published bytes.
    pub bytes: Vec<u8>,
    /// The public inputs and the proof; none in a run without proofs.
    pub proven: Option<([Fr; 2], Proof)>,
}

impl Directory {
    /// Reads what the whole run has in common. `genesis` and `key` are files that the caller trusts in place of
    /// the directory's.
    pub fn open(path: &Path, genesis: Option<&Path>, key: Option<&Path>) -> Result<Self, AuditError> {
        if !path.is_dir() {
            let text = "is no directory; give the one that `prove --out` or `replay --out` wrote";
            return Err(AuditError::CouldNotRun(format!("{}: {text}", path.display())));
        }
        let genesis_path = genesis.map_or_else(|| path.join(GENESIS), Path::to_path_buf);
        let genesis: GenesisFile = from_json(&genesis_path, &read(&genesis_path)?)?;
        let shape_path = path.join(SHAPE);
        let text = String::from_utf8_lossy(&read(&shape_path)?).into_owned();
        let shape = Shape::parse(&text)
            .map_err(|error| Finding::in_file(&shape_path, "shape", "a shape file", error))?;
        let key_path = key.map_or_else(|| path.join(VERIFYING_KEY), Path::to_path_buf);
        let has_key = key.is_some() || key_path.exists();
        let key = has_key.then(|| Key::read(&key_path)).transpose()?;
        let manifest_path = path.join(MANIFEST);
        let manifest: Option<Manifest> = match manifest_path.exists() {
            true => Some(from_json(&manifest_path, &read(&manifest_path)?)?),
            false if key.is_some() => {
                return Err(Finding::in_file(&manifest_path, "file", "the manifest", "no file").into());
            }
            false => None,
        };
        let batches = count(path)?;
        let directory =
            Self { path: path.to_path_buf(), genesis, shape, key, batches, manifest, genesis_path };
        directory.check_manifest()?;
        Ok(directory)
    }

    /// The state of the genesis.
    pub fn state(&self) -> Result<State, Finding> {
        self.genesis.state().map_err(|error| {
            Finding::in_file(&self.genesis_path, "genesis", "one that follows from its own fields", error)
        })
    }

    /// The files of a batch. What they say of the bytes is compared with them; the proof is not verified.
    pub fn batch(&self, number: u64) -> Result<BatchFiles, AuditError> {
        let folder = self.path.join(folder_name(number));
        let path = folder.join(BYTES);
        let bytes = read(&path).map_err(|error| of_batch(error, number))?;
        let mut files = BatchFiles { number, path, bytes, proven: None };
        if self.key.is_some() {
            self.proven(&folder, &mut files).map_err(|error| of_batch(error, number))?;
        }
        Ok(files)
    }

    fn proven(&self, folder: &Path, files: &mut BatchFiles) -> Result<(), AuditError> {
        let path = folder.join(PROOF);
        let proof = Proof::from_bytes(&read(&path)?)
            .map_err(|error| Finding::in_file(&path, "proof", "a proof", error))?;
        let header = Header::read(&files.bytes)
            .map_err(|error| Finding::in_file(&files.path, "header", "a batch's header", error))?;
        let path = folder.join(STATEMENT);
        let written = read(&path)?;
        let statement: Statement = from_json(&path, &written)?;
        let inputs = inputs(&files.bytes, &proof);
        let expected = stated(files.number, &header, inputs, &statement);
        // Byte for byte: a reader must not see in the file what nothing checked.
        if written != json(&expected) {
            let (what, expected, found) = first_line(&json(&expected), &written);
            return Err(Finding::in_file(&path, what, expected, found).into());
        }
        if let Some(manifest) = &self.manifest {
            let path = self.path.join(MANIFEST);
            let listed = manifest.batches.get(files.number as usize - 1).map(json).unwrap_or_default();
            if listed != written {
                let (what, expected, found) = first_line(&written, &listed);
                let what = format!("statement of the batch, {what}");
                return Err(Finding::in_file(&path, what, expected, found).into());
            }
        }
        let path = folder.join(CALLDATA);
        let call = calldata(&files.bytes, &proof)
            .map_err(|error| Finding::in_file(&path, "calldata", "a call of these bytes", error))?;
        if read(&path)? != call.as_bytes() {
            return Err(Finding::in_file(&path, "calldata", "the call of bytes and proof", "another").into());
        }
        files.proven = Some((inputs, proof));
        Ok(())
    }

    /// What the manifest says of the run as a whole.
    fn check_manifest(&self) -> Result<(), Finding> {
        let (Some(manifest), Some(Key { key, id, path: key_path })) = (&self.manifest, &self.key) else {
            return Ok(());
        };
        let path = self.path.join(MANIFEST);
        require(&path, "format", FORMAT, &manifest.format)?;
        require(&path, "insecure", key.origin.is_insecure(), manifest.insecure)?;
        require(&path, "shape", &self.shape.name, &manifest.shape)?;
        require(&path, "shape_id", self.shape.id, manifest.shape_id)?;
        // The manifest is of the directory's own key; a key that was given may be another file, not another key.
        require(key_path, "key_id", &manifest.key_id, hex(id))?;
        require(key_path, "circuit", &manifest.circuit, Fingerprint(key.fingerprint))?;
        require(&path, "genesis_root", &self.genesis.root, &manifest.genesis_root)?;
        require(&path, "batches", self.batches, manifest.batches.len())
    }

    /// Chain and contract that the manifest names; none without a manifest.
    pub fn deployment(&self) -> Option<(u64, &str)> {
        self.manifest.as_ref().map(|manifest| (manifest.chain_id, manifest.contract.as_str()))
    }

    /// Path of the manifest.
    pub fn manifest_path(&self) -> PathBuf {
        self.path.join(MANIFEST)
    }
}

impl Key {
    fn read(path: &Path) -> Result<Self, AuditError> {
        if !path.is_file() {
            return Err(AuditError::CouldNotRun(format!("{}: no file", path.display())));
        }
        let wrong = |error: &dyn std::fmt::Display| Finding::in_file(path, "key", "a verifying key", error);
        let key = read_verifying(path).map_err(|error| wrong(&error))?;
        let id = key_id(&key).map_err(|error| wrong(&error))?;
        Ok(Self { key, id, path: path.to_path_buf() })
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the key is, in words.
    pub fn describe(&self) -> &'static str {
        describe_key(&self.key)
    }
}

/// The statement that bytes and proof give; trades and the reason of the end are taken as written.
fn stated(number: u64, header: &Header, [s, v]: [Fr; 2], written: &Statement) -> Statement {
    Statement {
        batch: header.batch,
        folder: folder_name(number),
        time: header.time,
        trades: written.trades,
        elements: header.elements as usize,
        old_root: field_hex(header.old_root),
        new_root: field_hex(header.new_root),
        s: field_hex(s),
        v: field_hex(v),
        closed: written.closed.clone(),
    }
}

/// How many batches there are: folders `batch-0001` and on, without gaps.
fn count(path: &Path) -> Result<u64, AuditError> {
    let mut folders = 0;
    for entry in std::fs::read_dir(path).map_err(|error| unreadable(path, &error))? {
        let name = entry.map_err(|error| unreadable(path, &error))?.file_name();
        folders += u64::from(name.to_string_lossy().starts_with("batch-"));
    }
    if folders == 0 {
        return Err(AuditError::CouldNotRun(format!("{}: holds no batches", path.display())));
    }
    for number in 1..=folders {
        let folder = path.join(folder_name(number));
        if !folder.is_dir() {
            let finding =
                Finding::in_file(&folder, "folder", format!("one of {folders} batches"), "no folder");
            return Err(finding.of_batch(number).into());
        }
    }
    Ok(folders)
}

/// A file of the run: one that is missing is a fault of the run.
fn read(path: &Path) -> Result<Vec<u8>, AuditError> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Finding::in_file(path, "file", "a file", "no file").into(),
        _ => unreadable(path, &error),
    })
}

fn from_json<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, Finding> {
    serde_json::from_slice(bytes)
        .map_err(|error| Finding::in_file(path, "JSON", "what zkmargin writes", error))
}

fn of_batch(error: AuditError, number: u64) -> AuditError {
    match error {
        AuditError::Dirty(finding) => finding.of_batch(number).into(),
        other => other,
    }
}

/// The first line in which two texts differ: its field, and both lines.
fn first_line(expected: &[u8], found: &[u8]) -> (String, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (expected, found) = (text(expected), text(found));
    let lines = expected.lines().zip(found.lines().chain(std::iter::repeat("")));
    let (expected, found) = lines.into_iter().find(|(a, b)| a != b).unwrap_or(("nothing more", "more"));
    let field = expected.split('"').nth(1).unwrap_or("form").to_owned();
    (field, expected.trim().to_owned(), found.trim().to_owned())
}
