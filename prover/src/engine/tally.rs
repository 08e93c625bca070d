//! Counts of what was applied, refused and why. Nothing is dropped without an entry here.

use super::refused::{Code, Refused};
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
    /// A limit of an account's own leverage is set.
    Leverage,
    /// The mode of an account is changed.
    Mode,
    /// The key of an account is changed.
    Key,
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
    pub refused: BTreeMap<Kind, BTreeMap<Code, u64>>,
    /// Rows of the file behind applied work.
    pub rows_applied: u64,
    /// Rows of the file behind refused work.
    pub rows_refused: u64,
    /// Oracle prices that the band cut.
    pub clamped: u64,
}

impl Tally {
    /// Counts one more that was applied.
    pub fn apply(&mut self, kind: Kind) {
        *self.applied.entry(kind).or_default() += 1;
    }

    /// Counts a refusal and its rows.
    pub fn refuse(&mut self, refused: &Refused) {
        let reasons = self.refused.entry(refused.kind).or_default();
        *reasons.entry(refused.reason.code()).or_default() += 1;
        self.rows_refused += refused.rows;
    }

    /// The number of rows that were read: each was applied or refused.
    pub const fn rows(&self) -> u64 {
        self.rows_applied + self.rows_refused
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
                *mine.entry(*reason).or_default() += count;
            }
        }
        self.rows_applied += other.rows_applied;
        self.rows_refused += other.rows_refused;
        self.clamped += other.clamped;
    }

    /// Each kind with its number of applied and refused, for tables.
    pub fn lines(&self) -> Vec<(Kind, u64, u64)> {
        let mut kinds: Vec<Kind> = self.applied.keys().chain(self.refused.keys()).copied().collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().map(|kind| (kind, self.count(kind), self.refused_count(kind))).collect()
    }

    /// Each reason of each kind with its count; of a kind the most frequent first.
    pub fn reasons(&self) -> Vec<(Kind, Code, u64)> {
        let mut all = Vec::new();
        for (kind, reasons) in &self.refused {
            let mut reasons: Vec<_> = reasons.iter().map(|(code, count)| (*kind, *code, *count)).collect();
            reasons.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
            all.extend(reasons);
        }
        all
    }
}

impl Kind {
    /// The name of one of the kind.
    pub const fn one(self) -> &'static str {
        match self {
            Self::Tick => "price tick",
            Self::Deposit => "deposit",
            Self::AssumedDeposit => "assumed deposit",
            Self::Withdrawal => "withdrawal",
            Self::Transfer => "transfer",
            Self::Leverage => "leverage limit",
            Self::Mode => "change of mode",
            Self::Key => "change of key",
            Self::Order => "order",
            Self::Cancel => "cancel",
            Self::Fill => "trade",
            Self::Liquidation => "liquidation",
            Self::LiquidationAsFill => "trade of a liquidation that was not due",
        }
    }

    /// The name of the kind in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tick => "price ticks",
            Self::Deposit => "deposits",
            Self::AssumedDeposit => "deposits, assumed",
            Self::Withdrawal => "withdrawals",
            Self::Transfer => "transfers",
            Self::Leverage => "leverage limits",
            Self::Mode => "changes of mode",
            Self::Key => "changes of key",
            Self::Order => "orders",
            Self::Cancel => "cancels",
            Self::Fill => "trades",
            Self::Liquidation => "liquidations",
            Self::LiquidationAsFill => "not due, tried as trades",
        }
    }
}
