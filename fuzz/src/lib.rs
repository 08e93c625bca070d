//! What the fuzzers call: a reader, within a bound of memory. `docs/gates.md` says how to run them.

pub mod bounds;
pub mod seeds;
pub mod targets;

use bounds::MOST_BYTES;
use cap::Cap;
use std::alloc::System;

/// Gives no memory beyond its limit, so that a reader that asks for more aborts.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Runs a target with at most [`MOST_BYTES`] beside what the process has.
pub fn within_bounds(target: fn(&[u8]), bytes: &[u8]) {
    MEMORY.set_limit(MEMORY.allocated() + MOST_BYTES).expect("the limit is above what is allocated");
    target(bytes);
    MEMORY.set_limit(usize::MAX).expect("no limit");
}
