//! Buckets: for each window and magnitude, the sum of the bases whose digit has it.

use super::Bases;
use super::digits::{Digits, Window};
use crate::addition::{BatchAdd, Summer};
use crate::fault::{Site, strike};
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
pub(super) fn fill<P: Packed, A: BatchAdd<P>>(adder: &A, bases: &Bases<'_, P>, digits: &Digits) -> Vec<P> {
    let mut sums = vec![P::IDENTITY; digits.windows().len() * digits.buckets()];
    let windows = digits.windows().par_iter().zip(sums.par_chunks_mut(digits.buckets()));
    let jobs: Vec<Job<'_, P>> = windows.flat_map_iter(|(window, sums)| split(window, sums)).collect();
    jobs.into_par_iter().for_each_init(|| Scratch::new(adder), |scratch, job| job.run(bases, scratch));
    strike(Site::Points, &mut sums);
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
    adder: A,
    summer: Summer<P, A>,
    lengths: Vec<u32>,
    entries: Vec<u32>,
}

impl<P: Packed, A: BatchAdd<P>> Scratch<P, A> {
    fn new(adder: &A) -> Self {
        Scratch { adder: adder.clone(), summer: Summer::new(adder), lengths: vec![], entries: vec![] }
    }
}

impl<P: Packed> Job<'_, P> {
    fn run<A: BatchAdd<P>>(self, bases: &Bases<'_, P>, scratch: &mut Scratch<P, A>) {
        if self.count > full::<P>() {
            return self.run_large(bases, &scratch.adder);
        }
        let Scratch { summer, lengths, entries, .. } = scratch;
        lengths.clear();
        entries.clear();
        for magnitude in self.magnitudes {
            let before = entries.len();
            self.window.for_each(magnitude, |with| bases.keep_present(with, entries));
            lengths.push((entries.len() - before) as u32);
        }
        bases.gather(entries, &mut summer.pool);
        strike(Site::Points, &mut summer.pool);
        summer.sum_runs(lengths, self.sums);
    }

    /// One bucket, by all threads together.
    fn run_large<A: BatchAdd<P>>(self, bases: &Bases<'_, P>, adder: &A) {
        let filled = self.magnitudes.zip(self.sums).find(|(magnitude, _)| self.window.count(*magnitude) > 0);
        let (magnitude, sum) = filled.expect("a job has points");
        let mut entries = Vec::new();
        self.window.for_each(magnitude, |with| bases.keep_present(with, &mut entries));
        let pieces = entries.par_chunks(full::<P>());
        let sums = pieces.map_init(
            || Summer::new(adder),
            |summer, entries| {
                bases.gather(entries, &mut summer.pool);
                summer.sum_pool()
            },
        );
        let mut summer = Summer::new(adder);
        summer.pool = sums.collect();
        *sum = summer.sum_pool();
    }
}
