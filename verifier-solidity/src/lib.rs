//! Solidity verifier and rollup contract, exported from keys and run in an EVM.
//!
//! - [`key`]: a verifying key as the contracts read it, and what makes it acceptable.
//! - [`export`]: a stand-alone `Verifier.sol` with the key as a constant.
//! - [`artefact`]: the compiled contracts, committed beside their sources.
//! - [`statement`]: the published bytes, their digest and their value, as the contract computes them.
//! - [`evm`]: an Ethereum chain in the process; [`rollup`]: the exchange's contract on it.

#![deny(missing_docs)]

pub mod abi;
pub mod artefact;
mod evm;
mod export;
mod key;
pub mod rollup;
pub mod statement;

pub use abi::ContractError;
pub use evm::{CallError, Evm, GasUse, Outcome};
pub use export::{ExportError, export_verifier};
pub use key::{SolidityKey, SolidityKeyError, key_id};
pub use rollup::{
    Batch, Commit, DEFAULT_CONFIG_DELAY, DEFAULT_LAG, Deployment, Receipt, Rollup, RollupError, Shape,
};
pub use statement::Header;

pub use revm::primitives::{Address, B256, Bytes, U256};
