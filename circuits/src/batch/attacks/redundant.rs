//! Constraints that no single row shows to be needed, with the reason: (kind, id or tuple, how many, why).

/// Read by the deletion gate, which fails if one of these is shown to be needed, or another is not.
pub const REDUNDANT: &[(&str, &str, usize, &str)] = &[];
