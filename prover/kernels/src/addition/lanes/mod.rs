//! Coordinates of eight points in the lanes of vectors: what an addition needs of Fq and of Fq2.
//!
//! **Domain.** A stored coordinate is v·2^256, as in keys, while products are taken in Montgomery
//! form with R = 2^260: to them it is the element v/16. Points (x, y) are thus seen as
//! (x/16, y/16), and no conversion is needed: with differences of these, the slope λ comes out
//! right up to its sign. From μ = -λ/4 the sum is x₃/16 = μ² - x₁/16 - x₂/16 and
//! y₃/16 = μ·4·(x₃/16 - x₁/16) - y₁/16. The factor 1/4 costs nothing: the one inverse of a batch
//! carries it to all ([`super::vector`]).
//!
//! **Bounds.** Stored coordinates are below 3 (in multiples of q): below 2 in a key or from the portable code,
//! below 2.31 from [`crate::field::Field::reduce_raw`] here, y in G1 below 2.64.

mod prime;
mod quadratic;

use crate::points::Packed;
use crate::simd::{LANES, Vector};

/// Independent vectors of elements in flight.
pub(super) const CHAINS: usize = 2;

/// One of each chain.
pub(super) type Chains<E> = [E; CHAINS];

/// What a body gives for each chain, written out: of a long body the compiler leaves a loop, and with
/// it all elements in memory and calls of memcpy.
macro_rules! by_chains {
    ($chain:ident, $body:block) => {{
        const _: () = assert!($crate::addition::lanes::CHAINS == 2);
        [
            {
                let $chain = 0;
                $body
            },
            {
                let $chain = 1;
                $body
            },
        ]
    }};
}
pub(super) use by_chains;

/// [`by_chains`] of a body that gives nothing.
macro_rules! for_chains {
    ($chain:ident, $body:block) => {
        let [(), ()] = $crate::addition::lanes::by_chains!($chain, $body);
    };
}
pub(super) use for_chains;

/// Eight digits, one of each lane, in one cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Row([u64; LANES]);

/// Points whose coordinates fit vectors.
pub trait Lanes: Packed {
    /// The arithmetic of coordinates on the lanes of `V`.
    type Field<V: Vector>: LaneField<V, Point = Self>;
    /// A vector of elements in memory.
    type Saved: Copy + Send + Sync;

    /// A value for memory that will be written before it is read.
    const EMPTY: Self::Saved;
    /// The factor 64 = 2⁶, which turns the inverse of a product of differences into the one for R = 2^260,
    /// over four; see [`super::vector`].
    const INVERSE_FACTOR: Self::Coordinate;
}

/// The arithmetic of coordinates on eight lanes.
pub trait LaneField<V: Vector>: Copy {
    /// A vector of elements, one in each lane.
    type Element: Copy;
    /// The points whose coordinates these are.
    type Point: Lanes;

    /// Makes the arithmetic for an instruction set.
    fn new(isa: V::Isa) -> Self;

    /// Zero in every lane.
    fn zero(&self) -> Self::Element;

    /// One in every lane.
    fn one(&self) -> Self::Element;

    /// The difference of integers 1 and 0, which is not zero.
    fn unit_difference(&self) -> Self::Element;

    /// Loads the first coordinates of eight points.
    fn load_x(&self, points: &[&Self::Point; LANES]) -> Self::Element;

    /// Loads the second coordinates of eight points.
    fn load_y(&self, points: &[&Self::Point; LANES]) -> Self::Element;

