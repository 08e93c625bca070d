//! A market of a venue as a market of ours.

use super::{Broken, Largest, OpenInterest, VenueMarket};
use crate::engine::market::market;
use crate::wire::decimal::Decimal;
use crate::wire::event::{Listing, Risk};
use std::collections::BTreeMap;
use zkmargin_circuits::params::{HIGHER_TIERS, LIMIT_BITS, LOT_BITS, TICK_QUOTE_BITS};
use zkmargin_circuits::state::{HigherTiers, Market, Tier, higher_tiers};

/// Decimals that the genesis can show.
const DECIMALS: i32 = 18;
/// Digits of a price where the file has no ticks.
const DIGITS: i32 = 5;

/// What a file does not say.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// Prices in quote tokens per base unit, by the exchange's names; they count more than the file's.
    pub prices: BTreeMap<String, Decimal>,
    /// A quote quantum is `10^-quote_decimals` of the quote token.
    pub quote_decimals: u32,
    /// Fee of the taker, parts per million of the quote.
    pub taker_fee: u32,
    /// Fee of the maker, parts per million of the quote.
    pub maker_fee: u32,
    /// Fee of a liquidated account, parts per million of the quote; the law takes at most a sixth of the maintenance margin.
    pub liquidation_fee: u32,
    /// Band of ticks, parts per million.
    pub band: u32,
    /// Largest rate of funding, 10^-9 per hour.
    pub funding_cap: u32,
    /// How far a batch may raise the open interest, parts per million of its bound.
    pub open_growth: u32,
    /// Time of the genesis, seconds.
    pub time: u64,
}

impl Default for Defaults {
    /// Quanta of 10^-6; fees 0.05 % and 0.02 %, liquidation 0.5 %; band 10 %; funding 0.1 % per hour; growth 5 %.
    fn default() -> Self {
        Self {
            prices: BTreeMap::new(),
            quote_decimals: 6,
            taker_fee: 500,
            maker_fee: 200,
            liquidation_fee: 5_000,
            band: 100_000,
            funding_cap: 1_000_000,
            open_growth: 50_000,
            time: 0,
        }
    }
}

/// A market that may be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Name and decimals, and the first price, rounded half up to a tick.
    pub listing: Listing,
    /// The market in its exact units.
    pub market: Market,
    /// Whether the file and the defaults have no price of it, so that it is listed at 1.
    pub unpriced: bool,
    /// Whether the protocol's widths end the largest position before the venue does.
    pub cut: bool,
}

/// The market with the venue's parameters. Error: the first rule that it breaks.
pub fn list(of: &VenueMarket, defaults: &Defaults) -> Result<Listed, Broken> {
    let known = defaults.prices.get(&of.name).copied().or(of.price);
    let price = known.unwrap_or(Decimal::ONE);
    let listing = listing(of, defaults, price)?;
    let sized = market(&listing, defaults.quote_decimals, defaults.time)?;
    let largest = largest(of, &sized, &listing, defaults.quote_decimals);
    let min_lots = smallest(of, &listing)?;
    let interest = open_interest(of, defaults, &sized)?;
    let market = Market {
        tiers: tiers(of, defaults)?,
        max_size: largest.min(sized.max_size.into()) as u64,
        open_notional_low: interest.low,
        open_notional_high: interest.high,
        open_growth: interest.growth,
        min_lots,
        status: if of.open { sized.status } else { 0 },
        ..sized
    };
    market.validate()?;
    Ok(Listed {
        listing,
        market,
        unpriced: known.is_none(),
        cut: of.largest.is_some() && largest > sized.max_size.into(),
    })
}

