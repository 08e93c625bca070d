//! Rows of tree nodes: a multiproof in which each touched node is one row.
//!
//! A row knows the eight children of a node before and after the batch. A child that it received from
//! the bus may have changed; any other is the same before and after. It sends the node's own two
//! hashes to the row of its parent. Only the statement row receives the root.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use crate::gadgets::cs::Cs;
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::params::TREE_ARITY;
use crate::state::tags::NODE;
use crate::state::tree::NodeTouch;

/// Bits of the address of an inner node: below 2·8^12 in use. The leaves of accounts and orders start at
/// 8^13 = 2^39, so no node row can stand in for one of them.
pub const NODE_ADDRESS_BITS: u32 = 39;

/// Sends the hashes of a leaf to the row of its parent.
pub fn send_leaf(
    cs: &mut Cs<'_>,
    address: &Var<Committed>,
    old: &Var<Committed>,
    new: &Var<Committed>,
    enable: &Bit,
) {
    cs.send(NODE, &[address.clone(), old.clone(), new.clone()], enable.var());
}

/// One inner node; see the module.
///
/// - Advice: everything; the address and the old children are pinned by the parent's row up to the
///   published root, a changed child by the row that sent it.
/// - Cost: see `tests::costs_are_pinned`.   Spec: state-tree.md
pub struct Node;

impl Row for Node {
    type Record = NodeTouch;
    const NAME: &'static str = "tree node";

    fn dummy() -> NodeTouch {
        NodeTouch {
            address: 0,
            old: [Fr::ZERO; TREE_ARITY],
            new: [Fr::ZERO; TREE_ARITY],
            touched: 0,
            old_hash: Fr::ZERO,
            new_hash: Fr::ZERO,
        }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<NodeTouch>) {
        let enable = Bit::hint(&mut cs.check("TREE-4"), "node.enable", record.enabled);
        let address = Fr::from(record.address);
        let address = Int::hint_unsigned(&mut cs.check("TREE-3"), "node.address", address, NODE_ADDRESS_BITS);
        let first_child = address.var().shift(3);
        let (mut old, mut new) = (Vec::new(), Vec::new());
        let mut touched = Var::zero();
        for j in 0..TREE_ARITY {
            let before = cs.hint("node.old_child", record.old[j]);
            let after = cs.hint("node.new_child", record.new[j]);
            let bit = Bit::hint(&mut cs.check("TREE-4"), "node.touched", record.touched >> j & 1 == 1);
            // What no row sent does not change.
            cs.enforce("TREE-2", bit.not().var(), &(&after - &before), &Var::<Committed>::zero());
            let child = first_child.add_constant(Fr::from(j as u64));
            cs.check("TREE-4").receive(NODE, &[child, before.clone(), after.clone()], bit.var());
            touched = &touched + bit.var();
            old.push(before);
            new.push(after);
        }
        // The sum of eight bits is zero only if all of them are.
        cs.enforce("TREE-1", &touched, enable.not().var(), &Var::<Committed>::zero());
        let before = poseidon(&mut cs.check("TREE-5"), &old);
        let after = poseidon(&mut cs.check("TREE-5"), &new);
        cs.check("TREE-4").send(NODE, &[address.var().clone(), before, after], enable.var());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gadgets::cs::Shared;
    use crate::gadgets::row::{IdealBus, RowWitness, Template};
    use crate::soundness::forge::{Forger, Verdict};
    use crate::state::tree::{Address, ROOT, Tree, account_leaf, market_leaf, order_leaf};

    const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };

    fn run(input: &Padded<NodeTouch>) -> RowWitness {
        RowWitness::compute::<Node>(SHARED, 0, &[], input)
    }

    /// Touched nodes, the roots before and after, and the leaves: address, before, after.
    type Touches = (Vec<NodeTouch>, Fr, Fr, Vec<(Address, Fr, Fr)>);

