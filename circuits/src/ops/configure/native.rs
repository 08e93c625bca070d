use super::Configure;
use crate::ops::{Context, first_failure};
use crate::params::*;
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::market::liquidation_rate;
use crate::state::{Market, Parameters, Tier};

/// A market before and after its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfiguredMarket {
    /// As every op of the batch reads it: with the parameters of before, or as it is listed.
    pub within: Market,
    /// As it closes, but for what the batch moves.
    pub after: Market,
}

/// The market of a configuration. `market`: as the batch would close it without one; `None` if there is none.
pub fn apply(
    context: &Context,
    op: &Configure,
    market: Option<&Market>,
) -> Result<ConfiguredMarket, Refusal> {
    let ids = 1..i128::from(MARKETS_MAX);
    Check::within("CFG-2", Reject::UnknownMarket, op.market, ids, Unit::Id).require()?;
    let within = match (market, op.first_price) {
        (Some(market), None) => *market,
        (None, Some(price)) => Market::begun(price, context.time, &op.parameters),
        (None, None) => return Err(Reject::UnknownMarket.into()),
        (Some(_), Some(_)) => return Err(Refusal::plain(Reject::MarketExists, "MKT-26")),
    };
    require_widths(op)?;
    require_parameters(&within, &op.parameters)?;
    require_steps(context, &within, &op.parameters, market.is_some())?;
    let after = within.configured(&op.parameters, context.time);
    Ok(ConfiguredMarket { within, after })
}

/// What holds of a configuration whatever its market is: that a governor may know before it is proposed.
pub fn require_stated(op: &Configure) -> Result<(), Refusal> {
    let ids = 1..i128::from(MARKETS_MAX);
    Check::within("CFG-2", Reject::UnknownMarket, op.market, ids, Unit::Id).require()?;
    require_widths(op)?;
    let market = Market::begun(op.first_price.unwrap_or(1), 0, &op.parameters);
    require_parameters(&market, &op.parameters)
}

/// The fields whose types are wider than their places in the published elements.
fn require_widths(op: &Configure) -> Result<(), Refusal> {
    let p = &op.parameters;
    let fields: [(u64, u32); 21] = [
        (op.first_price.unwrap_or(0), PRICE_BITS),
        (p.max_price, PRICE_BITS),
        (p.max_size, SIZE_BITS),
        (p.open_notional_low, QUOTE_BITS),
        (p.open_notional_high, QUOTE_BITS),
        (p.open_growth, SIZE_BITS),
        (stated_rate(p.interest), RATE_BITS + 1),
        (p.premium_clamp.into(), PREMIUM_CLAMP_BITS),
        (p.funding_cap.into(), RATE_BITS),
        (p.still_age.into(), AGE_BITS),
        (p.halt_age.into(), AGE_BITS),
        (p.initial_fraction.into(), FRACTION_BITS),
        (p.maintenance_fraction.into(), FRACTION_BITS),
        (p.taker_fee.into(), FRACTION_BITS),
        (p.maker_fee.into(), FRACTION_BITS),
        (p.liquidation_fee.into(), FRACTION_BITS),
        (p.band.into(), FRACTION_BITS),
        (p.collar.into(), COLLAR_BITS),
        (p.lot, LOT_BITS),
        (p.tick_quote, TICK_QUOTE_BITS),
        (p.status.into(), STATUS_BITS),
    ];
    let tiers = p.tiers.into_iter().flat_map(|tier| {
        [
            (tier.from, QUOTE_BITS),
            (tier.initial_fraction.into(), FRACTION_BITS),
            (tier.maintenance_fraction.into(), FRACTION_BITS),
        ]
    });
    fields.into_iter().chain(tiers).try_for_each(|(value, bits)| {
        Check::less("CFG-3", Reject::FieldRange, value, 1u64 << bits, Unit::Count).require()
    })
}

/// What a market may not be listed with, nor be changed to.
fn require_parameters(market: &Market, p: &Parameters) -> Result<(), Refusal> {
    let range = Reject::ParameterRange;
    let highest = p.tiers[HIGHER_TIERS - 1].initial_fraction;
    let worth = u128::from(p.max_price) * u128::from(p.max_size);
    let smallest = u128::from(p.min_lots) * u128::from(p.lot);
    // The end of open notionals without a bound is of no meaning.
    let rises_below = if p.open_notional_high == 0 { 1 } else { p.open_notional_high };
    let rises_from = if p.open_notional_high == 0 { 0 } else { p.open_notional_low };
    let funding = u64::from(p.funding_cap) * u64::from(p.funding_interval);
    let most = FUNDING_SHARE * u64::from(p.maintenance_fraction);
    first_failure([
        Check::at_least("CFG-4", range, p.funding_interval, FUNDING_INTERVAL_MIN, Unit::Seconds),
        Check::at_least("CFG-4", range, p.still_age, 1u32, Unit::Seconds),
        Check::at_least("CFG-4", range, p.maintenance_fraction, 1u32, Unit::PartsPerMillion),
        Check::at_least("CFG-4", range, p.lot, 1u64, Unit::BaseQuanta),
        Check::at_least("CFG-4", range, p.tick_quote, 1u64, Unit::QuoteQuanta),
        Check::at_least("CFG-4", range, p.min_lots, 1u32, Unit::Lots),
        Check::at_most("CFG-5", range, highest, M, Unit::PartsPerMillion),
        Check::at_most("CFG-5", range, p.maker_fee, M, Unit::PartsPerMillion),
        Check::less("CFG-5", range, p.band, M, Unit::PartsPerMillion),
        Check::at_least("CFG-6", Reject::PriceRange, market.price, 1u64, Unit::Price),
        Check::at_most("CFG-6", Reject::PriceRange, market.price, p.max_price, Unit::Price),
        Check::less("CFG-7", Reject::PositionValue, worth, 1u128 << POSITION_VALUE_BITS, Unit::Value),
    ])?;
    require_tiers(p)?;
    first_failure([
        Check::less("CFG-9", Reject::OpenNotional, rises_from, rises_below, Unit::QuoteQuanta),
        Check::at_most("CFG-10", Reject::OrdersTooLarge, smallest, p.max_size, Unit::BaseQuanta),
        Check::at_most("CFG-21", Reject::HaltedBeforeStill, p.still_age, p.halt_age, Unit::Seconds),
        Check::at_most("CFG-11", Reject::FundingEatsMargin, funding, most, Unit::Count),
        Check::at_most("CFG-12", Reject::CapBelowRate, market.rate.unsigned_abs(), p.funding_cap, Unit::Rate),
    ])
}

