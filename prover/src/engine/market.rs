//! From a listing's decimals to the market's exact units and bounds.

use crate::wire::decimal::Decimal;
use crate::wire::event::{Listing, Risk, RiskTier};
use crate::wire::quanta::COARSEST;
use zkmargin_circuits::params::{
    FUNDING_INTERVAL_MIN, FUNDING_SHARE, HOUR_SECONDS, LOT_BITS, POSITION_VALUE_BITS, PRICE_BITS, SIZE_BITS,
    STATUS_OPEN,
};
use zkmargin_circuits::state::{HigherTiers, Market, ParameterError, Tier, higher_tiers};

/// Room for the oracle price above the listing price with quanta of 10^-6: 2^8 times. Each finer quantum has
/// a bit less, since the room is taken from the largest position.
const PRICE_ROOM_BITS: u32 = 8;
/// Largest power of ten below 2^40.
const MAX_LOT_EXPONENT: u32 = 12;

/// Longest time for which one opening of a market pays funding, if the cap allows as much: eight hours.
const FUNDING_INTERVAL: u64 = 8 * 3600;

/// Why a listing has no market.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// Tick, lot or price do not fit the protocol's widths.
    #[error(
        "market {name}: {price} at {price_decimals} + {size_decimals} decimals does not fit the protocol's widths"
    )]
    Width {
        /// Name of the market.
        name: String,
        /// Price that the market is listed with.
        price: String,
        /// Number of decimals of prices.
        price_decimals: u32,
        /// Number of decimals of sizes.
        size_decimals: i32,
    },
    /// The protocol refuses the risk parameters.
    #[error("market {name}: {source}")]
    Parameters {
        /// Name of the market.
        name: String,
        /// Parameter that is refused.
        source: ParameterError,
    },
}

/// A market in its exact units, with quote quanta of `10^-q` for `q = quote_decimals`.
///
/// With listing price π: a base quantum is `10^-r` with `r = floor(log10(π·10^q))`, so that the oracle
/// price starts between 1 and 10 quote quanta per base quantum; a lot is `10^(r - size_decimals)` base
/// quanta; a tick times a lot is `10^(q - price_decimals - size_decimals)` quote quanta. All exact.
pub fn market(listing: &Listing, quote_decimals: u32, time: u64) -> Result<Market, ListingError> {
    let Units { lot, tick_quote, price } =
        units(listing, quote_decimals).ok_or_else(|| ListingError::Width {
            name: listing.name.clone(),
            price: listing.first_price.to_string(),
            price_decimals: listing.price_decimals,
            size_decimals: listing.size_decimals,
        })?;
    let room = PRICE_ROOM_BITS.saturating_sub(quote_decimals.saturating_sub(COARSEST));
    let price_bits = (u64::BITS - price.leading_zeros() + room).min(PRICE_BITS);
    let size_bits = (POSITION_VALUE_BITS - price_bits).min(SIZE_BITS);
    let risk = listing.risk;
    // At most 2^32 tokens of 10^9 quanta.
    let tokens = |whole: u32| u64::from(whole) * 10u64.pow(quote_decimals);
    let market = Market {
        price,
        asked: price,
        max_price: (1 << price_bits) - 1,
        max_size: (1 << size_bits) - 1,
        open_notional_low: tokens(risk.open_interest_low),
        open_notional_high: tokens(risk.open_interest_high),
        open_growth: base_quanta(tokens(risk.open_interest_growth), price),
        still_age: risk.still_age,
        halt_age: risk.halt_age,
        last_tick: time,
        paid_until: time,
        rated_hour: (time / HOUR_SECONDS) as u32,
        funding_interval: funding_interval(risk),
        funding_cap: risk.funding_cap,
        initial_fraction: risk.initial_margin,
        maintenance_fraction: risk.maintenance_margin,
        tiers: tiers(listing, tokens),
        taker_fee: risk.taker_fee,
        maker_fee: risk.maker_fee,
        liquidation_fee: risk.liquidation_fee,
        band: risk.band,
        collar: 0,
        lot,
        tick_quote,
        min_lots: 1,
        status: STATUS_OPEN,
        ..Market::BLANK
    };
    market.validate().map_err(|source| ListingError::Parameters { name: listing.name.clone(), source })?;
    Ok(market)
}

