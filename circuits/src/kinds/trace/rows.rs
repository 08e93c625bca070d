//! Rows of ops.

use ark_bn254::Fr;

use super::Touch;
use crate::gadgets::signature::Signature;
use crate::margin::{Header, PositionCell};
use crate::ops::action::Message;
use crate::ops::{Lane, Nonces};
use crate::state::{AccountId, MarketId, Order, OrderId, PublicKey};

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
    /// The remainder rests: an [`OrderRow`](super::OrderRow) takes it over.
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
    /// The recipient was born, at 8T.
    pub births: bool,
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
    /// The account was born, at 8T.
    pub births: bool,
    /// j = 1.
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
