//! Key bytes, in memory or mapped from a file.

use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

/// The image of a key file.
pub(super) enum KeyBytes {
    Owned(Vec<u8>),
    Mapped(Mmap),
}

impl KeyBytes {
    /// Maps a whole file for reading.
    #[allow(unsafe_code)]
    pub fn map(path: &Path) -> io::Result<KeyBytes> {
        let file = File::open(path)?;
        // SAFETY: a mapping is sound while nobody changes the file under it. This program never
        // writes into a key file: it writes a new one and renames it, which leaves the mapped
        // inode as it was. The bytes are only read as `u8` and decoded by value, with every
        // coordinate range-checked, so even a foreign writer could cause wrong points (which the
        // prover's check of its own proof catches) or a bus error, but no invalid value.
        let map = unsafe { Mmap::map(&file)? };
        Ok(KeyBytes::Mapped(map))
    }
}

impl Deref for KeyBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            KeyBytes::Owned(bytes) => bytes,
            KeyBytes::Mapped(map) => map,
        }
    }
}
