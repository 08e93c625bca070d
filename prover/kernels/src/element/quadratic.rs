//! Fq2 = Fq[u]/(u² + 1).

use super::Coordinate;
use super::prime::{
    Limbs, NEGATIVE_INVERSE, Prime, Q, TWICE_Q, masked, multiply_add, product, subtract_if_not_less, sum,
};
use ark_bn254::Fq2;

/// An element `c0 + c1·u` of Fq2: two integers below 2·q.
#[derive(Clone, Copy, Debug)]
pub struct Quadratic {
    pub(crate) c0: Prime,
    pub(crate) c1: Prime,
}

impl Quadratic {
    pub(crate) fn from_ark(element: &Fq2) -> Self {
        Quadratic { c0: Prime::from_ark(&element.c0), c1: Prime::from_ark(&element.c1) }
    }

    pub(crate) fn to_ark(self) -> Fq2 {
        Fq2::new(self.c0.to_ark(), self.c1.to_ark())
    }
}

impl Coordinate for Quadratic {
    const ZERO: Self = Quadratic { c0: Prime::ZERO, c1: Prime::ZERO };
    const ONE: Self = Quadratic { c0: Prime::ONE, c1: Prime::ZERO };

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Quadratic { c0: self.c0.add(other.c0), c1: self.c1.add(other.c1) }
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Quadratic { c0: self.c0.sub(other.c0), c1: self.c1.sub(other.c1) }
    }

    /// Karatsuba with two reductions for three products.
    ///
    /// Bounds: v0 = a0·b0 and v1 = a1·b1 are below 4·q². The sums are below 4·q, their product
    /// below 16·q² < 2^512, and less v0 and v1 it is a0·b1 + a1·b0 < 8·q². v0 - v1 has 2^256·q
    /// added if it is negative and is then below 5.3·q². Reduction gives x/2^256 + q at most:
    /// 2.52·q, of which 2·q may come off, and 2·q.
    fn mul(self, other: Self) -> Self {
        let (Quadratic { c0: a0, c1: a1 }, Quadratic { c0: b0, c1: b1 }) = (self, other);
        let v0 = wide_product(a0.0, b0.0);
        let v1 = wide_product(a1.0, b1.0);
        let mixed = wide_product(sum(a0.0, a1.0), sum(b0.0, b1.0));
        let (mixed, _) = wide_difference(mixed, v0);
        let (mixed, _) = wide_difference(mixed, v1);
        let (mut real, negative) = wide_difference(v0, v1);
        let [.., h0, h1, h2, h3] = real;
        let high = sum([h0, h1, h2, h3], masked(Q, negative));
        real[4..].copy_from_slice(&high);
        Quadratic { c0: Prime(reduce(real)), c1: Prime(subtract_if_not_less(reduce(mixed), TWICE_Q)) }
    }

    /// (a0 + a1)(a0 - a1) and 2·a0·a1.
    ///
    /// Bounds: the sum is below 4·q, its product with the difference below (8·0.189 + 1)·q =
    /// 2.52·q, of which 2·q may come off.
    fn square(self) -> Self {
        let Quadratic { c0, c1 } = self;
        let real = product(sum(c0.0, c1.0), c0.sub(c1).0);
        let half = Prime(product(c0.0, c1.0));
        Quadratic { c0: Prime(subtract_if_not_less(real, TWICE_Q)), c1: half.add(half) }
    }

    /// The conjugate over the norm c0² + c1².
    fn inverse(self) -> Self {
        let norm = self.c0.square().add(self.c1.square());
        let inverse = norm.inverse();
        Quadratic { c0: self.c0.mul(inverse), c1: Prime::ZERO.sub(self.c1).mul(inverse) }
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        self.c0.is_zero() && self.c1.is_zero()
    }
}

type Wide = [u64; 8];

#[inline(always)]
fn wide_product(a: Limbs, b: Limbs) -> Wide {
    let mut t = [0; 8];
    for i in 0..4 {
        let mut carry = 0;
        for j in 0..4 {
            (t[i + j], carry) = multiply_add(a[j], b[i], t[i + j], carry);
        }
        t[i + 4] = carry;
    }
    t
}

/// `a - b` modulo 2^512, and whether it is negative.
#[inline(always)]
fn wide_difference(a: Wide, b: Wide) -> (Wide, bool) {
    let mut t = [0; 8];
    let mut borrow = false;
    for i in 0..8 {
        (t[i], borrow) = u64::borrowing_sub(a[i], b[i], borrow);
    }
    (t, borrow)
}

/// `(x + m·q)/2^256` with m < 2^256, for x < 9·q²: below 2^256.
#[inline(always)]
fn reduce(mut x: Wide) -> Limbs {
    let mut over = false;
    for i in 0..4 {
        let m = x[i].wrapping_mul(NEGATIVE_INVERSE);
        let mut carry = 0;
        for j in 0..4 {
            (x[i + j], carry) = multiply_add(m, Q[j], x[i + j], carry);
        }
        (x[i + 4], over) = u64::carrying_add(x[i + 4], carry, over);
    }
    [x[4], x[5], x[6], x[7]]
}
