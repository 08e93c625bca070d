//! The circuit of a shape, and what each of its pieces costs.

use ark_bn254::Fr;

use super::challenge::Challenge;
use super::combine::CombineRow;
use super::layout::{Block, Circuit};
use super::shape::Shape;
use super::statement::StatementRow;
use super::table::{self, RangeTable};
use crate::gadgets::row::Row;
use crate::kinds::{KINDS, Kind};
use crate::ops::action::row::SignatureRow;
use crate::publication::lists;
use crate::state::wires;

/// Synthesises one row of each kind and lays the shape out.
pub fn compile(shape: &Shape) -> Circuit {
    compile_of(shape, KINDS.iter())
}

/// The circuit of a protocol with these kinds.
fn compile_of<'a>(shape: &Shape, kinds: impl Iterator<Item = &'a Kind>) -> Circuit {
    let (c, limb) = (&shape.capacities, shape.limb_bits);
    let mut blocks = vec![
        Block::new::<Challenge>(1, limb),
        Block::new::<RangeTable>(table::rows(limb), limb),
        Block::new::<StatementRow>(1, limb),
    ];
    blocks.extend(kinds.map(|kind| Block::of((kind.template)(limb), kind.rows(c))));
    let signatures = blocks.iter().any(|block| block.template.name == SignatureRow::NAME && block.rows > 0);
    blocks.push(Block::new::<CombineRow>(usize::from(signatures), limb));
    let mut circuit = Circuit::new(blocks, &lists::names(), limb, wires::COUNT);
    circuit.fix_global(wires::ISOLATED_OFFSET, Fr::from(c["cross_accounts"] as u64));
    circuit.fix_global(wires::SHAPE_CONSTANTS, shape.constants());
    circuit
}

/// What the rows of one kind cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Name of the kind, or `publication` for what the whole batch shares.
    pub name: &'static str,
    /// Number of rows in the shape.
    pub rows: usize,
    /// Constraints of one row.
    pub constraints_per_row: usize,
    /// Committed wires of one row, those that it hands to the next one included.
    pub committed_per_row: usize,
}

impl Piece {
    /// Constraints of all rows.
    pub fn constraints(&self) -> usize {
        self.rows * self.constraints_per_row
    }

    /// Committed wires of all rows.
    pub fn committed(&self) -> usize {
        self.rows * self.committed_per_row
    }
}

/// The kinds of rows that a circuit has, in order, and last what the whole batch shares: the evaluation of
/// the published elements, the bus sum and the constants.
pub fn pieces(circuit: &Circuit) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = circuit
        .blocks
        .iter()
        .filter(|block| block.rows > 0)
        .map(|block| Piece {
            name: block.template.name,
            rows: block.rows,
            constraints_per_row: block.template.constraints.len(),
            committed_per_row: (block.template.committed + block.template.carries) as usize,
        })
        .collect();
    let constraints: usize = pieces.iter().map(Piece::constraints).sum();
    let committed: usize = pieces.iter().map(Piece::committed).sum();
    pieces.push(Piece {
        name: "publication",
        rows: 1,
        constraints_per_row: circuit.constraints() - constraints,
        committed_per_row: circuit.committed() - committed,
    });
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::prices::signer::SignerRow;

    // A kind is added to the protocol: a shape that does not name it keeps circuit, keys and contract.
    #[test]
    fn a_kind_that_a_shape_does_not_name_leaves_no_trace() {
        let mut shape = Shape::named("tiny").unwrap();
        let with_all = compile(&shape).fingerprint();
        for unused in ["leverage_limits", "modes", "rekeys", "ticks", "cancels", "liquidations", "actions"] {
            shape.capacities[unused] = 0;
            let circuit = compile(&shape);
            // The statement row knows price signers by what they end with, also where there are none.
            let is_needed = |kind: &&Kind| kind.rows(&shape.capacities) > 0 || kind.name == SignerRow::NAME;
            let before = compile_of(&shape, KINDS.iter().filter(is_needed));
            assert!(before.blocks.len() < circuit.blocks.len(), "{unused}");
            assert_eq!(circuit.fingerprint(), before.fingerprint(), "{unused}");
            assert_eq!(circuit.constraints(), before.constraints(), "{unused}");
            assert_ne!(circuit.fingerprint(), with_all, "{unused}");
        }
    }
}
