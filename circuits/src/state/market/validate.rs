//! What a market may be listed with.

use thiserror::Error;

use super::{Market, Tier, liquidation_rate};
use crate::params::*;

/// Parameters that a market may not be listed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParameterError {
    /// A field is out of its bounds.
    #[error("{field} = {value} is outside {low}..={high}")]
    Range {
        /// Name of the field of [`Market`].
        field: &'static str,
        /// Value of the field, in its unit.
        value: u64,
        /// Least value allowed.
        low: u64,
        /// Largest value allowed.
        high: u64,
    },
    /// The largest position at the highest price would be worth 2^95 or more, scale U.
    #[error("max_price · max_size needs {bits} bits, more than {POSITION_VALUE_BITS}")]
    PositionValue {
        /// Width of `max_price · max_size`.
        bits: u32,
    },
    /// A tier begins below the one before it, or requires less.
    #[error("tier {tier}: {field} = {value} is below {before}, that of the tier before")]
    TierOrder {
        /// Number of the tier, from 1.
        tier: usize,
        /// Name of the field of [`Tier`].
        field: &'static str,
        /// Value of the field, in its unit.
        value: u64,
        /// Value of the field in the tier before.
        before: u64,
    },
    /// The initial margin of a fresh position would not cover the maintenance margin and both fees.
    #[error(
        "tier {tier}: maintenance fraction and fees, {sum} ppm, exceed the initial fraction {initial} ppm"
    )]
    FeesEatMargin {
        /// Number of the tier, from 1.
        tier: usize,
        /// Maintenance fraction, liquidation fee and taker fee, parts per million.
        sum: u64,
        /// Initial fraction, parts per million.
        initial: u64,
    },
    /// The value at which the initial fraction begins to rise is not below the one at which it is the whole.
    #[error("open_notional_low = {low} is not below open_notional_high = {high}")]
    OpenNotional {
        /// `open_notional_low`, quote quanta.
        low: u64,
        /// `open_notional_high`, quote quanta.
        high: u64,
    },
    /// The smallest order is larger than the largest position.
    #[error("the smallest order, {smallest} base quanta, is above max_size = {largest}")]
    OrdersTooLarge {
        /// `min_lots · lot`, base quanta.
        smallest: u128,
        /// `max_size`, base quanta.
        largest: u64,
    },
    /// A market would be halted while it is not still.
    #[error("still_age = {still} s is above halt_age = {halt} s")]
    HaltedBeforeStill {
        /// `still_age`, seconds.
        still: u32,
        /// `halt_age`, seconds.
        halt: u32,
    },
    /// `funding_cap` for `funding_interval` seconds is more than a quarter of the maintenance fraction.
    #[error(
        "{interval} seconds of funding at the cap, {cap}·10^-9 an hour, may cost more than a quarter of the maintenance \
         fraction {maintenance} ppm"
    )]
    FundingEatsMargin {
        /// Longest interval, seconds.
        interval: u16,
        /// Largest rate, 10^-9 per hour.
        cap: u32,
        /// Maintenance fraction, parts per million.
        maintenance: u32,
    },
}

impl Market {
    /// Whether a market may be listed with these parameters.
    ///
    /// Refused: a field outside its width; `max_price · max_size >= 2^95`; tiers that begin or require less than the one
    /// before; `mmf + min(liquidation fee, floor(mmf / 6)) + taker fee > imf` in any (a fresh position could owe);
    /// `funding_cap · funding_interval > mmf / 4`; `open_notional_low >= open_notional_high > 0`;
    /// `min_lots · lot > max_size`; `still_age > halt_age`.
    pub fn validate(&self) -> Result<(), ParameterError> {
        self.validate_ranges()?;
        let product = u128::from(self.max_price) * u128::from(self.max_size);
        let bits = u128::BITS - product.leading_zeros();
        if bits > POSITION_VALUE_BITS {
            return Err(ParameterError::PositionValue { bits });
        }
        self.validate_tiers()?;
        let (low, high) = (self.open_notional_low, self.open_notional_high);
        if high != 0 && low >= high {
            return Err(ParameterError::OpenNotional { low, high });
        }
        let smallest = u128::from(self.min_lots) * u128::from(self.lot);
        if smallest > self.max_size.into() {
            return Err(ParameterError::OrdersTooLarge { smallest, largest: self.max_size });
        }
        let (still, halt) = (self.still_age, self.halt_age);
        if still > halt {
            return Err(ParameterError::HaltedBeforeStill { still, halt });
        }
        let (interval, cap) = (self.funding_interval, self.funding_cap);
        let cost = u64::from(cap) * u64::from(interval);
        let maintenance = self.maintenance_fraction;
        if cost > FUNDING_SHARE * u64::from(maintenance) {
            return Err(ParameterError::FundingEatsMargin { interval, cap, maintenance });
        }
        Ok(())
    }

