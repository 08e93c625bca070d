//! Configure: lists a market, or changes the parameters and the status of one that exists.
//!
//! - **Moves**: every parameter of the market, at its closing: in this batch those of its opening hold. A market
//!   that the batch lists opens with the parameters that it closes with.
//! - **Needs**: the only configuration of the market in the batch; a day since its last one.
//! - **Signs**: no owner. The contract applies a batch only if its configurations are a proposal that has waited.
//! - **Rejects**, in order: `UnknownMarket`, `MarketExists`, `FieldRange`, `ParameterRange`, `PriceRange`,
//!   `PositionValue`, `TierOrder`, `FeesEatMargin`, `OpenNotional`, `OrdersTooLarge`, `HaltedBeforeStill`, `FundingEatsMargin`, `CapBelowRate`,
//!   `SizeBelowPositions`, `StepTooLarge`, `StepTooSoon`, `LotChanges`, `MarketClosed`, `OpenInterestLeft`. The
//!   executor: `ConfigureTwice`.
//! - **Rounds**: the tenth by which a fraction may move, down, and one ppm more.
//! - **Cells**: none. The market's row sends its words before and after; the row receives and judges them.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

use ark_bn254::Fr;

use crate::gadgets::word::Layout;
use crate::params::*;
use crate::state::market::TIER_WORDS;
use crate::state::{MarketId, Parameters};
pub use circuit::ConfigureRecord;
pub use native::{ConfiguredMarket, apply, require_stated};

/// First of the elements that a batch publishes of a configuration; the price is a new market's first one, else 0. Two
/// follow; then the [words](crate::state::market::TIERS_WORD) of the tiers above the first.
pub const CONFIGURATION_FIRST: Layout<9> = Layout::new(
    "configuration element 1",
    [
        ("market", 3 * MARKET_DEPTH),
        ("price", PRICE_BITS),
        ("max_price", PRICE_BITS),
        ("max_size", SIZE_BITS),
        ("status", 4),
        ("initial_fraction", FRACTION_BITS),
        ("still_age", AGE_BITS),
        ("halt_age", AGE_BITS),
        ("collar", COLLAR_BITS),
    ],
)
.published();

/// Second element of a configuration: open interest and funding.
pub const CONFIGURATION_SECOND: Layout<6> = Layout::new(
    "configuration element 2",
    [
        ("open_notional_low", QUOTE_BITS),
        ("open_notional_high", QUOTE_BITS),
        ("open_growth", SIZE_BITS),
        ("funding_interval", FUNDING_INTERVAL_BITS),
        ("funding_cap", RATE_BITS),
        ("maintenance_fraction", FRACTION_BITS),
    ],
)
.published();

/// Third element of a configuration: fees, band, what orders are counted in, and what draws the signed rate, the interest as
/// `interest + 2^30`.
pub const CONFIGURATION_THIRD: Layout<9> = Layout::new(
    "configuration element 3",
    [
        ("taker_fee", FRACTION_BITS),
        ("maker_fee", FRACTION_BITS),
        ("liquidation_fee", FRACTION_BITS),
        ("band", FRACTION_BITS),
        ("lot", LOT_BITS),
        ("tick_quote", TICK_QUOTE_BITS),
        ("min_lots", MIN_LOTS_BITS),
        ("interest", RATE_BITS + 1),
        ("premium_clamp", PREMIUM_CLAMP_BITS),
    ],
)
.published();

/// Elements of an entry.
pub const CONFIGURATION_ELEMENTS: usize = 3 + TIER_WORDS;

/// A market as it is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Configure {
    /// Its number.
    pub market: MarketId,
    /// The first price of a market that does not exist, 32.32; `None` for one that does.
    pub first_price: Option<u64>,
    /// All of its parameters, changed or not.
    pub parameters: Parameters,
}

impl Configure {
    /// The elements that a batch publishes of it, and that are proposed. Its fields are in their widths.
    pub fn elements(&self) -> [Fr; CONFIGURATION_ELEMENTS] {
        let Self { market, first_price, parameters: p } = self;
        let first = CONFIGURATION_FIRST.pack([
            (*market).into(),
            first_price.unwrap_or(0).into(),
            p.max_price.into(),
            p.max_size.into(),
            p.status.into(),
            p.initial_fraction.into(),
            p.still_age.into(),
            p.halt_age.into(),
            p.collar.into(),
        ]);
        let second = CONFIGURATION_SECOND.pack([
            p.open_notional_low.into(),
            p.open_notional_high.into(),
            p.open_growth.into(),
            p.funding_interval.into(),
            p.funding_cap.into(),
            p.maintenance_fraction.into(),
        ]);
        let third = CONFIGURATION_THIRD.pack([
            p.taker_fee.into(),
            p.maker_fee.into(),
            p.liquidation_fee.into(),
            p.band.into(),
            p.lot.into(),
            p.tick_quote.into(),
            p.min_lots.into(),
            stated_rate(p.interest).into(),
            p.premium_clamp.into(),
        ]);
        let [t0, t1, t2, t3] = p.tier_words();
        [first, second, third, t0, t1, t2, t3]
    }
}
