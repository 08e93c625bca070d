//! Pinned constraint counts and criterion benches.
