//! AVX2 with FMA: eight lanes in two registers.
//!
//! Every `unsafe` block below is one of three kinds, and each is sound for the reason given here:
//! - An intrinsic of AVX2 on register values. It needs a processor with the feature and nothing
//!   else. An [`Avx2Vector`] is only made from an [`Avx2`] or from another vector, and an [`Avx2`]
//!   only by [`Avx2::detect`], which has asked the processor (and, through it, the operating
//!   system) for both features used, or from a vector. Neither type can be built elsewhere: their
//!   fields are private to this module.
//! - The call of a function that is compiled for these features: the same reason.
//! - A load or store through a reference to an array of exactly the bytes that are moved, by an
//!   intrinsic that needs no alignment.

#![allow(unsafe_code)]

mod product;

use super::{Isa, Kernel, LANES, Vector};
use crate::field::{DIGITS, Limbs, Modulus};
use core::arch::x86_64::*;
use std::{array, fmt};

/// The instruction set AVX2 with FMA, which this processor has.
#[derive(Clone, Copy)]
pub struct Avx2(());

/// Eight lanes in two 256-bit registers: lanes 0 to 3 and 4 to 7.
#[derive(Clone, Copy)]
pub struct Avx2Vector([__m256i; 2]);

impl fmt::Debug for Avx2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Avx2")
    }
}

impl fmt::Debug for Avx2Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_array()).finish()
    }
}

impl Avx2 {
    /// Gives the instruction set if this processor has it. Only this makes the first one: it asks the processor
    /// for every feature that functions here name.
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Avx2(()))
    }
}

impl Isa for Avx2 {
    type Vector = Avx2Vector;

    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: `self` says that the features are there.
        unsafe { run_detected(self, kernel) }
    }
}

/// Compiled for the instruction set; the kernel is inlined into it.
#[target_feature(enable = "avx2,fma")]
fn run_detected<K: Kernel>(isa: Avx2, kernel: K) -> K::Output {
    kernel.run::<Avx2Vector>(isa)
}

/// An expression of intrinsics on register values, for each half: see the first kind at the top.
/// A macro, because the body of a closure would not be compiled for the instruction set.
macro_rules! halves {
    ($half:ident => $expression:expr) => {
        // SAFETY: the vectors among the operands, or the `Avx2`, prove the features.
        unsafe {
            let low = {
                let $half = 0;
                $expression
            };
            let high = {
                let $half = 1;
                $expression
            };
            Avx2Vector([low, high])
        }
    };
}

/// Masks of four lanes, by their bits.
const MASKS: [[u64; 4]; 16] = {
    let mut masks = [[0; 4]; 16];
    let mut bits = 0;
    while bits < 16 {
        let mut lane = 0;
        while lane < 4 {
            masks[bits][lane] = (bits as u64 >> lane & 1).wrapping_neg();
            lane += 1;
        }
        bits += 1;
    }
    masks
};

impl Avx2Vector {
    /// Bits 0 to 51 and 52 to 103 of the products of the low 52 bits of each lane.
    #[inline(always)]
    fn product52(self, b: Self) -> [Self; 2] {
        // SAFETY: the vectors prove the features.
        unsafe {
            let [low0, high0] = product::product52(self.0[0], b.0[0]);
            let [low1, high1] = product::product52(self.0[1], b.0[1]);
            [Avx2Vector([low0, low1]), Avx2Vector([high0, high1])]
        }
    }
}

impl Vector for Avx2Vector {
    type Isa = Avx2;

    const FACTORS_BY_LOW_BITS: bool = false;

    #[inline(always)]
    fn splat(_: Avx2, value: u64) -> Self {
        halves!(_half => _mm256_set1_epi64x(value as i64))
    }

    #[inline(always)]
    fn from_array(isa: Avx2, [l0, l1, l2, l3, l4, l5, l6, l7]: [u64; LANES]) -> Self {
        Self::load_halves(isa, &[l0, l1, l2, l3], &[l4, l5, l6, l7])
    }

