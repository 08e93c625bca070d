//! `zkmargin proposal FILE`: the bytes of a proposal to configure markets, and its digest.

use super::arguments::Proposal;
use super::{Failure, print_json, print_line};
use crate::record::genesis::{ListedTier, decimal, tiers};
use crate::verify::hex;
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};
use zkmargin_circuits::ops::Configure;
use zkmargin_circuits::ops::configure::require_stated;
use zkmargin_circuits::publication::publish;
use zkmargin_circuits::state::{MarketId, Parameters};

/// A market as it is to be: every parameter, changed or not. Numbers that may exceed 2^53 are decimal strings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    market: MarketId,
    /// First price of a new market, 32.32, a decimal string; absent for one that exists.
    #[serde(default)]
    first_price: Option<String>,
    #[serde(with = "decimal")]
    max_price: u64,
    #[serde(with = "decimal")]
    max_size: u64,
    #[serde(with = "decimal")]
    open_notional_low: u64,
    #[serde(with = "decimal")]
    open_notional_high: u64,
    #[serde(with = "decimal")]
    open_growth: u64,
    #[serde(default)]
    interest: i32,
    #[serde(default)]
    premium_clamp: u32,
    funding_cap: u32,
    funding_interval: u16,
    still_age: u32,
    halt_age: u32,
    initial_fraction: u32,
    maintenance_fraction: u32,
    /// The tiers above the first, lowest first.
    #[serde(default, deserialize_with = "tiers::read")]
    tiers: Vec<ListedTier>,
    taker_fee: u32,
    maker_fee: u32,
    liquidation_fee: u32,
    band: u32,
    #[serde(default)]
    collar: u16,
    #[serde(with = "decimal")]
    lot: u64,
    #[serde(with = "decimal")]
    tick_quote: u64,
    min_lots: u32,
    status: u8,
}

/// What the governor sends, and what the contract keeps of it.
#[derive(Debug, Serialize)]
struct Made {
    digest: String,
    bytes: String,
    entries: usize,
}

/// Errors: a file that is no list of markets, a market twice, parameters that no batch could apply.
pub fn run(options: &Proposal) -> Result<(), Failure> {
    let path = options.file.display();
    let text = std::fs::read_to_string(&options.file)
        .map_err(|error| Failure::usage(format!("{path}: cannot read: {error}")))?;
    let made = make(&text).map_err(|what| Failure::usage(format!("{path}: {what}")))?;
    if options.json {
        return print_json(&made);
    }
    print_line(&format!("digest {}\n{}", made.digest, made.bytes))
}

/// The proposal of a file's text, or what is wrong with it.
fn make(text: &str) -> Result<Made, String> {
    let stated: Vec<Stated> = serde_json::from_str(text)
        .map_err(|error| format!("no list of markets with all of their parameters: {error}"))?;
    if stated.is_empty() {
        return Err("no market; a proposal states at least one".to_owned());
    }
    let mut elements = Vec::new();
    for (number, one) in stated.iter().enumerate() {
        let market = one.market;
        if stated[..number].iter().any(|before| before.market == market) {
            return Err(format!("market {market} stands twice; a batch configures a market once"));
        }
        let op = configure(one)?;
        require_stated(&op)
            .map_err(|refusal| format!("market {market}: {} ({refusal})", refusal.reason.described()))?;
        elements.extend(op.elements());
    }
    let bytes = publish(&elements);
    let digest = hex(&Keccak256::digest(&bytes));
    Ok(Made { digest, bytes: hex(&bytes), entries: stated.len() })
}

