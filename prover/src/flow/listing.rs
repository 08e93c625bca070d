//! The markets that the generator lists.

use crate::wire::decimal::Decimal;
use crate::wire::event::{Listing, Risk, RiskTier};

/// Number of markets to choose from.
pub const MARKETS: usize = 4;

/// Initial 5 %, maintenance 3 %, fees 5 and 2 basis points, liquidation fee 0.5 %, band 10 %, prices
/// of ten minutes for opening positions, of an hour for trading at all.
const RISK: Risk = Risk {
    initial_margin: 50_000,
    maintenance_margin: 30_000,
    taker_fee: 500,
    maker_fee: 200,
    liquidation_fee: 5_000,
    band: 100_000,
    still_age: 600,
    halt_age: 3_600,
    funding_cap: 1_000_000,
    open_interest_low: 0,
    open_interest_high: 0,
    open_interest_growth: 0,
};

/// Of each market: the fractions rise above 5,000 and 50,000 tokens.
const TIERS: [RiskTier; 2] = [
    RiskTier { from: 5_000, initial_margin: 60_000, maintenance_margin: 35_000 },
    RiskTier { from: 50_000, initial_margin: 100_000, maintenance_margin: 60_000 },
];

/// Name, decimals of price and size, first price in ticks.
const TABLE: [(&str, u32, i32, u32); MARKETS] =
    [("ETH", 2, 4, 300_000), ("BTC", 1, 5, 600_000), ("SOL", 3, 3, 150_000), ("DOGE", 5, 1, 12_500)];

/// The listings of the first `count` markets.
pub fn listings(count: u16) -> Vec<Listing> {
    TABLE
        .iter()
        .take(usize::from(count))
        .filter_map(|(name, price_decimals, size_decimals, ticks)| {
            Some(Listing {
                name: (*name).to_owned(),
                price_decimals: *price_decimals,
                size_decimals: *size_decimals,
                first_price: Decimal::from_units(i128::from(*ticks), *price_decimals as i32)?,
                risk: RISK,
                tiers: TIERS.to_vec(),
            })
        })
        .collect()
}

/// The first prices in ticks, by market.
pub fn first_ticks(count: u16) -> Vec<u32> {
    TABLE.iter().take(usize::from(count)).map(|row| row.3).collect()
}
