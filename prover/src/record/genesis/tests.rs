//! The file of a genesis: what it says of itself, and what it refuses.

use super::*;
use crate::engine::market::market;
use crate::flow::listing::listings;
use zkmargin_circuits::gadgets::signature::SecretKey;

fn file() -> GenesisFile {
    signed(&[]).unwrap()
}

fn signed(numbers: &[u8]) -> Result<GenesisFile, GenesisFileError> {
    let signers: Vec<_> = numbers.iter().map(|number| signer(*number)).collect();
    let owner = SecretKey::from_seed(&[3; 32]).public_key();
    let listings = listings(3);
    let listed = |listing: &Listing| market(listing, 6, 1_000).unwrap();
    let markets = listings.iter().zip(1..).map(|(listing, id)| (id, listed(listing))).collect();
    GenesisFile::new(1_000, 6, owner, &signers, &listings, &markets)
}

#[test]
fn a_file_gives_its_state_and_reads_as_written() {
    let file = file();
    let text = serde_json::to_string_pretty(&file).unwrap();
    assert_eq!(serde_json::from_str::<GenesisFile>(&text).unwrap(), file);
    let state = file.state().unwrap();
    assert_eq!((field_hex(state.root()), state.markets().count()), (file.root.clone(), 3));
}

fn signer(number: u8) -> PublicKey {
    SecretKey::from_seed(&[100 + number; 32]).public_key()
}

#[test]
fn signers_are_in_the_root_in_their_order() {
    let file = signed(&[0, 1, 2]).unwrap();
    let state = file.state().unwrap();
    assert_eq!(state.signers(), [0, 1, 2].map(signer));
    assert_ne!(file.root, signed(&[0, 2, 1]).unwrap().root);
    // No list and an empty one are the same.
    let mut unsigned = serde_json::to_value(self::file()).unwrap();
    unsigned["signers"] = serde_json::json!([]);
    assert_eq!(serde_json::from_value::<GenesisFile>(unsigned).unwrap(), self::file());
}

#[test]
fn signers_are_refused() {
    let error = |numbers: &[u8]| signed(numbers).unwrap_err().to_string();
    assert_eq!(error(&[0, 1, 2, 3, 4, 5, 6, 7, 8]), "9 price signers, at most 8 are possible");
    assert!(error(&[0, 1, 0]).starts_with("price signer 2: "));
    let mut file = signed(&[0, 1]).unwrap();
    file.signers[1].x = "0x12".to_owned();
    assert!(file.state().unwrap_err().to_string().starts_with("signers.x is not a hexadecimal number"));
    let mut file = signed(&[0, 1]).unwrap();
    file.signers.pop();
    assert!(file.state().unwrap_err().to_string().starts_with("root is "));
}

/// The second auditor reads the same file (`testvectors/reference/genesis.test.mjs`).
#[test]
fn a_signed_genesis_is_the_committed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../testvectors/reference/signed-genesis.json");
    let text = serde_json::to_string_pretty(&signed(&[0, 1, 2]).unwrap()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text, "UPDATE=1 writes {path}");
}

#[test]
fn every_field_is_in_the_digest_or_in_the_root() {
    let honest = serde_json::to_value(signed(&[0, 1]).unwrap()).unwrap();
    let mut changed = 0;
    for (pointer, value) in leaves(&honest, String::new()) {
        let other = match value {
            serde_json::Value::Number(number) => (number.as_i64().unwrap() + 1).into(),
            serde_json::Value::String(text) => match text.parse::<u64>() {
                Ok(0) => "1".into(),
                Ok(number) => (number - 1).to_string().into(),
                Err(_) => text.replace(['1', 'E', 'B', 'S'], "2").into(),
            },
            other => other,
        };
        let mut forged = honest.clone();
        *forged.pointer_mut(&pointer).unwrap() = other;
        let read = serde_json::from_value::<GenesisFile>(forged);
        assert!(read.map_or(true, |file| file.state().is_err()), "{pointer}");
        changed += 1;
    }
    assert_eq!(changed, 9 + 2 + 3 * (26 + 2 * 3));
}

#[test]
fn what_tools_cannot_show_is_refused() {
    type Change = fn(&mut GenesisFile);
    let cases: [(Change, &str); 9] = [
        (|file| file.fee_owner.x = file.fee_owner.y.clone(), "fee_owner.x is no point"),
        (|file| file.quote_decimals = 19, "quote_decimals: 19 is outside 0 to 18"),
        (|file| file.markets[1].price_decimals = u32::MAX, "price_decimals: 4294967295"),
        (|file| file.markets[1].size_decimals = -19, "size_decimals: -19 is outside -18 to 18"),
        (|file| file.markets[1].size_decimals = 1_000, "size_decimals: 1000"),
        (|file| file.markets[1].name = "x".repeat(65), "name: xxx"),
        (|file| file.markets[1].name.clear(), "name:  is outside"),
        (|file| file.markets[1].name = "a\u{1b}[2J".to_owned(), "name: a[2J"),
        (|file| file.markets[1].id = 7, "market 7 stands where market 2 must be"),
    ];
    for (change, said) in cases {
        let mut file = file();
        change(&mut file);
        let error = file.state().unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

/// Paths and values of all leaves.
fn leaves(value: &serde_json::Value, path: String) -> Vec<(String, serde_json::Value)> {
    match value {
        serde_json::Value::Object(map) => {
            map.iter().flat_map(|(name, value)| leaves(value, format!("{path}/{name}"))).collect()
        }
        serde_json::Value::Array(list) => {
            let all = list.iter().enumerate();
            all.flat_map(|(at, value)| leaves(value, format!("{path}/{at}"))).collect()
        }
        leaf => vec![(path, leaf.clone())],
    }
}
