//! The executor of one batch.

use thiserror::Error;

use super::capacities::{Capacities, Overflow, Usage};
use super::cells::{Cell, OpenAccount, OpenOrder};
use super::stage::{Cells, Changes, Counters, Stage};
use super::trace::Rows;
use crate::margin::{Header, PositionCell};
use crate::ops::action::SignatureCheck;
use crate::ops::fill::FillAmounts;
use crate::ops::{Context, Domain, Nonces, Op};
use crate::params::{SEQUENCE_BITS, TIME_BITS};
use crate::reject::Reject;
use crate::state::tree::{Address, GLOBALS_LEAF, NodeCount, account_leaf, market_leaf, order_leaf};
use crate::state::{AccountId, Globals, Market, MarketId, Mode, Order, OrderId, PublicKey, State};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ApplyError {
    #[error("refused: {0}")]
    Reject(#[from] Reject),
    #[error("batch is full: {0}")]
    Overflow(#[from] Overflow),
    #[error("fees are collected: the batch can only be finished")]
    Sealed,
}

/// Why a batch cannot be finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
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
    pub(super) rows: Rows,
    pub(super) counters: Counters,
    capacities: Capacities,
    usage: Usage,
    nodes: NodeCount,
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
            rows: Rows::default(),
            counters,
            capacities: batch.capacities,
            usage: Usage { nodes: nodes.nodes(), ..Usage::default() },
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
    pub fn account(&self, id: AccountId) -> Result<AccountView, Reject> {
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

    /// Merges a stage if the batch still fits its shape.
    fn merge(&mut self, changes: Changes) -> Result<(), Overflow> {
        let sequence = changes.counters.sequence;
        if sequence >> SEQUENCE_BITS != 0 {
            let capacity = (1 << SEQUENCE_BITS) - 1;
            return Err(Overflow { what: "sequence", needed: sequence as usize, capacity });
        }
        let (usage, leaves) = self.usage_with(&changes);
        leaves.iter().for_each(|(leaf, added)| self.count(*leaf, *added));
        let usage = Usage { nodes: self.nodes.nodes(), ..usage };
        if let Err(overflow) = self.capacities.fits(&usage) {
            leaves.iter().rev().for_each(|(leaf, added)| self.count(*leaf, !added));
            return Err(overflow);
        }
        self.usage = usage;
        self.cells.accounts.extend(changes.cells.accounts);
        self.cells.orders.extend(changes.cells.orders);
        self.cells.markets.extend(changes.cells.markets);
        self.rows.extend(changes.rows);
        self.counters = changes.counters;
        Ok(())
    }

    fn count(&mut self, leaf: Address, add: bool) {
        if add { self.nodes.add(leaf) } else { self.nodes.remove(leaf) }
    }

    /// Usage after `changes` except for nodes, and the leaves that come (true) or go (false).
    fn usage_with(&self, changes: &Changes) -> (Usage, Vec<(Address, bool)>) {
        let mut usage = changes.rows.usage(&self.usage);
        let mut leaves = Vec::new();
        for (id, account) in &changes.cells.accounts {
            let before = self.cells.accounts.get(id);
            usage.positions += account.changed();
            usage.positions -= before.map_or(0, OpenAccount::changed);
            if before.is_none() {
                leaves.push((account_leaf(*id), true));
                match account.old.mode {
                    Mode::Cross => usage.cross_accounts += 1,
                    Mode::Isolated(_) => usage.isolated_accounts += 1,
                }
            }
        }
        for id in changes.cells.markets.keys() {
            if !self.cells.markets.contains_key(id) {
                leaves.push((market_leaf(*id), true));
                usage.markets += 1;
            }
        }
        for (id, order) in &changes.cells.orders {
            let before = self.cells.orders.get(id).is_some_and(OpenOrder::needs_leaf);
            if before != order.needs_leaf() {
                leaves.push((order_leaf(*id), !before));
            }
            usage.orders += usize::from(order.needs_leaf());
            usage.orders -= usize::from(before);
        }
        (usage, leaves)
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

impl Rows {
    /// `before` with the rows of `self` added.
    fn usage(&self, before: &Usage) -> Usage {
        let chunks = self.actions.iter().map(|row| row.message.chunks.len()).sum::<usize>();
        Usage {
            actions: before.actions + self.actions.len(),
            chunks: before.chunks + chunks,
            places: before.places + self.places.len(),
            cancels: before.cancels + self.cancels.len(),
            withdrawals: before.withdrawals + self.withdrawals.len(),
            transfers: before.transfers + self.transfers.len(),
            deposits: before.deposits + self.deposits.len(),
            fills: before.fills + self.fills.len(),
            liquidations: before.liquidations + self.liquidations.len(),
            ..*before
        }
    }

    fn extend(&mut self, more: Self) {
        self.actions.extend(more.actions);
        self.places.extend(more.places);
        self.cancels.extend(more.cancels);
        self.withdrawals.extend(more.withdrawals);
        self.transfers.extend(more.transfers);
        self.deposits.extend(more.deposits);
        self.fills.extend(more.fills);
        self.liquidations.extend(more.liquidations);
        self.collect_fees.extend(more.collect_fees);
    }
}
