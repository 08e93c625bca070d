//! What a multi-scalar multiplication costs, counted and not timed: additions in buckets,
//! additions that weigh the buckets, and the field products in them.

use super::recode::{for_each_signed, windows};
use crate::backend::Backend;
use ark_bn254::Fr;

/// Field products in an addition that shares its inversion: three for the inversion's sharing,
/// the slope, its square, and the new y.
const PRODUCTS_PER_ADDITION: u64 = 6;

const MAX_BITS: usize = 254;
const WIDTHS: std::ops::RangeInclusive<u32> = 2..=20;
/// Weighing adds in smaller batches than the buckets are filled in, and moves more.
const WEIGHING: f64 = 1.3;

/// Additions of affine points of a multiplication. Doublings between windows, a few hundred
/// whatever the size, are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Bits of a digit.
    pub(crate) width: u32,
    /// Additions that fill the buckets.
    pub(crate) filling: u64,
    /// Additions that weigh the buckets.
    pub(crate) weighing: u64,
}

impl Cost {
    /// The expected cost of `count` uniform scalars, with the width that [`super::Digits::of`]
    /// chooses for them.
    pub fn uniform(count: u64) -> Self {
        let lengths = Lengths::uniform(count);
        Self::with_width(&lengths, best_width(&lengths))
    }

    fn with_width(lengths: &Lengths, width: u32) -> Self {
        let (mut filling, mut weighing) = (0.0, 0.0);
        for window in 0..windows(lengths.longest(), width) {
            let digits = lengths.digits(window, width);
            let filled = filled_buckets(digits, width);
            filling += digits - filled;
            weighing += weighing_additions(filled, width);
        }
        Cost { width, filling: filling as u64, weighing: weighing as u64 }
    }

    /// The number of additions, of filling and of weighing.
    pub fn additions(&self) -> u64 {
        self.filling + self.weighing
    }

    /// Products in Fq for G1, in Fq2 for G2.
    pub fn field_products(&self) -> u64 {
        PRODUCTS_PER_ADDITION * self.additions()
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

    fn uniform(count: u64) -> Self {
        let mut counts = [0; MAX_BITS];
        counts[MAX_BITS - 1] = count;
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

    #[test]
    fn width_grows_with_the_number_of_scalars() {
        let widths = [1, 1 << 8, 1 << 14, 1 << 20].map(|count| Cost::uniform(count).width);
        assert!(widths.is_sorted());
        assert!(widths[0] <= 4 && (15..=18).contains(&widths[3]), "{widths:?}");
    }

    #[test]
    fn a_million_scalars_cost_about_seventeen_additions_each() {
        let additions = Cost::uniform(1 << 20).additions() as f64 / f64::from(1 << 20);
        assert!((15.0..18.0).contains(&additions), "{additions}");
    }

    #[test]
    fn short_scalars_cost_one_addition_each() {
        let mut counts = [0; MAX_BITS];
        counts[1] = 1 << 20;
        let lengths = Lengths { counts };
        let cost = Cost::with_width(&lengths, best_width(&lengths));
        assert!(cost.additions() <= 1 << 20, "{cost:?}");
    }
}
