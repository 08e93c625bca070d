//! Mistakes that other projects made, on whole batches of this one.

use ark_bn254::Fr;

use super::bench::{Bench, advice, cohere, rich_and_poor};
use super::signatures::two_orders;
use crate::batch::kinds;
use crate::batch::native::tests::key;
use crate::gadgets::hash::poseidon;

/// Orchard, 2026: a point that the circuit has is witnessed again, and may be another one. Here: the key
/// that an action's signature is checked against.
#[test]
pub fn orchard_a_key_witnessed_again() {
    let bench = two_orders();
    let mut trace = bench.trace.clone();
    for action in &mut trace.rows.actions {
        action.owner = key(99).public_key();
        action.signature = key(99).sign(action.message.hash);
    }
    bench.verdict(&bench.inputs_of(&trace), &[]).only_unbalances(&["key"]);
}

/// Penumbra: a quotient whose remainder is not below the divisor. Here: funding settles to one quantum
/// more than it should.
#[test]
pub fn penumbra_a_quotient_off_by_one() {
    for step in [1i64, -1] {
        let bench = rich_and_poor();
        let mut inputs = bench.inputs();
        inputs.deposits[1].header.collateral += step;
        inputs.cross[1].close.collateral += step;
        let forged = [advice(kinds::CROSS_ACCOUNT, 1, "account.settled", move |c| {
            if step > 0 { c + Fr::from(1u64) } else { c - Fr::from(1u64) }
        })];
        cohere(&bench.circuit, &mut inputs, &forged);
        bench.verdict(&inputs, &forged).only_unbalances(&["range"]);
    }
}

/// Comparisons of field elements: minus five is below one. Here: a withdrawal of a negative amount.
#[test]
pub fn an_amount_below_zero() {
    let bench = Bench::withdrawal();
    let mut inputs = bench.inputs();
    let row = inputs.cross.iter().position(|a| a.id == 600).unwrap();
    inputs.cross[row].close.collateral += 17 + 5;
    let forged = [advice(kinds::WITHDRAW, 0, "take.amount", |_| -Fr::from(5u64))];
    cohere(&bench.circuit, &mut inputs, &forged);
    let verdict = bench.verdict(&inputs, &forged);
    verdict.unbalances("range");
    assert!(!verdict.unbalanced.contains("header"), "{verdict:?}");
}

/// Sponges without a length: `H(5) = H(5, 0)`. Here every number of inputs is a hash of its own.
#[test]
pub fn hashes_of_other_lengths() {
    let mut inputs = vec![Fr::from(5u64)];
    let mut digests = Vec::new();
    while inputs.len() <= 9 {
        digests.push(poseidon(&inputs));
        inputs.push(Fr::from(0u64));
    }
    let count = digests.len();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), count);
}

/// Inner nodes taken for leaves: an old leaf that is the hash of eight children is no account's.
#[test]
pub fn a_node_row_in_a_leafs_place() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let leaf = crate::state::tree::account_leaf(600);
    inputs.nodes[0].address = leaf;
    bench.verdict(&inputs, &[]).unbalances("range");
}
