//! What random runs are made of.

use crate::state::MarketId;

/// Who trades what, and how often what happens. Chances are out of 100.
#[derive(Clone, Copy)]
pub(crate) struct World {
    pub markets: MarketId,
    pub traders: u64,
    /// Greatest move of a price from one batch to the next.
    pub step: i64,
    /// Actions that are bulk, and the most items of one.
    pub bulk: (u32, usize),
    /// Shares of withdrawals, transfers and cancels among the items; the rest are orders.
    pub items: [u32; 3],
    /// Items that set the owner's limit.
    pub limits: u32,
    /// Actions that change the mode of an account without positions.
    pub modes: u32,
    /// Actions that change the account's key to a trader's.
    pub keys: u32,
    /// Transfers to a new account.
    pub creations: u32,
    /// Cancels of an order of one's own, if there is one.
    pub own_cancels: u32,
    /// Orders as large as the initial margin allows.
    pub leveraged: u32,
    pub fill_or_kill: u32,
    /// Fills of less than both orders have left.
    pub parts: u32,
}

impl World {
    /// Many accounts and mostly orders.
    pub const BUSY: Self = Self {
        markets: 4,
        traders: 60,
        step: 12,
        bulk: (10, 8),
        items: [5, 5, 5],
        limits: 0,
        modes: 0,
        keys: 0,
        creations: 1,
        own_cancels: 0,
        leveraged: 0,
        fill_or_kill: 0,
        parts: 0,
    };

    /// A world with as few accounts as a small shape opens, and much of everything.
    pub const fn small(markets: MarketId, traders: u64) -> Self {
        let (step, bulk, items) = (11, (40, 3), [10, 15, 15]);
        Self {
            markets,
            traders,
            step,
            bulk,
            items,
            limits: 7,
            modes: 9,
            keys: 6,
            creations: 30,
            own_cancels: 90,
            leveraged: 90,
            fill_or_kill: 5,
            parts: 35,
        }
    }
}
