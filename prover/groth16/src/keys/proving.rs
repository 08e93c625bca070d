//! The proving key: one image, the same in memory and on disk.
//!
//! Its body is the verifying key's body, then β and δ in G1, then these sections of packed points:
//!
//! | section | group | one point for |
//! |---|---|---|
//! | `A`, `BG1` | G1 | each column: `Aᵢ(τ)`, `Bᵢ(τ)` |
//! | `BG2` | G2 | each column: `Bᵢ(τ)` |
//! | `H` | G1 | each `τⁱ·t(τ)/δ`, i < domain - 1 |
//! | `L` | G1 | each derived column: `(β·Aᵢ + α·Bᵢ + Cᵢ)/δ` |
//! | `Basis` | G1 | each committed column and the blinding wire: the same over γ |
//! | `BasisSigma` | G1 | the same times σ |
//!
//! Header, body and sections are multiples of 64 bytes, so that the points of a mapped file lie in
//! cache lines and are used where they are.
//!
//! Columns are `[1, public… | committed | blinding | derived]`. A committed wire thus has no place
//! over δ, where a prover could add it to C behind the commitment's back.

use super::file::{HEADER_BYTES, Header, Kind, write_atomically};
use super::map::KeyBytes;
use super::packed;
use super::{KeyFileError, VerifyingKey, verifying};
use crate::relation::Layout;
use ark_bn254::G1Affine;
use bytemuck::{cast_slice, cast_slice_mut};
use memmap2::MmapMut;
use std::ops::Range;
use std::path::Path;
use zkmargin_kernels::memory::zeros;
use zkmargin_kernels::points::{Packed, PackedG1, PackedG2};

// Points lie in cache lines: see above.
const _: () = assert!(HEADER_BYTES.is_multiple_of(align_of::<PackedG2>()));

/// A group of points of a proving key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// β and δ in G1.
    Fixed,
    A,
    BG1,
    BG2,
    H,
    L,
    Basis,
    BasisSigma,
}

impl Section {
    const ALL: [Section; 8] = [
        Section::Fixed,
        Section::A,
        Section::BG1,
        Section::BG2,
        Section::H,
        Section::L,
        Section::Basis,
        Section::BasisSigma,
    ];

    fn name(self) -> &'static str {
        match self {
            Section::Fixed => "beta and delta",
            Section::A => "A",
            Section::BG1 => "B in G1",
            Section::BG2 => "B in G2",
            Section::H => "H",
            Section::L => "L",
            Section::Basis => "commitment basis",
            Section::BasisSigma => "knowledge basis",
        }
    }

    /// Columns may be absent from a matrix or from all three. An identity in a basis would leave
    /// its wire out of the commitment.
    fn identity_allowed(self) -> bool {
        matches!(self, Section::A | Section::BG1 | Section::BG2 | Section::L)
    }

    fn points(self, layout: &Layout) -> usize {
        match self {
            Section::Fixed => 2,
            Section::A | Section::BG1 | Section::BG2 => layout.key_columns(),
            Section::H => layout.domain_size() - 1,
            Section::L => layout.derived,
            Section::Basis | Section::BasisSigma => layout.basis(),
        }
    }

    fn point_bytes(self) -> usize {
        if self == Section::BG2 { size_of::<PackedG2>() } else { size_of::<PackedG1>() }
    }

    /// The section's place in the image. Sizes are below 2^29 points, so nothing overflows 64 bits.
    fn range(self, layout: &Layout) -> Range<usize> {
        let mut start = HEADER_BYTES + verifying::body_bytes(layout);
        for section in Section::ALL {
            let end = start + section.points(layout) * section.point_bytes();
            if section == self {
                return start..end;
            }
            start = end;
        }
        start..start
    }
}

fn body_bytes(layout: &Layout) -> usize {
    Section::BasisSigma.range(layout).end - HEADER_BYTES
}

/// What a prover needs to know of a circuit.
pub struct ProvingKey {
    verifying_key: VerifyingKey,
    image: KeyBytes,
}

