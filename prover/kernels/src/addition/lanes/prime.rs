//! Fq: coordinates of G1.

use super::{Chains, LaneField, Lanes, Row, by_chains, words_of, words_of_mut};
use crate::element::Prime;
use crate::field::{DIGITS, Field, Limbs, Modulus, ModulusFq, power_of_two};
use crate::points::PackedG1;
use crate::simd::{LANES, Vector};

impl Lanes for PackedG1 {
    type Field<V: Vector> = Field<V, ModulusFq>;
    type Saved = [Row; DIGITS];

    const EMPTY: Self::Saved = [Row([0; LANES]); DIGITS];
    const INVERSE_FACTOR: Prime = SIXTY_FOUR;
}

pub(super) const SIXTY_FOUR: Prime = {
    // 2^262 modulo q, the Montgomery form of 64.
    let [d0, d1, d2, d3, d4] = power_of_two(&ModulusFq::P, 262);
    Prime([d0 | d1 << 52, d1 >> 12 | d2 << 40, d2 >> 24 | d3 << 28, d3 >> 36 | d4 << 16])
};

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

    /// The result is in (0.36, 3].
    #[inline(always)]
    fn negative(&self, a: &Limbs<V>) -> Limbs<V> {
        self.raw_negate::<3>(a)
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

    /// The sum is in (-1.62, 5) before the reduction.
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
pub(super) fn minus_both<V: Vector>(
    field: &Field<V, ModulusFq>,
    b: &Limbs<V>,
    b_minus_c: &Limbs<V>,
) -> Limbs<V> {
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
