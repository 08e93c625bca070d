//! Phases as folded stacks, the plain text that flame graph tools read: frames separated by
//! semicolons, a blank, a count; here microseconds.

use crate::bench::{Comparison, OURS};
use std::fmt::Write;

/// One line for each phase of our prover and number of threads, by medians.
pub fn stacks(proofs: &[Comparison]) -> String {
    let mut text = String::new();
    for proofs in proofs {
        let Some(ours) = proofs.provers.get(OURS) else { continue };
        let root = format!("prove, threads {}", proofs.threads);
        for (phase, seconds) in &ours.phases {
            let group = if phase.starts_with("msm") { ";msm" } else { "" };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{root}{group};{phase} {:.0}", seconds * 1e6);
        }
    }
    text
}
