//! Elements in and out: from four words each, as ark-ff and the keys hold them.

use super::modulus::power_of_two;
use super::{DIGITS, Field, Limbs, Modulus};
use crate::simd::{LANES, Vector};

impl<V: Vector, M: Modulus> Field<V, M> {
    /// Eight integers of four words, as they are: normalised below 2^256, which is below 6.
    #[inline(always)]
    pub fn load(&self, words: [&[u64; 4]; LANES]) -> Limbs<V> {
        self.split(self.load_words(words))
    }

    /// Eight integers below p times 16: normalised below 16. Elements of ark-ff become elements
    /// in Montgomery form with R = 2^260 in this way, without a product.
    #[inline(always)]
    pub fn load_times_16(&self, words: [&[u64; 4]; LANES]) -> Limbs<V> {
        let [w0, w1, w2, w3] = self.load_words(words);
        let mask = self.mask();
        let limbs = [
            w0.shl::<4>().and(mask),
            w0.shr::<48>().or(w1.shl::<16>()).and(mask),
            w1.shr::<36>().or(w2.shl::<28>()).and(mask),
            w2.shr::<24>().or(w3.shl::<40>()).and(mask),
            w3.shr::<12>(),
        ];
        self.debug_check_below(&limbs, 16, "load_times_16");
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
            w0.shr::<52>().or(w1.shl::<12>()).and(mask),
            w1.shr::<40>().or(w2.shl::<24>()).and(mask),
            w2.shr::<28>().or(w3.shl::<36>()).and(mask),
            w3.shr::<16>(),
        ]
    }

    /// Eight integers as four words each: from normalised below 5.
    #[inline(always)]
    pub fn store(&self, x: &Limbs<V>, words: [&mut [u64; 4]; LANES]) {
        self.debug_check_below(x, 5, "store");
        let w0 = x[0].or(x[1].shl::<52>());
        let w1 = x[1].shr::<12>().or(x[2].shl::<40>());
        let w2 = x[2].shr::<24>().or(x[3].shl::<28>());
        let w3 = x[3].shr::<36>().or(x[4].shl::<16>());
        let (even_low, even_high) = (w0.even_lanes(w1), w2.even_lanes(w3));
        let (odd_low, odd_high) = (w0.odd_lanes(w1), w2.odd_lanes(w3));
        let [e0, e1, e2, e3, e4, e5, e6, e7] = words;
        even_low.zip_low_pairs(even_high).store_halves(e0, e2);
        odd_low.zip_low_pairs(odd_high).store_halves(e1, e3);
        even_low.zip_high_pairs(even_high).store_halves(e4, e6);
        odd_low.zip_high_pairs(odd_high).store_halves(e5, e7);
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
    pub fn load_elements(&self, elements: [&M::Element; LANES]) -> Limbs<V> {
        let [e0, e1, e2, e3, e4, e5, e6, e7] = elements;
        let words = M::words;
        self.load([words(e0), words(e1), words(e2), words(e3), words(e4), words(e5), words(e6), words(e7)])
    }

    /// Eight elements of ark-ff; normalised below 2.
    #[inline(always)]
    pub fn from_elements(&self, elements: [&M::Element; LANES]) -> Limbs<V> {
        self.from_radix_256(&self.load_elements(elements))
    }

    /// Eight elements of ark-ff from a value normalised below 73.
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

/// The digits of an element of ark-ff in our Montgomery form, below p.
pub fn element_digits<M: Modulus>(element: &M::Element) -> [u64; DIGITS] {
    // ark-ff holds x·2^256; 16 times that stands for x with R = 2^260.
    super::digits(M::words(&(*element * M::Element::from(16u64))))
}
