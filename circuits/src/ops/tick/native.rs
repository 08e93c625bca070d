use super::Tick;
use crate::margin::native::div_floor;
use crate::ops::{Context, first_failure};
use crate::params::*;
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::{Beyond, Market};

/// The market after its tick, funding paid.
pub fn apply(context: &Context, op: &Tick, market: &Market) -> Result<Market, Refusal> {
    let (rate, cap) = (op.rate.unsigned_abs(), market.funding_cap);
    first_failure([
        Check::at_least("MKT-6", Reject::PriceRange, op.price, 1, Unit::Price),
        Check::at_most("MKT-6", Reject::PriceRange, op.price, market.max_price, Unit::Price),
        Check::at_most("MKT-7", Reject::RateAboveCap, rate, cap, Unit::Rate),
    ])?;
    let ((low, high), (lowest, highest)) = (market.band_ends(), market.tick_ends(context.observed));
    let beyond = match op.price {
        price if price > high => Beyond::Above,
        price if price < low => Beyond::Below,
        _ => Beyond::None,
    };
    // The one asked for, or one between it and the price in force: both are prices that the market may have.
    let price = op.price.clamp(lowest, highest);
    let ticked = Market {
        price,
        cut_at: if price == op.price { market.cut_at } else { context.observed },
        asked: op.price,
        last_tick: context.observed,
        beyond,
        ..*market
    };
    pay(context, &ticked, Some(op.rate))
}

/// Whether a tick sets the rate: prices are signed, and the rate in force is of an earlier hour.
pub const fn crosses_hour(context: &Context, market: &Market) -> bool {
    context.is_signed && context.hour() > market.rated_hour
}

/// The rate of a tick where prices are signed. In the first tick of an hour `avg + clamp(interest - avg, ±d_f)` within the
/// cap, with the signers' average premium of the completed hour, 0 without a quorum. Else the rate in force.
pub fn signed_rate(context: &Context, market: &Market, premium: Option<i32>) -> i32 {
    if !crosses_hour(context, market) {
        return market.rate;
    }
    let average = premium.unwrap_or(0);
    // Widths: 30, 25 and 30 bits.
    let (most, cap) = (market.premium_clamp as i32, market.funding_cap as i32);
    let drawn = market.interest.clamp(average - most, average + most);
    drawn.clamp(-cap, cap)
}

/// The market as a batch without its tick reads it, funding paid.
///
/// Error: `FundingIndexRange`.
pub fn open(context: &Context, market: &Market) -> Result<Market, Refusal> {
    pay(context, market, None)
}

/// Whether the price, after the tick, or the status keeps users from opening positions and from taking money out.
fn is_unsettled(time: u64, market: &Market) -> bool {
    market.status != STATUS_OPEN
        || market.beyond != Beyond::None
        || time < market.cut_at + STILL_AFTER_CUT
        || market.age(time) > market.still_age.into()
}

/// Pays funding to the batch's time, or for the longest interval. `stated`: the rate of a tick.
fn pay(context: &Context, market: &Market, stated: Option<i32>) -> Result<Market, Refusal> {
    let interval = u64::from(market.funding_interval);
    let elapsed = context.time.saturating_sub(market.paid_until);
    // Without a rate nothing was owed, for however long.
    let in_arrears = market.rate != 0 && elapsed > interval;
    let taken = stated.filter(|_| !in_arrears && !market.in_arrears);
    let rate = taken.unwrap_or(market.rate);
    let is_set = taken.is_some() && crosses_hour(context, market);
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
        rated_hour: if is_set { context.hour() } else { market.rated_hour },
        in_arrears,
        still: in_arrears || is_unsettled(context.time, market),
        ..*market
    })
}
