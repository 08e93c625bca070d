//! Checks of points as proving keys store them: Montgomery limbs, 64 bytes in G1 and 128 in G2; the
//! identity is all zero. They are used as they lie in the file, so a key of 10^6 wires opens at once.

use ark_bn254::Fq;
use ark_ff::PrimeField;
use rayon::prelude::*;
use zkmargin_kernels::points::Packed;

// The limbs of a file are little-endian and so are those that they are taken for.
const _: () = assert!(cfg!(target_endian = "little"), "keys are mapped, not decoded");

/// Points checked by one task.
const CHUNK: usize = 1 << 12;
const LIMBS: usize = 4;

/// The first point of a section that is malformed, off the curve, or the identity where that may
/// not be.
pub(super) fn first_invalid<P: Packed>(points: &[P], identity_allowed: bool) -> Option<usize> {
    points.par_iter().with_min_len(CHUNK).position_first(|point| {
        let valid = if point.is_identity() {
            identity_allowed
        } else {
            coordinates_below_q(point.limbs()) && point.to_affine().is_on_curve()
        };
        !valid
    })
}

/// A limb array that is not below q is no field element, though arithmetic would take it for one.
fn coordinates_below_q(limbs: &[u64]) -> bool {
    let q = Fq::MODULUS.0;
    limbs.chunks_exact(LIMBS).all(|coordinate| coordinate.iter().rev().lt(q.iter().rev()))
}
