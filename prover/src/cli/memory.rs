//! Memory: what a command will need is said, and compared with what there is, before it starts.

use super::Failure;
use crate::report::available_memory_mib;
use std::sync::OnceLock;

/// Bytes of resident memory at the peak of a proof, for each point of the domain, with the mapped key and
/// the rows of the next batch. Measured: `peak_memory_mib` of `prove --json` (docs/benchmarks.md).
const PROOF: u64 = 1_000;
/// The same at the peak of making a key, and MiB besides. Measured: peak resident memory of `keys` in three shapes.
const SETUP: u64 = 700;
const SETUP_BASE_MIB: u64 = 96;
/// MiB that do not grow with the domain.
const BASE_MIB: u64 = 64;

/// What `--memory` says.
static STATED_MIB: OnceLock<u64> = OnceLock::new();

/// From now on so many MiB count as available, whatever the system says.
pub fn state(mib: u64) {
    // Only the first call counts; there is one for each process.
    let _ = STATED_MIB.set(mib);
}

/// MiB that proving takes at its peak over a domain of so many points, next batch and mapped key included.
pub fn of_proofs(domain: usize) -> u64 {
    BASE_MIB + (domain as u64).saturating_mul(PROOF).div_ceil(1 << 20)
}

/// MiB that making a key takes at its peak.
pub fn of_setup(domain: usize) -> u64 {
    SETUP_BASE_MIB + (domain as u64).saturating_mul(SETUP).div_ceil(1 << 20)
}

/// Refuses work that needs more memory than there is.
pub fn require(what: &str, needed_mib: u64, advice: &str) -> Result<(), Failure> {
    let available = STATED_MIB.get().copied().or_else(available_memory_mib);
    compare(what, needed_mib, available, advice)
}

fn compare(what: &str, needed: u64, available: Option<u64>, advice: &str) -> Result<(), Failure> {
    match available {
        Some(available) if available < needed => Err(Failure::new(format!(
            "{what} needs about {needed} MiB of memory and {available} MiB are available; {advice}, or state with --memory MIB how much there is"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_both_numbers() {
        let refused = compare("a proof", of_proofs(1 << 20), Some(1000), "take less").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "a proof needs about 1064 MiB of memory and 1000 MiB are available; take less, or state with --memory MIB how much there is"
        );
        assert!(compare("a proof", 1064, Some(1064), "").is_ok());
        assert!(compare("a proof", 1064, None, "").is_ok());
    }
}
