//! Seeded order flow for the demo and for `zkmargin sample`: a small exchange, all of it invented.
//!
//! Two market makers quote ladders under one signature; takers hit them, rest orders, cancel, move money
//! between cross and isolated accounts and withdraw; oracle prices walk and pay funding; one trader with
//! little margin is liquidated when the price falls. Some orders are made to fail: the engine must say why.

mod exchange;
pub(crate) mod listing;

#[cfg(test)]
mod tests;

use crate::wire::Tape;
use exchange::Exchange;

/// The sizes of the flow to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// Seed of the flow: the same seed gives the same tape.
    pub seed: u64,
    /// Traders besides the two market makers, 2..=1000.
    pub traders: u32,
    /// Number of markets, from 1 to 4.
    pub markets: u16,
    /// Number of fills to reach.
    pub fills: u32,
    /// Fills between two refreshes of prices and quotes.
    pub refresh: u32,
}

impl Default for Flow {
    fn default() -> Self {
        Self { seed: 1, traders: 6, markets: 3, fills: 96, refresh: 12 }
    }
}

/// Why a flow cannot be generated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}; choose {low} to {high}")]
pub struct FlowError {
    /// Name of the field.
    pub field: &'static str,
    /// Value that the field had.
    pub value: u64,
    /// Smallest value that is allowed.
    pub low: u64,
    /// Largest value that is allowed.
    pub high: u64,
}

impl Flow {
    /// Generates the tape: the same on every machine.
    pub fn generate(self) -> Result<Tape, FlowError> {
        let bounds = [
            ("traders", u64::from(self.traders), 2, 1_000),
            ("markets", u64::from(self.markets), 1, listing::MARKETS as u64),
            ("fills", u64::from(self.fills), 1, 1_000_000),
            ("refresh", u64::from(self.refresh), 1, 1_000_000),
        ];
        for (field, value, low, high) in bounds {
            if value < low || value > high {
                return Err(FlowError { field, value, low, high });
            }
        }
        let mut exchange = Exchange::open(self);
        while exchange.fills() < self.fills {
            exchange.step();
        }
        Ok(exchange.close())
    }
}
