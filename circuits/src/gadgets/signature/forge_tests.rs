//! Dishonest advice in signature rows, coherent where one piece needs others to go along.

use super::circuit_tests::{LIMB_BITS, Refusal, honest, run};
use super::transcript::{GROUP, Group, NONCE_WINDOWS, WINDOWS, transcript};
use super::{FIELD_LOW_BITS, Scalar};
use crate::gadgets::hash::poseidon_ex;
use ark_bn254::Fr;
use ark_ff::{Field, PrimeField};
use num_bigint::BigUint;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Replaces the advice of a name in row 0, in order of appearance.
fn with_advice(groups: &[Group], name: &'static str, values: &[(usize, Fr)]) -> Option<Refusal> {
    let numbers = advice(groups, 0)[name].clone();
    let forge = |_: &'static str, number: usize, honest: Fr| {
        let chosen = values.iter().find(|(place, _)| numbers[*place] == number);
        chosen.map_or(honest, |(_, value)| *value)
    };
    run(groups, LIMB_BITS, 0, &forge)
}

/// Limbs of the range table's width, and what remains above them.
fn limbs(value: &BigUint, low_bits: u32) -> Vec<Fr> {
    let count = low_bits.div_ceil(LIMB_BITS);
    let low = value % (BigUint::from(1u32) << low_bits);
    let limb = |i: u32| Fr::from((&low >> (i * LIMB_BITS)) % (1u32 << LIMB_BITS));
    (0..count).map(limb).chain([Fr::from(value >> low_bits)]).collect()
}

fn numbered(values: Vec<Fr>) -> Vec<(usize, Fr)> {
    values.into_iter().enumerate().collect()
}

#[test]
fn rejects_the_second_form_of_a_challenge() {
    let groups = honest();
    let signed = &groups[0][0];
    let challenge = signed.signature.challenge(&signed.key, signed.message).into_bigint();
    let honest = limbs(&challenge.into(), FIELD_LOW_BITS as u32);
    assert_eq!(with_advice(&groups, "signature.challenge", &numbered(honest)), None);
    let second = BigUint::from(challenge) + BigUint::from(Fr::MODULUS);
    let forged = numbered(limbs(&second, FIELD_LOW_BITS as u32));
    assert_eq!(with_advice(&groups, "signature.challenge", &forged), Some((0, "RANGE")));
}

#[test]
fn rejects_the_second_form_of_a_coefficient() {
    let groups = honest();
    let state = transcript(&groups, groups.len());
    let outputs = poseidon_ex(&[state, Fr::from(0u64), Fr::from(0u64), Fr::from(0u64)], 4);
    let second = BigUint::from(outputs[0].into_bigint()) + BigUint::from(Fr::MODULUS);
    let numbers = advice(&groups, 0);
    let (digits, rest) = (&numbers["signature.digit"], &numbers["signature.coefficient"]);
    let forge = |_: &'static str, number: usize, honest: Fr| {
        if let Some(j) = digits[..32].iter().position(|n| *n == number) {
            return Fr::from((&second >> (4 * j)) % 16u32);
        }
        match rest.iter().position(|n| *n == number) {
            Some(0) => Fr::from((&second >> 128) % (1u64 << 60)),
            Some(1) => Fr::from(&second >> 188),
            _ => honest,
        }
    };
    assert_eq!(run(&groups, LIMB_BITS, 0, &forge), Some((0, "RANGE")));
}

/// Values of all advice of row 0, by number.
fn advice_values(groups: &[Group]) -> BTreeMap<usize, Fr> {
    let values = Mutex::new(BTreeMap::new());
    let record = |_: &'static str, number: usize, value: Fr| {
        values.lock().expect("one thread").insert(number, value);
        value
    };
    assert_eq!(run(groups, LIMB_BITS, 0, &record), None);
    values.into_inner().expect("one thread")
}

/// Runs row 0 with the given advice replaced.
fn forged(groups: &[Group], replaced: &BTreeMap<usize, Fr>) -> Option<Refusal> {
    run(groups, LIMB_BITS, 0, &|_, number, honest| *replaced.get(&number).unwrap_or(&honest))
}

