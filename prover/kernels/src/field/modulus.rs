//! The two moduli, and constants computed from them when the crate is compiled.

use ark_bn254::{Fq, Fr};
use ark_ff::{BigInt, Fp, PrimeField};
use std::fmt::Debug;
use std::marker::PhantomData;

/// The number of limbs of an element.
pub const DIGITS: usize = 5;
/// Bits of a limb.
pub(crate) const DIGIT_BITS: u32 = 52;
/// Ones in all bits of a limb.
pub(crate) const DIGIT_MASK: u64 = (1 << DIGIT_BITS) - 1;

/// A prime p with 2^253.59 < p < 2^253.6, which both moduli of BN254 are: 2^256 is more than 5.28·p
/// and 2^260 more than 84.6·p.
pub trait Modulus: Copy + Debug + Send + Sync + 'static {
    /// The field in ark-ff: four words, Montgomery form with R = 2^256.
    type Element: PrimeField;

    /// The prime p as four words, lowest first.
    const WORDS: [u64; 4];

    /// The prime p as digits of 52 bits.
    const P: [u64; DIGITS] = digits(&Self::WORDS);

    /// The number `-1/p mod 2^52`.
    const NEGATIVE_INVERSE: u64 = negative_inverse(Self::WORDS[0]);

    /// The integer that ark-ff holds for an element, below p.
    fn words(element: &Self::Element) -> &[u64; 4];

    /// The same integer, to be changed. It must stay below p.
    fn words_mut(element: &mut Self::Element) -> &mut [u64; 4];

    /// Makes an element of the integer that [`Modulus::words`] gives, which must be below p.
    fn from_words(words: [u64; 4]) -> Self::Element;
}

/// The base field of BN254, over which its curves are.
#[derive(Clone, Copy, Debug)]
pub struct ModulusFq;

/// The scalar field of BN254: the values of circuits.
#[derive(Clone, Copy, Debug)]
pub struct ModulusFr;

macro_rules! modulus {
    ($modulus:ty, $element:ty) => {
        impl Modulus for $modulus {
            type Element = $element;

            const WORDS: [u64; 4] = <$element as PrimeField>::MODULUS.0;

            #[inline(always)]
            fn words(element: &$element) -> &[u64; 4] {
                &element.0.0
            }

            #[inline(always)]
            fn words_mut(element: &mut $element) -> &mut [u64; 4] {
                &mut element.0.0
            }

            #[inline(always)]
            fn from_words(words: [u64; 4]) -> $element {
                Fp(BigInt(words), PhantomData)
            }
        }

        // 0.756·2^254 < p < 0.757·2^254, by the highest word, and -1/p mod 2^52 < 0.127·2^52.
        const _: () = {
            let high = <$modulus>::WORDS[3];
            assert!(high >= (756 << 54) / 1000 << 8 && high < (757 << 54) / 1000 << 8);
            assert!(<$modulus>::NEGATIVE_INVERSE < 127 * (1 << 52) / 1000);
        };
    };
}

modulus!(ModulusFq, Fq);
modulus!(ModulusFr, Fr);

/// An integer of four words as digits of 52 bits.
pub(crate) const fn digits(words: &[u64; 4]) -> [u64; DIGITS] {
    let [w0, w1, w2, w3] = *words;
    [
        w0 & DIGIT_MASK,
        (w0 >> 52 | w1 << 12) & DIGIT_MASK,
        (w1 >> 40 | w2 << 24) & DIGIT_MASK,
        (w2 >> 28 | w3 << 36) & DIGIT_MASK,
        w3 >> 16,
    ]
}

/// `-1/p mod 2^52` by Newton's iteration, which doubles the right bits of an inverse of an odd
/// number: 3, 6, 12, 24, 48, 96.
const fn negative_inverse(lowest: u64) -> u64 {
    let mut inverse = lowest;
    let mut step = 0;
    while step < 5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(lowest.wrapping_mul(inverse)));
        step += 1;
    }
    assert!(inverse.wrapping_mul(lowest) == 1);
    inverse.wrapping_neg() & DIGIT_MASK
}

/// The digits of k·p; k ≤ 84, so that the highest digit stays below 2^52.
pub(crate) const fn multiple(p: &[u64; DIGITS], k: u64) -> [u64; DIGITS] {
    assert!(k <= 84);
    let mut product = [0; DIGITS];
    let mut carry = 0;
    let mut i = 0;
    while i < DIGITS {
        let sum = p[i] * k + carry;
        product[i] = sum & DIGIT_MASK;
        carry = sum >> DIGIT_BITS;
        i += 1;
    }
    assert!(carry == 0);
    product
}

/// `(m·p + 1)/2^52` for `m = -1/p mod 2^52`, below p: the digits above a multiple of p whose lowest
/// digit is all ones. Modulo p it is 1/2^52.
pub(crate) const fn short_multiple(p: &[u64; DIGITS], m: u64) -> [u64; DIGITS] {
    let mut product = [0; DIGITS];
    let lowest = p[0] as u128 * m as u128;
    assert!(lowest as u64 & DIGIT_MASK == DIGIT_MASK);
    // With the one added.
    let mut carry = (lowest >> DIGIT_BITS) + 1;
    let mut i = 1;
    while i < DIGITS {
        let sum = p[i] as u128 * m as u128 + carry;
        product[i - 1] = sum as u64 & DIGIT_MASK;
        carry = sum >> DIGIT_BITS;
        i += 1;
    }
    product[DIGITS - 1] = carry as u64;
    product
}

/// The digits of `2^exponent mod p`, by doubling.
pub(crate) const fn power_of_two(p: &[u64; DIGITS], exponent: u32) -> [u64; DIGITS] {
    let mut power = [1, 0, 0, 0, 0];
    let mut step = 0;
    while step < exponent {
        power = reduce_once(&multiple(&power, 2), p);
        step += 1;
    }
    power
}

/// `x mod p` for x < 2p.
const fn reduce_once(x: &[u64; DIGITS], p: &[u64; DIGITS]) -> [u64; DIGITS] {
    let mut difference = [0; DIGITS];
    let mut borrow = 0;
    let mut i = 0;
    while i < DIGITS {
        let term = x[i].wrapping_sub(p[i]).wrapping_sub(borrow);
        difference[i] = term & DIGIT_MASK;
        borrow = term >> 63;
        i += 1;
    }
    if borrow == 1 { *x } else { difference }
}
