//! One scalar at a time: sign and magnitude, and the digits of the magnitude.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};

pub(crate) type Integer = [u64; 4];

/// A scalar s as `±|s|` with `|s| < r/2`: a small negative number is as short as a positive one.
#[derive(Clone, Copy)]
pub(crate) struct Signed {
    pub magnitude: Integer,
    pub negative: bool,
}

impl Signed {
    pub fn of(scalar: &Fr) -> Self {
        let positive = scalar.into_bigint();
        let negative = positive > Fr::MODULUS_MINUS_ONE_DIV_TWO;
        let mut magnitude = positive;
        if negative {
            magnitude = Fr::MODULUS;
            magnitude.sub_with_borrow(&positive);
        }
        Signed { magnitude: magnitude.0, negative }
    }

    /// Position of the highest set bit plus one; at most 253.
    pub fn bits(&self) -> u32 {
        let [a, b, c, d] = self.magnitude;
        let [length, base] = match (d, c, b) {
            (0, 0, 0) => [a, 0],
            (0, 0, _) => [b, 64],
            (0, _, _) => [c, 128],
            _ => [d, 192],
        };
        base as u32 + u64::BITS - length.leading_zeros()
    }
}

/// Windows that scalars below 2^bits need: one bit more than the scalars have, for the sign.
pub(crate) fn windows(bits: u32, width: u32) -> u32 {
    if bits == 0 { 0 } else { (bits + 1).div_ceil(width) }
}

/// Cuts without a chain of carries: with half a window's range added in every window but the
/// highest, plain digits of the sum are the signed digits plus that half.
pub(crate) struct Cutter {
    width: u32,
    windows: u32,
    halves: Integer,
}

impl Cutter {
    pub fn new(width: u32, windows: u32) -> Self {
        let mut halves = [0; 4];
        for window in 1..windows {
            let bit = window * width - 1;
            halves[bit as usize / 64] |= 1 << (bit % 64);
        }
        Cutter { width, windows, halves }
    }

    /// The digits from the lowest to the highest.
    ///
    /// The highest has no half to take off. It is at most 2^(width - 1) because the integer leaves
    /// one bit of the windows free and the halves below carry at most one.
    #[inline(always)]
    pub fn digits(&self, magnitude: &Integer) -> impl Iterator<Item = i32> {
        let shifted = add(magnitude, &self.halves);
        let half = 1i32 << (self.width - 1);
        (0..self.windows).map(move |window| {
            let plain = bits(&shifted, window * self.width, self.width);
            if window + 1 < self.windows { plain - half } else { plain }
        })
    }
}

#[inline(always)]
fn add(a: &Integer, b: &Integer) -> Integer {
    let mut sum = [0; 4];
    let mut carry = 0u128;
    for i in 0..4 {
        carry += u128::from(a[i]) + u128::from(b[i]);
        sum[i] = carry as u64;
        carry >>= 64;
    }
    sum
}

/// `width` ≤ 24 bits from bit `from` on; those above bit 255 are zero.
#[inline(always)]
fn bits(integer: &Integer, from: u32, width: u32) -> i32 {
    let (limb, shift) = ((from / 64) as usize, from % 64);
    let mut value = integer[limb] >> shift;
    if shift + width > 64 && limb < 3 {
        value |= integer[limb + 1] << (64 - shift);
    }
    (value & ((1 << width) - 1)) as i32
}
