//! The contracts in an EVM: a real circuit through the whole path, forged proofs, bad bytes, gas.

mod gas;
mod horner;
mod rollup;
