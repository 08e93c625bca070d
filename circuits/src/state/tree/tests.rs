use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashSet};

/// Recursive reference: hashes the whole subtree under `address` from the leaves alone.
fn reference(leaves: &BTreeMap<Address, Fr>, address: Address) -> Fr {
    let depth = depth(address);
    let any = leaves.keys().any(|leaf| {
        let below = super::depth(*leaf);
        below >= depth && leaf >> (3 * (below - depth)) == address
    });
    if let Some(value) = leaves.get(&address) {
        return *value;
    }
    if !any && address != ROOT {
        return empty_value(address);
    }
    let children: [Fr; 8] = std::array::from_fn(|j| reference(leaves, 8 * address + j as Address));
    poseidon(&children)
}

fn leaf_address() -> impl Strategy<Value = Address> {
    prop_oneof![
        (0u64..1 << 36).prop_map(account_leaf),
        (600u64..700).prop_map(account_leaf),
        (1u64..90).prop_map(order_leaf),
        (1u16..512).prop_map(market_leaf),
        Just(GLOBALS_LEAF),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn batched_update_agrees_with_reference(
        batches in prop::collection::vec(
            prop::collection::btree_map(leaf_address(), 0u64..4, 1..12), 1..4)
    ) {
        let mut tree = Tree::new();
        let mut all = BTreeMap::new();
        for batch in batches {
            let leaves: Vec<_> = batch.iter().map(|(a, v)| (*a, Fr::from(*v))).collect();
            all.extend(leaves.iter().copied());
            let old_root = tree.root();
            let mut count = NodeCount::default();
            batch.keys().for_each(|leaf| count.add(*leaf));
            let touches = tree.update(&leaves);
            prop_assert_eq!(tree.root(), reference(&all, ROOT));
            prop_assert_eq!(touches.len(), count.nodes());
            let distinct: HashSet<_> = touches.iter().map(|t| t.address).collect();
            prop_assert_eq!(distinct.len(), touches.len());
            let last = touches.last().expect("the root is touched");
            prop_assert_eq!((last.address, last.old_hash, last.new_hash), (ROOT, old_root, tree.root()));
            for touch in &touches {
                prop_assert_eq!(touch.old_hash, poseidon(&touch.old));
                prop_assert_eq!(touch.new_hash, poseidon(&touch.new));
            }
            batch.keys().for_each(|leaf| count.remove(*leaf));
            prop_assert_eq!(count.nodes(), 0);
        }
    }
}

#[test]
fn writing_empty_restores_the_old_root() {
    let mut tree = Tree::new();
    let empty = tree.root();
    tree.update(&[(account_leaf(600), Fr::from(7u64)), (order_leaf(1), Fr::from(9u64))]);
    assert_ne!(tree.root(), empty);
    tree.update(&[(account_leaf(600), Fr::zero()), (order_leaf(1), Fr::zero())]);
    assert_eq!(tree.root(), empty);
    assert!(tree.nodes.keys().all(|address| *address == ROOT));
}

#[test]
fn addresses_are_paths() {
    assert_eq!(account_leaf(0) >> 36, 8);
    assert_eq!(depth(account_leaf((1 << 36) - 1)), 13);
    assert_eq!(depth(market_leaf(511)), 4);
    assert_eq!((depth(GLOBALS_LEAF), depth(ROOT)), (1, 0));
    assert_eq!(height(account_leaf(5)), 0);
    assert_eq!(height(8), 12);
}
