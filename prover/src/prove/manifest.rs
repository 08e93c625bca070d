//! The files of a proven run: what `prove --out` writes and `verify` reads.
//!
//! ```text
//! DIR/manifest.json          shape, circuit, key, deployment, the batches in order
//! DIR/vk.bin                 the verifying key
//! DIR/batch-0001/bytes.bin   the published bytes, 31 an element, the header's first
//! DIR/batch-0001/proof.bin   the proof
//! DIR/batch-0001/statement.json   what the bytes say in their header, and the public inputs
//! ```

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Version of the layout.
pub const FORMAT: &str = "zkmargin/batches/v1";
/// File names.
pub const MANIFEST: &str = "manifest.json";
/// The verifying key.
pub const VERIFYING_KEY: &str = "vk.bin";
/// Published bytes of a batch.
pub const BYTES: &str = "bytes.bin";
/// Proof of a batch.
pub const PROOF: &str = "proof.bin";
/// Statement of a batch.
pub const STATEMENT: &str = "statement.json";

/// The whole run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// Whether the key is a development key: then proofs show nothing to others.
    pub insecure: bool,
    /// Shape's name and number.
    pub shape: String,
    /// Number by which the contract knows the shape.
    pub shape_id: u32,
    /// Circuit fingerprint, hexadecimal.
    pub circuit: String,
    /// Header element 3: the key's id, hexadecimal.
    pub key_id: String,
    /// Where it is valid.
    pub chain_id: u64,
    /// Address of the contract, hexadecimal.
    pub contract: String,
    /// State root before the first batch, hexadecimal.
    pub genesis_root: String,
    /// Batches in order.
    pub batches: Vec<Statement>,
}

/// One batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Number.
    pub batch: u64,
    /// Folder.
    pub folder: String,
    /// Batch time, seconds.
    pub time: u64,
    /// Trades proven.
    pub trades: usize,
    /// Published elements.
    pub elements: usize,
    /// State root before, hexadecimal.
    pub old_root: String,
    /// State root after, hexadecimal.
    pub new_root: String,
    /// Public inputs, hexadecimal: `keccak256(bytes) mod r`, and the bytes' value at the challenge.
    pub s: String,
    /// See `s`.
    pub v: String,
    /// Why the batch closed.
    pub closed: String,
}

/// Why a run cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum OutError {
    /// There is something already.
    #[error("{}: is there already; name another directory or remove it", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// The file system refuses.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not what it should be.
    #[error("{}:{line}: {what}", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Line.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// A directory that appears whole or not at all: written beside its place, renamed at the end.
pub struct OutDirectory {
    target: PathBuf,
    work: tempfile::TempDir,
}

impl OutDirectory {
    /// Starts beside `target`, which must not exist yet.
    pub fn begin(target: &Path) -> Result<Self, OutError> {
        if target.exists() {
            return Err(OutError::Exists { path: target.to_path_buf() });
        }
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(|source| io(parent, source))?;
        let work = tempfile::Builder::new()
            .prefix(".zkmargin-incomplete-")
            .tempdir_in(parent)
            .map_err(|source| io(parent, source))?;
        Ok(Self { target: target.to_path_buf(), work })
    }

    /// Writes one file, making folders as needed.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), OutError> {
        let path = self.work.path().join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| io(folder, source))?;
        }
        std::fs::write(&path, bytes).map_err(|source| io(&path, source))
    }

    /// Writes the manifest and gives the directory its name.
    pub fn finish(self, manifest: &Manifest) -> Result<PathBuf, OutError> {
        self.write(MANIFEST, &json(manifest))?;
        let work = self.work.keep();
        std::fs::rename(&work, &self.target).map_err(|source| {
            // What is incomplete must not stay behind.
            let _ = std::fs::remove_dir_all(&work);
            io(&self.target, source)
        })?;
        Ok(self.target)
    }
}

/// Indented JSON with a line end.
pub fn json<T: Serialize>(value: &T) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}

/// Reads a file.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, OutError> {
    std::fs::read(path).map_err(|source| io(path, source))
}

/// Reads a JSON file.
pub fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, OutError> {
    serde_json::from_slice(&read_bytes(path)?).map_err(|error| OutError::Malformed {
        path: path.to_path_buf(),
        line: error.line(),
        what: format!("not what zkmargin writes: {error}"),
    })
}

fn io(path: &Path, source: std::io::Error) -> OutError {
    OutError::Io { path: path.to_path_buf(), source }
}
