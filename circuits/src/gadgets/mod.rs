//! Gadgets. They know nothing of margin.

pub(crate) mod checks;
pub mod cs;
pub mod curve;
pub mod hash;
pub mod hex;
pub(crate) mod int;
pub(crate) mod memory;
pub(crate) mod prefix;
pub(crate) mod range;
pub mod row;
pub mod signature;
pub mod var;
pub mod word;
