//! A feed's prices: one JSON object a line, in quote tokens per base unit.

use crate::engine::market::exact_price;
use crate::record::genesis::GenesisFile;
use crate::wire::WireError;
use crate::wire::decimal::Decimal;
use crate::wire::error::Fault;
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

/// Prices by market, 32.32 quote quanta per base quantum, rounded half up; `genesis` has the units, `file` is named in errors.
/// Blank lines are passed over.
///
/// Errors, with the line: no object `{"market": 3, "price": "2500.25"}`, a market that is not listed or stands twice, a
/// price that is no decimal number, or that the market cannot have.
pub fn prices(genesis: &GenesisFile, file: &str, text: &str) -> Result<BTreeMap<Market, u64>, WireError> {
    let mut prices = BTreeMap::new();
    for (line, row) in (1..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
        let (market, price) = price(genesis, row).map_err(|fault| fault.at(file, line))?;
        if prices.insert(market, price).is_some() {
            let fault = Fault::new(format!("a second price of market {market}"), "state each market once");
            return Err(fault.at(file, line));
        }
    }
    Ok(prices)
}

fn price(genesis: &GenesisFile, row: &str) -> Result<(Market, u64), Fault> {
    let Row { market, price } = serde_json::from_str(row)
        .map_err(|error| Fault::new(error.to_string(), r#"write {"market": 3, "price": "2500.25"}"#))?;
    let listed = genesis.listed(market);
    let unlisted = || Fault::new(format!("market {market} is not listed"), "see the markets of the genesis");
    let listed = listed.ok_or_else(unlisted)?;
    let decimal = Decimal::parse(&price, "price")?;
    let impossible = || {
        let fix = "see its max_price in the genesis";
        Fault::new(format!("market {market} cannot have the price {price}"), fix)
    };
    exact_price(decimal, listed.size_decimals, genesis.quote_decimals, listed.lot)
        .filter(|exact| (1..=listed.max_price).contains(exact))
        .map(|exact| (market, exact))
        .ok_or_else(impossible)
}
