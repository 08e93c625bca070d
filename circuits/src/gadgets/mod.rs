//! Gadgets: has never heard of margin.

pub mod checks;
pub mod cs;
#[doc(hidden)]
pub mod forge;
pub mod int;
pub mod memory;
pub mod range;
pub mod row;
pub mod var;

pub mod curve;
pub mod hash;
pub mod signature;