#[test]
fn rejects_digits_that_borrow_from_each_other() {
    // Digit d + 16 with its own multiple of the key, and one less in the window above: every sum is
    // what it was. Only the table of points refuses the digit.
    let groups = honest();
    let (numbers, values) = (advice(&groups, 0), advice_values(&groups));
    let digits = &numbers["signature.digit"][GROUP * NONCE_WINDOWS..][..WINDOWS];
    let window = (0..WINDOWS - 1).find(|j| values[&digits[j + 1]] != Fr::from(0u64)).expect("a digit");
    let digit = values[&digits[window]] + Fr::from(16u64);
    let factor = digit + digit - Fr::from(15u64);
    let multiple = groups[0][0].key.mul(&Scalar::from_bigint(factor.into_bigint()).expect("small"));
    let multiple = multiple.to_montgomery().expect("of prime order");
    let coordinates = &numbers["signature.multiple"][2 * (NONCE_WINDOWS + window)..];
    let replaced = BTreeMap::from([
        (digits[window], digit),
        (digits[window + 1], values[&digits[window + 1]] - Fr::ONE),
        (coordinates[0], multiple.u),
        (coordinates[1], multiple.v),
    ]);
    assert_eq!(forged(&groups, &replaced), Some((usize::MAX, "point")));
}

#[test]
fn rejects_a_key_coefficient_whose_quotient_is_no_integer() {
    // u + 2 with quotient and carry that solve both equations in the field.
    let groups = honest();
    let (numbers, values) = (advice(&groups, 0), advice_values(&groups));
    let digits = &numbers["signature.digit"][GROUP * NONCE_WINDOWS..];
    let (quotient, carry) = (numbers["signature.quotient"][0], numbers["signature.carry"][0]);
    let order = BigUint::from(Scalar::MODULUS);
    let power = BigUint::from(1u32) << 144;
    let (two, low) = (Fr::from(2u64), Fr::from(&order % &power));
    let change = -(two / Fr::from(order));
    let replaced = BTreeMap::from([
        (digits[0], values[&digits[0]] + Fr::ONE),
        (quotient, values[&quotient] + change),
        (carry, values[&carry] - (two + change * low) / Fr::from(power)),
    ]);
    assert_eq!(forged(&groups, &replaced), Some((0, "RANGE")));
}

#[test]
fn rejects_multiples_swapped_between_signatures() {
    // The columns' sums stay what they are; only the bus knows whose multiples they are.
    let groups = honest();
    let numbers = advice(&groups, 0)["signature.multiple"].clone();
    let next = 2 * (NONCE_WINDOWS + WINDOWS);
    let pairs = [(numbers[0], numbers[next]), (numbers[1], numbers[next + 1])];
    let values = advice_values(&groups);
    let swapped = pairs.iter().flat_map(|(a, b)| [(*a, values[b]), (*b, values[a])]).collect();
    assert_eq!(forged(&groups, &swapped), Some((usize::MAX, "point")));
}

/// Names and first and last numbers of all advice of a row.
fn advice(groups: &[Group], target: usize) -> BTreeMap<&'static str, Vec<usize>> {
    let seen = Mutex::new(BTreeMap::<&'static str, Vec<usize>>::new());
    let record = |name: &'static str, number: usize, value: Fr| {
        seen.lock().expect("one thread").entry(name).or_default().push(number);
        value
    };
    assert_eq!(run(groups, LIMB_BITS, target, &record), None);
    seen.into_inner().expect("one thread")
}

fn every_advice_is_pinned(target: usize, harmless: &[&str]) {
    let groups = honest();
    let mutations: [fn(Fr) -> Fr; 4] =
        [|v| v + Fr::ONE, |v| v - Fr::from(2u64).pow([12]), |v| -v, |v| v + Fr::from(2u64).pow([64])];
    for (name, numbers) in advice(&groups, target) {
        let middle = numbers[numbers.len() / 2];
        for number in [numbers[0], middle, numbers[numbers.len() - 1]] {
            for (m, mutate) in mutations.iter().enumerate() {
                let forge = |_: &'static str, n: usize, v: Fr| if n == number { mutate(v) } else { v };
                let zero = Mutex::new(false);
                let watched = |name: &'static str, n: usize, v: Fr| {
                    let other = forge(name, n, v);
                    *zero.lock().expect("one thread") |= n == number && other == v;
                    other
                };
                let verdict = run(&groups, LIMB_BITS, target, &watched);
                let same = *zero.lock().expect("one thread");
                if !same && !harmless.contains(&name) {
                    assert!(verdict.is_some(), "{name} ({number}), mutation {m}");
                }
            }
        }
    }
}

#[test]
fn every_advice_of_a_signature_row_is_pinned() {
    every_advice_is_pinned(0, &[]);
}

#[test]
fn every_advice_of_the_combining_row_is_pinned() {
    every_advice_is_pinned(2, &[]);
}
