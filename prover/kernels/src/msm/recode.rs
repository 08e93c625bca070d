//! One scalar at a time: sign and magnitude, and the digits of the magnitude.

use crate::backend::Backend;
use crate::field::{Field, ModulusFr};
use crate::simd::{Kernel, LANES, Vector};
use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, PrimeField};

pub(crate) type Integer = [u64; 4];

/// A scalar s as `±|s|` with `|s| < r/2`: a small negative number is as short as a positive one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub magnitude: Integer,
    pub negative: bool,
}

impl Signed {
    /// Sign and magnitude of an integer below r.
    #[inline(always)]
    fn of(positive: Integer) -> Self {
        let positive = BigInt(positive);
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

/// Scalars taken out of Montgomery form together.
const TAKEN: usize = 64;

/// Hands over the scalars one after the other.
#[inline(always)]
pub(crate) fn for_each_signed(backend: Backend, scalars: &[Fr], mut take: impl FnMut(Signed)) {
    let mut integers = [[0; 4]; TAKEN];
    for scalars in scalars.chunks(TAKEN) {
        let integers = &mut integers[..scalars.len()];
        if backend.run(Integers { scalars, integers: &mut *integers }).is_none() {
            one_by_one(scalars, integers);
        }
        integers.iter().for_each(|integer| take(Signed::of(*integer)));
    }
}

/// The integers that scalars stand for, below r; as many of one as of the other.
struct Integers<'a> {
    scalars: &'a [Fr],
    integers: &'a mut [Integer],
}

impl Kernel for Integers<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, isa: V::Isa) {
        let field = Field::<V, ModulusFr>::new(isa);
        // v·2^256 times 2^4, over 2^260.
        let sixteen = field.splat([16, 0, 0, 0, 0]);
        let (scalars, rest) = self.scalars.as_chunks::<LANES>();
        let (integers, last) = self.integers.as_chunks_mut::<LANES>();
        for ([s0, s1, s2, s3, s4, s5, s6, s7], [i0, i1, i2, i3, i4, i5, i6, i7]) in
            scalars.iter().zip(integers)
        {
            let value = field.load_elements([s0, s1, s2, s3, s4, s5, s6, s7]);
            let integer = field.canonical(&field.product(&value, &sixteen));
            field.store(&integer, [i0, i1, i2, i3, i4, i5, i6, i7]);
        }
        one_by_one(rest, last);
    }
}

/// Does the same as [`Integers`], without vectors.
fn one_by_one(scalars: &[Fr], integers: &mut [Integer]) {
    for (integer, scalar) in integers.iter_mut().zip(scalars) {
        *integer = scalar.into_bigint().0;
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

    /// Digits in one window of the first scalars of a group.
    fn digits_of(&self, group: &Group, window: u32, digits: &mut [i32]) {
        let from = window * self.width;
        let (limb, shift) = ((from / 64) as usize, from % 64);
        let mask = (1 << self.width) - 1;
        // What the plain digit is more than the signed one. The highest has no half to take off. It
        // is at most 2^(width - 1) because the integer leaves one bit of the windows free and the
        // halves below carry at most one.
        let excess = if window + 1 < self.windows { 1 << (self.width - 1) } else { 0 };
        let places = digits.iter_mut().zip(&group.signs);
        let low = &group.limbs[limb];
        if shift + self.width > 64 && limb < 3 {
            let high = &group.limbs[limb + 1];
            for ((digit, sign), (low, high)) in places.zip(low.iter().zip(high)) {
                let plain = (low >> shift | high << (64 - shift)) & mask;
                *digit = ((plain as i32 - excess) ^ sign) - sign;
            }
        } else {
            for ((digit, sign), low) in places.zip(low) {
                *digit = (((low >> shift & mask) as i32 - excess) ^ sign) - sign;
            }
        }
    }

    /// Puts a scalar into a group.
    #[inline(always)]
    fn set(&self, group: &mut Group, place: usize, scalar: &Signed) {
        let shifted = add(&scalar.magnitude, &self.halves);
        for (limbs, limb) in group.limbs.iter_mut().zip(shifted) {
            limbs[place] = limb;
        }
        group.signs[place] = -i32::from(scalar.negative);
    }
}

/// Scalars whose digits are cut together, one window after the other.
const GROUP: usize = 64;

struct Group {
    /// Limb by limb, the sums whose plain digits are the signed ones plus half a window's range.
    limbs: [[u64; GROUP]; 4],
    /// -1 for a negative scalar, whose digits change their signs.
    signs: [i32; GROUP],
}

impl Default for Group {
    fn default() -> Self {
        Group { limbs: [[0; GROUP]; 4], signs: [0; GROUP] }
    }
}

/// Writes the digits of scalars, window by window.
pub(crate) struct Cuts<'a> {
    cutter: &'a Cutter,
    group: Group,
    /// Scalars in the group.
    count: usize,
    /// The places that are left in each window.
    places: Vec<&'a mut [i32]>,
}

impl<'a> Cuts<'a> {
    /// A slice for each window, with a place for each scalar that will come.
    pub fn new(cutter: &'a Cutter, places: Vec<&'a mut [i32]>) -> Self {
        Cuts { cutter, group: Group::default(), count: 0, places }
    }

    #[inline(always)]
    pub fn push(&mut self, scalar: &Signed) {
        self.cutter.set(&mut self.group, self.count, scalar);
        self.count += 1;
        if self.count == GROUP {
            self.cut();
        }
    }

    /// Writes the digits of the last scalars.
    pub fn finish(mut self) {
        self.cut();
    }

    fn cut(&mut self) {
        for (window, places) in (0..).zip(&mut self.places) {
            let digits = places.split_off_mut(..self.count).expect("a place for each scalar");
            self.cutter.digits_of(&self.group, window, digits);
        }
        self.count = 0;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Emulation, Isa};
    use ark_ff::{AdditiveGroup, Field, UniformRand};
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    #[test]
    fn every_backend_takes_the_same_integers() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let half = Fr::from(Fr::MODULUS_MINUS_ONE_DIV_TWO);
        let mut scalars = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, half, half + Fr::ONE];
        scalars.extend((0..2 * TAKEN as u64).map(Fr::from));
        scalars.extend((0..TAKEN).map(|_| Fr::rand(&mut rng)));
        let expected: Vec<_> = scalars.iter().map(|scalar| Signed::of(scalar.into_bigint().0)).collect();
        for backend in Backend::tested() {
            // Groups and vectors end wherever they like.
            for length in [0, 1, 7, 8, 9, 63, 64, 65, scalars.len()] {
                let mut taken = Vec::new();
                for_each_signed(backend, &scalars[..length], |scalar| taken.push(scalar));
                assert_eq!(taken, expected[..length], "{backend}");
            }
        }
        let mut integers = vec![[0; 4]; scalars.len()];
        Emulation.run(Integers { scalars: &scalars, integers: &mut integers });
        let taken: Vec<_> = integers.into_iter().map(Signed::of).collect();
        assert_eq!(taken, expected);
    }
}