    #[inline(always)]
    fn to_array(self) -> [u64; LANES] {
        let mut lanes = [0; LANES];
        // SAFETY: eight lanes of eight bytes are the two times 32 bytes stored; no alignment is needed.
        unsafe {
            _mm256_storeu_si256(lanes.as_mut_ptr().cast(), self.0[0]);
            _mm256_storeu_si256(lanes[4..].as_mut_ptr().cast(), self.0[1]);
        }
        lanes
    }

    #[inline(always)]
    fn load_halves(_: Avx2, low: &[u64; 4], high: &[u64; 4]) -> Self {
        let halves = [low, high];
        // Loads of 32 bytes, from arrays of 32 bytes; no alignment is needed.
        halves!(i => _mm256_loadu_si256(halves[i].as_ptr().cast()))
    }

    #[inline(always)]
    fn store_pairs(self, [p0, p1, p2, p3]: [&mut [u64; 2]; 4]) {
        let [low, high] = self.0;
        // SAFETY: four stores of 16 bytes, to arrays of 16 bytes; no alignment is needed.
        unsafe {
            _mm_storeu_si128(p0.as_mut_ptr().cast(), _mm256_castsi256_si128(low));
            _mm_storeu_si128(p1.as_mut_ptr().cast(), _mm256_extracti128_si256::<1>(low));
            _mm_storeu_si128(p2.as_mut_ptr().cast(), _mm256_castsi256_si128(high));
            _mm_storeu_si128(p3.as_mut_ptr().cast(), _mm256_extracti128_si256::<1>(high));
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        halves!(i => _mm256_add_epi64(self.0[i], other.0[i]))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        halves!(i => _mm256_sub_epi64(self.0[i], other.0[i]))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        halves!(i => _mm256_and_si256(self.0[i], other.0[i]))
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        halves!(i => _mm256_or_si256(self.0[i], other.0[i]))
    }

    #[inline(always)]
    fn shl<const BITS: u32>(self) -> Self {
        halves!(i => _mm256_sll_epi64(self.0[i], _mm_cvtsi32_si128(BITS as i32)))
    }

    #[inline(always)]
    fn shr<const BITS: u32>(self) -> Self {
        halves!(i => _mm256_srl_epi64(self.0[i], _mm_cvtsi32_si128(BITS as i32)))
    }

    #[inline(always)]
    fn sar<const BITS: u32>(self) -> Self {
        halves!(i => product::sar::<BITS>(self.0[i]))
    }

    #[inline(always)]
    fn funnel_shr<const BITS: u32>(self, high: Self) -> Self {
        halves!(i => _mm256_or_si256(
            _mm256_srl_epi64(self.0[i], _mm_cvtsi32_si128(BITS as i32)),
            _mm256_sll_epi64(high.0[i], _mm_cvtsi32_si128(64 - BITS as i32)),
        ))
    }

    #[inline(always)]
    fn add_where_negative(self, sign: Self, other: Self) -> Self {
        halves!(i => {
            let negative = _mm256_cmpgt_epi64(_mm256_setzero_si256(), sign.0[i]);
            _mm256_add_epi64(self.0[i], _mm256_and_si256(negative, other.0[i]))
        })
    }

    #[inline(always)]
    fn madd52_low(self, a: Self, b: Self) -> Self {
        self.add(a.product52(b)[0])
    }

    #[inline(always)]
    fn madd52_high(self, a: Self, b: Self) -> Self {
        self.add(a.product52(b)[1])
    }

    #[inline(always)]
    fn lookup(self, index: Self) -> Self {
        let [low, high] = self.0;
        // The low words of all eight lanes in one register, the high words in another; the
        // instruction takes each word from where the low three bits of its index say.
        halves!(i => {
            let (low, high) = (_mm256_castsi256_ps(low), _mm256_castsi256_ps(high));
            let low_words = _mm256_castps_si256(_mm256_shuffle_ps::<0b10_00_10_00>(low, high));
            let high_words = _mm256_castps_si256(_mm256_shuffle_ps::<0b11_01_11_01>(low, high));
            // Pairs of words of lanes 0, 4, 2, 6 to 0, 2, 4, 6.
            let low_words = _mm256_permute4x64_epi64::<0b11_01_10_00>(low_words);
            let high_words = _mm256_permute4x64_epi64::<0b11_01_10_00>(high_words);
            let index = _mm256_shuffle_epi32::<0b10_10_00_00>(index.0[i]);
            _mm256_blend_epi32::<0b1010_1010>(
                _mm256_permutevar8x32_epi32(low_words, index),
                _mm256_permutevar8x32_epi32(high_words, index),
            )
        })
    }

    #[inline(always)]
    fn even_lanes(self, b: Self) -> Self {
        halves!(i => _mm256_unpacklo_epi64(self.0[i], b.0[i]))
    }

    #[inline(always)]
    fn odd_lanes(self, b: Self) -> Self {
        halves!(i => _mm256_unpackhi_epi64(self.0[i], b.0[i]))
    }

    #[inline(always)]
    fn even_pairs(self, b: Self) -> Self {
        let vectors = [self.0, b.0];
        halves!(i => _mm256_permute2x128_si256::<0x20>(vectors[i][0], vectors[i][1]))
    }

    #[inline(always)]
    fn odd_pairs(self, b: Self) -> Self {
        let vectors = [self.0, b.0];
        halves!(i => _mm256_permute2x128_si256::<0x31>(vectors[i][0], vectors[i][1]))
    }

    #[inline(always)]
    fn equal(self, other: Self) -> u8 {
        let Avx2Vector([low, high]) = halves!(i => _mm256_cmpeq_epi64(self.0[i], other.0[i]));
        // SAFETY: the vectors prove the features.
        let bits = unsafe {
            [_mm256_movemask_pd(_mm256_castsi256_pd(low)), _mm256_movemask_pd(_mm256_castsi256_pd(high))]
        };
        (bits[0] | bits[1] << 4) as u8
    }

    #[inline(always)]
    fn select(self, mask: u8, other: Self) -> Self {
        let (low, high) = (&MASKS[mask as usize & 15], &MASKS[mask as usize >> 4]);
        let masks = Self::load_halves(Avx2(()), low, high);
        halves!(i => _mm256_blendv_epi8(self.0[i], other.0[i], masks.0[i]))
    }

    #[inline(always)]
    fn products_plus<M: Modulus, const N: usize>(
        _: Avx2,
        a: [&Limbs<Self>; N],
        b: [&Limbs<Self>; N],
        plus: [&Limbs<Self>; N],
    ) -> [Limbs<Self>; N] {
        // SAFETY: the vectors prove the features.
        let mut sums = array::from_fn(|n| unsafe { product::sum_of_products::<M, 1, false>([a[n]], [b[n]]) });
        for n in 0..N {
            for j in 0..DIGITS {
                sums[n][j] = sums[n][j].add(plus[n][j]);
            }
        }
        sums
    }

    #[inline(always)]
    fn quadratic_multiply<M: Modulus>(_: Avx2, a: [&Limbs<Self>; 2], b: &mut [Limbs<Self>; 2]) {
        // SAFETY: the vectors prove the features.
        *b = unsafe {
            [
                product::sum_of_products::<M, 2, true>(a, [&b[0], &b[1]]),
                product::sum_of_products::<M, 2, false>(a, [&b[1], &b[0]]),
            ]
        };
    }

    #[inline(always)]
    fn squares_plus<M: Modulus, const N: usize>(
        isa: Avx2,
        a: [&Limbs<Self>; N],
        plus: [&Limbs<Self>; N],
    ) -> [Limbs<Self>; N] {
        Self::products_plus::<M, N>(isa, a, a, plus)
    }
}
