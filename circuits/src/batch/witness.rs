//! From a finished native batch to the witness of its circuit.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::assembly::{Assembler, AssemblyError, Witness};
use super::kinds;
use super::layout::Circuit;
use super::native::{AccountRow, ItemOrigin, PlaceRow, Trace};
use super::shape::Shape;
use super::signatures::{CombineInput, CombineRow, SignatureRow, groups, signed_groups};
use super::statement::{Statement, StatementRow};
use super::table::RangeTable;
use crate::gadgets::signature::transcript::{self, GROUP};
use crate::ops::Lane;
use crate::ops::action::circuit::{Chunk, ChunkInput};
use crate::ops::cancel::circuit::{Cancel, CancelInput};
use crate::ops::collect_fees::circuit::{CollectFees, CollectFeesInput};
use crate::ops::deposit::circuit::{Deposit, DepositInput};
use crate::ops::fill::circuit::{FillInput, FillRow};
use crate::ops::liquidate::circuit::LiquidateRow;
use crate::ops::liquidate::input::LiquidateInput;
use crate::ops::place::circuit::{Place, PlaceInput};
use crate::ops::transfer::circuit::{Transfer, TransferInput};
use crate::ops::withdraw::circuit::{Withdraw, WithdrawInput};
use crate::publication::circuit::ChangedPosition;
use crate::publication::{self, Deployment};
use crate::state::account::circuit::{CrossAccount, Input as AccountInput, IsolatedAccount};
use crate::state::market::circuit::{Input as MarketInput, MarketLeaf};
use crate::state::order::circuit::{Input as OrderInput, OrderLeaf};
use crate::state::tree::circuit::{Input as NodeInput, Node};
use crate::state::{Market, MarketId, Mode};

/// Fills the rows of `circuit`, which is that of `shape`, from what a batch recorded.
///
/// With `check`, rows and bus are checked and the first thing that does not hold is named.
pub fn witness<'a>(
    circuit: &'a Circuit,
    shape: &Shape,
    trace: &Trace,
    deployment: &Deployment,
    check: bool,
) -> Result<Witness<'a>, AssemblyError> {
    let batch = Batch { shape, trace, markets: trace.markets.iter().map(|row| (row.id, row.new)).collect() };
    let signed = signed_groups(&trace.rows.actions);
    let final_transcript = transcript::transcript(&signed, shape.capacities.actions.div_ceil(GROUP));
    let statement = batch.statement(deployment);
    let offset = shape.capacities.cross_accounts as u64;
    let mut assembler = Assembler::new(circuit, statement.globals(final_transcript, offset));
    assembler.fill::<RangeTable>(kinds::RANGE, &[])?;
    assembler.fill::<StatementRow>(kinds::STATEMENT, &[statement])?;
    batch.fill_state(&mut assembler)?;
    batch.fill_items(&mut assembler)?;
    batch.fill_trades(&mut assembler)?;
    assembler.seed(kinds::SIGNATURE, transcript::seed(final_transcript));
    assembler.fill::<SignatureRow>(kinds::SIGNATURE, &groups(&trace.rows.actions))?;
    let finals = assembler.outcome(kinds::SIGNATURE).unwrap_or_default().to_vec();
    assembler.fill::<CombineRow>(kinds::COMBINE, &[CombineInput { finals }])?;
    assembler.finish(check)
}

struct Batch<'a> {
    shape: &'a Shape,
    trace: &'a Trace,
    /// Opened markets after their ticks.
    markets: HashMap<MarketId, Market>,
}

