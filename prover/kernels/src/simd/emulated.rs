//! The vector operations lane by lane in plain arithmetic: the reference for the instructions,
//! and the way to run the vector kernels (slowly) on any processor and under miri.
//!
//! Operations are calls: inlined into kernels that are written out they would make functions of
//! hundreds of thousands of instructions.

use super::{Isa, Kernel, LANES, Vector};

/// The emulation of an instruction set in plain arithmetic, which every processor can do.
#[derive(Clone, Copy, Debug)]
pub struct Emulation;

/// Eight lanes in memory, for the emulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emulated([u64; LANES]);

const MASK52: u64 = (1 << 52) - 1;

impl Isa for Emulation {
    type Vector = Emulated;

    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run::<Emulated>(self)
    }
}

impl Emulated {
    #[inline(always)]
    fn map(self, f: impl Fn(u64) -> u64) -> Self {
        Emulated(self.0.map(f))
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Emulated(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }

    /// Lane i is lane `from[i]` of the sixteen of `self` and `b`.
    #[inline(always)]
    fn pick(self, b: Self, from: [usize; LANES]) -> Self {
        Emulated(from.map(|i| if i < LANES { self.0[i] } else { b.0[i - LANES] }))
    }
}

/// The product of the low 52 bits of two numbers.
#[inline(always)]
fn product52(a: u64, b: u64) -> u128 {
    u128::from(a & MASK52) * u128::from(b & MASK52)
}

impl Vector for Emulated {
    type Isa = Emulation;

    const FACTORS_BY_LOW_BITS: bool = true;

    #[inline(never)]
    fn splat(_: Emulation, value: u64) -> Self {
        Emulated([value; LANES])
    }

    #[inline(never)]
    fn from_array(_: Emulation, lanes: [u64; LANES]) -> Self {
        Emulated(lanes)
    }

    #[inline(never)]
    fn to_array(self) -> [u64; LANES] {
        self.0
    }

    #[inline(never)]
    fn load_halves(_: Emulation, low: &[u64; 4], high: &[u64; 4]) -> Self {
        Emulated(std::array::from_fn(|i| if i < 4 { low[i] } else { high[i - 4] }))
    }

    #[inline(never)]
    fn store_pairs(self, places: [&mut [u64; 2]; 4]) {
        for (place, pair) in places.into_iter().zip(self.0.as_chunks().0) {
            *place = *pair;
        }
    }

    #[inline(never)]
    fn add(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_add)
    }

    #[inline(never)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_sub)
    }

    #[inline(never)]
    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    #[inline(never)]
    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    #[inline(never)]
    fn shl<const BITS: u32>(self) -> Self {
        self.map(|a| a << BITS)
    }

    #[inline(never)]
    fn shr<const BITS: u32>(self) -> Self {
        self.map(|a| a >> BITS)
    }

    #[inline(never)]
    fn sar<const BITS: u32>(self) -> Self {
        self.map(|a| ((a as i64) >> BITS) as u64)
    }

    #[inline(never)]
    fn funnel_shr<const BITS: u32>(self, high: Self) -> Self {
        self.zip(high, |low, high| ((u128::from(high) << 64 | u128::from(low)) >> BITS) as u64)
    }

    #[inline(never)]
    fn add_where_negative(self, sign: Self, other: Self) -> Self {
        let addend = sign.zip(other, |sign, other| if (sign as i64) < 0 { other } else { 0 });
        self.add(addend)
    }

    #[inline(never)]
    fn madd52_low(self, a: Self, b: Self) -> Self {
        let product = a.zip(b, |a, b| product52(a, b) as u64 & MASK52);
        self.add(product)
    }

    #[inline(never)]
    fn madd52_high(self, a: Self, b: Self) -> Self {
        let product = a.zip(b, |a, b| (product52(a, b) >> 52) as u64);
        self.add(product)
    }

    #[inline(never)]
    fn lookup(self, index: Self) -> Self {
        index.map(|i| self.0[i as usize % LANES])
    }

    #[inline(never)]
    fn even_lanes(self, b: Self) -> Self {
        self.pick(b, [0, 8, 2, 10, 4, 12, 6, 14])
    }

    #[inline(never)]
    fn odd_lanes(self, b: Self) -> Self {
        self.pick(b, [1, 9, 3, 11, 5, 13, 7, 15])
    }

    #[inline(never)]
    fn even_pairs(self, b: Self) -> Self {
        self.pick(b, [0, 1, 4, 5, 8, 9, 12, 13])
    }

    #[inline(never)]
    fn odd_pairs(self, b: Self) -> Self {
        self.pick(b, [2, 3, 6, 7, 10, 11, 14, 15])
    }

    #[inline(never)]
    fn equal(self, other: Self) -> u8 {
        (0..LANES).fold(0, |mask, i| mask | u8::from(self.0[i] == other.0[i]) << i)
    }

    #[inline(never)]
    fn select(self, mask: u8, other: Self) -> Self {
        Emulated(std::array::from_fn(|i| if mask >> i & 1 == 1 { other.0[i] } else { self.0[i] }))
    }
}
