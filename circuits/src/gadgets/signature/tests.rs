use super::{
    FIELD_LOW_BITS, FIELD_TOP_BOUND, Point, SCALAR_LOW_BITS, SCALAR_TOP_BOUND, Scalar, SecretKey, Signature,
    SignatureError, verify,
};
use crate::gadgets::curve::{GENERATOR, ORDER_EIGHT_Y_SQUARED};
use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, Field, MontFp, PrimeField};
use num_bigint::BigUint;
use serde_json::Value;
use std::str::FromStr;

const VECTORS: &str = include_str!("../../../../testvectors/eddsa.json");

/// A point of order 8.
const TORSION: Point = Point {
    x: MontFp!("17545522957889784193459637215142187266023652151580582754000402781682644312291"),
    y: MontFp!("17061719626832259898845741003733890968968767993363194771977168648564009544074"),
};

fn element(text: &Value) -> Fr {
    Fr::from_str(text.as_str().expect("text")).expect("element")
}

fn point(list: &Value) -> Point {
    Point { x: element(&list[0]), y: element(&list[1]) }
}

fn seed(text: &Value) -> [u8; 32] {
    let text = text.as_str().expect("text");
    std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hex"))
}

fn signed() -> (SecretKey, Fr, Signature) {
    let key = SecretKey::from_seed(&[7; 32]);
    let message = Fr::from(42);
    let signature = key.sign(message);
    (key, message, signature)
}

#[test]
fn agrees_with_the_wallets_library() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).expect("vectors");
    assert!(vectors.len() >= 8);
    for vector in &vectors {
        let key = SecretKey::from_seed(&seed(&vector["seed"]));
        let message = element(&vector["message"]);
        let signature = key.sign(message);
        assert_eq!(key.public_key(), point(&vector["key"]));
        assert_eq!(signature.r, point(&vector["r"]));
        assert_eq!(BigUint::from(signature.s).to_string(), vector["s"].as_str().expect("text"));
        assert_eq!(verify(&key.public_key(), message, &signature), Ok(()));
    }
}

#[test]
fn bounds_are_the_top_bits_of_the_moduli() {
    let top = |modulus: BigInt<4>, low: usize| BigUint::from(modulus) >> low;
    assert_eq!(BigUint::from(SCALAR_TOP_BOUND), top(Scalar::MODULUS, SCALAR_LOW_BITS));
    assert_eq!(BigUint::from(FIELD_TOP_BOUND), top(Fr::MODULUS, FIELD_LOW_BITS));
    const { assert!(SCALAR_TOP_BOUND >> 64 == 1 && FIELD_TOP_BOUND >> 64 == 1, "65 bits") };
}

#[test]
fn rejects_another_message_key_nonce_or_scalar() {
    let (key, message, signature) = signed();
    let public = key.public_key();
    let other = SecretKey::from_seed(&[8; 32]).public_key();
    let refused = Err(SignatureError::Mismatch);
    assert_eq!(verify(&public, message + Fr::ONE, &signature), refused);
    assert_eq!(verify(&other, message, &signature), refused);
    assert_eq!(verify(&public, message, &Signature { r: other, ..signature }), refused);
    let mut s = signature.s;
    s.add_with_carry(&BigInt::from(1u64));
    assert_eq!(verify(&public, message, &Signature { s, ..signature }), refused);
}

#[test]
fn rejects_scalar_plus_order_and_its_boundary() {
    let (key, message, signature) = signed();
    let public = key.public_key();
    let try_scalar = |s| verify(&public, message, &Signature { s, ..signature });
    let mut larger = signature.s;
    larger.add_with_carry(&Scalar::MODULUS);
    assert!(matches!(try_scalar(larger), Err(SignatureError::ScalarTooLarge { .. })));
    let boundary = BigUint::from(SCALAR_TOP_BOUND) << SCALAR_LOW_BITS;
    let below = BigInt::try_from(boundary.clone() - 1u32).expect("fits");
    assert_eq!(try_scalar(below), Err(SignatureError::Mismatch));
    let at = BigInt::try_from(boundary).expect("fits");
    assert_eq!(try_scalar(at), Err(SignatureError::ScalarTooLarge { top: SCALAR_TOP_BOUND }));
    assert!(matches!(try_scalar(BigInt([u64::MAX; 4])), Err(SignatureError::ScalarTooLarge { .. })));
}

#[test]
fn rejects_points_off_the_curve_or_of_small_order() {
    let (key, message, signature) = signed();
    let public = key.public_key();
    let off = Point { x: Fr::ONE, y: Fr::ONE };
    let with_nonce = |r| verify(&public, message, &Signature { r, ..signature });
    assert_eq!(verify(&off, message, &signature), Err(SignatureError::KeyOffCurve));
    assert_eq!(with_nonce(off), Err(SignatureError::NonceOffCurve));
    let mut small = Point::IDENTITY;
    for _ in 0..8 {
        assert_eq!(verify(&small, message, &signature), Err(SignatureError::KeySmallOrder));
        assert_eq!(with_nonce(small), Err(SignatureError::NonceSmallOrder));
        small = small.add(&TORSION);
    }
    assert_eq!(small, Point::IDENTITY);
    assert_eq!(TORSION.y.square(), ORDER_EIGHT_Y_SQUARED);
}

#[test]
fn accepts_a_nonce_point_with_a_part_of_small_order() {
    // Only the key's owner can make it: S has to answer the challenge of the moved point.
    let secret = Scalar::from(123456789u64);
    let (key, nonce, message) = (GENERATOR.mul(&secret), Scalar::from(987654321u64), Fr::from(5));
    let r = GENERATOR.mul(&nonce).add(&TORSION);
    let mut signature = Signature { r, s: BigInt::zero() };
    let challenge = signature.challenge(&key, message).into_bigint();
    let reduced = Scalar::from_le_bytes_mod_order(&challenge.to_bytes_le());
    signature.s = (nonce + Scalar::from(8) * reduced * secret).into_bigint();
    assert_eq!(verify(&key, message, &signature), Ok(()));
    assert_eq!(verify(&key.add(&TORSION), message, &signature), Err(SignatureError::Mismatch));
}
