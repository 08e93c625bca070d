//! Checks a proven run from its files alone: the chain of headers, the public inputs, the proofs.

#[cfg(test)]
mod tests;

pub use zkmargin_circuits::gadgets::hex::field_hex;
pub use zkmargin_circuits::publication::{HEADER_ELEMENTS, Header, HeaderError};

use crate::keys::{KeyStoreError, read_verifying};
use crate::prove::manifest::{
    BYTES, CALLDATA, FORMAT, MANIFEST, Manifest, OutError, PROOF, STATEMENT, Statement, VERIFYING_KEY, json,
    read_bytes, read_json,
};
use crate::record::relation::{ELEMENT_BYTES, public_inputs};
use ark_bn254::Fr;
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkmargin_circuits::publication::ListPlaces;
use zkmargin_groth16::{
    Fingerprint, HashToField, KeyError, PreparedVerifyingKey, Proof, ProofError, VerifyError, VerifyingKey,
};
use zkmargin_verifier_solidity as evm;
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
    /// The batch has no call.
    #[error("{}: {source}", path.display())]
    Calldata {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong.
        source: Box<CalldataError>,
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
    /// A run without batches shows nothing.
    #[error("{}: lists no batches: there is nothing to verify", path.display())]
    Empty {
        /// Path of the manifest.
        path: PathBuf,
    },
    /// A file holds what it should in another form.
    #[error("{}: is not byte for byte what zkmargin writes", path.display())]
    Form {
        /// Path of the file.
        path: PathBuf,
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

/// What the verdict may rest on besides the directory.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trusted<'a> {
    /// The key to verify with; without it the directory's own, on the directory's word.
    pub key: Option<&'a Path>,
    /// The state root before the first batch; without it the first batch must be batch 1.
    pub root: Option<Fr>,
    /// The circuit, by its fingerprint, and what its bytes look like.
    pub circuit: Option<&'a Expected>,
}

/// What a circuit was found to be, by compiling it or by somebody's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Fingerprint of the circuit.
    pub fingerprint: [u8; 32],
    /// Id of the shape and places of its lists, if it was compiled here.
    pub shape: Option<(u32, ListPlaces)>,
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What the run says of itself. All of it agrees with the bytes, the key and what was trusted, but for
    /// what [`Statement`] names as the directory's word.
    pub manifest: Manifest,
    /// The key that the proofs hold for.
    pub key: VerifyingKey,
    /// Number of the first batch.
    pub first: u64,
    /// Number of the last batch.
    pub last: u64,
    /// State root before the first batch.
    pub from: Fr,
    /// State root after the last batch.
    pub root: Fr,
}

/// Verifies a directory that `prove --out` wrote.
///
/// The proofs, the chain of headers and every number that bytes or key determine are checked; so is the
/// circuit where it is given. Errors: the first thing that does not hold, with its file.
pub fn verify(directory: &Path, trusted: &Trusted<'_>) -> Result<Verified, VerifyRunError> {
    let path = directory.join(MANIFEST);
    let manifest: Manifest = read_json(&path)?;
    require(&path, "format", &manifest.format, FORMAT)?;
    require_form(&path, &manifest)?;
    let key_path = trusted.key.map_or_else(|| directory.join(VERIFYING_KEY), Path::to_path_buf);
    let key = read_verifying(&key_path)?;
    let id = key_id(&key)?;
    require(&path, "key_id", &manifest.key_id, &hex(&id))?;
    require(&path, "insecure", &manifest.insecure.to_string(), &key.origin.is_insecure().to_string())?;
    require(&path, "circuit", &manifest.circuit, &Fingerprint(key.fingerprint).to_string())?;
    if let Some(expected) = trusted.circuit {
        let names = [key.fingerprint, expected.fingerprint].map(|print| Fingerprint(print).to_string());
        require(&key_path, "circuit", &names[0], &names[1])?;
    }
    let chain = verify_batches(directory, &manifest, &key)?;
    if let Some(root) = trusted.root {
        require(&path, "root before the first batch", &field_hex(chain.from), &field_hex(root))?;
    } else if chain.first != 1 {
        let expected = "1, or the root before it given with --root";
        return Err(mismatch(&path, "first batch", &chain.first.to_string(), expected));
    }
    if let Some((id, places)) = trusted.circuit.and_then(|expected| expected.shape) {
        require(&path, "shape_id", &manifest.shape_id.to_string(), &id.to_string())?;
        require(&path, "places of the lists", &format!("{:?}", chain.places), &format!("{places:?}"))?;
    }
    let Chain { first, last, from, root, .. } = chain;
    Ok(Verified { manifest, key, first, last, from, root })
}

