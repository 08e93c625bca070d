//! Division with the rounding in the name.

use num_bigint::{BigInt, Sign};

/// Largest integer not above `a / d`, `d > 0`.
pub const fn div_floor(a: i128, d: i128) -> i128 {
    a.div_euclid(d)
}

/// Smallest integer not below `a / d`, `d > 0`.
pub const fn div_ceil(a: i128, d: i128) -> i128 {
    -(-a).div_euclid(d)
}

/// [`div_floor`] for products wider than `i128`.
pub(crate) fn div_floor_wide(a: &BigInt, d: &BigInt) -> BigInt {
    let (quotient, remainder) = (a / d, a % d);
    if remainder.sign() == Sign::Minus { quotient - 1 } else { quotient }
}
