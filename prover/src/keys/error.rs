//! Why there is no key, and what helps.

use std::io;
use std::path::{Path, PathBuf};
use zkmargin_groth16::{KeyFileError, SetupError};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// No directory was given and none can be derived.
    #[error("no home directory for keys; give one with --keys DIR")]
    NoHome,
    /// The directory cannot be written to.
    #[error("{}: {source}; give another directory with --keys DIR", path.display())]
    Directory {
        /// Path of the directory or file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// A file cannot be read. To remove it would not help.
    #[error("{}: {source}; check the path and who may read it", path.display())]
    Unreadable {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The proving key in the directory is damaged or another circuit's.
    #[error("{}: {source}; remove the file to have a new development key made, for which earlier proofs do not count", path.display())]
    Damaged {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong.
        source: Box<KeyFileError>,
    },
    /// The file that should hold a verifying key does not.
    #[error("{}: {source}; give the .vk file of a key directory, or vk.bin of a proven run", path.display())]
    NoVerifyingKey {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong.
        source: Box<KeyFileError>,
    },
    /// Setup refused the circuit.
    #[error("no key can be made: {0}")]
    Setup(#[from] SetupError),
}

pub(super) fn directory(path: &Path, source: io::Error) -> KeyStoreError {
    KeyStoreError::Directory { path: path.to_path_buf(), source }
}

pub(super) fn unreadable(path: &Path, source: io::Error) -> KeyStoreError {
    KeyStoreError::Unreadable { path: path.to_path_buf(), source }
}

/// The advice to remove the file is only for errors of its content.
pub(super) fn damaged(path: &Path, error: KeyFileError) -> KeyStoreError {
    match error {
        KeyFileError::Io { source, .. } => unreadable(path, source),
        other => KeyStoreError::Damaged { path: path.to_path_buf(), source: Box::new(other) },
    }
}
