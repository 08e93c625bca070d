//! The state tree: sparse, arity 8, `node = poseidon(8 children)`, EMPTY leaf 0.
//!
//! The address of the root is 1 and child `j` of `a` is `8a + j`, so an address is a path with a
//! sentinel. The root's children are the wings: 0 accounts and 1 orders (12 levels below the wing's
//! node), 2 markets (3 levels), 3 the globals leaf, 4 to 7 EMPTY.

use std::collections::HashMap;
use std::sync::OnceLock;

use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;

use super::{AccountId, MarketId, OrderId};
use crate::gadgets::hash::poseidon;
use crate::gadgets::word::Layout;
use crate::params::{ACCOUNT_DEPTH, MARKET_DEPTH, ORDER_DEPTH, TREE_ARITY};

mod count;
pub use count::NodeCount;

/// Address of a node or leaf.
pub type Address = u64;

/// Address of the root.
pub(crate) const ROOT: Address = 1;
/// Address of the globals leaf.
pub const GLOBALS_LEAF: Address = 11;
const ACCOUNT_WING: Address = 8;
const ORDER_WING: Address = 9;
const MARKET_WING: Address = 10;

/// Addresses of leaves: an id under the node of its wing.
pub(crate) const ACCOUNT_LEAF: Layout<1> = leaf_address("account leaf", ACCOUNT_DEPTH, ACCOUNT_WING);
pub(crate) const ORDER_LEAF: Layout<1> = leaf_address("order leaf", ORDER_DEPTH, ORDER_WING);
pub(crate) const MARKET_LEAF: Layout<1> = leaf_address("market leaf", MARKET_DEPTH, MARKET_WING);

const fn leaf_address(name: &'static str, depth: u32, wing: Address) -> Layout<1> {
    Layout::new(name, [("id", 3 * depth)]).with_constant("wing", 3 * depth, 4, wing)
}

/// Leaf of account `id < 2^36`.
pub const fn account_leaf(id: AccountId) -> Address {
    (ACCOUNT_WING << ACCOUNT_LEAF.width_of("id")) + id
}

/// Leaf of order `id < 2^36`.
pub const fn order_leaf(id: OrderId) -> Address {
    (ORDER_WING << ORDER_LEAF.width_of("id")) + id
}

/// Leaf of market `id < 512`.
pub const fn market_leaf(id: MarketId) -> Address {
    (MARKET_WING << MARKET_LEAF.width_of("id")) + id as Address
}

/// Levels between the root and `address`.
pub const fn depth(address: Address) -> u32 {
    (u64::BITS - 1 - address.leading_zeros()) / 3
}

/// Levels of hashing below `address` in an empty tree; 0 for a leaf.
fn height(address: Address) -> u32 {
    let depth = depth(address);
    if depth == 0 {
        return 0;
    }
    let below = match address >> (3 * (depth - 1)) {
        ACCOUNT_WING => ACCOUNT_DEPTH,
        ORDER_WING => ORDER_DEPTH,
        MARKET_WING => MARKET_DEPTH,
        _ => 0,
    };
    below - (depth - 1)
}

/// Hash of an empty subtree of each height: `e_0 = 0`, `e_{k+1} = poseidon([e_k; 8])`.
fn empty_hashes() -> &'static [Fr] {
    static HASHES: OnceLock<Vec<Fr>> = OnceLock::new();
    HASHES.get_or_init(|| {
        let mut hashes = vec![Fr::zero()];
        for level in 0..ACCOUNT_DEPTH as usize {
            hashes.push(poseidon(&[hashes[level]; TREE_ARITY]));
        }
        hashes
    })
}

/// Value of a node or leaf under which nothing was ever written.
pub fn empty_value(address: Address) -> Fr {
    empty_hashes()[height(address) as usize]
}

/// One inner node touched by a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeTouch {
    /// Address of the node; child `j` has the address `8·address + j`.
    pub address: Address,
    /// Values of the children before.
    pub old: [Fr; TREE_ARITY],
    /// Values of the children after.
    pub new: [Fr; TREE_ARITY],
    /// Bit `j`: child `j` was touched (even if its value is the same).
    pub touched: u8,
    /// Value of the node before.
    pub old_hash: Fr,
    /// Value of the node after.
    pub new_hash: Fr,
}

/// A sparse tree: absent nodes have the constant value of an empty subtree.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: HashMap<Address, Fr>,
}

impl Tree {
    /// A tree in which every leaf is EMPTY.
    pub fn new() -> Self {
        Self::default()
    }

    /// Value at any address.
    pub fn value(&self, address: Address) -> Fr {
        match self.nodes.get(&address) {
            Some(value) => *value,
            None if address == ROOT => poseidon(&self.children(ROOT)),
            None => empty_value(address),
        }
    }

    /// Value at address 1.
    pub fn root(&self) -> Fr {
        self.value(ROOT)
    }

    /// Values of the eight children of an inner node.
    pub fn children(&self, address: Address) -> [Fr; TREE_ARITY] {
        std::array::from_fn(|j| self.value(8 * address + j as Address))
    }

    /// Writes leaves and hashes every inner node above them once, levels in parallel.
    ///
    /// `leaves` may have any order but no address twice; a leaf written with its old value counts
    /// as touched. Returns the touched nodes, deepest level first and ascending within a level.
    pub fn update(&mut self, leaves: &[(Address, Fr)]) -> Vec<NodeTouch> {
        let mut by_depth: Vec<Vec<(Address, Fr)>> = Vec::new();
        for &(address, value) in leaves {
            let depth = depth(address) as usize;
            if by_depth.len() <= depth {
                by_depth.resize(depth + 1, Vec::new());
            }
            by_depth[depth].push((address, value));
        }
        let mut touches = Vec::new();
        for depth in (1..by_depth.len()).rev() {
            let mut level = std::mem::take(&mut by_depth[depth]);
            level.sort_unstable_by_key(|(address, _)| *address);
            let parents: Vec<NodeTouch> = level
                .chunk_by(|a, b| a.0 / 8 == b.0 / 8)
                .collect::<Vec<_>>()
                .into_par_iter()
                .map(|children| self.rehash(children))
                .collect();
            for (address, value) in level {
                self.write(address, value);
            }
            by_depth[depth - 1].extend(parents.iter().map(|node| (node.address, node.new_hash)));
            touches.extend(parents);
        }
        if let Some(&(ROOT, value)) = by_depth.first().and_then(|level| level.first()) {
            self.nodes.insert(ROOT, value);
        }
        touches
    }

    /// The parent of `children` (all of one parent, not yet written) before and after.
    fn rehash(&self, children: &[(Address, Fr)]) -> NodeTouch {
        let address = children[0].0 / 8;
        let old = self.children(address);
        let mut new = old;
        let mut touched = 0u8;
        for (child, value) in children {
            let place = (child % 8) as usize;
            new[place] = *value;
            touched |= 1 << place;
        }
        let old_hash = self.value(address);
        let new_hash = if new == old { old_hash } else { poseidon(&new) };
        NodeTouch { address, old, new, touched, old_hash, new_hash }
    }

    fn write(&mut self, address: Address, value: Fr) {
        if value == empty_value(address) {
            self.nodes.remove(&address);
        } else {
            self.nodes.insert(address, value);
        }
    }
}

#[cfg(test)]
mod tests;
