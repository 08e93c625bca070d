//! Points as Ethereum writes them: big-endian coordinates, G2 as (c1, c0), read strictly.

use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, BigInteger, PrimeField, Zero};
use thiserror::Error;

/// Length of a point of G1 in bytes: x, then y.
pub const G1_BYTES: usize = 64;
/// Length of a point of G2 in bytes: x.c1, x.c0, y.c1, y.c0.
pub const G2_BYTES: usize = 128;

/// Why bytes are not a point that may stand in a key or a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PointError {
    /// A coordinate is not below the modulus q of the base field.
    #[error("a coordinate is not below the field's modulus")]
    CoordinateTooLarge,
    /// The coordinates do not satisfy the equation of the curve.
    #[error("the point is not on the curve")]
    NotOnCurve,
    /// The point lies on the curve, but outside the subgroup of order r.
    #[error("the point is not in the subgroup of prime order")]
    WrongSubgroup,
    /// The point is the identity, which no key and no proof may hold.
    #[error("the point is the identity")]
    Identity,
}

/// Writes the coordinates of a point of G1; the identity is all zero, as in EIP-196.
pub fn g1_to_bytes(point: &G1Affine) -> [u8; G1_BYTES] {
    let mut bytes = [0u8; G1_BYTES];
    if let Some((x, y)) = point.xy() {
        write_coordinates(&[x, y], &mut bytes);
    }
    bytes
}

/// Writes the coordinates of a point of G2 in the order of EIP-197; the identity is all zero.
pub fn g2_to_bytes(point: &G2Affine) -> [u8; G2_BYTES] {
    let mut bytes = [0u8; G2_BYTES];
    if let Some((x, y)) = point.xy() {
        write_coordinates(&[x.c1, x.c0, y.c1, y.c0], &mut bytes);
    }
    bytes
}

/// Reads a point of G1. Refuses coordinates ≥ q, points off the curve and the identity.
pub(crate) fn g1_from_bytes(bytes: &[u8; G1_BYTES]) -> Result<G1Affine, PointError> {
    let [x, y] = read_coordinates(bytes)?;
    if x.is_zero() && y.is_zero() {
        return Err(PointError::Identity);
    }
    let point = G1Affine::new_unchecked(x, y);
    check_g1(&point)?;
    Ok(point)
}

/// Reads a point of G2. Refuses coordinates ≥ q, points off the curve or outside the subgroup of
/// order r, and the identity.
pub(crate) fn g2_from_bytes(bytes: &[u8; G2_BYTES]) -> Result<G2Affine, PointError> {
    let [x1, x0, y1, y0] = read_coordinates(bytes)?;
    let (x, y) = (Fq2::new(x0, x1), Fq2::new(y0, y1));
    if x.is_zero() && y.is_zero() {
        return Err(PointError::Identity);
    }
    let point = G2Affine::new_unchecked(x, y);
    check_g2(&point)?;
    Ok(point)
}

/// Refuses the identity and points off the curve; G1 has no other subgroup.
pub(crate) fn check_g1(point: &G1Affine) -> Result<(), PointError> {
    if point.is_zero() {
        return Err(PointError::Identity);
    }
    if !point.is_on_curve() {
        return Err(PointError::NotOnCurve);
    }
    Ok(())
}

/// Refuses the identity, points off the curve and points outside the subgroup of order r.
pub(crate) fn check_g2(point: &G2Affine) -> Result<(), PointError> {
    if point.is_zero() {
        return Err(PointError::Identity);
    }
    if !point.is_on_curve() {
        return Err(PointError::NotOnCurve);
    }
    if !point.is_in_correct_subgroup_assuming_on_curve() {
        return Err(PointError::WrongSubgroup);
    }
    Ok(())
}

fn write_coordinates(coordinates: &[Fq], bytes: &mut [u8]) {
    for (coordinate, out) in coordinates.iter().zip(bytes.chunks_exact_mut(32)) {
        out.copy_from_slice(&coordinate.into_bigint().to_bytes_be());
    }
}

/// Big-endian 32-byte words, each required to be below q.
fn read_coordinates<const N: usize>(bytes: &[u8]) -> Result<[Fq; N], PointError> {
    let mut coordinates = [Fq::zero(); N];
    for (coordinate, word) in coordinates.iter_mut().zip(bytes.chunks_exact(32)) {
        let mut limbs = [0u64; 4];
        for (limb, eight) in limbs.iter_mut().rev().zip(word.chunks_exact(8)) {
            *limb = eight.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        }
        *coordinate = Fq::from_bigint(BigInt::new(limbs)).ok_or(PointError::CoordinateTooLarge)?;
    }
    Ok(coordinates)
}
