//! What a batch did, row by row: enough to fill every row of the circuit.
//!
//! Every op row has its own sequence number `T = 1, 2, …` in the order of execution; a bulk action's
//! items are rows of their own after the action's row. A cell is opened at time 0, or born at the `8T`
//! of the row that brings it about, and touched at `8T + j`.

mod rows;

use ark_bn254::Fr;

use crate::margin::{Header, PositionCell};
use crate::ops::{Domain, Nonces, Tick};
use crate::params::{SLOTS, TOUCHES_PER_ROW};
use crate::state::tree::NodeTouch;
use crate::state::{Account, AccountId, Globals, Market, MarketId, Order, OrderId};
pub use rows::*;

/// `8T + j`.
pub const fn touch_time(sequence: u32, j: u64) -> u64 {
    TOUCHES_PER_ROW * sequence as u64 + j
}

/// One touch of one memory cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch<T> {
    /// Time of the touch before this one (0: the opening).
    pub before: u64,
    pub at: u64,
    pub pre: T,
    pub post: T,
}

/// A finished batch.
#[derive(Clone, Debug)]
pub struct Trace {
    pub domain: Domain,
    pub old_globals: Globals,
    /// Batch number, time and cursors after the batch.
    pub new_globals: Globals,
    pub old_root: Fr,
    pub new_root: Fr,
    pub old_globals_leaf: Fr,
    pub new_globals_leaf: Fr,
    /// Opened accounts: cross rows ascending by id, then isolated rows ascending by id.
    pub accounts: Vec<AccountRow>,
    /// Opened markets, ascending by id.
    pub markets: Vec<MarketRow>,
    /// Order leaves, ascending by id.
    pub orders: Vec<OrderRow>,
    /// Touched inner nodes, deepest level first; the root is last.
    pub nodes: Vec<NodeTouch>,
    pub rows: Rows,
    /// Changed positions, in the order of accounts and slots.
    pub positions: Vec<ChangedPosition>,
    /// The pending fees' last touch; their value at the end is 0.
    pub fees_at: u64,
}

/// One account, opened and closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    pub id: AccountId,
    /// When it was born, if in this batch: the leaf was EMPTY, and `old` is an empty account with the
    /// new owner and mode. Else its header and nonces open at time 0.
    pub born_at: Option<u64>,
    pub old: Account,
    /// `(C·U - Σ (F - f)·b) mod U`: what settling funding rounded away.
    pub dust: u64,
    /// Settled header at the opening.
    pub opened: Header,
    pub closed: Header,
    /// Time of the header's last touch.
    pub header_at: u64,
    pub nonces: Nonces,
    pub nonces_at: u64,
    pub slots: [SlotRow; SLOTS],
    pub new: Account,
    pub old_leaf: Fr,
    pub new_leaf: Fr,
}

/// One slot of an opened account; `market` is 0 for a slot that was and stayed empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotRow {
    /// The market that the slot holds, or is reserved for, during the batch.
    pub market: MarketId,
    pub opened: PositionCell,
    pub closed: PositionCell,
    /// Time of the position's last touch.
    pub at: u64,
}

impl SlotRow {
    /// Size or entry quote differ: the position is published.
    pub fn changed(&self) -> bool {
        self.opened != self.closed
    }
}

/// One market, opened and closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketRow {
    pub id: MarketId,
    pub old: Market,
    pub tick: Option<Tick>,
    /// After the tick, with the open interest after the batch.
    pub new: Market,
    /// Time of the open interest's last touch.
    pub open_interest_at: u64,
    pub old_leaf: Fr,
    pub new_leaf: Fr,
}

/// One order leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    pub id: OrderId,
    /// Placed in this batch: the old leaf is EMPTY and the cell was born by a place row.
    pub born: bool,
    /// The order when opened (`born`: as placed).
    pub old: Order,
    /// The order as its leaf keeps it: `left = 0` is EMPTY; of a born one, `size` is what is left.
    pub new: Order,
    /// Time of the order's last touch.
    pub at: u64,
    pub old_leaf: Fr,
    pub new_leaf: Fr,
}

/// A position of [`Trace::accounts`] whose size or entry quote changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedPosition {
    /// Index in [`Trace::accounts`].
    pub account_row: usize,
    pub slot: usize,
    pub market: MarketId,
    pub position: PositionCell,
}
