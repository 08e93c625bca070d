//! A market as `genesis.json` lists it.

use super::tiers::{self, ListedTier};
use super::{GenesisFileError, decimal};
use crate::wire::event::Listing;
use ark_ff::PrimeField;
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};
use zkmargin_circuits::params::HOUR_SECONDS;
use zkmargin_circuits::state::{Market, MarketId};

/// Whether a market has no collar.
const fn is_off(collar: &u16) -> bool {
    *collar == 0
}

/// A market as listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedMarket {
    /// Number, `1..512`.
    pub id: MarketId,
    /// Name for people.
    pub name: String,
    /// A tick is `10^-price_decimals` of the quote token.
    pub price_decimals: u32,
    /// A lot is `10^-size_decimals` of the base asset.
    pub size_decimals: i32,
    /// Oracle price, 32.32 quote quanta per base quantum.
    #[serde(with = "decimal")]
    pub price: u64,
    /// Highest oracle price, 32.32.
    #[serde(with = "decimal")]
    pub max_price: u64,
    /// Largest position of one account, base quanta.
    #[serde(with = "decimal")]
    pub max_size: u64,
    /// Value of the open interest from which on the initial margin rises, quote quanta.
    #[serde(with = "decimal")]
    pub open_notional_low: u64,
    /// Value of the open interest at which it is the whole, and its bound, quote quanta; 0: none.
    #[serde(with = "decimal")]
    pub open_notional_high: u64,
    /// By how much a batch may raise the open interest, base quanta.
    #[serde(with = "decimal")]
    pub open_growth: u64,
    /// Age of a price above which fills only reduce, seconds.
    pub still_age: u32,
    /// Age of a price above which nothing is traded, seconds.
    pub halt_age: u32,
    /// Interest of a signed rate, 10^-9 per hour; 0 if absent.
    #[serde(default)]
    pub interest: i32,
    /// How far interest may draw a signed rate away from the premium, 10^-9 per hour; 0 if absent.
    #[serde(default)]
    pub premium_clamp: u32,
    /// Largest rate of funding, 10^-9 per hour.
    pub funding_cap: u32,
    /// Seconds for which one opening of the market pays funding at most.
    pub funding_interval: u16,
    /// Initial margin of the first tier, parts per million of the notional value.
    pub initial_fraction: u32,
    /// Maintenance margin of the first tier, parts per million of the notional value.
    pub maintenance_fraction: u32,
    /// The tiers above the first, at most eight, lowest first; absent where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "tiers::read")]
    pub tiers: Vec<ListedTier>,
    /// Fee of the taker, parts per million of the quote.
    pub taker_fee: u32,
    /// Fee of the maker, parts per million of the quote.
    pub maker_fee: u32,
    /// Fee of a liquidated account, parts per million of the quote.
    pub liquidation_fee: u32,
    /// Band of ticks around the price in force, parts per million.
    pub band: u32,
    /// How far from the oracle price a fill may be, parts per thousand of it; 0, or absent: as far as one likes.
    #[serde(default, skip_serializing_if = "is_off")]
    pub collar: u16,
    /// Base quanta per lot.
    #[serde(with = "decimal")]
    pub lot: u64,
    /// Quote quanta per tick and lot.
    #[serde(with = "decimal")]
    pub tick_quote: u64,
    /// Smallest order, lots.
    pub min_lots: u32,
    /// 1: open, 2: fills of users only reduce; otherwise nothing is traded.
    pub status: u8,
}

/// Most bytes of a market's name.
const NAME_BYTES: usize = 64;
/// Most decimals of the quote token, of prices and of sizes; of sizes also the least, below zero.
const DECIMALS: u32 = 18;

impl ListedMarket {
    pub(crate) fn of(id: MarketId, listing: &Listing, market: &Market) -> Self {
        Self {
            id,
            name: listing.name.clone(),
            price_decimals: listing.price_decimals,
            size_decimals: listing.size_decimals,
            price: market.price,
            max_price: market.max_price,
            max_size: market.max_size,
            open_notional_low: market.open_notional_low,
            open_notional_high: market.open_notional_high,
            open_growth: market.open_growth,
            interest: market.interest,
            premium_clamp: market.premium_clamp,
            still_age: market.still_age,
            halt_age: market.halt_age,
            funding_cap: market.funding_cap,
            funding_interval: market.funding_interval,
            initial_fraction: market.initial_fraction,
            maintenance_fraction: market.maintenance_fraction,
            tiers: ListedTier::used(&market.tiers, [market.initial_fraction, market.maintenance_fraction]),
            taker_fee: market.taker_fee,
            maker_fee: market.maker_fee,
            liquidation_fee: market.liquidation_fee,
            band: market.band,
            collar: market.collar,
            lot: market.lot,
            tick_quote: market.tick_quote,
            min_lots: market.min_lots,
            status: market.status,
        }
    }

    /// The market's cell at a time.
    pub(super) fn market(&self, time: u64) -> Market {
        Market {
            price: self.price,
            asked: self.price,
            max_price: self.max_price,
            max_size: self.max_size,
            open_notional_low: self.open_notional_low,
            open_notional_high: self.open_notional_high,
            open_growth: self.open_growth,
            interest: self.interest,
            premium_clamp: self.premium_clamp,
            still_age: self.still_age,
            halt_age: self.halt_age,
            last_tick: time,
            paid_until: time,
            rated_hour: (time / HOUR_SECONDS) as u32,
            funding_interval: self.funding_interval,
            funding_cap: self.funding_cap,
            initial_fraction: self.initial_fraction,
            maintenance_fraction: self.maintenance_fraction,
            tiers: ListedTier::all(&self.tiers, [self.initial_fraction, self.maintenance_fraction]),
            taker_fee: self.taker_fee,
            maker_fee: self.maker_fee,
            liquidation_fee: self.liquidation_fee,
            band: self.band,
            collar: self.collar,
            lot: self.lot,
            tick_quote: self.tick_quote,
            min_lots: self.min_lots,
            status: self.status,
            ..Market::BLANK
        }
    }

    /// Name and decimals within what tools can show.
    pub(super) fn require_showable(&self) -> Result<(), GenesisFileError> {
        let name = &self.name;
        if name.is_empty() || name.len() > NAME_BYTES || name.chars().any(char::is_control) {
            let found: String = name.chars().filter(|c| !c.is_control()).take(NAME_BYTES).collect();
            let expected = format!("1 to {NAME_BYTES} bytes without control characters");
            return Err(GenesisFileError::Unshowable { what: "name", found, expected });
        }
        require_decimals("price_decimals", self.price_decimals.into(), 0)?;
        require_decimals("size_decimals", self.size_decimals.into(), -i64::from(DECIMALS))
    }

    /// Adds the market to the configuration's digest.
    pub(super) fn update(&self, hash: &mut Keccak256, time: u64) {
        hash.update(self.id.to_be_bytes());
        hash.update((self.name.len() as u16).to_be_bytes());
        hash.update(&self.name);
        hash.update(self.price_decimals.to_be_bytes());
        hash.update(self.size_decimals.to_be_bytes());
        for word in self.market(time).words() {
            hash.update(ark_ff::BigInteger::to_bytes_be(&word.into_bigint()));
        }
    }
}

/// A number of decimals between `least` and the most that tools show.
pub(super) fn require_decimals(what: &'static str, value: i64, least: i64) -> Result<(), GenesisFileError> {
    let most = i64::from(DECIMALS);
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let (found, expected) = (value.to_string(), format!("{least} to {most}"));
    Err(GenesisFileError::Unshowable { what, found, expected })
}
