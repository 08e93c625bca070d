//! Elements in and out: from four words each, as ark-ff and the keys hold them.

use super::modulus::power_of_two;
use super::{DIGITS, Field, Limbs, Modulus};
use crate::simd::{LANES, Vector};

impl<V: Vector, M: Modulus> Field<V, M> {
    /// Eight integers of four words, as they are: normalised below 2^256, which is below 6.
    #[inline(always)]
    pub(crate) fn load(&self, words: [&[u64; 4]; LANES]) -> Limbs<V> {
        self.split(self.load_words(words))
    }

    /// Eight integers below p times 16: factors below 16. Elements of ark-ff become elements
    /// in Montgomery form with R = 2^260 in this way, without a product.
    #[inline(always)]
    pub fn load_times_16(&self, words: [&[u64; 4]; LANES]) -> Limbs<V> {
        let [w0, w1, w2, w3] = self.load_words(words);
        let limbs = self.low_digits([
            w0.shl::<4>(),
            w0.funnel_shr::<48>(w1),
            w1.funnel_shr::<36>(w2),
            w2.funnel_shr::<24>(w3),
            w3.shr::<12>(),
        ]);
        self.debug_check_factor(&limbs, 16, "load_times_16");
        limbs
    }

    /// Four vectors of words: vector i has word i of each integer. Halves are loaded so that the
    /// two shuffles that follow leave the lanes in order.
    #[inline(always)]
    fn load_words(&self, words: [&[u64; 4]; LANES]) -> [V; 4] {
        let load = V::load_halves;
        let [e0, e1, e2, e3, e4, e5, e6, e7] = words;
        let (a, b) = (load(self.isa, e0, e2), load(self.isa, e1, e3));
        let (c, d) = (load(self.isa, e4, e6), load(self.isa, e5, e7));
        let (low_even, high_even) = (a.even_lanes(b), c.even_lanes(d));
        let (low_odd, high_odd) = (a.odd_lanes(b), c.odd_lanes(d));
        [
            low_even.even_pairs(high_even),
            low_odd.even_pairs(high_odd),
            low_even.odd_pairs(high_even),
            low_odd.odd_pairs(high_odd),
        ]
    }

    /// Words to digits.
    #[inline(always)]
    fn split(&self, words: [V; 4]) -> Limbs<V> {
        let [w0, w1, w2, w3] = words;
        let mask = self.mask();
        [
            w0.and(mask),
            w0.funnel_shr::<52>(w1).and(mask),
            w1.funnel_shr::<40>(w2).and(mask),
            w2.funnel_shr::<28>(w3).and(mask),
            w3.shr::<16>(),
        ]
    }

    /// Eight integers as four words each: from factors below 5.
    #[inline(always)]
    pub(crate) fn store(&self, x: &Limbs<V>, words: [&mut [u64; 4]; LANES]) {
        self.debug_check_factor(x, 5, "store");
        self.store_low_digits(x, words);
    }

    /// Eight integers as four words each: from raw, not negative and below 5.
    #[inline(always)]
    pub(crate) fn store_raw(&self, x: Limbs<V>, words: [&mut [u64; 4]; LANES]) {
        self.debug_check_integer(&x, 5, "store_raw");
        self.store_low_digits(&self.carry_upwards(x), words);
    }

    /// The digits in the low 52 bits of limbs as words.
    #[inline(always)]
    fn store_low_digits(&self, x: &Limbs<V>, words: [&mut [u64; 4]; LANES]) {
        let (x0, x1) = (x[0].shl::<12>(), x[1].shl::<12>());
        let (x2, x3) = (x[2].shl::<12>(), x[3].shl::<12>());
        let (w0, w1) = (x0.funnel_shr::<12>(x[1]), x1.funnel_shr::<24>(x[2]));
        let (w2, w3) = (x2.funnel_shr::<36>(x[3]), x3.funnel_shr::<48>(x[4]));
        let [e0, e1, e2, e3, e4, e5, e6, e7] = words;
        let ([a0, b0], [a1, b1], [a2, b2], [a3, b3]) = (pairs(e0), pairs(e1), pairs(e2), pairs(e3));
        let ([a4, b4], [a5, b5], [a6, b6], [a7, b7]) = (pairs(e4), pairs(e5), pairs(e6), pairs(e7));
        w0.even_lanes(w1).store_pairs([a0, a2, a4, a6]);
        w0.odd_lanes(w1).store_pairs([a1, a3, a5, a7]);
        w2.even_lanes(w3).store_pairs([b0, b2, b4, b6]);
        w2.odd_lanes(w3).store_pairs([b1, b3, b5, b7]);
    }

    /// From Montgomery form with R = 2^256 (ark-ff's) to ours; from normalised below 73 to
    /// normalised below 2.
    #[inline(always)]
    pub fn from_radix_256(&self, x: &Limbs<V>) -> Limbs<V> {
        // x·2^264/2^260 = x·2^4.
        self.product(x, &self.splat(const { power_of_two(&M::P, 264) }))
    }

    /// From our Montgomery form to that with R = 2^256 (ark-ff's); from normalised below 73 to
    /// normalised below 2. [`Field::canonical`] and [`Field::store`] then give ark-ff's integers.
    #[inline(always)]
    pub fn to_radix_256(&self, x: &Limbs<V>) -> Limbs<V> {
        // x·2^256/2^260 = x/2^4.
        self.product(x, &self.splat(const { power_of_two(&M::P, 256) }))
    }

    /// The integers that ark-ff holds for eight elements, in its Montgomery form; normalised below 1.
    #[inline(always)]
    pub(crate) fn load_elements(&self, elements: [&M::Element; LANES]) -> Limbs<V> {
        let [e0, e1, e2, e3, e4, e5, e6, e7] = elements;
        let words = M::words;
        self.load([words(e0), words(e1), words(e2), words(e3), words(e4), words(e5), words(e6), words(e7)])
    }

    /// Eight elements of ark-ff; normalised below 2.
    #[inline(always)]
    pub fn from_elements(&self, elements: [&M::Element; LANES]) -> Limbs<V> {
        self.from_radix_256(&self.load_elements(elements))
    }

    /// Gives eight elements of ark-ff from a value normalised below 73.
    #[inline(always)]
    pub fn to_elements(&self, x: &Limbs<V>) -> [M::Element; LANES] {
        let integers = self.canonical(&self.to_radix_256(x));
        let mut words = [[0; 4]; LANES];
        let [e0, e1, e2, e3, e4, e5, e6, e7] = &mut words;
        self.store(&integers, [e0, e1, e2, e3, e4, e5, e6, e7]);
        words.map(M::from_words)
    }

    /// The same element of ark-ff in every lane; normalised below 1.
    #[inline(always)]
    pub fn splat_element(&self, element: &M::Element) -> Limbs<V> {
        self.splat(element_digits::<M>(element))
    }
}

/// The lower and the upper half.
#[inline(always)]
fn pairs(words: &mut [u64; 4]) -> [&mut [u64; 2]; 2] {
    let [low, high] = words.as_chunks_mut().0 else { unreachable!("four words") };
    [low, high]
}

/// The digits of an element of ark-ff in our Montgomery form, below p.
pub(crate) fn element_digits<M: Modulus>(element: &M::Element) -> [u64; DIGITS] {
    // ark-ff holds x·2^256; 16 times that stands for x with R = 2^260.
    super::digits(M::words(&(*element * M::Element::from(16u64))))
}
