//! Points as proving keys store them: Montgomery limbs, little-endian, 64 bytes in G1 and 128 in
//! G2; the identity is all zero. Reading them is a copy, so a key of 10^6 wires opens at once.

use ark_bn254::{Fq, Fq2, g1, g2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use ark_ff::{BigInt, Fp, Zero};
use rayon::prelude::*;

pub(super) const G1_PACKED: usize = 64;
pub(super) const G2_PACKED: usize = 128;
const LIMB_BYTES: usize = 8;
const FQ_BYTES: usize = 32;
/// Points decoded by one task.
const CHUNK: usize = 1 << 12;

/// A point with a fixed-size packed form.
pub(super) trait Packed: Sized + Send + Sync {
    const BYTES: usize;

    fn pack(&self, out: &mut [u8]);

    /// None if a coordinate is not below q. Does not ask whether the point is on the curve.
    fn unpack(bytes: &[u8]) -> Option<Self>;

    fn on_curve(&self) -> bool;
}

impl Packed for Affine<g1::Config> {
    const BYTES: usize = G1_PACKED;

    fn pack(&self, out: &mut [u8]) {
        let (x, y) = self.xy().unwrap_or((Fq::zero(), Fq::zero()));
        pack_coordinates(&[x, y], out);
    }

    fn unpack(bytes: &[u8]) -> Option<Self> {
        let [x, y] = unpack_coordinates(bytes)?;
        if x.is_zero() && y.is_zero() {
            return Some(Affine::identity());
        }
        Some(Affine::new_unchecked(x, y))
    }

    fn on_curve(&self) -> bool {
        self.is_on_curve()
    }
}

impl Packed for Affine<g2::Config> {
    const BYTES: usize = G2_PACKED;

    fn pack(&self, out: &mut [u8]) {
        let (x, y) = self.xy().unwrap_or((Fq2::zero(), Fq2::zero()));
        pack_coordinates(&[x.c0, x.c1, y.c0, y.c1], out);
    }

    fn unpack(bytes: &[u8]) -> Option<Self> {
        let [x0, x1, y0, y1] = unpack_coordinates(bytes)?;
        let (x, y) = (Fq2::new(x0, x1), Fq2::new(y0, y1));
        if x.is_zero() && y.is_zero() {
            return Some(Affine::identity());
        }
        Some(Affine::new_unchecked(x, y))
    }

    fn on_curve(&self) -> bool {
        self.is_on_curve()
    }
}

/// Decodes a section. The key was checked when it was opened; should its file have been changed
/// since, unreadable points come out as the identity and the finished proof fails its check.
pub(super) fn unpack_all<P: Packed + AffineRepr>(bytes: &[u8]) -> Vec<P> {
    bytes
        .par_chunks_exact(P::BYTES)
        .with_min_len(CHUNK)
        .map(|point| P::unpack(point).unwrap_or_else(P::zero))
        .collect()
}

/// The first point of a section that is malformed, off the curve, or the identity where that may
/// not be.
pub(super) fn first_invalid<P: Packed + AffineRepr>(bytes: &[u8], identity_allowed: bool) -> Option<usize> {
    bytes.par_chunks_exact(P::BYTES).with_min_len(CHUNK).position_first(|point| {
        let valid = |point: P| if point.is_zero() { identity_allowed } else { point.on_curve() };
        !P::unpack(point).is_some_and(valid)
    })
}

fn pack_coordinates(coordinates: &[Fq], out: &mut [u8]) {
    for (coordinate, bytes) in coordinates.iter().zip(out.chunks_exact_mut(FQ_BYTES)) {
        // The inner integer of a field element is its Montgomery form.
        for (limb, word) in coordinate.0.0.iter().zip(bytes.chunks_exact_mut(LIMB_BYTES)) {
            word.copy_from_slice(&limb.to_le_bytes());
        }
    }
}

fn unpack_coordinates<const N: usize>(bytes: &[u8]) -> Option<[Fq; N]> {
    let mut coordinates = [Fq::zero(); N];
    for (coordinate, bytes) in coordinates.iter_mut().zip(bytes.chunks_exact(FQ_BYTES)) {
        let mut limbs = [0u64; 4];
        for (limb, word) in limbs.iter_mut().zip(bytes.chunks_exact(LIMB_BYTES)) {
            let mut eight = [0u8; LIMB_BYTES];
            eight.copy_from_slice(word);
            *limb = u64::from_le_bytes(eight);
        }
        // Limbs are taken as Montgomery form without conversion; the range check that a
        // conversion would do is the next line.
        *coordinate = Fp::new_unchecked(BigInt::new(limbs));
        if coordinate.is_geq_modulus() {
            return None;
        }
    }
    Some(coordinates)
}
