//! The change key row against the native half, and against forged advice. Refusals: the reject vectors.

use ark_bn254::Fr;
use ark_ff::Field;

use super::circuit::{ChangeKey, ChangeKeyRecord, change_key};
use super::tests::{key_of_x, key_of_y};
use super::{KEY_DIGEST_BITS, X_HIGH_MAX, Y_HIGH_MAX, apply};
use crate::gadgets::curve::GENERATOR;
use crate::gadgets::hash::poseidon;
use crate::gadgets::row::{Padded, Template};
use crate::gadgets::var::power_of_two;
use crate::gadgets::word::Bits;
use crate::ops::Item;
use crate::reject::Reject;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::forge::{Forger, refusal};
use crate::state::PublicKey;
use crate::state::tags::{ITEM, REKEY};

fn owner(number: u64) -> PublicKey {
    GENERATOR.mul_integer(&ark_ff::BigInt::from(number))
}

fn honest() -> ChangeKeyRecord {
    ChangeKeyRecord { single_cancel: false, account: 601, key: owner(3) }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<ChangeKeyRecord>> {
    // A hash with r added reads as another digest, and its rest is too wide; a digest of fewer bits.
    let wide = hashed(|rest, _| rest >= 4_000);
    let narrow = hashed(|rest, digest| rest > 0 && digest.fits(KEY_DIGEST_BITS - 7));
    let beyond = [key_of_x(X_HIGH_MAX + 1), key_of_y(Y_HIGH_MAX + 1), off_curve(), PublicKey::IDENTITY];
    let keys = [key_of_x(X_HIGH_MAX), wide, narrow].into_iter().chain(beyond);
    let keys = keys.map(|key| ChangeKeyRecord { key, ..honest() });
    let lane = ChangeKeyRecord { single_cancel: true, ..honest() };
    [honest(), lane].into_iter().chain(keys).map(Padded::enabled).collect()
}

/// A key of whose hash these 14 bits above the digest, and this digest, are true.
fn hashed(wanted: impl Fn(u64, &Bits) -> bool) -> PublicKey {
    let parts = |key: &PublicKey| {
        let hash = Bits::from(poseidon(&[key.x, key.y]));
        let rest = hash.part(KEY_DIGEST_BITS, 14).to_u64().expect("14 bits");
        wanted(rest, &hash.part(0, KEY_DIGEST_BITS))
    };
    (1..).map(owner).find(parts).expect("one of a few hundred keys")
}

fn off_curve() -> PublicKey {
    PublicKey { y: honest().key.y + Fr::ONE, ..honest().key }
}

fn agree(input: &ChangeKeyRecord) -> Option<Reject> {
    let ChangeKeyRecord { single_cancel, account, key } = *input;
    agree::both_halves::<ChangeKey, _>(
        input,
        || apply(&key, None),
        change_key,
        |after| {
            let mark = u64::from(single_cancel) << 40;
            let outcome = Outcome::default()
                .receives(ITEM, [Item::ChangeKey(key).word(), Fr::from(account + mark)])
                .sends(REKEY, [Fr::from(account), after.x, after.y]);
            elements(input).into_iter().fold(outcome, Outcome::publishes)
        },
    )
}

/// Element 0 has x >> 128, element 1 x's low half and y >> 136, element 2 what is left of y.
fn elements(input: &ChangeKeyRecord) -> [Fr; 3] {
    let PublicKey { x, y } = input.key;
    let low = |value: Fr, bits: u32| Bits::from(value).part(0, bits).to_field();
    let (x_low, y_low) = (low(x, 128), low(y, 136));
    let (x_high, y_high) = ((x - x_low) / power_of_two(128), (y - y_low) / power_of_two(136));
    [Fr::from(input.account) + x_high * power_of_two(36), x_low + y_high * power_of_two(128), y_low]
}

#[test]
pub(crate) fn agrees_on_keys() {
    for number in [1, 2, 3] {
        assert_eq!(agree(&ChangeKeyRecord { key: owner(number), ..honest() }), None);
    }
    for (most, of) in [(X_HIGH_MAX, key_of_x as fn(i128) -> PublicKey), (Y_HIGH_MAX, key_of_y)] {
        for high in [0, most - 1, most] {
            assert_eq!(agree(&ChangeKeyRecord { key: of(high), ..honest() }), None, "{high}");
        }
        let beyond = ChangeKeyRecord { key: of(most + 1), ..honest() };
        assert_eq!(agree(&beyond), Some(Reject::KeyRange));
    }
    for key in [off_curve(), PublicKey::IDENTITY] {
        assert_eq!(agree(&ChangeKeyRecord { key, ..honest() }), Some(Reject::InvalidOwner));
    }
}

#[test]
fn the_signer_is_the_account_that_is_rekeyed() {
    for single_cancel in [true, false] {
        assert_eq!(agree(&ChangeKeyRecord { single_cancel, ..honest() }), None);
    }
}

/// The one key whose hash reads a second way is one of two digests: another item, which the owner did not sign.
#[test]
fn a_second_digest_is_another_item() {
    // With the modulus added, what is above the digest still has 14 bits.
    let key = hashed(|rest, _| rest < 3_000);
    let input = ChangeKeyRecord { key, ..honest() };
    assert_eq!(agree(&input), None);
    let modulus = <Fr as ark_ff::PrimeField>::MODULUS;
    let hash: num_bigint::BigUint = ark_ff::PrimeField::into_bigint(poseidon(&[key.x, key.y])).into();
    let other =
        (hash + num_bigint::BigUint::from(modulus)) % (num_bigint::BigUint::from(1u8) << KEY_DIGEST_BITS);
    let other = Fr::from(other);
    let forger = Forger::<ChangeKey>::new(&input);
    let forged = forger.run(&|name, _, v| if name == "change_key.digest" { other } else { v });
    assert_eq!(refusal(&forged, 13), None);
    let item = |row: &crate::gadgets::row::RowWitness| {
        let number = row.interactions.iter().position(|i| i.tag == ITEM).unwrap();
        row.tuple(number).to_vec()
    };
    assert_ne!(item(&forged), item(&forger.honest()));
}

#[test]
fn every_hint_is_pinned() {
    assert_eq!(Forger::<ChangeKey>::new(&honest()).every_hint_is_pinned(&[]), [""; 0]);
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<ChangeKey>();
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<ChangeKey>(13).constraints.len(), 345);
}
