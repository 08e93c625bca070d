//! What a configuration sets: a market's parameters, apart from what its batches move.

use ark_bn254::Fr;

use super::Market;
use super::tiers::{HigherTiers, TIER_WORDS, TierVar, words, words_var};
use crate::gadgets::int::Int;
use crate::gadgets::var::{Committed, Var};
use crate::gadgets::word::Layout;
use crate::params::*;

/// Word 2 of a market's leaf: largest price and size, the cap and the interval of funding, ages
/// of prices, the last configuration.
pub const LIMITS_WORD: Layout<7> = Layout::new(
    "market limits",
    [
        ("max_price", PRICE_BITS),
        ("max_size", SIZE_BITS),
        ("funding_cap", RATE_BITS),
        ("funding_interval", FUNDING_INTERVAL_BITS),
        ("still_age", AGE_BITS),
        ("halt_age", AGE_BITS),
        ("configured_at", TIME_BITS),
    ],
);

/// Word 3 of a market's leaf: fractions, fees, what an order is counted in, the status, and the collar of fills.
pub const PARAMETERS_WORD: Layout<11> = Layout::new(
    "market parameters",
    [
        ("initial_fraction", FRACTION_BITS),
        ("maintenance_fraction", FRACTION_BITS),
        ("taker_fee", FRACTION_BITS),
        ("maker_fee", FRACTION_BITS),
        ("liquidation_fee", FRACTION_BITS),
        ("band", FRACTION_BITS),
        ("lot", LOT_BITS),
        ("tick_quote", TICK_QUOTE_BITS),
        ("min_lots", MIN_LOTS_BITS),
        ("status", 4),
        ("collar", COLLAR_BITS),
    ],
);

/// Word 4 of a market's leaf: how open interest raises the initial fraction, and what bounds it; what draws the signed rate,
/// the interest as `interest + 2^30`.
pub const INTEREST_WORD: Layout<5> = Layout::new(
    "market open interest",
    [
        ("open_notional_low", QUOTE_BITS),
        ("open_notional_high", QUOTE_BITS),
        ("open_growth", SIZE_BITS),
        ("interest", RATE_BITS + 1),
        ("premium_clamp", PREMIUM_CLAMP_BITS),
    ],
);

/// Words of a market's leaf that a configuration sets, from word 2 on.
pub const PARAMETER_WORDS: usize = 3 + TIER_WORDS;

/// The parameters of a market; fields as in [`Market`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Parameters {
    /// Highest oracle price, 32.32.
    pub max_price: u64,
    /// Largest position of one account, base quanta.
    pub max_size: u64,
    /// Value of the open interest from which on the initial fraction rises, quote quanta.
    pub open_notional_low: u64,
    /// Value of the open interest at which it is the whole, quote quanta; 0: no bound.
    pub open_notional_high: u64,
    /// By how much a batch may raise the open interest, base quanta.
    pub open_growth: u64,
    /// Interest of a signed rate, 10^-9 per hour, from -2^30 to 2^30 - 1.
    pub interest: i32,
    /// How far interest may draw a signed rate away from the premium, 10^-9 per hour.
    pub premium_clamp: u32,
    /// Largest rate of funding, 10^-9 per hour.
    pub funding_cap: u32,
    /// Seconds for which one opening pays at most.
    pub funding_interval: u16,
    /// Age of a price above which the market is still, seconds.
    pub still_age: u32,
    /// Age of a price above which the market is halted, seconds.
    pub halt_age: u32,
    /// Initial margin of the first tier, parts per million.
    pub initial_fraction: u32,
    /// Maintenance margin of the first tier, parts per million.
    pub maintenance_fraction: u32,
    /// The tiers above the first.
    pub tiers: HigherTiers,
    /// Fee of the taker of a fill, parts per million.
    pub taker_fee: u32,
    /// Fee of the maker of a fill, parts per million.
    pub maker_fee: u32,
    /// Fee of a liquidated account, parts per million.
    pub liquidation_fee: u32,
    /// How far a tick may move the price, parts per million.
    pub band: u32,
    /// How far from the oracle price a fill may be, parts per thousand of it, below 2^10; 0: as far as one likes.
    pub collar: u16,
    /// Base quanta per lot.
    pub lot: u64,
    /// Quote quanta per tick and lot.
    pub tick_quote: u64,
    /// Smallest order, lots.
    pub min_lots: u32,
    /// Whether the market trades.
    pub status: u8,
}

impl Parameters {
    /// Words 2 to 8 of the leaf of a market that was configured last at a time, seconds.
    pub fn words(&self, configured_at: u64) -> [Fr; PARAMETER_WORDS] {
        let limits = LIMITS_WORD.pack([
            self.max_price.into(),
            self.max_size.into(),
            self.funding_cap.into(),
            self.funding_interval.into(),
            self.still_age.into(),
            self.halt_age.into(),
            configured_at.into(),
        ]);
        let parameters = PARAMETERS_WORD.pack([
            self.initial_fraction.into(),
            self.maintenance_fraction.into(),
            self.taker_fee.into(),
            self.maker_fee.into(),
            self.liquidation_fee.into(),
            self.band.into(),
            self.lot.into(),
            self.tick_quote.into(),
            self.min_lots.into(),
            self.status.into(),
            self.collar.into(),
        ]);
        let interest = INTEREST_WORD.pack([
            self.open_notional_low.into(),
            self.open_notional_high.into(),
            self.open_growth.into(),
            stated_rate(self.interest).into(),
            self.premium_clamp.into(),
        ]);
        let [t0, t1, t2, t3] = self.tier_words();
        [limits, parameters, interest, t0, t1, t2, t3]
    }

