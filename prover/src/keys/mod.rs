//! Development keys on disk: made once a circuit, then mapped. INSECURE, and their names say so.

use rand::rngs::OsRng;
use std::path::{Path, PathBuf};
use zkmargin_groth16::{
    Fingerprint, KeyFileError, KnowledgeBase, ProvingKey, Relation, SetupError, VerifyingKey,
    setup_with_knowledge_base,
};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// No directory was given and none can be derived.
    #[error("no home directory for keys; give one with --keys DIR")]
    NoHome,
    /// The directory cannot be used.
    #[error("{}: {source}; give another directory with --keys DIR", path.display())]
    Directory {
        /// Path of the directory or file.
        path: PathBuf,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// The file is damaged or another circuit's.
    #[error("{}: {source}; remove the file to have a new development key made", path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong.
        source: Box<KeyFileError>,
    },
    /// Setup refused the circuit.
    #[error("no key can be made: {0}")]
    Setup(#[from] SetupError),
}

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
    /// True if the key was made just now.
    pub fresh: bool,
}

impl KeyStore {
    /// The given directory, or `zkmargin` in the user's cache directory.
    pub fn open(directory: Option<PathBuf>) -> Result<Self, KeyStoreError> {
        let directory = match directory {
            Some(directory) => directory,
            None => cache_directory().ok_or(KeyStoreError::NoHome)?,
        };
        std::fs::create_dir_all(&directory)
            .map_err(|source| KeyStoreError::Directory { path: directory.clone(), source })?;
        Ok(Self { directory })
    }

    /// File of a shape's proving key: shape, and the first eight digits of the circuit's fingerprint.
    pub fn proving_path(&self, shape: &str, fingerprint: &[u8; 32]) -> PathBuf {
        self.path(shape, fingerprint, "pk")
    }

    /// The path of the verifying key of a shape.
    pub fn verifying_path(&self, shape: &str, fingerprint: &[u8; 32]) -> PathBuf {
        self.path(shape, fingerprint, "vk")
    }

    fn path(&self, shape: &str, fingerprint: &[u8; 32], kind: &str) -> PathBuf {
        let digits = Fingerprint(*fingerprint).to_string();
        self.directory.join(format!("INSECURE-development-{shape}-{}.{kind}", &digits[..8]))
    }

    /// The circuit's key; made and stored first if there is none.
    ///
    /// Errors: a damaged file or one of another circuit is refused, never replaced silently.
    pub fn load_or_make<R: Relation>(&self, shape: &str, relation: &R) -> Result<Loaded, KeyStoreError> {
        let fingerprint = relation.fingerprint();
        let path = self.proving_path(shape, &fingerprint);
        if path.exists() {
            let key = ProvingKey::open(&path, &fingerprint).map_err(|error| file(&path, error))?;
            return Ok(Loaded { key, path, fresh: false });
        }
        // With the knowledge base in γ the contract needs one pairing less.
        let key = setup_with_knowledge_base(relation, KnowledgeBase::Gamma, &mut OsRng)?;
        key.write(&path).map_err(|error| file(&path, error))?;
        let verifying = self.verifying_path(shape, &fingerprint);
        key.verifying_key().write(&verifying).map_err(|error| file(&verifying, error))?;
        Ok(Loaded { key, path, fresh: true })
    }
}

/// Reads a verifying key file of any circuit.
pub fn read_verifying(path: &Path) -> Result<VerifyingKey, KeyStoreError> {
    let bytes = std::fs::read(path)
        .map_err(|source| KeyStoreError::Directory { path: path.to_path_buf(), source })?;
    VerifyingKey::from_bytes(&bytes).map_err(|error| file(path, error))
}

fn file(path: &Path, error: KeyFileError) -> KeyStoreError {
    KeyStoreError::File { path: path.to_path_buf(), source: Box::new(error) }
}

fn cache_directory() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache"))).map(|base| base.join("zkmargin"))
}