    fn touches() -> Touches {
        let mut tree = Tree::new();
        let leaves = |k: u64| {
            [account_leaf(1), account_leaf(5), account_leaf(1 << 35), order_leaf(77), market_leaf(3)]
                .map(|address| (address, Fr::from(address * k)))
        };
        tree.update(&leaves(3));
        let old = tree.root();
        let mut after = leaves(3);
        after[0].1 += Fr::from(1u64);
        after[3].1 = Fr::ZERO;
        let changed = [(after[0], leaves(3)[0]), (after[3], leaves(3)[3]), (after[4], leaves(3)[4])];
        let touches = tree.update(&changed.map(|(new, _)| new));
        let leaves = changed.map(|((address, new), (_, old))| (address, old, new)).to_vec();
        (touches, old, tree.root(), leaves)
    }

    #[test]
    fn rows_leave_leaves_to_receive_and_the_root_to_send() {
        let (touches, old, new, leaves) = touches();
        let mut bus = IdealBus::default();
        for node in &touches {
            let row = run(&Padded::enabled(node.clone()));
            assert!(row.violations.is_empty(), "{:?}", row.violations);
            bus.add(&row);
        }
        let left = bus.imbalances(13);
        assert_eq!(left.len(), leaves.len() + 1);
        assert!(left.contains(&(NODE, vec![Fr::from(ROOT), old, new], Fr::from(1u64))));
        for (address, old, new) in leaves {
            assert!(left.contains(&(NODE, vec![Fr::from(address), old, new], -Fr::from(1u64))));
        }
    }

    #[test]
    fn rejects_a_change_that_nobody_sent() {
        let (touches, ..) = touches();
        let mut input = Padded::enabled(touches[0].clone());
        let idle = (0..TREE_ARITY).find(|j| input.touched >> j & 1 == 0).expect("an untouched child");
        input.new[idle] += Fr::from(1u64);
        assert_eq!(run(&input).violations, ["TREE-2"]);
    }

    #[test]
    fn rejects_children_of_an_idle_row() {
        let (touches, ..) = touches();
        let input = Padded::disabled(touches[0].clone());
        assert_eq!(run(&input).violations, ["TREE-1"]);
    }

    #[test]
    fn rejects_an_address_among_the_leaves() {
        let (touches, ..) = touches();
        let input = Padded::enabled(NodeTouch { address: account_leaf(0), ..touches[0].clone() });
        assert_eq!(crate::soundness::forge::refusal(&run(&input), 13), Some("RANGE"));
    }

    // Each piece of advice is something read (from the children's rows, or against the parent's old hash)
    // or refused. An untouched child is replaced before and after, coherently.
    #[test]
    fn forged_children_change_what_the_parent_reads() {
        let (touches, ..) = touches();
        let input = Padded::enabled(touches[0].clone());
        let honest = run(&input);
        let sent = |row: &RowWitness| row.tuple(row.interactions.len() - 1).to_vec();
        for j in 0..TREE_ARITY {
            let mut forged = input.clone();
            forged.old[j] += Fr::from(1u64);
            forged.new[j] += Fr::from(1u64);
            let row = run(&forged);
            assert!(row.violations.is_empty());
            assert_ne!(sent(&row)[1], sent(&honest)[1]);
        }
        let forger = Forger::<Node>::new(&input);
        for (number, (name, value)) in forger.hints().into_iter().enumerate() {
            let change =
                |k: u64| forger.run(&move |_, n, v| if n == number { value + Fr::from(k) } else { v });
            for row in [change(1), change(2)] {
                let verdict = crate::soundness::forge::judge(&honest, &row, 13);
                let reads_other = sent(&row)[1] != sent(&honest)[1] || verdict == Verdict::ReadsOther;
                assert!(
                    reads_other || matches!(verdict, Verdict::Refused(_)),
                    "{name} {number}: {verdict:?}"
                );
            }
        }
    }

    #[test]
    fn padding_is_inert() {
        let row = run(&Padded::disabled(Node::dummy()));
        assert!(row.violations.is_empty());
        assert!(row.interactions.iter().filter(|i| i.tag == NODE).all(|i| i.multiplicity == Fr::ZERO));
    }

    #[test]
    fn costs_are_pinned() {
        assert_eq!(Template::compile::<Node>(13).constraints.len(), 858);
    }
}