impl ProvingKey {
    /// The verifying key that belongs to this key.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying_key
    }

    /// The sizes of the circuit that the key belongs to.
    pub(crate) fn layout(&self) -> Layout {
        self.verifying_key.layout
    }

    /// The fingerprint of the circuit that the key belongs to.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.verifying_key.fingerprint
    }

    /// The length of the key file in bytes.
    pub fn file_bytes(&self) -> usize {
        self.image.len()
    }

    /// Writes the key file; replaces an older one in one step.
    pub fn write(&self, path: &Path) -> Result<(), KeyFileError> {
        write_atomically(path, &self.image)
    }

    /// Maps a key file. Refuses damage (checksum), keys of another circuit, points off the curve
    /// and forgeable verifying keys. The file must not be written to while the key is in use.
    ///
    /// Points of G2 in `BG2` are not checked for their subgroup here: that would take a minute,
    /// the checksum vouches for what setup wrote, and a wrong point can only spoil a proof, which
    /// the prover checks.
    pub fn open(path: &Path, fingerprint: &[u8; 32]) -> Result<ProvingKey, KeyFileError> {
        let image =
            KeyBytes::map(path).map_err(|source| KeyFileError::Io { path: path.to_path_buf(), source })?;
        let header = Header::read(&image, Kind::Proving, body_bytes)?;
        header.require(fingerprint)?;
        let key = Self::from_image(&header, image)?;
        key.check_sections()?;
        Ok(key)
    }

    fn from_image(header: &Header, image: KeyBytes) -> Result<ProvingKey, KeyFileError> {
        let end = HEADER_BYTES + verifying::body_bytes(&header.layout);
        let verifying_key = VerifyingKey::from_body(header, &image[HEADER_BYTES..end])?;
        Ok(ProvingKey { verifying_key, image })
    }

    fn check_sections(&self) -> Result<(), KeyFileError> {
        for section in Section::ALL {
            let invalid = match section {
                Section::BG2 => packed::first_invalid(self.b_g2(), true),
                _ => packed::first_invalid(self.g1(section), section.identity_allowed()),
            };
            if let Some(index) = invalid {
                return Err(KeyFileError::Point { section: section.name(), index });
            }
        }
        if let ([k, ..], [sigma_k, ..]) = (self.g1(Section::Basis), self.g1(Section::BasisSigma)) {
            self.verifying_key.check_sigma(k.to_affine(), sigma_k.to_affine())?;
        }
        Ok(())
    }

    fn bytes(&self, section: Section) -> &[u8] {
        &self.image[section.range(&self.layout())]
    }

    /// The points of a section in G1. The key was checked when it was opened; should its file have
    /// been changed since, points mean nothing and the finished proof fails its check.
    pub(crate) fn g1(&self, section: Section) -> &[PackedG1] {
        debug_assert_ne!(section, Section::BG2);
        cast_slice(self.bytes(section))
    }

    /// The points of `BG2`.
    pub(crate) fn b_g2(&self) -> &[PackedG2] {
        cast_slice(self.bytes(Section::BG2))
    }

    pub(crate) fn beta_and_delta_g1(&self) -> [G1Affine; 2] {
        let fixed = self.g1(Section::Fixed);
        [fixed[0].to_affine(), fixed[1].to_affine()]
    }
}

/// A key image being filled by a setup.
pub(crate) struct KeyBuilder {
    verifying_key: VerifyingKey,
    image: MmapMut,
}

impl KeyBuilder {
    /// All points but the verifying key's are the identity at first.
    pub fn new(verifying_key: VerifyingKey) -> Self {
        let layout = &verifying_key.layout;
        let mut image = zeros(HEADER_BYTES + body_bytes(layout)).expect("memory for the key");
        let end = HEADER_BYTES + verifying::body_bytes(layout);
        image[HEADER_BYTES..end].copy_from_slice(&verifying_key.body());
        KeyBuilder { verifying_key, image }
    }

    /// The points of a section in G1.
    pub fn g1(&mut self, section: Section) -> &mut [PackedG1] {
        debug_assert_ne!(section, Section::BG2);
        cast_slice_mut(self.bytes(section))
    }

    /// The points of `BG2`.
    pub fn b_g2(&mut self) -> &mut [PackedG2] {
        cast_slice_mut(self.bytes(Section::BG2))
    }

    fn bytes(&mut self, section: Section) -> &mut [u8] {
        let range = section.range(&self.verifying_key.layout);
        &mut self.image[range]
    }

    /// Computes the checksum; the result is what its file holds.
    pub fn finish(mut self) -> ProvingKey {
        let VerifyingKey { origin, fingerprint, layout, .. } = self.verifying_key;
        Header { kind: Kind::Proving, origin, fingerprint, layout }.seal(&mut self.image);
        let image = KeyBytes::filled(self.image).expect("memory of this process is made read-only");
        ProvingKey { verifying_key: self.verifying_key, image }
    }
}
