//! Coordinates of eight points in the lanes of vectors: what an addition needs of Fq and of Fq2.
//!
//! **Domain.** A stored coordinate is v·2^256, as in keys, while products are those of Montgomery
//! form with R = 2^260: to them it is the element v/16. Points (x, y) are thus seen as
//! (x/16, y/16), and no conversion is needed: with differences of these, the slope λ comes out
//! right up to its sign. From μ = -λ/4 the sum is x₃/16 = μ² - x₁/16 - x₂/16 and
//! y₃/16 = μ·4·(x₃/16 - x₁/16) - y₁/16. The factor 1/4 costs nothing: the one inverse of a batch
//! carries it to all ([`super::vector`]).
//!
//! **Bounds.** Stored coordinates are below 3 (in multiples of q): below 2 in a key or from the portable code,
//! below 2.31 from [`Field::reduce_raw`] here, y in G1 below 2.64.

use crate::element::{Coordinate, Prime, Quadratic};
use crate::field::{DIGITS, Field, Limbs, Modulus, ModulusFq, QuadraticField, QuadraticLimbs, multiple};
use crate::points::{Packed, PackedG1, PackedG2};
use crate::simd::{LANES, Vector};

/// Independent vectors of elements in flight.
pub const CHAINS: usize = 2;

/// One of each chain.
pub type Chains<E> = [E; CHAINS];

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
    type Field<V: Vector>: LaneField<V, Point = Self>;
    /// An element in memory.
    type Saved: Copy + Send + Sync;

    const EMPTY: Self::Saved;
    /// 64 = 2⁶, which turns the inverse of a product of differences into that of R = 2^260, over
    /// four; see [`super::vector`].
    const INVERSE_FACTOR: Self::Coordinate;
}

/// Elements of eight lanes.
pub trait LaneField<V: Vector>: Copy {
    type Element: Copy;
    type Point: Lanes;

    fn new(isa: V::Isa) -> Self;

    fn zero(&self) -> Self::Element;

    fn one(&self) -> Self::Element;

    /// The difference of integers 1 and 0, which is not zero.
    fn unit_difference(&self) -> Self::Element;

    fn load_x(&self, points: &[&Self::Point; LANES]) -> Self::Element;

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

    fn select(&self, mask: u8, a: &Self::Element, b: &Self::Element) -> Self::Element;

    fn save(&self, a: &Self::Element, saved: &mut <Self::Point as Lanes>::Saved);

    fn restore(&self, saved: &<Self::Point as Lanes>::Saved) -> Self::Element;

    /// A product's lanes as elements whose limbs are the lanes' integers.
    fn leave(&self, a: &Self::Element) -> [<Self::Point as Packed>::Coordinate; LANES];

    /// The way back, from integers below 2.
    fn enter(&self, a: &[<Self::Point as Packed>::Coordinate; LANES]) -> Self::Element;
}

const SIXTY_FOUR: Prime = {
    // 2^262 modulo q, the Montgomery form of 64.
    let [d0, d1, d2, d3, d4] = crate::field::power_of_two(&ModulusFq::P, 262);
    Prime([d0 | d1 << 52, d1 >> 12 | d2 << 40, d2 >> 24 | d3 << 28, d3 >> 36 | d4 << 16])
};

impl Lanes for PackedG1 {
    type Field<V: Vector> = Field<V, ModulusFq>;
    type Saved = [Row; DIGITS];

    const EMPTY: Self::Saved = [Row([0; LANES]); DIGITS];
    const INVERSE_FACTOR: Prime = SIXTY_FOUR;
}

impl Lanes for PackedG2 {
    type Field<V: Vector> = QuadraticField<V>;
    type Saved = [[Row; DIGITS]; 2];

    const EMPTY: Self::Saved = [PackedG1::EMPTY; 2];
    const INVERSE_FACTOR: Quadratic = Quadratic { c0: SIXTY_FOUR, c1: Prime::ZERO };
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
            words(&p0.0, $at),
            words(&p1.0, $at),
            words(&p2.0, $at),
            words(&p3.0, $at),
            words(&p4.0, $at),
            words(&p5.0, $at),
            words(&p6.0, $at),
            words(&p7.0, $at),
        ]
    }};
}

