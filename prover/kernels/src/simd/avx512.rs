//! AVX-512 with IFMA. Of the kernels only this module and the one of AVX2 have `unsafe`.
//!
//! Every block below is one of four kinds, and each is sound for the reason given here:
//! - An intrinsic of AVX-512 on register values. It needs a processor with the feature and nothing
//!   else. A [`Avx512Vector`] is only made from an [`Avx512`] or from another vector, and an
//!   [`Avx512`] only by [`Avx512::detect`], which has asked the processor (and, through it, the
//!   operating system) for all six features used. Neither type can be built elsewhere: their
//!   fields are private.
//! - The call of a function of this module that is compiled for some of these features: the same reason.
//! - Assembly of no instruction, which takes register values and gives the same: [`Vector::in_step`], and
//!   where a vector is to be computed in one piece.
//! - A load or store through a reference to an array of exactly the bytes that are moved, by an
//!   intrinsic that needs no alignment.

#![allow(unsafe_code)]

use super::{Isa, Kernel, LANES, Vector};
use crate::field::{DIGITS, Limbs, Modulus, madd52};
use core::arch::asm;
use core::arch::x86_64::*;
use std::fmt;

/// The instruction set AVX-512. This processor has F, DQ, VL, BW, IFMA and VBMI2, as all that have IFMA
/// but the very first.
#[derive(Clone, Copy)]
pub struct Avx512(());

/// One 512-bit register of eight lanes.
#[derive(Clone, Copy)]
pub struct Avx512Vector(__m512i);

impl fmt::Debug for Avx512 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Avx512")
    }
}

impl fmt::Debug for Avx512Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_array()).finish()
    }
}

impl Avx512 {
    /// Gives the instruction set if this processor has it. Only this makes one: it asks the processor for
    /// every feature that functions here name.
    pub fn detect() -> Option<Self> {
        let present = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512ifma")
            && is_x86_feature_detected!("avx512vbmi2");
        present.then_some(Avx512(()))
    }
}

impl Isa for Avx512 {
    type Vector = Avx512Vector;

    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: `self` says that the features are there.
        unsafe { run_detected(self, kernel) }
    }
}

/// The function that kernels are inlined into. [`Avx512::detect`] asks for all that it names.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512ifma,avx512vbmi2")]
fn run_detected<K: Kernel>(isa: Avx512, kernel: K) -> K::Output {
    kernel.run::<Avx512Vector>(isa)
}