    /// Words 5 to 8 of the leaf.
    pub fn tier_words(&self) -> [Fr; TIER_WORDS] {
        words(&self.tiers)
    }
}

/// Parameters on wires, each in its width; fields as in [`Parameters`].
pub(crate) struct ParametersVar {
    pub max_price: Int,
    pub max_size: Int,
    pub open_notional_low: Int,
    pub open_notional_high: Int,
    pub open_growth: Int,
    /// `interest + 2^30`.
    pub interest: Int,
    pub premium_clamp: Int,
    pub funding_cap: Int,
    pub funding_interval: Int,
    pub still_age: Int,
    pub halt_age: Int,
    pub initial_fraction: Int,
    pub maintenance_fraction: Int,
    pub tiers: [TierVar; HIGHER_TIERS],
    pub taker_fee: Int,
    pub maker_fee: Int,
    pub liquidation_fee: Int,
    pub band: Int,
    pub collar: Int,
    pub lot: Int,
    pub tick_quote: Int,
    pub min_lots: Int,
    pub status: Int,
}

impl ParametersVar {
    /// Words 2 to 8 of the leaf of a market that was configured last at a time.
    pub fn words(&self, configured_at: &Int) -> [Var<Committed>; PARAMETER_WORDS] {
        let limits = LIMITS_WORD.pack_ints([
            &self.max_price,
            &self.max_size,
            &self.funding_cap,
            &self.funding_interval,
            &self.still_age,
            &self.halt_age,
            configured_at,
        ]);
        let parameters = PARAMETERS_WORD.pack_ints([
            &self.initial_fraction,
            &self.maintenance_fraction,
            &self.taker_fee,
            &self.maker_fee,
            &self.liquidation_fee,
            &self.band,
            &self.lot,
            &self.tick_quote,
            &self.min_lots,
            &self.status,
            &self.collar,
        ]);
        let interest = INTEREST_WORD.pack_ints([
            &self.open_notional_low,
            &self.open_notional_high,
            &self.open_growth,
            &self.interest,
            &self.premium_clamp,
        ]);
        let [t0, t1, t2, t3] = self.tier_words();
        [limits, parameters, interest, t0, t1, t2, t3]
    }

    /// Words 5 to 8 of the leaf.
    pub fn tier_words(&self) -> [Var<Committed>; TIER_WORDS] {
        words_var(&self.tiers)
    }
}

impl Market {
    /// What a configuration may set.
    pub const fn parameters(&self) -> Parameters {
        Parameters {
            max_price: self.max_price,
            max_size: self.max_size,
            open_notional_low: self.open_notional_low,
            open_notional_high: self.open_notional_high,
            open_growth: self.open_growth,
            interest: self.interest,
            premium_clamp: self.premium_clamp,
            funding_cap: self.funding_cap,
            funding_interval: self.funding_interval,
            still_age: self.still_age,
            halt_age: self.halt_age,
            initial_fraction: self.initial_fraction,
            maintenance_fraction: self.maintenance_fraction,
            tiers: self.tiers,
            taker_fee: self.taker_fee,
            maker_fee: self.maker_fee,
            liquidation_fee: self.liquidation_fee,
            band: self.band,
            collar: self.collar,
            lot: self.lot,
            tick_quote: self.tick_quote,
            min_lots: self.min_lots,
            status: self.status,
        }
    }

    /// The market with other parameters, all else as it is.
    #[must_use]
    pub const fn with_parameters(self, parameters: &Parameters) -> Self {
        Market {
            max_price: parameters.max_price,
            max_size: parameters.max_size,
            open_notional_low: parameters.open_notional_low,
            open_notional_high: parameters.open_notional_high,
            open_growth: parameters.open_growth,
            interest: parameters.interest,
            premium_clamp: parameters.premium_clamp,
            funding_cap: parameters.funding_cap,
            funding_interval: parameters.funding_interval,
            still_age: parameters.still_age,
            halt_age: parameters.halt_age,
            initial_fraction: parameters.initial_fraction,
            maintenance_fraction: parameters.maintenance_fraction,
            tiers: parameters.tiers,
            taker_fee: parameters.taker_fee,
            maker_fee: parameters.maker_fee,
            liquidation_fee: parameters.liquidation_fee,
            band: parameters.band,
            collar: parameters.collar,
            lot: parameters.lot,
            tick_quote: parameters.tick_quote,
            min_lots: parameters.min_lots,
            status: parameters.status,
            ..self
        }
    }

    /// The market as a configuration at a time, seconds, leaves it.
    #[must_use]
    pub const fn configured(self, parameters: &Parameters, time: u64) -> Self {
        Market { configured_at: time, ..self.with_parameters(parameters) }
    }

    /// A market as it begins: at a price, 32.32, that nobody has observed, with nothing to pay before a time, seconds.
    pub const fn begun(price: u64, time: u64, parameters: &Parameters) -> Self {
        Market { price, asked: price, paid_until: time, ..Market::BLANK }.with_parameters(parameters)
    }
}
