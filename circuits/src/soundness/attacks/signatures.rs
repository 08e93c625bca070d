//! Signatures: rules 16 to 19 of the review.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};

use super::bench::{Advice, Bench, advice, hint_numbers};
use super::corpus::{Forgery, SeededBug, by_bus, by_checks, check};
use super::orders::immediate;
use super::weaken::Weak;
use crate::executor::tests::{deposit, item, key, place};
use crate::gadgets::curve::{
    EDWARDS_A, GENERATOR, MONTGOMERY_A, MontgomeryPoint, ORDER_EIGHT_Y_SQUARED, Point,
};
use crate::gadgets::hash::poseidon;
use crate::gadgets::signature::transcript::{
    CARRIES, CARRY_POINTS, NONCE_WINDOWS, OFFSET_TAG, WINDOWS, coefficients,
};
use crate::gadgets::signature::{FIELD_LOW_BITS, Scalar, Signature};
use crate::kinds::Trace;
use crate::ops::OrderItem;
use crate::ops::action::ActionRecord;
use crate::soundness::kinds;
use crate::state::Side;

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "two false signatures under a coefficient of the prover's choice",
        rule: 16,
        weak: &[Weak::Without(kinds::SIGNATURE, "SIG-6")],
        noticed: by_checks(&["SIG-6 of signature"]),
        attack: equal_coefficients,
    },
    SeededBug {
        name: "two false signatures made after the coefficients",
        rule: 16,
        weak: &[Weak::Without(kinds::COMBINE, "SIG-10")],
        noticed: by_checks(&["SIG-10 of combine signatures"]),
        attack: scalars_after_coefficients,
    },
    SeededBug {
        name: "an offset from a counter of any size",
        rule: 17,
        weak: &[Weak::NoRange(kinds::COMBINE, "signature.counter")],
        noticed: by_bus(&["range"]),
        attack: offset_of_a_large_counter,
    },
    SeededBug {
        name: "a nonce point of order eight",
        rule: 18,
        weak: &[Weak::Without(kinds::SIGNATURE, "CURVE-2")],
        noticed: by_checks(&["CURVE-2 of signature"]),
        attack: nonce_point_of_small_order,
    },
    SeededBug {
        name: "an account whose key is of order eight",
        rule: 18,
        weak: &[Weak::Without(kinds::DEPOSIT, "CURVE-2")],
        noticed: by_checks(&["CURVE-2 of deposit"]),
        attack: || account_of_key(order_eight()),
    },
    SeededBug {
        name: "an account whose key is off the curve",
        rule: 18,
        weak: &[Weak::Without(kinds::DEPOSIT, "CURVE-1")],
        noticed: by_checks(&["CURVE-1 of deposit"]),
        attack: || account_of_key(Point { x: Fr::from(2u64), y: Fr::from(3u64) }),
    },
    SeededBug {
        name: "a scalar above the order",
        rule: 18,
        weak: &[Weak::NoRange(kinds::SIGNATURE, "signature.scalar")],
        noticed: by_bus(&["range"]),
        attack: scalar_above_the_order,
    },
    SeededBug {
        name: "a signature of the challenge's second form",
        rule: 18,
        weak: &[Weak::NoRange(kinds::SIGNATURE, "signature.challenge")],
        noticed: by_bus(&["range"]),
        attack: challenge_above_the_modulus,
    },
];

#[test]
fn every_bug_of_signatures_is_caught() {
    check(BUGS);
}

pub fn order() -> OrderItem {
    OrderItem { flags: immediate(), ..item(1, Side::Buy, 90, 20) }
}

/// One account, two orders that do not rest.
pub fn two_orders() -> Bench {
    Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        place(executor, 10, account, order());
        place(executor, 10, account, order());
    })
}

pub fn with_signature(bench: &Bench, change: impl FnOnce(&mut Signature)) -> Trace {
    let mut trace = bench.trace.clone();
    change(&mut trace.records.of_mut::<ActionRecord>()[0].signature);
    trace
}

/// Rule 17: an offset that is not on the curve.
#[test]
pub fn an_offset_off_the_curve() {
    let bench = two_orders();
    let forged = [advice(kinds::COMBINE, 0, "signature.offset", |value| value + Fr::from(1u64))];
    bench.verdict(&bench.inputs(), &forged).violates("SIG-11 of combine signatures row 0");
}

