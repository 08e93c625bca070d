//! One process makes a key; the others wait. An advisory lock on a file beside the key, which the system gives
//! back when its process ends, however it ends.

use super::KeyStoreError;
use super::error::directory;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

/// The right to make a key, until this is dropped.
pub struct KeyLock {
    #[expect(dead_code, reason = "the lock goes with the file")]
    file: File,
}

impl KeyLock {
    /// The lock, or none if another process has it.
    pub fn try_of(path: &Path) -> Result<Option<Self>, KeyStoreError> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            // A file system without locks: two processes may then make the same key, and the last one stays.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                Ok(Some(Self { file }))
            }
            Err(TryLockError::Error(source)) => Err(directory(path, source)),
        }
    }

    /// The lock, as soon as no other process has it.
    pub fn wait_for(path: &Path) -> Result<Self, KeyStoreError> {
        let file = open(path)?;
        file.lock().map_err(|source| directory(path, source))?;
        Ok(Self { file })
    }
}

fn open(path: &Path) -> Result<File, KeyStoreError> {
    let opened = File::options().create(true).truncate(false).write(true).open(path);
    opened.map_err(|source| directory(path, source))
}
