//! Eight 64-bit lanes and the instructions on them that the kernels are written in.
//!
//! A kernel is written once, generic over [`Vector`], as a [`Kernel`], and handed to an [`Isa`]:
//! [`Emulation`] computes the lanes one after the other anywhere; `Avx512` compiles the same code
//! into a function that may use AVX-512 with IFMA and VBMI2, `Avx2` into one that may use AVX2 and FMA. Whoever holds a value of an instruction set type
//! knows that the processor has it, so kernels need no `unsafe`.
//!
//! The compiler inlines an instruction into a kernel only if everything between them is inlined:
//! mark generic code `#[inline(always)]`, and write loops or macros, not closures or
//! `array::from_fn`, whose bodies stay functions of their own (8 to 70 times slower).

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod emulated;
#[cfg(test)]
mod tests;

#[cfg(target_arch = "x86_64")]
pub use avx2::{Avx2, Avx2Vector};
#[cfg(target_arch = "x86_64")]
pub use avx512::{Avx512, Avx512Vector};
pub use emulated::{Emulated, Emulation};

use crate::field::{DIGITS, Limbs, Modulus, madd52};
use std::fmt::Debug;

/// The number of lanes of a vector.
pub const LANES: usize = 8;

/// An instruction set that this processor has.
pub trait Isa: Copy + Debug + Send + Sync + 'static {
    /// The vectors that kernels compute on.
    type Vector: Vector<Isa = Self>;

    /// Runs a kernel compiled for this instruction set. One call per hot loop: it is a function
    /// call, and nothing is inlined across it.
    fn run<K: Kernel>(self, kernel: K) -> K::Output;
}

/// A computation over vectors; its data are the fields.
pub trait Kernel {
    /// The result of the computation.
    type Output;

    /// Computes. Mark it `#[inline(always)]`, and all that it calls in its hot loop.
    fn run<V: Vector>(self, isa: V::Isa) -> Self::Output;
}

/// Eight unsigned 64-bit lanes; arithmetic wraps.
pub trait Vector: Copy + Debug + Send + Sync + 'static {
    /// The instruction set that the vectors belong to.
    type Isa: Isa<Vector = Self>;

    /// True if products see the low 52 bits of their factors' lanes only, whatever stands above.
    const FACTORS_BY_LOW_BITS: bool;

    /// Puts `value` into every lane.
    fn splat(isa: Self::Isa, value: u64) -> Self;

    /// Puts one integer into each lane.
    fn from_array(isa: Self::Isa, lanes: [u64; LANES]) -> Self;

    /// Gives the integers of the lanes.
    fn to_array(self) -> [u64; LANES];

    /// Loads lanes 0 to 3 from `low`, 4 to 7 from `high`.
    fn load_halves(isa: Self::Isa, low: &[u64; 4], high: &[u64; 4]) -> Self;

    /// Stores lanes 0 and 1 to the first place, 2 and 3 to the second, and so on.
    fn store_pairs(self, places: [&mut [u64; 2]; 4]);

    /// Gives `self + other` modulo 2^64 in each lane.
    fn add(self, other: Self) -> Self;

    /// Gives `self - other` modulo 2^64 in each lane.
    fn sub(self, other: Self) -> Self;

    /// Gives the bits that both have.
    fn and(self, other: Self) -> Self;

    /// Gives the bits that one or both have.
    fn or(self, other: Self) -> Self;

    /// Shifts each lane to the left; `BITS < 64`.
    fn shl<const BITS: u32>(self) -> Self;

    /// Shifts each lane to the right, zeros coming in; `BITS < 64`.
    fn shr<const BITS: u32>(self) -> Self;

    /// Shifts each lane, a two's complement number, to the right: the sign comes in; `BITS < 64`.
    fn sar<const BITS: u32>(self) -> Self;

    /// Gives the low 64 bits of `(high·2^64 + self)/2^BITS`; `0 < BITS < 64`.
    fn funnel_shr<const BITS: u32>(self, high: Self) -> Self;

    /// Gives `self + other` in lanes where `sign`, a two's complement number, is negative, `self` elsewhere.
    fn add_where_negative(self, sign: Self, other: Self) -> Self;

    /// Gives `self + low 52 bits of a·b`, where a and b are the low 52 bits of the operands.
    fn madd52_low(self, a: Self, b: Self) -> Self;

    /// Gives `self + bits 52 to 103 of a·b`, where a and b are the low 52 bits of the operands.
    fn madd52_high(self, a: Self, b: Self) -> Self;

    /// Lane i is lane `index[i] mod 8` of `self`.
    fn lookup(self, index: Self) -> Self;

    /// Gives `[a0, b0, a2, b2, a4, b4, a6, b6]`, where `a0` is lane 0 of `self`, and so on.
    fn even_lanes(self, b: Self) -> Self;

    /// Gives `[a1, b1, a3, b3, a5, b5, a7, b7]`.
    fn odd_lanes(self, b: Self) -> Self;

    /// Gives `[A0, A2, B0, B2]`, where `A0` is the pair of lanes 0 and 1 of `self`, and so on.
    fn even_pairs(self, b: Self) -> Self;

    /// Gives `[A1, A3, B1, B3]`.
    fn odd_pairs(self, b: Self) -> Self;

    /// Bit i is set where lane i equals the other's.
    fn equal(self, other: Self) -> u8;

    /// Lane i of `other` where bit i of `mask` is set, of `self` elsewhere.
    fn select(self, mask: u8, other: Self) -> Self;

    /// Computes all of these before anything that is made of one of them. No effect on values: left
    /// alone, the compiler finishes one of several independent computations after the other, and
    /// where each instruction waits for the one before, a processor does not look far enough ahead.
    #[inline(always)]
    #[allow(unused_variables)]
    fn in_step<const N: usize>(columns: &mut [[Self; DIGITS + 1]; N]) {}

    /// Computes [`crate::field::Field::products_plus`] in the way that suits the instruction set.
    #[inline(always)]
    fn products_plus<M: Modulus, const N: usize>(
        isa: Self::Isa,
        a: [&Limbs<Self>; N],
        b: [&Limbs<Self>; N],
        plus: [&Limbs<Self>; N],
    ) -> [Limbs<Self>; N] {
        madd52::products_plus::<Self, M, N>(isa, a, b, plus)
    }

    /// Replaces b by `[(a₀·b₀ - a₁·b₁)/R, (a₀·b₁ + a₁·b₀)/R]`, as
    /// [`crate::field::QuadraticField::multiply`] says it, in the way that suits the instruction set.
    #[inline(always)]
    fn quadratic_multiply<M: Modulus>(isa: Self::Isa, a: [&Limbs<Self>; 2], b: &mut [Limbs<Self>; 2]) {
        *b = madd52::quadratic_product::<Self, M>(isa, a, b.each_ref());
    }

    /// Computes [`crate::field::Field::squares_plus`] in the way that suits the instruction set.
    #[inline(always)]
    fn squares_plus<M: Modulus, const N: usize>(
        isa: Self::Isa,
        a: [&Limbs<Self>; N],
        plus: [&Limbs<Self>; N],
    ) -> [Limbs<Self>; N] {
        madd52::squares_plus::<Self, M, N>(isa, a, plus)
    }
}

/// Asks for the cache line that `value` begins in; no effect but on time.
#[inline(always)]
#[allow(unused_variables)]
pub(crate) fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    avx512::prefetch(value);
}