macro_rules! words_of_mut {
    ($points:expr, $at:expr) => {{
        let [p0, p1, p2, p3, p4, p5, p6, p7] = $points;
        [
            words_mut(&mut p0.0, $at),
            words_mut(&mut p1.0, $at),
            words_mut(&mut p2.0, $at),
            words_mut(&mut p3.0, $at),
            words_mut(&mut p4.0, $at),
            words_mut(&mut p5.0, $at),
            words_mut(&mut p6.0, $at),
            words_mut(&mut p7.0, $at),
        ]
    }};
}

#[inline(always)]
fn words_mut(point: &mut [u64], at: usize) -> &mut [u64; 4] {
    point[at..].first_chunk_mut().expect("four words of a point")
}

impl<V: Vector> LaneField<V> for Field<V, ModulusFq> {
    type Element = Limbs<V>;
    type Point = PackedG1;

    #[inline(always)]
    fn new(isa: V::Isa) -> Self {
        Field::new(isa)
    }

    #[inline(always)]
    fn zero(&self) -> Limbs<V> {
        Field::zero(self)
    }

    #[inline(always)]
    fn one(&self) -> Limbs<V> {
        Field::one(self)
    }

    #[inline(always)]
    fn unit_difference(&self) -> Limbs<V> {
        self.difference(&self.splat([1, 0, 0, 0, 0]), &Field::zero(self))
    }

    #[inline(always)]
    fn load_x(&self, points: &[&PackedG1; LANES]) -> Limbs<V> {
        self.load(words_of!(points, 0))
    }

    #[inline(always)]
    fn load_y(&self, points: &[&PackedG1; LANES]) -> Limbs<V> {
        self.load(words_of!(points, 4))
    }

    /// Below 2.31 + 3.
    #[inline(always)]
    fn difference(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        self.sub::<3>(a, b)
    }

    /// In (0.36, 3].
    #[inline(always)]
    fn negative(&self, a: &Limbs<V>) -> Limbs<V> {
        self.raw_sub(&self.splat(const { multiple(&ModulusFq::P, 3) }), a)
    }

    /// Below 2.64 + 3.
    #[inline(always)]
    fn plus_negative(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        self.factor(self.raw_add(a, b))
    }

    /// Below 4·5.31; beside a product, below 2, that is 43 of 73.
    #[inline(always)]
    fn difference_times_4(&self, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        self.factor(times_4(self.raw_sub_plus::<3>(a, b)))
    }

    /// Factors below 2.
    #[inline(always)]
    fn multiply(&self, b: &mut Chains<Limbs<V>>, a: &Chains<Limbs<V>>) {
        *b = self.product_factors(a.each_ref(), b.each_ref());
    }

    /// Of a run's product, below 43/84.6 + 1.127 = 1.64: in (0.36, 4.64).
    #[inline(always)]
    fn multiply_plus(&self, b: &mut Chains<Limbs<V>>, a: &Chains<Limbs<V>>, negatives: &Chains<Limbs<V>>) {
        *b = self.products_plus(a.each_ref(), b.each_ref(), negatives.each_ref());
    }

    #[inline(always)]
    fn multiply_pairs(
        &self,
        [b0, b1]: [&mut Chains<Limbs<V>>; 2],
        [a0, a1]: [&Chains<Limbs<V>>; 2],
        negatives: &Chains<Limbs<V>>,
    ) {
        let zero = Field::zero(self);
        let [p0, p1, p2, p3] = self.products_plus(
            [&a0[0], &a0[1], &a1[0], &a1[1]],
            [&b0[0], &b0[1], &b1[0], &b1[1]],
            [&zero, &zero, &negatives[0], &negatives[1]],
        );
        (*b0, *b1) = ([self.factor(p0), self.factor(p1)], [p2, p3]);
    }

    /// In (-1.62, 5) before the reduction.
    #[inline(always)]
    fn square_minus_both(
        &self,
        a: &Chains<Limbs<V>>,
        b: &Chains<Limbs<V>>,
        b_minus_c: &Chains<Limbs<V>>,
        results: &mut Chains<Limbs<V>>,
    ) {
        let plus = by_chains!(n, { minus_both(self, &b[n], &b_minus_c[n]) });
        let squares = self.squares_plus(a.each_ref(), plus.each_ref());
        *results = by_chains!(n, { self.reduce_raw(squares[n]) });
    }

    #[inline(always)]
    fn store(&self, x: &Limbs<V>, height: &Limbs<V>, points: &mut [PackedG1; LANES]) {
        self.store_raw(*x, words_of_mut!(points, 0));
        self.store_raw(self.subtract_two_moduli(*height), words_of_mut!(points, 4));
    }

