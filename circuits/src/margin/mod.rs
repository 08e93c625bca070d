//! Margin law: value, requirements, health, and the changes an account may make.
//!
//! An opened account is a [`Header`] and one [`PositionCell`] per market it touches. Prices, funding
//! indices and fractions are fixed within a batch, so the header's sums stay exact while trades move
//! one term at a time. Notation and formulas: `spec/src/margin.md`.

use num_bigint::BigInt;

use crate::params::{CLOSE_OUT, M, U};
use crate::state::{MarketId, Mode};

pub(crate) mod circuit;
pub mod native;

/// The health of an account, worst first; equality is the better side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// `TV < 0`: it owes.
    Bankrupt,
    /// `M·TV < CMR`.
    CloseOut,
    /// `M·TV < MMR`.
    Liquidatable,
    /// `M·TV < IMR`: its positions may only shrink.
    ReduceOnly,
    /// None of these.
    Healthy,
}

impl Health {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bankrupt => "bankrupt",
            Self::CloseOut => "close-out",
            Self::Liquidatable => "liquidatable",
            Self::ReduceOnly => "reduce only",
            Self::Healthy => "healthy",
        }
    }
}

/// Totals of an opened, settled account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// `C`, quote quanta, signed 64.
    pub collateral: i64,
    /// `W = Σ p·b`, scale U, magnitude below 2^99.
    pub value: i128,
    /// `IMR = Σ |b|·p·max(imf, leverage_limit)`, scale U·M, below 2^120.
    pub initial: i128,
    /// `MMR = Σ |b|·p·mmf`, scale U·M, below 2^120.
    pub maintenance: i128,
    /// `X = Σ s·E`, quote quanta, magnitude below 2^67.
    pub entry: i128,
    /// Cross, or the only market in which the account may hold a position.
    pub mode: Mode,
    /// Parts per million, 0 for none.
    pub leverage_limit: u32,
    /// Markets held at the account's opening that are still: while there is one, no cash leaves.
    pub still: u8,
}

impl Header {
    /// Of an account that holds nothing.
    pub const fn flat(collateral: i64, mode: Mode) -> Self {
        Self { collateral, value: 0, initial: 0, maintenance: 0, entry: 0, mode, leverage_limit: 0, still: 0 }
    }

    /// `TV = C·U + W`, scale U, magnitude below 2^100.
    pub const fn total_value(&self) -> i128 {
        self.collateral as i128 * U + self.value
    }

    /// `K = C + X`: cash without unrealised profit, quote quanta.
    pub const fn cash(&self) -> i128 {
        self.collateral as i128 + self.entry
    }

    /// `M·TV >= IMR`.
    pub const fn is_healthy(&self) -> bool {
        M * self.total_value() >= self.initial
    }

    /// `M·TV < MMR`: below the maintenance requirement.
    pub const fn is_liquidatable(&self) -> bool {
        M * self.total_value() < self.maintenance
    }

    /// `M·TV < CMR`, with `CMR = κ·MMR/M`: below it a pool may take the account over.
    pub fn is_close_out(&self) -> bool {
        // Widths: 100 + 40 bits do not fit.
        BigInt::from(self.total_value()) * (M * M) < BigInt::from(self.maintenance) * CLOSE_OUT
    }

    /// The worst state that the account is in.
    pub fn health(&self) -> Health {
        match self {
            _ if self.total_value() < 0 => Health::Bankrupt,
            _ if self.is_close_out() => Health::CloseOut,
            _ if self.is_liquidatable() => Health::Liquidatable,
            _ if !self.is_healthy() => Health::ReduceOnly,
            _ => Health::Healthy,
        }
    }

    /// `0` for cross, else the only market.
    pub const fn mode_market(&self) -> MarketId {
        self.mode.market()
    }
}

/// Size and entry quote of an opened account in one market; both 0 when flat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PositionCell {
    /// Base quanta, negative for a short.
    pub size: i64,
    /// Quote quanta.
    pub entry_quote: u64,
}

#[cfg(test)]
mod tests;
