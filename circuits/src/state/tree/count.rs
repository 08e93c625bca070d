//! Counting the inner nodes above a changing set of leaves.

use std::collections::HashMap;

use super::{Address, ROOT};

/// Number of distinct inner nodes above a set of leaves, kept exact while leaves come and go.
///
/// Each node knows how many of its children are on a path, so adding or removing a leaf walks up
/// only as far as nodes appear or vanish.
#[derive(Clone, Debug, Default)]
pub struct NodeCount {
    children: HashMap<Address, u8>,
}

impl NodeCount {
    /// Nodes on any path, the root included.
    pub fn nodes(&self) -> usize {
        self.children.len()
    }

    /// Adds a leaf that is not in the set.
    pub fn add(&mut self, leaf: Address) {
        let mut node = leaf;
        while node != ROOT {
            node /= 8;
            let children = self.children.entry(node).or_insert(0);
            *children += 1;
            if *children > 1 {
                return;
            }
        }
    }

    /// Removes a leaf that is in the set.
    pub fn remove(&mut self, leaf: Address) {
        let mut node = leaf;
        while node != ROOT {
            node /= 8;
            let Some(children) = self.children.get_mut(&node) else {
                return;
            };
            *children -= 1;
            if *children > 0 {
                return;
            }
            self.children.remove(&node);
        }
    }
}