fn configure(one: &Stated) -> Result<Configure, String> {
    let market = one.market;
    let first_price = one.first_price.as_deref().map(|text| {
        text.parse::<u64>()
            .map_err(|_| format!("market {market}: first_price {text} is no whole number, 32.32"))
    });
    let parameters = Parameters {
        max_price: one.max_price,
        max_size: one.max_size,
        open_notional_low: one.open_notional_low,
        open_notional_high: one.open_notional_high,
        open_growth: one.open_growth,
        interest: one.interest,
        premium_clamp: one.premium_clamp,
        funding_cap: one.funding_cap,
        funding_interval: one.funding_interval,
        still_age: one.still_age,
        halt_age: one.halt_age,
        initial_fraction: one.initial_fraction,
        maintenance_fraction: one.maintenance_fraction,
        tiers: ListedTier::all(&one.tiers, [one.initial_fraction, one.maintenance_fraction]),
        taker_fee: one.taker_fee,
        maker_fee: one.maker_fee,
        liquidation_fee: one.liquidation_fee,
        band: one.band,
        collar: one.collar,
        lot: one.lot,
        tick_quote: one.tick_quote,
        min_lots: one.min_lots,
        status: one.status,
    };
    Ok(Configure { market, first_price: first_price.transpose()?, parameters })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"[{"market": 3, "max_price": "35184372088832", "max_size": "1099511627776",
        "open_notional_low": "0", "open_notional_high": "0", "open_growth": "0", "funding_cap": 1000000,
        "funding_interval": 3600, "still_age": 60, "halt_age": 900, "initial_fraction": 100000,
        "maintenance_fraction": 50000, "taker_fee": 500, "maker_fee": 200, "liquidation_fee": 5000, "band": 200000,
        "lot": "1", "tick_quote": "1", "min_lots": 10, "status": 2}]"#;

    #[test]
    fn a_file_gives_the_bytes_of_the_list_and_their_hash() {
        let made = make(ONE).unwrap();
        let bytes = field_bytes(&made.bytes);
        assert_eq!((bytes.len(), made.entries), (7 * 31, 1));
        // The market is the lowest field of the first element.
        assert_eq!((bytes[30], bytes[29] & 1), (3, 0));
        assert_eq!(made.digest, hex(&Keccak256::digest(&bytes)));
        // Where a tier begins is the lowest field of the fourth element; unused ones begin at 2^63 - 1.
        let begins =
            |bytes: &[u8]| u64::from_be_bytes(bytes[4 * 31 - 8..4 * 31].try_into().unwrap()) & u64::MAX >> 1;
        assert_eq!(begins(&bytes), u64::MAX >> 1);
        let tiered = make(&ONE.replace(r#""taker_fee": 500"#, &tiers("7", 100_000))).unwrap();
        assert_eq!(begins(&field_bytes(&tiered.bytes)), 7);
    }

    /// The taker's fee, and a second tier.
    fn tiers(from: &str, initial: u32) -> String {
        format!(
            r#""taker_fee": 500, "tiers": [{{"from": "{from}", "initial_fraction": {initial}, "maintenance_fraction": 50000}}]"#
        )
    }

    fn field_bytes(text: &str) -> Vec<u8> {
        let digits = text.trim_start_matches("0x").as_bytes();
        let nibble = |digit: u8| (digit as char).to_digit(16).unwrap() as u8;
        digits.chunks(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect()
    }

    #[test]
    fn refuses_by_name_what_no_batch_could_apply() {
        let said = |from: &str, to: &str| make(&ONE.replace(from, to)).unwrap_err();
        for (from, to, name) in [
            (r#""initial_fraction": 100000"#, r#""initial_fraction": 55499"#, "FeesEatMargin"),
            (r#""taker_fee": 500"#, &tiers("7", 99_999), "TierOrder"),
            (r#""taker_fee": 500"#, &tiers("9223372036854775808", 100_000), "FieldRange"),
            (r#""still_age": 60"#, r#""still_age": 901"#, "HaltedBeforeStill"),
            (r#""status": 2"#, r#""status": 4"#, "FieldRange"),
            (r#""lot": "1""#, r#""lot": "0""#, "ParameterRange"),
            (r#""market": 3"#, r#""market": 512"#, "UnknownMarket"),
            (r#""market": 3"#, r#""market": 3, "first_price": "0""#, "PriceRange"),
        ] {
            let text = said(from, to);
            assert!(text.contains("market ") && text.contains(name), "{text}");
        }
        assert!(said(r#""band": 200000,"#, "").contains("missing field `band`"));
        let one = r#"{"from": "7", "initial_fraction": 1, "maintenance_fraction": 1}"#;
        let many = format!(r#""taker_fee": 500, "tiers": [{}]"#, [one; 9].join(","));
        let text = said(r#""taker_fee": 500"#, &many);
        assert!(text.contains("9 tiers above the first; a market has at most 8"), "{text}");
        let twice = ONE.replacen('[', &format!("[{},", &ONE[1..ONE.len() - 1]), 1);
        assert_eq!(make(&twice).unwrap_err(), "market 3 stands twice; a batch configures a market once");
        assert_eq!(make("[]").unwrap_err(), "no market; a proposal states at least one");
    }
}
