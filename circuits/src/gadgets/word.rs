//! Words: unsigned fields side by side in one field element, lowest bits first.
//!
//! A [`Layout`] is the one declaration of a word. The native half packs integers with it, the circuit
//! packs ranged wires with it, and a reader unpacks with it.

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};

use super::int::Int;
use super::var::{Committed, Var, power_of_two};

/// Bits that always fit below the field's modulus.
pub const WORD_BITS: u32 = 253;
/// Bits of a published element: 31 bytes.
pub const ELEMENT_BITS: u32 = 248;

/// One field of a word: `bits` bits from bit `at` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name within the word, for messages and for the generated contract.
    pub name: &'static str,
    /// Width, at least 1.
    pub bits: u32,
    /// The lowest bit of the field.
    pub at: u32,
}

/// The fields of a word, ascending. Bits that no field has are zero.
#[derive(Clone, Copy, Debug)]
pub struct Layout<const N: usize> {
    name: &'static str,
    fields: [Field; N],
    /// A field with one value, above all others.
    constant: Option<(Field, u64)>,
    bits: u32,
}

impl<const N: usize> Layout<N> {
    /// Fields of the given widths without gaps, the first lowest.
    pub const fn new(name: &'static str, widths: [(&'static str, u32); N]) -> Self {
        let mut fields = [Field { name: "", bits: 0, at: 0 }; N];
        let (mut bits, mut i) = (0, 0);
        while i < N {
            let (name, width) = widths[i];
            assert!(width > 0, "a field has bits");
            fields[i] = Field { name, bits: width, at: bits };
            bits += width;
            i += 1;
        }
        assert!(bits <= WORD_BITS, "a word fits the field");
        Self { name, fields, constant: None, bits }
    }

    /// Leaves zero bits below the field `name`, so that it starts at bit `at`; later fields move with it.
    pub const fn with_gap(mut self, name: &str, at: u32) -> Self {
        assert!(self.constant.is_none(), "a constant comes last");
        let mut i = self.index_of(name);
        let gap = at.checked_sub(self.fields[i].at).expect("a field moves up");
        while i < N {
            self.fields[i].at += gap;
            i += 1;
        }
        self.bits += gap;
        assert!(self.bits <= WORD_BITS, "a word fits the field");
        self
    }

    /// A field above all others that always has `value`; zero bits below it if `at` leaves some.
    pub const fn with_constant(mut self, name: &'static str, at: u32, bits: u32, value: u64) -> Self {
        assert!(self.constant.is_none() && at >= self.bits, "one constant, above the fields");
        assert!(bits < 64 && value >> bits == 0 && at + bits <= WORD_BITS, "the constant fits");
        self.constant = Some((Field { name, bits, at }, value));
        self.bits = at + bits;
        self
    }

    /// A word that is published as it is; it fits 31 bytes.
    pub const fn published(self) -> Self {
        assert!(self.bits <= ELEMENT_BITS, "an element has 31 bytes");
        self
    }

    /// Bits up to the end of the highest field.
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// The first bit of a field; panics if there is none of that name.
    pub const fn shift_of(&self, name: &str) -> u32 {
        self.fields[self.index_of(name)].at
    }

    /// The width of a field; panics if there is none of that name.
    pub const fn width_of(&self, name: &str) -> u32 {
        self.fields[self.index_of(name)].bits
    }

    /// The layout without its number of fields in its type.
    pub const fn any(&self) -> AnyLayout<'_> {
        AnyLayout { name: self.name, fields: &self.fields, constant: self.constant, bits: self.bits }
    }

    /// The word of these values, in the order of the fields. The caller has ranged each value to its
    /// field; test builds assert it.
    pub fn pack(&self, values: [Bits; N]) -> Fr {
        self.any().pack(&values)
    }

    /// The values of the fields; `None` if a bit outside of them is set, or the constant is another.
    pub fn unpack(&self, word: Fr) -> Option<[Bits; N]> {
        let word = Bits::from(word);
        let values = self.fields.map(|field| word.part(field.at, field.bits));
        (self.any().place(&values) == word).then_some(values)
    }

    /// The word on wires. The caller has proven that no value is negative; then the word has one reading,
    /// because an integer with a wider type than its field stops the synthesis. Free.
    pub fn pack_ints(&self, values: [&Int; N]) -> Var<Committed> {
        for (field, value) in self.fields.iter().zip(values) {
            let (word, Field { name, bits, .. }) = (self.name, field);
            assert!(value.bits() <= *bits, "{word}: {name} has {bits} bits, its integer {}", value.bits());
        }
        self.pack_vars(values.map(Int::var))
    }

    /// The word on wires whose widths no type shows: the caller says what makes its reading unique. Free.
    pub fn pack_vars(&self, values: [&Var<Committed>; N]) -> Var<Committed> {
        let sum = self.fields.iter().zip(values).fold(Var::zero(), |word: Var<Committed>, (field, value)| {
            word.add_scaled(value, power_of_two(field.at))
        });
        match self.constant {
            Some((field, value)) => sum.add_constant(Fr::from(value) * power_of_two(field.at)),
            None => sum,
        }
    }

    const fn index_of(&self, name: &str) -> usize {
        let mut i = 0;
        while i < N {
            if same(self.fields[i].name, name) {
                return i;
            }
            i += 1;
        }
        panic!("no field of this name")
    }
}

