//! The records of a batch by name, as attacks change them.

use std::sync::Mutex;

use ark_bn254::Fr;

use crate::batch::assembly::{Assembler, AssemblyError, FilledKind};
use crate::batch::shape::Shape;
use crate::batch::statement::Statement;
use crate::batch::witness::{fill_fixed, fill_kinds, globals, transcript_of};
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::signature::transcript::{self, GROUP};
use crate::kinds::{Extract, Kind, Record, Trace};
use crate::leaves::account::{AccountRecord, ModeChangeRecord};
use crate::leaves::changed::ChangedPosition;
use crate::leaves::market::MarketRecord;
use crate::leaves::order::OrderRecord;
use crate::ops::Tick;
use crate::ops::action::ActionRecord;
use crate::ops::action::circuit::{Chunk, ChunkRecord};
use crate::ops::action::row::SignatureRow;
use crate::ops::cancel::CancelRecord;
use crate::ops::change_key::ChangeKeyRecord;
use crate::ops::collect_fees::CollectFeesRecord;
use crate::ops::configure::ConfigureRecord;
use crate::ops::deposit::DepositRecord;
use crate::ops::fill::FillRecord;
use crate::ops::liquidate::LiquidateRecord;
use crate::ops::place::PlaceRecord;
use crate::ops::prices::QuotesRecord;
use crate::ops::prices::signer::SignerRecord;
use crate::ops::set_leverage::SetLeverageRecord;
use crate::ops::set_mode::SetModeRecord;
use crate::ops::transfer::TransferRecord;
use crate::ops::withdraw::WithdrawRecord;
use crate::params::SLOTS;
use crate::publication::Deployment;
use crate::state::tree::NodeTouch;

/// What every row of a batch is filled in from; rows that are not given are padding.
#[derive(Clone)]
pub struct Inputs {
    shape: Shape,
    /// The trace as recorded; columns that are named below stand there.
    trace: Trace,
    pub statement: Statement,
    /// Final state of the signatures' transcript.
    pub transcript: Fr,
    pub nodes: Vec<Padded<NodeTouch>>,
    pub cross: Vec<Padded<AccountRecord<SLOTS>>>,
    pub isolated: Vec<Padded<AccountRecord<1>>>,
    pub flat: Vec<Padded<AccountRecord<0>>>,
    pub mode_changes: Vec<Padded<ModeChangeRecord>>,
    pub markets: Vec<Padded<MarketRecord>>,
    pub orders: Vec<Padded<OrderRecord>>,
    pub changed: Vec<Padded<Fr>>,
    pub chunks: Vec<Padded<ChunkRecord>>,
    pub places: Vec<Padded<PlaceRecord>>,
    pub cancels: Vec<Padded<CancelRecord>>,
    pub withdrawals: Vec<Padded<WithdrawRecord>>,
    pub transfers: Vec<Padded<TransferRecord>>,
    pub leverage_limits: Vec<Padded<SetLeverageRecord>>,
    pub modes: Vec<Padded<SetModeRecord>>,
    pub rekeys: Vec<Padded<ChangeKeyRecord>>,
    pub ticks: Vec<Padded<Tick>>,
    pub configurations: Vec<Padded<ConfigureRecord>>,
    pub signers: Vec<Padded<SignerRecord>>,
    pub quotes: Vec<Padded<QuotesRecord>>,
    pub deposits: Vec<Padded<DepositRecord>>,
    pub collected: Vec<Padded<CollectFeesRecord>>,
    pub fills: Vec<Padded<FillRecord>>,
    pub liquidations: Vec<Padded<LiquidateRecord>>,
    pub signatures: Vec<Padded<[Padded<ActionRecord>; GROUP]>>,
    /// What the first signature row receives, if a test forges it.
    pub signature_seed: Option<Vec<Fr>>,
}