/// Rule 18: a nonce point of order one or two: with S = r·h·0 it would fit any message.
#[test]
pub fn a_nonce_point_of_small_order() {
    let bench = two_orders();
    for y in [Fr::from(1u64), -Fr::from(1u64)] {
        let point = Point { x: Fr::from(0u64), y };
        assert!(point.is_on_curve() && point.is_small_order());
        let trace = with_signature(&bench, |signature| signature.r = point);
        let verdict = bench.verdict(&bench.inputs_of(&trace), &[]);
        assert!(verdict.unsatisfied.iter().any(|id| id == "CURVE-2 of signature row 0"), "{verdict:?}");
    }
}

/// Rule 18: a nonce point that is not on the curve.
#[test]
pub fn a_nonce_point_off_the_curve() {
    let bench = two_orders();
    let trace = with_signature(&bench, |signature| signature.r.x += Fr::from(1u64));
    let verdict = bench.verdict(&bench.inputs_of(&trace), &[]);
    assert!(verdict.unsatisfied.iter().any(|id| id == "CURVE-1 of signature row 0"), "{verdict:?}");
}

/// Signature i is weighed with `2·D_i - (2^128 - 1)`.
fn weight(coefficient: u128) -> Scalar {
    Scalar::from(coefficient) + Scalar::from(coefficient) - Scalar::from(u128::MAX)
}

fn move_scalar(signature: &mut Signature, by: Scalar) {
    signature.s = (Scalar::from_bigint(signature.s).expect("below the order") + by).into_bigint();
}

/// Errors of the first two signatures that cancel if both are weighed alike: S_0 + 1 and S_1 - 1.
fn equal_coefficients() -> Forgery {
    let bench = two_orders();
    let mut trace = bench.trace.clone();
    move_scalar(&mut trace.records.of_mut::<ActionRecord>()[0].signature, Scalar::ONE);
    move_scalar(&mut trace.records.of_mut::<ActionRecord>()[1].signature, -Scalar::ONE);
    let inputs = bench.inputs_of(&trace);
    let [_, second, ..] = coefficients(inputs.transcript, Fr::ZERO);
    let digits = hint_numbers(&bench, kinds::SIGNATURE, 0, "signature.digit")[..NONCE_WINDOWS].to_vec();
    let choose = move |_: &'static str, number: usize, honest: Fr| {
        let window = digits.iter().position(|digit| *digit == number);
        window.map_or(honest, |window| Fr::from((second >> (4 * window)) & 15))
    };
    let forged = [Advice { kind: kinds::SIGNATURE, row: 0, choose: Box::new(choose) }];
    Forgery::new(bench, inputs, forged)
}

/// Coefficients from a transcript that was fixed first; then `S_0 + r_1` and `S_1 - r_0`.
fn scalars_after_coefficients() -> Forgery {
    let bench = two_orders();
    let chosen = Fr::from(77u64);
    let [first, second, ..] = coefficients(chosen, Fr::ZERO).map(weight);
    let mut trace = bench.trace.clone();
    move_scalar(&mut trace.records.of_mut::<ActionRecord>()[0].signature, second);
    move_scalar(&mut trace.records.of_mut::<ActionRecord>()[1].signature, -first);
    let mut inputs = bench.inputs_of(&trace);
    inputs.transcript = chosen;
    Forgery::new(bench, inputs, [])
}

/// The first counter above 2^40 whose hash is a first coordinate of the curve: with counters of any size
/// the prover chooses among 2^253 offsets.
fn offset_of_a_large_counter() -> Forgery {
    let bench = two_orders();
    let mut inputs = bench.inputs();
    let (counter, u, v) = (1u64 << 40..)
        .find_map(|counter| {
            let u = poseidon(&[inputs.transcript, Fr::from(OFFSET_TAG), Fr::from(counter)]);
            let v = (u * (u * (u + MONTGOMERY_A) + Fr::ONE)).sqrt()?;
            Some((Fr::from(counter), u, v))
        })
        .unwrap();
    let times = |point: MontgomeryPoint, doublings: u32| {
        (0..doublings).fold(point, |point, _| point.double().unwrap())
    };
    let offset = times(MontgomeryPoint { u, v }, 3);
    let others = offset.add_incomplete(&times(offset, 4).neg()).unwrap();
    let mut seed = vec![Fr::ZERO; CARRIES as usize];
    for (window, pair) in seed[CARRY_POINTS as usize..].chunks_mut(2).enumerate() {
        let start = if window == WINDOWS - 1 { offset } else { others };
        pair.copy_from_slice(&[start.u, start.v]);
    }
    inputs.signature_seed = Some(seed);
    let choose = move |name: &'static str, _: usize, honest: Fr| match name {
        "signature.counter" => counter,
        "signature.offset" => v,
        _ => honest,
    };
    let forged = [Advice { kind: kinds::COMBINE, row: 0, choose: Box::new(choose) }];
    Forgery::new(bench, inputs, forged)
}

