//! What a tape asks the engine to do, one piece of work after another.

use crate::wire::event::{Market, OrderName, OrderRequest, Pocket, Side, User};

/// How an order is known before it has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderKey {
    /// Named by the tape.
    Named(OrderName),
    /// A user's prints of one second, market and side; `price` is set where an exact limit is needed.
    Prints { time: u64, user: User, market: Market, side: Side, price: Option<u32> },
    /// The order that a liquidated user must sign because its liquidation was not due.
    Forced { line: u64, user: User, market: Market, side: Side },
    /// The house account's exact counterpart.
    House { market: Market, side: Side, price: u32 },
}

/// A trade that the tape prints: `lots` at exactly `price`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// Market.
    pub market: Market,
    /// Ticks.
    pub price: u32,
    /// Lots.
    pub lots: u64,
    /// The order whose limit sets the price.
    pub maker: OrderKey,
    /// The order that meets it.
    pub taker: OrderKey,
}

/// An exchange's liquidation and its mirrored pair of fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forced {
    /// The liquidated user.
    pub user: User,
    /// Market.
    pub market: Market,
    /// Side on which the liquidated user trades.
    pub side: Side,
    /// Ticks.
    pub price: u32,
    /// Lots.
    pub lots: u64,
    /// The mirror's order.
    pub taker: OrderKey,
    /// Line of the notice.
    pub notice: u64,
    /// Notional of the notice in quote quanta, if it is about this market alone: the exchange's mark
    /// price times the lots.
    pub notional: Option<u64>,
}

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Money in, for a user or (None) the house; `assumed` if the tape does not show it.
    Deposit { owner: Option<User>, pocket: Pocket, amount: u64, assumed: bool },
    /// Money out.
    Withdraw { user: User, pocket: Pocket, amount: u64 },
    /// Between accounts of a user.
    Transfer { user: User, from: Pocket, to: Pocket, amount: u64 },
    /// A printed trade.
    Trade(Trade),
    /// A printed liquidation.
    Forced(Forced),
    /// Orders and cancels of one user in one second, signed together.
    Act { user: User, pocket: Pocket, wants: Vec<Want> },
    /// Two named orders meet.
    Match { maker: OrderName, taker: OrderName, lots: u64 },
    /// A requested liquidation.
    Liquidate { user: User, pocket: Pocket, market: Market, lots: u64, price: u32, taker: Option<OrderName> },
    /// Oracle price (32.32) and rate for the next batch.
    Tick { market: Market, price: u64, rate: i32 },
}

/// One item of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Place this order.
    Order(OrderRequest),
    /// Cancel that one.
    Cancel(OrderName),
}

/// Work with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Line of its first row.
    pub line: u64,
    /// Seconds since 1970.
    pub time: u64,
    /// Rows of the file that it stands for.
    pub rows: u32,
    /// What to do.
    pub task: Task,
}

impl Work {
    /// Whether it counts towards the fills of a batch.
    pub fn is_trade(&self) -> bool {
        matches!(self.task, Task::Trade(_) | Task::Forced(_) | Task::Match { .. })
    }
}
