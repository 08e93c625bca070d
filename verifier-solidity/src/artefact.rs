//! The compiled contracts, committed as `generated/artifacts.json`.
//!
//! `build.cjs` writes the file with a pinned compiler and fixed settings; a test compiles the
//! sources again and compares byte for byte.

use revm::primitives::{Bytes, hex};
use serde::Deserialize;
use std::collections::BTreeMap;
use thiserror::Error;

const COMMITTED: &str = include_str!("../generated/artifacts.json");

/// Why bytecode cannot be had from an artefact.
#[derive(Debug, Error)]
pub enum ArtefactError {
    #[error("the artefact is not the JSON that build.cjs writes: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the artefact has no contract {name}")]
    Missing { name: String },
    #[error("the bytecode of {name} is not hexadecimal: {source}")]
    Hex { name: String, source: hex::FromHexError },
}

/// A run of the compiler.
#[derive(Debug, Clone, Deserialize)]
pub struct Artefact {
    /// The compiler's full version.
    pub compiler: String,
    /// SHA-256 over all sources, the imported libraries included.
    #[serde(rename = "sourceHash")]
    pub source_hash: String,
    pub contracts: BTreeMap<String, Contract>,
}

/// One contract of a run.
#[derive(Debug, Clone, Deserialize)]
pub struct Contract {
    /// The file that it stands in.
    pub source: String,
    pub abi: serde_json::Value,
    bytecode: String,
    #[serde(rename = "runtimeBytecode")]
    runtime_bytecode: String,
}

impl Artefact {
    /// The committed artefact.
    pub fn committed() -> Result<Self, ArtefactError> {
        Self::parse(COMMITTED)
    }

    /// Reads what `build.cjs` wrote.
    pub fn parse(json: &str) -> Result<Self, ArtefactError> {
        Ok(serde_json::from_str(json)?)
    }

    /// Creation code of a contract, without constructor arguments.
    pub fn creation_code(&self, name: &str) -> Result<Bytes, ArtefactError> {
        decode(name, &self.contract(name)?.bytecode)
    }

    /// Code of a deployed contract, before immutables are filled in.
    pub fn runtime_code(&self, name: &str) -> Result<Bytes, ArtefactError> {
        decode(name, &self.contract(name)?.runtime_bytecode)
    }

    fn contract(&self, name: &str) -> Result<&Contract, ArtefactError> {
        self.contracts.get(name).ok_or_else(|| ArtefactError::Missing { name: name.to_string() })
    }
}

fn decode(name: &str, code: &str) -> Result<Bytes, ArtefactError> {
    let bytes = hex::decode(code).map_err(|source| ArtefactError::Hex { name: name.to_string(), source })?;
    Ok(bytes.into())
}
