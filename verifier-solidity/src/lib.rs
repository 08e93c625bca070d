//! Solidity verifier and rollup contract, exported from keys and run in an EVM.
