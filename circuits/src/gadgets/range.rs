//! Range checks by look-up.
//!
//! A value is cut into limbs of `limb_bits`; each limb is looked up in the range table. The top limb
//! is what remains of the value (an affine combination, not advice). If it is narrower than a limb,
//! it is looked up twice, as it is and shifted to the full width: the shifted look-up alone would
//! admit field elements of any size (RANGE-3).

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::cs::{Cs, Tag};
use super::var::{Committed, Var, inverse_power_of_two, power_of_two};

/// The range table: all integers below 2^limb_bits.
pub const RANGE: Tag = Tag { code: 1, name: "range", arity: 1, provider: true };

/// Enforces `0 ≤ var < 2^bits`.
///
/// - Advice: the lower limbs; unique because the limbs are ranged and `bits ≤ 252` does not wrap.
/// - Cost: one constraint per limb, one more if `limb_bits` does not divide `bits`.
///   Spec: range.md
pub fn enforce_range(cs: &mut Cs<'_>, var: &Var<Committed>, bits: u32) {
    assert!((1..=252).contains(&bits), "range of {bits} bits");
    let limb = cs.limb_bits();
    let (full, rest) = (bits / limb, bits % limb);
    let limbs = full + u32::from(rest > 0);
    let words = var.value().into_bigint().0;
    let mut top = var.clone();
    for i in 0..limbs - 1 {
        let part = cs.hint("range.limb", Fr::from(bits_at(&words, i * limb, limb)));
        lookup(cs, &part);
        top = top.add_scaled(&part, -power_of_two(i * limb));
    }
    let top = top.scale(inverse_power_of_two((limbs - 1) * limb));
    lookup(cs, &top);
    if rest > 0 {
        lookup(cs, &top.shift(limb - rest));
    }
}

/// Enforces `0 ≤ var < 2^whole`, with `whole` the bits rounded up to limbs.
///
/// If the caller has proven `|var| < 2^bits`, only the sign is in question, and this is `var ≥ 0`: no negative
/// value in that range is below `2^whole ≤ 2^252`. Of advice without a range it is a looser range. Cost: one
/// constraint per limb.
///   Spec: range.md
pub fn enforce_nonnegative(cs: &mut Cs<'_>, var: &Var<Committed>, bits: u32) {
    let whole = bits.next_multiple_of(cs.limb_bits());
    enforce_range(cs, var, if whole <= 252 { whole } else { bits });
}

/// Bits `from` to `from + count` of an integer, `from < 256` and `count < 64`.
fn bits_at(words: &[u64; 4], from: u32, count: u32) -> u64 {
    let word = (from / 64) as usize;
    let next = words.get(word + 1).copied().unwrap_or(0);
    let both = u128::from(next) << 64 | u128::from(words[word]);
    (both >> (from % 64)) as u64 & ((1 << count) - 1)
}

fn lookup(cs: &mut Cs<'_>, limb: &Var<Committed>) {
    cs.lookup(RANGE, std::slice::from_ref(limb), &Var::one());
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{BigInteger, Field, UniformRand};
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    #[test]
    fn bits_are_those_of_the_integer() {
        let value = Fr::rand(&mut ChaCha20Rng::seed_from_u64(1)).into_bigint();
        let bits = value.to_bits_le();
        for from in 0..256 {
            for count in 1..64 {
                let expected = (0..count)
                    .filter(|i| bits.get((from + i) as usize) == Some(&true))
                    .map(|i| 1u64 << i)
                    .sum::<u64>();
                assert_eq!(bits_at(&value.0, from, count), expected, "{count} bits from {from}");
            }
        }
    }

    #[test]
    fn kept_powers_are_powers() {
        let two = Fr::from(2u64);
        for k in 0..256 {
            assert_eq!(power_of_two(k), two.pow([u64::from(k)]));
            assert_eq!(inverse_power_of_two(k) * power_of_two(k), Fr::from(1u64));
        }
    }
}
