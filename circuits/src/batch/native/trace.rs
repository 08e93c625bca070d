//! What a batch did, row by row: enough to fill every row of the circuit.
//!
//! Every op row has its own sequence number `T = 1, 2, …` in the order of execution; a bulk action's
//! items are rows of their own after the action's row. A cell is opened (or born) at time 0 (or the
//! place row's `8T`), and touched at `8T + j`.

use ark_bn254::Fr;

use crate::gadgets::signature::Signature;
use crate::margin::{Header, PositionCell};
use crate::ops::action::Message;
use crate::ops::{Domain, Lane, Nonces, Tick};
use crate::params::{SLOTS, TOUCHES_PER_ROW};
use crate::state::tree::NodeTouch;
use crate::state::{Account, AccountId, Globals, Market, MarketId, Order, OrderId, PublicKey};

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

/// Op rows by kind, each ascending in sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub actions: Vec<ActionRow>,
    pub places: Vec<PlaceRow>,
    pub cancels: Vec<CancelRow>,
    pub withdrawals: Vec<WithdrawRow>,
    pub transfers: Vec<TransferRow>,
    pub deposits: Vec<DepositRow>,
    pub fills: Vec<FillRow>,
    pub liquidations: Vec<LiquidateRow>,
    /// At most one.
    pub collect_fees: Vec<CollectFeesRow>,
}

/// One account, opened and closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    pub id: AccountId,
    /// The leaf was EMPTY; `old` is an empty account with the new owner and mode.
    pub fresh: bool,
    pub old: Account,
    /// `(C·U - Σ (F - f)·b) mod U`: what settling funding rounded away.
    pub dust: u64,
    /// Settled header at time 0.
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

/// A signed action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRow {
    pub sequence: u32,
    pub account: AccountId,
    pub owner: PublicKey,
    pub lane: Lane,
    pub strict: bool,
    pub nonce: u64,
    pub message: Message,
    pub signature: Signature,
    /// j = 0.
    pub nonces: Touch<Nonces>,
}

/// Where an item row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemOrigin {
    /// Index in [`Rows::actions`], and of the item in the action.
    pub action: usize,
    pub item: usize,
    /// The signing account.
    pub account: AccountId,
    /// The signed item word.
    pub word: Fr,
}

/// An order born.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceRow {
    pub sequence: u32,
    pub origin: ItemOrigin,
    pub id: OrderId,
    /// As placed, at `8T`.
    pub order: Order,
    /// Lots left at the end of the batch, and the time of the last touch.
    pub left: u64,
    pub at: u64,
    /// The remainder rests: an [`OrderRow`] takes it over.
    pub rests: bool,
}

/// An order cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelRow {
    pub sequence: u32,
    pub origin: ItemOrigin,
    pub id: OrderId,
    /// j = 0.
    pub order: Touch<Order>,
}

/// Collateral paid out on L1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawRow {
    pub sequence: u32,
    pub origin: ItemOrigin,
    pub amount: u64,
    pub recipient: [u8; 20],
    /// j = 0.
    pub header: Touch<Header>,
}

/// Collateral moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRow {
    pub sequence: u32,
    pub origin: ItemOrigin,
    /// The signed recipient, 0 for an account of the same owner.
    pub named: AccountId,
    /// The signed mode: its market, 0 for cross.
    pub mode_market: MarketId,
    /// The account that received.
    pub to: AccountId,
    pub to_owner: PublicKey,
    pub amount: u64,
    /// j = 0.
    pub from_header: Touch<Header>,
    /// j = 1.
    pub to_header: Touch<Header>,
}

/// A deposit credited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositRow {
    pub sequence: u32,
    pub account: AccountId,
    pub owner: PublicKey,
    pub amount: u64,
    /// j = 0.
    pub header: Touch<Header>,
}

/// One side of a fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FillSide {
    pub account: AccountId,
    pub owner: PublicKey,
    pub id: OrderId,
    /// Paid, quote quanta.
    pub fee: u64,
    /// j = 0 taker, 3 maker.
    pub order: Touch<Order>,
    /// j = 1, 4.
    pub header: Touch<Header>,
    /// j = 2, 5.
    pub position: Touch<PositionCell>,
}

/// A fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FillRow {
    pub sequence: u32,
    pub market: MarketId,
    pub lots: u64,
    pub quote: u64,
    pub taker: FillSide,
    pub maker: FillSide,
    /// j = 6.
    pub open_interest: Touch<u64>,
    /// j = 7.
    pub fees: Touch<u64>,
}

/// A liquidation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiquidateRow {
    pub sequence: u32,
    pub market: MarketId,
    pub lots: u64,
    pub quote: u64,
    /// To the pool, quote quanta.
    pub fee: u64,
    pub account: AccountId,
    pub owner: PublicKey,
    /// j = 0.
    pub header: Touch<Header>,
    /// j = 1.
    pub position: Touch<PositionCell>,
    pub taker: AccountId,
    pub taker_owner: PublicKey,
    /// j = 2; none if the pool takes.
    pub taker_order: Option<(OrderId, Touch<Order>)>,
    /// j = 3.
    pub taker_header: Touch<Header>,
    /// j = 4.
    pub taker_position: Touch<PositionCell>,
    /// The pool's header and the fee, j = 5.
    pub pool_header: Touch<Header>,
    /// j = 6.
    pub open_interest: Touch<u64>,
}

/// Pending fees credited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectFeesRow {
    pub sequence: u32,
    /// j = 0; post is 0.
    pub fees: Touch<u64>,
    /// Account 1, j = 1.
    pub header: Touch<Header>,
}
