//! A feed's prices: one JSON object a line, in quote tokens per base unit.

use crate::engine::market::exact_price;
use crate::record::genesis::GenesisFile;
use crate::wire::decimal::Decimal;
use crate::wire::event::Market;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A line of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    market: Market,
    price: String,
}

/// What is wrong in a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct PricesError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Prices by market, 32.32 quote quanta per base quantum, rounded half up; `genesis` has the units. Blank lines are passed over.
///
/// Errors, with the line: no object `{"market": 3, "price": "2500.25"}`, a market that is not listed or stands twice, a
/// price that is no decimal number, or that the market cannot have.
pub fn prices(genesis: &GenesisFile, text: &str) -> Result<BTreeMap<Market, u64>, PricesError> {
    let mut prices = BTreeMap::new();
    for (line, row) in (1..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
        let (market, price) = price(genesis, row).map_err(|what| PricesError { line, what })?;
        if prices.insert(market, price).is_some() {
            return Err(PricesError { line, what: format!("a second price of market {market}") });
        }
    }
    Ok(prices)
}

fn price(genesis: &GenesisFile, row: &str) -> Result<(Market, u64), String> {
    let Row { market, price } = serde_json::from_str(row)
        .map_err(|error| format!(r#"{error}; write {{"market": 3, "price": "2500.25"}}"#))?;
    let listed = genesis.markets.iter().find(|listed| listed.id == market);
    let listed = listed.ok_or_else(|| format!("market {market} is not listed"))?;
    let decimal = Decimal::parse(&price, "price").map_err(|fault| fault.to_string())?;
    exact_price(decimal, listed.size_decimals, genesis.quote_decimals, listed.lot)
        .filter(|exact| (1..=listed.max_price).contains(exact))
        .map(|exact| (market, exact))
        .ok_or_else(|| format!("market {market} cannot have the price {price}"))
}
