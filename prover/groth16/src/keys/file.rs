//! The header that both kinds of key file share, and their errors.

use super::{KeyError, KeyOrigin};
use crate::relation::{Layout, LayoutError};
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use thiserror::Error;

pub(super) const HEADER_BYTES: usize = 128;
const CHECKSUM_START: usize = 96;
const VERSION: u32 = 1;

/// A circuit's fingerprint, shown in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(
    /// The 32 bytes, in the order in which they are shown.
    pub [u8; 32],
);

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Why a file cannot be used as a key.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// The file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The first eight bytes are not those of the wanted kind of key.
    #[error("not a {expected} file of zkmargin")]
    WrongKind {
        /// Name of the wanted kind: `proving key` or `verifying key`.
        expected: &'static str,
    },
    /// The file has a format version that this crate does not read.
    #[error("format version {got}; this program reads version {VERSION}")]
    Version {
        /// The version that the file names.
        got: u32,
    },
    /// The file has an origin that is neither a development setup nor a ceremony.
    #[error("unknown origin {got}")]
    Origin {
        /// The code that the file names.
        got: u32,
    },
    /// The key belongs to another circuit.
    #[error("the key belongs to circuit {got}, not to {expected}")]
    KeyMismatch {
        /// Fingerprint of the circuit that a key was wanted for.
        expected: Fingerprint,
        /// Fingerprint of the circuit that the key belongs to.
        got: Fingerprint,
    },
    /// The file is shorter or longer than its layout says.
    #[error("the file has {got} bytes, its header promises {expected}")]
    Length {
        /// Length of the whole file in bytes, as the layout says.
        expected: usize,
        /// Length of the file in bytes.
        got: usize,
    },
    /// The checksum is not that of the header and body, so the file is damaged.
    #[error("the checksum is wrong: the file is damaged")]
    Checksum,
    /// The layout in the header describes no circuit.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A point of a proving key's section is invalid, or the identity where that is forbidden.
    #[error("{section}[{index}] is not a point of the curve, or the identity where that is forbidden")]
    Point {
        /// Name of the section, such as `B in G1`.
        section: &'static str,
        /// Index of the point in its section.
        index: usize,
    },
    /// The verifying key in the file is unacceptable.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The two kinds of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Proving,
    Verifying,
}

impl Kind {
    fn magic(self) -> &'static [u8; 8] {
        match self {
            Kind::Proving => b"ZKMARGPK",
            Kind::Verifying => b"ZKMARGVK",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Proving => "proving key",
            Kind::Verifying => "verifying key",
        }
    }
}

/// What a header says, apart from lengths and the checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub kind: Kind,
    pub origin: KeyOrigin,
    pub fingerprint: [u8; 32],
    pub layout: Layout,
}

impl Header {
    /// Fills the first 128 bytes of a key image whose body is complete.
    pub fn seal(&self, image: &mut [u8]) {
        let body = (image.len() - HEADER_BYTES) as u64;
        image[..8].copy_from_slice(self.kind.magic());
        image[8..12].copy_from_slice(&VERSION.to_le_bytes());
        image[12..16].copy_from_slice(&self.origin.code().to_le_bytes());
        image[16..48].copy_from_slice(&self.fingerprint);
        let Layout { constraints, public, committed_public, committed, derived } = self.layout;
        let sizes = [constraints, public, committed_public, committed, derived];
        for (size, word) in sizes.iter().zip(image[48..88].chunks_exact_mut(8)) {
            word.copy_from_slice(&(*size as u64).to_le_bytes());
        }
        image[88..96].copy_from_slice(&body.to_le_bytes());
        let checksum = checksum(image);
        image[CHECKSUM_START..HEADER_BYTES].copy_from_slice(&checksum);
    }

    /// Reads and checks a header against its image: kind, version, origin, layout, length,
    /// checksum. `body_bytes` says how long the body of a layout is.
    pub fn read(
        image: &[u8],
        kind: Kind,
        body_bytes: impl Fn(&Layout) -> usize,
    ) -> Result<Header, KeyFileError> {
        if image.len() < HEADER_BYTES {
            return Err(KeyFileError::Length { expected: HEADER_BYTES, got: image.len() });
        }
        if image[..8] != *kind.magic() {
            return Err(KeyFileError::WrongKind { expected: kind.name() });
        }
        let version = read_u64(&image[8..12]) as u32;
        if version != VERSION {
            return Err(KeyFileError::Version { got: version });
        }
        let origin = read_u64(&image[12..16]) as u32;
        let origin = KeyOrigin::from_code(origin).ok_or(KeyFileError::Origin { got: origin })?;
        let mut fingerprint = [0u8; 32];
        fingerprint.copy_from_slice(&image[16..48]);
        let layout = read_layout(&image[48..88])?;
        let expected = HEADER_BYTES + body_bytes(&layout);
        let promised = read_u64(&image[88..96]);
        if image.len() != expected || promised != (expected - HEADER_BYTES) as u64 {
            return Err(KeyFileError::Length { expected, got: image.len() });
        }
        if image[CHECKSUM_START..HEADER_BYTES] != checksum(image) {
            return Err(KeyFileError::Checksum);
        }
        Ok(Header { kind, origin, fingerprint, layout })
    }

    /// Refuses the key of another circuit.
    pub fn require(&self, expected: &[u8; 32]) -> Result<(), KeyFileError> {
        if self.fingerprint != *expected {
            return Err(KeyFileError::KeyMismatch {
                expected: Fingerprint(*expected),
                got: Fingerprint(self.fingerprint),
            });
        }
        Ok(())
    }
}

/// Sizes out of range become one beyond the largest, so that the layout's own check refuses them.
fn read_layout(bytes: &[u8]) -> Result<Layout, LayoutError> {
    let mut sizes = [0usize; 5];
    for (size, word) in sizes.iter_mut().zip(bytes.chunks_exact(8)) {
        *size = usize::try_from(read_u64(word)).map_err(|_| LayoutError::TooLarge)?;
    }
    let [constraints, public, committed_public, committed, derived] = sizes;
    let layout = Layout { constraints, public, committed_public, committed, derived };
    layout.check()?;
    Ok(layout)
}

/// Little-endian, up to eight bytes.
fn read_u64(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn checksum(image: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(&image[..CHECKSUM_START])
        .chain_update(&image[HEADER_BYTES..])
        .finalize()
        .into()
}

/// Writes a file so that a reader sees the old content or the new, never a part: a temporary
/// file beside it, flushed to disk, then renamed.
pub(super) fn write_atomically(path: &Path, content: &[u8]) -> Result<(), KeyFileError> {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let number = WRITES.fetch_add(1, Ordering::Relaxed);
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}-{number}.part", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = write_new(&temporary, content).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|source| {
        // The first error is the one worth telling; a left-over part file is harmless.
        let _ = fs::remove_file(&temporary);
        KeyFileError::Io { path: path.to_path_buf(), source }
    })
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
