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

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn windows(&self) -> u32 {
        self.windows
    }

    /// The sum whose plain digits are the signed ones plus half a window's range.
    #[inline(always)]
    pub fn shifted(&self, magnitude: &Integer) -> Integer {
        add(magnitude, &self.halves)
    }

    /// What a window's plain digit is more than the signed one.
    ///
    /// The highest has no half to take off. It is at most 2^(width - 1) because the integer leaves
    /// one bit of the windows free and the halves below carry at most one.
    #[inline(always)]
    fn excess(&self, window: u32) -> i32 {
        if window + 1 < self.windows { 1 << (self.width - 1) } else { 0 }
    }

    /// The digits from the lowest to the highest.
    #[inline(always)]
    pub fn digits(&self, magnitude: &Integer) -> impl Iterator<Item = i32> {
        let shifted = self.shifted(magnitude);
        (0..self.windows).map(move |window| {
            bits(&shifted, window * self.width, self.width) - self.excess(window)
        })
    }

    /// The digits in one window of a group of [`Cutter::shifted`] integers.
    pub fn digits_of(&self, group: &Group, window: u32, digits: &mut [i32; GROUP]) {
        let from = window * self.width;
        let (limb, shift) = ((from / 64) as usize, from % 64);
        let (mask, excess) = ((1 << self.width) - 1, self.excess(window));
        let low = &group.limbs[limb];
        if shift + self.width > 64 && limb < 3 {
            let high = &group.limbs[limb + 1];
            for (digit, (low, high)) in digits.iter_mut().zip(low.iter().zip(high)) {
                *digit = ((low >> shift | high << (64 - shift)) & mask) as i32 - excess;
            }
        } else {
            for (digit, low) in digits.iter_mut().zip(low) {
                *digit = (low >> shift & mask) as i32 - excess;
            }
        }
    }
}

/// Integers whose digits are cut together, one window after the other.
pub(crate) const GROUP: usize = 64;

/// Limb by limb.
pub(crate) struct Group {
    limbs: [[u64; GROUP]; 4],
}

impl Default for Group {
    fn default() -> Self {
        Group { limbs: [[0; GROUP]; 4] }
    }
}

impl Group {
    #[inline(always)]
    pub fn set(&mut self, place: usize, integer: &Integer) {
        for (limbs, limb) in self.limbs.iter_mut().zip(integer) {
            limbs[place] = *limb;
        }
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