/// Decimals, first price and risk, checked against all that [`market`] needs, rule by rule.
fn listing(of: &VenueMarket, defaults: &Defaults, price: Decimal) -> Result<Listing, Broken> {
    let magnitude = magnitude(price).ok_or_else(|| {
        Broken::new("price", price, ">", 0, "the first price is above zero, in quote tokens per base unit")
    })?;
    let quote = defaults.quote_decimals as i32;
    let price_decimals = match of.tick {
        Some(tick) => {
            step(tick, "tick", "a tick is a power of ten, at most 1 and at least 10^-18 quote tokens", 0)?
        }
        None => (DIGITS - 1 - magnitude).max(0),
    };
    let lot_text = "a lot is a power of ten, from 10^-18 to 10^18 base units";
    let size_decimals = match of.lot {
        Some(lot) => step(lot, "lot", lot_text, -DECIMALS)?,
        // A lot of 0.1 to 1 quote tokens, larger where a tick of it would be no whole quantum.
        None => (magnitude + 1).min(quote - price_decimals),
    };
    let first_price = rounded(price, price_decimals);
    require_units(price_decimals, size_decimals, quote, magnitude)?;
    let ticks = first_price.and_then(|price| price.units(price_decimals)).unwrap_or(0);
    let first_price = first_price.filter(|_| (1..1 << LIMIT_BITS).contains(&ticks)).ok_or_else(|| {
        let text = "the first price in ticks, rounded half up";
        Broken::new("price_in_ticks", ticks, "within", format!("1 to {}", (1u64 << LIMIT_BITS) - 1), text)
    })?;
    let risk = risk(of, defaults);
    Ok(Listing {
        name: of.name.clone(),
        price_decimals: price_decimals as u32,
        size_decimals,
        first_price,
        risk,
        // In quanta, and beyond whole tokens.
        tiers: Vec::new(),
    })
}

/// Ticks, lots and quanta are whole numbers of one another, within their widths.
fn require_units(price: i32, size: i32, quote: i32, magnitude: i32) -> Result<(), Broken> {
    if !(0..=DECIMALS).contains(&price) {
        let text = "decimals of prices";
        return Err(Broken::new("tick", price, "within", format!("0 to {DECIMALS}"), text));
    }
    if price + size > quote {
        let text = "a tick times a lot is a whole number of quote quanta: decimals of prices and sizes against those of the quantum";
        return Err(Broken::new("tick_times_lot", price + size, "≤", quote, text));
    }
    let widest = (1u64 << TICK_QUOTE_BITS).ilog10() as i32;
    if quote - price - size > widest {
        let text = "quote quanta of a tick times a lot, as a power of ten";
        return Err(Broken::new("tick_quote", quote - price - size, "≤", widest, text));
    }
    // The base quantum is the power of ten at which the price begins between 1 and 10 quote quanta.
    let (lot, widest) = (magnitude + quote - size, (1u64 << LOT_BITS).ilog10() as i32);
    if !(0..=widest).contains(&lot) {
        let text =
            "base quanta of a lot, as a power of ten, with a price of 1 to 10 quote quanta per base quantum";
        return Err(Broken::new("lot", lot, "within", format!("0 to {widest}"), text));
    }
    Ok(())
}

/// A price of six epochs lets fills only reduce, one of ten minutes nobody trade: no venue's file says either.
const STILL_AGE: u32 = 60;
const HALT_AGE: u32 = 600;

fn risk(of: &VenueMarket, defaults: &Defaults) -> Risk {
    Risk {
        initial_margin: of.initial,
        maintenance_margin: of.maintenance,
        taker_fee: defaults.taker_fee,
        maker_fee: defaults.maker_fee,
        liquidation_fee: defaults.liquidation_fee,
        band: defaults.band,
        still_age: STILL_AGE,
        halt_age: HALT_AGE,
        funding_cap: defaults.funding_cap,
        ..Risk::TAPE
    }
}

/// The exponent of the highest digit; none of zero.
fn magnitude(price: Decimal) -> Option<i32> {
    let (mantissa, decimals) = price.parts();
    Some(u128::try_from(mantissa).ok()?.checked_ilog10()? as i32 - decimals as i32)
}

/// The decimals of a step that is a power of ten.
fn step(step: Decimal, rule: &'static str, text: &str, least: i32) -> Result<i32, Broken> {
    let decimals = step.fewest_decimals();
    let is_power = step.units(decimals) == Some(1);
    if is_power && (least..=DECIMALS).contains(&decimals) {
        return Ok(decimals);
    }
    Err(Broken::new(rule, step, "within", "powers of ten", text))
}

