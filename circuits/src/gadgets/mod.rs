//! Gadgets: has never heard of margin.

pub mod checks;
pub mod cs;
pub mod int;
pub mod range;
pub mod row;
pub mod var;

pub mod curve;
pub mod hash;
pub mod signature;
