use super::Tick;
use crate::margin::native::{div_ceil, div_floor};
use crate::ops::{Context, first_failure};
use crate::params::*;
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::Market;

/// The market after its tick, funding paid.
pub fn apply(context: &Context, op: &Tick, market: &Market) -> Result<Market, Refusal> {
    let (rate, cap) = (op.rate.unsigned_abs(), market.funding_cap);
    first_failure([
        Check::at_least("MKT-6", Reject::PriceRange, op.price, 1, Unit::Price),
        Check::at_most("MKT-6", Reject::PriceRange, op.price, market.max_price, Unit::Price),
        Check::at_most("MKT-7", Reject::RateAboveCap, rate, cap, Unit::Rate),
    ])?;
    let new_window = context.observed / REFERENCE_WINDOW > market.last_tick / REFERENCE_WINDOW;
    let reference_price = if new_window { market.price } else { market.reference_price };
    let (reference, band) = (i128::from(reference_price), i128::from(market.band));
    let low = div_ceil(reference * (M - band), M);
    let high = div_floor(reference * (M + band), M);
    // Between the reference and the stated price, so within 1..=max_price.
    let price = i128::from(op.price).clamp(low, high) as u64;
    pay(context, &Market { price, reference_price, last_tick: context.observed, ..*market }, Some(op.rate))
}

/// The market as a batch without its tick reads it, funding paid.
///
/// Error: `FundingIndexRange`.
pub fn open(context: &Context, market: &Market) -> Result<Market, Refusal> {
    pay(context, market, None)
}

/// Pays funding to the batch's time, or for the longest interval. `stated`: the rate of a tick.
fn pay(context: &Context, market: &Market, stated: Option<i32>) -> Result<Market, Refusal> {
    let interval = u64::from(market.funding_interval);
    let elapsed = context.time.saturating_sub(market.paid_until);
    // Without a rate nothing was owed, for however long.
    let in_arrears = market.rate != 0 && elapsed > interval;
    let rate = stated.filter(|_| !in_arrears && !market.in_arrears).unwrap_or(market.rate);
    let seconds = elapsed.min(interval);
    // Widths: 30 + 54 + 16 + 16 bits.
    let per_second = (i128::from(rate) * i128::from(market.price)) << FUNDING_FRACTION_BITS;
    let owed = per_second * i128::from(seconds) + i128::from(market.funding_remainder);
    let paid = div_floor(owed, FUNDING_DIVISOR);
    let funding_index = market.funding_index + paid;
    let range = -FUNDING_INDEX_OFFSET..FUNDING_INDEX_OFFSET;
    Check::within("MKT-9", Reject::FundingIndexRange, funding_index, range, Unit::FundingIndex).require()?;
    Ok(Market {
        funding_index,
        funding_remainder: (owed - paid * FUNDING_DIVISOR) as u64,
        paid_until: if in_arrears { market.paid_until + seconds } else { context.time },
        rate,
        in_arrears,
        ..*market
    })
}
