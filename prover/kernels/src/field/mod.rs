//! The base and scalar fields of BN254, eight elements at a time.
//!
//! An element is five vectors, [`Limbs`]: lane l of limb i is digit i, of weight 2^(52i), of the
//! l-th element. Elements are in Montgomery form with R = 2^260: the integer x stands for x/R.
//! The modulus p has 254 bits, so that 2^260 > 84.6·p: there is room for lazy arithmetic, and
//! every function says what it takes and gives:
//!
//! - **normalised below k**: every limb is below 2^52 and the integer is below k·p (k ≤ 84);
//! - **a factor below k**: the same of the low 52 bits of the limbs; what stands above them means nothing
//!   where products do not look at it ([`Vector::FACTORS_BY_LOW_BITS`]), and is zero elsewhere, on AVX2. What
//!   is normalised is a factor;
//! - **raw**: limbs are signed, of at most 2^62 in absolute value; the integer may be negative.
//!
//! Builds with debug assertions check each stated bound in each lane, which makes every test of a
//! kernel on the emulation a test of its bounds, but for the zeros above factors' digits: of these only tests
//! on AVX2 tell.

mod convert;
mod inverse;
mod linear;
pub(crate) mod madd52;
mod modulus;
mod product;
mod quadratic;
#[cfg(test)]
mod tests;

pub(crate) use convert::element_digits;
pub(crate) use modulus::{DIGIT_BITS, DIGIT_MASK, digits, power_of_two, short_multiple};
pub use modulus::{DIGITS, Modulus, ModulusFq, ModulusFr};
pub use quadratic::{QuadraticField, QuadraticLimbs};

use crate::simd::Vector;
use std::marker::PhantomData;

/// Eight elements, as one vector for each of the five digits.
pub type Limbs<V> = [V; DIGITS];

/// Eight elements at a time of the field of `M` on the lanes of `V`. It has no data but the
/// knowledge that the instructions exist; constants are compiled into the code.
#[derive(Debug)]
pub struct Field<V: Vector, M: Modulus> {
    isa: V::Isa,
    modulus: PhantomData<M>,
}

impl<V: Vector, M: Modulus> Clone for Field<V, M> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: Vector, M: Modulus> Copy for Field<V, M> {}

impl<V: Vector, M: Modulus> Field<V, M> {
    /// Makes the field for an instruction set.
    #[inline(always)]
    pub fn new(isa: V::Isa) -> Self {
        Field { isa, modulus: PhantomData }
    }

    /// The instruction set.
    #[inline(always)]
    pub(crate) fn isa(&self) -> V::Isa {
        self.isa
    }

    /// The same digits in every lane.
    #[inline(always)]
    pub(crate) fn splat(&self, digits: [u64; DIGITS]) -> Limbs<V> {
        let [d0, d1, d2, d3, d4] = digits;
        let splat = V::splat;
        let isa = self.isa;
        [splat(isa, d0), splat(isa, d1), splat(isa, d2), splat(isa, d3), splat(isa, d4)]
    }

    /// Zero in every lane.
    #[inline(always)]
    pub fn zero(&self) -> Limbs<V> {
        [V::splat(self.isa, 0); DIGITS]
    }

    /// One in Montgomery form; normalised below 1.
    #[inline(always)]
    pub fn one(&self) -> Limbs<V> {
        self.splat(const { power_of_two(&M::P, 260) })
    }

    #[inline(always)]
    pub(crate) fn mask(&self) -> V {
        V::splat(self.isa, DIGIT_MASK)
    }

    /// Panics in builds with debug assertions if `x` is not normalised below `multiple`.
    #[inline(always)]
    #[allow(unused_variables)]
    pub(crate) fn debug_check_below(&self, x: &Limbs<V>, multiple: u64, place: &str) {
        #[cfg(debug_assertions)]
        bounds::check_below::<V, M>(x, multiple, place);
    }

    /// Panics in builds with debug assertions if `x` is not a factor below `multiple`.
    #[inline(always)]
    #[allow(unused_variables)]
    pub(crate) fn debug_check_factor(&self, x: &Limbs<V>, multiple: u64, place: &str) {
        #[cfg(debug_assertions)]
        {
            let seen = if V::FACTORS_BY_LOW_BITS { x.map(|limb| limb.and(self.mask())) } else { *x };
            bounds::check_below::<V, M>(&seen, multiple, place);
        }
    }

    /// Panics in builds with debug assertions if the integer of `x`, raw, is negative or not below
    /// `multiple`.
    #[inline(always)]
    #[allow(unused_variables)]
    pub(crate) fn debug_check_integer(&self, x: &Limbs<V>, multiple: u64, place: &str) {
        #[cfg(debug_assertions)]
        bounds::check_below::<V, M>(&self.carry(*x), multiple, place);
    }

    /// Panics in builds with debug assertions if a limb of `x` exceeds 2^`bits` in
    /// absolute value.
    #[inline(always)]
    #[allow(unused_variables)]
    pub(crate) fn debug_check_raw(&self, x: &Limbs<V>, bits: u32, place: &str) {
        #[cfg(debug_assertions)]
        bounds::check_raw(x, bits, place);
    }
}

#[cfg(debug_assertions)]
mod bounds {
    use super::{DIGIT_BITS, Limbs, Modulus};
    use crate::simd::{LANES, Vector};

    pub fn check_below<V: Vector, M: Modulus>(x: &Limbs<V>, multiple: u64, place: &str) {
        let bound = super::modulus::multiple(&M::P, multiple);
        let lanes = x.map(V::to_array);
        for lane in 0..LANES {
            let digits = lanes.map(|limb| limb[lane]);
            assert!(
                digits.iter().all(|digit| *digit >> DIGIT_BITS == 0)
                    && digits.iter().rev().lt(bound.iter().rev()),
                "{place}: lane {lane} is not normalised below {multiple}: {digits:x?}"
            );
        }
    }

    pub fn check_raw<V: Vector>(x: &Limbs<V>, bits: u32, place: &str) {
        for (i, limb) in x.iter().enumerate() {
            for value in limb.to_array() {
                assert!((value as i64).unsigned_abs() <= 1 << bits, "{place}: limb {i} is {value:x}");
            }
        }
    }
}