    /// Whether tiers ascend, and leave room for fees in each.
    fn validate_tiers(&self) -> Result<(), ParameterError> {
        let begins = std::iter::once(0).chain(self.tiers.map(|tier| tier.from));
        let mut before = [0; 3];
        for ((tier, initial, maintenance), from) in self.fractions().zip(begins) {
            let fields = [from, initial.into(), maintenance.into()];
            let names = ["from", "initial_fraction", "maintenance_fraction"];
            for ((field, value), before) in names.into_iter().zip(fields).zip(before) {
                if value < before {
                    return Err(ParameterError::TierOrder { tier, field, value, before });
                }
            }
            // The second tier begins above 0: else no value would be in the first.
            before = [from.max(1), initial.into(), maintenance.into()];
            let fee = liquidation_rate(self.liquidation_fee, maintenance);
            let (sum, initial) = (u64::from(maintenance + fee + self.taker_fee), u64::from(initial));
            if sum > initial {
                return Err(ParameterError::FeesEatMargin { tier, sum, initial });
            }
        }
        Ok(())
    }

    /// Whether every field is within its width and bounds.
    fn validate_ranges(&self) -> Result<(), ParameterError> {
        let m = M as u64;
        let fields = [
            ("max_price", self.max_price, 1, (1 << PRICE_BITS) - 1),
            ("price", self.price, 1, self.max_price),
            ("cut_at", self.cut_at, 0, (1 << TIME_BITS) - 1),
            ("asked", self.asked, 1, (1 << PRICE_BITS) - 1),
            ("max_size", self.max_size, 1, (1 << SIZE_BITS) - 1),
            ("open_notional_low", self.open_notional_low, 0, (1 << QUOTE_BITS) - 1),
            ("open_notional_high", self.open_notional_high, 0, (1 << QUOTE_BITS) - 1),
            ("open_growth", self.open_growth, 0, (1 << SIZE_BITS) - 1),
            // From -2^30 to 2^30 - 1, as it is kept.
            ("interest", stated_rate(self.interest), 0, (1 << (RATE_BITS + 1)) - 1),
            ("premium_clamp", self.premium_clamp.into(), 0, (1 << PREMIUM_CLAMP_BITS) - 1),
            ("still_age", self.still_age.into(), 1, (1 << AGE_BITS) - 1),
            ("halt_age", self.halt_age.into(), 1, (1 << AGE_BITS) - 1),
            ("last_tick", self.last_tick, 0, (1 << TIME_BITS) - 1),
            ("paid_until", self.paid_until, 0, (1 << TIME_BITS) - 1),
            ("funding_remainder", self.funding_remainder, 0, FUNDING_DIVISOR as u64 - 1),
            ("funding_interval", self.funding_interval.into(), FUNDING_INTERVAL_MIN.into(), u16::MAX.into()),
            ("funding_cap", self.funding_cap.into(), 0, (1 << RATE_BITS) - 1),
            ("rated_hour", self.rated_hour.into(), 0, (1 << HOUR_BITS) - 1),
            ("rate", self.rate.unsigned_abs().into(), 0, self.funding_cap.into()),
            ("initial_fraction", self.initial_fraction.into(), 1, m),
            ("maintenance_fraction", self.maintenance_fraction.into(), 1, m),
            ("taker_fee", self.taker_fee.into(), 0, m),
            ("maker_fee", self.maker_fee.into(), 0, m),
            ("liquidation_fee", self.liquidation_fee.into(), 0, m),
            ("band", self.band.into(), 0, m - 1),
            ("collar", self.collar.into(), 0, (1 << COLLAR_BITS) - 1),
            ("lot", self.lot, 1, (1 << LOT_BITS) - 1),
            ("tick_quote", self.tick_quote, 1, (1 << TICK_QUOTE_BITS) - 1),
            ("min_lots", self.min_lots.into(), 1, u32::MAX.into()),
            ("status", self.status.into(), 0, 15),
            ("configured_at", self.configured_at, 0, (1 << TIME_BITS) - 1),
        ];
        let tiers = self.tiers.iter().flat_map(|tier| {
            [
                ("tiers.from", tier.from, 0, Tier::NEVER),
                ("tiers.initial_fraction", tier.initial_fraction.into(), 1, m),
                ("tiers.maintenance_fraction", tier.maintenance_fraction.into(), 1, m),
            ]
        });
        for (field, value, low, high) in fields.into_iter().chain(tiers) {
            if value < low || value > high {
                return Err(ParameterError::Range { field, value, low, high });
            }
        }
        Ok(())
    }
}