/// A JSON file is refused if anything in it is not as the value is written: a reader of the file must not
/// see what nothing checked.
fn require_form(path: &Path, value: &impl Serialize) -> Result<(), VerifyRunError> {
    if read_bytes(path)? == json(value) {
        return Ok(());
    }
    Err(VerifyRunError::Form { path: path.to_path_buf() })
}

/// What the headers of a run say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// Number of the first batch.
    pub first: u64,
    /// Number of the last batch.
    pub last: u64,
    /// State root before the first batch.
    pub from: Fr,
    /// State root after the last batch.
    pub root: Fr,
    /// Where the lists of each batch stand.
    pub places: ListPlaces,
}

/// Verifies the batches that a manifest lists, from their files in a directory.
///
/// Errors: no batches; the first thing that does not hold, with its file.
pub fn verify_batches(
    directory: &Path,
    manifest: &Manifest,
    key: &VerifyingKey,
) -> Result<Chain, VerifyRunError> {
    let path = directory.join(MANIFEST);
    let prepared = PreparedVerifyingKey::new(key)?;
    let mut root = manifest.genesis_root.clone();
    let mut ends: Option<(Header, Header)> = None;
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
        if let Some((_, last)) = &ends {
            follows(&bytes_path, last, &header)?;
        }
        root = field_hex(header.new_root);
        ends = Some((ends.map_or(header, |(first, _)| first), header));
    }
    let (first, last) = ends.ok_or(VerifyRunError::Empty { path })?;
    let places = first.places();
    Ok(Chain { first: first.batch, last: last.batch, from: first.old_root, root: last.new_root, places })
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
        return Err(mismatch(&path, "statement", "another one", "the manifest's"));
    }
    require_form(&folder.join(STATEMENT), &statement)?;
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
    let call_path = folder.join(CALLDATA);
    let expected = calldata(&bytes, &proof)
        .map_err(|source| VerifyRunError::Calldata { path: call_path.clone(), source: Box::new(source) })?;
    if read_bytes(&call_path)? != expected.as_bytes() {
        return Err(mismatch(&call_path, "calldata", "another call", "that of these bytes and this proof"));
    }
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

/// The call of `applyBatch` that brings a batch on chain: `0x`, hexadecimal digits, a line end.
///
/// Errors: bytes without a header, a time of more than 40 bits, a proof that the contract has no form for.
pub fn calldata(bytes: &[u8], proof: &Proof) -> Result<String, CalldataError> {
    let header = Header::read(bytes)?;
    let call = evm::Batch {
        shape_id: header.shape_id,
        new_root: header.new_root,
        time: header.time,
        deposits_after: header.deposits_after,
    };
    let lists = &bytes[HEADER_ELEMENTS * ELEMENT_BYTES..];
    let call = call.calldata(lists, proof)?;
    Ok(hex(&call) + "\n")
}

/// Why there is no call for a batch.
#[derive(Debug, thiserror::Error)]
pub enum CalldataError {
    /// The bytes are not a batch's.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The contract has no form for it.
    #[error(transparent)]
    Form(#[from] evm::RollupError),
}

/// Number, time and cursor of a batch follow from the one before.
fn follows(path: &Path, last: &Header, next: &Header) -> Result<(), VerifyRunError> {
    // A number of 64 bits may be the last there is.
    let number = last.batch.checked_add(1).map_or_else(|| "no batch".to_owned(), |number| number.to_string());
    require(path, "batch", &next.batch.to_string(), &number)?;
    require(path, "configuration", &hex(&next.config), &hex(&last.config))?;
    require(path, "places of the lists", &format!("{:?}", next.places()), &format!("{:?}", last.places()))?;
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

/// The key that a run was verified with, for reports.
pub fn describe_key(key: &VerifyingKey) -> &'static str {
    if key.origin.is_insecure() { "INSECURE development key" } else { "key from a ceremony" }
}