/// The tiers above the first; `tokens` gives the quanta of whole tokens.
fn tiers(listing: &Listing, tokens: impl Fn(u32) -> u64) -> HigherTiers {
    let tier = |tier: &RiskTier| Tier {
        from: tokens(tier.from),
        initial_fraction: tier.initial_margin,
        maintenance_fraction: tier.maintenance_margin,
    };
    let listed: Vec<Tier> = listing.tiers.iter().map(tier).collect();
    let first = [listing.risk.initial_margin, listing.risk.maintenance_margin];
    higher_tiers(&listed, first).expect("no more are read")
}

/// Base quanta of that value at a price, rounded down, at most what fits its field.
fn base_quanta(quote: u64, price: u64) -> u64 {
    let quanta = (u128::from(quote) << 32) / u128::from(price.max(1));
    quanta.min((1 << SIZE_BITS) - 1) as u64
}

/// The longest interval that costs at most a quarter of the maintenance fraction at the cap; at least the least one, which
/// the protocol refuses if that is too long, too.
fn funding_interval(risk: Risk) -> u16 {
    let most = u64::from(risk.maintenance_margin) * FUNDING_SHARE;
    let longest = most.checked_div(risk.funding_cap.into()).unwrap_or(u64::MAX);
    u16::try_from(longest.clamp(FUNDING_INTERVAL_MIN.into(), FUNDING_INTERVAL))
        .expect("eight hours have 15 bits")
}

/// What a market counts in.
struct Units {
    /// Base quanta of a lot.
    lot: u64,
    /// Quote quanta of a tick times a lot.
    tick_quote: u64,
    /// Listing price, 32.32 quote quanta per base quantum.
    price: u64,
}

/// The units of [`market`]; None if one of them is not whole or too large.
fn units(listing: &Listing, quote_decimals: u32) -> Option<Units> {
    let Listing { price_decimals, size_decimals, first_price, .. } = *listing;
    let (mantissa, decimals) = first_price.parts();
    let magnitude = u128::try_from(mantissa).ok()?.checked_ilog10()?;
    let quantum = magnitude as i32 - decimals as i32 + quote_decimals as i32;
    let lot_exponent = u32::try_from(quantum - size_decimals).ok()?;
    let lot = 10u64.pow(lot_exponent.min(MAX_LOT_EXPONENT));
    let free = quote_decimals as i32 - price_decimals as i32 - size_decimals;
    let tick_quote = 10u64.checked_pow(u32::try_from(free).ok()?)?;
    let ticks = u128::try_from(first_price.units(price_decimals as i32)?).ok()?;
    Some(Units { lot, tick_quote, price: oracle_price(ticks, tick_quote, lot)? })
}

const _: () = assert!(10u64.pow(MAX_LOT_EXPONENT) < 1 << LOT_BITS);

/// `round(ticks·tick_quote·2^32 / lot)`, halves up: a price in ticks as 32.32 quote quanta per base
/// quantum. None beyond 64 bits.
pub fn oracle_price(ticks: u128, tick_quote: u64, lot: u64) -> Option<u64> {
    let scaled = ticks.checked_mul(u128::from(tick_quote))?.checked_mul(1 << 32)?;
    u64::try_from((scaled + u128::from(lot) / 2) / u128::from(lot)).ok()
}

/// `round(price·10^q·2^32 / (lot·10^size_decimals))`, halves up: any price in quote tokens per base
/// unit as 32.32 quote quanta per base quantum. None if it is negative or beyond 64 bits.
pub fn exact_price(price: Decimal, size_decimals: i32, quote_decimals: u32, lot: u64) -> Option<u64> {
    let (mantissa, decimals) = price.parts();
    let up = quote_decimals as i32 - decimals as i32 - size_decimals;
    let power = 10u128.checked_pow(up.unsigned_abs())?;
    let scaled = u128::try_from(mantissa).ok()?.checked_mul(1 << 32)?;
    let (scaled, divisor) = if up < 0 {
        (scaled, power.checked_mul(u128::from(lot))?)
    } else {
        (scaled.checked_mul(power)?, u128::from(lot))
    };
    u64::try_from(scaled.checked_add(divisor / 2)? / divisor).ok()
}

/// `round(notional·2^32 / (lots·lot))`, halves up: the mark price behind a notional in quote quanta.
pub fn mark_price(notional: u64, lots: u64, lot: u64) -> Option<u64> {
    let size = u128::from(lots).checked_mul(u128::from(lot)).filter(|size| *size > 0)?;
    u64::try_from(((u128::from(notional) << 32) + size / 2) / size).ok()
}
