//! A stand-alone verifier with its key as a constant, for block explorers and other contracts.

use crate::key::{SolidityKey, SolidityKeyError};
use revm::primitives::hex;
use std::fmt::Write;
use thiserror::Error;
use zkmargin_groth16::VerifyingKey;

/// The files that an exported verifier consists of, in the order of their dependencies.
const PARTS: [&str; 3] = [
    include_str!("contracts/IVerifier.sol"),
    include_str!("contracts/Groth16.sol"),
    include_str!("contracts/KeyChecks.sol"),
];
const HEAD: &str = "// SPDX-License-Identifier: MIT OR Apache-2.0\npragma solidity ^0.8.28;\n";
const CONTRACT: &str = include_str!("export_template.sol.txt");

/// Why no verifier can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ExportError {
    /// The contracts cannot use the key.
    #[error(transparent)]
    Key(#[from] SolidityKeyError),
}

/// The name of the exported contract; under a development key the name says so.
fn contract_name(key: &SolidityKey) -> &'static str {
    if key.is_insecure() { "InsecureDevelopmentVerifier" } else { "Verifier" }
}

/// Writes a verifier for `key` as one Solidity file without imports. Refuses forgeable keys (δ = ±γ and the like) and keys whose
/// public columns are not one, s, v, z.
pub fn export_verifier(key: &VerifyingKey) -> Result<String, ExportError> {
    let solidity_key = SolidityKey::new(key)?;
    let mut text = String::from(HEAD);
    for part in PARTS {
        text.push('\n');
        text.push_str(&body(part));
    }
    let warning = if solidity_key.is_insecure() {
        "/// @notice INSECURE: the key was made on one machine, and whoever ran it can forge proofs.\n"
    } else {
        ""
    };
    let contract = CONTRACT
        .replace("{{WARNING}}", warning)
        .replace("{{NAME}}", contract_name(&solidity_key))
        .replace("{{INSECURE}}", if solidity_key.is_insecure() { "true" } else { "false" })
        .replace("{{FINGERPRINT}}", &hex::encode(solidity_key.circuit()))
        .replace("{{SIZES}}", &format!("{:#x}", solidity_key.sizes()))
        .replace("{{KEY}}", &key_literal(solidity_key.bytes()));
    text.push('\n');
    text.push_str(&contract);
    Ok(text)
}

/// A source without its licence line, pragma and imports.
fn body(source: &str) -> String {
    let dropped = ["// SPDX", "pragma ", "import "];
    let kept = source
        .lines()
        .skip_while(|line| line.is_empty() || dropped.iter().any(|start| line.starts_with(start)));
    kept.fold(String::new(), |mut text, line| {
        text.push_str(line);
        text.push('\n');
        text
    })
}

/// One literal of 32 bytes per line; the compiler joins them.
fn key_literal(bytes: &[u8]) -> String {
    bytes.chunks(32).fold(String::new(), |mut text, word| {
        // Writing to a String does not fail.
        let _ = write!(text, "\n        hex\"{}\"", hex::encode(word));
        text
    })
}
