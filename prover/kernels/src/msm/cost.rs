//! What a multi-scalar multiplication costs, counted and not timed: additions in buckets, and
//! additions that weigh the buckets.

use super::recode::{for_each_signed, windows};
use crate::backend::Backend;
use ark_bn254::Fr;

const MAX_BITS: usize = 254;
const WIDTHS: std::ops::RangeInclusive<u32> = 2..=20;
/// Weighing adds in smaller batches than the buckets are filled in, and moves more.
const WEIGHING: f64 = 1.3;

/// Additions of affine points of a multiplication. Doublings between windows, a few hundred
/// whatever the size, are not counted.
struct Cost {
    /// Additions that fill the buckets.
    filling: u64,
    /// Additions that weigh the buckets.
    weighing: u64,
}

impl Cost {
    fn with_width(lengths: &Lengths, width: u32) -> Self {
        let (mut filling, mut weighing) = (0.0, 0.0);
        for window in 0..windows(lengths.longest(), width) {
            let digits = lengths.digits(window, width);
            let filled = filled_buckets(digits, width);
            filling += digits - filled;
            weighing += weighing_additions(filled, width);
        }
        Cost { filling: filling as u64, weighing: weighing as u64 }
    }
}

/// How many scalars have which number of bits.
pub(super) struct Lengths {
    counts: [u64; MAX_BITS],
}

impl Lengths {
    pub(super) fn of(backend: Backend, scalars: &[Fr]) -> Self {
        let mut counts = [0; MAX_BITS];
        for_each_signed(backend, scalars, |scalar| counts[scalar.bits() as usize] += 1);
        Lengths { counts }
    }

    pub(super) fn sum(parts: &[Lengths]) -> Self {
        let counts = std::array::from_fn(|bits| parts.iter().map(|part| part.counts[bits]).sum());
        Lengths { counts }
    }

    pub(super) fn longest(&self) -> u32 {
        self.counts.iter().rposition(|count| *count > 0).unwrap_or(0) as u32
    }

    /// Scalars of at least this length.
    pub(super) fn at_least(&self, bits: u32) -> usize {
        self.counts[(bits as usize).min(MAX_BITS)..].iter().sum::<u64>() as usize
    }

    /// Expected digits other than zero in a window.
    fn digits(&self, window: u32, width: u32) -> f64 {
        let long = self.at_least(window * width + 1);
        // Bits and other tiny scalars are never zero here; that matters at small widths only.
        long as f64 * (1.0 - (-f64::from(width)).exp2())
    }
}

pub(super) fn best_width(lengths: &Lengths) -> u32 {
    let time = |width: &u32| {
        let cost = Cost::with_width(lengths, *width);
        cost.filling as f64 + WEIGHING * cost.weighing as f64
    };
    WIDTHS.min_by(|a, b| time(a).total_cmp(&time(b))).expect("the range is not empty")
}

/// Expected buckets that are not empty.
fn filled_buckets(digits: f64, width: u32) -> f64 {
    let buckets = f64::from(width - 1).exp2();
    buckets * (1.0 - (-digits / buckets).exp())
}

/// The levels and the odd elements of each; see `addition::planes`.
fn weighing_additions(filled: f64, width: u32) -> f64 {
    let odd: f64 = (0..width - 1).map(|level| filled.min(f64::from(width - 1 - level).exp2()) / 2.0).sum();
    filled + odd
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of `count` scalars of full length.
    fn uniform(count: u64) -> Lengths {
        let mut counts = [0; MAX_BITS];
        counts[MAX_BITS - 1] = count;
        Lengths { counts }
    }

    /// Additions with the width that is chosen.
    fn additions(lengths: &Lengths) -> u64 {
        let cost = Cost::with_width(lengths, best_width(lengths));
        cost.filling + cost.weighing
    }

    #[test]
    fn width_grows_with_the_number_of_scalars() {
        let widths = [1, 1 << 8, 1 << 14, 1 << 20].map(|count| best_width(&uniform(count)));
        assert!(widths.is_sorted());
        assert!(widths[0] <= 4 && (15..=18).contains(&widths[3]), "{widths:?}");
    }

    #[test]
    fn a_million_scalars_cost_about_seventeen_additions_each() {
        let additions = additions(&uniform(1 << 20)) as f64 / f64::from(1 << 20);
        assert!((15.0..18.0).contains(&additions), "{additions}");
    }

    #[test]
    fn short_scalars_cost_one_addition_each() {
        let mut counts = [0; MAX_BITS];
        counts[1] = 1 << 20;
        let additions = additions(&Lengths { counts });
        assert!(additions <= 1 << 20, "{additions}");
    }
}
