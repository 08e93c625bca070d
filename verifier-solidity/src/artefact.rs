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
    /// The file is not the JSON that `build.cjs` writes.
    #[error("the artefact is not the JSON that build.cjs writes: {0}")]
    Json(#[from] serde_json::Error),
    /// The artefact lacks a contract.
    #[error("the artefact has no contract {name}")]
    Missing {
        /// Name of the contract.
        name: String,
    },
    /// The bytecode of a contract is not hexadecimal.
    #[error("the bytecode of {name} is not hexadecimal: {source}")]
    Hex {
        /// Name of the contract.
        name: String,
        /// What is wrong with the digits.
        source: hex::FromHexError,
    },
}

/// The result of a run of the compiler.
#[derive(Debug, Clone, Deserialize)]
pub struct Artefact {
    /// The full version of the compiler.
    pub compiler: String,
    /// The SHA-256 digest over all sources, the imported libraries included, in hexadecimal.
    #[serde(rename = "sourceHash")]
    pub source_hash: String,
    /// The contracts by their names.
    pub contracts: BTreeMap<String, Contract>,
}

/// One contract of a run.
#[derive(Debug, Clone, Deserialize)]
pub struct Contract {
    /// The file that the contract stands in.
    pub source: String,
    /// The interface of the contract, as the compiler writes it.
    pub abi: serde_json::Value,
    bytecode: String,
    #[serde(rename = "runtimeBytecode")]
    runtime_bytecode: String,
}

impl Artefact {
    /// Reads the committed artefact.
    pub fn committed() -> Result<Self, ArtefactError> {
        Self::parse(COMMITTED)
    }

    /// Reads what `build.cjs` wrote.
    pub fn parse(json: &str) -> Result<Self, ArtefactError> {
        Ok(serde_json::from_str(json)?)
    }

    /// The creation code of a contract, without constructor arguments.
    pub fn creation_code(&self, name: &str) -> Result<Bytes, ArtefactError> {
        decode(name, &self.contract(name)?.bytecode)
    }

    /// The code of a deployed contract, before immutables are filled in.
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
