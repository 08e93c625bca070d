use super::*;
use num_bigint::BigUint;
use proptest::prelude::*;

const WORD: Layout<3> = Layout::new("word", [("a", 64), ("b", 96), ("c", 56)]).with_gap("b", 70);
const KIND: Layout<1> = Layout::new("kind", [("id", 36)]).with_constant("kind", 244, 4, 9);
const ADDRESS: Layout<2> = Layout::new("address", [("low", 64), ("address", 160)]);

fn big(word: Fr) -> BigUint {
    word.into_bigint().into()
}

proptest! {
    #[test]
    fn agrees_with_shifted_sum(a in any::<u64>(), b in 0u128..(1 << 96), c in 0u64..(1 << 56)) {
        let values = [a.into(), b.into(), c.into()];
        let word = WORD.pack(values);
        let want = BigUint::from(a) + (BigUint::from(b) << 70) + (BigUint::from(c) << 166);
        prop_assert_eq!(big(word), want);
        prop_assert_eq!(WORD.unpack(word), Some(values));
    }

    #[test]
    fn address_is_a_big_endian_integer(bytes in any::<[u8; 20]>(), low in any::<u64>()) {
        let word = ADDRESS.pack([low.into(), (&bytes).into()]);
        prop_assert_eq!(big(word), (BigUint::from_bytes_be(&bytes) << 64) + low);
        let [first, second] = ADDRESS.unpack(word).expect("a packed word");
        prop_assert_eq!((first.to_u64(), second.to_address()), (Some(low), Some(bytes)));
    }

    #[test]
    fn parts_are_those_of_the_integer(limbs in any::<[u64; 4]>(), from in 0u32..256, count in 0u32..257) {
        let whole = |limbs: [u64; 4]| BigUint::from(BigInt::<4>::new(limbs));
        let want = (whole(limbs) >> from) % (BigUint::from(1u8) << count);
        prop_assert_eq!(whole(Bits(limbs).part(from, count).0), want);
    }
}

#[test]
fn unpack_refuses_gaps_constants_and_bits_above() {
    let word = WORD.pack([1u64.into(), 2u64.into(), 3u64.into()]);
    for bit in [64, 69, 222, 252] {
        assert_eq!(WORD.unpack(word + power_of_two(bit)), None, "bit {bit}");
    }
    let word = KIND.pack([77u64.into()]);
    assert_eq!(big(word), (BigUint::from(9u8) << 244) + 77u8);
    assert_eq!(KIND.unpack(word), Some([77u64.into()]));
    for other in
        [Fr::from(77u64), word + power_of_two(36), word + power_of_two(245), word + power_of_two(250)]
    {
        assert_eq!(KIND.unpack(other), None);
    }
}

#[test]
fn positions_and_widths() {
    assert_eq!((WORD.shift_of("b"), WORD.shift_of("c"), WORD.width_of("c")), (70, 166, 56));
    assert_eq!((WORD.bits(), KIND.bits(), ADDRESS.bits()), (222, 248, 224));
    assert_eq!(Bits::from(u128::MAX).to_u128(), Some(u128::MAX));
    assert_eq!((Bits::from(1u128 << 64).to_u64(), Bits([0, 0, 1, 0]).to_u128()), (None, None));
}

#[test]
#[should_panic(expected = "word: b has 96 bits")]
fn pack_refuses_a_wider_value() {
    WORD.pack([0u64.into(), (1u128 << 96).into(), 0u64.into()]);
}

/// Packs a b whose type has `bits` bits.
fn pack_b(bits: u32) -> Fr {
    let b = Int::new_unchecked(Var::constant(Fr::from(5u64)), bits);
    WORD.pack_ints([&Int::constant(3), &b, &Int::zero()]).value()
}

#[test]
fn wires_pack_as_integers_do() {
    assert_eq!(pack_b(96), WORD.pack([3u64.into(), 5u64.into(), 0u64.into()]));
}

#[test]
#[should_panic(expected = "word: b has 96 bits, its integer 97")]
fn pack_ints_refuses_a_wider_type() {
    pack_b(97);
}
