//! The executor of one batch.

use thiserror::Error;

use super::cells::Cell;
use super::stage::{Cells, Counters, Stage};
use crate::kinds::{Capacities, Overflow, Records, Usage};
use crate::margin::{Header, PositionCell};
use crate::ops::action::SignatureCheck;
use crate::ops::fill::FillAmounts;
use crate::ops::{Context, Domain, Nonces, Op};
use crate::params::TIME_BITS;
use crate::reject::Refusal;
use crate::state::tree::{GLOBALS_LEAF, NodeCount};
use crate::state::{AccountId, Globals, Market, MarketId, Order, OrderId, PublicKey, State};

/// What holds for a whole batch.
#[derive(Clone, Copy, Debug)]
pub struct BatchContext {
    /// Seconds; not before the last batch.
    pub time: u64,
    pub domain: Domain,
    /// The rows of the shape that the batch is for.
    pub capacities: Capacities,
    pub signatures: SignatureCheck,
}

/// Why a batch cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BeginError {
    #[error("batch time {time} is before the last batch's {last}")]
    TimeBackwards { last: u64, time: u64 },
    #[error("batch time {0} needs more than {TIME_BITS} bits")]
    TimeRange(u64),
}

/// Why an op did not happen. The batch is as it was before.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApplyError {
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    #[error("batch is full: {0}")]
    Overflow(#[from] Overflow),
    #[error("fees are collected: the batch can only be finished")]
    Sealed,
}

/// Why a batch cannot be finished.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FinishError {
    #[error("fill-or-kill order {0} is filled in part")]
    FillOrKill(OrderId),
    #[error("fees cannot be collected: {0}")]
    Fees(ApplyError),
}

/// A batch that could not be finished, with the reason.
#[derive(Debug, Error)]
#[error("{error}")]
pub struct Unfinished {
    pub executor: Box<Executor>,
    pub error: FinishError,
}

/// What an op did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    Tick {
        /// After the band.
        price: u64,
        funding_index: i128,
    },
    Deposit {
        account: AccountId,
    },
    Action {
        /// Ids of the order items, in sequence.
        orders: Vec<OrderId>,
        /// Recipients of the transfer items, in sequence.
        accounts: Vec<AccountId>,
    },
    Fill(FillAmounts),
    Liquidation {
        /// Paid to the pool.
        fee: u64,
    },
    CollectFees {
        fees: u64,
    },
}

/// An account as the next op of the batch would find it: funding settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    pub owner: PublicKey,
    pub header: Header,
    pub nonces: Nonces,
    /// Positions of non-zero size, by slot.
    pub positions: Vec<(MarketId, PositionCell)>,
}

/// Applies ops to a state, one batch long.
#[derive(Debug)]
pub struct Executor {
    pub(super) state: State,
    pub(super) domain: Domain,
    pub(super) time: u64,
    pub(super) signatures: SignatureCheck,
    pub(super) cells: Cells,
    pub(super) records: Records,
    pub(super) counters: Counters,
    pub(super) capacities: Capacities,
    pub(super) usage: Usage,
    /// Opened cross accounts that use no slot, in whichever kind of row.
    pub(super) flat: usize,
    pub(super) nodes: NodeCount,
}

impl Executor {
    /// Starts a batch on `state`, which [`Self::finish`] or [`Self::abandon`] gives back.
    pub fn begin(state: State, batch: BatchContext) -> Result<Self, BeginError> {
        let (last, time) = (state.globals.time, batch.time);
        if time < last {
            return Err(BeginError::TimeBackwards { last, time });
        }
        if time >> TIME_BITS != 0 {
            return Err(BeginError::TimeRange(time));
        }
        let counters = Counters {
            globals: state.globals,
            ledger: state.ledger,
            next_account: state.next_account,
            fees: Cell::open(0),
            sequence: 0,
            started: false,
            sealed: false,
        };
        let mut nodes = NodeCount::default();
        nodes.add(GLOBALS_LEAF);
        Ok(Self {
            state,
            domain: batch.domain,
            time,
            signatures: batch.signatures,
            cells: Cells::default(),
            records: Records::default(),
            counters,
            capacities: batch.capacities,
            usage: Usage::default().with("nodes", nodes.nodes()),
            flat: 0,
            nodes,
        })
    }

    /// Applies one op, or nothing of it.
    pub fn apply(&mut self, op: &Op) -> Result<Applied, ApplyError> {
        let mut stage = Stage::new(self);
        let applied = stage.op(op)?;
        let changes = stage.into_changes();
        self.merge(changes)?;
        Ok(applied)
    }

    /// Applies all ops in sequence, or nothing. The error names the op (the last one for an overflow).
    pub fn apply_all(&mut self, ops: &[Op]) -> Result<Vec<Applied>, (usize, ApplyError)> {
        let mut stage = Stage::new(self);
        let mut applied = Vec::with_capacity(ops.len());
        for (index, op) in ops.iter().enumerate() {
            applied.push(stage.op(op).map_err(|error| (index, error))?);
        }
        let changes = stage.into_changes();
        self.merge(changes).map_err(|overflow| (ops.len().saturating_sub(1), overflow.into()))?;
        Ok(applied)
    }

    /// What one op would do, without doing it and without regard to capacities.
    pub fn check(&self, op: &Op) -> Result<Applied, ApplyError> {
        Stage::new(self).op(op)
    }

    /// Rows that the batch would have, were it finished now.
    pub const fn usage(&self) -> &Usage {
        &self.usage
    }

    pub const fn capacities(&self) -> &Capacities {
        &self.capacities
    }

    /// Constants of the batch.
    pub const fn context(&self) -> Context {
        Context { time: self.time, domain: self.domain }
    }

    /// The state before the batch.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Counters and cursors so far.
    pub const fn globals(&self) -> &Globals {
        &self.counters.globals
    }

    /// Fees not yet collected.
    pub const fn pending_fees(&self) -> u64 {
        self.counters.fees.value
    }

    /// An account as the next op would find it.
    pub fn account(&self, id: AccountId) -> Result<AccountView, Refusal> {
        let mut stage = Stage::new(self);
        let account = stage.account(id)?;
        let held = account.slots.iter().filter(|slot| slot.closed.size != 0);
        Ok(AccountView {
            owner: account.old.owner,
            header: account.header.value,
            nonces: account.nonces.value,
            positions: held.map(|slot| (slot.market, slot.closed)).collect(),
        })
    }

    /// An order as the next op would find it; dead orders of this batch have `left = 0`.
    pub fn order(&self, id: OrderId) -> Option<Order> {
        match self.cells.orders.get(&id) {
            Some(open) => Some(open.cell.value),
            None => self.state.order(id).copied(),
        }
    }

    /// A market after its tick, with the open interest so far.
    pub fn market(&self, id: MarketId) -> Option<Market> {
        match self.cells.markets.get(&id) {
            Some(open) => Some(open.current()),
            None => self.state.market(id).copied(),
        }
    }

    /// Gives the state back as it was before the batch.
    pub fn abandon(self) -> State {
        self.state
    }
}

impl Stage<'_> {
    fn op(&mut self, op: &Op) -> Result<Applied, ApplyError> {
        if self.counters.sealed {
            return Err(ApplyError::Sealed);
        }
        let applied = match op {
            Op::Tick(tick) => self.tick(tick),
            Op::Deposit(deposit) => self.deposit(deposit),
            Op::Action(action) => self.action(action),
            Op::Fill(fill) => self.fill(fill),
            Op::Liquidate(liquidate) => self.liquidate(liquidate),
            Op::CollectFees => self.collect_fees(),
        };
        Ok(applied?)
    }
}