/// Tiers ascend, and each leaves room for fees.
fn require_tiers(p: &Parameters) -> Result<(), Refusal> {
    let ppm = Unit::PartsPerMillion;
    let first =
        Tier { from: 0, initial_fraction: p.initial_fraction, maintenance_fraction: p.maintenance_fraction };
    let mut before = first;
    for tier in p.tiers {
        let initial = [tier.initial_fraction, before.initial_fraction];
        let maintenance = [tier.maintenance_fraction, before.maintenance_fraction];
        first_failure([
            Check::at_least("CFG-22", Reject::TierOrder, tier.from, before.from.max(1), Unit::QuoteQuanta),
            Check::at_least("CFG-22", Reject::TierOrder, initial[0], initial[1], ppm),
            Check::at_least("CFG-22", Reject::TierOrder, maintenance[0], maintenance[1], ppm),
        ])?;
        before = tier;
    }
    std::iter::once(first).chain(p.tiers).try_for_each(|tier| {
        let fee = liquidation_rate(p.liquidation_fee, tier.maintenance_fraction);
        let eaten = tier.maintenance_fraction + fee + p.taker_fee;
        Check::at_most("CFG-8", Reject::FeesEatMargin, eaten, tier.initial_fraction, ppm).require()
    })
}

/// The check `id`: a value rises by a tenth, rounded down, and one at most; it may fall.
fn rises_by_a_tenth(id: &'static str, [before, after]: [u32; 2], unit: Unit) -> Check {
    let (parts, before, after) = (u64::from(CONFIGURE_STEP_PARTS), u64::from(before), u64::from(after));
    Check::at_most(id, Reject::StepTooLarge, parts * after, (parts + 1) * before + parts, unit)
}

/// What may be required more of a position of any value: the fraction of its tier before, a tenth and one ppm. A tier
/// may begin lower, if not below the one under it.
fn require_tier_steps(market: &Market, p: &Parameters) -> Result<(), Refusal> {
    let mut below = (0, market.maintenance_fraction);
    for (before, after) in market.tiers.into_iter().zip(p.tiers) {
        let falls = after.from < before.from;
        let (least, fraction) = if falls { below } else { (0, before.maintenance_fraction) };
        first_failure([
            Check::at_least("CFG-23", Reject::StepTooLarge, after.from, least, Unit::QuoteQuanta),
            rises_by_a_tenth("CFG-23", [fraction, after.maintenance_fraction], Unit::PartsPerMillion),
        ])?;
        below = (before.from, before.maintenance_fraction);
    }
    Ok(())
}

/// How a market that exists may change; a new one is compared with itself, and had no step before.
fn require_steps(context: &Context, market: &Market, p: &Parameters, exists: bool) -> Result<(), Refusal> {
    if p.max_size < market.max_size {
        // No position is larger than half of all: the other half is on the other side.
        let (twice, all) = (2 * p.max_size, market.open_interest);
        Check::at_least("CFG-13", Reject::SizeBelowPositions, twice, all, Unit::BaseQuanta).require()?;
    }
    let step = |before: u32, after: u32| {
        let (moved, most) = (CONFIGURE_STEP_PARTS * before.abs_diff(after), before + CONFIGURE_STEP_PARTS);
        Check::at_most("CFG-14", Reject::StepTooLarge, moved, most, Unit::PartsPerMillion)
    };
    first_failure([
        step(market.maintenance_fraction, p.maintenance_fraction),
        step(market.liquidation_fee, p.liquidation_fee),
    ])?;
    // It is the step of a liquidation that takes all, so how much may be taken too much.
    rises_by_a_tenth("CFG-14", [market.min_lots, p.min_lots], Unit::Lots).require()?;
    require_tier_steps(market, p)?;
    if exists {
        let next = market.configured_at + CONFIGURE_STEP_SECONDS;
        Check::at_least("CFG-15", Reject::StepTooSoon, context.time, next, Unit::Seconds).require()?;
    }
    let left = if p.status == STATUS_CLOSED { market.open_interest } else { 0 };
    first_failure([
        Check::equal("CFG-16", Reject::LotChanges, p.lot, market.lot, Unit::BaseQuanta),
        Check::equal("CFG-16", Reject::LotChanges, p.tick_quote, market.tick_quote, Unit::QuoteQuanta),
        Check::not_equal("CFG-17", Reject::MarketClosed, market.status, STATUS_CLOSED, Unit::Status),
        Check::equal("CFG-18", Reject::OpenInterestLeft, left, 0u64, Unit::BaseQuanta),
    ])
}
