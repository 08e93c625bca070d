//! Tree and accounts: rules 11 to 15 of the review.

use ark_bn254::Fr;
use ark_ff::Field;

use super::bench::{Advice, Bench, advice, rehash, rich_and_poor, sent};
use super::corpus::{Forgery, SeededBug, by_bus, by_checks, check};
use super::weaken::Weak;
use crate::gadgets::hash::poseidon;
use crate::gadgets::row::Padded;
use crate::ops::{Op, Tick};
use crate::soundness::attacks::inputs::Inputs;
use crate::soundness::kinds;
use crate::state::tags::NODE;
use crate::state::tree::{NodeTouch, account_leaf, order_leaf};

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "the top limb of an address is a field element of full size",
        rule: 7,
        weak: &[Weak::NoPlainLimb(kinds::NODE, "node.address")],
        noticed: by_bus(&["range"]),
        attack: partial_limb_of_field_size,
    },
    SeededBug {
        name: "an invented account behind a disabled node",
        rule: 11,
        weak: &[Weak::Without(kinds::NODE, "TREE-1")],
        noticed: by_checks(&["TREE-1 of tree node"]),
        attack: invented_account,
    },
    SeededBug {
        name: "a child changed that nobody sent",
        rule: 11,
        weak: &[Weak::Without(kinds::NODE, "TREE-2")],
        noticed: by_checks(&["TREE-2 of tree node"]),
        attack: child_that_nobody_sent,
    },
    SeededBug {
        name: "leaves of two accounts exchanged in the tree",
        rule: 11,
        weak: &[Weak::NoComponent(NODE, 0)],
        noticed: by_bus(&["node"]),
        attack: leaves_exchanged,
    },
    SeededBug {
        name: "an account opened with other collateral than its leaf's",
        rule: 12,
        weak: &[Weak::FreeComponent(kinds::CROSS_ACCOUNT, NODE, 1)],
        noticed: by_bus(&["node"]),
        attack: leaf_witnessed_again,
    },
    SeededBug {
        name: "an account in the leaf of an order",
        rule: 12,
        weak: &[Weak::NoRange(kinds::CROSS_ACCOUNT, "account.id")],
        noticed: by_bus(&["range"]),
        attack: account_outside_its_wing,
    },
];

#[test]
fn every_bug_of_the_tree_is_caught() {
    check(BUGS);
}

/// A disabled node row receives the leaf of an account that does not exist. Without TREE-1
/// the account is there, with its money.
fn invented_account() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let mut invented = inputs.cross[0];
    (invented.id, invented.fresh, invented.collateral) = (700, false, 1_000_000_000_000);
    invented.opened_at = 0;
    invented.close.collateral = invented.collateral;
    (invented.close.header_touch, invented.close.nonce_touch) = (0, 0);
    inputs.cross.push(invented);
    let leaf = account_leaf(700);
    let (old, new) = sent(&bench.circuit, &inputs, &[], NODE)
        .into_iter()
        .find_map(|(_, tuple)| (tuple[0] == Fr::from(leaf)).then_some((tuple[1], tuple[2])))
        .unwrap();
    let j = (leaf & 7) as usize;
    let (mut before, mut after) = ([Fr::from(0u64); 8], [Fr::from(0u64); 8]);
    (before[j], after[j]) = (old, new);
    inputs.nodes.push(node(leaf >> 3, before, after, 1 << j));
    let row = inputs.nodes.len() - 1;
    let forged = [advice(kinds::NODE, row, "node.enable", |_| Fr::from(0u64))];
    Forgery::new(bench, inputs, forged)
}

/// A leaf beside the batch's changes. Without TREE-2 the root takes it.
fn child_that_nobody_sent() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let idle = (0..8).find(|j| inputs.nodes[0].touched >> j & 1 == 0).unwrap();
    inputs.nodes[0].new[idle] += Fr::from(1u64);
    Forgery::coherent(bench, inputs, [])
}