    /// `a - b` of stored coordinates: a difference, normalised.
    fn difference(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;

    /// The negative of a stored coordinate, raw.
    fn negative(&self, a: &Self::Element) -> Self::Element;

    /// `a + b` of a stored coordinate and a negative: a difference, as a factor.
    fn plus_negative(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;

    /// `4·(a - b)`, where a is what [`LaneField::square_minus_both`] gives and b is stored: a difference
    /// too, as a factor.
    fn difference_times_4(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;

    /// Multiplies each b, a product, by its a, which is a difference or a product.
    fn multiply(&self, b: &mut Chains<Self::Element>, a: &Chains<Self::Element>);

    /// [`LaneField::multiply`], and then the negatives are added: heights, raw.
    fn multiply_plus(
        &self,
        b: &mut Chains<Self::Element>,
        a: &Chains<Self::Element>,
        negatives: &Chains<Self::Element>,
    );

    /// [`LaneField::multiply`] of the first and [`LaneField::multiply_plus`] of the second, side by side.
    #[inline(always)]
    fn multiply_pairs(
        &self,
        b: [&mut Chains<Self::Element>; 2],
        a: [&Chains<Self::Element>; 2],
        negatives: &Chains<Self::Element>,
    ) {
        let ([b0, b1], [a0, a1]) = (b, a);
        self.multiply(b0, a0);
        self.multiply_plus(b1, a1, negatives);
    }

    /// `a² - b - c`, where a is a product, b and c are stored, and `b_minus_c` is their difference:
    /// a coordinate, raw. With any other difference, such as [`LaneField::unit_difference`], the result
    /// means nothing, within the same bounds.
    fn square_minus_both(
        &self,
        a: &Chains<Self::Element>,
        b: &Chains<Self::Element>,
        b_minus_c: &Chains<Self::Element>,
        results: &mut Chains<Self::Element>,
    );

    /// Stores sums of points: x from [`LaneField::square_minus_both`], y from a height.
    fn store(&self, x: &Self::Element, height: &Self::Element, points: &mut [Self::Point; LANES]);

    /// Lanes that are the integer zero, as the identity's are.
    fn zero_integers(&self, a: &Self::Element) -> u8;

    /// Lanes that are zero modulo q; a is a difference.
    fn zero_elements(&self, a: &Self::Element) -> u8;

    /// Lanes of `b` where the bit of `mask` is set, of `a` elsewhere.
    fn select(&self, mask: u8, a: &Self::Element, b: &Self::Element) -> Self::Element;

    /// Writes a vector of elements to memory.
    fn save(&self, a: &Self::Element, saved: &mut <Self::Point as Lanes>::Saved);

    /// Reads what [`LaneField::save`] wrote.
    fn restore(&self, saved: &<Self::Point as Lanes>::Saved) -> Self::Element;

    /// A product's lanes as elements whose limbs are the lanes' integers.
    fn leave(&self, a: &Self::Element) -> [<Self::Point as Packed>::Coordinate; LANES];

    /// The way back, from integers below 2.
    fn enter(&self, a: &[<Self::Point as Packed>::Coordinate; LANES]) -> Self::Element;
}

/// Four words of a point.
#[inline(always)]
fn words(point: &[u64], at: usize) -> &[u64; 4] {
    point[at..].first_chunk().expect("four words of a point")
}

/// The words of eight points from `$at` on; a macro because a closure would not be inlined.
macro_rules! words_of {
    ($points:expr, $at:expr) => {{
        let [p0, p1, p2, p3, p4, p5, p6, p7] = *$points;
        [
            $crate::addition::lanes::words(&p0.0, $at),
            $crate::addition::lanes::words(&p1.0, $at),
            $crate::addition::lanes::words(&p2.0, $at),
            $crate::addition::lanes::words(&p3.0, $at),
            $crate::addition::lanes::words(&p4.0, $at),
            $crate::addition::lanes::words(&p5.0, $at),
            $crate::addition::lanes::words(&p6.0, $at),
            $crate::addition::lanes::words(&p7.0, $at),
        ]
    }};
}
use words_of;

#[inline(always)]
fn words_mut(point: &mut [u64], at: usize) -> &mut [u64; 4] {
    point[at..].first_chunk_mut().expect("four words of a point")
}

/// The words of eight points to be written.
macro_rules! words_of_mut {
    ($points:expr, $at:expr) => {{
        let [p0, p1, p2, p3, p4, p5, p6, p7] = $points;
        [
            $crate::addition::lanes::words_mut(&mut p0.0, $at),
            $crate::addition::lanes::words_mut(&mut p1.0, $at),
            $crate::addition::lanes::words_mut(&mut p2.0, $at),
            $crate::addition::lanes::words_mut(&mut p3.0, $at),
            $crate::addition::lanes::words_mut(&mut p4.0, $at),
            $crate::addition::lanes::words_mut(&mut p5.0, $at),
            $crate::addition::lanes::words_mut(&mut p6.0, $at),
            $crate::addition::lanes::words_mut(&mut p7.0, $at),
        ]
    }};
}
use words_of_mut;
