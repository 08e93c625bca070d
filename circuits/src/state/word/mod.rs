//! Packing of bounded integers into one field element, lowest bits first.

use ark_bn254::Fr;
use ark_ff::BigInt;

/// A word under construction: each `put` places its value above the previous ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Word {
    limbs: [u64; 4],
    bits: u32,
}

impl Word {
    /// Bits that always fit below the field's modulus.
    pub const CAPACITY: u32 = 253;

    pub const fn new() -> Self {
        Self { limbs: [0; 4], bits: 0 }
    }

    /// Appends `value`, which takes `width` bits.
    ///
    /// Callers guarantee `value < 2^width` (types of the state are built from ranged values) and at
    /// most 253 bits in all; both are asserted in test builds.
    #[must_use]
    pub fn put(mut self, value: u128, width: u32) -> Self {
        debug_assert!(width >= 128 || value >> width == 0, "{value} over {width}");
        let end = self.bits + width;
        debug_assert!(end <= Self::CAPACITY, "word of {end} bits");
        let (limb, shift) = ((self.bits / 64) as usize, self.bits % 64);
        let low = value << shift;
        let parts =
            [low as u64, (low >> 64) as u64, if shift == 0 { 0 } else { (value >> (128 - shift)) as u64 }];
        for (slot, part) in self.limbs[limb.min(4)..].iter_mut().zip(parts) {
            *slot |= part;
        }
        self.bits = end;
        self
    }

    /// Appends a boolean.
    #[must_use]
    pub fn bit(self, value: bool) -> Self {
        self.put(u128::from(value), 1)
    }

    /// Appends a 160-bit address given as 20 big-endian bytes.
    #[must_use]
    pub fn address(self, bytes: &[u8; 20]) -> Self {
        let (mut low, mut high) = (0u128, 0u128);
        for byte in &bytes[..4] {
            high = high << 8 | u128::from(*byte);
        }
        for byte in &bytes[4..] {
            low = low << 8 | u128::from(*byte);
        }
        self.put(low, 128).put(high, 32)
    }

    /// Leaves `width` zero bits.
    #[must_use]
    pub fn skip(self, width: u32) -> Self {
        self.put(0, width)
    }

    pub fn field(self) -> Fr {
        Fr::new(BigInt::new(self.limbs))
    }

    pub const fn bits(self) -> u32 {
        self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::PrimeField;
    use num_bigint::BigUint;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_shifted_sum(a in any::<u64>(), b in 0u128..(1 << 96), c in 0u64..(1 << 56), s in 0u32..37) {
            let word = Word::new().put(u128::from(a), 64).skip(s).put(b, 96).put(u128::from(c), 56);
            let want = BigUint::from(a) + (BigUint::from(b) << (64 + s)) + (BigUint::from(c) << (160 + s));
            prop_assert_eq!(BigUint::from(word.field().into_bigint()), want);
        }

        #[test]
        fn address_is_a_big_endian_integer(bytes in any::<[u8; 20]>(), low in any::<u64>()) {
            let word = Word::new().put(u128::from(low), 64).address(&bytes);
            let want = (BigUint::from_bytes_be(&bytes) << 64) + low;
            prop_assert_eq!(BigUint::from(word.field().into_bigint()), want);
        }
    }
}