    #[inline(always)]
    fn zero_integers(&self, a: &Limbs<V>) -> u8 {
        a[0].or(a[1]).or(a[2]).or(a[3]).or(a[4]).equal(V::splat(self.isa(), 0))
    }

    #[inline(always)]
    fn zero_elements(&self, a: &Limbs<V>) -> u8 {
        self.zero_lanes(&self.product(a, &Field::one(self)))
    }

    #[inline(always)]
    fn select(&self, mask: u8, a: &Limbs<V>, b: &Limbs<V>) -> Limbs<V> {
        Field::select(self, mask, a, b)
    }

    #[inline(always)]
    fn save(&self, a: &Limbs<V>, saved: &mut [Row; DIGITS]) {
        for i in 0..DIGITS {
            saved[i] = Row(a[i].to_array());
        }
    }

    #[inline(always)]
    fn restore(&self, saved: &[Row; DIGITS]) -> Limbs<V> {
        // Not in a loop: the compiler would make the element in memory and copy it.
        let ([r0, r1, r2, r3, r4], row) = (saved, V::from_array);
        let isa = self.isa();
        [row(isa, r0.0), row(isa, r1.0), row(isa, r2.0), row(isa, r3.0), row(isa, r4.0)]
    }

    #[inline(always)]
    fn leave(&self, a: &Limbs<V>) -> [Prime; LANES] {
        let mut words = [[0; 4]; LANES];
        let [w0, w1, w2, w3, w4, w5, w6, w7] = &mut words;
        Field::store(self, a, [w0, w1, w2, w3, w4, w5, w6, w7]);
        // A product in Fq2 may be a little more than the 2·q of the portable code.
        words.map(|words| Prime(Prime(words).reduced()))
    }

    #[inline(always)]
    fn enter(&self, a: &[Prime; LANES]) -> Limbs<V> {
        let [a0, a1, a2, a3, a4, a5, a6, a7] = a;
        self.load([&a0.0, &a1.0, &a2.0, &a3.0, &a4.0, &a5.0, &a6.0, &a7.0])
    }
}

/// `-b - c + 3·q` from `b - c + 3·q`, as [`LaneField::difference`] gives it. The same integer as if c
/// were at hand, in limbs below 2^54.
#[inline(always)]
fn minus_both<V: Vector>(field: &Field<V, ModulusFq>, b: &Limbs<V>, b_minus_c: &Limbs<V>) -> Limbs<V> {
    field.raw_sub(&field.raw_sub(b_minus_c, b), b)
}

/// Four times a raw value, whose limbs are below 2^58: below 2^60.
#[inline(always)]
fn times_4<V: Vector>(mut a: Limbs<V>) -> Limbs<V> {
    for limb in &mut a {
        *limb = limb.shl::<2>();
    }
    a
}

impl<V: Vector> LaneField<V> for QuadraticField<V> {
    type Element = QuadraticLimbs<V>;
    type Point = PackedG2;

    #[inline(always)]
    fn new(isa: V::Isa) -> Self {
        QuadraticField::new(isa)
    }

    #[inline(always)]
    fn zero(&self) -> QuadraticLimbs<V> {
        QuadraticField::zero(self)
    }

    #[inline(always)]
    fn one(&self) -> QuadraticLimbs<V> {
        QuadraticField::one(self)
    }

    #[inline(always)]
    fn unit_difference(&self) -> QuadraticLimbs<V> {
        let zero = self.base.zero();
        [self.base.unit_difference(), self.base.difference(&zero, &zero)]
    }

    #[inline(always)]
    fn load_x(&self, points: &[&PackedG2; LANES]) -> QuadraticLimbs<V> {
        [self.base.load(words_of!(points, 0)), self.base.load(words_of!(points, 4))]
    }

    #[inline(always)]
    fn load_y(&self, points: &[&PackedG2; LANES]) -> QuadraticLimbs<V> {
        [self.base.load(words_of!(points, 8)), self.base.load(words_of!(points, 12))]
    }

    /// Below 2.31 + 3.
    #[inline(always)]
    fn difference(&self, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        self.sub::<3>(a, b)
    }

    #[inline(always)]
    fn negative(&self, a: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        [self.base.negative(&a[0]), self.base.negative(&a[1])]
    }