/// An account whose id is as high as the first order's leaf.
fn account_outside_its_wing() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let (honest, outside) = (inputs.cross[1].id, (1 << 36) + 5);
    (inputs.cross[1].id, inputs.deposits[1].account) = (outside, outside);
    let leaf = account_leaf(honest);
    let parent = inputs.nodes.iter_mut().find(|node| node.address == leaf >> 3).unwrap();
    let j = (leaf & 7) as usize;
    parent.touched &= !(1 << j);
    parent.new[j] = parent.old[j];
    assert_eq!(account_leaf(outside), order_leaf(5));
    open_empty(&mut inputs, order_leaf(5));
    Forgery::coherent(bench, inputs, [])
}

/// A market whose row is there twice, the second with another price: a provider's tuple is
/// unique by the tree.
#[test]
pub fn a_market_provided_twice() {
    let bench = Bench::grown(
        |c| c["markets"] = 2,
        1,
        |executor| {
            executor.apply(&Op::Tick(Tick { market: 1, price: 101 << 32, rate: 40 })).unwrap();
        },
    );
    let mut inputs = bench.inputs();
    let mut other = inputs.markets[0];
    other.new.price += 1 << 32;
    inputs.markets.push(other);
    bench.verdict(&inputs, &[]).unbalances("node");
}

/// The top limb of an address is a field element of full size; shifted to a whole limb it is in
/// the table. Only the look-up of the limb as it is notices.
fn partial_limb_of_field_size() -> Forgery {
    let bench = rich_and_poor();
    let inputs = bench.inputs();
    let row = inputs.nodes.len();
    assert_eq!(bench.circuit.limb_bits, 9, "39 bits are four limbs and 3 bits");
    let large = Fr::from(1u64 << 36) * Fr::from(1u64 << 6).inverse().unwrap();
    let forged = [Advice {
        kind: kinds::NODE,
        row,
        choose: Box::new(move |name, _, honest| match name {
            "node.address" => large,
            "range.limb" => Fr::from(0u64),
            _ => honest,
        }),
    }];
    Forgery::new(bench, inputs, forged)
}

/// Opens the path to a leaf below which the tree is empty, up to a node that is open.
fn open_empty(inputs: &mut Inputs, leaf: u64) {
    let (mut child, mut hash) = (leaf, Fr::from(0u64));
    let mut path = Vec::new();
    loop {
        if let Some(node) = inputs.nodes.iter_mut().find(|node| node.address == child >> 3) {
            node.touched |= 1 << (child & 7);
            break;
        }
        path.push(node(child >> 3, [hash; 8], [hash; 8], 1 << (child & 7)));
        hash = poseidon(&[hash; 8]);
        child >>= 3;
    }
    // Children come before their parents.
    inputs.nodes.splice(0..0, path);
}

/// Two accounts are created, each in the other's leaf.
fn leaves_exchanged() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let [a, b] = [600, 601].map(account_leaf);
    let node = inputs.nodes.iter_mut().find(|node| node.address == a >> 3).unwrap();
    assert_eq!(b >> 3, node.address);
    node.new.swap((a & 7) as usize, (b & 7) as usize);
    rehash(&mut inputs);
    Forgery::new(bench, inputs, [])
}

/// An account that was there opens with more than its leaf says; in the weakened circuit the leaf that
/// the tree sees is another one than the account's.
fn leaf_witnessed_again() -> Forgery {
    let bench = Bench::withdrawal();
    let mut inputs = bench.inputs();
    let row = inputs.cross.iter().position(|a| a.id == 600).unwrap();
    let leaf = Fr::from(account_leaf(600));
    let honest = sent(&bench.circuit, &inputs, &[], NODE);
    let (_, tuple) = honest.into_iter().find(|(_, tuple)| tuple[0] == leaf).unwrap();
    let gift = 1_000_000;
    inputs.cross[row].collateral += gift;
    inputs.cross[row].close.collateral += gift;
    inputs.withdrawals[0].header.collateral += gift;
    Forgery::coherent(bench, inputs, []).free(kinds::CROSS_ACCOUNT, row, tuple[1])
}

/// A touched node, by its children before and after.
fn node(address: u64, old: [Fr; 8], new: [Fr; 8], touched: u8) -> Padded<NodeTouch> {
    let zero = Fr::from(0u64);
    Padded::enabled(NodeTouch { address, old, new, touched, old_hash: zero, new_hash: zero })
}
