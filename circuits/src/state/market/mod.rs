//! Markets: prices, funding index, open interest, and risk parameters.

use ark_bn254::Fr;

mod parameters;
mod tiers;
mod validate;

pub(crate) use parameters::ParametersVar;
pub use parameters::{INTEREST_WORD, LIMITS_WORD, PARAMETER_WORDS, PARAMETERS_WORD, Parameters};
pub use tiers::{HigherTiers, Slope, TIER_WORDS, TIERS_WORD, Tier, higher_tiers};
pub(crate) use tiers::{TierVar, words_var as tier_words_var};
pub use validate::ParameterError;

use crate::gadgets::hash::poseidon;
use crate::gadgets::word::Layout;
use crate::params::*;

/// Word 0 of a market's leaf, what ticks and trades move: the index as `F + 2^95`, the rate as `rate + 2^30`, the side as
/// [`Beyond::number`].
pub const QUOTES_WORD: Layout<7> = Layout::new(
    "market quotes",
    [
        ("price", PRICE_BITS),
        ("funding_index", FUNDING_INDEX_BITS),
        ("open_interest", OPEN_INTEREST_BITS),
        ("rate", RATE_BITS + 1),
        ("in_arrears", 1),
        ("beyond", 2),
        ("still", 1),
    ],
);

/// Word 1 of a market's leaf: times, what payments of funding left over, the price asked for last, the hour of the rate.
pub const CLOCKS_WORD: Layout<6> = Layout::new(
    "market clocks",
    [
        ("last_tick", TIME_BITS),
        ("paid_until", TIME_BITS),
        ("funding_remainder", FUNDING_REMAINDER_BITS),
        ("cut_at", TIME_BITS),
        ("asked", PRICE_BITS),
        ("rated_hour", HOUR_BITS),
    ],
);

/// On which side of the band the last tick's price was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beyond {
    /// Inside the band.
    #[default]
    None,
    /// Above its upper end.
    Above,
    /// Below its lower end.
    Below,
}

impl Beyond {
    /// 0, 1 or 2.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The side with a number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Above),
            2 => Some(Self::Below),
            _ => None,
        }
    }
}

/// What a batch publishes of a market that it opened: the index as `F + 2^95`; whether it ticked, and then the
/// price as asked, before the band, and the rate as `rate + 2^30`. Without a tick these say 0.
pub const MARKET_ELEMENT: Layout<6> = Layout::new(
    "market element",
    [
        ("market", 3 * MARKET_DEPTH),
        ("price", PRICE_BITS),
        ("funding_index", FUNDING_INDEX_BITS),
        ("ticked", 1),
        ("rate", RATE_BITS + 1),
        ("asked", PRICE_BITS),
    ],
)
.published();

/// A quote, shifted so, compares with twice an open interest times its price.
pub(crate) const NOTIONAL_SHIFT: u32 = PRICE_SCALE_BITS + 1;

