//! Whatever is done to a file, a reader refuses it in one line or reads it; it never panics.

use super::super::{Format, Options, dydx, hyperliquid};
use super::read_named;
use proptest::prelude::*;

/// A small file of each format.
fn sample(format: Format) -> String {
    match format {
        Format::Hyperliquid => format!(
            "{}\n2023-02-26T16:44:05Z,L,u0,,,,,4,,\n2023-02-27T15:02:26Z,F,u2,ETH,S,1655.5,0.0452,,T,\n",
            hyperliquid::HEADER
        ),
        Format::Dydx => format!("{}\n2025-03-01T09:00:00Z,ETH,BUY,2500.5,1.25\n", dydx::HEADER),
        Format::BinanceTrades => "501,3000.10,0.200,600.02,1704067200123,true\n".to_owned(),
        Format::BinanceAggTrades => "71,3000.10,0.200,501,504,1704067200123,true\n".to_owned(),
        Format::HyperliquidApi => r#"[{"coin":"ETH","px":"3000","sz":"0.5","side":"B","time":17,"crossed":true},
{"time":5,"delta":{"type":"deposit","usdc":"10.5"}}]"#
            .to_owned(),
        Format::DydxIndexer => {
            r#"{"fills":[{"side":"SELL","liquidity":"MAKER","market":"A","price":"3","size":"2","createdAt":"2024-05-01T10:00:02Z"}],
"trades":[{"side":"BUY","size":"0.5","price":"64001","createdAt":1714557600000}]}"#
                .to_owned()
        }
        Format::Ndjson => r#"{"event":"header","quote_decimals":7}
{"time":1704067200,"event":"market","market":"ETH","price_decimals":2,"size_decimals":-1,"price":"1650"}
{"time":1704067201,"event":"order","id":"a","user":"u","market":"ETH","side":"buy","price":"1650.1","size":"20"}
{"time":1704067202,"event":"deposit","user":"u","amount":"0.00001","isolated":"ETH"}
"#
        .to_owned(),
    }
}

const FORMATS: [Format; 7] = [
    Format::Hyperliquid,
    Format::HyperliquidApi,
    Format::Dydx,
    Format::DydxIndexer,
    Format::BinanceTrades,
    Format::BinanceAggTrades,
    Format::Ndjson,
];

/// Bytes that mean something to some format.
const BYTES: &[u8] = b"0123456789.-+eE,:\"'{}[]\\ntf \n\r\x00\xff\xefTZ";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn readers_refuse_damage_in_one_line(
        format in 0..FORMATS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3u8, 0..BYTES.len()), 0..6),
    ) {
        let format = FORMATS[format];
        let mut bytes = sample(format).into_bytes();
        for (place, kind, byte) in edits {
            let at = place.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match kind {
                0 if !bytes.is_empty() => bytes[at] = BYTES[byte],
                1 if !bytes.is_empty() => drop(bytes.remove(at)),
                _ => bytes.insert(at, BYTES[byte]),
            }
        }
        if let Err(error) = read_named("A-trades-1", bytes, format, &Options::default()) {
            let text = error.to_string();
            prop_assert!(!text.chars().any(char::is_control), "{text:?}");
            prop_assert!(!text.contains(" at line "), "{text}");
        }
    }
}

#[test]
fn samples_are_read_as_they_are() {
    for format in FORMATS {
        let tape = read_named("A-trades-1", sample(format).into_bytes(), format, &Options::default());
        assert!(!tape.unwrap().events.is_empty(), "{format:?}");
    }
}
