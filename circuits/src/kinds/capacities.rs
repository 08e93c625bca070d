//! How many rows of each kind a batch may have.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Rows of each kind: what a shape offers, or what a batch uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacities {
    /// Signed actions.
    pub actions: usize,
    /// Chunks of bulk actions, four items each.
    pub chunks: usize,
    pub places: usize,
    pub cancels: usize,
    pub withdrawals: usize,
    pub transfers: usize,
    pub deposits: usize,
    pub fills: usize,
    pub liquidations: usize,
    /// Opened accounts by mode; account 1 counts as soon as fees are pending.
    pub cross_accounts: usize,
    pub isolated_accounts: usize,
    /// Positions whose size or entry quote differ from those before the batch.
    pub positions: usize,
    /// Opened markets.
    pub markets: usize,
    /// Order leaves: orders that rested before the batch and were opened, or that rest after it.
    pub orders: usize,
    /// Inner nodes of the tree above all opened leaves, the root included.
    pub nodes: usize,
}

/// What a batch uses, were it finished now.
pub type Usage = Capacities;

/// A batch would need more rows of a kind than its shape has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{what}: {needed} rows needed, {capacity} in the shape")]
pub struct Overflow {
    pub what: &'static str,
    pub needed: usize,
    pub capacity: usize,
}

impl Capacities {
    /// Capacities that no batch reaches.
    pub const UNLIMITED: Self = {
        let n = usize::MAX;
        Self {
            actions: n,
            chunks: n,
            places: n,
            cancels: n,
            withdrawals: n,
            transfers: n,
            deposits: n,
            fills: n,
            liquidations: n,
            cross_accounts: n,
            isolated_accounts: n,
            positions: n,
            markets: n,
            orders: n,
            nodes: n,
        }
    };

    /// Kinds by name, in the order of the fields.
    pub const fn by_name(&self) -> [(&'static str, usize); 15] {
        [
            ("actions", self.actions),
            ("chunks", self.chunks),
            ("places", self.places),
            ("cancels", self.cancels),
            ("withdrawals", self.withdrawals),
            ("transfers", self.transfers),
            ("deposits", self.deposits),
            ("fills", self.fills),
            ("liquidations", self.liquidations),
            ("cross_accounts", self.cross_accounts),
            ("isolated_accounts", self.isolated_accounts),
            ("positions", self.positions),
            ("markets", self.markets),
            ("orders", self.orders),
            ("nodes", self.nodes),
        ]
    }

    /// Whether `usage` fits; else the first kind that does not.
    pub fn fits(&self, usage: &Usage) -> Result<(), Overflow> {
        for ((what, capacity), (_, needed)) in self.by_name().into_iter().zip(usage.by_name()) {
            if needed > capacity {
                return Err(Overflow { what, needed, capacity });
            }
        }
        Ok(())
    }

    /// Accounts of both modes.
    pub const fn accounts(&self) -> usize {
        self.cross_accounts.saturating_add(self.isolated_accounts)
    }
}
