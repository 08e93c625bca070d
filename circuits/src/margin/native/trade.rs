//! The one change of a slot: every fill and liquidation moves an account through [`trade`].

use super::{div_ceil, div_floor};
use crate::margin::{Header, PositionCell};
use crate::params::{COLLATERAL_OFFSET, M, QUOTE_BITS};
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::{Market, MarketId, Mode};

/// An account's side of a trade, before any fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traded {
    /// Totals after the quote is paid or received.
    pub header: Header,
    /// The position after the trade; both fields are 0 if it is flat.
    pub position: PositionCell,
    /// The position grew or flipped.
    pub grows: bool,
}

/// A market under its number.
#[derive(Clone, Copy, Debug)]
pub struct MarketRef<'a> {
    /// Number of the market, in `1..512`.
    pub id: MarketId,
    /// Price, limits and fractions of the market, after the batch's tick.
    pub market: &'a Market,
}

/// Changes the position in `market` by `delta` base quanta against `quote` quote quanta.
///
/// Buying (`delta > 0`) subtracts the quote from the collateral, selling adds it. Entry quote: grow
/// `E + q`; shrink `E·|b'|/|b|`; flip `q·|b'|/|Δ|`; the last two floor for a long result and ceil
/// for a short one, so that rounding never raises `K`.
///
/// Needs `0 < |delta| < 2^96`, `quote < 2^63`. Errors, in order: `WrongMarketForMode`,
/// `PositionTooLarge`, `EntryQuoteRange`, `CollateralRange`.
pub fn trade(
    header: &Header,
    position: &PositionCell,
    market: MarketRef<'_>,
    delta: i128,
    quote: u64,
) -> Result<Traded, Refusal> {
    let MarketRef { id, market } = market;
    if let Mode::Isolated(own) = header.mode {
        Check::equal("TRADE-1", Reject::WrongMarketForMode, id, own, Unit::Id).require()?;
    }
    let before = i128::from(position.size);
    let after = before + delta;
    let (size, most) = (after.abs(), market.max_size);
    Check::at_most("TRADE-3", Reject::PositionTooLarge, size, most, Unit::BaseQuanta).require()?;
    let (entry, grows) = entry_quote(position, delta, quote);
    let range = 0..1 << QUOTE_BITS;
    Check::within("TRADE-4", Reject::EntryQuoteRange, entry, range, Unit::QuoteQuanta).require()?;
    let cell = PositionCell { size: after as i64, entry_quote: entry as u64 };
    let mut header = add_collateral(header, -delta.signum() * i128::from(quote))?;
    header.add_position(market, position, -1);
    header.add_position(market, &cell, 1);
    Ok(Traded { header, position: cell, grows })
}

/// The entry quote after a trade, and whether the position grew or flipped.
fn entry_quote(position: &PositionCell, delta: i128, quote: u64) -> (i128, bool) {
    let before = i128::from(position.size);
    let after = before + delta;
    let same_side = before == 0 || (before > 0) == (delta > 0);
    let flips = !same_side && delta.abs() > before.abs();
    let entry = i128::from(position.entry_quote);
    let part = |whole: i128, of: i128| {
        // Widths: 63 + 56 bits.
        if after > 0 {
            div_floor(whole * after.abs(), of.abs())
        } else {
            div_ceil(whole * after.abs(), of.abs())
        }
    };
    let entry = if same_side {
        entry + i128::from(quote)
    } else if flips {
        part(quote.into(), delta)
    } else {
        part(entry, before)
    };
    (entry, same_side || flips)
}

/// Changes the collateral. Error: `CollateralRange`; outside of [`trade`] the caller names its check.
pub fn add_collateral(header: &Header, amount: i128) -> Result<Header, Refusal> {
    let collateral = i128::from(header.collateral) + amount;
    let range = -COLLATERAL_OFFSET..COLLATERAL_OFFSET;
    Check::within("TRADE-6", Reject::CollateralRange, collateral, range, Unit::QuoteQuanta).require()?;
    Ok(Header { collateral: collateral as i64, ..*header })
}

/// A fee that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradingFee {
    /// Quote quanta.
    pub amount: u64,
    /// What `amount` is above the exact fee, millionths of a quote quantum, below M.
    pub carry: u32,
}

/// The fee of one more fill of an order: `fee = ceil((φ·q - c)/M)`, and `c' = fee·M - (φ·q - c)`, so that
/// the fees of all fills of an order are `ceil(Σ φ·q/M)` together. Rounded against the payer.
///
/// `quote` is q, below 2^63; `rate` is φ, ppm; `carry` is c, millionths of a quote quantum, below M.
pub fn trading_fee(quote: u64, rate: u32, carry: u32) -> TradingFee {
    let due = i128::from(quote) * i128::from(rate) - i128::from(carry);
    // Above -M, so the quotient is not negative.
    let amount = div_ceil(due, M);
    TradingFee { amount: amount as u64, carry: (amount * M - due) as u32 }
}
