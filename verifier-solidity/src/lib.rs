//! Exports the Solidity verifier and runs it in an EVM.