/// The number with so many decimals, rounded half up; none if it overflows.
fn rounded(price: Decimal, decimals: i32) -> Option<Decimal> {
    let (mantissa, has) = price.parts();
    let Some(drop) = u32::try_from(has as i32 - decimals).ok().filter(|drop| *drop > 0) else {
        return Some(price);
    };
    let power = 10i128.checked_pow(drop)?;
    Decimal::from_units((mantissa + power / 2) / power, decimals)
}

/// The number in units of `10^-decimals`, rounded down; none if it overflows.
fn floor_units(value: Decimal, decimals: i32) -> Option<u128> {
    let (mantissa, has) = value.parts();
    let (mantissa, up) = (u128::try_from(mantissa).ok()?, decimals - has as i32);
    let power = 10u128.checked_pow(up.unsigned_abs())?;
    if up < 0 { Some(mantissa / power) } else { mantissa.checked_mul(power) }
}

/// The venue's largest position in base quanta, down to a whole lot; the largest number where it has none, or beyond it.
fn largest(of: &VenueMarket, market: &Market, listing: &Listing, quote_decimals: u32) -> u128 {
    let lots = match of.largest {
        None => None,
        Some(Largest::Size(size)) => floor_units(size, listing.size_decimals),
        Some(Largest::Notional(notional)) => floor_units(notional, quote_decimals as i32)
            .and_then(|quanta| quanta.checked_mul(1 << 32))
            .map(|scaled| scaled / u128::from(market.price) / u128::from(market.lot)),
    };
    lots.and_then(|lots| lots.checked_mul(market.lot.into())).unwrap_or(u128::MAX)
}

/// The tiers above the first, in quanta.
fn tiers(of: &VenueMarket, defaults: &Defaults) -> Result<HigherTiers, Broken> {
    let listed = of.tiers.iter().map(|tier| {
        let from = floor_units(tier.from, defaults.quote_decimals as i32);
        let from = from.and_then(|quanta| u64::try_from(quanta).ok()).filter(|quanta| *quanta <= Tier::NEVER);
        let text = "a tier begins within 63 bits of quote quanta, in quote tokens";
        let from = from.ok_or_else(|| Broken::new("tier_from", tier.from, "<", "2^63 quanta", text))?;
        Ok(Tier { from, initial_fraction: tier.initial, maintenance_fraction: tier.maintenance })
    });
    let listed: Vec<Tier> = listed.collect::<Result<_, Broken>>()?;
    higher_tiers(&listed, [of.initial, of.maintenance]).ok_or_else(|| {
        let text = "tiers above the first";
        Broken::new("tiers", listed.len(), "≤", HIGHER_TIERS, text)
    })
}

/// The smallest order in lots.
fn smallest(of: &VenueMarket, listing: &Listing) -> Result<u32, Broken> {
    let Some(smallest) = of.smallest else { return Ok(1) };
    let lots = smallest.units(listing.size_decimals).and_then(|lots| u32::try_from(lots).ok());
    lots.ok_or_else(|| {
        let lot = of.lot.map(|lot| lot.to_string()).unwrap_or_default();
        let text = "the smallest order is a whole number of lots below 2^32, in base units";
        Broken::new("smallest_order", smallest, "multiple of", lot, text)
    })
}

/// Open interest in quanta.
struct Interest {
    low: u64,
    high: u64,
    growth: u64,
}

fn open_interest(of: &VenueMarket, defaults: &Defaults, market: &Market) -> Result<Interest, Broken> {
    let none = Interest { low: 0, high: 0, growth: 0 };
    let Some(OpenInterest { low, high }) = of.open_interest.filter(|interest| interest.high.is_positive())
    else {
        return Ok(none);
    };
    let quanta = |value: Decimal| {
        let quanta =
            floor_units(value, defaults.quote_decimals as i32).and_then(|quanta| u64::try_from(quanta).ok());
        let text = "a bound of the open interest has 64 bits of quote quanta, in quote tokens";
        quanta.ok_or_else(|| Broken::new("open_interest", value, "<", "2^64 quanta", text))
    };
    let (low, high) = (quanta(low)?, quanta(high)?);
    let growth = u128::from(high) * u128::from(defaults.open_growth) / 1_000_000;
    let growth = (growth << 32) / u128::from(market.price);
    Ok(Interest { low, high, growth: u64::try_from(growth).unwrap_or(u64::MAX) })
}
