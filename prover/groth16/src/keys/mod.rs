//! Proving and verifying keys, what makes a key acceptable, and their files.
//!
//! A key file is a header of 128 bytes and a body whose length follows from the header's layout:
//!
//! | bytes | content |
//! |---|---|
//! | 0–8 | `ZKMARGPK` or `ZKMARGVK` |
//! | 8–12 | format version, little-endian |
//! | 12–16 | origin: 1 INSECURE development, 2 ceremony |
//! | 16–48 | fingerprint of the circuit |
//! | 48–88 | layout: constraints, public, committed public, committed, derived |
//! | 88–96 | length of the body |
//! | 96–128 | SHA-256 of the 96 bytes before and of the body |
//!
//! The checksum finds damage; it is no signature: what a header says is worth as much as the key's id,
//! which covers it (`zkmargin_verifier_solidity::key_id`). A hostile proving key cannot make a verifier
//! accept anything, since the verifier uses its own verifying key.

mod check;
mod element;
mod file;
mod map;
mod packed;
mod proving;
mod relations;
mod verifying;

pub use check::KeyError;
pub use element::KeyElement;
pub use file::{Fingerprint, KeyFileError};
pub use proving::ProvingKey;
pub(crate) use proving::{KeyBuilder, Section};
pub use verifying::{CommitmentKey, VerifyingKey};

/// Where the secrets behind a key went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOrigin {
    /// INSECURE: one process drew all secrets, and who ran it could have kept them and can forge.
    InsecureDevelopment,
    /// A ceremony of several contributors, sound if one of them was honest.
    Ceremony,
}

impl KeyOrigin {
    /// Tells whether outputs made with the key must carry the word INSECURE.
    pub fn is_insecure(self) -> bool {
        self == KeyOrigin::InsecureDevelopment
    }

    fn code(self) -> u32 {
        match self {
            KeyOrigin::InsecureDevelopment => 1,
            KeyOrigin::Ceremony => 2,
        }
    }

    fn from_code(code: u32) -> Option<Self> {
        match code {
            1 => Some(KeyOrigin::InsecureDevelopment),
            2 => Some(KeyOrigin::Ceremony),
            _ => None,
        }
    }
}
