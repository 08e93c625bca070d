//! What a tape asks the engine to do, one piece of work after another.

use super::refused::Reason;
use super::tally::Kind;
use crate::wire::event::{MarginMode, Market, OrderName, OrderRequest, Side, User};

/// Who an account belongs to: a user of the tape, or (None) the house.
pub type Owner = Option<User>;

/// An account before it has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Holder {
    /// Who owns it.
    pub owner: Owner,
    /// Margin mode: pooled, or one market's own.
    pub mode: MarginMode,
    /// Number of the account among the pooled ones of an owner who has several (see `Parts`); else 0.
    pub part: u16,
}

impl Holder {
    /// The account of a user whom the tape shows.
    pub const fn user(user: User, mode: MarginMode) -> Self {
        Self { owner: Some(user), mode, part: 0 }
    }
}

/// How an order is known before it has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderKey {
    /// The tape names the order.
    Named(OrderName),
    /// A user's prints of one second, market and side; `price` is set where an exact limit is needed.
    Prints { time: u64, user: User, market: Market, side: Side, price: Option<u32> },
    /// The order that a liquidated user must sign because its liquidation was not due.
    Forced { line: u64, user: User, market: Market, side: Side },
    /// The order is the house account's exact counterpart.
    House { market: Market, side: Side, price: u32 },
}

/// A trade that the tape prints: `lots` at exactly `price`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// Market of the trade.
    pub market: Market,
    /// Price in ticks.
    pub price: u32,
    /// Size in lots.
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
    /// Market of the position.
    pub market: Market,
    /// Side on which the liquidated user trades.
    pub side: Side,
    /// Price in ticks.
    pub price: u32,
    /// Size in lots.
    pub lots: u64,
    /// Order of the mirror, which takes the other side.
    pub taker: OrderKey,
    /// Line of the notice in the file.
    pub notice: u64,
    /// Notional of the notice in quote quanta, if it is about this market alone: the exchange's mark
    /// price times the lots.
    pub notional: Option<u64>,
}

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Money in; `assumed` if the tape does not show it.
    Deposit { to: Holder, amount: u64, assumed: bool },
    /// Money in for a market's insurance pool.
    TopUp { market: Market, amount: u64 },
    /// A user takes money out.
    Withdraw { from: Holder, amount: u64 },
    /// A user moves money between two accounts.
    Transfer { user: User, from: MarginMode, to: MarginMode, amount: u64 },
    /// A user sets a limit of an account's own leverage.
    SetLeverage { account: Holder, limit: u32 },
    /// A user gives an account another mode.
    SetMode { user: User, from: MarginMode, to: MarginMode },
    /// A user gives an account another key.
    ChangeKey { account: Holder },
    /// The tape prints a trade.
    Trade(Trade),
    /// The tape prints a liquidation.
    Forced(Forced),
    /// Orders and cancels of one user in one second, signed together.
    Act { user: User, mode: MarginMode, wants: Vec<Wanted> },
    /// Two named orders meet.
    Match { maker: OrderName, taker: OrderName, lots: u64 },
    /// The tape asks for a liquidation.
    Liquidate {
        user: User,
        mode: MarginMode,
        market: Market,
        lots: u64,
        price: u32,
        taker: Option<OrderName>,
    },
    /// Oracle price (32.32) and rate for the next batch.
    Tick { market: Market, price: u64, rate: i32 },
    /// Nothing can be done: the row is refused.
    Hopeless { kind: Kind, market: Option<Market>, reason: Reason },
}

/// One item of an action with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Line in the file.
    pub line: u64,
    /// What the owner asks for.
    pub want: Want,
}

/// What an owner asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// The owner places this order.
    Order(OrderRequest),
    /// The owner cancels the order of this name.
    Cancel(OrderName),
}

impl Want {
    /// The market of the order that is placed or cancelled.
    pub fn market(&self, orders: &super::orders::Orders) -> Option<Market> {
        match self {
            Self::Order(request) => Some(request.market),
            Self::Cancel(name) => orders.market(*name),
        }
    }

    /// What it is counted as.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Order(_) => Kind::Order,
            Self::Cancel(_) => Kind::Cancel,
        }
    }
}

/// Work with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Line of the first row of the work in the file.
    pub line: u64,
    /// Time of the work in seconds since 1970.
    pub time: u64,
    /// Rows of the file that it stands for.
    pub rows: u32,
    /// The work to do.
    pub task: Task,
}

impl Work {
    /// Whether it counts towards the fills of a batch.
    pub const fn is_trade(&self) -> bool {
        matches!(self.task, Task::Trade(_) | Task::Forced(_) | Task::Match { .. })
    }

    /// What it is counted as.
    pub fn kind(&self) -> Kind {
        match &self.task {
            Task::Deposit { assumed: true, .. } => Kind::AssumedDeposit,
            Task::Deposit { .. } | Task::TopUp { .. } => Kind::Deposit,
            Task::Withdraw { .. } => Kind::Withdrawal,
            Task::Transfer { .. } => Kind::Transfer,
            Task::SetLeverage { .. } => Kind::Leverage,
            Task::SetMode { .. } => Kind::Mode,
            Task::ChangeKey { .. } => Kind::Key,
            Task::Act { wants, .. } => wants.first().map_or(Kind::Order, |wanted| wanted.want.kind()),
            Task::Liquidate { .. } | Task::Forced(_) => Kind::Liquidation,
            Task::Tick { .. } => Kind::Tick,
            Task::Trade(_) | Task::Match { .. } => Kind::Fill,
            Task::Hopeless { kind, .. } => *kind,
        }
    }

    /// The market that it names, if it names one. A match names orders; ask [`super::orders::Orders`].
    pub fn market(&self) -> Option<Market> {
        match &self.task {
            Task::Trade(trade) => Some(trade.market),
            Task::Forced(forced) => Some(forced.market),
            Task::Liquidate { market, .. } | Task::Tick { market, .. } | Task::TopUp { market, .. } => {
                Some(*market)
            }
            Task::Act { wants, .. } => match wants.as_slice() {
                [Wanted { want: Want::Order(request), .. }] => Some(request.market),
                _ => None,
            },
            Task::Hopeless { market, .. } => *market,
            Task::SetLeverage { account, .. } | Task::ChangeKey { account } => account.mode.market(),
            Task::SetMode { from, to, .. } => from.market().or(to.market()),
            Task::Deposit { .. } | Task::Withdraw { .. } | Task::Transfer { .. } | Task::Match { .. } => None,
        }
    }
}
