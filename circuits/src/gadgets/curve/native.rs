//! Points on field elements.

use super::{EDWARDS_A, EDWARDS_D, MONTGOMERY_A, MontgomeryPoint, ORDER_EIGHT_Y_SQUARED, Point, Scalar};
use ark_bn254::Fr;
use ark_ec::{AdditiveGroup, CurveGroup};
use ark_ff::{BigInt, Field, PrimeField, Zero};
use taceo_ark_babyjubjub::{EdwardsAffine, EdwardsProjective};

impl Point {
    /// The neutral element.
    pub const IDENTITY: Self = Self { x: Fr::ZERO, y: Fr::ONE };

    /// Whether the coordinates satisfy the curve's equation (in any of the eight cosets).
    pub fn is_on_curve(&self) -> bool {
        let (xx, yy) = (self.x.square(), self.y.square());
        EDWARDS_A * xx + yy == Fr::ONE + EDWARDS_D * xx * yy
    }

    /// Whether a point of the curve is one of the eight with `8·P = identity`.
    ///
    /// `x = 0` holds for orders 1 and 2, `y = 0` for order 4, the last factor for order 8.
    pub fn is_small_order(&self) -> bool {
        (self.x * self.y * (self.y.square() - ORDER_EIGHT_Y_SQUARED)).is_zero()
    }

    /// Whether this may be an account's key or a signature's nonce point.
    pub fn is_valid_key(&self) -> bool {
        self.is_on_curve() && !self.is_small_order()
    }

    /// Sum of two points of the curve.
    pub fn add(&self, other: &Self) -> Self {
        (self.projective() + other.projective()).into()
    }

    /// The point with the opposite sign.
    pub fn neg(&self) -> Self {
        Self { x: -self.x, y: self.y }
    }

    /// Eight times a point of the curve: removes its part of small order.
    pub fn clear_cofactor(&self) -> Self {
        self.projective().double().double().double().into()
    }

    /// `scalar` times a point of the curve, in a time that does not depend on the scalar.
    pub fn mul(&self, scalar: &Scalar) -> Self {
        (self.projective() * scalar).into()
    }

    /// The point in Montgomery form, if it has one there (`x ≠ 0`).
    pub(crate) fn to_montgomery(self) -> Option<MontgomeryPoint> {
        let inverse = ((Fr::ONE - self.y) * self.x).inverse()?;
        let numerator = (Fr::ONE + self.y) * inverse;
        Some(MontgomeryPoint { u: numerator * self.x, v: numerator })
    }

    /// `integer` times a point of the curve. The time depends on the integer: public data only.
    pub fn mul_integer(&self, integer: &BigInt<4>) -> Self {
        double_scalar_mul(integer, self, &BigInt::zero(), &Self::IDENTITY).into()
    }

    /// Whether ℓ times the point of the curve is the identity.
    pub fn is_in_prime_subgroup(&self) -> bool {
        self.mul_integer(&Scalar::MODULUS) == Self::IDENTITY
    }

    /// The curve's own type, for arithmetic.
    pub fn projective(&self) -> EdwardsProjective {
        EdwardsAffine::new_unchecked(self.x, self.y).into()
    }
}

impl From<EdwardsProjective> for Point {
    fn from(point: EdwardsProjective) -> Self {
        let affine = point.into_affine();
        Self { x: affine.x, y: affine.y }
    }
}

impl MontgomeryPoint {
    /// Whether the coordinates satisfy the Montgomery equation.
    #[cfg(test)]
    pub fn is_on_curve(&self) -> bool {
        self.v.square() == self.u * (self.u * (self.u + MONTGOMERY_A) + Fr::ONE)
    }

    /// The point in Edwards form, if neither denominator vanishes (`v ≠ 0`, `u ≠ -1`).
    #[cfg(test)]
    pub fn to_edwards(self) -> Option<Point> {
        let inverse = (self.v * (self.u + Fr::ONE)).inverse()?;
        Some(Point { x: self.u * inverse * (self.u + Fr::ONE), y: (self.u - Fr::ONE) * inverse * self.v })
    }

    /// Sum by the chord rule. `None` where the first coordinates agree: the rule has no answer there.
    pub fn add_incomplete(&self, other: &Self) -> Option<Self> {
        let slope = (other.v - self.v) * (other.u - self.u).inverse()?;
        let u = slope.square() - MONTGOMERY_A - self.u - other.u;
        Some(Self { u, v: slope * (self.u - u) - self.v })
    }

    /// Twice the point. `None` for `v = 0`.
    pub fn double(&self) -> Option<Self> {
        let slope = (Fr::from(3) * self.u.square() + (MONTGOMERY_A + MONTGOMERY_A) * self.u + Fr::ONE)
            * self.v.double().inverse()?;
        let u = slope.square() - MONTGOMERY_A - self.u.double();
        Some(Self { u, v: slope * (self.u - u) - self.v })
    }

    /// The point with the opposite sign.
    pub fn neg(&self) -> Self {
        Self { u: self.u, v: -self.v }
    }
}

/// `a·P + b·Q` by shared doublings and four-bit windows. The time depends on the scalars: public data only.
pub(crate) fn double_scalar_mul(a: &BigInt<4>, p: &Point, b: &BigInt<4>, q: &Point) -> EdwardsProjective {
    let tables = [multiples(p), multiples(q)];
    let mut sum = EdwardsProjective::zero();
    for window in (0..64).rev() {
        for _ in 0..4 {
            sum.double_in_place();
        }
        for (scalar, table) in [a, b].into_iter().zip(&tables) {
            let digit = (scalar.0[window / 16] >> (4 * (window % 16))) & 15;
            if digit != 0 {
                sum += table[digit as usize];
            }
        }
    }
    sum
}

/// `0·P` to `15·P`.
fn multiples(point: &Point) -> [EdwardsProjective; 16] {
    let mut table = [EdwardsProjective::zero(); 16];
    let point = point.projective();
    for i in 1..16 {
        table[i] = table[i - 1] + point;
    }
    table
}
