//! Buckets: for each window and magnitude, the sum of the bases whose digit has it.

use super::Bases;
use super::digits::{Digits, Window};
use crate::addition::{BatchAdd, Summer, sum_of};
use crate::points::Packed;
use rayon::prelude::*;
use std::ops::Range;

/// Points gathered by one task, after which they and their sums, twice as many, stay in L2.
const GATHERED_BYTES: usize = 1 << 18;

/// Consecutive buckets of a window, and where their sums go.
struct Job<'a, P> {
    window: &'a Window,
    /// Magnitudes of the digits, counted from 1.
    magnitudes: Range<usize>,
    /// Points in all.
    count: usize,
    sums: &'a mut [P],
}

/// The sums of all windows, one window of [`Digits::buckets`] after the other.
pub(super) fn fill<P: Packed, A: BatchAdd<P>>(bases: &Bases<'_, P>, digits: &Digits) -> Vec<P> {
    let mut sums = vec![P::IDENTITY; digits.windows().len() * digits.buckets()];
    let windows = digits.windows().par_iter().zip(sums.par_chunks_mut(digits.buckets()));
    let jobs: Vec<Job<'_, P>> = windows.flat_map_iter(|(window, sums)| split(window, sums)).collect();
    jobs.into_par_iter().for_each_init(Scratch::<P, A>::default, |scratch, job| job.run(bases, scratch));
    sums
}

fn full<P>() -> usize {
    GATHERED_BYTES / size_of::<P>()
}

/// Cuts a window into jobs of about one gathering each. A bucket too large for that, such as the
/// one of all bits, is the only one in its job that is not empty.
fn split<'a, P>(window: &'a Window, mut sums: &'a mut [P]) -> Vec<Job<'a, P>> {
    let last = sums.len();
    let mut jobs = Vec::new();
    let (mut first, mut count) = (1, 0);
    for magnitude in 1..=last {
        let more = window.count(magnitude);
        if count > 0 && more > 0 && count + more > full::<P>() {
            let (done, rest) = sums.split_at_mut(magnitude - first);
            sums = rest;
            jobs.push(Job { window, magnitudes: first..magnitude, count, sums: done });
            (first, count) = (magnitude, 0);
        }
        count += more;
    }
    if count > 0 {
        jobs.push(Job { window, magnitudes: first..first + sums.len(), count, sums });
    }
    jobs
}

struct Scratch<P, A> {
    summer: Summer<P, A>,
    lengths: Vec<u32>,
}

impl<P: Packed, A: BatchAdd<P>> Default for Scratch<P, A> {
    fn default() -> Self {
        Scratch { summer: Summer::default(), lengths: Vec::new() }
    }
}

impl<P: Packed> Job<'_, P> {
    fn run<A: BatchAdd<P>>(self, bases: &Bases<'_, P>, scratch: &mut Scratch<P, A>) {
        if self.count > full::<P>() {
            return self.run_large::<A>(bases);
        }
        let Scratch { summer, lengths } = scratch;
        lengths.clear();
        for magnitude in self.magnitudes {
            let before = summer.pool.len();
            for (index, negative) in self.window.with(magnitude) {
                if let Some(base) = bases.get(index) {
                    summer.pool.push(base.negated_if(negative));
                }
            }
            lengths.push((summer.pool.len() - before) as u32);
        }
        summer.sum_runs(lengths, self.sums);
    }

    /// One bucket, by all threads together.
    fn run_large<A: BatchAdd<P>>(self, bases: &Bases<'_, P>) {
        let filled = self.magnitudes.zip(self.sums).find(|(magnitude, _)| self.window.count(*magnitude) > 0);
        let (magnitude, sum) = filled.expect("a job has points");
        let entries: Vec<(usize, bool)> = self.window.with(magnitude).collect();
        *sum = sum_of::<P, A, _>(entries.len(), |position| {
            let (index, negative) = entries[position];
            bases.get(index).map(|base| base.negated_if(negative))
        });
    }
}
