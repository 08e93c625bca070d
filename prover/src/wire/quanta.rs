//! The quote quantum of a tape, and the lots of markets whose sizes are only seen.
//!
//! All amounts of a tape count one quantum of `10^-6` to `10^-9` of the quote token. A market is exact if a
//! tick times a lot is a whole number of quanta: `price_decimals + size_decimals <= quote_decimals`. The
//! finest quantum would serve most markets but leaves 63 bits for 9·10^9 tokens, so the coarsest that serves
//! as many is taken.

use super::decimal::Decimal;
use super::event::Listing;

/// The coarsest quantum is 10^-6 of the quote token.
pub const COARSEST: u32 = 6;
/// The finest quantum is 10^-9 of the quote token.
pub const FINEST: u32 = 9;
/// Amounts are below 2^63 quanta.
pub const MAX_AMOUNT: i128 = 1 << 63;

/// Decimals that a market needs of prices and, at least, of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Largest number of decimals of any price.
    pub price_decimals: u32,
    /// Largest number of decimals of any size, below zero if all sizes are whole tens.
    pub size_decimals: i32,
}

impl Need {
    /// Tells whether a tick times a lot is a whole number of quanta.
    pub fn is_exact(self, quote_decimals: u32) -> bool {
        self.price_decimals as i32 + self.size_decimals <= quote_decimals as i32
    }

    /// The decimals of a lot: the ones that sizes show, and below zero (lots of tens or thousands of units)
    /// only as far as the price's decimals make it necessary.
    pub fn lot_decimals(self, quote_decimals: u32) -> i32 {
        let room = quote_decimals as i32 - self.price_decimals as i32;
        self.size_decimals.max(room.min(0))
    }
}

impl From<&Listing> for Need {
    fn from(listing: &Listing) -> Self {
        Self { price_decimals: listing.price_decimals, size_decimals: listing.size_decimals }
    }
}

/// The decimals of the quantum: those that serve most markets, then most amounts, then the fewest.
pub fn choose(markets: &[Need], amounts: &[Decimal]) -> u32 {
    let served = |decimals: &u32| {
        let exact = markets.iter().filter(|need| need.is_exact(*decimals)).count();
        let whole = amounts.iter().filter(|amount| to_quanta(**amount, *decimals).is_some()).count();
        (exact, whole)
    };
    // The last of equals wins: the coarsest.
    (COARSEST..=FINEST).rev().max_by_key(served).unwrap_or(COARSEST)
}

/// An amount in quanta; None if that is no whole number, negative, or 2^63 and more.
pub fn to_quanta(amount: Decimal, quote_decimals: u32) -> Option<u64> {
    let units = amount.units(quote_decimals as i32).filter(|units| *units < MAX_AMOUNT)?;
    u64::try_from(units).ok()
}
