//! Mistakes that other projects made, on whole batches of this one.
//!
//! Three are seeded bugs of the corpus: Penumbra's quotient ("funding settles to one quantum more"), Orchard's
//! key witnessed again ("an action checked against a key witnessed again"), field comparisons ("a withdrawal
//! of less than nothing").

use ark_bn254::Fr;

use super::bench::rich_and_poor;
use crate::gadgets::hash::poseidon;

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
