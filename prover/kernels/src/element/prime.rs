//! Elements of Fq, one at a time.

use super::{Coordinate, inverse};
use ark_bn254::Fq;
use ark_ff::{BigInt, Fp, PrimeField};

pub(super) type Limbs = [u64; 4];

pub(super) const Q: Limbs = Fq::MODULUS.0;
pub(super) const TWICE_Q: Limbs = double(Q);
/// -1/q modulo 2^64.
pub(super) const NEGATIVE_INVERSE: u64 = negative_inverse(Q[0]);

/// An element of Fq: an integer below 2·q.
#[derive(Clone, Copy, Debug)]
pub struct Prime(pub(crate) Limbs);

impl Prime {
    /// Takes over an element of ark-ff.
    pub fn from_ark(element: &Fq) -> Self {
        Prime(element.0.0)
    }

    pub(crate) fn to_ark(self) -> Fq {
        Fp::new_unchecked(BigInt(self.reduced()))
    }

    /// Below q, from below 3·q: vectors leave a little more than 2·q.
    #[inline(always)]
    pub(crate) fn reduced(self) -> Limbs {
        subtract_if_not_less(subtract_if_not_less(self.0, TWICE_Q), Q)
    }
}

impl Coordinate for Prime {
    const ZERO: Self = Prime([0; 4]);
    const ONE: Self = Prime(Fq::R.0);

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Prime(subtract_if_not_less(sum(self.0, other.0), TWICE_Q))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let (difference, borrow) = difference(self.0, other.0);
        Prime(sum(difference, masked(TWICE_Q, borrow)))
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Prime(product(self.0, other.0))
    }

    #[inline(always)]
    fn square(self) -> Self {
        Prime(product(self.0, self.0))
    }

    fn inverse(self) -> Self {
        inverse::inverse(self)
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        self.0 == [0; 4] || self.0 == Q
    }
}

/// `(a·b + m·q)/2^256` with m < 2^256: at most a·b/2^256 + q. With q = 0.189·2^256 that is below
/// 1.76·q for factors below 2·q.
///
/// Row by row of b, each with its part of m. After a row the value is below a + q, so that it
/// fits four limbs for a < 4.29·q, and the two carries of a row fit one limb.
#[inline(always)]
pub(super) fn product(a: Limbs, b: Limbs) -> Limbs {
    let mut t = [0; 4];
    for digit in b {
        let (t0, mut carry) = multiply_add(a[0], digit, t[0], 0);
        let m = t0.wrapping_mul(NEGATIVE_INVERSE);
        let (_, mut reduction) = multiply_add(m, Q[0], t0, 0);
        for j in 1..4 {
            let limb;
            (limb, carry) = multiply_add(a[j], digit, t[j], carry);
            (t[j - 1], reduction) = multiply_add(m, Q[j], limb, reduction);
        }
        t[3] = carry.wrapping_add(reduction);
    }
    t
}

/// `a·b + c + d`, low and high half; it is below 2^128.
#[inline(always)]
pub(super) fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let wide = u128::from(a) * u128::from(b) + u128::from(c) + u128::from(d);
    (wide as u64, (wide >> 64) as u64)
}

/// `a + b` modulo 2^256.
#[inline(always)]
pub(super) fn sum(a: Limbs, b: Limbs) -> Limbs {
    let (s0, carry) = a[0].overflowing_add(b[0]);
    let (s1, carry) = u64::carrying_add(a[1], b[1], carry);
    let (s2, carry) = u64::carrying_add(a[2], b[2], carry);
    let (s3, _) = u64::carrying_add(a[3], b[3], carry);
    [s0, s1, s2, s3]
}

/// `a - b` modulo 2^256, and whether it is negative.
#[inline(always)]
pub(super) fn difference(a: Limbs, b: Limbs) -> (Limbs, bool) {
    let (d0, borrow) = a[0].overflowing_sub(b[0]);
    let (d1, borrow) = u64::borrowing_sub(a[1], b[1], borrow);
    let (d2, borrow) = u64::borrowing_sub(a[2], b[2], borrow);
    let (d3, borrow) = u64::borrowing_sub(a[3], b[3], borrow);
    ([d0, d1, d2, d3], borrow)
}

/// `x - by`, or x if that is negative.
#[inline(always)]
pub(super) fn subtract_if_not_less(x: Limbs, by: Limbs) -> Limbs {
    let (less, borrow) = difference(x, by);
    // Restored by a mask and not a branch: it is as random as the elements.
    sum(less, masked(by, borrow))
}

/// x if `keep`, else zero.
#[inline(always)]
pub(super) fn masked(x: Limbs, keep: bool) -> Limbs {
    let mask = u64::from(keep).wrapping_neg();
    [x[0] & mask, x[1] & mask, x[2] & mask, x[3] & mask]
}

const fn double(x: Limbs) -> Limbs {
    [x[0] << 1, x[1] << 1 | x[0] >> 63, x[2] << 1 | x[1] >> 63, x[3] << 1 | x[2] >> 63]
}

const fn negative_inverse(q: u64) -> u64 {
    let mut inverse = 1u64;
    let mut step = 0;
    // Newton's iteration: correct bits double, from one to 64.
    while step < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(q.wrapping_mul(inverse)));
        step += 1;
    }
    inverse.wrapping_neg()
}
