//! A feed's prices, in quote tokens per base unit, and premiums, as fractions per hour: one JSON object a line.

use crate::engine::market::exact_price;
use crate::record::genesis::GenesisFile;
use crate::wire::WireError;
use crate::wire::decimal::Decimal;
use crate::wire::error::Fault;
use crate::wire::event::Market;
use serde::Deserialize;
use std::collections::BTreeMap;
use zkmargin_circuits::params::RATE_OFFSET;

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

/// A line of the file of premiums.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PremiumRow {
    market: Market,
    premium: String,
}

/// Decimals of a premium per hour.
const PREMIUM_DECIMALS: u32 = 9;

/// Premiums by market, 10^-9 per hour, rounded half up; `file` is named in errors. Blank lines are passed over.
///
/// Errors, with the line: no object `{"market": 3, "premium": "0.0001"}`, a market that is not listed or stands twice, a
/// premium that is no decimal number, or 2^30·10^-9 or more in magnitude.
pub fn premiums(genesis: &GenesisFile, file: &str, text: &str) -> Result<BTreeMap<Market, i32>, WireError> {
    let mut premiums = BTreeMap::new();
    for (line, row) in (1..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
        let (market, premium) = premium(genesis, row).map_err(|fault| fault.at(file, line))?;
        if premiums.insert(market, premium).is_some() {
            let fault = Fault::new(format!("a second premium of market {market}"), "state each market once");
            return Err(fault.at(file, line));
        }
    }
    Ok(premiums)
}

fn premium(genesis: &GenesisFile, row: &str) -> Result<(Market, i32), Fault> {
    let said = r#"write an object {"market": 3, "premium": "0.0001"}"#;
    let PremiumRow { market, premium } =
        serde_json::from_str(row).map_err(|error| Fault::new(error.to_string(), said))?;
    if genesis.listed(market).is_none() {
        return Err(Fault::new(format!("market {market} is not listed"), "see the markets of the genesis"));
    }
    let exact = exact_premium(Decimal::parse(&premium, "premium")?);
    let impossible = || {
        let fix = "write a fraction per hour below 1.07, such as 0.0001";
        Fault::new(format!("market {market} cannot have the premium {premium}"), fix)
    };
    exact.map(|exact| (market, exact)).ok_or_else(impossible)
}

/// `floor(premium·10^9 + 1/2)`; none if it is 2^30 or more in magnitude.
pub(super) fn exact_premium(premium: Decimal) -> Option<i32> {
    let (mantissa, decimals) = premium.parts();
    let exact = match decimals.checked_sub(PREMIUM_DECIMALS) {
        None | Some(0) => mantissa.checked_mul(10i128.pow(PREMIUM_DECIMALS - decimals))?,
        Some(more) => {
            let unit = 10i128.pow(more);
            mantissa.checked_mul(2)?.checked_add(unit)?.div_euclid(2 * unit)
        }
    };
    let exact = i32::try_from(exact).ok()?;
    (exact.unsigned_abs() < RATE_OFFSET as u32).then_some(exact)
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
