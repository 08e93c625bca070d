//! From a finished native batch to the witness of its circuit.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::assembly::{Assembler, AssemblyError, FilledKind, Witness};
use super::kinds;
use super::layout::Circuit;
use super::shape::Shape;
use super::statement::{Statement, StatementRow};
use super::table::RangeTable;
use crate::gadgets::signature::transcript::{self, GROUP};
use crate::kinds::{self as native, AccountRow, ItemOrigin, PlaceRow, Trace};
use crate::leaves::account::{CrossAccount, Input as AccountInput, IsolatedAccount};
use crate::leaves::changed::ChangedPosition;
use crate::leaves::market::{Input as MarketInput, MarketLeaf};
use crate::leaves::node::{Input as NodeInput, Node};
use crate::leaves::order::{Input as OrderInput, OrderLeaf};
use crate::ops::Lane;
use crate::ops::action::circuit::{Chunk, ChunkInput};
use crate::ops::action::row::{CombineInput, CombineRow, SignatureRow, SignedAction, groups, signed_groups};
use crate::ops::cancel::circuit::{Cancel, CancelInput};
use crate::ops::collect_fees::circuit::{CollectFees, CollectFeesInput};
use crate::ops::deposit::circuit::{Deposit, DepositInput};
use crate::ops::fill::circuit::{FillInput, FillRow};
use crate::ops::liquidate::circuit::LiquidateRow;
use crate::ops::liquidate::input::LiquidateInput;
use crate::ops::place::circuit::{Place, PlaceInput};
use crate::ops::transfer::circuit::{Transfer, TransferInput};
use crate::ops::withdraw::circuit::{Withdraw, WithdrawInput};
use crate::params::SLOTS;
use crate::publication::{self, Deployment};
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
    let inputs = Inputs::new(shape, trace, deployment);
    let mut assembler = Assembler::new(circuit, inputs.globals());
    inputs.fill(&mut assembler)?;
    assembler.finish(check)
}

/// What every row of a batch is filled in from; rows that are not given are padding.
#[derive(Clone)]
pub struct Inputs {
    pub statement: Statement,
    /// Final state of the signatures' transcript.
    pub transcript: Fr,
    /// Number of rows of cross accounts.
    pub isolated_offset: u64,
    pub nodes: Vec<NodeInput>,
    pub cross: Vec<AccountInput<SLOTS>>,
    pub isolated: Vec<AccountInput<1>>,
    pub markets: Vec<MarketInput>,
    pub orders: Vec<OrderInput>,
    pub changed: Vec<Option<Fr>>,
    pub chunks: Vec<ChunkInput>,
    pub places: Vec<PlaceInput>,
    pub cancels: Vec<CancelInput>,
    pub withdrawals: Vec<WithdrawInput>,
    pub transfers: Vec<TransferInput>,
    pub deposits: Vec<DepositInput>,
    pub collected: Vec<CollectFeesInput>,
    pub fills: Vec<FillInput>,
    pub liquidations: Vec<LiquidateInput>,
    pub signatures: Vec<[SignedAction; GROUP]>,
    /// What the first signature row receives, if a test forges it.
    #[cfg(test)]
    pub signature_seed: Option<Vec<Fr>>,
}

impl Inputs {
    /// From a finished batch.
    pub fn new(shape: &Shape, trace: &Trace, deployment: &Deployment) -> Self {
        let markets = trace.markets.iter().map(|row| (row.id, row.new)).collect();
        let batch = Batch { shape, trace, markets };
        let signed = signed_groups(&trace.rows.actions);
        let is_cross = |row: &&AccountRow| row.old.mode == Mode::Cross;
        let is_isolated = |row: &&AccountRow| !is_cross(row);
        let accounts = trace.accounts.iter();
        let cross = accounts.clone().filter(is_cross);
        let isolated = accounts.filter(is_isolated);
        let rows = &trace.rows;
        let fill = |row: &native::FillRow| FillInput::from_record(row, &batch.markets[&row.market]);
        let liquidate =
            |row: &native::LiquidateRow| LiquidateInput::from_record(row, &batch.markets[&row.market]);
        Self {
            statement: batch.statement(deployment),
            transcript: transcript::transcript(&signed, shape.capacities.actions.div_ceil(GROUP)),
            isolated_offset: shape.capacities.cross_accounts as u64,
            nodes: trace.nodes.iter().map(NodeInput::from_record).collect(),
            cross: cross.map(|row| AccountInput::from_record(row, |id| batch.market(id))).collect(),
            isolated: isolated.map(|row| AccountInput::from_record(row, |id| batch.market(id))).collect(),
            markets: trace.markets.iter().map(MarketInput::from_record).collect(),
            orders: trace.orders.iter().map(OrderInput::from_record).collect(),
            changed: publication::position_elements(trace, shape.capacities.cross_accounts)
                .into_iter()
                .map(Some)
                .collect(),
            chunks: batch.chunks(),
            places: rows.places.iter().map(|row| batch.place(row)).collect(),
            cancels: batch.cancels(),
            withdrawals: batch.withdrawals(),
            transfers: batch.transfers(),
            deposits: batch.deposits(),
            collected: batch.collected(),
            fills: rows.fills.iter().map(fill).collect(),
            liquidations: rows.liquidations.iter().map(liquidate).collect(),
            signatures: groups(&rows.actions),
            #[cfg(test)]
            signature_seed: None,
        }
    }

