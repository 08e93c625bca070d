//! Counts of what was applied, refused and why. Nothing is dropped without an entry here.

use serde::Serialize;
use std::collections::BTreeMap;

/// The kinds of work in reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Oracle price and funding of a market.
    Tick,
    /// Money is credited from L1.
    Deposit,
    /// Credited though the tape does not show it.
    AssumedDeposit,
    /// Money is paid to L1.
    Withdrawal,
    /// A transfer moves money between accounts.
    Transfer,
    /// An order is placed.
    Order,
    /// An order is cancelled.
    Cancel,
    /// Two orders trade.
    Fill,
    /// A position is liquidated.
    Liquidation,
    /// Liquidations, or parts of them, that were not due and were tried as ordinary fills.
    LiquidationAsFill,
}

/// The counters of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Numbers of what was applied, by kind.
    pub applied: BTreeMap<Kind, u64>,
    /// Refused, by kind and then by reason.
    pub refused: BTreeMap<Kind, BTreeMap<String, u64>>,
    /// Rows of the file behind applied work.
    pub rows: u64,
}

impl Tally {
    /// Counts one more that was applied.
    pub fn apply(&mut self, kind: Kind) {
        *self.applied.entry(kind).or_default() += 1;
    }

    /// Counts one more that was refused, by its reason.
    pub fn refuse(&mut self, kind: Kind, reason: &str) {
        *self.refused.entry(kind).or_default().entry(reason.to_owned()).or_default() += 1;
    }

    /// The number of what was applied of a kind.
    pub fn count(&self, kind: Kind) -> u64 {
        self.applied.get(&kind).copied().unwrap_or(0)
    }

    /// Refused of a kind, for any reason.
    pub fn refused_count(&self, kind: Kind) -> u64 {
        self.refused.get(&kind).map_or(0, |reasons| reasons.values().sum())
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Self) {
        for (kind, count) in &other.applied {
            *self.applied.entry(*kind).or_default() += count;
        }
        for (kind, reasons) in &other.refused {
            let mine = self.refused.entry(*kind).or_default();
            for (reason, count) in reasons {
                *mine.entry(reason.clone()).or_default() += count;
            }
        }
        self.rows += other.rows;
    }
}

impl Kind {
    /// The name of the kind in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tick => "price ticks",
            Self::Deposit => "deposits",
            Self::AssumedDeposit => "deposits, assumed",
            Self::Withdrawal => "withdrawals",
            Self::Transfer => "transfers",
            Self::Order => "orders",
            Self::Cancel => "cancels",
            Self::Fill => "trades",
            Self::Liquidation => "liquidations",
            Self::LiquidationAsFill => "not due, tried as trades",
        }
    }
}

impl Tally {
    /// Kind, applied, refused and the reasons with their counts, for tables.
    pub fn lines(&self) -> Vec<(String, u64, u64, String)> {
        let mut kinds: Vec<Kind> = self.applied.keys().chain(self.refused.keys()).copied().collect();
        kinds.sort_unstable();
        kinds.dedup();
        let reasons = |kind: &Kind| {
            let mut reasons: Vec<_> = self.refused.get(kind).into_iter().flatten().collect();
            reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let parts: Vec<String> =
                reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
            parts.join(", ")
        };
        kinds
            .iter()
            .map(|kind| {
                let refused = self.refused_count(*kind);
                (kind.name().to_owned(), self.count(*kind), refused, reasons(kind))
            })
            .collect()
    }
}
