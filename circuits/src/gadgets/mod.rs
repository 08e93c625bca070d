//! Gadgets: has never heard of margin.

pub mod checks;
pub mod cs;
pub mod curve;
pub mod hash;
pub mod int;
pub mod memory;
pub mod prefix;
pub mod range;
pub mod row;
pub mod signature;
pub mod var;
pub mod word;
