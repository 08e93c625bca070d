//! `HeaderLayout.sol` is written from the circuit's table of header fields and compared with the committed file.

use revm::primitives::hex;
use std::fmt::Write;
use std::path::Path;
use zkmargin_circuits::gadgets::word::{AnyLayout, Field};
use zkmargin_circuits::publication::header::HEADER_WORDS;
use zkmargin_circuits::publication::{DOMAIN_LABEL, ELEMENT_BYTES, HEADER_ELEMENTS, LISTS};

const FILE: &str = "src/contracts/HeaderLayout.sol";
const COMMAND: &str = "UPDATE=1 cargo nextest run -p zkmargin-verifier-solidity layout && npm run build";

/// A field's name in Solidity, of which `contract` is a word.
fn solidity_name(field: &Field) -> String {
    if field.name == "contract" {
        return "contractAddress".to_owned();
    }
    let mut words = field.name.split('_');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

/// A function that packs an element's fields, whose widths are the parameters' types.
fn packer(element: usize, word: &AnyLayout<'_>) -> String {
    let fields = word.fields;
    let bits = 8 * ELEMENT_BYTES;
    let mut text = format!(
        "\n    /// Element {element}, its fields from the lowest bit.\n    function element{element}(\n"
    );
    for (place, field) in fields.iter().enumerate() {
        let comma = if place + 1 < fields.len() { "," } else { "" };
        writeln!(text, "        uint{} {}{comma}", field.bits, solidity_name(field)).unwrap();
    }
    let parts: Vec<String> = fields
        .iter()
        .map(|field| match field.at {
            0 => format!("uint{bits}({})", solidity_name(field)),
            shift => format!("uint{bits}({}) << {shift}", solidity_name(field)),
        })
        .collect();
    writeln!(text, "    ) internal pure returns (uint{bits}) {{").unwrap();
    writeln!(text, "        return {};\n    }}", parts.join("\n            | ")).unwrap();
    text
}

/// A function that reads what the contract needs of an entry of the configurations list.
fn configuration(first: &AnyLayout<'_>) -> String {
    let part = |name: &str| {
        let field = first.fields.iter().find(|field| field.name == name).unwrap();
        format!("first >> {} & (2 ** {} - 1)", field.at, field.bits)
    };
    format!(
        "
    /// The market of a configuration, and its price if the market is new, else 0; from the entry's first element.
    function configuration(uint256 first) internal pure returns (uint16 market, uint256 price) {{
        return (uint16({}), {});
    }}
",
        part("market"),
        part("price"),
    )
}

fn generated() -> String {
    let deposits = &LISTS[0];
    assert_eq!(deposits.name, "deposits", "the contract reads them right after the header");
    let configurations = LISTS.last().unwrap();
    assert_eq!(configurations.name, "configurations", "the contract reads them at the end");
    let tag = hex::encode(&revm::primitives::keccak256(DOMAIN_LABEL)[..ELEMENT_BYTES]);
    let mut text = format!(
        "// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated from circuits/src/publication; do not edit. In verifier-solidity:
// {COMMAND}
pragma solidity ^0.8.28;

/// @title Sizes of the published bytes, and the header's elements of several fields
library HeaderLayout {{
    /// Bytes of an element.
    uint256 internal constant ELEMENT_BYTES = {ELEMENT_BYTES};
    /// Elements of the header.
    uint256 internal constant HEADER_ELEMENTS = {HEADER_ELEMENTS};
    /// Elements of an entry of the deposits list, which begins right after the header.
    uint256 internal constant DEPOSIT_ELEMENTS = {};
    /// Elements of an entry of the configurations list, the last of all lists.
    uint256 internal constant CONFIGURATION_ELEMENTS = {};
    /// Element 0: the first bytes of keccak256(\"{}\").
    bytes{ELEMENT_BYTES} internal constant DOMAIN_TAG = hex\"{tag}\";
",
        deposits.elements(),
        configurations.elements(),
        std::str::from_utf8(DOMAIN_LABEL).unwrap(),
    );
    for (element, word) in &HEADER_WORDS {
        text.push_str(&packer(*element, word));
    }
    text.push_str(&configuration(&configurations.layouts[0]));
    text.push_str("}\n");
    text
}

#[test]
fn header_layout_in_solidity_is_the_circuits() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let now = generated();
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, now).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == now,
        "{FILE} is not what circuits/src/publication gives; in verifier-solidity: {COMMAND}\n{now}"
    );
}