/// `a == b` in constants.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// A layout of any number of fields, for lists of layouts.
#[derive(Clone, Copy, Debug)]
pub struct AnyLayout<'a> {
    /// Name of the word, for messages.
    pub name: &'static str,
    /// Fields, ascending.
    pub fields: &'a [Field],
    /// A field with one value, above all others; `None` if the word has none.
    pub constant: Option<(Field, u64)>,
    /// Bits up to the end of the highest field, the constant included.
    pub bits: u32,
}

impl AnyLayout<'_> {
    /// Packs as [`Layout::pack`] does; one value per field.
    pub fn pack(&self, values: &[Bits]) -> Fr {
        for (field, value) in self.fields.iter().zip(values) {
            let (word, Field { name, bits, .. }) = (self.name, field);
            debug_assert!(value.fits(*bits), "{word}: {name} has {bits} bits, not enough for {value:?}");
        }
        self.place(values).to_field()
    }

    fn place(&self, values: &[Bits]) -> Bits {
        let mut word = Bits::default();
        for (field, value) in self.fields.iter().zip(values) {
            word.put(*value, field.at);
        }
        if let Some((field, value)) = self.constant {
            word.put(value.into(), field.at);
        }
        word
    }
}

/// An unsigned integer below 2^256: the value of a field, or a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bits([u64; 4]);

impl Bits {
    /// Bits `from` to `from + count`, for `from < 256`.
    pub fn part(&self, from: u32, count: u32) -> Self {
        let (limb, shift) = ((from / 64) as usize, from % 64);
        let mut part = Self::default();
        for i in 0..4 {
            let limb_at = |at: usize| self.0.get(at).copied().unwrap_or(0);
            let wide = u128::from(limb_at(limb + i + 1)) << 64 | u128::from(limb_at(limb + i));
            let left = count.saturating_sub(64 * i as u32).min(64);
            part.0[i] = (wide >> shift) as u64 & ((1u128 << left) - 1) as u64;
        }
        part
    }

    /// Whether the value is below `2^bits`.
    pub fn fits(&self, bits: u32) -> bool {
        self.part(0, bits) == *self
    }

    /// The value, if it is below 2^64.
    pub fn to_u64(self) -> Option<u64> {
        self.fits(64).then_some(self.0[0])
    }

    /// The value, if it is below 2^128.
    pub fn to_u128(self) -> Option<u128> {
        let [low, high, ..] = self.0;
        self.fits(128).then_some(u128::from(high) << 64 | u128::from(low))
    }

    /// The value as a field element; it is below the modulus.
    pub fn to_field(self) -> Fr {
        Fr::new(BigInt::new(self.0))
    }

    /// The value as 20 big-endian bytes, if it is below 2^160.
    pub fn to_address(self) -> Option<[u8; 20]> {
        let mut bytes = [0; 20];
        for (i, byte) in bytes.iter_mut().rev().enumerate() {
            *byte = self.part(8 * i as u32, 8).0[0] as u8;
        }
        self.fits(160).then_some(bytes)
    }

    /// Sets the bits of `value · 2^at`; what is above 2^256 is lost.
    fn put(&mut self, value: Self, at: u32) {
        let (limb, shift) = ((at / 64) as usize, at % 64);
        for (i, part) in value.0.into_iter().enumerate() {
            let wide = u128::from(part) << shift;
            for (to, part) in self.0.iter_mut().skip(limb + i).zip([wide as u64, (wide >> 64) as u64]) {
                *to |= part;
            }
        }
    }
}

impl From<u128> for Bits {
    fn from(value: u128) -> Self {
        Self([value as u64, (value >> 64) as u64, 0, 0])
    }
}

impl From<u64> for Bits {
    fn from(value: u64) -> Self {
        Self([value, 0, 0, 0])
    }
}

impl From<u32> for Bits {
    fn from(value: u32) -> Self {
        u64::from(value).into()
    }
}

impl From<u16> for Bits {
    fn from(value: u16) -> Self {
        u64::from(value).into()
    }
}

impl From<u8> for Bits {
    fn from(value: u8) -> Self {
        u64::from(value).into()
    }
}

impl From<bool> for Bits {
    fn from(value: bool) -> Self {
        u64::from(value).into()
    }
}

/// A 160-bit address, given as 20 big-endian bytes.
impl From<&[u8; 20]> for Bits {
    fn from(bytes: &[u8; 20]) -> Self {
        let mut value = Self::default();
        for (i, byte) in bytes.iter().rev().enumerate() {
            value.put((*byte).into(), 8 * i as u32);
        }
        value
    }
}

/// The integer below the modulus.
impl From<Fr> for Bits {
    fn from(value: Fr) -> Self {
        Self(value.into_bigint().0)
    }
}

#[cfg(test)]
mod tests;