/// A time of the trace as rows take it; times of a batch fit 23 bits.
fn time(at: u64) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Batch<'_> {
    fn statement(&self, deployment: &Deployment) -> Statement {
        let (old, new) = (&self.trace.old_globals, &self.trace.new_globals);
        Statement {
            domain: self.trace.domain.word(),
            batch: new.batch,
            shape_and_count: self.shape.shape_and_count(),
            time: new.time,
            last_time: old.time,
            key_id: Fr::from_be_bytes_mod_order(&deployment.key_id),
            old_root: self.trace.old_root,
            new_root: self.trace.new_root,
            deposits_before: old.deposits,
            deposits_after: new.deposits,
            next_order: old.next_order,
            places: new.next_order - old.next_order,
            config: new.config,
            fees_at: self.trace.fees_at,
        }
    }

    fn market(&self, id: MarketId) -> Option<&Market> {
        self.markets.get(&id)
    }

    fn fill_state(&self, assembler: &mut Assembler<'_>) -> Result<(), AssemblyError> {
        let trace = self.trace;
        let nodes: Vec<_> = trace.nodes.iter().map(NodeInput::from_record).collect();
        assembler.fill::<Node>(kinds::NODE, &nodes)?;
        let is_cross = |row: &&AccountRow| row.old.mode == Mode::Cross;
        let cross: Vec<_> = trace
            .accounts
            .iter()
            .filter(is_cross)
            .map(|row| AccountInput::from_record(row, |id| self.market(id)))
            .collect();
        assembler.fill::<CrossAccount>(kinds::CROSS_ACCOUNT, &cross)?;
        let isolated: Vec<_> = trace
            .accounts
            .iter()
            .filter(|row| !is_cross(row))
            .map(|row| AccountInput::from_record(row, |id| self.market(id)))
            .collect();
        assembler.fill::<IsolatedAccount>(kinds::ISOLATED_ACCOUNT, &isolated)?;
        let markets: Vec<_> = trace.markets.iter().map(MarketInput::from_record).collect();
        assembler.fill::<MarketLeaf>(kinds::MARKET, &markets)?;
        let orders: Vec<_> = trace.orders.iter().map(OrderInput::from_record).collect();
        assembler.fill::<OrderLeaf>(kinds::ORDER, &orders)?;
        let capacity = self.shape.capacities.cross_accounts;
        let changed: Vec<_> = publication::position_elements(trace, capacity).into_iter().map(Some).collect();
        assembler.seed(kinds::CHANGED, prefix_seed());
        assembler.fill::<ChangedPosition>(kinds::CHANGED, &changed)
    }

    fn fill_items(&self, assembler: &mut Assembler<'_>) -> Result<(), AssemblyError> {
        let rows = &self.trace.rows;
        assembler.fill::<Chunk>(kinds::CHUNK, &self.chunks())?;
        let places: Vec<_> = rows.places.iter().map(|row| self.place(row)).collect();
        assembler.seed(kinds::PLACE, prefix_seed());
        assembler.fill::<Place>(kinds::PLACE, &places)?;
        let cancels = rows.cancels.iter().map(|row| CancelInput {
            enable: true,
            sequence: row.sequence,
            single_cancel: self.single_cancel(&row.origin),
            id: row.id,
            order: row.order.pre,
            order_at: time(row.order.before),
        });
        assembler.fill::<Cancel>(kinds::CANCEL, &cancels.collect::<Vec<_>>())?;
        let withdrawals = rows.withdrawals.iter().map(|row| WithdrawInput {
            enable: true,
            sequence: row.sequence,
            single_cancel: self.single_cancel(&row.origin),
            account: row.origin.account,
            amount: row.amount,
            recipient: row.recipient,
            header: row.header.pre,
            header_at: time(row.header.before),
        });
        assembler.fill::<Withdraw>(kinds::WITHDRAW, &withdrawals.collect::<Vec<_>>())?;
        let deposits = rows.deposits.iter().map(|row| DepositInput {
            enable: true,
            sequence: row.sequence,
            account: row.account,
            owner: row.owner,
            amount: row.amount,
            header: row.header.pre,
            header_at: time(row.header.before),
        });
        assembler.seed(kinds::DEPOSIT, prefix_seed());
        assembler.fill::<Deposit>(kinds::DEPOSIT, &deposits.collect::<Vec<_>>())?;
        self.fill_transfers(assembler)
    }

    fn fill_transfers(&self, assembler: &mut Assembler<'_>) -> Result<(), AssemblyError> {
        let rows = &self.trace.rows;
        let transfers = rows.transfers.iter().map(|row| TransferInput {
            enable: true,
            sequence: row.sequence,
            single_cancel: self.single_cancel(&row.origin),
            from: row.origin.account,
            named: row.named,
            to: row.to,
            mode_market: row.mode_market,
            amount: row.amount,
            to_owner: row.to_owner,
            from_owner: rows.actions[row.origin.action].owner,
            from_header: row.from_header.pre,
            from_at: time(row.from_header.before),
            to_header: row.to_header.pre,
            to_at: time(row.to_header.before),
        });
        assembler.fill::<Transfer>(kinds::TRANSFER, &transfers.collect::<Vec<_>>())?;
        let collected = rows.collect_fees.iter().map(|row| CollectFeesInput {
            enable: true,
            sequence: row.sequence,
            fees: row.fees.pre,
            fees_at: time(row.fees.before),
            header: row.header.pre,
            header_at: time(row.header.before),
        });
        assembler.fill::<CollectFees>(kinds::COLLECT_FEES, &collected.collect::<Vec<_>>())
    }

    fn fill_trades(&self, assembler: &mut Assembler<'_>) -> Result<(), AssemblyError> {
        let rows = &self.trace.rows;
        let fills = rows.fills.iter().map(|row| FillInput::from_record(row, &self.markets[&row.market]));
        assembler.fill::<FillRow>(kinds::FILL, &fills.collect::<Vec<_>>())?;
        let liquidations =
            rows.liquidations.iter().map(|row| LiquidateInput::from_record(row, &self.markets[&row.market]));
        assembler.fill::<LiquidateRow>(kinds::LIQUIDATE, &liquidations.collect::<Vec<_>>())
    }

    fn place(&self, row: &PlaceRow) -> PlaceInput {
        PlaceInput {
            enable: true,
            sequence: row.sequence,
            order: row.order,
            min_lots: self.markets[&row.order.market].min_lots,
            left: row.left,
            at: time(row.at),
        }
    }

    fn chunks(&self) -> Vec<ChunkInput> {
        let links = |(number, action): (usize, &super::native::ActionRow)| {
            let account = action.account;
            let link = move |(index, chunk): (usize, &crate::ops::action::Chunk)| ChunkInput {
                enable: true,
                action: number as u64,
                index: index as u64,
                account,
                before: chunk.before,
                words: chunk.words,
            };
            action.message.chunks.iter().enumerate().map(link).collect::<Vec<_>>()
        };
        self.trace.rows.actions.iter().enumerate().flat_map(links).collect()
    }

    fn single_cancel(&self, origin: &ItemOrigin) -> bool {
        let action = &self.trace.rows.actions[origin.action];
        action.lane == Lane::Cancels && action.message.chunks.is_empty()
    }
}

/// Enabled rows come first; none so far.
fn prefix_seed() -> Vec<Fr> {
    vec![Fr::from(1u64), Fr::from(0u64)]
}
