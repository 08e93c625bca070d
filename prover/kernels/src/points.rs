//! Affine points as proving keys store them: the Montgomery limbs (R = 2^256) of x and y, least
//! significant first, as ark-ff holds them in memory. All zero is the identity.
//!
//! Coordinates in keys are below q. While points are added up they are only below 2·q
//! ([`crate::element`]) or, on vectors, 3·q; reading such a point as an affine one reduces it.
//!
//! No other point has y = 0: it would have order two, and the orders of BN254 and of its twist,
//! r and r·(2q - r), are odd.

use crate::element::{Coordinate, Prime, Quadratic};
use crate::simd::prefetch;
use ark_bn254::{Fr, g1, g2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use bytemuck::{Pod, Zeroable};
use std::fmt::Debug;
use std::hint::select_unpredictable;

/// A point of G1: x, then y, in one cache line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct PackedG1(pub(crate) [u64; 8]);

/// A point of G2: x.c0, x.c1, y.c0, then y.c1, in two cache lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct PackedG2(pub(crate) [u64; 16]);

/// A point in the form of a key.
pub trait Packed: Pod + Debug + Eq + Send + Sync {
    /// The field elements that coordinates are computed with.
    type Coordinate: Coordinate;
    /// The curve in ark-ec.
    type Config: SWCurveConfig<ScalarField = Fr>;

    /// The identity of the group.
    const IDENTITY: Self;

    /// Makes a point of its coordinates, which are not checked.
    fn pack(x: Self::Coordinate, y: Self::Coordinate) -> Self;

    /// The limbs of the coordinates, four for each element of Fq.
    fn limbs(&self) -> &[u64];

    /// The first coordinate, zero for the identity. Limbs are taken as they are: a coordinate that is not
    /// below q gives a meaningless element.
    fn x(&self) -> Self::Coordinate;

    /// The second coordinate, under the same rules as [`Packed::x`].
    fn y(&self) -> Self::Coordinate;

    /// Gives `-self` if `negate`, without a branch.
    fn negated_if(&self, negate: bool) -> Self;

    /// Brings the coordinates below q, as in a key.
    fn reduce(&mut self);

    /// Asks for the cache lines that the point is in.
    fn prefetch(&self);

    /// Tells whether this is the identity.
    fn is_identity(&self) -> bool {
        // Not a comparison, which would be a call.
        self.limbs().iter().fold(0, |bits, limb| bits | limb) == 0
    }

    /// Gives the point to ark-ec, with reduced coordinates and unchecked.
    fn to_affine(&self) -> Affine<Self::Config>;

    /// Takes a point of ark-ec.
    fn from_affine(point: &Affine<Self::Config>) -> Self;
}

impl Packed for PackedG1 {
    type Coordinate = Prime;
    type Config = g1::Config;

    const IDENTITY: Self = PackedG1([0; 8]);

    #[inline(always)]
    fn pack(x: Prime, y: Prime) -> Self {
        let mut packed = Self::IDENTITY;
        packed.0[..4].copy_from_slice(&x.0);
        packed.0[4..].copy_from_slice(&y.0);
        packed
    }

    #[inline(always)]
    fn limbs(&self) -> &[u64] {
        &self.0
    }

    #[inline(always)]
    fn x(&self) -> Prime {
        element(&self.0, 0)
    }

    #[inline(always)]
    fn y(&self) -> Prime {
        element(&self.0, 4)
    }

    #[inline(always)]
    fn negated_if(&self, negate: bool) -> Self {
        let mut packed = *self;
        negate_limbs(&mut packed.0[4..], negate);
        packed
    }

    fn reduce(&mut self) {
        *self = Self::pack(Prime(self.x().reduced()), Prime(self.y().reduced()));
    }

    #[inline(always)]
    fn prefetch(&self) {
        prefetch(self);
    }

    fn to_affine(&self) -> Affine<g1::Config> {
        if self.is_identity() {
            return Affine::identity();
        }
        Affine::new_unchecked(self.x().to_ark(), self.y().to_ark())
    }

    fn from_affine(point: &Affine<g1::Config>) -> Self {
        let pack = |(x, y)| Self::pack(Prime::from_ark(&x), Prime::from_ark(&y));
        point.xy().map_or(Self::IDENTITY, pack)
    }
}

impl Packed for PackedG2 {
    type Coordinate = Quadratic;
    type Config = g2::Config;

    const IDENTITY: Self = PackedG2([0; 16]);

    #[inline(always)]
    fn pack(x: Quadratic, y: Quadratic) -> Self {
        let mut packed = Self::IDENTITY;
        for (limbs, part) in packed.0.as_chunks_mut().0.iter_mut().zip([x.c0, x.c1, y.c0, y.c1]) {
            *limbs = part.0;
        }
        packed
    }

    #[inline(always)]
    fn limbs(&self) -> &[u64] {
        &self.0
    }

    #[inline(always)]
    fn x(&self) -> Quadratic {
        Quadratic { c0: element(&self.0, 0), c1: element(&self.0, 4) }
    }

    #[inline(always)]
    fn y(&self) -> Quadratic {
        Quadratic { c0: element(&self.0, 8), c1: element(&self.0, 12) }
    }

    #[inline(always)]
    fn negated_if(&self, negate: bool) -> Self {
        let mut packed = *self;
        negate_limbs(&mut packed.0[8..12], negate);
        negate_limbs(&mut packed.0[12..], negate);
        packed
    }

    fn reduce(&mut self) {
        let reduced = |c: Quadratic| Quadratic { c0: Prime(c.c0.reduced()), c1: Prime(c.c1.reduced()) };
        *self = Self::pack(reduced(self.x()), reduced(self.y()));
    }

    #[inline(always)]
    fn prefetch(&self) {
        prefetch(self);
        prefetch(&self.0[8]);
    }

    fn to_affine(&self) -> Affine<g2::Config> {
        if self.is_identity() {
            return Affine::identity();
        }
        Affine::new_unchecked(self.x().to_ark(), self.y().to_ark())
    }

    fn from_affine(point: &Affine<g2::Config>) -> Self {
        let pack = |(x, y)| Self::pack(Quadratic::from_ark(&x), Quadratic::from_ark(&y));
        point.xy().map_or(Self::IDENTITY, pack)
    }
}

#[inline(always)]
fn element(limbs: &[u64], at: usize) -> Prime {
    Prime([limbs[at], limbs[at + 1], limbs[at + 2], limbs[at + 3]])
}

/// 2·q - y, and zero for zero: half of a coordinate in Fq2 may be zero.
#[inline(always)]
fn negate_limbs(y: &mut [u64], negate: bool) {
    let negative = Prime::ZERO.sub(element(y, 0)).0;
    for (limb, negative) in y.iter_mut().zip(negative) {
        // A mask would be made a branch, which half of all digits take.
        *limb = select_unpredictable(negate, negative, *limb);
    }
}

/// Packs all points, one after the other, by [`Packed::from_affine`].
pub fn pack_all<P: Packed>(points: &[Affine<P::Config>]) -> Vec<P> {
    points.iter().map(P::from_affine).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
    use ark_ff::Zero;

    fn round_trip<P: Packed>(generator: Affine<P::Config>) {
        for point in [generator, -generator, Affine::identity()] {
            let packed = P::from_affine(&point);
            assert_eq!(packed.to_affine(), point);
            assert_eq!(packed.is_identity(), point.is_zero());
        }
        let packed = P::from_affine(&generator);
        assert_eq!(packed.negated_if(false), packed);
        assert_eq!(packed.negated_if(true).to_affine(), -generator);
        assert!(!packed.y().is_zero());
    }

    #[test]
    fn packs_unpacks_and_negates() {
        round_trip::<PackedG1>(G1Affine::generator());
        round_trip::<PackedG2>(G2Affine::generator());
    }

    #[test]
    fn negates_a_coordinate_with_a_zero_half() {
        let y = Fq2::new(Fq::zero(), Fq::from(3));
        let packed = PackedG2::pack(Quadratic::ONE, Quadratic::from_ark(&y));
        assert_eq!(packed.negated_if(true).y().to_ark(), -y);
    }
}