impl Inputs {
    /// Takes the records of a finished batch.
    pub fn new(shape: &Shape, trace: &Trace, deployment: &Deployment) -> Self {
        let capacities = &shape.capacities;
        Self {
            shape: shape.clone(),
            trace: trace.clone(),
            statement: Statement::of(shape, trace, deployment),
            transcript: transcript_of(shape, trace),
            nodes: trace.of().to_vec(),
            cross: trace.of().to_vec(),
            isolated: trace.of().to_vec(),
            flat: trace.of().to_vec(),
            mode_changes: trace.of().to_vec(),
            markets: trace.of().to_vec(),
            orders: trace.of().to_vec(),
            changed: ChangedPosition::extract(trace, capacities),
            chunks: Chunk::extract(trace, capacities),
            places: trace.of().to_vec(),
            cancels: trace.of().to_vec(),
            withdrawals: trace.of().to_vec(),
            transfers: trace.of().to_vec(),
            leverage_limits: trace.of().to_vec(),
            modes: trace.of().to_vec(),
            rekeys: trace.of().to_vec(),
            ticks: trace.of().to_vec(),
            configurations: trace.of().to_vec(),
            signers: trace.of().to_vec(),
            quotes: trace.of().to_vec(),
            deposits: trace.of().to_vec(),
            collected: trace.of().to_vec(),
            fills: trace.of().to_vec(),
            liquidations: trace.of().to_vec(),
            signatures: SignatureRow::extract(trace, capacities),
            signature_seed: None,
        }
    }

    /// Values of the global wires.
    pub fn globals(&self) -> Vec<Fr> {
        globals(&self.statement, self.transcript, &self.shape)
    }

    /// The trace with the records that stand here.
    fn forged(&self) -> Trace {
        fn put<T: Record>(trace: &mut Trace, records: &[Padded<T>]) {
            *trace.records.of_mut() = records.to_vec();
        }
        let mut trace = self.trace.clone();
        put(&mut trace, &self.nodes);
        put(&mut trace, &self.cross);
        put(&mut trace, &self.isolated);
        put(&mut trace, &self.flat);
        put(&mut trace, &self.mode_changes);
        put(&mut trace, &self.markets);
        put(&mut trace, &self.orders);
        put(&mut trace, &self.places);
        put(&mut trace, &self.cancels);
        put(&mut trace, &self.withdrawals);
        put(&mut trace, &self.transfers);
        put(&mut trace, &self.leverage_limits);
        put(&mut trace, &self.modes);
        put(&mut trace, &self.rekeys);
        put(&mut trace, &self.ticks);
        put(&mut trace, &self.configurations);
        put(&mut trace, &self.signers);
        put(&mut trace, &self.quotes);
        put(&mut trace, &self.deposits);
        put(&mut trace, &self.collected);
        put(&mut trace, &self.fills);
        put(&mut trace, &self.liquidations);
        trace
    }

    /// Computes all rows.
    pub fn fill(&self, assembler: &mut Assembler<'_>) -> Result<(), AssemblyError> {
        let seed = self.signature_seed.clone().unwrap_or_else(|| transcript::seed(self.transcript));
        assembler.seed(SignatureRow::NAME, seed);
        let given = {
            let assembler: &Assembler<'_> = assembler;
            [
                given::<ChangedPosition>(assembler, &self.changed),
                given::<Chunk>(assembler, &self.chunks),
                given::<SignatureRow>(assembler, &self.signatures),
            ]
        };
        let given = Mutex::new(given.map(Some));
        let instead = |kind: &Kind| -> Option<Result<FilledKind, AssemblyError>> {
            let mut given = given.lock().unwrap();
            let place =
                given.iter().position(|of| of.as_ref().is_some_and(|(name, _)| *name == kind.name))?;
            given[place].take().map(|(_, rows)| rows)
        };
        fill_kinds(assembler, &self.shape, &self.forged(), &instead)?;
        fill_fixed(assembler, &self.statement)
    }
}

/// Rows of a kind whose records are not a column.
type Given = (&'static str, Result<FilledKind, AssemblyError>);

fn given<R: Row>(assembler: &Assembler<'_>, records: &[Padded<R::Record>]) -> Given {
    (R::NAME, assembler.rows(R::NAME, |rows| rows.fill::<R>(records)))
}