/// A market cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Market {
    /// Oracle price `p`, 32.32.
    pub price: u64,
    /// `F`, 48 fractional bits, signed.
    pub funding_index: i128,
    /// Time of the last tick that did not get the price it asked for, seconds.
    pub cut_at: u64,
    /// The price that the last tick asked for, 32.32; before any, the listed one.
    pub asked: u64,
    /// Where the last tick's price was asked for.
    pub beyond: Beyond,
    /// As the last opening found it: users' fills only reduce, and nothing leaves an account that holds the market.
    pub still: bool,
    /// `Σ |b|` over all accounts, base quanta: twice the open interest.
    pub open_interest: u64,
    /// Highest oracle price, 32.32.
    pub max_price: u64,
    /// Largest `|b|` of one account, base quanta.
    pub max_size: u64,
    /// Value of the open interest from which on the initial fraction rises, quote quanta.
    pub open_notional_low: u64,
    /// Value of the open interest at which it is the whole, and above which no fill raises it, quote quanta. 0: open
    /// interest raises no fraction and has no bound.
    pub open_notional_high: u64,
    /// By how much a batch may raise the open interest, base quanta.
    pub open_growth: u64,
    /// Interest of a signed rate, 10^-9 per hour.
    pub interest: i32,
    /// How far interest may draw a signed rate away from the premium, 10^-9 per hour. 0: the rate is the premium.
    pub premium_clamp: u32,
    /// Age of a price above which the market is still, seconds.
    pub still_age: u32,
    /// Age of a price above which the market is halted, seconds.
    pub halt_age: u32,
    /// Time of the last tick, seconds.
    pub last_tick: u64,
    /// Time to which funding is paid (`t_F`), seconds.
    pub paid_until: u64,
    /// What the payments so far left over (`ϱ`), below [`FUNDING_DIVISOR`].
    pub funding_remainder: u64,
    /// Rate in force, 10^-9 per hour; longs pay if it is positive.
    pub rate: i32,
    /// The hour, since 1970, whose first tick set the rate, where prices are signed.
    pub rated_hour: u32,
    /// Whether the last opening could not pay up to its batch's time.
    pub in_arrears: bool,
    /// Seconds for which one opening pays at most (`Δmax`).
    pub funding_interval: u16,
    /// Largest `|rate|`, 10^-9 per hour.
    pub funding_cap: u32,
    /// Initial margin (`imf`) of the first tier, parts per million of the notional value.
    pub initial_fraction: u32,
    /// Maintenance margin (`mmf`) of the first tier, parts per million of the notional value.
    pub maintenance_fraction: u32,
    /// The tiers above the first, ascending; those that are not used begin at [`Tier::NEVER`].
    pub tiers: HigherTiers,
    /// Fee of the taker of a fill, parts per million of the quote.
    pub taker_fee: u32,
    /// Fee of the maker of a fill, parts per million of the quote.
    pub maker_fee: u32,
    /// Fee of a liquidated account to the insurance pool, parts per million of the quote: at most a sixth of the
    /// maintenance fraction. The zero price may lower it.
    pub liquidation_fee: u32,
    /// How far a tick may move the price, in parts per million of it, unless the last one asked for a price beyond.
    pub band: u32,
    /// How far from the oracle price a fill may be, parts per thousand of it, below 2^10; 0: as far as one likes.
    pub collar: u16,
    /// Base quanta per lot.
    pub lot: u64,
    /// Quote quanta per tick and lot.
    pub tick_quote: u64,
    /// Smallest order, lots.
    pub min_lots: u32,
    /// `STATUS_OPEN`, `STATUS_REDUCE_ONLY`, or anything else for no trading.
    pub status: u8,
    /// Time of the batch that listed the market or last changed its parameters, seconds; 0 for a market of the
    /// genesis that none has changed.
    pub configured_at: u64,
}

impl Default for Market {
    fn default() -> Self {
        Self::BLANK
    }
}

impl Market {
    /// Zero in every field: what padding rows start from. No market may be listed so.
    pub const BLANK: Self = Market {
        price: 0,
        funding_index: 0,
        cut_at: 0,
        asked: 0,
        beyond: Beyond::None,
        still: false,
        open_interest: 0,
        max_price: 0,
        max_size: 0,
        open_notional_low: 0,
        open_notional_high: 0,
        open_growth: 0,
        interest: 0,
        premium_clamp: 0,
        still_age: 0,
        halt_age: 0,
        last_tick: 0,
        paid_until: 0,
        funding_remainder: 0,
        rate: 0,
        rated_hour: 0,
        in_arrears: false,
        funding_interval: 0,
        funding_cap: 0,
        initial_fraction: 0,
        maintenance_fraction: 0,
        tiers: HigherTiers([Tier { from: 0, initial_fraction: 0, maintenance_fraction: 0 }; HIGHER_TIERS]),
        taker_fee: 0,
        maker_fee: 0,
        liquidation_fee: 0,
        band: 0,
        collar: 0,
        lot: 0,
        tick_quote: 0,
        min_lots: 0,
        status: 0,
        configured_at: 0,
    };

