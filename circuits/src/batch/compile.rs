//! The circuit of a shape, and what each of its pieces costs.

use ark_bn254::Fr;

use super::challenge::Challenge;
use super::kinds;
use super::layout::{Block, Circuit};
use super::shape::Shape;
use super::statement::StatementRow;
use super::table::{self, RangeTable};
use crate::gadgets::signature::transcript::GROUP;
use crate::leaves::account::{CrossAccount, IsolatedAccount};
use crate::leaves::changed::ChangedPosition;
use crate::leaves::market::MarketLeaf;
use crate::leaves::node::Node;
use crate::leaves::order::OrderLeaf;
use crate::ops::action::circuit::Chunk;
use crate::ops::action::row::{CombineRow, SignatureRow};
use crate::ops::cancel::circuit::Cancel;
use crate::ops::collect_fees::circuit::CollectFees;
use crate::ops::deposit::circuit::Deposit;
use crate::ops::fill::circuit::FillRow;
use crate::ops::liquidate::circuit::LiquidateRow;
use crate::ops::place::circuit::Place;
use crate::ops::transfer::circuit::Transfer;
use crate::ops::withdraw::circuit::Withdraw;
use crate::state::wires;

/// Synthesises one row of each kind and lays the shape out.
pub fn compile(shape: &Shape) -> Circuit {
    let (c, limb) = (&shape.capacities, shape.limb_bits);
    let blocks = vec![
        Block::new::<Challenge>(kinds::CHALLENGE, 1, limb),
        Block::new::<RangeTable>(kinds::RANGE, table::rows(limb), limb),
        Block::new::<StatementRow>(kinds::STATEMENT, 1, limb),
        Block::new::<Node>(kinds::NODE, c.nodes, limb),
        Block::new::<CrossAccount>(kinds::CROSS_ACCOUNT, c.cross_accounts, limb),
        Block::new::<IsolatedAccount>(kinds::ISOLATED_ACCOUNT, c.isolated_accounts, limb),
        Block::new::<MarketLeaf>(kinds::MARKET, c.markets, limb),
        Block::new::<OrderLeaf>(kinds::ORDER, c.orders, limb),
        Block::new::<Chunk>(kinds::CHUNK, c.chunks, limb),
        Block::new::<Place>(kinds::PLACE, c.places, limb),
        Block::new::<Cancel>(kinds::CANCEL, c.cancels, limb),
        Block::new::<Withdraw>(kinds::WITHDRAW, c.withdrawals, limb),
        Block::new::<Transfer>(kinds::TRANSFER, c.transfers, limb),
        Block::new::<Deposit>(kinds::DEPOSIT, c.deposits, limb),
        Block::new::<CollectFees>(kinds::COLLECT_FEES, 1, limb),
        Block::new::<ChangedPosition>(kinds::CHANGED, c.positions, limb),
        Block::new::<FillRow>(kinds::FILL, c.fills, limb),
        Block::new::<LiquidateRow>(kinds::LIQUIDATE, c.liquidations, limb),
        Block::new::<SignatureRow>(kinds::SIGNATURE, c.actions.div_ceil(GROUP), limb),
        Block::new::<CombineRow>(kinds::COMBINE, 1, limb),
    ];
    let mut circuit = Circuit::new(blocks, limb, wires::COUNT);
    circuit.fix_global(wires::ISOLATED_OFFSET, Fr::from(c.cross_accounts as u64));
    circuit.fix_global(wires::SHAPE_AND_COUNT, shape.shape_and_count());
    circuit
}

/// What the rows of one kind cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub name: &'static str,
    pub rows: usize,
    /// Constraints and committed wires of one row.
    pub constraints_per_row: usize,
    pub committed_per_row: usize,
}

impl Piece {
    pub fn constraints(&self) -> usize {
        self.rows * self.constraints_per_row
    }

    pub fn committed(&self) -> usize {
        self.rows * self.committed_per_row
    }
}

/// The kinds of rows of a circuit, in order, and last what the whole batch shares: the evaluation of
/// the published elements, the bus sum and the constants.
pub fn pieces(circuit: &Circuit) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = circuit
        .blocks
        .iter()
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
