//! The executor of one batch.

use thiserror::Error;

use super::cells::Cell;
use super::stage::{Cells, Counters, Stage};
use crate::kinds::{Capacities, Overflow, Records, Usage};
use crate::margin::{Header, PositionCell};
use crate::ops::action::SignatureCheck;
use crate::ops::fill::FillAmounts;
use crate::ops::prices::observed;
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
    /// Chain and contract for which signatures are valid.
    pub domain: Domain,
    /// The rows of the shape that the batch is for.
    pub capacities: Capacities,
    /// Whether the signatures of actions are verified.
    pub signatures: SignatureCheck,
}

/// Why a batch cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BeginError {
    /// The batch is earlier than the last one. An equal time is fine.
    #[error("batch time {time} is before the last batch's {last}")]
    TimeBackwards {
        /// Time of the last batch, seconds.
        last: u64,
        /// Time of this batch, seconds.
        time: u64,
    },
    /// The time, in seconds, is 2^40 or more.
    #[error("batch time {0} needs more than {TIME_BITS} bits")]
    TimeRange(u64),
}

/// Why an op did not happen. The batch is as it was before.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApplyError {
    /// A check of the protocol fails.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The op would need more rows than the shape has. It may fit the next batch.
    #[error("batch is full: {0}")]
    Overflow(#[from] Overflow),
    /// [`Op::CollectFees`] was applied, and nothing may follow it.
    #[error("fees are collected: the batch can only be finished")]
    Sealed,
}

/// Why a batch cannot be finished.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FinishError {
    /// This order must be filled whole, or not at all.
    #[error("fill-or-kill order {0} is filled in part")]
    FillOrKill(OrderId),
    /// Premiums of some price signers are in the batch, and not those of this one, whose prices are.
    #[error("the list of premiums of price signer {0} is missing")]
    Premiums(usize),
    /// Pending fees must be credited to the fee account, and they cannot be.
    #[error("fees cannot be collected: {0}")]
    Fees(ApplyError),
}

/// A batch that could not be finished, with the reason.
#[derive(Debug, Error)]
#[error("{error}")]
pub struct Unfinished {
    /// The batch, to which more ops may be applied.
    pub executor: Box<Executor>,
    /// What keeps it from being finished.
    pub error: FinishError,
}

/// What an op did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// A price signer's list is taken.
    Prices {
        /// Epoch of the list, and of all lists of the batch.
        epoch: u64,
    },
    /// A price signer's list of premiums is taken.
    Premiums {
        /// Epoch of the list, and of all lists of the batch.
        epoch: u64,
    },
    /// A market has its prices for the batch.
    Tick {
        /// Oracle price after the band, 32.32.
        price: u64,
        /// After the tick, 32.32.
        funding_index: i128,
    },
    /// A market closes with other parameters.
    Configure {
        /// The batch lists the market.
        lists: bool,
    },
    /// An entry of the queue is credited.
    Deposit {
        /// The account that the deposit names, or a new one.
        account: AccountId,
    },
    /// All items of a signed action happened.
    Action {
        /// Ids of the order items, in sequence.
        orders: Vec<OrderId>,
        /// Recipients of the transfer items, in sequence.
        accounts: Vec<AccountId>,
    },
    /// Two orders traded.
    Fill(FillAmounts),
    /// A position was closed, in part or whole.
    Liquidation {
        /// Paid by the account to the insurance pool, quote quanta.
        fee: u64,
    },
    /// Pending fees are credited to the fee account. The batch can only be finished.
    CollectFees {
        /// Quote quanta that the fee account received.
        fees: u64,
    },
}

/// An account as the next op of the batch would find it: funding settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// Key under which the account's actions are signed.
    pub owner: PublicKey,
    /// The first order that this key signed for. If it is not 0, no deposit that names the key goes to the account.
    pub orders_from: OrderId,
    /// Collateral after funding, and the sums of its positions.
    pub header: Header,
    /// Last nonces of both lanes.
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
        let signers = state.signers().len();
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
            usage: Usage::default().with("nodes", nodes.nodes()).with("signers", signers),
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

    /// Rows of the shape that the batch is for.
    pub const fn capacities(&self) -> &Capacities {
        &self.capacities
    }

    /// Constants of the batch.
    pub fn context(&self) -> Context {
        let is_signed = !self.state.signers().is_empty();
        let observed = observed(self.time, self.counters.globals.epoch, is_signed);
        Context { time: self.time, observed, is_signed, domain: self.domain }
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
            orders_from: account.old.orders_from,
            header: account.header.value,
            nonces: account.nonces.value,
            positions: held.map(|slot| (slot.market, slot.closed)).collect(),
        })
    }

    /// An order as the next op would find it; orders that ended in this batch have `left = 0`.
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

    /// The markets that the batch reads so far: each takes a row.
    pub fn opened_markets(&self) -> impl Iterator<Item = MarketId> {
        self.cells.markets.keys().copied()
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
            Op::Configure(configure) => self.configure(configure),
            Op::Deposit(deposit) => self.deposit(deposit),
            Op::Action(action) => self.action(action),
            Op::Fill(fill) => self.fill(fill),
            Op::Liquidate(liquidate) => self.liquidate(liquidate),
            Op::CollectFees => self.collect_fees(),
        };
        Ok(applied?)
    }
}
