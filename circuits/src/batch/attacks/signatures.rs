//! Signatures: rules 16 to 19 of the review.

use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, PrimeField};

use super::bench::{Bench, advice, cohere};
use super::memory::immediate;
use crate::batch::kinds;
use crate::batch::native::Trace;
use crate::batch::native::tests::{deposit, item, key, place, signed};
use crate::gadgets::curve::Point;
use crate::gadgets::signature::Scalar;
use crate::ops::{Item, Op, OrderItem};
use crate::state::Side;

fn order() -> OrderItem {
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

fn with_signature(bench: &Bench, change: impl FnOnce(&mut crate::gadgets::signature::Signature)) -> Trace {
    let mut trace = bench.trace.clone();
    change(&mut trace.rows.actions[0].signature);
    trace
}

/// Rule 16: coefficients drawn from a transcript that does not hold the signatures.
#[test]
pub fn coefficients_of_another_transcript() {
    let bench = two_orders();
    let mut inputs = bench.inputs();
    inputs.transcript += Fr::from(1u64);
    bench.verdict(&inputs, &[]).violates("SIG-10 of combine signatures row 0");
}

/// Rule 16: a coefficient of the prover's choice.
#[test]
pub fn a_chosen_coefficient() {
    let bench = two_orders();
    let forged = [advice(kinds::SIGNATURE, 0, "signature.coefficient", |value| value + Fr::from(1u64))];
    bench.verdict(&bench.inputs(), &forged).violates("SIG-6 of signature row 0");
}

/// Rule 17: an offset from a counter that leaves 2^252 to choose from.
#[test]
pub fn an_offset_from_a_large_counter() {
    let bench = two_orders();
    let forged = [advice(kinds::COMBINE, 0, "signature.counter", |value| value + Fr::from(1u64 << 40))];
    bench.verdict(&bench.inputs(), &forged).unbalances("range");
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

/// Rule 18: the second form of a signature, `S + ℓ`. Only the bound on S notices.
#[test]
pub fn a_scalar_above_the_order() {
    let bench = two_orders();
    let trace = with_signature(&bench, |signature| {
        assert!(!signature.s.add_with_carry(&Scalar::MODULUS));
    });
    bench.verdict(&bench.inputs_of(&trace), &[]).only_unbalances(&["range"]);
}

/// Rule 18: a challenge in its second form, `h + p`, which is the same field element.
#[test]
pub fn a_challenge_above_the_modulus() {
    let bench = two_orders();
    let row = &bench.trace.rows.actions[0];
    let mut second: BigInt<4> = row.signature.challenge(&row.owner, row.message.hash).into_bigint();
    assert!(!second.add_with_carry(&Fr::MODULUS));
    let (limb, low) = (bench.circuit.limb_bits as usize, crate::gadgets::signature::FIELD_LOW_BITS);
    let bits = second.to_bits_le();
    let part = |from: usize, to: usize| {
        let bits = bits[from..to].iter().rev();
        bits.fold(Fr::from(0u64), |sum, bit| sum + sum + Fr::from(u64::from(*bit)))
    };
    let mut values: Vec<Fr> =
        (0..low.div_ceil(limb)).map(|i| part(i * limb, ((i + 1) * limb).min(low))).collect();
    values.push(part(low, 256));
    let block = bench.circuit.blocks.iter().find(|block| block.kind == kinds::SIGNATURE).unwrap();
    let hints = block.template.hints.iter().enumerate();
    let numbers: Vec<usize> = hints
        .filter(|(_, (name, _))| *name == "signature.challenge")
        .map(|(n, _)| n)
        .take(values.len())
        .collect();
    let choose = move |_: &'static str, number: usize, honest: Fr| {
        numbers.iter().position(|n| *n == number).map_or(honest, |i| values[i])
    };
    let forged = [super::bench::Advice { kind: kinds::SIGNATURE, row: 0, choose: Box::new(choose) }];
    let verdict = bench.verdict(&bench.inputs(), &forged);
    verdict.unbalances("range");
    // The same field element: the hash agrees with it.
    assert!(!verdict.unsatisfied.iter().any(|id| id == "SIG-2 of signature row 0"), "{verdict:?}");
}

/// Rule 19: one signature, two actions. Only the nonce notices.
#[test]
pub fn one_signature_for_two_actions() {
    let bench = Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        place(executor, 10, account, order());
    });
    let mut trace = bench.trace.clone();
    let mut again = trace.rows.actions[0].clone();
    let sequence = 40;
    (again.sequence, again.nonces.pre, again.nonces.before) = (sequence, again.nonces.post, again.nonces.at);
    trace.rows.actions.push(again);
    let mut inputs = bench.inputs_of(&trace);
    inputs.cross[0].close.nonce_touch = 8 * sequence;
    let mut placed = inputs.places[0];
    (placed.sequence, placed.at) = (sequence + 1, 8 * (sequence + 1));
    inputs.places.push(placed);
    inputs.statement.places += 1;
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_unbalances(&["range"]);
}

/// Rule 19: the signature of another key under an action.
#[test]
pub fn an_action_signed_by_another_key() {
    let bench = two_orders();
    let hash = bench.trace.rows.actions[0].message.hash;
    let trace = with_signature(&bench, |signature| *signature = key(99).sign(hash));
    bench
        .verdict(&bench.inputs_of(&trace), &[])
        .only_violates(&["SIG-14 of combine signatures row 0", "SIG-14 of combine signatures row 0"]);
}

/// Rule 19: a signature for one deployment in another.
#[test]
pub fn a_signature_for_another_deployment() {
    let bench = two_orders();
    let mut inputs = bench.inputs();
    inputs.statement.domain += Fr::from(1u64);
    let verdict = bench.verdict(&inputs, &[]);
    assert!(verdict.unsatisfied.iter().any(|id| id.starts_with("SIG-")), "{verdict:?}");
}

fn five_orders() -> Bench {
    let grow = |c: &mut crate::batch::native::Capacities| (c.chunks, c.places) = (2, 8);
    Bench::grown(grow, 1, |executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        let op = signed(executor, 10, account, vec![Item::Order(order()); 5]);
        assert!(matches!(&op, Op::Action(action) if action.items.len() == 5));
        executor.apply(&op).unwrap();
    })
}

/// Rule 19: the first chunk of a bulk action is left out, and its items with it.
#[test]
pub fn a_chunk_skipped() {
    let bench = five_orders();
    let mut inputs = bench.inputs();
    assert_eq!((inputs.chunks.len(), inputs.places.len()), (2, 5));
    inputs.chunks.remove(0);
    inputs.places.drain(1..);
    inputs.statement.places = 1;
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_unbalances(&["chain"]);
}

/// Rule 19: a signed item is applied twice.
#[test]
pub fn an_item_applied_twice() {
    let bench = two_orders();
    let mut inputs = bench.inputs();
    let mut twice = inputs.places[0];
    (twice.sequence, twice.at) = (90, 8 * 90);
    inputs.places.push(twice);
    inputs.statement.places += 1;
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_unbalances(&["item"]);
}
