//! Checks a proven run from its files alone: the chain of headers, the public inputs, the proofs.

mod header;

#[cfg(test)]
mod tests;

pub use header::{HEADER_ELEMENTS, Header, HeaderError};

use crate::keys::{KeyStoreError, read_verifying};
use crate::prove::manifest::{
    BYTES, FORMAT, MANIFEST, Manifest, OutError, PROOF, STATEMENT, Statement, VERIFYING_KEY, read_bytes,
    read_json,
};
use crate::record::relation::public_inputs;
use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use std::path::{Path, PathBuf};
use zkmargin_groth16::{
    HashToField, KeyError, PreparedVerifyingKey, Proof, ProofError, VerifyError, VerifyingKey,
};
use zkmargin_verifier_solidity::{SolidityKeyError, key_id};

/// Why a run is refused.
#[derive(Debug, thiserror::Error)]
pub enum VerifyRunError {
    /// A file is missing or malformed.
    #[error(transparent)]
    File(#[from] OutError),
    /// The key is damaged.
    #[error(transparent)]
    KeyFile(#[from] KeyStoreError),
    /// The key is forgeable.
    #[error("{VERIFYING_KEY}: {0}")]
    Key(#[from] KeyError),
    /// The key is not for batches.
    #[error("{VERIFYING_KEY}: {0}")]
    Solidity(#[from] SolidityKeyError),
    /// The bytes are not a batch's.
    #[error("{}: {source}", path.display())]
    Header {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong.
        source: HeaderError,
    },
    /// The proof's file is damaged.
    #[error("{}: {source}; the file is damaged", path.display())]
    Proof {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong.
        source: ProofError,
    },
    /// The proof does not hold.
    #[error("{}: batch {batch} is refused: {source}; proof, bytes and key do not belong together", path.display())]
    Refused {
        /// Path of the file.
        path: PathBuf,
        /// Number of the batch.
        batch: u64,
        /// Check that fails.
        source: VerifyError,
    },
    /// Two things that should be equal are not.
    #[error("{}: {what} is {got}, expected {expected}", path.display())]
    Mismatch {
        /// Path of the file.
        path: PathBuf,
        /// Name of what differs.
        what: &'static str,
        /// Value that stands there.
        got: String,
        /// Value that should stand there.
        expected: String,
    },
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What the run says of itself, checked.
    pub manifest: Manifest,
    /// State root after the last batch.
    pub root: Fr,
}

/// Verifies a directory that `prove --out` wrote; `trusted` is the key to verify with, instead of
/// the one that lies in the directory.
pub fn verify(directory: &Path, trusted: Option<&Path>) -> Result<Verified, VerifyRunError> {
    let path = directory.join(MANIFEST);
    let manifest: Manifest = read_json(&path)?;
    require(&path, "format", &manifest.format, FORMAT)?;
    let key_path = trusted.map_or_else(|| directory.join(VERIFYING_KEY), Path::to_path_buf);
    let key = read_verifying(&key_path)?;
    let id = key_id(&key)?;
    require(&path, "key_id", &manifest.key_id, &hex(&id))?;
    let root = verify_batches(directory, &manifest, &key)?;
    Ok(Verified { manifest, root })
}

/// Verifies the batches that a manifest lists, from their files in a directory; the root after the last.
pub fn verify_batches(
    directory: &Path,
    manifest: &Manifest,
    key: &VerifyingKey,
) -> Result<Fr, VerifyRunError> {
    let path = directory.join(MANIFEST);
    let prepared = PreparedVerifyingKey::new(key)?;
    let mut root = manifest.genesis_root.clone();
    let mut last: Option<Header> = None;
    for (index, batch) in manifest.batches.iter().enumerate() {
        let folder = directory.join(folder_name(index as u64 + 1));
        require(&path, "folder", &batch.folder, &folder_name(index as u64 + 1))?;
        let header = verify_batch(&folder, batch, &prepared)?;
        let bytes_path = folder.join(BYTES);
        require(&bytes_path, "key id", &hex(&header.key_id), &manifest.key_id)?;
        require(&bytes_path, "shape", &header.shape_id.to_string(), &manifest.shape_id.to_string())?;
        require(&bytes_path, "chain", &header.chain_id.to_string(), &manifest.chain_id.to_string())?;
        require(&bytes_path, "contract", &hex(&header.contract), &manifest.contract)?;
        require(&bytes_path, "old root", &field_hex(header.old_root), &root)?;
        if let Some(last) = &last {
            follows(&bytes_path, last, &header)?;
        }
        root = field_hex(header.new_root);
        last = Some(header);
    }
    Ok(last.map_or(Fr::from(0u64), |header| header.new_root))
}

/// One batch: its header says what the manifest says, and its proof holds.
fn verify_batch(
    folder: &Path,
    batch: &Statement,
    key: &PreparedVerifyingKey,
) -> Result<Header, VerifyRunError> {
    let bytes_path = folder.join(BYTES);
    let bytes = read_bytes(&bytes_path)?;
    let header =
        Header::read(&bytes).map_err(|source| VerifyRunError::Header { path: bytes_path.clone(), source })?;
    let statement: Statement = read_json(&folder.join(STATEMENT))?;
    if statement != *batch {
        let path = folder.join(STATEMENT);
        return Err(mismatch(&path, "statement", "another one", "that of the manifest"));
    }
    require(&bytes_path, "batch", &header.batch.to_string(), &batch.batch.to_string())?;
    require(&bytes_path, "time", &header.time.to_string(), &batch.time.to_string())?;
    require(&bytes_path, "elements", &header.elements.to_string(), &batch.elements.to_string())?;
    require(&bytes_path, "old root", &field_hex(header.old_root), &batch.old_root)?;
    require(&bytes_path, "new root", &field_hex(header.new_root), &batch.new_root)?;
    let proof_path = folder.join(PROOF);
    let proof = Proof::from_bytes(&read_bytes(&proof_path)?)
        .map_err(|source| VerifyRunError::Proof { path: proof_path.clone(), source })?;
    let inputs = inputs(&bytes, &proof);
    require(&bytes_path, "s", &field_hex(inputs[0]), &batch.s)?;
    key.verify(&inputs, &proof, HashToField::Keccak256).map_err(|source| VerifyRunError::Refused {
        path: proof_path,
        batch: batch.batch,
        source,
    })?;
    require(&bytes_path, "v", &field_hex(inputs[1]), &batch.v)?;
    Ok(header)
}

/// The public inputs s and v of published bytes under a proof's challenge.
pub fn inputs(bytes: &[u8], proof: &Proof) -> [Fr; 2] {
    let digest = crate::record::relation::digest(bytes);
    let challenge = match &proof.commitment {
        Some(commitment) => HashToField::Keccak256.challenge(&commitment.point, &[digest]),
        None => Fr::from(0u64),
    };
    public_inputs(bytes, challenge)
}

/// Number, time and cursor of a batch follow from the one before.
fn follows(path: &Path, last: &Header, next: &Header) -> Result<(), VerifyRunError> {
    require(path, "batch", &next.batch.to_string(), &(last.batch + 1).to_string())?;
    require(path, "deposits before", &next.deposits_before.to_string(), &last.deposits_after.to_string())?;
    if next.time < last.time {
        let expected = format!("at least {}", last.time);
        return Err(mismatch(path, "time", &next.time.to_string(), &expected));
    }
    Ok(())
}

fn require(path: &Path, what: &'static str, got: &str, expected: &str) -> Result<(), VerifyRunError> {
    if got == expected { Ok(()) } else { Err(mismatch(path, what, got, expected)) }
}

fn mismatch(path: &Path, what: &'static str, got: &str, expected: &str) -> VerifyRunError {
    let (got, expected) = (got.to_owned(), expected.to_owned());
    VerifyRunError::Mismatch { path: path.to_path_buf(), what, got, expected }
}

/// Folder of the n-th batch of a run, from 1.
pub fn folder_name(number: u64) -> String {
    format!("batch-{number:04}")
}

/// Writes bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
}

/// A field element as 32 big-endian bytes in hexadecimal.
pub fn field_hex(value: Fr) -> String {
    hex(&value.into_bigint().to_bytes_be())
}

/// The key that a run was verified with, for reports.
pub fn describe_key(key: &VerifyingKey) -> &'static str {
    if key.origin.is_insecure() { "INSECURE development key" } else { "key from a ceremony" }
}
