//! Attacks on whole batches: the rules of the soundness review, each with the attack that it closes.
//!
//! Each test forges a batch coherently, so that the one thing left to notice is the rule's own check,
//! and where a constraint is that check, shows that without it the forgery passes.

mod advisories;
mod bench;
mod births;
mod bus;
mod manifest;
mod memory;
mod random;
mod signatures;
mod statement;
mod tree;
