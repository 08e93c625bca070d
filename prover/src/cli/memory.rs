//! Memory: what a command will need is said, and compared with what there is, before it starts.

use super::Failure;
use zkmargin_peers::machine::available_mib;

/// Bytes of resident memory at the peak of a proof, for each point of the domain, with the mapped key and
/// the rows of the next batch. Measured: `peak_memory_mib` of `prove --json` (docs/benchmarks.md).
const PROOF: u64 = 1_000;
/// MiB that do not grow with the domain.
const BASE_MIB: u64 = 64;

/// MiB that proving takes at its peak over a domain of so many points, next batch and mapped key included.
pub fn of_proofs(domain: usize) -> u64 {
    BASE_MIB + (domain as u64 * PROOF).div_ceil(1 << 20)
}

/// Refuses work that needs more memory than there is.
pub fn require(what: &str, needed_mib: u64, advice: &str) -> Result<(), Failure> {
    compare(what, needed_mib, available_mib(), advice)
}

fn compare(what: &str, needed: u64, available: Option<u64>, advice: &str) -> Result<(), Failure> {
    match available {
        Some(available) if available < needed => Err(Failure::new(format!(
            "{what} needs about {needed} MiB of memory and {available} MiB are available; {advice}"
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
            "a proof needs about 1064 MiB of memory and 1000 MiB are available; take less"
        );
        assert!(compare("a proof", 1064, Some(1064), "").is_ok());
        assert!(compare("a proof", 1064, None, "").is_ok());
    }
}
