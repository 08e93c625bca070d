//! Development keys on disk: made once for each circuit, then mapped. INSECURE, and their names say so.

mod error;

pub use error::KeyStoreError;

use crate::{file_lock, leftovers};
use error::{damaged, directory, unreadable};
use rand::rngs::OsRng;
use std::path::{Path, PathBuf};
use zkmargin_groth16::{
    Fingerprint, KeyFileError, KnowledgeBase, ProvingKey, Relation, VerifyingKey, setup_with_knowledge_base,
};

/// A directory of development keys.
#[derive(Debug, Clone)]
pub struct KeyStore {
    directory: PathBuf,
}

/// A key and where it is from.
pub struct Loaded {
    /// The proving key.
    pub key: ProvingKey,
    /// Path of its file.
    pub path: PathBuf,
    /// True if this process made the key just now.
    pub fresh: bool,
    /// What had to be put right beside the key, in one sentence.
    pub repaired: Option<String>,
}

/// What a key store tells while a key is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEvent {
    /// Another process makes the key, and this one waits for it.
    Waiting,
    /// This process makes the key.
    Making,
}

impl KeyStore {
    /// The given directory, or `zkmargin` in the user's cache directory.
    pub fn open(directory_path: Option<PathBuf>) -> Result<Self, KeyStoreError> {
        let path = match directory_path {
            Some(path) => path,
            None => cache_directory().ok_or(KeyStoreError::NoHome)?,
        };
        std::fs::create_dir_all(&path).map_err(|source| directory(&path, source))?;
        Ok(Self { directory: path })
    }

    /// File of a shape's proving key: shape, and the first eight digits of the circuit's fingerprint.
    pub fn proving_path(&self, shape: &str, fingerprint: &[u8; 32]) -> PathBuf {
        self.path(shape, fingerprint, "pk")
    }

    fn path(&self, shape: &str, fingerprint: &[u8; 32], ending: &str) -> PathBuf {
        let digits = Fingerprint(*fingerprint).to_string();
        self.directory.join(format!("INSECURE-development-{shape}-{}.{ending}", &digits[..8]))
    }

    /// The circuit's key; made and stored first if there is none.
    ///
    /// One process makes a key, others that want it wait. A verifying key file that is missing or damaged
    /// is written again. `tell` hears what takes long, and may refuse to go on.
    ///
    /// Errors: a damaged proving key or one of another circuit is refused, never replaced silently.
    pub fn load_or_make<R: Relation, E: From<KeyStoreError>>(
        &self,
        shape: &str,
        relation: &R,
        tell: &dyn Fn(KeyEvent) -> Result<(), E>,
    ) -> Result<Loaded, E> {
        let fingerprint = relation.fingerprint();
        let path = self.proving_path(shape, &fingerprint);
        if path.exists() {
            return Ok(self.load(shape, path, &fingerprint)?);
        }
        let lock_path = self.path(shape, &fingerprint, "lock");
        let unlockable = |source| directory(&lock_path, source);
        let _lock = match file_lock::try_lock(&lock_path).map_err(unlockable)? {
            Some(lock) => lock,
            None => {
                tell(KeyEvent::Waiting)?;
                file_lock::wait(&lock_path).map_err(unlockable)?
            }
        };
        // Another process may have made it since.
        if path.exists() {
            return Ok(self.load(shape, path, &fingerprint)?);
        }
        self.remove_parts_of(&path);
        tell(KeyEvent::Making)?;
        // With the knowledge base in γ the contract needs one pairing less.
        let key = setup_with_knowledge_base(relation, KnowledgeBase::Gamma, &mut OsRng)
            .map_err(KeyStoreError::from)?;
        let verifying = self.path(shape, &fingerprint, "vk");
        self.write(&verifying, |path| key.verifying_key().write(path))?;
        self.write(&path, |path| key.write(path))?;
        Ok(Loaded { key, path, fresh: true, repaired: None })
    }

    fn load(&self, shape: &str, path: PathBuf, fingerprint: &[u8; 32]) -> Result<Loaded, KeyStoreError> {
        let key = ProvingKey::open(&path, fingerprint).map_err(|error| damaged(&path, error))?;
        let verifying = self.path(shape, fingerprint, "vk");
        let repaired = self.repair(&verifying, key.verifying_key());
        Ok(Loaded { key, path, fresh: false, repaired })
    }

    /// Writes the verifying key's file again unless it is what it should be. That it cannot be written is no
    /// reason not to prove: the directory may be one that only others write to.
    fn repair(&self, path: &Path, key: &VerifyingKey) -> Option<String> {
        let right = key.to_bytes();
        let what = match std::fs::read(path) {
            Ok(bytes) if bytes == right => return None,
            Ok(_) => "was not the proving key's",
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "was missing",
            Err(_) => "could not be read",
        };
        Some(match self.write(path, |path| key.write(path)) {
            Ok(()) => format!("{}: {what} and was written again from the proving key", path.display()),
            Err(error) => format!("{}: {what} and cannot be written: {error}", path.display()),
        })
    }

    /// Removes what a process left that was killed while it wrote this file. Whoever has the file's lock is
    /// the only one who writes it.
    fn remove_parts_of(&self, path: &Path) {
        let prefix = parts_of(path);
        for entry in std::fs::read_dir(&self.directory).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                // If it cannot be removed, it does no harm.
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }

    /// Writes a file in a directory of its own and then gives it its name, so that a signal leaves no part.
    fn write(
        &self,
        path: &Path,
        write: impl FnOnce(&Path) -> Result<(), KeyFileError>,
    ) -> Result<(), KeyStoreError> {
        let failure = |source| directory(&self.directory, source);
        let prefix = parts_of(path);
        let make = || tempfile::Builder::new().prefix(&prefix).tempdir_in(&self.directory);
        let (folder, _leftover) = leftovers::create(make, |folder| folder.path()).map_err(failure)?;
        let part = folder.path().join("key");
        write(&part).map_err(|error| match error {
            KeyFileError::Io { source, .. } => directory(path, source),
            other => damaged(path, other),
        })?;
        std::fs::rename(&part, path).map_err(|source| directory(path, source))
    }
}

/// What names of directories begin with in which a file is written.
fn parts_of(path: &Path) -> String {
    format!(".incomplete-{}-", path.file_name().unwrap_or_default().to_string_lossy())
}

/// Reads a verifying key file of any circuit.
pub fn read_verifying(path: &Path) -> Result<VerifyingKey, KeyStoreError> {
    let bytes = std::fs::read(path).map_err(|source| unreadable(path, source))?;
    VerifyingKey::from_bytes(&bytes).map_err(|source| KeyStoreError::NoVerifyingKey {
        path: path.to_path_buf(),
        source: Box::new(source),
    })
}

fn cache_directory() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache"))).map(|base| base.join("zkmargin"))
}
