use ark_ff::{Field, PrimeField};

use super::*;
use crate::gadgets::curve::{EDWARDS_A, EDWARDS_D, GENERATOR};
use crate::gadgets::var::power_of_two;
use crate::reject::Reject;

fn run(key: &PublicKey, rekeyed: Option<PublicKey>) -> Result<PublicKey, Reject> {
    apply(key, rekeyed).map_err(Reject::from)
}

/// The first key whose x is `high·2^128` or a little more.
pub(crate) fn key_of_x(high: i128) -> PublicKey {
    let start = Fr::from(high as u128) * power_of_two(X_LOW_BITS);
    let key = |x: Fr| {
        let xx = x.square();
        let y = ((Fr::ONE - EDWARDS_A * xx) * (Fr::ONE - EDWARDS_D * xx).inverse()?).sqrt()?;
        Some(PublicKey { x, y })
    };
    valid(start, key)
}

/// The first key whose y is `high·2^136` or a little more.
pub(crate) fn key_of_y(high: i128) -> PublicKey {
    let start = Fr::from(high as u128) * power_of_two(Y_LOW_BITS);
    let key = |y: Fr| {
        let yy = y.square();
        let x = ((Fr::ONE - yy) * (EDWARDS_A - EDWARDS_D * yy).inverse()?).sqrt()?;
        Some(PublicKey { x, y })
    };
    valid(start, key)
}

fn valid(start: Fr, key: impl Fn(Fr) -> Option<PublicKey>) -> PublicKey {
    let mut candidates = (0u64..200).filter_map(|more| key(start + Fr::from(more)));
    candidates.find(PublicKey::is_valid_key).expect("half of the coordinates have a point")
}

#[test]
fn keys_in_the_last_part_of_the_field_are_refused() {
    for (most, of) in [(X_HIGH_MAX, key_of_x as fn(i128) -> PublicKey), (Y_HIGH_MAX, key_of_y)] {
        for high in [most - 1, most] {
            assert_eq!(run(&of(high), None), Ok(of(high)));
        }
        assert_eq!(run(&of(most + 1), None), Err(Reject::KeyRange));
    }
}

#[test]
fn the_bounds_are_the_moduluss() {
    let modulus: num_bigint::BigUint = Fr::MODULUS.into();
    for (most, low_bits) in [(X_HIGH_MAX, X_LOW_BITS), (Y_HIGH_MAX, Y_LOW_BITS)] {
        let top = &modulus >> low_bits;
        assert_eq!(top, num_bigint::BigUint::from(most as u128 + 1));
    }
}

#[test]
fn rejects_what_is_no_key() {
    let off = PublicKey { x: GENERATOR.x, y: GENERATOR.y + Fr::ONE };
    assert_eq!(run(&off, None), Err(Reject::InvalidOwner));
    assert_eq!(run(&PublicKey::IDENTITY, None), Err(Reject::InvalidOwner));
}

#[test]
fn one_key_a_batch() {
    // Not even the same one again.
    for earlier in [GENERATOR, GENERATOR.add(&GENERATOR)] {
        assert_eq!(run(&GENERATOR, Some(earlier)), Err(Reject::KeyTwice));
    }
    assert_eq!(run(&PublicKey::IDENTITY, Some(GENERATOR)), Err(Reject::InvalidOwner));
}