    #[inline(always)]
    fn plus_negative(&self, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        [self.base.plus_negative(&a[0], &b[0]), self.base.plus_negative(&a[1], &b[1])]
    }

    /// Below 4·5.31.
    #[inline(always)]
    fn difference_times_4(&self, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        [self.base.difference_times_4(&a[0], &b[0]), self.base.difference_times_4(&a[1], &b[1])]
    }

    /// Below 3; a is below 21.3 of 22.
    #[inline(always)]
    fn multiply(&self, b: &mut Chains<QuadraticLimbs<V>>, a: &Chains<QuadraticLimbs<V>>) {
        for_chains!(n, {
            QuadraticField::multiply(self, &mut b[n], &a[n]);
        });
    }

    /// In (0.69, 6).
    #[inline(always)]
    fn multiply_plus(
        &self,
        b: &mut Chains<QuadraticLimbs<V>>,
        a: &Chains<QuadraticLimbs<V>>,
        negatives: &Chains<QuadraticLimbs<V>>,
    ) {
        LaneField::multiply(self, b, a);
        for_chains!(n, {
            b[n] = self.raw_add(&b[n], &negatives[n]);
        });
    }

    /// In (-1.62, 7) before the reduction.
    #[inline(always)]
    fn square_minus_both(
        &self,
        a: &Chains<QuadraticLimbs<V>>,
        b: &Chains<QuadraticLimbs<V>>,
        b_minus_c: &Chains<QuadraticLimbs<V>>,
        results: &mut Chains<QuadraticLimbs<V>>,
    ) {
        for_chains!(n, {
            let plus = [
                minus_both(&self.base, &b[n][0], &b_minus_c[n][0]),
                minus_both(&self.base, &b[n][1], &b_minus_c[n][1]),
            ];
            results[n] = self.reduce_raw(self.square_plus(&a[n], &plus));
        });
    }

    #[inline(always)]
    fn store(&self, x: &QuadraticLimbs<V>, height: &QuadraticLimbs<V>, points: &mut [PackedG2; LANES]) {
        let y = self.reduce_raw(*height);
        self.base.store_raw(x[0], words_of_mut!(points, 0));
        self.base.store_raw(x[1], words_of_mut!(points, 4));
        self.base.store_raw(y[0], words_of_mut!(points, 8));
        self.base.store_raw(y[1], words_of_mut!(points, 12));
    }

    #[inline(always)]
    fn zero_integers(&self, a: &QuadraticLimbs<V>) -> u8 {
        self.base.zero_integers(&a[0]) & self.base.zero_integers(&a[1])
    }

    #[inline(always)]
    fn zero_elements(&self, a: &QuadraticLimbs<V>) -> u8 {
        self.base.zero_elements(&a[0]) & self.base.zero_elements(&a[1])
    }

    #[inline(always)]
    fn select(&self, mask: u8, a: &QuadraticLimbs<V>, b: &QuadraticLimbs<V>) -> QuadraticLimbs<V> {
        QuadraticField::select(self, mask, a, b)
    }

    #[inline(always)]
    fn save(&self, a: &QuadraticLimbs<V>, saved: &mut [[Row; DIGITS]; 2]) {
        self.base.save(&a[0], &mut saved[0]);
        self.base.save(&a[1], &mut saved[1]);
    }

    #[inline(always)]
    fn restore(&self, saved: &[[Row; DIGITS]; 2]) -> QuadraticLimbs<V> {
        [self.base.restore(&saved[0]), self.base.restore(&saved[1])]
    }

    #[inline(always)]
    fn leave(&self, a: &QuadraticLimbs<V>) -> [Quadratic; LANES] {
        let (c0, c1) = (self.base.leave(&a[0]), self.base.leave(&a[1]));
        let mut elements = [Quadratic::ZERO; LANES];
        for i in 0..LANES {
            elements[i] = Quadratic { c0: c0[i], c1: c1[i] };
        }
        elements
    }

    #[inline(always)]
    fn enter(&self, a: &[Quadratic; LANES]) -> QuadraticLimbs<V> {
        let (mut c0, mut c1) = ([Prime::ZERO; LANES], [Prime::ZERO; LANES]);
        for i in 0..LANES {
            (c0[i], c1[i]) = (a[i].c0, a[i].c1);
        }
        [self.base.enter(&c0), self.base.enter(&c1)]
    }
}
