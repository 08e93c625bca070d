use super::Tick;
use crate::margin::native::{div_ceil, div_floor};
use crate::ops::{Context, first_failure};
use crate::params::*;
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::Market;

/// The market after its tick.
pub fn apply(context: &Context, op: &Tick, market: &Market) -> Result<Market, Refusal> {
    let (rate, cap) = (op.rate.unsigned_abs(), market.funding_cap);
    first_failure([
        Check::at_least("MKT-6", Reject::PriceRange, op.price, 1, Unit::Price),
        Check::at_most("MKT-6", Reject::PriceRange, op.price, market.max_price, Unit::Price),
        Check::at_most("MKT-7", Reject::RateAboveCap, rate, cap, Unit::Rate),
    ])?;
    let new_window = context.time / REFERENCE_WINDOW > market.last_tick / REFERENCE_WINDOW;
    let reference_price = if new_window { market.price } else { market.reference_price };
    let (reference, band) = (i128::from(reference_price), i128::from(market.band));
    let low = div_ceil(reference * (M - band), M);
    let high = div_floor(reference * (M + band), M);
    // Between the reference and the stated price, so within 1..=max_price.
    let price = i128::from(op.price).clamp(low, high);
    let seconds = context.time.saturating_sub(market.last_tick).min(FUNDING_INTERVAL_MAX);
    // Widths: 30 + 54 + 12 bits.
    let paid = div_floor(i128::from(op.rate) * price * i128::from(seconds), FUNDING_DIVISOR);
    let funding_index = market.funding_index + paid;
    let range = -FUNDING_INDEX_OFFSET..FUNDING_INDEX_OFFSET;
    Check::within("MKT-9", Reject::FundingIndexRange, funding_index, range, Unit::FundingIndex).require()?;
    Ok(Market { price: price as u64, reference_price, funding_index, last_tick: context.time, ..*market })
}
