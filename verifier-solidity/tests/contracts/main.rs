//! The contracts in an EVM: a real circuit through the whole path, forged proofs, bad bytes, gas.

mod artefact;
mod commits;
mod compiler;
mod configurations;
mod deployment;
mod deposits;
mod exported;
mod forge;
mod gas;
mod horner;
mod ids;
mod keys;
mod law;
mod layout;
mod precompiles;
mod referee;
mod rollup;
mod stub;
mod time;
mod trapdoor;
mod verifier;
mod withdrawals;