    /// Values of the global wires.
    pub fn globals(&self) -> Vec<Fr> {
        self.statement.globals(self.transcript, self.isolated_offset)
    }

    /// Computes all rows.
    pub fn fill(&self, assembler: &mut Assembler<'_>) -> Result<(), AssemblyError> {
        for kind in [kinds::CHANGED, kinds::PLACE, kinds::DEPOSIT] {
            assembler.seed(kind, prefix_seed());
        }
        let seed = transcript::seed(self.transcript);
        #[cfg(test)]
        let seed = self.signature_seed.clone().unwrap_or(seed);
        assembler.seed(kinds::SIGNATURE, seed);
        // Signature rows come one from the other, and take as long as all the rest.
        let (signatures, others) = rayon::join(
            || assembler.rows::<SignatureRow>(kinds::SIGNATURE, &self.signatures),
            || self.other_rows(assembler),
        );
        for filled in others? {
            assembler.put(filled);
        }
        assembler.put(signatures?);
        let finals = assembler.outcome(kinds::SIGNATURE).unwrap_or_default().to_vec();
        assembler.fill::<CombineRow>(kinds::COMBINE, &[CombineInput { finals }])
    }

    /// All rows that do not wait for those of signatures.
    fn other_rows(&self, assembler: &Assembler<'_>) -> Result<Vec<FilledKind>, AssemblyError> {
        Ok(vec![
            assembler.rows::<RangeTable>(kinds::RANGE, &[])?,
            assembler.rows::<StatementRow>(kinds::STATEMENT, &[self.statement])?,
            assembler.rows::<Node>(kinds::NODE, &self.nodes)?,
            assembler.rows::<CrossAccount>(kinds::CROSS_ACCOUNT, &self.cross)?,
            assembler.rows::<IsolatedAccount>(kinds::ISOLATED_ACCOUNT, &self.isolated)?,
            assembler.rows::<MarketLeaf>(kinds::MARKET, &self.markets)?,
            assembler.rows::<OrderLeaf>(kinds::ORDER, &self.orders)?,
            assembler.rows::<ChangedPosition>(kinds::CHANGED, &self.changed)?,
            assembler.rows::<Chunk>(kinds::CHUNK, &self.chunks)?,
            assembler.rows::<Place>(kinds::PLACE, &self.places)?,
            assembler.rows::<Cancel>(kinds::CANCEL, &self.cancels)?,
            assembler.rows::<Withdraw>(kinds::WITHDRAW, &self.withdrawals)?,
            assembler.rows::<Deposit>(kinds::DEPOSIT, &self.deposits)?,
            assembler.rows::<Transfer>(kinds::TRANSFER, &self.transfers)?,
            assembler.rows::<CollectFees>(kinds::COLLECT_FEES, &self.collected)?,
            assembler.rows::<FillRow>(kinds::FILL, &self.fills)?,
            assembler.rows::<LiquidateRow>(kinds::LIQUIDATE, &self.liquidations)?,
        ])
    }
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

    fn cancels(&self) -> Vec<CancelInput> {
        let cancel = |row: &native::CancelRow| CancelInput {
            enable: true,
            sequence: row.sequence,
            single_cancel: self.single_cancel(&row.origin),
            id: row.id,
            order: row.order.pre,
            order_at: time(row.order.before),
        };
        self.trace.rows.cancels.iter().map(cancel).collect()
    }

    fn withdrawals(&self) -> Vec<WithdrawInput> {
        let withdraw = |row: &native::WithdrawRow| WithdrawInput {
            enable: true,
            sequence: row.sequence,
            single_cancel: self.single_cancel(&row.origin),
            account: row.origin.account,
            amount: row.amount,
            recipient: row.recipient,
            header: row.header.pre,
            header_at: time(row.header.before),
        };
        self.trace.rows.withdrawals.iter().map(withdraw).collect()
    }

    fn deposits(&self) -> Vec<DepositInput> {
        let deposit = |row: &native::DepositRow| DepositInput {
            enable: true,
            sequence: row.sequence,
            account: row.account,
            owner: row.owner,
            amount: row.amount,
            births: row.births,
            header: row.header.pre,
            header_at: time(row.header.before),
        };
        self.trace.rows.deposits.iter().map(deposit).collect()
    }

    fn transfers(&self) -> Vec<TransferInput> {
        let rows = &self.trace.rows;
        let transfer = |row: &native::TransferRow| TransferInput {
            enable: true,
            sequence: row.sequence,
            single_cancel: self.single_cancel(&row.origin),
            from: row.origin.account,
            named: row.named,
            to: row.to,
            mode_market: row.mode_market,
            amount: row.amount,
            births: row.births,
            from_owner: rows.actions[row.origin.action].owner,
            from_header: row.from_header.pre,
            from_at: time(row.from_header.before),
            to_header: row.to_header.pre,
            to_at: time(row.to_header.before),
        };
        rows.transfers.iter().map(transfer).collect()
    }

    fn collected(&self) -> Vec<CollectFeesInput> {
        let collect = |row: &native::CollectFeesRow| CollectFeesInput {
            enable: true,
            sequence: row.sequence,
            fees: row.fees.pre,
            fees_at: time(row.fees.before),
            header: row.header.pre,
            header_at: time(row.header.before),
        };
        self.trace.rows.collect_fees.iter().map(collect).collect()
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
        let links = |(number, action): (usize, &native::ActionRow)| {
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
