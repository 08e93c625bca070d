//! Batches as the engine hands them on, the rules they are made by, and why there are no more.

use super::market::ListingError;
use super::tally::Tally;
use super::ticks::Clamped;
use crate::record::genesis::GenesisFileError;
use zkmargin_circuits::executor::BeginError;
use zkmargin_circuits::kinds::{Capacities, Overflow, Trace};
use zkmargin_circuits::ops::{Domain, Op};

/// How batches are made.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Seed that wallets are derived from.
    pub seed: u64,
    /// Chain and contract that signatures and statements are valid for.
    pub domain: Domain,
    /// Number of trades after which a batch closes.
    pub fills: usize,
    /// Numbers of rows that the shape has.
    pub capacities: Capacities,
    /// Sign every action and verify it natively. Without, batches cannot be proven.
    pub sign: bool,
    /// Greatest number of seconds between the first and the last row of a batch.
    pub span: u64,
    /// Number of price signers that the genesis registers; 0: prices are the operator's word.
    pub signers: u8,
}

/// Why a batch closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The batch has its number of fills.
    Fills,
    /// The tape has ended.
    End,
    /// A new oracle price waits, and prices stand still within a batch.
    Tick,
    /// Rows of some kind ran out: the rest goes to the next batch.
    Full(Overflow),
    /// A liquidation is due at newer prices.
    Liquidation,
    /// Too much else lies between few trades.
    Window,
    /// A row comes later than an order of the batch is valid.
    Expiry,
    /// A row comes later than the time to which one batch can pay the funding of a market.
    Funding,
    /// A row comes later than the batch may last.
    Span,
    /// An order that lives for one batch has more fills than a batch can hold.
    Parted,
}

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fills => write!(f, "fills"),
            Self::End => write!(f, "end of tape"),
            Self::Tick => write!(f, "closed early: a price tick"),
            Self::Full(overflow) => write!(f, "closed early: {overflow}"),
            Self::Liquidation => write!(f, "closed early: a liquidation is due at newer prices"),
            Self::Window => write!(f, "closed early: few trades among much else"),
            Self::Expiry => write!(f, "closed early: an order would expire"),
            Self::Funding => write!(f, "closed early: funding is paid for one interval at most"),
            Self::Span => write!(f, "closed early: it would last longer than --span"),
            Self::Parted => write!(f, "closed early: an immediate order has more fills than fit"),
        }
    }
}

/// A planned, signed and applied batch.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Number of the batch, from 1.
    pub number: u64,
    /// The ops of the batch in their order.
    pub ops: Vec<Op>,
    /// What the ops did, row by row.
    pub trace: Trace,
    /// The reason for which the batch closed.
    pub closed: Closed,
    /// What was applied and what was not.
    pub tally: Tally,
    /// Oracle prices that the band cut.
    pub clamped: Vec<Clamped>,
}

impl Batch {
    /// The number of trades in the batch: fills and liquidations.
    pub fn trades(&self) -> usize {
        self.trace.trades()
    }

    /// The number of accounts that the batch opened.
    pub fn accounts(&self) -> usize {
        self.trace.accounts()
    }
}

/// Why the engine stops.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A market cannot be listed.
    #[error("{file}: {source}")]
    Listing {
        /// Name of the tape.
        file: String,
        /// What is wrong.
        source: ListingError,
    },
    /// The protocol refuses the start.
    #[error("{file}: {source}")]
    Genesis {
        /// Name of the tape.
        file: String,
        /// What is wrong.
        source: GenesisFileError,
    },
    /// The shape has no room for the lists of the price signers.
    #[error("no room for the lists of {signers} price signers: {}", rows(lacking))]
    PriceSigners {
        /// Number of price signers.
        signers: u8,
        /// Kinds of rows of which there are too few.
        lacking: Vec<Overflow>,
    },
    /// A batch cannot begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// A planned op was refused when it was applied: a defect of the engine.
    #[error("batch {batch}: op {op} was planned but refused: {refusal}; please report this")]
    Replay {
        /// Number of the batch.
        batch: u64,
        /// Index of the op.
        op: usize,
        /// Reason that the law gives.
        refusal: String,
    },
}

/// Each lack on its own.
fn rows(lacking: &[Overflow]) -> String {
    lacking.iter().map(Overflow::to_string).collect::<Vec<_>>().join("; ")
}