    /// `[w0, …, w8]` of the leaf.
    pub fn words(&self) -> [Fr; 2 + PARAMETER_WORDS] {
        let quotes = QUOTES_WORD.pack([
            self.price.into(),
            ((self.funding_index + FUNDING_INDEX_OFFSET) as u128).into(),
            self.open_interest.into(),
            stated_rate(self.rate).into(),
            u64::from(self.in_arrears).into(),
            self.beyond.number().into(),
            u64::from(self.still).into(),
        ]);
        let clocks = CLOCKS_WORD.pack([
            self.last_tick.into(),
            self.paid_until.into(),
            self.funding_remainder.into(),
            self.cut_at.into(),
            self.asked.into(),
            self.rated_hour.into(),
        ]);
        let mut words = [quotes; 2 + PARAMETER_WORDS];
        words[1] = clocks;
        words[2..].copy_from_slice(&self.parameters().words(self.configured_at));
        words
    }

    /// The initial fraction in force, parts per million: `imf + ceil((M - imf)·clamp(O - Lo, 0, Hi - Lo)/(Hi - Lo))`
    /// with the value O of the open interest and what a batch may add to it, for a market as its batch begins.
    pub fn initial_in_force(&self) -> u32 {
        if self.open_notional_high == 0 {
            return self.initial_fraction;
        }
        let from = i128::from(self.open_notional_low) << NOTIONAL_SHIFT;
        let span = (i128::from(self.open_notional_high) << NOTIONAL_SHIFT) - from;
        // Widths: 66 + 54 bits, and 20 + 97 bits.
        let value = self.highest_open_interest() as i128 * i128::from(self.price);
        let share = (value - from).clamp(0, span);
        let rise = ((M - i128::from(self.initial_fraction)) * share + span - 1) / span;
        self.initial_fraction + rise as u32
    }

    /// The most that a fill of the batch may raise `Σ |b|` to, for a market as its batch begins.
    pub fn open_interest_limit(&self) -> u128 {
        if self.open_notional_high == 0 {
            return u64::MAX.into();
        }
        let at_highest = (u128::from(self.open_notional_high) << NOTIONAL_SHIFT) / u128::from(self.price);
        self.highest_open_interest().min(at_highest)
    }

    /// `Σ |b|` if the batch adds all that it may.
    fn highest_open_interest(&self) -> u128 {
        u128::from(self.open_interest) + 2 * u128::from(self.open_growth)
    }

    /// The ends of the band around its price.
    pub fn band_ends(&self) -> (u64, u64) {
        // Below the price, which is above 0: the band is less than the whole.
        let reach = (u128::from(self.price) * u128::from(self.band) / M as u128) as u64;
        (self.price - reach, self.price + reach)
    }

    /// The lowest and the highest price that a tick observed at a time, seconds, may bring: the ends of the band, or the
    /// price that the last tick asked for, where it lies beyond them and was asked for at most `CONFIRMS_FOR` before.
    pub fn tick_ends(&self, observed: u64) -> (u64, u64) {
        let (low, high) = self.band_ends();
        let is_recent = observed.saturating_sub(self.last_tick) <= CONFIRMS_FOR;
        let confirms = if is_recent { self.asked } else { self.price };
        (low.min(confirms), high.max(confirms))
    }

    /// Seconds since its price was observed.
    pub const fn age(&self, time: u64) -> u64 {
        time.saturating_sub(self.last_tick)
    }

    /// `poseidon([MARKET, w0, …, w8])`.
    pub fn leaf(&self) -> Fr {
        let words: Vec<Fr> = std::iter::once(Fr::from(tag::MARKET)).chain(self.words()).collect();
        poseidon(&words)
    }

    /// Numbers and fractions of all tiers, the first lowest: `(number, imf, mmf)`.
    pub(crate) fn fractions(&self) -> impl Iterator<Item = (usize, u32, u32)> {
        let first = (1, self.initial_fraction, self.maintenance_fraction);
        let higher = self.tiers.into_iter().enumerate();
        std::iter::once(first)
            .chain(higher.map(|(place, tier)| (place + 2, tier.initial_fraction, tier.maintenance_fraction)))
    }
}

/// The rate of a liquidation's fee where the maintenance fraction is `maintenance`: as listed, at most a sixth of it. All
/// parts per million.
pub fn liquidation_rate(listed: u32, maintenance: u32) -> u32 {
    listed.min(maintenance / LIQUIDATION_FEE_PARTS)
}