/// Assembly of no instruction on the columns of so many computations: [`Vector::in_step`].
macro_rules! in_step {
    ($name:ident, $count:literal, $($columns:ident: $c0:ident $c1:ident $c2:ident $c3:ident $c4:ident $c5:ident),*) => {
        #[inline]
        #[target_feature(enable = "avx512f")]
        fn $name(columns: &mut [[Avx512Vector; DIGITS + 1]; $count]) {
            let [$([$c0, $c1, $c2, $c3, $c4, $c5]),*] = columns;
            // SAFETY: there is no instruction; all operands stay what they are.
            unsafe {
                asm!(
                    $(concat!(
                        "/* {", stringify!($c0), "} {", stringify!($c1), "} {", stringify!($c2), "} {",
                        stringify!($c3), "} {", stringify!($c4), "} {", stringify!($c5), "} */"
                    ),)*
                    $($c0 = inout(zmm_reg) $c0.0, $c1 = inout(zmm_reg) $c1.0, $c2 = inout(zmm_reg) $c2.0,
                    $c3 = inout(zmm_reg) $c3.0, $c4 = inout(zmm_reg) $c4.0, $c5 = inout(zmm_reg) $c5.0,)*
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
        }
    };
}

in_step!(in_step_2, 2, a: a0 a1 a2 a3 a4 a5, b: b0 b1 b2 b3 b4 b5);
in_step!(
    in_step_4, 4,
    a: a0 a1 a2 a3 a4 a5, b: b0 b1 b2 b3 b4 b5, c: c0 c1 c2 c3 c4 c5, d: d0 d1 d2 d3 d4 d5
);

/// The same. Seeing that only parts of a vector are stored, the compiler would compute it in parts.
#[inline]
#[target_feature(enable = "avx512f")]
fn in_one_piece(mut vector: __m512i) -> __m512i {
    // SAFETY: there is no instruction; the operand stays what it is.
    unsafe { asm!("/* {} */", inout(zmm_reg) vector, options(pure, nomem, nostack, preserves_flags)) };
    vector
}

/// See [`Vector::quadratic_multiply`]. A function of its own: with the ten of an addition of two
/// steps written out, the loop around them does not fit the instruction cache.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512ifma,avx512vbmi2")]
fn quadratic_multiply<M: Modulus>(
    isa: Avx512,
    a: [&Limbs<Avx512Vector>; 2],
    b: &mut [Limbs<Avx512Vector>; 2],
) {
    *b = madd52::quadratic_product::<Avx512Vector, M>(isa, a, b.each_ref());
}

/// Intrinsics on register values: see the first kind at the top.
macro_rules! register {
    ($intrinsic:expr) => {
        // SAFETY: the vectors among the operands, or the `Avx512`, prove the features.
        Avx512Vector(unsafe { $intrinsic })
    };
}

impl Vector for Avx512Vector {
    type Isa = Avx512;

    const FACTORS_BY_LOW_BITS: bool = true;

    #[inline(always)]
    fn splat(_: Avx512, value: u64) -> Self {
        register!(_mm512_set1_epi64(value as i64))
    }

    #[inline(always)]
    fn from_array(_: Avx512, lanes: [u64; LANES]) -> Self {
        register!(_mm512_loadu_si512(lanes.as_ptr().cast()))
    }

    #[inline(always)]
    fn to_array(self) -> [u64; LANES] {
        let mut lanes = [0; LANES];
        // SAFETY: eight lanes of eight bytes are the 64 bytes stored; no alignment is needed.
        unsafe { _mm512_storeu_si512(lanes.as_mut_ptr().cast(), self.0) };
        lanes
    }

    #[inline(always)]
    fn load_halves(_: Avx512, low: &[u64; 4], high: &[u64; 4]) -> Self {
        // Two loads of 32 bytes, from arrays of 32 bytes; no alignment is needed.
        register!(_mm512_inserti64x4::<1>(
            _mm512_castsi256_si512(_mm256_loadu_si256(low.as_ptr().cast())),
            _mm256_loadu_si256(high.as_ptr().cast()),
        ))
    }

    #[inline(always)]
    fn store_pairs(self, [p0, p1, p2, p3]: [&mut [u64; 2]; 4]) {
        // SAFETY: four stores of 16 bytes, to arrays of 16 bytes; no alignment is needed.
        unsafe {
            let lanes = in_one_piece(self.0);
            _mm_storeu_si128(p0.as_mut_ptr().cast(), _mm512_castsi512_si128(lanes));
            _mm_storeu_si128(p1.as_mut_ptr().cast(), _mm512_extracti64x2_epi64::<1>(lanes));
            _mm_storeu_si128(p2.as_mut_ptr().cast(), _mm512_extracti64x2_epi64::<2>(lanes));
            _mm_storeu_si128(p3.as_mut_ptr().cast(), _mm512_extracti64x2_epi64::<3>(lanes));
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        register!(_mm512_add_epi64(self.0, other.0))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        register!(_mm512_sub_epi64(self.0, other.0))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        register!(_mm512_and_si512(self.0, other.0))
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        register!(_mm512_or_si512(self.0, other.0))
    }

    #[inline(always)]
    fn shl<const BITS: u32>(self) -> Self {
        register!(_mm512_slli_epi64::<BITS>(self.0))
    }

    #[inline(always)]
    fn shr<const BITS: u32>(self) -> Self {
        register!(_mm512_srli_epi64::<BITS>(self.0))
    }

    #[inline(always)]
    fn sar<const BITS: u32>(self) -> Self {
        register!(_mm512_srai_epi64::<BITS>(self.0))
    }

    #[inline(always)]
    fn funnel_shr<const BITS: u32>(self, high: Self) -> Self {
        register!(_mm512_shrdv_epi64(self.0, high.0, _mm512_set1_epi64(i64::from(BITS))))
    }

    #[inline(always)]
    fn add_where_negative(self, sign: Self, other: Self) -> Self {
        register!(_mm512_mask_add_epi64(self.0, _mm512_movepi64_mask(sign.0), self.0, other.0))
    }

    #[inline(always)]
    fn madd52_low(self, a: Self, b: Self) -> Self {
        register!(_mm512_madd52lo_epu64(self.0, a.0, b.0))
    }

    #[inline(always)]
    fn madd52_high(self, a: Self, b: Self) -> Self {
        register!(_mm512_madd52hi_epu64(self.0, a.0, b.0))
    }

    #[inline(always)]
    fn in_step<const N: usize>(columns: &mut [[Self; DIGITS + 1]; N]) {
        // SAFETY: the vectors prove the feature.
        unsafe {
            if let Some(columns) = columns.first_chunk_mut::<4>() {
                in_step_4(columns);
            } else if let Some(columns) = columns.first_chunk_mut::<2>() {
                in_step_2(columns);
            }
        }
    }

    #[inline(always)]
    fn quadratic_multiply<M: Modulus>(isa: Avx512, a: [&Limbs<Self>; 2], b: &mut [Limbs<Self>; 2]) {
        // SAFETY: `isa` says that the features are there.
        unsafe { quadratic_multiply::<M>(isa, a, b) }
    }

    #[inline(always)]
    fn lookup(self, index: Self) -> Self {
        register!(_mm512_permutexvar_epi64(index.0, self.0))
    }

    #[inline(always)]
    fn even_lanes(self, b: Self) -> Self {
        register!(_mm512_unpacklo_epi64(self.0, b.0))
    }

    #[inline(always)]
    fn odd_lanes(self, b: Self) -> Self {
        register!(_mm512_unpackhi_epi64(self.0, b.0))
    }

    #[inline(always)]
    fn even_pairs(self, b: Self) -> Self {
        // Two bits per quarter, lowest first: 0, 2 of the first operand, 0, 2 of the second.
        register!(_mm512_shuffle_i64x2::<0b10_00_10_00>(self.0, b.0))
    }

    #[inline(always)]
    fn odd_pairs(self, b: Self) -> Self {
        register!(_mm512_shuffle_i64x2::<0b11_01_11_01>(self.0, b.0))
    }

    #[inline(always)]
    fn equal(self, other: Self) -> u8 {
        // SAFETY: as for the register operations.
        unsafe { _mm512_cmpeq_epi64_mask(self.0, other.0) }
    }

    #[inline(always)]
    fn select(self, mask: u8, other: Self) -> Self {
        register!(_mm512_mask_blend_epi64(mask, self.0, other.0))
    }
}

/// See [`super::prefetch`].
#[inline(always)]
pub(super) fn prefetch<T>(value: &T) {
    // SAFETY: SSE is part of x86-64, and a prefetch reads nothing that the program can see.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast()) };
}
