//! The verbs. Each op is a pure function on the cells that it touches:
//! `apply(context, op, cells) -> Result<cells, Refusal>`.
//!
//! An op's folder holds the law in prose, `native.rs`, and `tests.rs`. Checks run in the documented
//! order; the first that fails is the `Refusal`. Touches of one row happen at `16T + j`; `j` is given
//! in the op's *Cells*.

use crate::margin::native::{Requirement, requirement};
use crate::margin::{Header, PositionCell};
use crate::params::{HOUR_SECONDS, STATUS_OPEN, STATUS_REDUCE_ONLY};
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::{Market, MarketId, Order, OrderId, PublicKey};

pub mod action;
pub(crate) mod blank;
pub mod cancel;
pub(crate) mod cells;
pub mod change_key;
pub mod collect_fees;
pub mod configure;
pub mod deposit;
pub mod fill;
pub mod liquidate;
pub mod place;
pub mod prices;
pub mod set_leverage;
pub mod set_mode;
pub mod tick;
pub mod transfer;
pub mod withdraw;

pub use action::{Action, Item, Lane, Nonces, OrderItem, TransferItem, WithdrawItem};
pub use configure::Configure;
pub use deposit::Deposit;
pub use fill::Fill;
pub use liquidate::{Liquidate, Taker};
pub use prices::{PremiumsItem, PricesItem};
pub use tick::Tick;

/// Constants of a batch that ops may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// Batch time, seconds.
    pub time: u64,
    /// When the prices of the batch's ticks were observed: the epoch of its price lists, or the batch's time where the
    /// operator states prices. Seconds.
    pub observed: u64,
    /// Prices and premiums are signed: there are price signers.
    pub is_signed: bool,
    /// Where signatures are valid.
    pub domain: Domain,
}

impl Context {
    /// The hour in which the prices were observed, counted since 1970.
    pub const fn hour(&self) -> u32 {
        // Times have 40 bits.
        (self.observed / HOUR_SECONDS) as u32
    }
}

/// The deployment that signatures and statements are bound to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Domain {
    /// Chain id of EIP-155.
    pub chain_id: u64,
    /// Address of the contract, 20 bytes big-endian.
    pub contract: [u8; 20],
}

/// What the operator may put into a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Sets a market's price and funding rate; before all other ops.
    Tick(Tick),
    /// Lists a market, or changes its parameters from the next batch on.
    Configure(Box<Configure>),
    /// Credits the next entry of the contract's queue.
    Deposit(Deposit),
    /// Applies what an owner signed.
    Action(Box<Action>),
    /// Trades two orders.
    Fill(Fill),
    /// Closes part of a position below maintenance.
    Liquidate(Liquidate),
    /// Credits the pending trading fees to account 1; after all other ops.
    CollectFees,
}

/// A market as ops read it: fixed after the batch's tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketEntry {
    /// Number of the market, in `1..512`; 0 in a padding row.
    pub id: MarketId,
    /// After the batch's tick, if there was one; its open interest is still the opening's.
    pub market: Market,
}

/// One account's part in a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The key that the account opened with.
    pub owner: PublicKey,
    /// The first order that this key signed for; 0 if it is the account's first.
    pub orders_from: OrderId,
    /// Totals, funding settled.
    pub header: Header,
    /// Position in the market that is traded.
    pub position: PositionCell,
}

impl Leg {
    /// What its position requires in the market.
    pub(crate) fn required(&self, market: &Market) -> Requirement {
        requirement(market, self.header.leverage_limit, self.position.size)
    }
}

/// An order and the account behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderLeg {
    /// The order, before or after the trade.
    pub order: Order,
    /// The account `order.account`.
    pub leg: Leg,
}

/// The first check that fails, in order.
#[inline]
pub(crate) fn first_failure<const N: usize>(checks: [Check; N]) -> Result<(), Refusal> {
    checks.into_iter().try_for_each(Check::require)
}

/// Whether anything is traded in a market: by its status, and by the age of its price.
pub(crate) fn traded(context: &Context, market: &Market) -> [Check; 2] {
    let statuses = i128::from(STATUS_OPEN)..i128::from(STATUS_REDUCE_ONLY) + 1;
    let age = market.age(context.time);
    [
        Check::within("MKT-11", Reject::MarketNotOpen, market.status, statuses, Unit::Status),
        Check::at_most("MKT-11", Reject::PriceTooOld, age, market.halt_age, Unit::Seconds),
    ]
}

/// A key that enters the state is on the curve and not of small order. Error: `InvalidOwner`.
pub(crate) fn require_valid_key(key: &PublicKey) -> Result<(), Refusal> {
    if key.is_valid_key() {
        return Ok(());
    }
    let id = if key.is_on_curve() { "CURVE-2" } else { "CURVE-1" };
    Err(Refusal::plain(Reject::InvalidOwner, id))
}

/// The check `id`: the accounts of a trade have different owners. Error: `SelfTrade`.
pub(crate) fn require_other_owner(id: &'static str, one: &Leg, other: &Leg) -> Result<(), Refusal> {
    let (one, other) = (one.owner.x, other.owner.x);
    #[cfg(test)]
    crate::soundness::bounds::compared(
        (id, crate::reject::Relation::NotEqual, Reject::SelfTrade),
        &one.into(),
        &other.into(),
    );
    if one != other {
        return Ok(());
    }
    Check::not_equal(id, Reject::SelfTrade, one, other, Unit::Coordinate).require()
}
