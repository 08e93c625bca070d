//! The proof system against ark-groth16, against a verifier of gnark proofs, and against forgers.

mod ark_equality;
mod batches;
mod files;
mod forgery;
mod key_rules;
mod merged_inputs;
mod proof_bytes;
mod referee;
mod relations;
mod sample;
mod seeded;
mod witness;
