//! BabyJubJub: the twisted Edwards curve `168700·x² + y² = 1 + 168696·x²·y²` over BN254's scalar field.
//!
//! - EIP-2494 gives the curve and the generator `Base8`, here [`GENERATOR`], of prime order ℓ
//!   ([`Scalar`]'s modulus, 251 bits). The whole group has order 8ℓ.
//! - 168700 is a square and 168696 is not, so Edwards addition has no exceptional case.
//! - In Montgomery form the curve is `v² = u³ + 168698·u² + u`, with `u = (1 + y)/(1 - y)`, `v = u/x`.
//!   The map leaves out the points with `x = 0`: the identity and `(0, -1)`.

pub mod circuit;
#[cfg(test)]
mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

pub(crate) use native::double_scalar_mul;

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use ark_ff::MontFp;

/// Integers modulo ℓ.
pub type Scalar = taceo_ark_babyjubjub::Fr;

/// Coefficient of x² in the Edwards form (EIP-2494).
pub(crate) const EDWARDS_A: Fr = MontFp!("168700");
/// Coefficient of x²·y² in the Edwards form (EIP-2494).
pub(crate) const EDWARDS_D: Fr = MontFp!("168696");
/// Coefficient of u² in the Montgomery form.
pub(crate) const MONTGOMERY_A: Fr = MontFp!("168698");

/// Square of the second coordinate of the four points of order 8, the same for all four.
///
/// Doubling gives `y = 0` exactly where `168700·x² = y²`; with the curve's equation this leaves
/// `168696·y⁴ - 2·168700·y² + 168700 = 0`, of whose two roots one is a square.
pub(crate) const ORDER_EIGHT_Y_SQUARED: Fr =
    MontFp!("17590761296456549704918184645286514512686574527284925985786035201954662588235");

/// EIP-2494's `Base8`, of order ℓ.
pub const GENERATOR: Point =
    Point { x: taceo_ark_babyjubjub::GENERATOR_X, y: taceo_ark_babyjubjub::GENERATOR_Y };

/// Two coordinates that may be a point of the Edwards form; see [`Point::is_on_curve`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Point {
    /// First coordinate. The points `(x, y)` and `(-x, y)` are each other's negative.
    pub x: Fr,
    /// Second coordinate; 1 for the identity, whose x is 0.
    pub y: Fr,
}

/// The key that an account is owned by. A key must be on the curve and not of small order, or [`Point::NOBODY`].
pub type PublicKey = Point;

impl Point {
    /// The key of accounts that nobody signs for, the insurance pools. It is no point of the curve, and a signature row
    /// has no Montgomery form for it: CURVE-4 asks for `v` with `v·0 = u`, and `u` is 1.
    pub const NOBODY: Self = Self { x: Fr::ZERO, y: Fr::ZERO };
}

/// A point of the Montgomery form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct MontgomeryPoint {
    /// `(1 + y)/(1 - y)` of the Edwards form.
    pub u: Fr,
    /// `u/x`; the negative of a point has `-v`.
    pub v: Fr,
}
