//! The files of a run, which `docs/run-directory.md` describes: what `prove --out` writes and `verify` and `audit`
//! read. `replay --out` writes those that need no proof.
//!
//! ```text
//! DIR/genesis.json           listing, parameters and owners (also of a replay)
//! DIR/shape.toml             the shape (also of a replay)
//! DIR/manifest.json          shape, circuit, key, deployment, the batches in order
//! DIR/vk.bin                 the verifying key
//! DIR/batch-0001/bytes.bin   the published bytes, 31 per element, the header's first (also of a replay)
//! DIR/batch-0001/proof.bin   the proof
//! DIR/batch-0001/statement.json   what the bytes say in their header, and the public inputs
//! DIR/batch-0001/calldata.hex     the call of `applyBatch` that brings the batch on chain
//! ```

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Version of the layout of the directory.
pub const FORMAT: &str = "zkmargin/batches/v2";
/// Name of the file with the manifest.
pub const MANIFEST: &str = "manifest.json";
/// Name of the file with what the exchange starts with.
pub const GENESIS: &str = "genesis.json";
/// Name of the file with the shape.
pub const SHAPE: &str = "shape.toml";
/// Name of the file with the call that applies a batch, in hexadecimal.
pub const CALLDATA: &str = "calldata.hex";
/// Name of the file with the verifying key.
pub const VERIFYING_KEY: &str = "vk.bin";
/// Name of the file with the published bytes of a batch.
pub const BYTES: &str = "bytes.bin";
/// Name of the file with the proof of a batch.
pub const PROOF: &str = "proof.bin";
/// Name of the file with the statement of a batch.
pub const STATEMENT: &str = "statement.json";

/// The manifest of a whole run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the layout, [`FORMAT`].
    pub format: String,
    /// True if the key is a development key: then proofs show nothing to others.
    pub insecure: bool,
    /// Name of the shape.
    pub shape: String,
    /// Number by which the contract knows the shape.
    pub shape_id: u32,
    /// Fingerprint of the circuit, hexadecimal.
    pub circuit: String,
    /// Header element 3: the key's id, hexadecimal.
    pub key_id: String,
    /// Id of the chain that the proofs are for.
    pub chain_id: u64,
    /// Address of the contract, hexadecimal.
    pub contract: String,
    /// State root before the first batch, hexadecimal.
    pub genesis_root: String,
    /// Statements of the batches in order.
    pub batches: Vec<Statement>,
}

/// The statement of one batch. Numbers of trades and reasons are the word of the one who wrote it: the
/// published bytes do not determine them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Number of the batch.
    pub batch: u64,
    /// Name of the folder of the batch.
    pub folder: String,
    /// Time of the batch in seconds.
    pub time: u64,
    /// Number of trades that are proved.
    pub trades: usize,
    /// Number of published elements.
    pub elements: usize,
    /// State root before the batch, hexadecimal.
    pub old_root: String,
    /// State root after the batch, hexadecimal.
    pub new_root: String,
    /// Public inputs, hexadecimal: `keccak256(bytes) mod r`, and the bytes' value at the challenge.
    pub s: String,
    /// Value of the bytes at the challenge, hexadecimal.
    pub v: String,
    /// Reason for which the batch closed.
    pub closed: String,
}

/// Why a run cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum OutError {
    /// A file or directory has the name already.
    #[error("{}: is there already; name another directory or remove it", path.display())]
    Exists {
        /// Path of the directory.
        path: PathBuf,
    },
    /// An interrupted run lies there that another command began.
    #[error("{}: holds finished batches of another run: its {what} is {got}, this command's is {expected}; remove it or name another directory", path.display())]
    OtherRun {
        /// Path of the directory with the finished batches.
        path: PathBuf,
        /// Name of what differs.
        what: String,
        /// Value of the run that lies there.
        got: String,
        /// Value of this command.
        expected: String,
    },
    /// A directory has the name that an interrupted run would have.
    #[error("{}: is there already and is no interrupted run; remove it or name another directory", path.display())]
    NoRun {
        /// Path of the directory.
        path: PathBuf,
    },
    /// Another process writes there.
    #[error("{}: another zkmargin writes there; wait for it or name another directory", path.display())]
    Busy {
        /// Path of the directory.
        path: PathBuf,
    },
    /// The file system refuses to read or write.
    #[error("{}: {source}", path.display())]
    Io {
        /// Path of the file or folder.
        path: PathBuf,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}:{line}: {what}", path.display())]
    Malformed {
        /// Path of the file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// Writes indented JSON with a line end.
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

pub(super) fn io(path: &Path, source: std::io::Error) -> OutError {
    OutError::Io { path: path.to_path_buf(), source }
}