pub fn order_eight() -> Point {
    let y = ORDER_EIGHT_Y_SQUARED.sqrt().expect("a square");
    let point = Point { x: (ORDER_EIGHT_Y_SQUARED / EDWARDS_A).sqrt().expect("a square"), y };
    assert!(point.is_on_curve() && point.is_small_order());
    point
}

/// The scalar behind `key(number)`, as `@zk-kit/eddsa-poseidon` derives it.
fn secret(number: u8) -> Scalar {
    use blake_hash::{Blake512, Digest};
    let mut low: [u8; 32] = Blake512::digest(&[number; 32])[..32].try_into().unwrap();
    low[0] &= 0xf8;
    low[31] = (low[31] & 0x7f) | 0x40;
    let scalar = Scalar::from_le_bytes_mod_order(&low);
    assert_eq!(GENERATOR.mul(&(scalar / Scalar::from(8u64))), key(number).public_key());
    scalar
}

fn reduced(integer: BigInt<4>) -> Scalar {
    Scalar::from_le_bytes_mod_order(&integer.to_bytes_le())
}

/// Nonce zero, hidden behind a point that the cofactor removes: S gives the key away.
fn nonce_point_of_small_order() -> Forgery {
    let bench = two_orders();
    let (owner, hash) =
        (bench.trace.of::<ActionRecord>()[0].owner, bench.trace.of::<ActionRecord>()[0].message.hash);
    let trace = with_signature(&bench, |signature| {
        signature.r = order_eight();
        let challenge = reduced(signature.challenge(&owner, hash).into_bigint());
        signature.s = (challenge * secret(10)).into_bigint();
    });
    let inputs = bench.inputs_of(&trace);
    Forgery::new(bench, inputs, [])
}

/// A deposit makes an account for which every person, or an unknown one, can sign.
fn account_of_key(owner: Point) -> Forgery {
    let bench = super::bench::rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.cross[1].owner = owner;
    inputs.deposits[1].owner = owner;
    Forgery::coherent(bench, inputs, [])
}

/// The second form of a signature, `S + ℓ`.
fn scalar_above_the_order() -> Forgery {
    let bench = two_orders();
    let trace = with_signature(&bench, |signature| {
        assert!(!signature.s.add_with_carry(&Scalar::MODULUS));
    });
    let inputs = bench.inputs_of(&trace);
    Forgery::new(bench, inputs, [])
}

/// Signed for `h + r`, which is the same field element as h and another scalar.
fn challenge_above_the_modulus() -> Forgery {
    let bench = two_orders();
    let (owner, hash) =
        (bench.trace.of::<ActionRecord>()[0].owner, bench.trace.of::<ActionRecord>()[0].message.hash);
    let nonce = Scalar::from(12_345u64);
    let r = GENERATOR.mul(&nonce);
    let mut second: BigInt<4> = Signature { r, s: Default::default() }.challenge(&owner, hash).into_bigint();
    assert!(!second.add_with_carry(&Fr::MODULUS));
    let s = (nonce + reduced(second) * secret(10)).into_bigint();
    let trace = with_signature(&bench, |signature| *signature = Signature { r, s });
    let inputs = bench.inputs_of(&trace);

    let (limb, low) = (bench.circuit.limb_bits as usize, FIELD_LOW_BITS);
    let bits = second.to_bits_le();
    let part = |from: usize, to: usize| {
        let bits = bits[from..to].iter().rev();
        bits.fold(Fr::ZERO, |sum, bit| sum + sum + Fr::from(u64::from(*bit)))
    };
    let mut values: Vec<Fr> =
        (0..low.div_ceil(limb)).map(|i| part(i * limb, ((i + 1) * limb).min(low))).collect();
    values.push(part(low, 256));
    let numbers = hint_numbers(&bench, kinds::SIGNATURE, 0, "signature.challenge")[..values.len()].to_vec();
    let choose = move |_: &'static str, number: usize, honest: Fr| {
        numbers.iter().position(|n| *n == number).map_or(honest, |i| values[i])
    };
    let forged = [Advice { kind: kinds::SIGNATURE, row: 0, choose: Box::new(choose) }];
    Forgery::new(bench, inputs, forged)
}
